"""One number of probes: bundles, refinement, the solver's word, and again from the best plan it saw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.planning.placement.bench import Workbench, grown_of
from givre.planning.placement.result import SolvedPlan, is_readable
from givre.planning.placement.score import Aim, Scorer
from givre.planning.placement.search import (
    BUNDLES_EACH,
    FIRST_SPREAD,
    LATER_SPREAD,
    Candidate,
    bundle_candidates,
    candidate_around,
    candidate_of,
    is_possible,
    refined,
)
from givre.planning.placement.task import COVERING, WITHIN, Aiming, Kind

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long one number of probes is searched.

    Attributes:
        starts: bundles from which a search begins.
        first_share: share of the effort of the wishes that each of them gets; the best then gets the whole.
        rounds: simulations after the first, each of the plan that the surrogate, corrected by all before, finds best.
    """

    starts: int
    first_share: float
    rounds: int


THOROUGH = Effort(starts=4, first_share=0.35, rounds=5)
SHORT = Effort(starts=2, first_share=0.35, rounds=2)
BRIEF = Effort(starts=2, first_share=0.35, rounds=1)

HOPELESS_SHORT = 0.12
"""A number of probes that leaves this much more of the grown tumour uncovered than allowed is not simulated."""

LEAST_GAIN = 0.3
"""Cost by which a round must promise to be better to be worth a simulation."""

NEAR_MISS, NEAR_MISS_C = 0.015, 1.0
"""Coverage, and degrees over all organs, by which the best plan of a number of probes may miss on the lattice of the
search to be checked as the case asks all the same."""

MOST_MISSES = 2
"""Rounds in a row that were simulated and no better; then the search with this number of probes ends."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CountOutcome:
    """What one number of probes gave.

    Attributes:
        kind: cryoprobe and protocol.
        count: number of probes.
        best: the best candidate of the surrogate; None if no plan is possible.
        solved: plans simulated, the best first.
        met: a plan that meets every goal, checked as the case asks; None if there is none.
    """

    kind: Kind
    count: int
    best: Candidate | None
    solved: tuple[SolvedPlan, ...]
    met: SolvedPlan | None

    @property
    def predicted_coverage(self) -> float:
        """Coverage of the grown tumour by the best candidate; NaN if there is none."""
        return math.nan if self.best is None else self.best.predicted.grown_coverage


def merit(plan: SolvedPlan, aim: Aim) -> float:
    """What is left to be wished for in a simulated plan: cost as the surrogate counts it, from the figures solved."""
    figures = plan.figures
    missing = max(aim.coverage - figures.coverage, 0.0) + max(aim.grown_coverage - figures.coverage_with_margin, 0.0)
    below_c = [max(limit_c - figures.organ_coldest_c[name], 0.0) for name, limit_c in aim.limits_c.items()]
    cost = 100.0 * missing + aim.per_organ_c * sum(below_c)
    is_known = figures.ending == "done" if plan.full is not None else is_readable(figures)
    return cost if is_known and math.isfinite(cost) else math.inf


def try_count(
    bench: Workbench,
    kind: Kind,
    count: int,
    *,
    aiming: Aiming = WITHIN,
    directions: Array | None = None,
    worth_from: float | None = None,
    effort: Effort = THOROUGH,
) -> CountOutcome:
    """Search with one number of probes until a plan meets the goals or no round promises more.

    Args:
        bench: what is known so far; grows.
        kind: cryoprobe and protocol.
        count: number of probes.
        aiming: what comes first.
        directions: to begin with; those of the bench if not given.
        worth_from: predicted coverage of the grown tumour from which a plan is worth a simulation; a little less than
            wanted if not given.
        effort: how long.

    Raises:
        Cancelled: if the search was ended; what was simulated stays on the bench.
    """
    bench.get_to_know(kind)
    bench.step("predict")
    aim = bench.aim(aiming)
    start = bench.directions(kind) if directions is None else directions
    found = _candidates(bench, kind, count, aim=aim, directions=start, effort=effort)
    outcome = CountOutcome(kind=kind, count=count, best=found[0] if found else None, solved=(), met=None)
    least = aim.grown_coverage - HOPELESS_SHORT if worth_from is None else worth_from
    if outcome.best is None or outcome.best.predicted.grown_coverage < least:
        return outcome
    scorer = bench.scorer(kind, aim)
    solved = bench.simulate(kind, [found[0].geometry], scorer)
    return _rounds(bench, outcome, found[1:], solved, aiming=aiming, rounds=effort.rounds)


def improved(
    bench: Workbench, kind: Kind, plan: SolvedPlan, *, aiming: Aiming, worth_from: float = 0.0
) -> SolvedPlan | None:
    """One more plan, near one that was simulated, aimed otherwise; None if it is no other or covers too little."""
    near, aim = bench.geometry(plan, kind), bench.aim(aiming)
    bench.step("predict")
    scorer = bench.scorer(kind, aim)
    start = candidate_around(scorer, near, bench.tumour_points_mm)
    found = _refined(bench, scorer, start, plan.count, turn=41)
    if not is_possible(found) or found.predicted.grown_coverage < worth_from or found is start:
        return None
    solved = bench.simulate(kind, [found.geometry], scorer)[0]
    return solved if bench.lists(solved) else None


def covers_without_organs(bench: Workbench, outcome: CountOutcome) -> bool:
    """Whether the surrogate finds that as many probes cover enough when organs do not count: an organ is in the way."""
    if outcome.best is None or not outcome.solved or not bench.organs:
        return False
    aim = bench.aim(COVERING)
    near = bench.geometry(outcome.solved[0], outcome.kind)
    scorer = bench.scorer(outcome.kind, aim)
    start = candidate_around(scorer, near, bench.tumour_points_mm)
    found = _refined(bench, scorer, start, outcome.count, turn=31)
    return is_possible(found) and found.predicted.grown_coverage >= aim.grown_coverage


def _candidates(
    bench: Workbench, kind: Kind, count: int, *, aim: Aim, directions: Array, effort: Effort
) -> list[Candidate]:
    """Possible plans, the best first, from different bundles."""
    scorer = bench.scorer(kind, aim)
    bundles = bundle_candidates(scorer, directions, bench.tumour_points_mm, count)
    each, seed = round(effort.first_share * bench.wishes.effort * count), _seed(bench, count)
    started = [
        refined(scorer, start, evaluations=each, spread=FIRST_SPREAD, seed=seed + place)
        for place, start in enumerate(bundles[: effort.starts])
    ]
    bench.predictions += each * len(started) + BUNDLES_EACH * len(bundles)
    started.sort(key=lambda candidate: candidate.predicted.cost)
    if started:
        again = _refined(bench, scorer, started[0], count, turn=0)
        started[0] = min(started[0], again, key=lambda candidate: candidate.predicted.cost)
    return [candidate for candidate in started if is_possible(candidate)]


def _rounds(
    bench: Workbench,
    outcome: CountOutcome,
    others: list[Candidate],
    solved: list[SolvedPlan],
    *,
    aiming: Aiming,
    rounds: int,
) -> CountOutcome:
    """Simulate, learn, search again, until a plan meets the goals or nothing promises more."""
    kind, count, misses, met = outcome.kind, outcome.count, 0, None
    for turn in range(rounds + 1):
        met = _checked_best(bench, _as_known(bench, solved))
        if met is not None or turn == rounds or misses >= MOST_MISSES:
            break
        aim = bench.aim(aiming)  # the check may have raised it
        solved = _by_merit(_as_known(bench, solved), aim)
        bench.step("predict")
        near = bench.geometry(solved[0], kind)
        scorer = bench.scorer(kind, aim)
        here = candidate_around(scorer, near, bench.tumour_points_mm)
        starts = [here, *(candidate_of(scorer, other.bundle, other.numbers) for other in others)]
        start = min(starts, key=lambda candidate: candidate.predicted.cost)
        better = _refined(bench, scorer, start, count, turn=turn + 1)
        if not is_possible(better) or better.predicted.cost > here.predicted.cost - LEAST_GAIN:
            break
        before = merit(solved[0], aim)
        solved += bench.simulate(kind, [better.geometry], scorer)
        misses = 0 if merit(solved[-1], aim) < before - LEAST_GAIN else misses + 1
    if met is None:  # the lattice of the search may be a little too strict
        met = _checked_best(bench, _as_known(bench, solved), near_miss=True)
    ordered = _by_merit(_as_known(bench, solved), bench.aim(aiming))
    return replace(outcome, solved=tuple(ordered), met=met)


def _refined(bench: Workbench, scorer: Scorer, start: Candidate, count: int, *, turn: int) -> Candidate:
    """A search from one plan with the whole effort of the wishes."""
    effort = bench.wishes.effort * count
    bench.predictions += effort
    return refined(scorer, start, evaluations=effort, spread=LATER_SPREAD, seed=_seed(bench, count) + 17 + turn)


def _checked_best(bench: Workbench, solved: list[SolvedPlan], *, near_miss: bool = False) -> SolvedPlan | None:
    """The first plan that meets the goals once it is checked as the case asks; None if there is none.

    Only the most promising plan is checked, and only if the check is expected to succeed, or nearly so.
    """
    unchecked = [(bench.expected_miss(plan), plan) for plan in solved if plan.full is None]
    if not unchecked:
        return None
    (missing, below_c), plan = min(unchecked, key=lambda found: 100.0 * found[0][0] + WITHIN.per_organ_c * found[0][1])
    near = (NEAR_MISS, NEAR_MISS_C) if near_miss else (0.0, 0.0)
    if missing > near[0] or below_c > near[1]:
        return None
    checked = bench.checked(plan)
    return checked if checked.meets_goals else None


def _as_known(bench: Workbench, solved: Sequence[SolvedPlan]) -> list[SolvedPlan]:
    """The same plans as the bench knows them, checked where they were."""
    known = {plan.placements: plan for plan in bench.plans}
    return [known.get(plan.placements, plan) for plan in solved]


def _by_merit(solved: Sequence[SolvedPlan], aim: Aim) -> list[SolvedPlan]:
    return sorted(solved, key=lambda plan: (merit(plan, aim), -_or_low(grown_of(plan))))


def _or_low(value: float) -> float:
    return value if math.isfinite(value) else -1.0


def _seed(bench: Workbench, count: int) -> int:
    return bench.wishes.seed * 1009 + 101 * count
