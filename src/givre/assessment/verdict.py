"""Whether each goal is reached; what is not known, or not a number, is a failure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from givre.assessment.result import Exposure, MarginMap, Verdict, VerdictStatus, judge_at_least
from givre.bioheat.run import RunStatus
from givre.case.goals import Goals, OrganAtRisk


def judge(
    *,
    goals: Goals,
    coverage: float,
    margin: MarginMap,
    exposures: Sequence[Exposure],
    status: RunStatus,
    is_known: bool,
) -> tuple[Verdict, ...]:
    """All verdicts: the run, coverage, margin, then one for each organ at risk.

    Args:
        goals: what must be reached.
        coverage: fraction of the tumour inside the lethal zone.
        margin: the margin map.
        exposures: one for each organ at risk, with its verdict.
        status: how the run ended. Unless it is usable, every other verdict is unknown.
        is_known: False if a temperature of the run is not finite; then every verdict is unknown.
    """
    verdicts = (
        judge_at_least("coverage", coverage, goals.coverage, "1"),
        judge_at_least("margin", margin.minimum_mm, goals.margin_mm, "mm"),
        *(exposure.verdict for exposure in exposures),
    )
    if not (status.is_usable and is_known):
        verdicts = tuple(replace(verdict, status="unknown") for verdict in verdicts)
    return (judge_run(status, is_known=is_known), *verdicts)


def judge_run(status: RunStatus, *, is_known: bool) -> Verdict:
    """Met when the run ended `done` (value 1); unknown when a temperature is not finite (value NaN)."""
    value = (1.0 if status.is_usable else 0.0) if is_known else float("nan")
    return judge_at_least("run", value, 1.0, "1")


def judge_organ(organ: OrganAtRisk, coldest_c: float, *, is_usable: bool) -> Verdict:
    """Not met at or below the limit, warning at or below the alarm, unknown without a number or a usable run."""
    status: VerdictStatus = "met"
    if not (is_usable and math.isfinite(coldest_c)):
        status = "unknown"
    elif coldest_c <= organ.limit_temp_c:
        status = "not_met"
    elif coldest_c <= organ.alarm_temp_c:
        status = "warning"
    return Verdict(
        goal=f"organ:{organ.structure}", status=status, value=coldest_c, limit=organ.limit_temp_c, unit="degC"
    )
