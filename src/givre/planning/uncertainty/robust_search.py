"""From plans that meet the goals as planned to one that holds in a wanted share of the samples: small changes, judged.

Each change is aimed at what is missed most: more cold where the margin is, less or elsewhere where an organ is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Protocol as Port

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.geometry.grid import Point
from givre.planning.trial.many import Cancelled, RunMany, Told
from givre.planning.uncertainty.robust import (
    WITH_MARGIN,
    RobustFigures,
    RobustPlan,
    Wanted,
    common_draws,
    robust_figures,
)
from givre.planning.uncertainty.sampled_run import UncertainCase
from givre.planning.uncertainty.spread_placement import misplaced

Placements = tuple[Placement, ...]

CHANGES = ("deeper", "shallower", "shifted", "wider", "narrower", "longer_freeze", "shorter_freeze", "added_probe")
"""What may be changed in a plan."""

FIRST_STEP_MM, LAST_STEP_MM = 3.0, 1.5
"""How far probes are moved; halved when no change helps."""

STRETCH, SHRINK = 1.2, 1.0 / 1.2
"""By how much freezes are made longer and shorter."""

LONGEST_FREEZE_S = 900.0
"""No freeze is made longer than 15 minutes (assumption: protocols in use freeze 10 to 15 minutes)."""

BESIDE_MM = 13.0
"""An added probe lies so far from the middle of the others, parallel to them."""

ALSO_MISSED = 0.5
"""A goal missed in at least this share of the draws in which the most missed one is, is aimed at too."""

SCREENING_DRAWS = 8
"""Draws on which changes are compared; the finalists are judged on all. A power of two is balanced in every input."""

MOST_ROUNDS = 3


class Settle(Port):
    """Makes of changed probes what can be carried out."""

    def __call__(self, placements: Placements) -> Placements | None:
        """The probes with their entries on the skin; None where a path or a spacing is not allowed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileOutcome:
    """What a search for a plan that holds in a wanted share of the samples found.

    Attributes:
        before: the first proposal, judged on all draws.
        best: the best plan found, judged on all draws; the first proposal if nothing is better.
        plans_tried: how many plans were judged on some draws.
        rounds: how many sets of changes were tried.
        ended_early: whether it was ended before no change helped any more.
    """

    before: RobustFigures
    best: RobustFigures
    plans_tried: int
    rounds: int
    ended_early: bool

    @property
    def is_reached(self) -> bool:
        """Whether the best plan holds in the wanted share of the samples."""
        return self.best.is_reached


def search_quantile(
    shared: UncertainCase,
    finalists: Sequence[RobustPlan],
    *,
    wanted: Wanted,
    settle: Settle,
    most_probes: int,
    run_many: RunMany,
    told: Told | None = None,
) -> QuantileOutcome:
    """Judge some plans on common draws, change the best in small steps as long as that helps, and judge it again.

    The same arguments give the same answer. Ended by `told` it gives the best plan that was judged on all draws.

    Args:
        shared: the case and its spreads; its cryoprobe models must include those of all plans.
        finalists: the proposals, the first choice first.
        wanted: what is asked.
        settle: makes changed probes possible, or says that they are not.
        most_probes: of any plan.
        run_many: runs the simulations of a round at once.
        told: told after each simulation of a series.

    Raises:
        Cancelled: if it was ended before the first proposal was judged.
    """
    draws = common_draws(shared, wanted, probes_at_most=max(most_probes, *(len(f.placements) for f in finalists)))

    def judged(plans: Sequence[RobustPlan], count: int) -> list[RobustFigures]:
        return robust_figures(shared, plans, draws[:count], wanted=wanted, run_many=run_many, told=told)

    (before,) = judged(finalists[:1], len(draws))
    search = _Search(screened=[], best=before, tried=len(finalists), rounds=0)
    ended_early = False
    try:
        if not before.is_reached:
            search.screened = judged(finalists, min(SCREENING_DRAWS, len(draws)))
            while search.go_round(settle, most_probes, lambda plans: judged(plans, search.screened[0].draws)):
                pass
            for figures in judged([one.plan for one in search.leaders()], len(draws)):
                search.best = figures if figures.is_better_than(search.best) else search.best
    except Cancelled:
        ended_early = True
    return QuantileOutcome(
        before=before, best=search.best, plans_tried=search.tried, rounds=search.rounds, ended_early=ended_early
    )


@dataclass(slots=True, kw_only=True)
class _Search:
    """A search in progress: what was screened, on the first draws; the best on all."""

    screened: list[RobustFigures]
    best: RobustFigures
    tried: int
    rounds: int
    step_mm: float = FIRST_STEP_MM

    def leaders(self) -> list[RobustFigures]:
        """The two best on the first draws."""
        return sorted(self.screened, key=lambda one: one.merit, reverse=True)[:2]

    def go_round(self, settle: Settle, most_probes: int, judge: _Judge) -> bool:
        """Try changes of the best plan so far; returns whether another round may help."""
        leader = self.leaders()[0]
        if leader.held == leader.draws or self.rounds >= MOST_ROUNDS or self.step_mm < LAST_STEP_MM:
            return False
        known = {(one.plan.placements, one.plan.protocol) for one in self.screened}
        plans = []
        for change, placements, protocol in _changes(leader, self.step_mm, most_probes):
            settled = settle(placements)
            if settled is not None and (settled, protocol) not in known:
                known.add((settled, protocol))
                changes = (*leader.plan.changes, change)
                plans.append(replace(leader.plan, placements=settled, protocol=protocol, changes=changes))
        found = judge(plans) if plans else []
        self.rounds += 1
        self.tried += len(plans)
        self.screened += found
        if not any(one.is_better_than(leader) for one in found):
            self.step_mm /= 2.0
        return True


class _Judge(Port):
    def __call__(self, plans: Sequence[RobustPlan]) -> list[RobustFigures]: ...


def _changes(
    figures: RobustFigures, step_mm: float, most_probes: int
) -> Iterator[tuple[str, Placements, Protocol | None]]:
    """Changes of a plan that may help against what it misses."""
    probes, protocol = figures.plan.placements, figures.plan.protocol
    most = max(figures.missed.values())
    aimed = [goal for goal, count in figures.missed.items() if count and count >= ALSO_MISSED * most]
    for change, way in (("deeper", step_mm), ("shallower", -step_mm)):
        yield change, _moved(probes, (way, 0.0, 0.0)), protocol
        if len(probes) > 1:
            for n in range(len(probes)):
                yield change, (*probes[:n], *_moved(probes[n : n + 1], (way, 0.0, 0.0)), *probes[n + 1 :]), protocol
    for axis, way in product((1, 2), (-step_mm, step_mm)):
        yield "shifted", _moved(probes, (0.0, way if axis == 1 else 0.0, way if axis == 2 else 0.0)), protocol
    if WITH_MARGIN in aimed:
        yield from _with_more_cold(probes, protocol, step_mm, most_probes)
    if any(goal != WITH_MARGIN for goal in aimed):
        if len(probes) > 1:
            yield "narrower", _spread(probes, -step_mm), protocol
        if protocol is not None:
            yield "shorter_freeze", probes, stretched(protocol, SHRINK)


def _with_more_cold(
    probes: Placements, protocol: Protocol | None, step_mm: float, most_probes: int
) -> Iterator[tuple[str, Placements, Protocol | None]]:
    if len(probes) > 1:
        yield "wider", _spread(probes, step_mm), protocol
    if protocol is not None:
        longer = stretched(protocol, STRETCH)
        if max(phase.duration_s for phase in longer.phases if phase.kind == "freeze") <= LONGEST_FREEZE_S:
            yield "longer_freeze", probes, longer
    if len(probes) < most_probes:
        middle, inwards = _middle(probes)
        for head_mm, side_mm in ((BESIDE_MM, 0.0), (-BESIDE_MM, 0.0), (0.0, BESIDE_MM), (0.0, -BESIDE_MM)):
            length_mm = max(probe.depth_mm for probe in probes)
            label = next(name for n in range(1, len(probes) + 2) if (name := f"P{n}") not in {p.label for p in probes})
            parallel = replace(
                probes[0], label=label, target_mm=_point(middle), entry_mm=_point(middle - length_mm * inwards)
            )
            yield "added_probe", (*probes, misplaced(parallel, (0.0, head_mm, side_mm, 0.0, 0.0))), protocol


def stretched(protocol: Protocol, factor: float) -> Protocol:
    """The same protocol with its freezes made longer or shorter, to whole ten seconds; thaws stay.

    >>> from givre.cryoprobe.protocol import TEMPLATES
    >>> stretched(TEMPLATES["10-8-10"], 1.2).name
    '12-8-12'
    """
    phases = tuple(
        replace(phase, duration_s=max(10.0 * round(phase.duration_s * factor / 10.0), 10.0))
        if phase.kind == "freeze"
        else phase
        for phase in protocol.phases
    )
    minutes = "-".join(f"{phase.duration_s / 60:.3g}" for phase in phases)
    return Protocol(name=minutes if len(phases) > 1 else f"single-{minutes}", phases=phases)


def _moved(probes: Placements, error_mm: tuple[float, float, float]) -> Placements:
    """All probes moved along themselves, towards the head and sideways."""
    return tuple(misplaced(probe, (*error_mm, 0.0, 0.0)) for probe in probes)


def _spread(probes: Placements, step_mm: float) -> Placements:
    """Each probe moved away from the middle of all, across itself; towards it if the step is negative."""
    middle, inwards = _middle(probes)
    moved = []
    for probe in probes:
        tip, entry = np.array(probe.target_mm), np.array(probe.entry_mm)
        away = tip - middle
        away = away - float(away @ inwards) * inwards
        size = float(np.linalg.norm(away))
        shift = step_mm * away / size if size > 0 else np.zeros(3)
        moved.append(replace(probe, target_mm=_point(tip + shift), entry_mm=_point(entry + shift)))
    return tuple(moved)


def _middle(probes: Placements) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Middle of all tips, and the mean direction from skin to tip."""
    tips = np.array([probe.target_mm for probe in probes], dtype=np.float64)
    shafts = tips - np.array([probe.entry_mm for probe in probes], dtype=np.float64)
    inwards = (shafts / np.linalg.norm(shafts, axis=1, keepdims=True)).sum(axis=0)
    return tips.mean(axis=0), inwards / np.linalg.norm(inwards)


def _point(position: npt.NDArray[np.float64]) -> Point:
    x, y, z = (float(value) for value in position)
    return (x, y, z)
