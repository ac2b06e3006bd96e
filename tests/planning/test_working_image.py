"""The part of a CT in use: cut to the reach of a needle, never smaller structures when voxels are joined."""

from __future__ import annotations

import numpy as np
import pytest

from givre.planning.access.working_image import working_image
from tests.planning.access_scenes import ball, cube, laid_out, patient


def test_a_small_image_stays_as_it_is():
    grid = cube(140.0)
    ct, masks = patient(grid)
    cut, same = working_image(ct, masks, around="tumour", reach_mm=250.0)
    assert cut.grid == grid
    assert (same["tumour"].inside == masks["tumour"].inside).all()


def test_an_image_is_cut_to_the_reach_around_the_tumour():
    grid = cube(140.0)
    ct, masks = patient(grid)
    cut, _ = working_image(ct, masks, around="tumour", reach_mm=20.0)
    assert cut.grid.shape[0] < 32
    assert cut.grid.shape[1:] == grid.shape[1:], "across the body nothing is cut off"
    index = np.array([3, 4, 5])
    point = cut.grid.index_to_lps(index)
    there = np.round(grid.lps_to_index(point)).astype(int)
    assert cut.values[tuple(index)] == ct.values[tuple(there)]


def test_joined_voxels_keep_every_structure_and_its_place():
    grid = cube(140.0)
    ct, masks = patient(grid, ball(grid, (21.0, -13.0, 8.0), 2.0, "aorta"))
    joined, structures = working_image(ct, masks, around="nothing", reach_mm=0.0, most_voxels=50_000)
    assert np.prod(joined.grid.shape) <= 50_000
    assert structures["aorta"].volume_ml >= masks["aorta"].volume_ml
    assert structures["aorta"].centroid_mm() == pytest.approx((21.0, -13.0, 8.0), abs=2.0)
    fine = np.argwhere(masks["aorta"].inside)
    coarse = np.round(joined.grid.lps_to_index(grid.index_to_lps(fine))).astype(int)
    assert structures["aorta"].inside[tuple(coarse.T)].all()


def test_paths_on_joined_voxels_are_never_freer(monkeypatch):
    grid = cube(140.0)
    scene = patient(grid, ball(grid, (15.0, 25.0, 0.0), 6.0, "aorta"))
    entries = 60.0 * np.stack([np.sin(np.linspace(-1, 1, 60)), np.cos(np.linspace(-1, 1, 60)), np.zeros(60)], axis=1)
    fine = laid_out(*scene).checker.check(entries, [0.0, 0.0, 0.0])
    monkeypatch.setattr("givre.planning.access.working_image.working_image.__kwdefaults__", {"most_voxels": 60_000})
    coarse = laid_out(*scene).checker.check(entries, [0.0, 0.0, 0.0])
    assert not (coarse.is_allowed & ~fine.is_allowed).any()
