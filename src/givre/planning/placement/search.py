"""Searching with the surrogate: parallel bundles along feasible directions first, then each probe set free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.cluster.vq import kmeans2

from givre.planning.placement.score import HOPELESS, Predicted
from givre.planning.placement.space import (
    Bundle,
    Geometry,
    bounds_of,
    bundle_along,
    numbers_of,
)
from givre.planning.placement.wishes import PlacementWishes

Array = npt.NDArray[np.float64]

ROOM_MM = 12.0
"""How far beyond the tumour the middle of an active zone may lie."""

SPREADS = (0.7, 0.9, 1.1, 1.35)
"""Bundles tried are this many times as wide as the middles of equal parts of the tumour."""

SHIFTS_MM = (-5.0, 0.0, 5.0)
"""Bundles tried are this far from the middle of the tumour along the shafts."""

FIRST_SPREAD, LATER_SPREAD = 0.9, 0.4
"""Standard deviation with which a search begins, in units of `placement_space`: 3.6 mm and 5 degrees, and less once
a run of the solver is near."""

BUNDLES_EACH = 2 * len(SPREADS) * len(SHIFTS_MM)
"""Bundles tried along each direction."""

POPULATION_PER_PROBE = 3
"""Added to the smallest population of 6."""


class ScoresPlans(Protocol):
    """Says how good plans are: a `Scorer` with the surrogate, or a simpler rule to compare with."""

    @property
    def wishes(self) -> PlacementWishes:
        """What is asked."""
        ...

    def geometries(self, bundle: Bundle, numbers: Array) -> list[Geometry]:
        """The plans that some numbers stand for, shape (plans, numbers)."""
        ...

    def predicted(self, plan: Geometry) -> Predicted:
        """What is expected of one plan."""
        ...

    def costs(self, bundle: Bundle, numbers: Array) -> Array:
        """Cost of many plans, shape (plans,)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A plan found by a search.

    Attributes:
        bundle: its frame.
        numbers: the plan in that frame.
        geometry: the plan in space.
        predicted: what the surrogate says of it.
    """

    bundle: Bundle
    numbers: Array
    geometry: Geometry
    predicted: Predicted


def bundle_candidates(scorer: ScoresPlans, directions: Array, tumour_points_mm: Array, count: int) -> list[Candidate]:
    """The best parallel bundle of `count` probes along each direction, the best first.

    The tumour, seen along the direction, is parted into as many parts as probes (k-means); the probes go through the
    middles of the parts, spread a little more or less and shifted along the direction.
    """
    found = []
    for direction in directions:
        bundle = bundle_along(direction, tumour_points_mm, room_mm=ROOM_MM)
        numbers = np.array(_bundles(bundle, tumour_points_mm, count, scorer.wishes.seed))
        plans = scorer.geometries(bundle, numbers)
        predictions = [scorer.predicted(plan) for plan in plans]
        best = int(np.argmin([prediction.cost for prediction in predictions]))
        found.append(Candidate(bundle=bundle, numbers=numbers[best], geometry=plans[best], predicted=predictions[best]))
    return sorted(found, key=lambda candidate: candidate.predicted.cost)


def refined(scorer: ScoresPlans, start: Candidate, *, evaluations: int, spread: float, seed: int) -> Candidate:
    """A search by CMA-ES from one plan; the plan itself if nothing better is found.

    Args:
        scorer: gives the costs.
        start: where the search begins.
        evaluations: predictions it may take.
        spread: standard deviation it begins with, in units of `placement_space`.
        seed: of its random numbers; the same seed gives the same plan.
    """
    import cma  # noqa: PLC0415 - heavy, only a search needs it

    count = start.geometry.count
    low, high = bounds_of(start.bundle, count)
    numbers = np.clip(start.numbers, low + 1e-6, high - 1e-6)
    search = cma.CMAEvolutionStrategy(
        numbers.tolist(),
        spread,
        {
            "bounds": [low.tolist(), high.tolist()],
            "seed": seed % (2**31 - 2) + 1,  # 0 would take the clock
            "popsize": 6 + POPULATION_PER_PROBE * count,
            "maxfevals": evaluations,
            "tolfun": 1e-3,
            "tolx": 1e-3,
            "verbose": -9,
            "verb_log": 0,
            "verb_disp": 0,
            "verb_filenameprefix": "",
        },
    )
    best_numbers, best_cost = start.numbers, start.predicted.cost
    while not search.stop():
        asked = search.ask()
        costs = scorer.costs(start.bundle, np.array(asked))
        search.tell(asked, costs.tolist())
        lowest = int(np.argmin(costs))
        if costs[lowest] < best_cost:
            best_numbers, best_cost = np.array(asked[lowest]), float(costs[lowest])
    return candidate_of(scorer, start.bundle, best_numbers)


def candidate_of(scorer: ScoresPlans, bundle: Bundle, numbers: Array) -> Candidate:
    """A plan given by its numbers, predicted."""
    geometry = scorer.geometries(bundle, numbers[None])[0]
    return Candidate(bundle=bundle, numbers=numbers, geometry=geometry, predicted=scorer.predicted(geometry))


def candidate_around(scorer: ScoresPlans, geometry: Geometry, tumour_points_mm: Array) -> Candidate:
    """A plan given in space, in the frame along its mean direction."""
    mean = geometry.directions.mean(axis=0)
    bundle = bundle_along(mean / np.linalg.norm(mean), tumour_points_mm, room_mm=ROOM_MM)
    return candidate_of(scorer, bundle, numbers_of(bundle, geometry.middles_mm, geometry.directions))


def is_possible(candidate: Candidate) -> bool:
    """Whether spacing, shafts and paths are as asked, to a hundredth of a millimetre."""
    return candidate.predicted.cost < HOPELESS and candidate.predicted.geometry_mm <= 0.01


def _bundles(bundle: Bundle, tumour_points_mm: Array, count: int, seed: int) -> list[Array]:
    """The numbers of the bundles to try along one direction."""
    seen = (tumour_points_mm - bundle.centre_mm) @ bundle.axes.T
    flat = seen[:, :2]
    middles = flat.mean(axis=0, keepdims=True)
    if count > 1:
        middles, _ = kmeans2(flat, _first_middles(flat, count), minit="matrix", seed=seed)
    depth = np.array([seen[_nearest(flat, middle), 2].mean() for middle in middles])
    # all tips level, or each at the middle of the tumour where it passes
    found = []
    for depths in (np.full(count, seen[:, 2].mean()), depth):
        for spread in SPREADS if count > 1 else (1.0,):
            for shift_mm in SHIFTS_MM:
                wide = middles.mean(axis=0) + spread * (middles - middles.mean(axis=0))
                inside = np.column_stack([wide, depths + shift_mm])
                places = bundle.centre_mm + inside @ bundle.axes
                found.append(numbers_of(bundle, places, np.tile(bundle.direction, (count, 1))))
    return found


def _first_middles(flat: Array, count: int) -> Array:
    """Points far from each other to begin with: the farthest from the middle, then each the farthest from all."""
    chosen = [int(np.argmax(np.linalg.norm(flat - flat.mean(axis=0), axis=1)))]
    while len(chosen) < count:
        nearest = np.min([np.linalg.norm(flat - flat[place], axis=1) for place in chosen], axis=0)
        chosen.append(int(np.argmax(nearest)))
    return flat[chosen]


def _nearest(flat: Array, middle: Array) -> npt.NDArray[np.int64]:
    """The tenth of the points nearest to a place."""
    distance = np.linalg.norm(flat - middle, axis=1)
    return np.argsort(distance, kind="stable")[: max(1, len(flat) // 10)]
