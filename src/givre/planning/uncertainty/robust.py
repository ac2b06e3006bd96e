"""Plans that hold when things come out otherwise: quantiles of their figures on common draws, and small improvements.

Candidates are compared on the same few draws, so that what differs between them is the plan and not the luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from givre.cryoprobe.placement import Placement
from givre.foundation.errors import InputError
from givre.planning.trial.many import Cancelled, RunMany, Told
from givre.planning.uncertainty.probability import worst_first_quantile
from givre.planning.uncertainty.sampled_run import Trial, TrialResult, UncertainCase, run_trial
from givre.planning.uncertainty.sampling import Draw, draw_scores
from givre.planning.uncertainty.spread_placement import misplaced

Plan = tuple[Placement, ...]
IsAllowed = Callable[[Plan], bool]
"""Whether a plan may be carried out at all: its paths are free and its probes apart."""

USUAL_LEVEL = 0.1
"""One plan in ten comes out worse."""

LEAST_GAIN = 1e-4
"""Of coverage, below which a change is no improvement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustFigures:
    """What a plan reaches but for the unlucky.

    Attributes:
        placements: the plan.
        level: share of the draws that come out worse than the figures below.
        draws: how many it was simulated with; those that failed count as worse than any other.
        failed: how many failed.
        coverage, coverage_with_margin, margin_mm: quantiles at the level; NaN if that many failed.
        organ_coldest_c: quantile of the coldest temperature of each organ at risk, the level taken at its cold end.
        organ_excess_c: by how much those lie at or below their limits, summed; infinite where one is NaN.
        met: draws in which coverage, margin and every organ limit were met.
    """

    placements: Plan
    level: float
    draws: int
    failed: int
    coverage: float
    coverage_with_margin: float
    margin_mm: float
    organ_coldest_c: Mapping[str, float]
    organ_excess_c: float
    met: int

    @property
    def merit(self) -> tuple[float, float, float]:
        """Larger is better: organs kept first, then coverage with margin, then the smallest margin."""
        covered = -math.inf if math.isnan(self.coverage_with_margin) else self.coverage_with_margin
        margin_mm = -math.inf if math.isnan(self.margin_mm) else self.margin_mm
        return (-self.organ_excess_c, covered, margin_mm)

    def is_better_than(self, other: RobustFigures) -> bool:
        """Whether it is better by more than rounding."""
        (organs, covered, margin_mm), (other_organs, other_covered, other_margin_mm) = self.merit, other.merit
        for ours, theirs, least in (
            (organs, other_organs, 0.01),
            (covered, other_covered, LEAST_GAIN),
            (margin_mm, other_margin_mm, 0.01),
        ):
            if ours > theirs + least:
                return True
            if ours < theirs - least:
                return False
        return False


def common_draws(shared: UncertainCase, *, probes_at_most: int, samples: int, seed: int) -> tuple[Draw, ...]:
    """Draws for every plan of a case with up to so many probes; a plan with fewer leaves the last scores unread.

    Args:
        shared: the case and its spreads.
        probes_at_most: of any plan to be compared.
        samples: a power of two is best; 16 rank plans, 64 and more give figures to show.
        seed: of the draws.
    """
    if probes_at_most < 1:
        raise InputError(f"at most {probes_at_most} probes; give 1 or more")
    return draw_scores(samples, shared.spread.size(probes_at_most), seed=seed)


def robust_figures(
    shared: UncertainCase,
    plans: Sequence[Plan],
    draws: Sequence[Draw],
    *,
    run_many: RunMany,
    level: float = USUAL_LEVEL,
    told: Told | None = None,
) -> list[RobustFigures]:
    """Quantiles of the figures of some plans, each simulated with every draw.

    Args:
        shared: the case and its spreads; its cryoprobe models must include those of all plans.
        plans: the candidates.
        draws: as `common_draws` makes them.
        run_many: runs the plans times draws simulations.
        level: which quantile, above 0 and at most 0.5.
        told: told after each simulation.

    Raises:
        InputError: if the level is out of range or there is no draw.
        Cancelled: if `told` ended the series.
    """
    if not 0 < level <= 0.5:
        raise InputError(f"quantile {level}; give more than 0 and at most 0.5 (0.1: one in ten comes out worse)")
    if not draws:
        raise InputError("no draw to compare plans on; give at least 1")
    trials = [Trial(placements=plan, draw=draw) for plan, draw in product(plans, draws)]
    results = run_many(run_trial, shared, trials, told=told)
    size = len(draws)
    return [_quantiles(shared, plan, results[size * n : size * (n + 1)], level) for n, plan in enumerate(plans)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """What a search for a more robust plan found.

    Attributes:
        before: the plan it began with.
        after: the best it found; the same if it found none better.
        rounds: how many sets of changes were tried.
        plans_tried: how many plans were simulated, the first included.
        ended_early: whether it was ended before no change helped any more.
    """

    before: RobustFigures
    after: RobustFigures
    rounds: int
    plans_tried: int
    ended_early: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSteps:
    """How far probes are shifted.

    Attributes:
        first_mm: at first.
        last_mm: the step is halved when nothing helps, down to this.
        most_rounds: sets of changes to try at most.
    """

    first_mm: float = 3.0
    last_mm: float = 1.0
    most_rounds: int = 12

    def __post_init__(self) -> None:
        if not 0 < self.last_mm <= self.first_mm <= 20:
            raise InputError(
                f"steps from {self.first_mm} to {self.last_mm} mm; give them decreasing, above 0 and at most 20 mm"
            )
        if self.most_rounds < 1:
            raise InputError(f"{self.most_rounds} rounds; give 1 or more")


USUAL_STEPS = SearchSteps()


def improve_quantile(
    shared: UncertainCase,
    start: Plan,
    draws: Sequence[Draw],
    *,
    run_many: RunMany,
    is_allowed: IsAllowed,
    reserve: Sequence[Placement] = (),
    most_probes: int | None = None,
    level: float = USUAL_LEVEL,
    steps: SearchSteps = USUAL_STEPS,
    told: Told | None = None,
) -> Improvement:
    """Shift the probes of a plan, or add one, as long as the quantile of its figures rises.

    Each round tries every probe shifted both ways along its axis and across it in two directions (entry and tip
    together), and every reserve probe added; the best change is kept if it helps, else the step is halved. The same
    arguments give the same answer.

    Args:
        shared: the case and its spreads.
        start: the plan to improve.
        draws: as `common_draws` makes them, for `most_probes`.
        run_many: runs the simulations of a round at once.
        is_allowed: whether a changed plan may be carried out; those that may not are never simulated.
        reserve: probes that may be added.
        most_probes: at most; as many as at the start unless given.
        level: of the quantile.
        steps: how far probes are shifted.
        told: told after each simulation of a round; ending it gives the best plan so far, marked.

    Raises:
        InputError: if the level is out of range.
        Cancelled: if it was ended before the start itself was judged.
    """
    (best,) = before = robust_figures(shared, [start], draws, run_many=run_many, level=level, told=told)
    most = len(start) if most_probes is None else most_probes
    seen, step_mm, rounds, ended_early = {start}, steps.first_mm, 0, False
    while rounds < steps.most_rounds and step_mm >= steps.last_mm:
        tried = [plan for plan in _changes(best.placements, step_mm, reserve, most) if plan not in seen]
        tried = [plan for plan in dict.fromkeys(tried) if is_allowed(plan)]
        seen.update(tried)
        rounds += 1
        try:
            found = robust_figures(shared, tried, draws, run_many=run_many, level=level, told=told) if tried else []
        except Cancelled:
            ended_early = True
            break
        leader = best
        for figures in found:
            leader = figures if figures.is_better_than(leader) else leader
        if leader is best:
            step_mm /= 2.0
        best = leader
    return Improvement(before=before[0], after=best, rounds=rounds, plans_tried=len(seen), ended_early=ended_early)


def _changes(plan: Plan, step_mm: float, reserve: Sequence[Placement], most_probes: int) -> list[Plan]:
    changed = []
    for place, probe in enumerate(plan):
        for axis, way in product(range(3), (-step_mm, step_mm)):
            shift = [0.0, 0.0, 0.0]
            shift[axis] = way
            moved = misplaced(probe, (shift[0], shift[1], shift[2], 0.0, 0.0))
            changed.append((*plan[:place], moved, *plan[place + 1 :]))
    if len(plan) < most_probes:
        changed += [(*plan, _relabelled(probe, plan)) for probe in reserve]
    return changed


def _relabelled(probe: Placement, plan: Plan) -> Placement:
    """The probe with a label that the plan does not use."""
    used = {other.label for other in plan}
    if probe.label not in used:
        return probe
    return replace(probe, label=next(f"P{n}" for n in range(1, len(plan) + 2) if f"P{n}" not in used))


def _quantiles(shared: UncertainCase, plan: Plan, results: Sequence[TrialResult], level: float) -> RobustFigures:
    description = shared.prepared.description
    goals, organs = description.goals, description.organs_at_risk
    reached = [result.figures for result in results]

    def column(values: Sequence[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array(values, dtype=np.float64)

    coverage = column([math.nan if f is None else f.coverage for f in reached])
    with_margin = column([math.nan if f is None else f.coverage_with_margin for f in reached])
    margin_mm = column([math.nan if f is None else f.margin_mm for f in reached])
    coldest_c = {
        o.structure: column([math.nan if f is None else f.organ_coldest_c[o.structure] for f in reached])
        for o in organs
    }
    met = (coverage >= goals.coverage) & (margin_mm >= goals.margin_mm)
    for organ in organs:
        met &= coldest_c[organ.structure] > organ.limit_temp_c
    low_c = {name: worst_first_quantile(values, level) for name, values in coldest_c.items()}
    excess = [
        math.inf if math.isnan(low_c[o.structure]) else max(o.limit_temp_c - low_c[o.structure], 0.0) for o in organs
    ]
    return RobustFigures(
        placements=plan,
        level=level,
        draws=len(results),
        failed=sum(f is None for f in reached),
        coverage=worst_first_quantile(coverage, level),
        coverage_with_margin=worst_first_quantile(with_margin, level),
        margin_mm=worst_first_quantile(margin_mm, level),
        organ_coldest_c=low_c,
        organ_excess_c=math.fsum(excess),
        met=int(met.sum()),
    )
