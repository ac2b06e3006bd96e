"""Make a stack whole: interpolate missing slices and undo the shear of a tilted gantry, both on request."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.adapters.dicom.series.stack import Stack
from givre.usecases.ct_checks import AIR_HU

Hounsfield = npt.NDArray[np.float32]


def fill_gaps(values: Hounsfield, stack: Stack) -> None:
    """Interpolate missing slices linearly between their measured neighbours, in place.

    Args:
        values: shape (k, j, i); slices at `stack.places` hold data.
        stack: the stack it was filled from.
    """
    for before, after in pairwise(stack.places):
        for k in range(before + 1, after):
            weight = np.float32((k - before) / (after - before))
            values[k] = (1 - weight) * values[before] + weight * values[after]


def sheared_upright(
    values: Hounsfield, drift_mm: npt.NDArray[np.float64], spacing_mm: tuple[float, float]
) -> tuple[Hounsfield, tuple[float, float]]:
    """Shift each slice within its plane so that all stand upright above each other.

    The new field covers every slice; what no slice covered becomes air (-1024 HU). Interpolation is
    linear within the slice; the distance between slices is already measured along the normal.

    Args:
        values: shape (k, j, i), slice k displaced by drift_mm[k].
        drift_mm: displacement of each slice along (j, i) [mm], shape (k, 2).
        spacing_mm: voxel size along (j, i).

    Returns:
        The upright values and the displacement of their first voxel along (j, i) [mm].
    """
    drift = drift_mm / np.array(spacing_mm)
    first, last = np.floor(drift.min(axis=0)), np.ceil(drift.max(axis=0))
    extra = (last - first).astype(int)
    depth, rows, columns = values.shape
    upright = np.full((depth, rows + extra[0], columns + extra[1]), AIR_HU, dtype=np.float32)
    for k in range(depth):
        padded = np.full(upright.shape[1:], AIR_HU, dtype=np.float32)
        padded[:rows, :columns] = values[k]
        upright[k] = ndimage.shift(
            padded, drift[k] - first, order=1, mode="grid-constant", cval=AIR_HU, prefilter=False
        )
    start = first * np.array(spacing_mm)
    return upright, (float(start[0]), float(start[1]))
