"""The smooth shape behind a mask: right volume, no staircase, never vanishing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from givre.foundation.errors import EmptyMask
from givre.geometry.grid import Grid
from givre.geometry.shape import (
    box_corners_mm,
    mask_surface,
    points_filling_mm,
    smooth_shape,
    split_voxels_mm,
)
from givre.geometry.volume import Mask
from givre.testing.spheres import sphere_mask

SPACINGS = [(1.0, 1.0, 1.0), (1.5, 1.5, 1.5), (3.0, 0.8, 0.8)]


def sphere(radius_mm, spacing_mm):
    grid = Grid(shape=tuple(int(2 * radius_mm / s) + 5 for s in spacing_mm), spacing_mm=spacing_mm)
    centre = grid.centre_mm + np.array([0.13, 0.27, 0.41])
    return sphere_mask(grid, centre, radius_mm), centre


def filled(shape, spacing_mm=(1.0, 1.0, 1.0)):
    return Mask(grid=Grid(shape=shape, spacing_mm=spacing_mm), inside=np.ones(shape, dtype=bool), name="block")


@pytest.mark.parametrize("spacing_mm", SPACINGS)
@pytest.mark.parametrize("radius_mm", [6.0, 12.0])
def test_surface_of_a_mask_encloses_its_volume(radius_mm, spacing_mm):
    mask, _ = sphere(radius_mm, spacing_mm)
    assert mask_surface(mask).volume_mm3 == pytest.approx(1000 * mask.volume_ml, rel=0.002)


@pytest.mark.parametrize(("spacing_mm", "tilt_deg"), [(SPACINGS[0], 8.0), (SPACINGS[1], 8.0), (SPACINGS[2], 15.0)])
def test_surface_of_a_voxelised_sphere_has_no_staircase(spacing_mm, tilt_deg):
    mask, centre = sphere(12.0, spacing_mm)
    surface = mask_surface(mask)
    off_mm = np.linalg.norm(surface.points_mm - centre, axis=1) - 12.0
    assert off_mm.std() < 0.1 * max(spacing_mm)
    assert np.abs(off_mm).max() < 0.4 * max(spacing_mm)  # the flat caps that voxels put on a sphere
    # a staircase has 8 to 50 % more area than the sphere and normals 40 degrees off
    assert surface.area_mm2 == pytest.approx(4 * np.pi * 12.0**2, rel=0.02)
    normals = surface.area_vectors_mm2 / np.linalg.norm(surface.area_vectors_mm2, axis=1)[:, None]
    radial = surface.corners_mm.mean(axis=1) - centre
    cosine = np.einsum("mi,mi->m", normals, radial / np.linalg.norm(radial, axis=1)[:, None])
    assert np.degrees(np.arccos(np.percentile(cosine, 5))) < tilt_deg


@st.composite
def blobs(draw):
    """A few overlapping or separate ellipsoids, like a drawn tumour."""
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    spacing_mm = draw(st.sampled_from(SPACINGS))
    grid = Grid(shape=tuple(int(24 / s) for s in spacing_mm), spacing_mm=spacing_mm)
    offset_mm = grid.voxel_centres_mm() - grid.centre_mm
    inside = np.zeros(grid.shape, dtype=bool)
    for _ in range(draw(st.integers(1, 3))):
        radii_mm, centre_mm = numbers.uniform(3.0, 9.0, 3), numbers.uniform(-6.0, 6.0, 3)
        inside |= (((offset_mm - centre_mm) / radii_mm) ** 2).sum(axis=-1) <= 1.0
    return Mask(grid=grid, inside=inside, name="blob")


@given(blobs())
@settings(deadline=None, max_examples=25)
def test_surface_of_any_drawn_tumour_encloses_its_volume(mask):
    assert mask_surface(mask).volume_mm3 == pytest.approx(1000 * mask.volume_ml, rel=0.005)


@given(arrays(np.bool_, (3, 4, 5)), st.sampled_from(SPACINGS))
@settings(deadline=None, max_examples=50)
def test_no_mask_is_too_small_or_too_thin_to_have_a_surface(inside, spacing_mm):
    mask = Mask(grid=Grid(shape=inside.shape, spacing_mm=spacing_mm), inside=inside, name="nerve root")
    if mask.is_empty:
        with pytest.raises(EmptyMask, match="nerve root holds no voxel"):
            smooth_shape(mask)
        return
    # in a handful of ragged voxels the volume jumps where bridges between voxels open
    assert mask_surface(mask).volume_mm3 == pytest.approx(1000 * mask.volume_ml, rel=0.5)


def test_height_changes_sign_at_the_surface_and_grows_with_distance():
    mask, centre = sphere(8.0, (1.0, 1.0, 1.0))
    shape = smooth_shape(mask, reach_mm=6.0)
    line_mm = centre + np.arange(0.5, 14.0)[:, None] * np.array([0.6, 0.8, 0.0])
    assert shape.is_inside(line_mm).tolist() == [True] * 8 + [False] * 6
    assert not shape.is_inside([centre + 500.0])[0]


@pytest.mark.parametrize("grown_mm", [0.0, 4.0])
def test_filling_points_fill_the_grown_shape_evenly(grown_mm):
    mask, centre = sphere(8.0, (1.5, 1.5, 1.5))
    shape = smooth_shape(mask, reach_mm=grown_mm)
    points_mm = points_filling_mm(shape, grown_mm=grown_mm)
    assert points_mm.mean(axis=0) == pytest.approx(centre, abs=0.1)
    reached_mm = np.linalg.norm(points_mm - centre, axis=1).max()
    assert reached_mm == pytest.approx(8.0 + grown_mm, abs=0.5)
    part_ml = (0.5**3) / 1000
    assert len(points_mm) * part_ml == pytest.approx(4 / 3 * np.pi * (8.0 + grown_mm) ** 3 / 1000, rel=0.02)


def test_structure_at_the_edge_of_the_image_grows_beyond_it():
    mask = filled((6, 6, 6))
    points_mm = points_filling_mm(smooth_shape(mask, reach_mm=3.0), grown_mm=3.0)
    assert points_mm.min() == pytest.approx(-3.5, abs=0.3)
    assert points_mm.max() == pytest.approx(8.5, abs=0.3)


def test_split_voxels_share_their_box_equally():
    grid = Grid(shape=(2, 1, 1), spacing_mm=(2.0, 1.0, 1.0))
    parts = split_voxels_mm(grid, np.array([[1, 0, 0]]), finest_mm=1.0, most_points=100)
    assert parts.tolist() == [[[0.0, 0.0, 1.5], [0.0, 0.0, 2.5]]]


@pytest.mark.parametrize("most_points", [1, 10, 100, 1000, 10_000])
def test_splitting_keeps_one_point_per_voxel_and_respects_the_limit(most_points):
    grid = Grid(shape=(5, 5, 5), spacing_mm=(3.0, 1.0, 1.0))
    index = np.argwhere(np.ones(grid.shape, dtype=bool))
    parts = split_voxels_mm(grid, index, finest_mm=0.5, most_points=most_points)
    assert parts.shape[0] == 125
    assert parts.shape[0] * parts.shape[1] <= max(most_points, 125)
    assert parts.mean(axis=1) == pytest.approx(grid.index_to_lps(index))


def test_box_corners_are_the_outer_corners_of_the_voxels():
    corners = box_corners_mm(filled((2, 3, 4), (2.0, 1.0, 0.5)))
    assert corners.min(axis=0) == pytest.approx([-0.25, -0.5, -1.0])
    assert corners.max(axis=0) == pytest.approx([1.75, 2.5, 3.0])
    assert len(corners) == 3 * 4 * 5 - 1 * 2 * 3  # all lattice nodes but those inside


def test_box_corners_of_a_mask_far_from_the_first_voxel_lie_around_it():
    grid = Grid(shape=(9, 9, 9), spacing_mm=(1.0,) * 3, origin_mm=(10.0, 20.0, 30.0))
    inside = np.zeros(grid.shape, dtype=bool)
    inside[5, 6, 7] = True
    corners = box_corners_mm(Mask(grid=grid, inside=inside, name="one"))
    assert len(corners) == 8
    assert corners.mean(axis=0) == pytest.approx([17.0, 26.0, 35.0])
