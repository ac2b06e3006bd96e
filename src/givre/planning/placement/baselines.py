"""Placements by simpler rules, to compare with: one central probe, unions of vendor ellipsoids, bubble packing.

None of them looks at organs at risk or at what tissue does; they say where probes go, and the solver says what comes of
it. All take allowed paths along the direction the planner itself finds best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.planning.placement.bench import Workbench
from givre.planning.placement.paths import Paths, feasible_directions
from givre.planning.placement.score import (
    GEOMETRY_FIRST,
    HOPELESS,
    PER_MM_GEOMETRY,
    PER_MM_PATH,
    ROUNDING_MM,
    TOO_FAR_MM,
    Predicted,
    spacing_shortfall_mm,
)
from givre.planning.placement.search import bundle_candidates, is_possible, refined
from givre.planning.placement.space import Bundle, Geometry, geometries_of, geometry_at, placements_of
from givre.planning.placement.task import Kind
from givre.planning.placement.wishes import PlacementWishes

Array = npt.NDArray[np.float64]

SMALL_ELLIPSOID_MM, LARGE_ELLIPSOID_MM = (10.0, 10.0, 12.5), (12.5, 12.5, 17.5)
"""Semi-axes across, across and along a probe, as makers print for one probe in gel."""

BUBBLE_RADIUS_MM = 10.0
"""Of the bubbles, the lethal radius that makers print for one probe."""

SEED_POINTS, SEED_WAYS, SEED_COUNTS, SEED_EVALUATIONS = 1500, 3, 3, 150
"""Of a seed: points it is judged at, directions and numbers of probes it is tried with, evaluations per probe."""

BUBBLE_STEPS, BUBBLE_RATE = 400, 0.15
"""Steps of the relaxation, and how far a bubble moves per unit of force."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EllipsoidScorer:
    """Scores plans by how much of some points a union of ellipsoids holds; stands where a `Scorer` may.

    Attributes:
        points_mm: to cover, LPS, shape (n, 3).
        semi_axes_mm: across, across and along each probe.
        model: the cryoprobe.
        paths: which paths are possible.
        wishes: spacing and shaft gaps.
        spare_mm: how much better than asked spacing should be.
    """

    points_mm: Array
    semi_axes_mm: tuple[float, float, float]
    model: CryoprobeModel
    paths: Paths
    wishes: PlacementWishes
    spare_mm: float = 0.0

    def geometries(self, bundle: Bundle, numbers: Array) -> list[Geometry]:
        """The plans that some numbers stand for, shape (plans, numbers)."""
        return geometries_of(bundle, numbers, self.model, self.paths)

    def costs(self, bundle: Bundle, numbers: Array) -> Array:
        """Cost of many plans, shape (plans,)."""
        return np.array([self.predicted(plan).cost for plan in self.geometries(bundle, numbers)])

    def predicted(self, plan: Geometry) -> Predicted:
        """Share of the points inside the union, and the cost of what is missing."""
        gaps_mm = spacing_shortfall_mm(plan, self.model, self.wishes, spare_mm=self.spare_mm)
        paths_mm = float(plan.missing_mm.sum())
        geometry_mm = gaps_mm + paths_mm
        if not geometry_mm <= TOO_FAR_MM:
            cost = GEOMETRY_FIRST + geometry_mm if math.isfinite(geometry_mm) else HOPELESS
            return Predicted(
                cost=cost, coverage=math.nan, grown_coverage=math.nan, organs_c={}, geometry_mm=geometry_mm
            )
        nearest = np.min([self._radius(plan, probe) for probe in range(plan.count)], axis=0)
        covered = float((nearest <= 1.0).mean())
        cost = 100.0 * (1.0 - covered) + 10.0 * float(np.maximum(nearest - 1.0, 0.0).mean())
        cost += PER_MM_GEOMETRY * gaps_mm + PER_MM_PATH * paths_mm
        return Predicted(cost=cost, coverage=covered, grown_coverage=covered, organs_c={}, geometry_mm=geometry_mm)

    def _radius(self, plan: Geometry, probe: int) -> Array:
        """Of each point in units of the ellipsoid of a probe: 1 on its surface."""
        offset = self.points_mm - plan.middles_mm[probe]
        along = offset @ plan.directions[probe]
        across2 = np.maximum(np.square(offset).sum(axis=1) - along**2, 0.0)
        return np.asarray(np.sqrt(across2 / self.semi_axes_mm[0] ** 2 + (along / self.semi_axes_mm[2]) ** 2))


def central_probe(tumour_points_mm: Array, model: CryoprobeModel, paths: Paths) -> tuple[Placement, ...]:
    """One probe whose active zone is centred in the tumour; nothing if no path leads there."""
    middle = tumour_points_mm.mean(axis=0)[None]
    directions = feasible_directions(paths, middle, model, keep=1)
    if not len(directions):
        return ()
    return placements_of(geometry_at(middle, directions, model, paths), model)


def ellipsoid_union(
    grown_points_mm: Array,
    model: CryoprobeModel,
    paths: Paths,
    wishes: PlacementWishes,
    *,
    semi_axes_mm: tuple[float, float, float],
    directions: int = 3,
) -> tuple[Placement, ...]:
    """As few probes as a union of ellipsoids needs to hold the wanted share of some points.

    Args:
        grown_points_mm: of the tumour with its margin, LPS, shape (n, 3).
        model: the cryoprobe.
        paths: which paths are possible.
        wishes: numbers of probes, wanted share, spacing and shaft gaps.
        semi_axes_mm: across, across and along each probe.
        directions: how many are begun from.

    Returns:
        The placements; those that hold most if no allowed number holds enough; nothing if no plan is possible.
    """
    middle = grown_points_mm.mean(axis=0)[None]
    ways = feasible_directions(paths, middle, model, keep=directions)
    scorer = EllipsoidScorer(
        points_mm=grown_points_mm, semi_axes_mm=semi_axes_mm, model=model, paths=paths, wishes=wishes
    )
    best: tuple[float, tuple[Placement, ...]] = (-1.0, ())
    for count in range(wishes.fewest_probes, wishes.most_probes + 1):
        bundles = bundle_candidates(scorer, ways, grown_points_mm, count)
        for start in bundles[:1]:
            found = refined(scorer, start, evaluations=200 * count, spread=0.9, seed=wishes.seed + count)
            if not is_possible(found):
                continue
            covered = found.predicted.grown_coverage
            if covered > best[0] + 0.005:
                best = (covered, placements_of(found.geometry, model))
            if covered >= wishes.grown_coverage:
                return best[1]
    return best[1]


def covering_seed(bench: Workbench, kind: Kind, *, fewest: int) -> Geometry | None:
    """A union of small ellipsoids that holds the wanted share of the grown tumour, with as few probes as that needs.

    Args:
        bench: of a search.
        kind: cryoprobe.
        fewest: probes to begin with.

    Returns:
        The plan, or the one that holds most; None if no plan is possible.
    """
    points = bench.points.points_mm[: bench.points.grown_count]
    scorer = EllipsoidScorer(
        points_mm=points[:: max(1, len(points) // SEED_POINTS)],
        semi_axes_mm=SMALL_ELLIPSOID_MM,
        model=kind.model,
        paths=bench.paths,
        wishes=bench.wishes,
        spare_mm=ROUNDING_MM,
    )
    best: Geometry | None = None
    most = -1.0
    for count in range(fewest, min(fewest + SEED_COUNTS, bench.wishes.most_probes + 1)):
        starts = bundle_candidates(scorer, bench.directions(kind)[:SEED_WAYS], scorer.points_mm, count)
        for start in starts[:1]:
            evaluations = SEED_EVALUATIONS * count
            found = refined(scorer, start, evaluations=evaluations, spread=0.9, seed=bench.wishes.seed + count)
            covered = found.predicted.grown_coverage
            if is_possible(found) and covered > most + 0.005:
                best, most = found.geometry, covered
            if most >= bench.wishes.grown_coverage:
                return best
    return best


def bubble_packing(
    grown_points_mm: Array,
    model: CryoprobeModel,
    paths: Paths,
    wishes: PlacementWishes,
    *,
    radius_mm: float = BUBBLE_RADIUS_MM,
) -> tuple[Placement, ...]:
    """Bubbles that push each other apart inside the grown tumour, one probe through the middle of each.

    As many bubbles as fill its volume; they start at points far from each other, repel below two radii and attract up
    to three (the cubic law of Shimada's bubble mesh), and are put back to the nearest point of the grown tumour when
    they leave it. Probes are parallel. Paths are not moved to be allowed.

    Args:
        grown_points_mm: of the tumour with its margin, LPS, evenly spread, shape (n, 3).
        model: the cryoprobe.
        paths: gives the direction.
        wishes: numbers of probes.
        radius_mm: of a bubble.

    Returns:
        The placements; nothing if no path leads to the tumour.
    """
    ways = feasible_directions(paths, grown_points_mm.mean(axis=0)[None], model, keep=1)
    if not len(ways):
        return ()
    volume_mm3 = _volume_mm3(grown_points_mm)
    count = math.ceil(volume_mm3 / (4.0 / 3.0 * math.pi * radius_mm**3))
    count = min(max(count, wishes.fewest_probes), wishes.most_probes)
    middles = relaxed_bubbles(grown_points_mm, count, radius_mm=radius_mm)
    directions = np.tile(ways[0], (count, 1))
    geometry = geometry_at(middles, directions, model, paths)
    return placements_of(geometry, model) if np.isfinite(geometry.entries_mm).all() else ()


def relaxed_bubbles(points_mm: Array, count: int, *, radius_mm: float) -> Array:
    """Where bubbles come to rest among some points, shape (count, 3)."""
    chosen = [int(np.argmin(np.linalg.norm(points_mm - points_mm.mean(axis=0), axis=1)))]
    while len(chosen) < count:
        apart = np.min([np.linalg.norm(points_mm - points_mm[place], axis=1) for place in chosen], axis=0)
        chosen.append(int(np.argmax(apart)))
    middles = points_mm[chosen].astype(np.float64)
    for _ in range(BUBBLE_STEPS if count > 1 else 0):
        offset = middles[:, None] - middles[None]
        distance = np.linalg.norm(offset, axis=2) + np.eye(count)
        share = distance / (2.0 * radius_mm)
        force = np.where(share < 1.5, 1.25 * share**3 - 2.375 * share**2 + 1.125, 0.0) * (1.0 - np.eye(count))
        middles = middles + BUBBLE_RATE * radius_mm * (force[..., None] * offset / distance[..., None]).sum(axis=1)
        for place, middle in enumerate(middles):
            gaps = np.linalg.norm(points_mm - middle, axis=1)
            nearest = int(np.argmin(gaps))
            if gaps[nearest] > _STEP_MM:
                middles[place] = points_mm[nearest]
    return middles


_STEP_MM = 1.5
"""Farther than this from any point of the grown tumour, a bubble has left it."""


def _volume_mm3(points_mm: Array) -> float:
    """Volume that evenly spread points fill: cubes of 3 mm that hold one."""
    return 27.0 * len(np.unique(np.floor(points_mm / 3.0).astype(np.int64), axis=0))
