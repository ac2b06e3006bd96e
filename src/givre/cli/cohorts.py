"""What batch does once the command line is understood: work through the cases, and say what became of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from givre.cli.engine_options import EngineChoice, engine_chosen
from givre.cli.exit_codes import ExitCode
from givre.cli.language import Texts
from givre.cli.session import ProgressShow, Session
from givre.dossier.replan_phrasing import replan_phrasing
from givre.foundation.errors import SimulationError
from givre.usecases.plan_cohort import BEST_SO_FAR, GOALS_MISSED, SEARCH, CaseFigure, CaseRow, Cohort
from givre.wiring_cohort import CohortSettings, cohort

_WORST_FIRST = (
    ExitCode.FAILURE,
    ExitCode.INVALID_INPUT,
    ExitCode.NOT_CONVERGED,
    ExitCode.PLAN_UNSAFE,
    ExitCode.OK,
)
_SHOWN = ("probes", "coverage", "smallest_margin")
_UNITS = {"mm": " mm", "degC": " °C", "mL": " mL"}


class BatchStopped(SimulationError):
    """A batch ended by Ctrl-C: unlike anywhere else, what is done is kept."""

    code = "BATCH_STOPPED"
    exit_code = int(ExitCode.INTERRUPTED)


class BatchTerminated(BatchStopped):
    """A batch ended by the system."""

    exit_code = int(ExitCode.TERMINATED)


def work_through(
    session: Session,
    folder: Path,
    output: Path,
    settings: CohortSettings,
    choice: EngineChoice,
    *,
    resume: bool,
    force: bool,
) -> ExitCode:
    """Do a task for every case of a folder; the exit code is that of the worst case.

    Raises:
        BatchStopped: if it is interrupted; what is done is kept.
    """
    with session.progress() as show:
        show.stage("batch")
        watch = _Watch(session, show)
        try:
            with engine_chosen(session, choice) as engine:
                found = cohort(
                    folder, output, settings=settings, engine=engine, resume=resume, replace=force, told=watch
                )
        except (KeyboardInterrupt, SystemExit) as stop:
            fault = BatchStopped if isinstance(stop, KeyboardInterrupt) else BatchTerminated
            raise fault(session.texts("batch.stopped", done=watch.done, path=output)) from stop
    code = worst_of(found.rows)
    if session.as_json:
        session.print_json(_document(found, output, code))
    else:
        _print(session, found, output)
    return code


def worst_of(rows: Sequence[CaseRow]) -> ExitCode:
    """The exit code of the worst case: outside faults, refusals, no result, goals missed, all well, in this order."""
    codes = {row.exit_code for row in rows}
    return next((code for code in _WORST_FIRST if int(code) in codes), ExitCode.FAILURE)


class _Watch:
    """Shows how many cases have ended, and each that failed as soon as it has."""

    def __init__(self, session: Session, show: ProgressShow) -> None:
        self._session = session
        self._show = show
        self.done = 0

    def __call__(self, row: CaseRow, done: int, total: int) -> bool:
        self.done += 1
        if self._session.as_json:
            self._session.event("case", case=row.name, state=row.state, code=row.error_code, done=done, total=total)
        elif row.error_code:
            texts = self._session.texts
            self._session.remark(texts("batch.failed", case=row.name, code=row.error_code, message=row.error))
        self._show.fraction(done / total)
        return True


def _print(session: Session, found: Cohort, output: Path) -> None:
    texts = session.texts
    header = [texts(f"column.{name}") for name in ("case", "state", *_SHOWN, "worst_organ", "time", "why")]
    session.print_table(header, [_row(row, texts) for row in found.rows])
    kept = sum(row.is_kept for row in found.rows)
    if kept:
        session.print_text(texts("batch.kept", count=kept))
    ended = sum(row.state not in ("failed", "not_run") for row in found.rows)
    session.print_text(texts("batch.title", done=ended, total=len(found.rows), path=output))
    session.print_text(texts("summary.notice"))


def _row(row: CaseRow, texts: Texts) -> list[str]:
    figures = {figure.name: figure for figure in row.figures}
    missed = figures.get(GOALS_MISSED)
    why = row.sentence if row.state == "unusable" else _goals(str(missed.value), texts) if missed else ""
    search = figures.get(SEARCH)
    if search is not None and search.value == BEST_SO_FAR:
        why = "; ".join(part for part in (texts("batch.best_so_far"), why) if part)
    if row.error_code:
        why = f"[{row.error_code}] {row.error}"
    shown = [_written(figures.get(name), texts) for name in _SHOWN]
    time = f"{row.time_s:.0f} s" if math.isfinite(row.time_s) else "–"
    return [row.name, texts(f"state.{row.state}"), *shown, _worst_organ(figures, texts), time, why]


def _worst_organ(figures: Mapping[str, CaseFigure], texts: Texts) -> str:
    """Its name and the coldest it gets."""
    name = figures.get("organ_nearest_its_limit")
    if name is None or not name.value:
        return "–"
    structure = replan_phrasing(texts.language).general.structure(str(name.value))
    return f"{structure} {_written(figures.get('worst_organ_coldest'), texts)}"


def _goals(missed: str, texts: Texts) -> str:
    """The goals that are missed, as people call them."""
    say = replan_phrasing(texts.language)
    return ", ".join(say.goal(goal) for goal in missed.split(", ") if goal)


def _written(figure: CaseFigure | None, texts: Texts) -> str:
    if figure is None or isinstance(figure.value, str) or not math.isfinite(figure.value):
        return "–"
    if figure.name == "probes":
        written = f"{figure.value:.0f}"
    elif figure.unit == "1":
        written = f"{100 * figure.value:.1f} %"
    else:
        written = f"{figure.value:.1f}{_UNITS.get(figure.unit, ' ' + figure.unit)}"
    return (written.replace(".", ",") if texts.language == "fr" else written).replace("-", "\u2212")


def _document(found: Cohort, output: Path, code: ExitCode) -> dict[str, object]:
    return {
        "results": str(output),
        "exit_code": int(code),
        "counts": found.counts,
        "kept": sum(row.is_kept for row in found.rows),
        "cases": [
            {
                "case": row.name,
                "case_id": row.case_id,
                "state": row.state,
                "exit_code": row.exit_code,
                "error": {"code": row.error_code, "message": row.error} if row.error_code else None,
                "figures": {
                    figure.name: {"value": _finite(figure.value), "unit": figure.unit} for figure in row.figures
                },
                "is_kept": row.is_kept,
            }
            for row in found.rows
        ],
    }


def _finite(value: float | str) -> float | str | None:
    return value if isinstance(value, str) or math.isfinite(value) else None
