"""What a person reads on the screen once a plan has been simulated."""

from __future__ import annotations

import math
from pathlib import Path

from givre.assessment.result import Assessment, Verdict
from givre.cli.exit_codes import ExitCode
from givre.cli.language import Texts
from givre.cli.session import Session
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
    session.print_table(header, [_row(verdict, result.assessment, texts) for verdict in result.assessment.verdicts])
    session.print_text(_conclusion(result, texts))
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
            }
            for verdict in assessment.verdicts
        ],
    }


def _uncalibrated(result: PlanResult) -> list[str]:
    """Labels of the probes without calibration data."""
    return [facts.label for facts in result.probes if not facts.calibrated]


def _conclusion(result: PlanResult, texts: Texts) -> str:
    if not result.run.status.is_usable:
        return texts("summary.unusable", sentence=result.run.status.sentence)
    conclusion = texts("summary.safe" if result.assessment.is_safe else "summary.unsafe")
    return conclusion if result.assessment.exposures else f"{conclusion} {texts('summary.no_organ')}"


def _row(verdict: Verdict, assessment: Assessment, texts: Texts) -> tuple[str, str, str, str]:
    kind, _, organ = verdict.goal.partition(":")
    key = f"goal.{kind}"
    goal = texts(key, organ=organ.replace("_", " ")) if texts.has(key) else verdict.goal
    return (
        goal,
        texts(f"verdict.{verdict.status}"),
        f"{'≥ ' if is_bound(verdict, assessment) else ''}{_figure(verdict.value, verdict, texts)}",
        _figure(verdict.limit, verdict, texts),
    )


def _figure(value: float, verdict: Verdict, texts: Texts) -> str:
    if not math.isfinite(value):
        return "–"
    if verdict.goal == "run":
        return texts("yes" if value else "no")
    written = (
        f"{100 * value:.1f} %" if verdict.unit == "1" else f"{value:.1f}{_UNITS.get(verdict.unit, ' ' + verdict.unit)}"
    )
    return written.replace(".", ",") if texts.language == "fr" else written
