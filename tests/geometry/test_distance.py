"""Distances to a surface: exact against measuring every triangle, and against formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from givre.foundation.errors import EmptySurface
from givre.geometry.distance import (
    closest_approach_mm,
    distance_to_surface_mm,
    distance_to_triangle_mm,
    is_within_mm,
    signed_distance_to_surface_mm,
)
from givre.geometry.grid import Grid
from givre.geometry.surface import EMPTY_SURFACE, TriangleSurface, isosurface
from givre.testing.spheres import sphere_field_c


def distance_to_every_triangle_mm(points_mm, surface):
    """The slow twin: each point against each triangle."""
    corners_mm = surface.corners_mm
    count = corners_mm.shape[0]
    return np.array([distance_to_triangle_mm(np.tile(p, (count, 1)), corners_mm).min() for p in points_mm])


@st.composite
def triangle_soups(draw):
    """Triangles of very different sizes, some without area, some sharing corners."""
    seed = draw(st.integers(0, 2**32 - 1))
    numbers = np.random.default_rng(seed)
    corner_count, triangle_count = draw(st.integers(3, 30)), draw(st.integers(1, 40))
    spread = draw(st.sampled_from([0.1, 1.0, 50.0]))
    corners_mm = numbers.normal(size=(corner_count, 3)) * spread + numbers.normal(size=3) * 20
    triangles = numbers.integers(0, corner_count, size=(triangle_count, 3))
    points_mm = numbers.normal(size=(15, 3)) * 30
    points_mm[:3] = corners_mm[:3]
    return TriangleSurface(points_mm=corners_mm, triangles=triangles.astype(np.int64)), points_mm


def sphere(radius_mm=9.0, spacing_mm=1.0):
    count = int(2 * radius_mm / spacing_mm) + 5
    grid = Grid(shape=(count,) * 3, spacing_mm=(spacing_mm,) * 3)
    centre = grid.centre_mm + 0.21
    return isosurface(sphere_field_c(grid, centre, radius_mm=radius_mm), -20.0), centre


def test_distance_to_one_triangle_over_its_face_its_edge_and_its_corner():
    corners = np.array([[[0.0, 0, 0], [4, 0, 0], [0, 4, 0]]] * 4)
    points = np.array([[1.0, 1, 2], [2, -3, 0], [-3, -4, 0], [3, 3, 0]])
    assert distance_to_triangle_mm(points, corners) == pytest.approx([2.0, 3.0, 5.0, np.sqrt(2.0)])


def test_distance_to_a_triangle_without_area_is_that_to_its_edge():
    corners = np.array([[[0.0, 0, 0], [4, 0, 0], [2, 0, 0]], [[1.0, 1, 1]] * 3])
    points = np.array([[3.0, 2, 0], [1, 1, 4]])
    assert distance_to_triangle_mm(points, corners) == pytest.approx([2.0, 3.0])


@given(triangle_soups())
@settings(deadline=None, max_examples=80)
def test_nearest_triangle_is_never_missed(case):
    surface, points_mm = case
    assert distance_to_surface_mm(points_mm, surface) == pytest.approx(
        distance_to_every_triangle_mm(points_mm, surface), abs=1e-9
    )


@given(triangle_soups(), st.floats(0.0, 60.0))
@settings(deadline=None, max_examples=60)
def test_points_within_reach_are_those_at_most_that_far(case, reach_mm):
    surface, points_mm = case
    distance_mm = distance_to_every_triangle_mm(points_mm, surface)
    decided = np.abs(distance_mm - reach_mm) > 1e-9
    assert (is_within_mm(points_mm, surface, reach_mm) == (distance_mm <= reach_mm))[decided].all()


@given(triangle_soups(), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 1.0]))
@settings(deadline=None, max_examples=60)
def test_closest_approach_is_the_smallest_signed_distance(case, seed, share_inside):
    surface, points_mm = case
    is_inside = np.random.default_rng(seed).random(len(points_mm)) < share_inside
    distance_mm = distance_to_every_triangle_mm(points_mm, surface)
    expected = np.where(is_inside, -distance_mm, distance_mm).min()
    assert closest_approach_mm(points_mm, surface, is_inside=is_inside) == pytest.approx(expected, abs=1e-9)


def test_closest_approach_of_many_far_points_is_found_among_them():
    surface, centre = sphere()
    grid = Grid(shape=(30, 30, 30), spacing_mm=(2.0,) * 3, origin_mm=tuple(centre + 15.0))
    points_mm = grid.voxel_centres_mm().reshape(-1, 3)
    nowhere = np.zeros(len(points_mm), dtype=bool)
    expected = np.linalg.norm(points_mm - centre, axis=1).min() - 9.0
    assert closest_approach_mm(points_mm, surface, is_inside=nowhere) == pytest.approx(expected, abs=0.05)
    assert np.isnan(closest_approach_mm(np.zeros((0, 3)), surface, is_inside=np.zeros(0, dtype=bool)))


def test_distance_to_a_sphere_is_that_of_the_formula():
    surface, centre = sphere()
    numbers = np.random.default_rng(3)
    directions = numbers.normal(size=(500, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    radius_mm = numbers.uniform(0.0, 30.0, 500)
    found = signed_distance_to_surface_mm(centre + directions * radius_mm[:, None], surface, is_inside=radius_mm < 9.0)
    # flat triangles of 1 mm lie up to h²/8R = 0.014 mm inside the sphere; the level set is linear between voxels
    assert np.abs(found - (radius_mm - 9.0)).max() < 0.05


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_distance_does_not_change_when_all_moves_together(seed):
    numbers = np.random.default_rng(seed)
    surface, centre = sphere(4.0)
    points_mm = centre + numbers.normal(size=(20, 3)) * 6
    turn, shift = Rotation.random(random_state=numbers.integers(2**31)), numbers.normal(size=3) * 300
    moved = TriangleSurface(points_mm=turn.apply(surface.points_mm) + shift, triangles=surface.triangles)
    assert distance_to_surface_mm(turn.apply(points_mm) + shift, moved) == pytest.approx(
        distance_to_surface_mm(points_mm, surface), abs=1e-9
    )


def test_no_points_give_no_distances():
    assert distance_to_surface_mm(np.zeros((0, 3)), sphere(4.0)[0]).shape == (0,)


def test_empty_surface_is_refused():
    with pytest.raises(EmptySurface, match="holds no triangle"):
        distance_to_surface_mm([[0.0, 0.0, 0.0]], EMPTY_SURFACE)
