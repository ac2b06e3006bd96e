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
from givre.planning.placement.space import Geometry
from givre.planning.placement.task import BARE, COVERING, WITHIN, Aiming, Kind

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long one number of probes is searched.

    Attributes:
        starts: bundles from which a search begins.
        first_share: share of the effort of the wishes that each of them gets; the best then gets the whole.
        rounds: simulations after the first, each of the plan that the surrogate, corrected by all before, finds best.
        more_starts: further bundles where the best covers nearly enough.
    """

    starts: int
    first_share: float
    rounds: int
    more_starts: int = 0


THOROUGH = Effort(starts=4, first_share=0.35, rounds=5, more_starts=4)
SHORT = Effort(starts=2, first_share=0.35, rounds=2)
BRIEF = Effort(starts=2, first_share=0.35, rounds=1)

HOPELESS_SHORT = 0.12
"""A number of probes that leaves this much more of the grown tumour uncovered than allowed is not simulated."""

LEAST_GAIN = 0.3
"""Cost by which a round must promise to be better to be worth a simulation."""

NEAR_MISS, NEAR_MISS_C = 0.015, 1.0
"""Coverage, and degrees over all organs, by which the best plan of a number of probes may miss on the lattice of the
search to be checked as the case asks all the same."""

NEAR_SHORT = 0.04
"""A number of probes that covers all but this of what is wanted is looked at from more sides before one is added."""

MOST_RESTARTS = 3
"""Plans from which a round then begins."""

BARE_ROUNDS, BARE_SHORT = 3, 0.01
"""Rounds without the reserve, and how much coverage may be predicted missing for one to be worth a simulation."""

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
    seeds: Sequence[Geometry] = (),
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
        seeds: plans of as many probes to simulate and to begin from beside those found.

    Raises:
        Cancelled: if the search was ended; what was simulated stays on the bench.
    """
    bench.get_to_know(kind)
    bench.step("predict")
    aim = bench.aim(aiming)
    start = bench.directions(kind) if directions is None else directions
    found = _candidates(bench, kind, count, aim=aim, directions=start, effort=effort)
    seeded = [candidate_around(bench.scorer(kind, aim), seed, bench.tumour_points_mm) for seed in seeds]
    outcome = CountOutcome(kind=kind, count=count, best=found[0] if found else None, solved=(), met=None)
    least = aim.grown_coverage - HOPELESS_SHORT if worth_from is None else worth_from
    if outcome.best is None or outcome.best.predicted.grown_coverage < least:
        return outcome
    scorer = bench.scorer(kind, aim)
    solved = bench.simulate(kind, [found[0].geometry, *seeds], scorer)
    return _rounds(bench, outcome, [*found[1:], *seeded], solved, aiming=aiming, rounds=effort.rounds)


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
    """Possible plans, the best first, from different bundles; more of them where the best is a near miss."""
    scorer = bench.scorer(kind, aim)
    bundles = bundle_candidates(scorer, directions, bench.tumour_points_mm, count)
    each, seed = round(effort.first_share * bench.wishes.effort * count), _seed(bench, count)
    bench.predictions += BUNDLES_EACH * len(bundles)

    def started(first: int, last: int) -> list[Candidate]:
        found = []
        for place, start in enumerate(bundles[first:last], start=first):
            bench.step("predict")
            found.append(refined(scorer, start, evaluations=each, spread=FIRST_SPREAD, seed=seed + place))
            bench.predictions += each
        return found

    found = sorted(started(0, effort.starts), key=_cost)
    if found and effort.more_starts and _is_near_miss(found[0], aim):
        found = sorted([*found, *started(effort.starts, effort.starts + effort.more_starts)], key=_cost)
    if found:
        again = _refined(bench, scorer, found[0], count, turn=0)
        found[0] = min(found[0], again, key=_cost)
    return [candidate for candidate in found if is_possible(candidate)]


def _cost(candidate: Candidate) -> float:
    return candidate.predicted.cost


def _is_near_miss(candidate: Candidate, aim: Aim) -> bool:
    """Whether a number of probes is predicted to cover nearly enough: worth a longer look before one more is taken."""
    grown = candidate.predicted.grown_coverage
    return aim.grown_coverage - NEAR_SHORT <= grown < aim.grown_coverage + NEAR_SHORT / 4


def _rounds(
    bench: Workbench,
    outcome: CountOutcome,
    others: list[Candidate],
    solved: list[SolvedPlan],
    *,
    aiming: Aiming,
    rounds: int,
) -> CountOutcome:
    """Simulate, learn, search again, until a plan meets the goals or nothing promises more.

    First with the reserve; if the goals cannot be had with it, without, as far as the surrogate believes in that.
    """
    met = _search_on(bench, outcome, others, solved, aiming=aiming, rounds=rounds)
    if met is None:
        met = _checked_best(bench, _as_known(bench, solved), with_reserve=False)
    if met is None and aiming == WITHIN and rounds >= BARE_ROUNDS and bench.organs and not bench.wishes.reserve.is_none:
        met = _search_on(bench, outcome, others, solved, aiming=BARE, rounds=BARE_ROUNDS)
    if met is None:  # the lattice of the search may be a little too strict
        met = _checked_best(bench, _as_known(bench, solved), with_reserve=False, near_miss=True)
    ordered = _by_merit(_as_known(bench, solved), bench.aim(aiming))
    return replace(outcome, solved=tuple(ordered), met=met)


def _search_on(
    bench: Workbench,
    outcome: CountOutcome,
    others: list[Candidate],
    solved: list[SolvedPlan],
    *,
    aiming: Aiming,
    rounds: int,
) -> SolvedPlan | None:
    """Rounds with one aim; adds to the plans simulated. A plan that meets the goals, or None."""
    kind, misses, met = outcome.kind, 0, None
    for turn in range(rounds + 1):
        found = _checked_best(bench, _as_known(bench, solved), with_reserve=aiming.keeps_reserve)
        met = found or met
        if met is not None and (met.keeps_organ_reserve or not aiming.keeps_reserve):
            return met
        if turn == rounds or misses >= MOST_MISSES:
            return met
        aim = bench.aim(aiming)  # the check may have raised it
        solved[:] = _by_merit(_as_known(bench, solved), aim)
        better = _promising(bench, outcome, others, solved, aim=aim, turn=turn + (10 if aiming == BARE else 1))
        if better is None:
            return met
        if aiming == BARE and better.predicted.grown_coverage < aim.grown_coverage - BARE_SHORT:
            return met
        before = merit(solved[0], aim)
        solved += bench.simulate(kind, [better.geometry], bench.scorer(kind, aim))
        misses = 0 if merit(solved[-1], aim) < before - LEAST_GAIN else misses + 1
    return met


def _promising(
    bench: Workbench, outcome: CountOutcome, others: list[Candidate], solved: list[SolvedPlan], *, aim: Aim, turn: int
) -> Candidate | None:
    """A plan predicted to be better than the best simulated one; None if no search finds any.

    Begins from the best known; where that covers nearly enough, from the next best bundles too.
    """
    scorer = bench.scorer(outcome.kind, aim)
    here = candidate_around(scorer, bench.geometry(solved[0], outcome.kind), bench.tumour_points_mm)
    starts = [here, *(candidate_of(scorer, other.bundle, other.numbers) for other in others)]
    starts.sort(key=_cost)
    is_near = _or_low(grown_of(solved[0])) >= aim.grown_coverage - NEAR_SHORT
    for place, start in enumerate(starts[: MOST_RESTARTS if is_near else 1]):
        bench.step("predict")
        better = _refined(bench, scorer, start, outcome.count, turn=turn + 100 * place)
        if is_possible(better) and better.predicted.cost <= here.predicted.cost - LEAST_GAIN:
            return better
    return None


def _refined(bench: Workbench, scorer: Scorer, start: Candidate, count: int, *, turn: int) -> Candidate:
    """A search from one plan with the whole effort of the wishes."""
    effort = bench.wishes.effort * count
    bench.predictions += effort
    return refined(scorer, start, evaluations=effort, spread=LATER_SPREAD, seed=_seed(bench, count) + 17 + turn)


def _checked_best(
    bench: Workbench, solved: list[SolvedPlan], *, with_reserve: bool, near_miss: bool = False
) -> SolvedPlan | None:
    """The most promising plan if it meets the goals once it is checked as the case asks; else None.

    It is checked only if that is expected to succeed, with the reserve or without, or nearly so.
    """
    unchecked = [(bench.expected_miss(plan, with_reserve=with_reserve), plan) for plan in solved if plan.full is None]
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
