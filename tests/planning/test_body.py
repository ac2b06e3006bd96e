"""The body and its skin: on solids whose surface is known, on crops, with tables, lungs and legs."""

from __future__ import annotations

import numpy as np
import pytest

from givre.foundation.errors import EmptyMask, NotFinite
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.planning.access.body import find_body
from tests.planning.access_scenes import BODY_RADIUS_MM, ball, cube, patient

TILTED = ((0.0, 0.6, 0.8), (0.0, -0.8, 0.6), (-1.0, 0.0, 0.0))
"""A lattice turned about the patient's left-right axis, one axis flipped."""


@pytest.mark.parametrize("axes", [None, TILTED])
def test_the_skin_of_a_ball_lies_on_the_ball(axes):
    ct, masks = patient(cube(140.0, axes=axes))
    body = find_body(ct, masks)
    points = body.skin_points_mm(3.0)
    radius = np.linalg.norm(points, axis=1)
    assert len(points) > 1000
    assert abs(radius.mean() - BODY_RADIUS_MM) < 0.3
    assert np.abs(radius - BODY_RADIUS_MM).max() < 1.2, "0.6 of a 2 mm voxel"
    cosine = np.einsum("ij,ij->i", body.outward(points), points / radius[:, None])
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 12.0
    assert body.cut_faces == ()


def test_entries_are_as_far_apart_as_asked():
    ct, masks = patient(cube(140.0))
    points = find_body(ct, masks).skin_points_mm(4.0)
    area_each_mm2 = 4 * np.pi * BODY_RADIUS_MM**2 / len(points)
    assert 8.0 < area_each_mm2 < 32.0


def test_faces_where_the_image_cuts_the_body_are_told_and_are_not_skin():
    ct, masks = patient(cube(100.0))
    body = find_body(ct, masks)
    assert body.cut_faces == ("A", "F", "H", "L", "P", "R")
    faces = body.cut_points_mm(4.0)
    assert np.allclose(np.abs(faces).max(axis=1), 50.0)
    skin = body.skin_points_mm(4.0)
    assert (np.abs(skin).max(axis=1) <= 50.0).all()
    assert np.linalg.norm(skin, axis=1).min() > BODY_RADIUS_MM - 1.5, "no skin inside the body"


def test_a_crop_without_air_shows_no_skin():
    ct, masks = patient(cube(60.0))
    body = find_body(ct, masks)
    assert len(body.skin_points_mm(2.0)) == 0
    assert body.contains([[0.0, 0.0, 0.0], [29.0, 29.0, 29.0], [31.0, 0.0, 0.0]]).tolist() == [True, True, False]


def test_a_table_is_taken_off():
    grid = cube(160.0)
    ct, masks = patient(grid)
    y = grid.voxel_centres_mm()[..., 1]
    with_table = np.where((y > 62.0) & (y < 66.5), 100.0, ct.values)
    body = find_body(Volume(grid=grid, values=with_table.astype(np.float32), unit="HU"), masks)
    assert body.table_ml > 50.0
    radius = np.linalg.norm(body.skin_points_mm(3.0), axis=1)
    assert radius.max() < BODY_RADIUS_MM + 2.5


def test_lung_and_bowel_gas_are_inside():
    grid = cube(140.0)
    ct, masks = patient(grid)
    points = grid.voxel_centres_mm()
    hollow = np.where(np.linalg.norm(points - np.array([20.0, 0.0, 0.0]), axis=-1) < 15.0, -850.0, ct.values)
    hollow = np.where(np.linalg.norm(points + np.array([25.0, 0.0, 0.0]), axis=-1) < 8.0, -1000.0, hollow)
    body = find_body(Volume(grid=grid, values=hollow.astype(np.float32), unit="HU"), masks)
    assert body.contains([[20.0, 0.0, 0.0], [-25.0, 0.0, 0.0]]).all()


def test_lung_cut_by_the_edge_of_a_crop_is_inside_and_told():
    grid = cube(80.0)
    ct, masks = patient(grid, radius_mm=200.0)
    x = grid.voxel_centres_mm()[..., 0]
    lung = np.where(x > 20.0, -850.0, ct.values)
    body = find_body(Volume(grid=grid, values=lung.astype(np.float32), unit="HU"), masks)
    assert body.contains([[35.0, 0.0, 0.0]]).all()
    assert body.filled_ml > 50.0


def test_the_leg_with_the_tumour_is_kept_beside_the_larger_one():
    grid = cube(200.0, 4.0)
    points = grid.voxel_centres_mm()
    legs = [
        (np.linalg.norm(points[..., :2] - np.array([x, 0.0]), axis=-1) < r) for x, r in ((45.0, 40.0), (-50.0, 12.0))
    ]
    hu = np.where(legs[0] | legs[1], 50.0, -1000.0).astype(np.float32)
    tumour = ball(grid, (-50.0, 0.0, 0.0), 8.0, "tumour")
    body = find_body(Volume(grid=grid, values=hu, unit="HU"), {"tumour": tumour})
    assert body.contains([[45.0, 0.0, 0.0], [-50.0, 0.0, 60.0], [-15.0, 0.0, 0.0]]).tolist() == [True, True, False]


def test_a_drawn_body_is_taken_as_it_is():
    grid = cube(100.0)
    ct, masks = patient(grid)
    drawn = ball(grid, (0.0, 0.0, 0.0), 30.0, "body")
    body = find_body(ct, {**masks, "body": drawn})
    assert body.origin == "structure"
    assert (body.mask.inside == drawn.inside).all()


def test_an_image_of_air_has_no_body():
    grid = cube(40.0)
    air = Volume(grid=grid, values=np.full(grid.shape, -1000.0, dtype=np.float32), unit="HU")
    with pytest.raises(EmptyMask, match="no body"):
        find_body(air, {})


def test_values_that_are_not_numbers_are_refused():
    grid = cube(40.0)
    values = np.full(grid.shape, 50.0, dtype=np.float32)
    values[3, 3, 3] = np.nan
    with pytest.raises(NotFinite, match="not finite"):
        find_body(Volume(grid=grid, values=values, unit="HU"), {})


def test_a_thin_slice_stack_in_another_order_gives_the_same_skin():
    grid = cube(140.0)
    ct, masks = patient(grid)
    turned = Grid(
        shape=grid.shape,
        spacing_mm=grid.spacing_mm,
        origin_mm=(grid.origin_mm[0], grid.origin_mm[1], -grid.origin_mm[2]),
        axes=((0.0, 0.0, -1.0), grid.axes[1], grid.axes[2]),
    )
    flipped = {name: Mask(grid=turned, inside=mask.inside[::-1].copy(), name=name) for name, mask in masks.items()}
    other = find_body(Volume(grid=turned, values=ct.values[::-1].copy(), unit="HU"), flipped)
    first = find_body(ct, masks)
    points = first.skin_points_mm(5.0)
    assert np.allclose(first.outward(points), other.outward(points), atol=1e-6)
