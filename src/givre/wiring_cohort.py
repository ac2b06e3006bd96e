"""Picks the adapters of a cohort: how its cases are found, what may be done to each, where results are kept.

A task reads the files of its case itself, where it runs: on this machine, on a local worker, or on a cluster whose
workers see the cohort under the same path. What it computes comes back with the answer, and is written here.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic

from givre import wiring, wiring_cases
from givre.adapters.casefile import render_case
from givre.adapters.engine.environment import versions_here
from givre.adapters.folder.cohort import find_cases, hash_of_inputs, sha256_of
from givre.adapters.results.cohort import CohortFolder, cohort_folder
from givre.assessment.result import Assessment
from givre.case.description import CaseDescription
from givre.foundation.errors import GivreError, InputError, PlanError
from givre.planning.placement.result import SearchStep
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.trial.series import Engine
from givre.usecases.import_case import CaseImages, load_case_images
from givre.usecases.plan_cohort import (
    BEST_SO_FAR,
    COMPLETE,
    GOALS_MISSED,
    SEARCH,
    CaseDone,
    CaseFigure,
    CaseOutOfReach,
    Cohort,
    CohortCase,
    CohortTask,
    ToldOfCase,
    plan_cohort,
)
from givre.usecases.propose_plan import propose_plan
from givre.usecases.simulate_plan import PlanResult, simulate_plan


class NoPlan(PlanError):
    """A case for which the planner proposes nothing."""

    code = "NO_PLAN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortSettings:
    """What all cases of a cohort share.

    Attributes:
        task: what is done to each, a name of `TASKS`.
        languages: of the dossiers; none for no dossier.
        estimate_error: whether discretisation errors are estimated; None: unless that takes long.
        error_lattices: on how many lattices for that.
        seed: of anything random.
        time_limit_s: for the search of a plan in each case; None for no limit.
        threads: processor threads for each case.
        versions: of what computes; another version computes all anew.
    """

    task: str
    languages: tuple[wiring_cases.Language, ...] = ()
    estimate_error: bool | None = None
    error_lattices: int = 2
    seed: int = 0
    time_limit_s: float | None = None
    threads: int = 1
    versions: Mapping[str, str] = field(default_factory=versions_here)

    def __post_init__(self) -> None:
        limit_s = self.time_limit_s
        if limit_s is not None and not (math.isfinite(limit_s) and limit_s > 0):
            raise InputError(f"time limit {limit_s} s for each case; give more than 0 s")
        if limit_s is not None and self.task != "plan":
            raise InputError(
                f'a time limit is for the search of a plan, and task "{self.task}" searches none; '
                "leave it out, or give --task plan"
            )

    @property
    def identity(self) -> dict[str, object]:
        """All that may change a result: not the threads."""
        return {name: value for name, value in asdict(self).items() if name != "threads"}


def simulate_case(settings: CohortSettings, case: CohortCase) -> CaseDone:
    """Simulate the plan that a case describes, as `givre simulate` does; a `CohortTask`.

    Raises:
        CaseOutOfReach: if this machine does not see the case file that the asking one saw.
        GivreError: whatever the case is refused for.
    """
    began_s = monotonic()
    inputs, description, images = _read(settings, case)
    return _simulated(settings, description, images, inputs=inputs, began_s=began_s)


def plan_case(settings: CohortSettings, case: CohortCase) -> CaseDone:
    """Propose plans with the probe models that a case drafts, and simulate the best of them; a `CohortTask`.

    Each proposal is kept as a case file, plan-1.toml and so on; its paths start where those of the case do. Where the
    time limit ends the search, the best plan so far is kept and labelled so.

    Raises:
        CaseOutOfReach: if this machine does not see the case file that the asking one saw.
        GivreError: whatever the case is refused for; the tumour may be out of reach.
    """
    began_s = monotonic()
    inputs, description, images = _read(settings, case)
    found = propose_plan(
        description,
        images,
        PlacementWishes(
            models=tuple(dict.fromkeys(placement.model for placement in description.placements)), seed=settings.seed
        ),
        knowledge=wiring.knowledge(),
        solve=wiring.solver(threads=settings.threads),
        threads=settings.threads,
        go_on=_until(settings.time_limit_s),
    )
    if not found.cases:
        if found.result.ended_early:
            raise NoPlan(f"the search found no plan within {settings.time_limit_s:g} s; give it more time")
        raise NoPlan("the search found no plan at all; give other probe models, or place the probes by hand")

    def write_proposals(folder: Path) -> None:
        for rank, proposed in enumerate(found.cases, 1):
            (folder / f"plan-{rank}.toml").write_text(render_case(proposed), encoding="utf-8", newline="\n")

    search = BEST_SO_FAR if found.result.ended_early else COMPLETE
    return _simulated(
        settings, found.cases[0], images, inputs=inputs, began_s=began_s, also=(write_proposals,), search=search
    )


def _until(limit_s: float | None) -> Callable[[SearchStep], bool]:
    """Goes on until time is up."""
    end_s = math.inf if limit_s is None else monotonic() + limit_s
    return lambda step: monotonic() < end_s


TASKS: dict[str, CohortTask[CohortSettings]] = {"simulate": simulate_case, "plan": plan_case}
"""What may be done to each case of a cohort, by name."""


def cohort(
    folder: Path,
    output: Path,
    *,
    settings: CohortSettings,
    engine: Engine,
    resume: bool = False,
    replace: bool = False,
    told: ToldOfCase | None = None,
) -> Cohort:
    """Do a task for every case of a folder; see `plan_cohort`.

    Args:
        folder: the cohort.
        output: where a folder for each case, cohort.json and cohort.csv are written.
        settings: what all cases share.
        engine: where the cases are done.
        resume: leave cases alone that are done and whose inputs have not changed.
        replace: compute all anew where an earlier batch is.
        told: told of each case that ended; may end the series.

    Raises:
        InputError: if there is no such task, no such folder, or no case in it.
        OutsideError: if results cannot be written there, or the engine cannot go on.
    """
    if settings.task not in TASKS:
        raise InputError(f'task "{settings.task}"; choose one of {", ".join(TASKS)}')
    if settings.languages:
        wiring_cases.refuse_missing_report_parts()
    if output.resolve() == folder.resolve():
        raise InputError(f"{output.name} is the cohort itself; give another folder with -o")
    cases = find_cases(folder, besides=output)
    with _opened(output, settings, resume=resume, replace=replace) as store:
        return plan_cohort(cases, task=TASKS[settings.task], settings=settings, engine=engine, store=store, told=told)


def described(case: CohortCase) -> tuple[CaseDescription, Path]:
    """The case, and the folder its paths start from, if this machine sees the case file that was found.

    Raises:
        CaseOutOfReach: if it does not.
        InputError: if the case file is refused.
    """
    try:
        is_same = sha256_of(case.file) == case.sha256
    except OSError as error:
        raise CaseOutOfReach(
            f"the machine that computes does not see the case file of {case.name} ({error.strerror}); give workers the "
            "same path to the cohort as this machine has, or use --workers"
        ) from error
    if not is_same:
        raise CaseOutOfReach(
            f"the case file of {case.name} is not the same on the machine that computes, or changed meanwhile; give "
            "workers the same path to the same files, and start again"
        )
    return wiring_cases.describe_case(case.file)


def hash_of_case(settings: CohortSettings, case: CohortCase, *, description: CaseDescription | None = None) -> str:
    """One hash of the case file, of every file that it names, of the settings and versions; empty when not known."""
    if description is None:
        try:
            description, _ = described(case)
        except GivreError:
            return ""
    folder = case.file.parent
    paths = [description.image.path, *(structure.path for structure in description.structures)]
    said = [f"{name}={value!r}" for name, value in sorted(settings.identity.items())]
    return hash_of_inputs([*said, case.sha256], [folder / path for path in dict.fromkeys(paths)], base=folder)


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of every file of a folder by its path in it, to be sent."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


@contextmanager
def _opened(output: Path, settings: CohortSettings, *, resume: bool, replace: bool) -> Iterator[CohortFolder]:
    header: dict[str, object] = {
        "task": settings.task,
        "settings": {
            "languages": list(settings.languages),
            "estimate_error": settings.estimate_error,
            "error_lattices": settings.error_lattices,
            "seed": settings.seed,
            "threads": settings.threads,
        },
        "versions": dict(settings.versions),
    }
    hash_of = partial(hash_of_case, settings) if resume else None
    with cohort_folder(output, header, hash_of_case=hash_of, replace=replace) as store:
        yield store


def _read(settings: CohortSettings, case: CohortCase) -> tuple[str, CaseDescription, CaseImages]:
    """The hash of all inputs of a case, the case, and its images."""
    description, folder = described(case)
    inputs = hash_of_case(settings, case, description=description)
    images = load_case_images(description, folder, read_image=wiring.read_image, read_mask=wiring.read_mask)
    return inputs, description, images


def _simulated(
    settings: CohortSettings,
    description: CaseDescription,
    images: CaseImages,
    *,
    inputs: str,
    began_s: float,
    also: Sequence[Callable[[Path], None]] = (),
    search: str = "",
) -> CaseDone:
    """Simulate a case and hand back its result folder as bytes; `search` says how the search of its plan ended."""
    result = simulate_plan(
        description,
        images,
        knowledge=wiring.knowledge(),
        solve=wiring.solver(threads=settings.threads),
        estimate_error=settings.estimate_error,
        error_lattices=settings.error_lattices,
    )
    with tempfile.TemporaryDirectory(prefix="givre-") as scratch:
        target = Path(scratch) / "results"
        wiring_cases.write_plan(
            result,
            target,
            languages=settings.languages,
            settings={
                "seed": settings.seed,
                "threads": settings.threads,
                "engine": "cpu",
                "task": settings.task,
                **({"search": search, "time_limit_s": settings.time_limit_s} if search else {}),
            },
            also=also,
        )
        files = files_of(target)
    is_usable = result.run.status.is_usable
    return CaseDone(
        case_id=description.case_id,
        verdict="unusable" if not is_usable else "safe" if result.assessment.is_safe else "unsafe",
        sentence=result.run.status.sentence,
        figures=_figures(result, search),
        files=files,
        inputs_sha256=inputs,
        time_s=monotonic() - began_s,
    )


def _figures(result: PlanResult, search: str) -> tuple[CaseFigure, ...]:
    assessment = result.assessment
    organ, headroom_c, coldest_c = _nearest_limit(assessment)
    missed = ", ".join(verdict.goal for verdict in assessment.verdicts if verdict.is_failure)
    numbers = (
        ("probes", float(len(result.probes)), "1"),
        ("tumour", assessment.tumour_ml, "mL"),
        ("lethal_zone", assessment.lethal_ml, "mL"),
        ("coverage", assessment.coverage, "1"),
        ("coverage_plus_minus", result.error.half_width("coverage"), "1"),
        ("coverage_with_margin", assessment.coverage_with_margin, "1"),
        ("smallest_margin", assessment.margin.minimum_mm, "mm"),
        ("smallest_margin_plus_minus", result.error.half_width("margin:minimum"), "mm"),
        ("organ_headroom", headroom_c, "degC"),
        ("worst_organ_coldest", coldest_c, "degC"),
    )
    return (
        *(CaseFigure(name=name, value=float(value), unit=unit) for name, value, unit in numbers),
        CaseFigure(name="organ_nearest_its_limit", value=organ),
        CaseFigure(name=GOALS_MISSED, value=missed),
        CaseFigure(name=SEARCH, value=search),
    )


def _nearest_limit(assessment: Assessment) -> tuple[str, float, float]:
    """The organ that comes nearest to its limit, by how much it stays warmer, and how cold it gets; NaN if unknown."""
    found = [
        (exposure.verdict.value - exposure.organ.limit_temp_c, exposure.organ.structure, exposure.verdict.value)
        for exposure in assessment.exposures
    ]
    if not found:
        return "", math.nan, math.nan
    unknown = [item for item in found if math.isnan(item[0])]
    headroom_c, name, coldest_c = unknown[0] if unknown else min(found)
    return name, headroom_c, coldest_c
