"""What a change on the day must reach: the goals that the plan met, and no less than the plan where it missed one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from givre.assessment.result import Verdict, judge_at_least
from givre.case.description import CaseDescription
from givre.planning.placement.result import verdicts_on
from givre.planning.replan.limits import ReplanLimits
from givre.planning.trial.quick_look import PlanFigures

GROWN_COVERAGE = 0.98
"""Wanted coverage of the tumour grown by its margin, unless another is asked: what the planner works for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One figure to reach.

    Attributes:
        goal: key of the verdict.
        least: the figure must be at least that; above it where `is_strict`.
        unit: of the figure.
        is_strict: whether the figure itself is not enough (an organ at its limit).
        is_of_the_plan: whether the plan missed the goal, so that only no less than the plan is asked.
    """

    goal: str
    least: float
    unit: str
    is_strict: bool
    is_of_the_plan: bool

    def missing(self, value: float) -> float:
        """By how much a figure misses it: 0 when it is reached, infinite when the figure is not known."""
        if not math.isfinite(value):
            return math.inf
        if value > self.least or (value == self.least and not self.is_strict):
            return 0.0
        return max(self.least - value, 1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """One figure that is not reached.

    Attributes:
        goal: key of the verdict.
        value: the figure; NaN if it is not known.
        least: what is wanted.
        by: how much is missing; infinite if that is not known.
        unit: of all.
    """

    goal: str
    value: float
    least: float
    by: float
    unit: str

    @property
    def weight(self) -> float:
        """Missing parts of several units made comparable: a percent of coverage as a millimetre or a degree."""
        return self.by * (100.0 if self.unit == "1" else 1.0)


def judged(
    figures: PlanFigures, case: CaseDescription, *, grown_coverage: float, full: Sequence[Verdict] = ()
) -> tuple[Verdict, ...]:
    """The verdicts of a plan: run, coverage, coverage with margin, organs, smallest margin.

    Args:
        figures: of a simulation.
        case: goals and organs.
        grown_coverage: wanted coverage of the grown tumour.
        full: verdicts of the full assessment, where there is one.
    """
    verdicts = verdicts_on(
        figures, goals=case.goals, organs=case.organs_at_risk, grown_coverage=grown_coverage, full=tuple(full)
    )
    margin_mm = figures.margin_mm if figures.ending == "done" else math.nan
    return (*verdicts, judge_at_least("margin", margin_mm, case.goals.margin_mm, "mm"))


def wanted_of(plan: Sequence[Verdict], limits: ReplanLimits, *, all_goals: bool = False) -> tuple[Wanted, ...]:
    """What must be reached so that a plan is restored.

    Args:
        plan: verdicts of the plan as it was drawn, on the same lattice.
        limits: hold the tolerances.
        all_goals: ask for every goal of the case, those too that the plan missed.
    """
    tolerance = {"1": limits.coverage_tolerance, "mm": limits.margin_tolerance_mm, "degC": limits.organ_tolerance_c}
    found = []
    for verdict in plan:
        is_own = verdict.is_failure and not all_goals and verdict.goal != "run" and math.isfinite(verdict.value)
        found.append(
            Wanted(
                goal=verdict.goal,
                least=min(verdict.value - tolerance[verdict.unit], verdict.limit) if is_own else verdict.limit,
                unit=verdict.unit,
                is_strict=verdict.goal.startswith("organ:") and not is_own,
                is_of_the_plan=is_own,
            )
        )
    return tuple(found)


def missed_of(verdicts: Sequence[Verdict], wanted: Sequence[Wanted]) -> tuple[Missed, ...]:
    """The figures that are not reached, the most missed first; a figure that is not known is not reached."""
    told = {verdict.goal: verdict for verdict in verdicts}
    found = []
    for item in wanted:
        verdict = told.get(item.goal)
        # an organ that the image cuts is unknown in the plan too; what is new unknown is missed
        is_known = verdict is not None and (verdict.status != "unknown" or item.is_of_the_plan)
        value = verdict.value if verdict is not None and is_known else math.nan
        by = item.missing(value)
        if by > 0:
            found.append(Missed(goal=item.goal, value=value, least=item.least, by=by, unit=item.unit))
    return tuple(sorted(found, key=lambda missed: -missed.weight))


def is_of_organ(missed: Missed) -> bool:
    """Whether an organ is too cold, rather than too little covered."""
    return missed.goal.startswith("organ:")
