"""Picks the adapters of the planner: how a case is read to be planned, and where proposals are written."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from givre import wiring, wiring_cases
from givre.adapters.bundle import unpack_bundle
from givre.adapters.casefile import CASE_FILE_NAME, parse_case, render_case, write_case
from givre.adapters.results.numbers import Json
from givre.adapters.results.proposals import write_proposals
from givre.case.description import CaseDescription
from givre.cryoprobe.catalogue import load_catalogue
from givre.planning.placement.result import SearchStep
from givre.usecases.import_case import CaseImages, load_case_images
from givre.usecases.propose_plan import ProposedPlans
from givre.wiring_cases import Language

USUAL_MODEL = "icesphere-1.5-cx"
"""Taken when neither the case nor the user names a cryoprobe."""

BUNDLE_ENDING = ".givre"

QUANTILE_PLAN = "plan-quantile"
"""Folder within the proposals that holds the plan that holds in a share of the samples."""

UNPACKED = "case"
"""Folder within the proposals that holds the images of a case that came as a bundle."""

_NO_PROBE_YET = f"""
[[probes]]
label = "none"
model = "{USUAL_MODEL}"
entry_mm = [0.0, 0.0, 100.0]
target_mm = [0.0, 0.0, 0.0]
"""


KEPT_TO_WRITE_S = 1.0
"""Of a time limit, for writing what was found; at most a tenth of it."""


@dataclass(slots=True, kw_only=True)
class TimeLimit:
    """Ends a search so that it is over in time: nothing is begun that cannot end before, as far as is known.

    What a simulation takes is learnt from those before, and what a search by predictions takes likewise. Time for the
    check of the best plan is kept.

    Attributes:
        limit_s: seconds from `began_s`; None never ends.
        began_s: by the clock.
        clock: seconds that only grow.
    """

    limit_s: float | None
    began_s: float
    clock: Callable[[], float] = monotonic
    _per_work_s: float = 0.0
    _search_s: float = 0.0
    _last: tuple[float, float] = field(default=(0.0, 0.0))
    _has_begun: bool = False

    @property
    def spent_s(self) -> float:
        """Since it began."""
        return self.clock() - self.began_s

    def __call__(self, step: SearchStep) -> bool:
        """Whether there is time for a step and for what must follow it; see `GoOn`."""
        now_s, (work, then_s) = self.spent_s, self._last
        if work > 0.0:
            self._per_work_s = max((now_s - then_s) / work, SLOWER_KEPT * self._per_work_s)
        else:
            self._search_s = max(now_s - then_s, SLOWER_KEPT * self._search_s) if self._has_begun else 0.0
        self._has_begun = True
        needed_s = (step.work + step.ahead) * self._per_work_s + (self._search_s if step.work == 0.0 else 0.0)
        is_time = self.limit_s is None or now_s + needed_s < self._end_s(self.limit_s)
        self._last = (step.work if is_time else 0.0, now_s)  # what is not begun teaches nothing
        return is_time

    def progress(self, _time_s: float, _duration_s: float) -> bool:
        """Whether a run may go on; see `Progress`."""
        return self.limit_s is None or self.spent_s < self._end_s(self.limit_s)

    @staticmethod
    def _end_s(limit_s: float) -> float:
        return limit_s - min(KEPT_TO_WRITE_S, 0.1 * limit_s)


SLOWER_KEPT = 0.8
"""A simulation faster than the ones before lowers what is expected of the next by no more than a fifth."""


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
        answer = found.quantile
        if answer is not None and answer.case is not None:
            (partial / QUANTILE_PLAN).mkdir()
            moved = seen_from(answer.case, base.absolute(), target / QUANTILE_PLAN)
            write_case(render_case(moved, language=language), partial / QUANTILE_PLAN / CASE_FILE_NAME)
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
