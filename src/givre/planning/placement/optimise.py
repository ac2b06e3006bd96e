"""Automatic placement: as few probes as meet the goals, where the solver and not the surrogate has the last word."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import PlanError
from givre.planning.placement.access import CheckedPaths, first_reasons
from givre.planning.placement.baselines import covering_seed
from givre.planning.placement.bench import Workbench, grown_of, workbench
from givre.planning.placement.binding import bindings_of
from givre.planning.placement.count import (
    BRIEF,
    SHORT,
    THOROUGH,
    CountOutcome,
    Effort,
    covers_without_organs,
    improved,
    try_count,
)
from givre.planning.placement.paths import Paths, sphere_of_directions
from givre.planning.placement.ranking import OTHER_SIDE_DEG, Pool, angle_deg, least_reserve_c, ranked
from givre.planning.placement.result import CheckInFull, CountTried, GoOn, PlacementResult, SearchStep, SolvedPlan
from givre.planning.placement.space import Geometry, tips_of
from givre.planning.placement.task import COVERING, WITHIN, Aiming, Kind
from givre.planning.placement.wishes import PlacementWishes, shortened
from givre.planning.surrogate.error import summed_error
from givre.planning.trial.many import Cancelled, RunMany, one_after_another
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import QuickLook, quick_look

Array = npt.NDArray[np.float64]

NO_GAIN = 0.01
"""Coverage of the grown tumour that one probe more must bring."""

MORE_MARGIN_C = 5.0
"""Degrees that the coldest organ should gain in a plan listed for sparing organs."""

LEAST_GAINED_C = 2.0
"""Degrees it must gain to be listed for it."""

MOST_MORE = 2
"""Numbers of probes that are tried to cover enough whatever the organs."""

MOST_WITHOUT_GAIN, FAR_SHORT = 2, 0.12
"""Numbers of probes in a row that bring no more; then no more are tried. One is enough this far below the goal."""

SHORTER_SHORT = 0.02
"""A plan predicted to leave this much more of the grown tumour uncovered than allowed is not worth a simulation."""

GAIN_OF_SHORTER = 0.03
"""Coverage that a shorter freeze must promise beyond the plans before, where no plan can meet the goals."""

CLOSE_TO_LIMIT_C = 15.0
"""Organs this near their limit make a plan that spares them better worth looking for."""


MOST_CHECKS = 2
"""Times the first choices are checked as the case asks when no plan meets every goal."""


class TumourUnreachable(PlanError):
    """No straight path leads to the tumour."""

    code = "TUMOUR_UNREACHABLE"


def always(_: SearchStep) -> bool:
    """Go on whatever happens."""
    return True


def propose_placements(
    prepared: PreparedCase,
    paths: Paths,
    wishes: PlacementWishes,
    *,
    check_in_full: CheckInFull,
    look: QuickLook | None = None,
    run_many: RunMany = one_after_another,
    threads: int = 1,
    go_on: GoOn = always,
) -> PlacementResult:
    """Place 1, 2, 3 ... probes until a plan meets the goals, then look for alternatives.

    Each number of probes is searched with the surrogate, from parallel bundles along feasible directions to probes set
    free one by one. The solver judges the best plans on the lattice of `prepared`, the surrogate learns from each, and
    what meets the goals there is checked as the case asks. Shorter freezes are tried where an organ's limit binds.

    Args:
        prepared: the case on the lattice of the search, usually 2 mm.
        paths: judges shafts.
        wishes: what is asked.
        check_in_full: simulates a plan as the case asks.
        look: reads figures; made here unless given.
        run_many: runs simulations.
        threads: of the solver in each.
        go_on: told of each step; may end the search.

    Raises:
        UnknownCryoprobe: if a model is not in the catalogue.
        TumourUnreachable: if no path leads to the tumour.
    """
    models = wishes.found_models(prepared.knowledge.catalogue)
    bench = workbench(
        prepared,
        look or quick_look(prepared),
        paths,
        wishes,
        run_many=run_many,
        threads=threads,
        check_in_full=check_in_full,
        go_on=go_on,
    )
    protocol = prepared.description.protocol
    kinds = [Kind(model=model, protocol=protocol) for model in models]
    kinds = [kind for kind in kinds if len(bench.directions(kind)) and _is_reachable(bench, kind)]
    if not kinds:
        raise TumourUnreachable(_unreachable(bench, Kind(model=models[0], protocol=protocol)))
    search = _Search(bench=bench, kinds=kinds)
    ended_early = False
    try:
        search.count_up()
        search.look_for_alternatives()
        search.check_first()
    except Cancelled:
        ended_early = True
        search.check_last()
    return search.result(ended_early=ended_early)


@dataclass(slots=True, kw_only=True)
class _Search:
    """A search in progress."""

    bench: Workbench
    kinds: list[Kind]
    outcomes: list[CountOutcome] = field(default_factory=list)
    met: CountOutcome | None = None
    pool: Pool = field(default_factory=Pool)

    def count_up(self) -> None:
        """More and more probes until a plan meets the goals, or more probes bring no more."""
        wishes, without_gain, reached = self.bench.wishes, 0, -1.0
        for count in range(wishes.fewest_probes, wishes.most_probes + 1):
            self.bench.probes_tried = count
            for kind in self.kinds:
                outcome = self._try(kind, count)
                if self.met is None and covers_without_organs(self.bench, outcome):
                    self._try_shorter_freezes(outcome)
                if self.met is not None:
                    return
            now = self._reached(count)
            without_gain = without_gain + 1 if now < reached + NO_GAIN else 0
            reached = max(reached, now)
            is_far = reached < wishes.grown_coverage - FAR_SHORT
            if without_gain >= (1 if is_far else MOST_WITHOUT_GAIN):
                break
        self._settle()

    def look_for_alternatives(self) -> None:
        """Plans that differ from the best in a way that matters: approach, organs, fewer probes."""
        met, wanted = self.met, self.bench.wishes.alternatives
        if met is None or met.met is None:
            return
        for look in (self._spare_organs, self._other_direction, self._fewer):
            if len(self.pool.extra) < wanted:
                self.bench.step("alternatives")
                look(met, met.met)

    def check_first(self) -> None:
        """Check the first choices as the case asks, if no plan met the goals.

        A plan within limits that does not stay so is bettered, as long as that may help.
        """
        for _ in range(MOST_CHECKS if self.met is None else 0):
            unchecked = [plan for plan in self.pool.first_choices(self.bench.plans) if plan.full is None]
            for plan in unchecked:
                checked = self.bench.checked(plan)
                if checked.meets_goals:
                    self.pool.best = checked
                    return
                if plan.keeps_limits and not checked.keeps_limits:
                    improved(self.bench, self.bench.kind_of(plan), plan, aiming=WITHIN)
            if not unchecked:
                return

    def check_last(self) -> None:
        """Check the best plan so far as the case asks, when the search was ended and there is still time for that."""
        best = self.pool.first_choices(self.bench.plans)[:1] if self.met is None else []
        for plan in best:
            try:
                self.bench.checked(plan, is_last=True)
            except Cancelled:
                return

    def result(self, *, ended_early: bool) -> PlacementResult:
        """All that was found."""
        bench = self.bench
        proposals = ranked(
            bench.plans,
            pool=self.pool,
            organs=bench.organs,
            most=1 + bench.wishes.alternatives,
            ended_early=ended_early,
        )
        first = proposals[0].plan if proposals else None
        is_feasible = first is not None and first.meets_goals and first.full is not None
        directions = bench.directions(self.kinds[0])
        return PlacementResult(
            proposals=proposals,
            is_feasible=is_feasible,
            ended_early=ended_early,
            bindings=() if is_feasible else bindings_of(bench.plans, bench.organs, wishes=bench.wishes),
            tried=tuple(_told(outcome) for outcome in _last_of_each(self.outcomes)),
            error=summed_error(bench.comparisons),
            corrected_error=summed_error(bench.corrected),
            simulations=bench.simulations,
            full_checks=bench.full_checks,
            predictions=bench.predictions,
            wishes=bench.wishes,
            goals=bench.prepared.description.goals,
            directions=tuple((float(x), float(y), float(z)) for x, y, z in directions),
        )

    def _try(
        self,
        kind: Kind,
        count: int,
        *,
        worth_from: float | None = None,
        aiming: Aiming = WITHIN,
        effort: Effort = THOROUGH,
        seeds: Sequence[Geometry] = (),
    ) -> CountOutcome:
        outcome = try_count(self.bench, kind, count, worth_from=worth_from, aiming=aiming, effort=effort, seeds=seeds)
        if aiming == WITHIN or outcome.met is not None:
            self.outcomes.append(outcome)
        if outcome.met is not None:
            self.met = outcome
            self.pool.best = outcome.met
        return outcome

    def _try_shorter_freezes(self, held: CountOutcome, *, anyhow: bool = False) -> None:
        """Shorter freezes, where as many probes would cover enough if an organ were not in the way.

        With `anyhow` a plan predicted to cover clearly more within the limits than the ones before is worth one.
        """
        kept = [grown_of(plan) for plan in held.solved if plan.keeps_limits]
        more = GAIN_OF_SHORTER if anyhow else 0.0
        least = 0.0 if anyhow else self.bench.wishes.grown_coverage - SHORTER_SHORT
        for share in self.bench.wishes.freeze_shares:
            shorter = shortened(self.bench.prepared.description.protocol, share)
            if shorter != held.kind.protocol and self.met is None:
                kind = Kind(model=held.kind.model, protocol=shorter)
                effort = SHORT if anyhow else THOROUGH
                outcome = self._try(kind, held.count, worth_from=max([least, *kept]) + more, effort=effort)
                kept += [grown_of(plan) for plan in outcome.solved if plan.keeps_limits]

    def _reached(self, count: int) -> float:
        """Best coverage of the grown tumour with a number of probes, solved or else predicted."""
        found = [-1.0]
        for outcome in self.outcomes:
            if outcome.count == count:
                kept = [grown_of(plan) for plan in outcome.solved if plan.keeps_limits]
                guessed = [] if outcome.solved else [outcome.predicted_coverage]
                found += [value for value in (*kept, *guessed) if math.isfinite(value)]
        return max(found)

    def _settle(self) -> None:
        """No plan meets the goals: simulate the best within limits, and one that covers whatever the organs."""
        counts = [outcome for outcome in self.outcomes if outcome.best is not None]
        if not counts:
            return
        best = max(counts, key=lambda outcome: (round(self._reached(outcome.count), 2), -outcome.count))
        if not best.solved:
            best = self._try(best.kind, best.count, worth_from=0.0)
        if self.met is None and self.bench.organs:
            self._try_shorter_freezes(best, anyhow=True)
        if self.met is None and self.bench.organs:
            self._cover(best)

    def _cover(self, best: CountOutcome) -> None:
        """A plan that covers enough and hurts organs least, to tell what is in the way and by how much.

        A union of ellipsoids says how many probes to take, and is simulated too: what this finds is no worse.
        """
        wishes, kind = self.bench.wishes, best.kind
        self.bench.step("predict")
        seed = covering_seed(self.bench, kind, fewest=best.count)
        count = best.count if seed is None else seed.count
        for more in range(MOST_MORE):
            if count + more > wishes.most_probes:
                return
            self.bench.probes_tried = count + more
            seeds = [seed] if seed is not None and more == 0 else []
            outcome = self._try(kind, count + more, worth_from=0.0, aiming=COVERING, effort=SHORT, seeds=seeds)
            if any(grown_of(plan) >= wishes.grown_coverage - SHORTER_SHORT for plan in outcome.solved):
                return

    def _spare_organs(self, met: CountOutcome, best: SolvedPlan) -> None:
        """The same number of probes, as far from the organs as coverage allows."""
        reserve_c = least_reserve_c(best, self.bench.organs)
        if not reserve_c <= CLOSE_TO_LIMIT_C:
            return
        aiming = replace(WITHIN, organs_up_c=max(reserve_c, 0.0) + MORE_MARGIN_C)
        found = improved(
            self.bench, met.kind, best, aiming=aiming, worth_from=self.bench.wishes.grown_coverage - SHORTER_SHORT
        )
        if found is None or not found.meets_goals:
            return
        checked = self.bench.checked(found)
        if checked.meets_goals and least_reserve_c(checked, self.bench.organs) >= reserve_c + LEAST_GAINED_C:
            self.pool.extra.append(("more_organ_margin", checked))

    def _other_direction(self, met: CountOutcome, best: SolvedPlan) -> None:
        """As many probes from another side."""
        approach = np.array(best.geometry.approach)
        directions = self.bench.directions(met.kind)
        others = directions[directions @ approach < math.cos(math.radians(OTHER_SIDE_DEG))]
        if not len(others):
            return
        outcome = try_count(self.bench, met.kind, met.count, directions=others, effort=BRIEF)
        if outcome.met is not None and angle_deg(outcome.met, best) >= OTHER_SIDE_DEG:
            self.pool.extra.append(("other_direction", outcome.met))

    def _fewer(self, met: CountOutcome, _: SolvedPlan) -> None:
        """The best plan with one probe less, to show what the last probe brings."""
        fewer = [outcome for outcome in self.outcomes if outcome.count == met.count - 1 and outcome.best is not None]
        if not fewer:
            return
        outcome = max(fewer, key=lambda found: (bool(found.solved), _or_low(found.predicted_coverage)))
        if not outcome.solved:
            brief = replace(BRIEF, rounds=0)
            outcome = try_count(self.bench, outcome.kind, outcome.count, worth_from=0.0, effort=brief)
        listed = [plan for plan in outcome.solved if self.bench.lists(plan)]
        if listed:
            self.pool.extra.append(("fewer_probes", self.bench.checked(listed[0])))


def _last_of_each(outcomes: list[CountOutcome]) -> list[CountOutcome]:
    """The last word on each number of probes with each kind."""
    return list({(outcome.count, outcome.kind.key): outcome for outcome in outcomes}.values())


def _told(outcome: CountOutcome) -> CountTried:
    kept = [grown_of(plan) for plan in outcome.solved if plan.keeps_limits and math.isfinite(grown_of(plan))]
    if outcome.best is None:
        note = "no placement keeps spacing, shafts and paths as asked"
    elif not outcome.solved:
        note = "too little covered in the prediction; not simulated"
    elif outcome.met is not None:
        note = "meets every goal"
    elif not kept:
        note = "no simulated plan keeps every limit"
    else:
        note = "covers too little within the limits"
    return CountTried(
        probes=outcome.count,
        model=outcome.kind.model.id,
        protocol=outcome.kind.protocol.name,
        predicted_coverage=outcome.predicted_coverage,
        solved=len(outcome.solved),
        coverage_with_margin=max(kept, default=math.nan),
        meets_goals=outcome.met is not None,
        note=note,
    )


def _is_reachable(bench: Workbench, kind: Kind) -> bool:
    """Whether a single probe in the middle of the tumour has an allowed path."""
    middle, direction = bench.tumour_points_mm.mean(axis=0)[None], bench.central_direction(kind)[None]
    found = bench.paths.look(tips_of(middle, direction, kind.model), direction, kind.model)
    return bool(found.missing_mm[0] <= 0)


def _unreachable(bench: Workbench, kind: Kind) -> str:
    directions = sphere_of_directions(2000)
    middle = np.tile(bench.tumour_points_mm.mean(axis=0), (len(directions), 1))
    point = tuple(round(float(value), 1) for value in middle[0])
    sentence = f"no straight path leads to the middle of the tumour, {point} mm (LPS), with {kind.model.name}"
    if isinstance(bench.paths, CheckedPaths):
        checks = bench.paths.checks(tips_of(middle, directions, kind.model), directions, kind.model)
        told = [f"{reason} ({count})" for reason, count in list(first_reasons(checks).items())[:4] if reason]
        sentence += f"; of {len(directions)} directions these were blocked by: {', '.join(told)}"
    return f"{sentence}. Lower a clearance if you can stand for it, or take a longer shaft or a shorter active zone"


def _or_low(value: float) -> float:
    return value if math.isfinite(value) else -1.0
