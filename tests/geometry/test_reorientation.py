"""Turning an array upright moves voxels in memory and nowhere else."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from givre.geometry.grid import Grid, Point
from givre.geometry.reorientation import towards_lps
from givre.geometry.volume import Volume

VALUES = np.arange(2 * 3 * 4).reshape(2, 3, 4)


def rotated(angle_deg: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def point(row: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Point:
    return (float(row[0]), float(row[1]), float(row[2]))


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("signs", list(product((1, -1), repeat=3)))
@pytest.mark.parametrize("angle_deg", [0.0, 25.0])
def test_every_voxel_keeps_its_place(order: tuple[int, ...], signs: tuple[int, ...], angle_deg: float) -> None:
    axes = (np.eye(3)[list(order)] * np.array(signs)[:, None]) @ rotated(angle_deg)
    grid = Grid(
        shape=(2, 3, 4),
        spacing_mm=(5.0, 2.0, 1.0),
        origin_mm=(7.0, -3.0, 11.0),
        axes=(point(axes[0]), point(axes[1]), point(axes[2])),
    )
    values, turned = towards_lps(VALUES, grid)
    assert turned.letters() == (("F", "H"), ("A", "P"), ("R", "L"))
    assert np.linalg.det(np.array(turned.axes)[::-1]) == pytest.approx(1.0)  # x, y, z order: right-handed
    assert values.flags.c_contiguous
    assert Volume(grid=turned, values=values.astype(float), unit="1").values.shape == turned.shape
    for index in np.ndindex(VALUES.shape):
        found = np.rint(turned.lps_to_index(grid.index_to_lps(index))).astype(int)
        assert values[tuple(found)] == VALUES[index]
