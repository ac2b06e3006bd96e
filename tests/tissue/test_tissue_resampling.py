"""The tissue map on the simulation lattice."""

import numpy as np
import pytest

from givre.geometry.grid import Grid
from givre.tissue.tissue_map import Tissue, TissueMap
from givre.tissue.tissue_resampling import resample_tissue

GRID = Grid(shape=(4, 4, 4), spacing_mm=(1.0, 1.0, 1.0))


def half_bone() -> TissueMap:
    labels = np.full(GRID.shape, Tissue.MUSCLE, dtype=np.uint8)
    labels[:, :, 2:] = Tissue.CORTICAL_BONE
    hu = np.where(labels == Tissue.MUSCLE, 50.0, 1000.0).astype(np.float32)
    return TissueMap(grid=GRID, labels=labels, hu=hu)


def test_the_same_lattice_gives_the_same_map_back():
    tissue_map = half_bone()
    assert resample_tissue(tissue_map, GRID) is tissue_map


def test_soft_tissue_beside_bone_does_not_thin_its_cortex():
    fine = Grid(shape=(8, 8, 8), spacing_mm=(0.5, 0.5, 0.5), origin_mm=(-0.25, -0.25, -0.25))
    found = resample_tissue(half_bone(), fine)
    bone = found.labels == Tissue.CORTICAL_BONE
    assert bone.mean() == pytest.approx(0.5)
    np.testing.assert_allclose(found.hu[bone], 1000.0, rtol=1e-5)


def test_hu_vary_linearly_inside_bone():
    labels = np.full(GRID.shape, Tissue.TRABECULAR_BONE, dtype=np.uint8)
    hu = np.broadcast_to(100.0 * np.arange(4), GRID.shape).astype(np.float32)
    shifted = Grid(shape=(2, 2, 3), spacing_mm=(1.0, 1.0, 1.0), origin_mm=(0.25, 0.5, 0.5))
    found = resample_tissue(TissueMap(grid=GRID, labels=labels, hu=hu), shifted)
    np.testing.assert_allclose(found.hu[0, 0], [25.0, 125.0, 225.0], rtol=1e-5)


def test_beyond_the_ct_the_edge_is_repeated_and_the_share_is_said():
    wide = Grid(shape=(4, 4, 8), spacing_mm=(1.0, 1.0, 1.0), origin_mm=(-2.0, 0.0, 0.0))
    found = resample_tissue(half_bone(), wide)
    assert found.extrapolated_fraction == pytest.approx(0.5)
    assert (found.labels[:, :, :4] == Tissue.MUSCLE).all()
    assert (found.labels[:, :, 4:] == Tissue.CORTICAL_BONE).all()
    assert "50% of the simulated domain lies outside the CT" in found.notes[-1]


def test_a_lattice_turned_by_a_right_angle_keeps_every_voxel():
    turned = Grid(
        shape=GRID.shape,
        spacing_mm=GRID.spacing_mm,
        origin_mm=(3.0, 0.0, 0.0),
        axes=((0.0, 0.0, 1.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    )
    found = resample_tissue(half_bone(), turned)
    np.testing.assert_array_equal(found.labels, np.rot90(half_bone().labels, axes=(1, 2)))
    assert found.extrapolated_fraction == 0
