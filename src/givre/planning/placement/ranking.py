"""Which plans are shown and in which order: few, different in what matters, each with its reason and its score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from givre.case.goals import OrganAtRisk
from givre.planning.placement.result import GROWN, Behind, Proposal, Role, ScorePart, SolvedPlan

PER_FAILED_GOAL = 20.0
"""Points off for each goal that is not met."""

PER_PERCENT_UNCOVERED = 2.0
"""Points off for each percent of the grown tumour outside the lethal zone."""

COMFORT_C, PER_DEGREE_SHORT = 10.0, 1.0
"""An organ this far above its limit is worth no more; points off for each degree less, of the organ nearest to it."""

PER_PROBE, PER_CM, PER_10_DEGREES = 4.0, 0.3, 1.0
"""Points off for each probe after the first, each centimetre of mean path, each ten degrees of the largest tilt."""


OTHER_SIDE_DEG = 35.0
"""Least angle between two approaches that count as different."""


@dataclass(slots=True, kw_only=True)
class Pool:
    """Plans picked out during a search.

    Attributes:
        best: meets every goal with the fewest probes; None if none does.
        extra: further plans with the reason for which they were looked for.
    """

    best: SolvedPlan | None = None
    extra: list[tuple[Role, SolvedPlan]] = field(default_factory=list)

    def first_choices(self, plans: Sequence[SolvedPlan]) -> list[SolvedPlan]:
        """The plans to show first when none meets every goal: best within limits, and covering most."""
        within, covering = best_within_limits(plans), covers_most(plans)
        return [plan for plan in (within, covering) if plan is not None]


def ranked(
    plans: Sequence[SolvedPlan],
    *,
    pool: Pool,
    organs: tuple[OrganAtRisk, ...],
    most: int,
    ended_early: bool,
) -> tuple[Proposal, ...]:
    """The plans to show, the first choice first; each place goes to a different plan.

    Args:
        plans: all that were simulated.
        pool: those picked out.
        organs: at risk.
        most: how many to show at most.
        ended_early: whether the search was ended before it was done.
    """
    chosen: list[tuple[Role, SolvedPlan]] = []
    if pool.best is not None:
        chosen = _by_score(pool.best, pool.extra, organs)
    else:
        within, covering = best_within_limits(plans), covers_most(plans)
        if within is not None:
            chosen.append(("best_so_far" if ended_early else "within_limits", within))
        if covering is not None:
            chosen.append(("covers_most" if chosen or not ended_early else "best_so_far", covering))
        fewer = _fewer_and_nearly_as_good(plans, within)
        if fewer is not None:
            chosen.append(("fewer_probes", fewer))
    different = _each_once(chosen)[:most]
    first = different[0][1] if different else None
    found = []
    for rank, (role, plan) in enumerate(different, start=1):
        score, parts = score_of(plan, organs)
        why = why_listed(role, plan, first or plan, organs)
        found.append(Proposal(rank=rank, role=role, why=why, plan=plan, score=score, parts=parts))
    return tuple(replace(proposal, behind=_behind(proposal, found[:place])) for place, proposal in enumerate(found))


def _by_score(
    best: SolvedPlan, extra: Sequence[tuple[Role, SolvedPlan]], organs: tuple[OrganAtRisk, ...]
) -> list[tuple[Role, SolvedPlan]]:
    """Plans that meet the goals before those that do not, each part by falling score.

    A plan with no more probes than the best and a higher score takes its place; what was the best is then listed only
    if it comes from another side.
    """

    def score(plan: SolvedPlan) -> float:
        return score_of(plan, organs)[0]

    rivals = [plan for _, plan in extra if plan.meets_goals and plan.full is not None and plan.count <= best.count]
    first = max([best, *rivals], key=score)
    others: list[tuple[Role, SolvedPlan]] = [(role, plan) for role, plan in extra if plan is not first]
    if first is not best and angle_deg(best, first) >= OTHER_SIDE_DEG:
        others.append(("other_direction", best))
    if first is not best:
        others = [
            (role, plan)
            for role, plan in others
            if role != "more_organ_margin" or least_reserve_c(plan, organs) > least_reserve_c(first, organs)
        ]
    others.sort(
        key=lambda listed: (listed[1].meets_goals and listed[1].full is not None, score(listed[1])), reverse=True
    )
    return [("best", first), *others]


def _behind(proposal: Proposal, before: Sequence[Proposal]) -> Behind:
    """Why a plan stands behind one with a lower score."""
    lower = next((other for other in before if other.score < proposal.score), None)
    if lower is None:
        return ""
    if lower.plan.meets_goals and not proposal.plan.meets_goals:
        return "goals_first"
    if lower.plan.keeps_limits and not proposal.plan.keeps_limits:
        return "limits_first"
    return "checked_first" if lower.plan.full is not None and proposal.plan.full is None else "goals_first"


def best_within_limits(plans: Sequence[SolvedPlan]) -> SolvedPlan | None:
    """The plan that misses least coverage of those that keep every limit; fewer probes when within half a percent."""
    kept = [plan for plan in plans if plan.keeps_limits and math.isfinite(uncovered(plan))]
    if not kept:
        return None
    least = min(uncovered(plan) for plan in kept)
    good = [plan for plan in kept if uncovered(plan) <= least + 0.005]
    return min(good, key=lambda plan: (plan.count, uncovered(plan)))


def covers_most(plans: Sequence[SolvedPlan]) -> SolvedPlan | None:
    """The plan that covers enough and fails limits by least, or else the one that covers most."""
    known = [plan for plan in plans if math.isfinite(uncovered(plan))]
    if not known:
        return None
    enough = [plan for plan in known if not any(v.goal in (GROWN, "coverage", "run") for v in plan.failures)]
    if enough:
        return min(enough, key=lambda plan: (_violation_c(plan), plan.count, -_grown(plan)))
    return min(known, key=lambda plan: (uncovered(plan), plan.count))


def uncovered(plan: SolvedPlan) -> float:
    """What is missing to the wanted coverage, of the tumour and of the grown tumour together; NaN if not known."""
    wanted = [verdict for verdict in plan.verdicts if verdict.goal in (GROWN, "coverage")]
    if any(math.isnan(verdict.value) for verdict in wanted):
        return math.nan
    return sum(max(verdict.limit - verdict.value, 0.0) for verdict in wanted)


def score_of(plan: SolvedPlan, organs: tuple[OrganAtRisk, ...]) -> tuple[float, tuple[ScorePart, ...]]:
    """100 less what each part takes off; what is not a number takes everything.

    Returns:
        The score, 0 to 100, and its parts.
    """
    grown, reserve_c = _grown(plan), least_reserve_c(plan, organs)
    length_cm = sum(plan.geometry.lengths_mm) / plan.count / 10.0
    uncovered = 100.0 * (1.0 - grown)
    short_c = max(COMFORT_C - reserve_c, 0.0)
    parts = (
        ScorePart(what="goals", points=PER_FAILED_GOAL * len(plan.failures), value=float(len(plan.failures)), unit="1"),
        ScorePart(what="coverage", points=PER_PERCENT_UNCOVERED * uncovered, value=grown, unit="1"),
        ScorePart(what="organs", points=PER_DEGREE_SHORT * short_c, value=reserve_c, unit="degC"),
        ScorePart(what="probes", points=PER_PROBE * (plan.count - 1), value=float(plan.count), unit="1"),
        ScorePart(what="length", points=PER_CM * length_cm, value=10.0 * length_cm, unit="mm"),
        ScorePart(
            what="spread",
            points=PER_10_DEGREES * plan.geometry.most_tilt_deg / 10.0,
            value=plan.geometry.most_tilt_deg,
            unit="deg",
        ),
    )
    total = sum(part.points for part in parts)
    return (max(100.0 - total, 0.0) if math.isfinite(total) else 0.0), parts


def why_listed(role: Role, plan: SolvedPlan, first: SolvedPlan, organs: tuple[OrganAtRisk, ...]) -> str:
    """The reason in a sentence."""
    probes = f"{plan.count} probe{'s' if plan.count > 1 else ''}"
    grown, reserve_c = f"{_grown(plan):.1%}", least_reserve_c(plan, organs)
    gained_c = reserve_c - least_reserve_c(first, organs)
    failed = ", ".join(verdict.goal.removeprefix("organ:") for verdict in plan.failures) or "none"
    sentences: dict[Role, str] = {
        "best": f"fewest probes that meet every goal: {probes}, coverage with margin {grown}",
        "other_direction": f"another approach, {angle_deg(plan, first):.0f}° from the first, with {probes}",
        "more_organ_margin": f"the coldest organ stays {reserve_c:.1f} °C above its limit, {gained_c:+.1f} °C, "
        f"with {probes}",
        "fewer_probes": f"{probes} instead of {first.count}: coverage with margin {grown}",
        "within_limits": f"covers most within every limit: coverage with margin {grown} with {probes}",
        "covers_most": f"covers {grown} with margin with {probes}; goals not met: {failed}",
        "best_so_far": f"best plan simulated before the search was ended: coverage with margin {grown} with {probes}",
    }
    return sentences[role]


def least_reserve_c(plan: SolvedPlan, organs: tuple[OrganAtRisk, ...]) -> float:
    """Degrees between the coldest organ and its limit, the least over organs; infinite without organs, NaN counts."""
    coldest = plan.figures.organ_coldest_c
    reserves = [coldest[organ.structure] - organ.limit_temp_c for organ in organs]
    if any(math.isnan(reserve) for reserve in reserves):
        return math.nan
    return min(reserves, default=math.inf)


def angle_deg(one: SolvedPlan, other: SolvedPlan) -> float:
    """Angle between the approaches of two plans."""
    cosine = sum(a * b for a, b in zip(one.geometry.approach, other.geometry.approach, strict=True))
    return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))


def _fewer_and_nearly_as_good(plans: Sequence[SolvedPlan], within: SolvedPlan | None) -> SolvedPlan | None:
    """A plan within limits with fewer probes that covers at most 5 % less."""
    if within is None:
        return None
    fewer = [
        plan
        for plan in plans
        if plan.keeps_limits and plan.count < within.count and _grown(plan) >= _grown(within) - 0.05
    ]
    return max(fewer, key=_grown, default=None)


def _each_once(chosen: list[tuple[Role, SolvedPlan]]) -> list[tuple[Role, SolvedPlan]]:
    seen, kept = set(), []
    for role, plan in chosen:
        key = (plan.placements, plan.protocol)
        if key not in seen:
            seen.add(key)
            kept.append((role, plan))
    return kept


def _violation_c(plan: SolvedPlan) -> float:
    total = 0.0
    for verdict in plan.failures:
        if verdict.goal.startswith("organ:"):
            below_c = verdict.limit - verdict.value
            total += below_c if math.isfinite(below_c) else 1e3
    return total


def _grown(plan: SolvedPlan) -> float:
    return next(verdict.value for verdict in plan.verdicts if verdict.goal == GROWN)
