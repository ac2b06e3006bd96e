"""What a person reads on the screen once a plan has been simulated."""

from __future__ import annotations

import math
from pathlib import Path

from givre.assessment.result import Assessment, Verdict
from givre.cli.exit_codes import ExitCode
from givre.cli.language import Texts
from givre.cli.session import Session
from givre.dossier.error_bars import judged_figure, undecided
from givre.dossier.phrasing import is_bound
from givre.usecases.simulate_plan import PlanResult

_UNITS = {"1": "", "mm": " mm", "degC": " °C", "mL": " mL", "s": " s"}


def exit_code_of(result: PlanResult) -> ExitCode:
    """Whether the plan is good, unsafe, or without usable result."""
    if not result.run.status.is_usable:
        return ExitCode.NOT_CONVERGED
    return ExitCode.OK if result.assessment.is_safe else ExitCode.PLAN_UNSAFE


def print_summary(session: Session, result: PlanResult, folder: Path) -> None:
    """The verdicts, and where the results lie."""
    texts = session.texts
    description = result.description.told_in(texts.language)
    session.print_text(texts("summary.title", case=description.case_id, title=description.title))
    if description.synthetic:
        session.print_text(description.synthetic)
    header = [texts(f"column.{name}") for name in ("goal", "verdict", "found", "wanted")]
    session.print_table(header, [_row(verdict, result, texts) for verdict in result.assessment.verdicts])
    session.print_text(_conclusion(result, texts))
    for line in _error_lines(result, texts):
        session.print_text(line)
    uncalibrated = _uncalibrated(result)
    if uncalibrated:
        session.print_text(texts("summary.not_calibrated", probes=", ".join(uncalibrated)))
    session.print_text(texts("summary.where", path=folder))
    names = sorted(file.name for file in folder.iterdir() if file.suffix in (".html", ".pdf"))
    if names:
        session.print_text(texts("summary.dossier", names=", ".join(names)))
    session.print_text(texts("summary.notice"))


def summary_document(result: PlanResult, folder: Path) -> dict[str, object]:
    """The same for a machine; the whole is in results.json."""
    assessment: Assessment = result.assessment
    return {
        "case_id": result.description.case_id,
        "results": str(folder),
        "ending": result.run.status.ending,
        "is_usable": result.run.status.is_usable,
        "is_safe": exit_code_of(result) is ExitCode.OK,
        "exit_code": int(exit_code_of(result)),
        "organs_at_risk_judged": len(assessment.exposures),
        "probes_not_calibrated": _uncalibrated(result),
        "verdicts": [
            {
                "goal": verdict.goal,
                "status": verdict.status,
                "value": verdict.value if math.isfinite(verdict.value) else None,
                "limit": verdict.limit if math.isfinite(verdict.limit) else None,
                "unit": verdict.unit,
                "plus_minus": _finite(result.error.half_width(judged_figure(verdict, assessment))),
            }
            for verdict in assessment.verdicts
        ],
        "discretisation": {
            "is_estimated": result.error.is_known,
            "reason": result.error.reason,
            "voxels_mm": list(result.error.voxels_mm),
            "edge_mm": _finite(result.error.edge_mm),
        },
    }


def _rounded_up(half_width: float, unit: str) -> float:
    """An error bar to the last digit shown, never 0."""
    step = 0.001 if unit == "1" else 0.1
    return step * max(math.ceil(half_width / step - 1e-6), 1)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _uncalibrated(result: PlanResult) -> list[str]:
    """Labels of the probes without calibration data."""
    return [facts.label for facts in result.probes if not facts.calibrated]


def _conclusion(result: PlanResult, texts: Texts) -> str:
    if not result.run.status.is_usable:
        return texts("summary.unusable", sentence=result.run.status.sentence)
    conclusion = texts("summary.safe" if result.assessment.is_safe else "summary.unsafe")
    return conclusion if result.assessment.exposures else f"{conclusion} {texts('summary.no_organ')}"


def _error_lines(result: PlanResult, texts: Texts) -> list[str]:
    """What ± is and which verdicts it leaves open, or why there is none; nothing for a run without result."""
    if not result.run.status.is_usable:
        return []
    error = result.error
    if not error.is_known:
        return [texts("summary.no_error", reason=texts(f"error.why_{error.why_not}"))]
    lines = [texts("summary.error", edge=_written(_rounded_up(error.edge_mm, "mm"), "mm", texts))]
    turning = undecided(result.assessment, error, result.description.organs_at_risk)
    if turning:
        lines.append(texts("summary.undecided", goals=", ".join(_goal(verdict, texts) for verdict in turning)))
    return lines


def _row(verdict: Verdict, result: PlanResult, texts: Texts) -> tuple[str, str, str, str]:
    found = _figure(verdict.value, verdict, texts)
    half_width = result.error.half_width(judged_figure(verdict, result.assessment))
    return (
        _goal(verdict, texts),
        texts(f"verdict.{verdict.status}"),
        f"{'≥ ' if is_bound(verdict, result.assessment) else ''}{found}"
        + (f" ± {_written(_rounded_up(half_width, verdict.unit), verdict.unit, texts)}" if half_width >= 0 else ""),
        _figure(verdict.limit, verdict, texts),
    )


def _goal(verdict: Verdict, texts: Texts) -> str:
    kind, _, organ = verdict.goal.partition(":")
    key = f"goal.{kind}"
    return texts(key, organ=organ.replace("_", " ")) if texts.has(key) else verdict.goal


def _figure(value: float, verdict: Verdict, texts: Texts) -> str:
    if not math.isfinite(value):
        return "–"
    if verdict.goal == "run":
        return texts("yes" if value else "no")
    return _written(value, verdict.unit, texts)


def _written(value: float, unit: str, texts: Texts) -> str:
    written = f"{100 * value:.1f} %" if unit == "1" else f"{value:.1f}{_UNITS.get(unit, ' ' + unit)}"
    return written.replace(".", ",") if texts.language == "fr" else written
