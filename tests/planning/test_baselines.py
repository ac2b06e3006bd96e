"""The simpler rules that the planner is compared with, on points whose answer is known."""

import numpy as np
import numpy.typing as npt
import pytest

from givre.cryoprobe.model import CryoprobeModel
from givre.planning.placement.baselines import (
    LARGE_ELLIPSOID_MM,
    SMALL_ELLIPSOID_MM,
    EllipsoidScorer,
    bubble_packing,
    central_probe,
    ellipsoid_union,
    relaxed_bubbles,
)
from givre.planning.placement.paths import OpenPaths, feasible_directions, sphere_of_directions
from givre.planning.placement.space import geometry_at
from givre.planning.placement.wishes import PlacementWishes
from givre.wiring import knowledge

Array = npt.NDArray[np.float64]

MODEL: CryoprobeModel = knowledge().catalogue["icesphere-1.5-cx"]
WISHES = PlacementWishes(models=(MODEL.id,), effort=20)


def ball_points(radius_mm: float, *, spacing_mm: float = 2.0) -> Array:
    steps = np.arange(-radius_mm, radius_mm + 0.1, spacing_mm)
    points = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    return np.asarray(points[np.linalg.norm(points, axis=1) <= radius_mm])


def test_the_central_probe_is_central() -> None:
    (placement,) = central_probe(ball_points(10.0), MODEL, OpenPaths())
    direction = np.subtract(placement.target_mm, placement.entry_mm) / placement.depth_mm
    middle = np.array(placement.target_mm) - 14.0 * direction
    assert np.linalg.norm(middle) < 0.2


def test_one_ellipsoid_is_enough_for_a_ball_inside_it_and_not_for_a_larger_one() -> None:
    small = ellipsoid_union(ball_points(9.0), MODEL, OpenPaths(), WISHES, semi_axes_mm=SMALL_ELLIPSOID_MM)
    assert len(small) == 1
    large = ellipsoid_union(ball_points(12.0), MODEL, OpenPaths(), WISHES, semi_axes_mm=SMALL_ELLIPSOID_MM)
    assert len(large) > 1
    assert len(ellipsoid_union(ball_points(12.0), MODEL, OpenPaths(), WISHES, semi_axes_mm=LARGE_ELLIPSOID_MM)) == 1


def test_the_share_inside_an_ellipsoid_is_counted_exactly() -> None:
    points = np.array([[0.0, 0, 0], [9.9, 0, 0], [10.1, 0, 0], [0, 0, 12.4], [0, 0, 12.6]])
    scorer = EllipsoidScorer(
        points_mm=points, semi_axes_mm=SMALL_ELLIPSOID_MM, model=MODEL, paths=OpenPaths(), wishes=WISHES
    )
    plan = geometry_at(np.zeros((1, 3)), np.array([[0.0, 0.0, -1.0]]), MODEL, OpenPaths())
    assert scorer.predicted(plan).coverage == pytest.approx(3 / 5)


def test_bubbles_come_to_rest_apart_and_inside() -> None:
    points = ball_points(14.0)
    middles = relaxed_bubbles(points, 4, radius_mm=7.0)
    gaps = np.linalg.norm(middles[:, None] - middles[None], axis=2)[np.triu_indices(4, 1)]
    assert gaps.min() > 7.0
    assert (np.linalg.norm(middles, axis=1) <= 15.5).all()


def test_as_many_bubbles_as_fill_the_volume() -> None:
    placements = bubble_packing(ball_points(12.6, spacing_mm=1.0), MODEL, OpenPaths(), WISHES)
    assert len(placements) in (2, 3), "(12.6 / 10)^3 is 2"
    directions = [np.subtract(p.target_mm, p.entry_mm) / p.depth_mm for p in placements]
    assert np.allclose(directions, directions[0], atol=2e-3), "they are parallel"


def test_directions_are_spread_and_the_shortest_paths_come_first() -> None:
    directions = sphere_of_directions(500)
    assert np.linalg.norm(directions, axis=1) == pytest.approx(1.0)
    kept = feasible_directions(OpenPaths(), np.zeros((1, 3)), MODEL, keep=5, apart_deg=30.0)
    cosines = (kept @ kept.T)[np.triu_indices(5, 1)]
    assert cosines.max() < np.cos(np.radians(30.0)) + 1e-9
