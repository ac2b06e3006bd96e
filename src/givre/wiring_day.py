"""Picks the adapters of the day: how placed probes are read, and where a replanning is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from givre import wiring_cases
from givre.adapters.bundle import unpack_bundle
from givre.adapters.casefile import CASE_FILE_NAME, render_case, write_case
from givre.adapters.placed import read_placed_table
from givre.adapters.results.numbers import Json
from givre.adapters.results.protection import write_protections
from givre.adapters.results.replan import write_replanned
from givre.case.description import CaseDescription
from givre.planning.replan.placed import PlacedProbe, PlacedProbesRefused
from givre.usecases.propose_protection import ProtectedCase
from givre.usecases.replan_case import ReplannedCase
from givre.wiring_cases import Language
from givre.wiring_placement import BUNDLE_ENDING, UNPACKED, seen_from

Settings = Mapping[str, str | int | float | bool | None]


def read_placed(path: Path, planned: CaseDescription) -> tuple[PlacedProbe, ...]:
    """Entry and tip of the placed probes, from a table (.csv) or from a second case (.toml, or its folder).

    Raises:
        InputError: if the table or the case cannot be read.
        PlacedProbesRefused: if the case belongs to another CT, or holds other models of cryoprobe.
    """
    if path.suffix.lower() != ".toml" and not path.is_dir():
        return read_placed_table(path)
    other, _ = wiring_cases.describe_case(path)
    hashes = {planned.image.sha256, other.image.sha256} - {""}
    if len(hashes) > 1:
        raise PlacedProbesRefused(
            f"{path.name} names another CT than the plan (their sha256 differ); give probes seen on the planning CT, "
            "or register the CT of the day to it first"
        )
    models = {placement.label: placement.model for placement in planned.placements}
    for placement in other.placements:
        if models.get(placement.label, placement.model) != placement.model:
            raise PlacedProbesRefused(
                f"probe {placement.label} is {placement.model} in {path.name} and {models[placement.label]} in the "
                "plan; correct one of them"
            )
    return tuple(
        PlacedProbe(label=placement.label, entry_mm=placement.entry_mm, tip_mm=placement.target_mm)
        for placement in other.placements
    )


def write_replan(
    replanned: ReplannedCase,
    folder: Path,
    *,
    source: Path,
    language: Language,
    settings: Settings,
    times_s: Mapping[str, float],
    replace_foreign: bool = False,
) -> Json:
    """Write replan.json, changes.csv and case.toml; the folder appears whole or not at all.

    Args:
        replanned: what was found.
        folder: where to.
        source: the case that was replanned: a case.toml, its folder, or a bundle. The images of a bundle are unpacked
            beside; those of a case stay where they are and are named by their relative path.
        language: of the comments in the case file.
        settings: how givre was called, echoed.
        times_s: what took how long.
        replace_foreign: whether a folder of other files may be set aside.
    """
    return write_replanned(
        replanned,
        folder,
        write_case=case_writer(replanned.case, source, folder, language),
        settings=settings,
        times_s=times_s,
        replace_foreign=replace_foreign,
    )


def case_writer(
    case: CaseDescription, source: Path, target: Path, language: Language, *, here: tuple[str, ...] = ()
) -> Callable[[Path], str]:
    """Writes a case file into a folder in the making, its paths as seen from where the folder will be.

    Args:
        case: to be written.
        source: where its images are named from: a case.toml, its folder, or a bundle.
        target: the folder.
        language: of the comments.
        here: paths of structures that lie in the folder itself.
    """

    def write(partial: Path) -> str:
        base = source if source.is_dir() else source.parent
        if source.suffix.lower() == BUNDLE_ENDING:
            unpack_bundle(source, partial / UNPACKED)
            base = target.absolute() / UNPACKED
        moved = seen_from(case, base.absolute(), target.absolute())
        kept = tuple(
            old if old.path in here else new for old, new in zip(case.structures, moved.structures, strict=True)
        )
        moved = replace(moved, structures=kept)
        write_case(render_case(moved, language=language), partial / CASE_FILE_NAME)
        return CASE_FILE_NAME

    return write


def write_protection(
    protected: ProtectedCase,
    folder: Path,
    *,
    source: Path,
    language: Language,
    settings: Settings,
    times_s: Mapping[str, float],
    replace_foreign: bool = False,
) -> Json:
    """Write protection.json and .csv, and the case of the chosen proposals with its layers; see `write_replan`."""
    writer = None
    if protected.case is not None and protected.chosen is not None:
        here = tuple(item.structure.path for item in protected.chosen.taken.drawn())
        writer = case_writer(protected.case, source, folder, language, here=here)
    return write_protections(
        protected,
        folder,
        write_case=writer,
        settings=settings,
        times_s=times_s,
        replace_foreign=replace_foreign,
    )
