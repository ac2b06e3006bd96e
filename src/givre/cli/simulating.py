"""What demo, simulate and check do once the command line is understood."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

from givre import api, wiring, wiring_cases
from givre.adapters.casefile import CASE_FILE_NAME
from givre.adapters.results import check_results_folder
from givre.cli.exit_codes import ExitCode
from givre.cli.session import ProgressShow, Session
from givre.cli.summary import exit_code_of, print_summary, summary_document
from givre.usecases.check_plan import check_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorChoice:
    """How discretisation errors are estimated.

    Attributes:
        wanted: whether at all; None: unless that takes long.
        lattices: on how many lattices, 2 or 3.
    """

    wanted: bool | None = None
    lattices: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFolders:
    """Folders of the planner whose content the dossier tells too.

    Attributes:
        proposals: that `givre plan` wrote, if any.
        uncertainty: that `givre uncertainty` wrote, if any.
    """

    proposals: Path | None = None
    uncertainty: Path | None = None

    @property
    def settings(self) -> dict[str, str]:
        """Their names, to be echoed; without the path of the machine."""
        folders = {"proposals": self.proposals, "uncertainty": self.uncertainty}
        return {name: folder.resolve().name for name, folder in folders.items() if folder is not None}


USUAL_ERROR = ErrorChoice()
NOTHING_PLANNED = PlannedFolders()


def simulate_case(
    session: Session,
    case: Path,
    output: Path,
    languages: Sequence[Literal["fr", "en"]],
    *,
    force: bool,
    engine: wiring.Engine = "cpu",
    error: ErrorChoice = USUAL_ERROR,
    planned: PlannedFolders = NOTHING_PLANNED,
) -> ExitCode:
    """Read, simulate, judge and write one case; the exit code says how it went."""
    check_results_folder(output, replace_foreign=force)  # before minutes of computing, not after
    if languages:
        wiring_cases.refuse_missing_report_parts()
    with session.progress() as show:
        show.stage("import")
        loaded = api.load_case(case)
        told = wiring_cases.read_planned(  # refused before minutes of computing, not after
            loaded.description,
            loaded.images.hashes,
            proposals=planned.proposals,
            uncertainty=planned.uncertainty,
        )
        show.stage("simulate")
        result = api.simulate(
            loaded,
            threads=session.threads,
            engine=engine,
            progress=_Watch(show),
            estimate_error=error.wanted,
            error_lattices=error.lattices,
        )
        show.stage("write")
        wiring_cases.write_plan(
            result,
            output,
            languages=tuple(languages),
            replace_foreign=force,
            settings={"seed": session.seed, "threads": session.threads, "engine": engine, **planned.settings},
            announce=show.stage,
            planned=told,
        )
    if session.as_json:
        session.print_json(summary_document(result, output))
    else:
        print_summary(session, result, output)
    return exit_code_of(result)


def check_case(session: Session, case: Path) -> None:
    """Validate a case, import its images and check its plan; prints what was read."""
    with session.progress() as show:
        show.stage("import")
        loaded = api.load_case(case)
        check_plan(loaded.description, loaded.images.image.volume, wiring.knowledge().catalogue)
    if session.as_json:
        imports = [report.as_json() for report in loaded.images.reports]
        session.print_json({"case_id": loaded.description.case_id, "valid": True, "imports": imports})
        return
    for report in loaded.images.reports:
        session.print_text(report.as_text())
    session.print_text(session.texts("check.good", case=loaded.description.case_id))


def demonstrate(
    session: Session,
    sample: str,
    output: Path,
    languages: Sequence[Literal["fr", "en"]],
    *,
    force: bool,
    error: ErrorChoice = USUAL_ERROR,
) -> ExitCode:
    """Simulate a sample; the built-in phantom when the sample cannot be fetched, said plainly."""
    check_results_folder(output, replace_foreign=force)
    with tempfile.TemporaryDirectory(prefix="givre-demo-") as folder:
        case = Path(folder) / "case"
        session.remark(session.texts("stage.fetch"))
        _get_sample(session, sample, case)
        code = simulate_case(session, case / CASE_FILE_NAME, output, languages, force=force, error=error)
    # a sample's plan may miss a goal: that is something to look at, not a failed demonstration
    return ExitCode.OK if code is ExitCode.PLAN_UNSAFE else code


def _get_sample(session: Session, sample: str, folder: Path) -> None:
    language = session.texts.language
    if sample != wiring_cases.DEMO:
        wiring_cases.get_sample(sample, folder, language=language)
        return
    written = wiring_cases.get_demo_sample(folder, language=language)
    if written.notice:
        session.remark(session.texts("demo.offline", sample=sample, reason=written.notice))


class _Watch:
    """Turns the solver's simulated time into a fraction and the time left."""

    def __init__(self, show: ProgressShow) -> None:
        self._show = show
        self._began_s = monotonic()
        self._last_s = 0.0

    def __call__(self, simulated_s: float, whole_s: float) -> bool:
        if simulated_s < self._last_s:  # the plan again, on a coarser lattice
            self._show.stage("estimate")
            self._began_s = monotonic()
        self._last_s = simulated_s
        done = min(max(simulated_s / whole_s, 0.0), 1.0) if whole_s > 0 else 1.0
        spent_s = monotonic() - self._began_s
        self._show.fraction(done, eta_s=spent_s * (1.0 - done) / done if done > 0.02 else None)
        return True
