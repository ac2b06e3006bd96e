"""How good a plan is, as one number to make small: coverage, organs, spacing, shafts and paths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.model import CryoprobeModel
from givre.planning.placement.paths import Paths
from givre.planning.placement.space import Bundle, Geometry, geometries_of
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.surrogate.kernels import cover_shortfall, pair_gaps, spacing_shortfall
from givre.planning.surrogate.prediction import Surrogate

Array = npt.NDArray[np.float64]

HOPELESS = 1e6
"""Cost of a plan for which a value is not a number."""

PER_PERCENT = 1.0
"""Cost of a percent of coverage that is missing."""

PER_MM_GEOMETRY, PER_MM_PATH = 100.0, 100.0
"""Cost of a millimetre by which spacing, a shaft gap or a path misses what is asked: more than it can gain."""

SOFT_COVER, RESERVE_COVER = 10.0, 3.0
"""Weights of how far the uncovered points are from being covered, and of the reserve beyond the goal."""

RESERVE, DEEP_RESERVE, DEPTH_COVER = 0.1, 0.5, 2.0
"""Shares of potential wanted beyond the goal, worth a little: it is what error and movement will take. The second keeps
probes in the middle of what they cover."""

PER_ALARM_C, PER_LENGTH_MM, PER_TILT = 0.15, 0.002, 1.5
"""Cost of a degree below an alarm, of a millimetre of path, of the tangent of a tilt: they break ties."""

ROUNDING_MM = 0.2
"""Spacing and shaft gaps are sought this much better than asked, since points are written to 0.1 mm."""

TOO_FAR_MM = 8.0
"""A plan whose geometry misses by more than this is not predicted."""

GEOMETRY_FIRST = 10_000.0
"""Cost at which plans that are not predicted begin: above all that are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a search tries to reach.

    Attributes:
        coverage: wanted fraction of the tumour.
        grown_coverage: wanted fraction of the tumour with its margin.
        limits_c: of each organ at risk, its safety allowance included.
        alarms_c: of each organ at risk.
        edge_allowance: share of potential asked for beyond the lethal edge, for the error of the surrogate.
        edge_reserve: share asked for beyond that, for the reserve of the margin; coverage is told without it.
        per_organ_c: cost of a degree below a limit: high keeps within limits, low covers the tumour first.
    """

    coverage: float
    grown_coverage: float
    limits_c: Mapping[str, float]
    alarms_c: Mapping[str, float]
    edge_allowance: float
    edge_reserve: float
    per_organ_c: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What the surrogate says of one plan.

    Attributes:
        cost: the number to make small.
        coverage: fraction of the tumour inside the lethal zone.
        grown_coverage: fraction of the grown tumour.
        organs_c: coldest temperature of each organ; those without a point near the tumour are left out.
        geometry_mm: by how much spacing, shaft gaps and paths together miss what is asked.
    """

    cost: float
    coverage: float
    grown_coverage: float
    organs_c: Mapping[str, float]
    geometry_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scorer:
    """Scores plans of one kind of probe.

    Attributes:
        surrogate: predicts.
        table: its reach table for this kind of probe.
        model: the cryoprobe.
        paths: which paths are possible.
        wishes: spacing and shaft gaps.
        aim: what to reach.
    """

    surrogate: Surrogate
    table: int
    model: CryoprobeModel
    paths: Paths
    wishes: PlacementWishes
    aim: Aim

    def geometries(self, bundle: Bundle, numbers: Array) -> list[Geometry]:
        """The plans that some numbers stand for, shape (plans, numbers)."""
        return geometries_of(bundle, numbers, self.model, self.paths)

    def costs(self, bundle: Bundle, numbers: Array) -> Array:
        """Cost of many plans, shape (plans,)."""
        return np.array([self.predicted(plan).cost for plan in self.geometries(bundle, numbers)])

    def predicted(self, plan: Geometry) -> Predicted:
        """What the surrogate says of one plan."""
        gaps_mm = spacing_shortfall_mm(plan, self.model, self.wishes, spare_mm=ROUNDING_MM)
        paths_mm = float(plan.missing_mm.sum())
        geometry_mm = gaps_mm + paths_mm
        if not geometry_mm <= TOO_FAR_MM:
            cost = GEOMETRY_FIRST + geometry_mm if math.isfinite(geometry_mm) else HOPELESS
            return Predicted(
                cost=cost, coverage=math.nan, grown_coverage=math.nan, organs_c={}, geometry_mm=geometry_mm
            )
        potential = self.surrogate.potentials(plan.zones(self.table))
        cover_cost, coverage, grown = self._cover(potential)
        organs_c = self.organs_c(potential)
        lengths = np.linalg.norm(plan.tips_mm - plan.entries_mm, axis=1)
        cost = (
            cover_cost
            + self._organ_cost(organs_c)
            + PER_MM_GEOMETRY * gaps_mm
            + PER_MM_PATH * paths_mm
            + PER_LENGTH_MM * float(lengths.mean())
            + PER_TILT * _spread_of(plan.directions)
        )
        return Predicted(
            cost=cost if math.isfinite(cost) else HOPELESS,
            coverage=coverage,
            grown_coverage=grown,
            organs_c=organs_c,
            geometry_mm=geometry_mm,
        )

    def _cover(self, potential: Array) -> tuple[float, float, float]:
        points, edge = self.surrogate.points, self.surrogate.lethal_potential
        enough = edge * (1.0 + self.aim.edge_allowance)
        needed = enough + edge * self.aim.edge_reserve
        inside, inside_short = cover_shortfall(potential, needed, 0.2 * edge, 0, points.tumour_count)
        grown, grown_short = cover_shortfall(potential, needed, 0.2 * edge, 0, points.grown_count)
        reserve, _ = cover_shortfall(potential, needed * (1.0 + RESERVE), edge, 0, points.grown_count)
        _, depth = cover_shortfall(potential, needed * (1.0 + DEEP_RESERVE), edge, 0, points.grown_count)
        missing = max(inside - (1.0 - self.aim.coverage), 0.0) + max(grown - (1.0 - self.aim.grown_coverage), 0.0)
        cost = 100.0 * PER_PERCENT * missing + SOFT_COVER * (inside_short + grown_short) + RESERVE_COVER * reserve
        cost += DEPTH_COVER * depth
        if self.aim.edge_reserve > 0.0:
            inside, _ = cover_shortfall(potential, enough, edge, 0, points.tumour_count)
            grown, _ = cover_shortfall(potential, enough, edge, 0, points.grown_count)
        return cost, 1.0 - inside, 1.0 - grown

    def organs_c(self, potential: Array) -> dict[str, float]:
        """Coldest temperature of each organ near the tumour [°C]."""
        near = {name: ends for name, ends in self.surrogate.points.organs.items() if ends[1] > ends[0]}
        if not near:
            return {}
        highest = [potential[first:last].max() for first, last in near.values()]
        return dict(zip(near, (float(c) for c in self.surrogate.temperature_c(highest)), strict=True))

    def _organ_cost(self, organs_c: Mapping[str, float]) -> float:
        cost = 0.0
        for name, coldest_c in organs_c.items():
            below_c = self.aim.limits_c[name] - coldest_c
            if not below_c <= 0.0:
                cost += self.aim.per_organ_c * below_c
            cost += PER_ALARM_C * max(self.aim.alarms_c[name] - coldest_c, 0.0)
        return cost


def spacing_shortfall_mm(
    plan: Geometry, model: CryoprobeModel, wishes: PlacementWishes, *, spare_mm: float = 0.0
) -> float:
    """By how much active zones are too close or too far apart and shafts too close, all added [mm].

    Args:
        plan: where its probes lie.
        model: of all of them.
        wishes: what is asked.
        spare_mm: how much better than asked it should be.
    """
    starts, ends = plan.zone_ends_mm(model)
    limits_mm = (
        wishes.least_spacing_mm + spare_mm,
        wishes.most_spacing_mm - spare_mm,
        wishes.least_shaft_gap_mm + spare_mm,
    )
    return float(spacing_shortfall(starts, ends, plan.entries_mm, plan.tips_mm, limits_mm))


def zone_gaps_mm(plan: Geometry, model: CryoprobeModel) -> Array:
    """Gap between each two active zones, axis to axis, shape (m, m); infinite on the diagonal."""
    starts, ends = plan.zone_ends_mm(model)
    gaps = np.full((plan.count, plan.count), np.inf)
    pair_gaps(np.ascontiguousarray(starts), np.ascontiguousarray(ends), gaps)
    return gaps


def shaft_gaps_mm(plan: Geometry) -> Array:
    """Gap between each two shafts, axis to axis, shape (m, m); infinite on the diagonal."""
    gaps = np.full((plan.count, plan.count), np.inf)
    pair_gaps(np.ascontiguousarray(plan.entries_mm), np.ascontiguousarray(plan.tips_mm), gaps)
    return gaps


def _spread_of(directions: Array) -> float:
    """How far shafts are from parallel: 0 when they are, near the tangent of their tilt otherwise."""
    mean = directions.mean(axis=0)
    return float(np.linalg.norm(directions - mean, axis=1).mean())
