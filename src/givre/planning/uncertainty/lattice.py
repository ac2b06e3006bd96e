"""The lattice of trials: wide enough for plans that come out colder or elsewhere, and the part of it they need.

Wide alone is slow: most of its voxels are tissue that no figure reads. The part that trials are simulated on is chosen
by the error it makes: the plan, as planned and colder than samples come out, must give the same figures on both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import boundary_drop_c, solve
from givre.case.description import CaseDescription
from givre.case.knowledge import Knowledge
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.geometry.volume import Mask, Volume
from givre.planning.trial.prepared import PreparedCase, plan_problem, prepare_case
from givre.planning.trial.quick_look import PlanFigures
from givre.planning.uncertainty.near_lattice import Box, NearLattice, box_around, cut_out, holds_tumour
from givre.planning.uncertainty.sampled_run import Trial, UncertainCase, solved_trial, zone_of
from givre.planning.uncertainty.sampling import Draw
from givre.planning.uncertainty.spread import Factor
from givre.planning.uncertainty.spread_placement import ERRORS

REACH_STEP_MM, MOST_EXTRA_MM = 8.0, 24.0
"""By how much the lattice is made wider than the case asks for, step by step, and at most."""

HIDDEN_AS_PLANNED_C = 0.1
"""until no more cooling than this is hidden beyond its edge as planned. Samples hide up to ten times as much, as their
probes are colder and stand elsewhere, and fail from 1 °C on: with 0.24 °C as planned 8 % of the samples did, with
0.46 °C 13 %, with 0.05 °C none."""

AROUND_ICE_MM, AROUND_ICE_STEP_MM, MOST_AROUND_ICE_MM = 16.0, 4.0, 36.0
"""How much of the lattice around the planned ice trials need at first, step by step, and at most: then all of it."""

AROUND_ORGAN_MM = 12.0
"""How much around the coldest part of an organ,"""

COLDEST_PART = 0.1
"""where it is warmer than its coldest place by at most this share of that place's cooling,"""

COLDEST_PART_C = 1.0
"""and by at most so much."""

NOT_REACHED_C = 0.2
"""An organ cooled by less than this, even where everything makes the cold go far, is given its planned temperature."""

HARD_SCORE = 1.0
"""The draw in which it does: so many standard deviations, all at once. With some ten inputs of equal weight that is as
far out as three of all together."""

MOST_BEYOND = 4.0
"""Samples whose probes stand nearer to the edge may hide this many times the cooling of that draw, if its errors were
that many times smaller than allowed: they grow as the cooling does that is hidden."""

FARTHER_WHEN_HIGH = ("conductivity_frozen_w_mk", "conductivity_unfrozen_w_mk", "lethal_temp_c")
"""Inputs that make the cold, or the lethal zone, go farther when they are high; all others do when they are low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeError:
    """By how much figures may differ between the two lattices.

    Attributes:
        coverage: of tumour, and of tumour and margin, as shares.
        margin_mm: of the smallest margin.
        lethal_ml: of the lethal zone.
        organ_c: of the coldest place of an organ.
    """

    coverage: float = 0.001
    margin_mm: float = 0.05
    lethal_ml: float = 0.25
    organ_c: float = 0.25

    def part_used(self, here: PlanFigures, there: PlanFigures) -> float:
        """The largest of all differences over what is allowed; infinite where a figure is not a number."""
        pairs = [
            (self.coverage, here.coverage, there.coverage),
            (self.coverage, here.coverage_with_margin, there.coverage_with_margin),
            (self.margin_mm, here.margin_mm, there.margin_mm),
            (self.lethal_ml, here.lethal_ml, there.lethal_ml),
        ]
        pairs += [(self.organ_c, here.organ_coldest_c[name], cold_c) for name, cold_c in there.organ_coldest_c.items()]
        used = np.array([abs(one - other) / most for most, one, other in pairs])
        return float(np.where(np.isnan(used), np.inf, used).max())


USUAL_EDGE_ERROR = EdgeError()


def wide_enough(
    description: CaseDescription,
    ct: Volume,
    masks: Mapping[str, Mask],
    *,
    knowledge: Knowledge,
    voxel_mm: float,
    threads: int = 1,
) -> PreparedCase:
    """The case on a lattice so wide that the cold of its plan leaves hardly a trace at the edge.

    Args:
        description: the case with its probes.
        ct: the planning CT.
        masks: structures by name.
        knowledge: catalogue and tables.
        voxel_mm: edge of the voxels.
        threads: of the simulations of the plan that decide it.

    Raises:
        PlanError: if the plan cannot be simulated.
    """
    extra_mm = 0.0
    while True:
        reach_mm = description.settings.domain_margin_mm + extra_mm
        prepared = prepare_case(description, ct, masks, knowledge=knowledge, voxel_mm=voxel_mm, reach_mm=reach_mm)
        problem = plan_problem(prepared, description.placements)
        hidden_c = boundary_drop_c(problem, solve(problem, threads=threads).coldest_c)
        if hidden_c <= HIDDEN_AS_PLANNED_C or extra_mm >= MOST_EXTRA_MM:
            return prepared
        extra_mm += REACH_STEP_MM


def on_near_lattice(
    shared: UncertainCase,
    placements: tuple[Placement, ...],
    *,
    protocol: Protocol | None = None,
    error: EdgeError = USUAL_EDGE_ERROR,
) -> UncertainCase:
    """The case with the part of its lattice that trials of a plan, or of plans much like it, are simulated on.

    The part is made larger until the plan, as planned and in the hard draw, gives the same figures on it as on the
    whole lattice; if it never does, or a run of the whole lattice is not usable, there is none.

    Args:
        shared: the case and its spreads.
        placements: the plan.
        protocol: what its probes go through; that of the case unless given.
        error: by how much figures may differ.
    """
    draws = _draws(shared.spread.factors(placements))
    trials = [Trial(placements=placements, protocol=protocol, draw=draw) for draw in draws]
    wide = [solved_trial(shared, trial) for trial in trials]
    if not all(run.status.is_usable for _, _, run in wide):
        return shared
    runs = [run for _, _, run in wide]
    whole = [shared.look.figures(run, zone_of(shared, drawn, run)) for drawn, _, run in wide]
    resting_c, organs = _reached_organs(shared, runs, whole)
    around_mm = AROUND_ICE_MM
    while around_mm <= MOST_AROUND_ICE_MM:
        near = cut_out(shared.look, _box(shared, runs[0], organs, around_mm), resting_c=resting_c)
        used, hidden_c = (
            _tried(shared, near, trials, whole, error) if holds_tumour(shared.look, near) else (np.inf, 0.0)
        )
        if used <= 1.0:
            beyond = min(MOST_BEYOND, 1.0 / max(used, 1e-9))
            return replace(shared, near=replace(near, hidden_at_most_c=beyond * hidden_c))
        around_mm += AROUND_ICE_STEP_MM
    return shared


def _tried(
    shared: UncertainCase, near: NearLattice, trials: Sequence[Trial], whole: Sequence[PlanFigures], error: EdgeError
) -> tuple[float, float]:
    """What part of the allowed error some trials use on a smaller lattice, and the most they hide at its edge [°C]."""
    used, hidden_c = [], []
    for trial, there in zip(trials, whole, strict=True):
        drawn, hidden, run = solved_trial(shared, trial, near)
        here = near.whole(near.look.figures(run, zone_of(shared, drawn, run)), shared.look.organs)
        used.append(error.part_used(here, there))
        hidden_c.append(hidden)
    return max(used), max(hidden_c)


def _draws(factors: Sequence[Factor]) -> tuple[Draw, Draw]:
    """As planned, and hard: every input but the placements at the end where the cold goes far."""

    def hard(what: str) -> float:
        if what in ERRORS:
            return 0.0
        return HARD_SCORE if what in FARTHER_WHEN_HIGH else -HARD_SCORE

    planned, far = (0.0,) * len(factors), tuple(hard(factor.what) for factor in factors)
    return Draw(number=0, scores=planned), Draw(number=1, scores=far)


def _reached_organs(
    shared: UncertainCase, runs: Sequence[ThermalRun], figures: Sequence[PlanFigures]
) -> tuple[dict[str, float], npt.NDArray[np.bool_]]:
    """Organs that the cold does not reach, with their planned temperature; voxels of the others where they are coldest.

    The latter over all runs, shape (k, j, i).
    """
    body_c = shared.prepared.description.settings.body_temp_c
    needed = np.zeros(shared.prepared.grid.shape, dtype=np.bool_)
    resting_c = {}
    for name, organ in shared.look.organs.items():
        if min(one.organ_coldest_c[name] for one in figures) > body_c - NOT_REACHED_C:
            resting_c[name] = figures[0].organ_coldest_c[name]
            continue
        for run in runs:
            read_c = organ.read(run.coldest_c)
            coldest_c = float(read_c.min(initial=np.inf))
            part_c = min(COLDEST_PART * (body_c - coldest_c), COLDEST_PART_C)
            coldest = np.flatnonzero(read_c <= coldest_c + part_c)
            needed.flat[np.unique(organ.weights[coldest].indices)] = True
    return resting_c, needed


def _box(shared: UncertainCase, planned: ThermalRun, organs: npt.NDArray[np.bool_], around_mm: float) -> Box:
    """Around the planned ice, and around the coldest parts of organs where those lie farther away."""
    spacing_mm = min(shared.prepared.grid.spacing_mm)
    ice = box_around(planned.coldest_c <= 0.0, math.ceil(around_mm / spacing_mm))
    if not organs.any():
        return ice
    beyond_mm = AROUND_ORGAN_MM + around_mm - AROUND_ICE_MM
    parts = box_around(organs, math.ceil(beyond_mm / spacing_mm))
    spans = [(min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(ice, parts, strict=True)]
    return (spans[0], spans[1], spans[2])
