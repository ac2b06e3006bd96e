"""Triangle surfaces: closed, turned outward, with the volume and area of the shape they were cut from."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from givre.foundation.errors import NotFinite
from givre.geometry.grid import Grid
from givre.geometry.surface import TriangleSurface, isosurface
from givre.geometry.volume import Volume

LEFT_HANDED = ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
RIGHT_HANDED = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def distance_volume(grid: Grid, centre_mm: tuple[float, float, float]) -> Volume:
    distance_mm = np.linalg.norm(grid.voxel_centres_mm() - np.array(centre_mm), axis=-1)
    return Volume(grid=grid, values=distance_mm, unit="mm")


def directed_edges(surface: TriangleSurface) -> Counter[tuple[int, int]]:
    pairs = np.concatenate([surface.triangles[:, [0, 1]], surface.triangles[:, [1, 2]], surface.triangles[:, [2, 0]]])
    return Counter((int(start), int(end)) for start, end in pairs)


def is_closed(surface: TriangleSurface) -> bool:
    """Every edge is walked as often in one direction as in the other."""
    edges = directed_edges(surface)
    return all(edges[(end, start)] == count for (start, end), count in edges.items())


@pytest.mark.parametrize("axes", [RIGHT_HANDED, LEFT_HANDED])
def test_sphere_has_its_volume_and_area_and_points_outward(axes):
    grid = Grid(shape=(28, 40, 40), spacing_mm=(1.5, 1.0, 1.0), origin_mm=(100.0, -50.0, 900.0), axes=axes)
    centre = tuple(grid.centre_mm + 0.3)
    sphere = isosurface(distance_volume(grid, centre), 15.0)
    assert sphere.volume_mm3 == pytest.approx(4 / 3 * np.pi * 15.0**3, rel=0.005)
    assert sphere.area_mm2 == pytest.approx(4 * np.pi * 15.0**2, rel=0.005)
    outward = sphere.corners_mm.mean(axis=1) - np.array(centre)
    assert (np.einsum("mi,mi->m", sphere.area_vectors_mm2, outward) >= -1e-9).all()


def test_volume_error_falls_fourfold_when_the_grid_is_halved():
    errors = []
    for spacing, count in ((2.0, 20), (1.0, 40)):
        grid = Grid(shape=(count,) * 3, spacing_mm=(spacing,) * 3)
        sphere = isosurface(distance_volume(grid, tuple(grid.centre_mm + 0.13)), 14.0)
        errors.append(abs(sphere.volume_mm3 - 4 / 3 * np.pi * 14.0**3))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.3)


def test_region_that_fills_the_image_is_closed_on_the_outer_voxel_faces():
    grid = Grid(shape=(4, 6, 9), spacing_mm=(3.0, 1.0, 0.5))
    block = isosurface(Volume(grid=grid, values=np.full(grid.shape, -5.0), unit="degC"), 0.0)
    low, high = block.points_mm.min(axis=0), block.points_mm.max(axis=0)
    assert low == pytest.approx([-0.25, -0.5, -1.5])
    assert high == pytest.approx([4.25, 5.5, 10.5])
    assert is_closed(block)
    # only the edges of the block are cut off, by an eighth of a voxel each
    assert 0.95 * np.prod(grid.size_mm) < block.volume_mm3 <= np.prod(grid.size_mm)


def test_half_sphere_at_the_edge_of_the_image_has_half_the_volume():
    grid = Grid(shape=(40, 40, 20), spacing_mm=(1.0,) * 3)
    half = isosurface(distance_volume(grid, (-0.5, 19.6, 19.6)), 15.0)  # centred on the outer face of the image
    assert half.volume_mm3 == pytest.approx(2 / 3 * np.pi * 15.0**3, rel=0.01)
    assert is_closed(half)


def test_nothing_below_the_level_gives_an_empty_surface_without_volume():
    grid = Grid(shape=(3, 3, 3), spacing_mm=(1.0,) * 3)
    nothing = isosurface(Volume(grid=grid, values=np.full(grid.shape, 37.0), unit="degC"), 0.0)
    assert nothing.is_empty
    assert (nothing.volume_mm3, nothing.area_mm2) == (0.0, 0.0)


def test_value_that_is_not_finite_is_refused_with_the_count():
    grid = Grid(shape=(3, 3, 3), spacing_mm=(1.0,) * 3)
    values = np.zeros(grid.shape)
    values[1, 1, 1], values[0, 0, 0] = np.nan, np.inf
    with pytest.raises(NotFinite, match="2 voxels of the image hold no finite value"):
        isosurface(Volume(grid=grid, values=values, unit="degC"), 0.0)


def test_corner_areas_share_out_the_whole_area():
    grid = Grid(shape=(20, 20, 20), spacing_mm=(1.0,) * 3)
    sphere = isosurface(distance_volume(grid, (9.4, 9.6, 9.5)), 6.0)
    assert sphere.vertex_area_mm2.sum() == pytest.approx(sphere.area_mm2)
    assert sphere.vertex_area_mm2.shape == (len(sphere.points_mm),)


@given(arrays(np.float64, (4, 5, 3), elements=st.floats(-10, 10, width=32)))
@settings(deadline=None, max_examples=60)
def test_surface_of_any_field_is_closed(values):
    grid = Grid(shape=(4, 5, 3), spacing_mm=(1.0, 2.0, 0.5))
    surface = isosurface(Volume(grid=grid, values=values, unit="1"), 0.0)
    assert surface.is_empty == (not (values <= 0).any())
    assert is_closed(surface)
    assert surface.volume_mm3 >= 0.0


@given(arrays(np.int8, (4, 4, 4), elements=st.integers(-1, 1)))
@settings(deadline=None, max_examples=60)
def test_surface_through_voxels_that_lie_exactly_on_the_level_is_closed(values):
    grid = Grid(shape=(4, 4, 4), spacing_mm=(1.0,) * 3)
    surface = isosurface(Volume(grid=grid, values=values.astype(float), unit="1"), 0.0)
    assert surface.is_empty == (not (values <= 0).any())
    assert is_closed(surface)
