"""Arrays re-ordered so that their axes run towards head, back and left, without interpolation."""

from __future__ import annotations

from itertools import permutations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from givre.geometry.grid import Grid, Point

_Scalar = TypeVar("_Scalar", bound=np.generic)

_TARGET = (2, 1, 0)
"""Patient axis (0 = x, 1 = y, 2 = z) wanted along k, j and i."""


def towards_lps(values: npt.NDArray[_Scalar], grid: Grid) -> tuple[npt.NDArray[_Scalar], Grid]:
    """The same voxels at the same places, stored with k towards head, j towards back, i towards left.

    Each axis takes the nearest patient axis, so an oblique scan stays oblique; a left-handed lattice
    becomes right-handed. Values, shape (k, j, i), are only moved, never interpolated.

    >>> stored = Grid(shape=(1, 1, 2), spacing_mm=(1.0, 1.0, 1.0), axes=((0, 0, 1), (0, 1, 0), (-1, 0, 0)))
    >>> values, grid = towards_lps(np.array([[[1, 2]]]), stored)
    >>> values.tolist(), grid.origin_mm
    ([[[2, 1]]], (-1.0, 0.0, 0.0))
    """
    axes = np.array(grid.axes, dtype=float)
    order = max(permutations(range(3)), key=lambda rows: sum(abs(axes[row, _TARGET[n]]) for n, row in enumerate(rows)))
    reverse = [bool(axes[row, _TARGET[n]] < 0) for n, row in enumerate(order)]
    first_voxel = [0, 0, 0]
    for n, row in enumerate(order):
        first_voxel[row] = grid.shape[row] - 1 if reverse[n] else 0
    turned_axes = [axes[row] * (-1.0 if reverse[n] else 1.0) for n, row in enumerate(order)]
    shape, spacing = [grid.shape[row] for row in order], [grid.spacing_mm[row] for row in order]
    turned = Grid(
        shape=(shape[0], shape[1], shape[2]),
        spacing_mm=(spacing[0], spacing[1], spacing[2]),
        origin_mm=_point(grid.index_to_lps(first_voxel)),
        axes=(_point(turned_axes[0]), _point(turned_axes[1]), _point(turned_axes[2])),
    )
    steps = tuple(slice(None, None, -1) if back else slice(None) for back in reverse)
    return np.ascontiguousarray(values.transpose(order)[steps]), turned


def _point(values: npt.NDArray[np.float64]) -> Point:
    x, y, z = (float(value) + 0.0 for value in values)  # + 0.0 turns -0.0 into 0.0
    return (x, y, z)
