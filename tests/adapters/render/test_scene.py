"""Three-dimensional pictures: geometry, hidden surfaces, sides and determinism."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from givre.adapters.render.raster import fill_triangles, look_from, rasterise
from givre.adapters.render.scene import render_margin_surface, render_scenes, smooth_surface
from givre.adapters.render.shading import open_sky
from givre.adapters.render.tubes import tube
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.testing.spheres import sphere_mask, sphere_volume_ml

ANTERIOR = np.array([0.0, -1.0, 0.0])


def two_triangles():
    """A small triangle in front of a large one, seen from the front of the patient (towards +y)."""
    points = np.array(
        [
            [-20.0, 0.0, -20.0],
            [20.0, 0.0, -20.0],
            [0.0, 0.0, 25.0],
            [-5.0, -8.0, -5.0],
            [5.0, -8.0, -5.0],
            [0.0, -8.0, 5.0],
        ]
    )
    return points, np.array([[0, 1, 2], [3, 4, 5]])


def test_from_the_front_the_patients_left_is_on_the_right_and_the_head_is_up():
    camera = look_from(ANTERIOR, np.zeros(3), 30.0, width=200, height=150, tangent=0.2)
    centre, left, head = camera.screen([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [0.0, 0.0, 10.0]])
    assert centre[:2] == pytest.approx([100.0, 75.0])
    assert left[0] > centre[0]
    assert head[1] < centre[1]


def test_the_nearer_triangle_hides_the_farther_one():
    points, triangles = two_triangles()
    for order in ([0, 1], [1, 0]):
        camera = look_from(ANTERIOR, np.zeros(3), 30.0, width=90, height=90, tangent=0.2)
        raster = rasterise(points, triangles[order], camera)
        assert order[raster.triangle[45, 45]] == 1
        assert order[raster.triangle[60, 30]] == 0
        assert raster.triangle[2, 2] == -1


def test_the_compiled_rasteriser_agrees_with_its_readable_twin():
    points, triangles = two_triangles()
    camera = look_from((0.3, -1.0, 0.2), np.zeros(3), 30.0, width=60, height=40, tangent=0.2)
    fast = rasterise(points, triangles, camera)
    triangle = np.full((40, 60), -1, dtype=np.int32)
    buffers = np.zeros((40, 60, 3), dtype=np.float32)
    buffers[..., 0] = -np.inf
    fill_triangles.py_func(camera.screen(points), triangles, np.ones(2, dtype=np.bool_), triangle, buffers)
    assert np.array_equal(fast.triangle, triangle)
    assert fast.nearness == pytest.approx(buffers[..., 0])


def test_the_compiled_hollows_agree_with_their_readable_twin():
    rng = np.random.default_rng(3)
    distance = (100.0 + 4.0 * rng.random((12, 16))).astype(np.float32)
    normals = np.zeros((12, 16, 3), dtype=np.float32)
    normals[..., 2] = -1.0
    compiled = open_sky(distance, normals, 0.2, 9.0)
    assert compiled == pytest.approx(open_sky.py_func(distance, normals, 0.2, 9.0), abs=1e-5)
    assert compiled.min() < 1.0


def test_a_flat_surface_has_no_hollow():
    normals = np.zeros((10, 10, 3), dtype=np.float32)
    normals[..., 2] = -1.0
    assert open_sky(np.full((10, 10), 80.0, dtype=np.float32), normals, 0.2, 9.0) == pytest.approx(1.0)


def test_a_sphere_covers_the_disc_that_perspective_gives_it():
    grid = Grid(shape=(30, 30, 30), spacing_mm=(1.0, 1.0, 1.0), origin_mm=(-14.5, -14.5, -14.5))
    surface = smooth_surface(sphere_mask(grid, (0.0, 0.0, 0.0), 10.0))
    assert surface.volume_mm3 / 1000 == pytest.approx(sphere_volume_ml(10.0), rel=0.05)  # smoothing rounds it off
    camera = look_from(ANTERIOR, np.zeros(3), 20.0, width=300, height=300, tangent=0.2)
    distance = np.linalg.norm(camera.eye_mm)
    radius = (surface.volume_mm3 * 3 / (4 * np.pi)) ** (1 / 3)
    expected = np.pi * (radius / np.sqrt(distance**2 - radius**2) * 300 / (2 * 0.2)) ** 2
    assert rasterise(surface.points_mm, surface.triangles, camera).covered.sum() == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("pointed", [False, True])
def test_a_tube_is_closed_and_faces_outward(pointed):
    axis = Segment(start_mm=(1.0, 2.0, 3.0), end_mm=(20.0, -10.0, 30.0))
    surface = tube(axis, 2.0, pointed=pointed)
    full = np.pi * 4.0 * axis.length_mm
    assert 0.8 * full < surface.volume_mm3 < full


def test_scenes_show_something_and_are_the_same_twice(inputs, pictures):
    again = render_scenes(inputs, width=280, height=200)
    assert set(again) == {"scene_oblique", "scene_lateral"}
    for key, picture in again.items():
        assert picture.pixels.shape == (200, 280, 3)
        assert np.array_equal(picture.pixels, pictures.scenes[key].pixels)
        assert picture.pixels.astype(float).std(axis=(0, 1)).min() > 8


def test_the_tumour_shows_through_the_bone(inputs, pictures):
    """At the centre of the picture the tumour, inside the bone, tints the bone red."""
    pixels = pictures.scenes["scene_oblique"].pixels.astype(float)
    red, green, _ = pixels[95:106, 135:146].mean(axis=(0, 1))
    assert red > green + 30  # bone alone is 10 redder than green


def test_a_case_without_ice_or_organs_still_has_pictures(inputs):
    warm = replace(inputs.run, coldest_c=np.full_like(inputs.run.coldest_c, 37.0))
    bare = replace(inputs, run=warm, case=replace(inputs.case, organs_at_risk=()))
    for picture in render_scenes(bare, width=80, height=60).values():
        assert picture.pixels.std() > 5


def test_an_unknown_margin_is_grey_not_a_colour(inputs):
    margin = replace(inputs.assessment.margin, margin_mm=np.full_like(inputs.assessment.margin.margin_mm, np.nan))
    unknown = replace(inputs, assessment=replace(inputs.assessment, margin=margin))
    pixels = render_margin_surface(unknown, width=80, height=60).pixels.astype(float)
    middle = pixels[28:33, 38:43].reshape(-1, 3)
    assert np.ptp(middle, axis=1).max() < 6
