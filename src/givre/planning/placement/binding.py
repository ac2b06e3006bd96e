"""What stands in the way when no plan meets every goal, and by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence

from givre.case.goals import OrganAtRisk
from givre.planning.placement.ranking import best_within_limits
from givre.planning.placement.result import GROWN, Binding, SolvedPlan
from givre.planning.placement.wishes import PlacementWishes


def bindings_of(
    plans: Sequence[SolvedPlan], organs: tuple[OrganAtRisk, ...], *, wishes: PlacementWishes
) -> tuple[Binding, ...]:
    """The constraints that bind, the strongest first.

    The plan that covers enough and hurts organs least says which limits are in the way and by how much; if no plan
    covers enough, coverage itself is what is missing.

    Args:
        plans: all that were simulated.
        organs: at risk.
        wishes: what was asked.
    """
    known = [plan for plan in plans if math.isfinite(_grown(plan))]
    if not known:
        return (_NO_FIGURES,) if plans else ()
    kept = best_within_limits(known)
    within = math.nan if kept is None else _grown(kept)
    reaching = [plan for plan in known if _covers(plan)]
    if not reaching:
        best = max(known, key=_grown)
        return (_coverage_binding(best, within, wishes), *_organ_bindings(best, organs, within))
    least = min(reaching, key=lambda plan: (sum(_below_c(plan, organ) for organ in organs), -_grown(plan)))
    found = _organ_bindings(least, organs, within)
    return found or (_coverage_binding(max(known, key=_grown), within, wishes),)


_NO_FIGURES = Binding(
    goal="run",
    missing=math.nan,
    unit="1",
    at_coverage=math.nan,
    best_coverage=math.nan,
    sentence="no simulation gave usable figures; check the images, or give more room with domain_margin_mm",
)


def _organ_bindings(plan: SolvedPlan, organs: tuple[OrganAtRisk, ...], within: float) -> tuple[Binding, ...]:
    found = []
    for organ in organs:
        below_c = _below_c(plan, organ)
        if below_c > 0:
            rest = f"best coverage within all limits {within:.1%}" if math.isfinite(within) else "no plan within limits"
            found.append(
                Binding(
                    goal=f"organ:{organ.structure}",
                    missing=below_c,
                    unit="degC",
                    at_coverage=_grown(plan),
                    best_coverage=within,
                    sentence=f"{organ.structure}: {_degrees(below_c)} its limit of {organ.limit_temp_c:g} °C when "
                    f"coverage with margin is {_grown(plan):.1%}; {rest}",
                )
            )
    return tuple(sorted(found, key=lambda binding: -binding.missing))


def _coverage_binding(plan: SolvedPlan, within: float, wishes: PlacementWishes) -> Binding:
    missing = max(wishes.grown_coverage - _grown(plan), 0.0)
    return Binding(
        goal=GROWN,
        missing=missing,
        unit="1",
        at_coverage=_grown(plan),
        best_coverage=within,
        sentence=f"coverage with margin: {_grown(plan):.1%} in the best plan found with up to {wishes.most_probes} "
        f"probes, {wishes.grown_coverage:.1%} wanted; allow a stronger model, other spacing or paths, or more effort",
    )


def _below_c(plan: SolvedPlan, organ: OrganAtRisk) -> float:
    """Degrees at or below the limit of an organ, 0 where it is kept; infinite where its temperature is not known."""
    verdict = next(verdict for verdict in plan.verdicts if verdict.goal == f"organ:{organ.structure}")
    if not verdict.is_failure:
        return 0.0
    below_c = organ.limit_temp_c - verdict.value
    return max(below_c, 0.01) if math.isfinite(below_c) else math.inf


def _degrees(below_c: float) -> str:
    return f"{below_c:.1f} °C below" if math.isfinite(below_c) else "not known to stay above"


def _covers(plan: SolvedPlan) -> bool:
    return not any(verdict.goal in (GROWN, "coverage", "run") for verdict in plan.failures)


def _grown(plan: SolvedPlan) -> float:
    return next(verdict.value for verdict in plan.verdicts if verdict.goal == GROWN)
