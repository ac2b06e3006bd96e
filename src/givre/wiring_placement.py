"""Picks the adapters of the planner: how a case is read to be planned, and where proposals are written."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from givre import wiring, wiring_cases
from givre.adapters.bundle import unpack_bundle
from givre.adapters.casefile import CASE_FILE_NAME, parse_case, render_case, write_case
from givre.adapters.results.numbers import Json
from givre.adapters.results.proposals import write_proposals
from givre.case.description import CaseDescription
from givre.cryoprobe.catalogue import load_catalogue
from givre.usecases.import_case import CaseImages, load_case_images
from givre.usecases.propose_plan import ProposedPlans
from givre.wiring_cases import Language

USUAL_MODEL = "icesphere-1.5-cx"
"""Taken when neither the case nor the user names a cryoprobe."""

BUNDLE_ENDING = ".givre"

UNPACKED = "case"
"""Folder within the proposals that holds the images of a case that came as a bundle."""

_NO_PROBE_YET = f"""
[[probes]]
label = "none"
model = "{USUAL_MODEL}"
entry_mm = [0.0, 0.0, 100.0]
target_mm = [0.0, 0.0, 0.0]
"""


def describe_case_to_plan(path: Path) -> tuple[CaseDescription, Path, bool]:
    """Read a case file whose probes may still be missing.

    Returns:
        The case, the folder its paths start from, and whether it names probes; if not, it holds one that stands for
        nothing.
    """
    file = path / CASE_FILE_NAME if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
        is_drafted = "probes" in tomllib.loads(text)
    except (OSError, ValueError):
        is_drafted, text = True, ""  # the usual reader says what is wrong
    if is_drafted:
        return (*wiring_cases.describe_case(path), True)
    description = parse_case(text + _NO_PROBE_YET, file_name=file.name, known_models=tuple(load_catalogue()))
    return description, file.parent, False


def load_case_to_plan(path: Path) -> tuple[CaseDescription, CaseImages, bool]:
    """Read a case and its images; its probes may still be missing unless it is a bundle.

    Returns:
        The case, its images, and whether it names probes.
    """
    if path.suffix.lower() == BUNDLE_ENDING:
        with tempfile.TemporaryDirectory(prefix="givre-") as folder:
            inside = Path(folder) / "case"
            unpack_bundle(path, inside)
            description, base = wiring_cases.describe_case(inside)
            return description, _images(description, base, inside_bundle=True), True
    description, base, is_drafted = describe_case_to_plan(path)
    return description, _images(description, base, inside_bundle=False), is_drafted


def write_proposed(
    found: ProposedPlans,
    folder: Path,
    *,
    source: Path,
    language: Language,
    settings: Mapping[str, str | int | float | bool | None],
    replace_foreign: bool = False,
) -> Json:
    """Write proposals.json, proposals.csv and plan-N/case.toml; the folder appears whole or not at all.

    Args:
        found: what the planner gave back.
        folder: where to.
        source: the case that was planned: a case.toml, its folder, or a bundle. The images of a bundle are unpacked
            beside the plans; those of a case stay where they are and are named by their relative path.
        language: of the comments in the case files.
        settings: how givre was called, echoed.
        replace_foreign: whether a folder of other files may be set aside.
    """
    target = folder.absolute()

    def write_cases(partial: Path) -> tuple[str, ...]:
        base = source if source.is_dir() else source.parent
        if source.suffix.lower() == BUNDLE_ENDING:
            unpack_bundle(source, partial / UNPACKED)
            base = target / UNPACKED
        names = []
        for rank, case in enumerate(found.cases, start=1):
            name = f"plan-{rank}"
            (partial / name).mkdir()
            moved = seen_from(case, base.absolute(), target / name)
            write_case(render_case(moved, language=language), partial / name / CASE_FILE_NAME)
            names.append(f"{name}/{CASE_FILE_NAME}")
        return tuple(names)

    return write_proposals(found, folder, write_cases=write_cases, settings=settings, replace_foreign=replace_foreign)


def _images(description: CaseDescription, base: Path, *, inside_bundle: bool) -> CaseImages:
    return load_case_images(
        description, base, read_image=wiring.read_image, read_mask=wiring.read_mask, inside_bundle=inside_bundle
    )


def seen_from(case: CaseDescription, base: Path, folder: Path) -> CaseDescription:
    """The case with its paths relative to another folder."""

    def moved(path: str) -> str:
        return Path(os.path.relpath((base / path).resolve(), folder.resolve())).as_posix()

    return replace(
        case,
        image=replace(case.image, path=moved(case.image.path)),
        structures=tuple(replace(structure, path=moved(structure.path)) for structure in case.structures),
    )
