"""Planning slices show what lies there, on the right side."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from givre.adapters.render.slices import draw_slice, isotherm_lines
from givre.dossier.phrasing import phrasing
from givre.dossier.views import across_probe, planning_views
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.testing.dossiers import MARKER_MM


def pixels(png: bytes):
    return np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float)


def patch(picture, view, right_mm, down_mm):
    """Mean brightness of 7 x 7 pixels around a place of the drawn view."""
    size = picture.shape[1]  # the picture is square and at the top, its legend is under it
    column = round((right_mm / view.half_width_mm + 1) / 2 * size)
    row = round((down_mm / view.half_width_mm + 1) / 2 * size)
    return picture[row - 3 : row + 4, column - 3 : column + 4].mean()


@pytest.mark.parametrize("index", range(6))
def test_the_marker_is_drawn_where_it_lies_and_not_at_its_mirror_places(inputs, index):
    view = planning_views(inputs)[index]
    depth = float(np.subtract(MARKER_MM, view.centre_mm) @ view.into)
    view = replace(view, centre_mm=view.centre_mm + depth * view.into, half_width_mm=45.0)
    x, y, _ = view.project(MARKER_MM)
    picture = pixels(draw_slice(view, inputs, phrasing("fr")))
    assert patch(picture, view, x, y) > 225
    mirrors = [(sx * x, sy * y) for sx, sy in ((-1, 1), (1, -1), (-1, -1)) if np.hypot((1 - sx) * x, (1 - sy) * y) > 14]
    assert mirrors
    assert all(patch(picture, view, *place) < 190 for place in mirrors)


@pytest.mark.parametrize("direction", [(0.0, 0.0, 1.0), (0.5, -0.7, 0.4), (0.2, 0.9, -0.3)])
def test_contours_lie_within_half_a_voxel_of_the_field(inputs, direction):
    """A field that is the distance to a point: its level surfaces are spheres, cut by the plane in a known circle."""
    grid = Grid(shape=(40, 40, 40), spacing_mm=(2.0, 2.0, 2.0), origin_mm=(-39.0, -39.0, -39.0))
    centre = np.array([1.3, -2.1, 0.7])
    distance = np.linalg.norm(grid.voxel_centres_mm() - centre, axis=-1)
    field = Volume(grid=grid, values=distance.astype(np.float32), unit="degC")
    entry = tuple((-40.0 * np.array(direction)).tolist())
    placement = replace(inputs.case.placements[0], entry_mm=entry, target_mm=(0.0, 0.0, 0.0))
    view = across_probe(placement, centre + 6.0 * np.array(direction) / np.linalg.norm(direction), 30.0)
    lines = isotherm_lines(field, view, 17.0)
    radius = np.hypot(*np.concatenate(lines).T)
    assert np.abs(radius - np.sqrt(17.0**2 - 6.0**2)).max() <= 0.5 * 2.0


def test_what_lies_outside_the_simulated_domain_gets_no_contour(inputs):
    view = planning_views(inputs)[0]
    far = replace(view, centre_mm=view.centre_mm + np.array([0.0, 0.0, 500.0]))
    coldest = Volume(grid=inputs.run.grid, values=inputs.run.coldest_c, unit="degC")
    assert isotherm_lines(coldest, far, 0.0) == []


def test_drawing_twice_gives_the_same_bytes(inputs):
    view = planning_views(inputs)[4]
    say = phrasing("en")
    assert draw_slice(view, inputs, say) == draw_slice(view, inputs, say)
