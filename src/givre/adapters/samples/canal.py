"""A spinal canal drawn by geometry, where a scan comes with bone masks only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.foundation.errors import InputError
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask

Inside = npt.NDArray[np.bool_]

FEWEST_RINGS = 3
"""Axial slices with a closed bone ring that are needed to know how the canal runs."""


def canal_from_bone(
    bodies: Mask, arches: Mask, *, smallest_area_mm2: float = 80.0, largest_area_mm2: float = 900.0
) -> Mask:
    """The canal as an elliptic tube through the bone rings.

    In the axial slices where pedicles and arch close a ring, its hole is the canal: an ellipse with the same centre
    and second moments stands for it. Centres and half axes are linear between these slices and constant beyond
    them; bone voxels are taken out. An estimate to follow exposure with, not an expert's contour: it misses the
    lateral recesses and foramina.

    Args:
        bodies: vertebral bodies, on a lattice whose axes lie along the patient's.
        arches: their arches and processes, on the same lattice.
        smallest_area_mm2: smaller holes are gaps between facets.
        largest_area_mm2: larger holes are not canals.

    Raises:
        InputError: if the lattice is oblique or fewer than three slices hold a closed ring.
    """
    grid = bodies.grid
    order, flips = _axial_order(grid)
    body_view, arch_view = (np.transpose(mask.inside, order)[flips] for mask in (bodies, arches))
    centres_mm = np.transpose(grid.voxel_centres_mm(), (*order, 3))[flips]
    x_mm, y_mm, z_mm = centres_mm[0, 0, :, 0], centres_mm[0, :, 0, 1], centres_mm[:, 0, 0, 2]
    pixel_mm2 = abs((x_mm[1] - x_mm[0]) * (y_mm[1] - y_mm[0]))
    rings = []
    for z, body, arch in zip(z_mm, body_view, arch_view, strict=True):
        hole = _largest_hole(ndimage.binary_fill_holes(body) | arch)
        area_mm2 = float(hole.sum()) * pixel_mm2
        if smallest_area_mm2 <= area_mm2 <= largest_area_mm2:
            rows, columns = np.nonzero(hole)
            x, y = x_mm[columns], y_mm[rows]
            rings.append((z, x.mean(), y.mean(), 2 * x.std(), 2 * y.std()))
    if len(rings) < FEWEST_RINGS:
        raise InputError(
            f"{len(rings)} axial slices hold a closed bone ring; {FEWEST_RINGS} are needed to find the canal"
        )
    ring_z, *columns_of_rings = np.array(sorted(rings)).T
    x0, y0, a, b = (np.interp(z_mm, ring_z, column)[:, None, None] for column in columns_of_rings)
    tube = ((centres_mm[..., 0] - x0) / a) ** 2 + ((centres_mm[..., 1] - y0) / b) ** 2 <= 1.0
    inside = np.zeros(grid.shape, dtype=bool)
    np.transpose(inside, order)[flips] = tube & ~(body_view | arch_view)
    return Mask(grid=grid, inside=inside, name="spinal_canal")


def _axial_order(grid: Grid) -> tuple[tuple[int, int, int], tuple[slice, slice, slice]]:
    """How to turn arrays (k, j, i) into (z, y, x), all increasing."""
    axes = np.array(grid.axes)
    nearest = np.abs(axes).argmax(axis=1)
    if sorted(nearest) != [0, 1, 2] or np.abs(axes).max(axis=1).min() < 0.999:
        raise InputError("the lattice of the bone mask is oblique to the patient; resample it along the patient's axes")
    order = [int(np.flatnonzero(nearest == patient_axis)[0]) for patient_axis in (2, 1, 0)]
    flips = [slice(None, None, 1 if axes[array_axis, nearest[array_axis]] > 0 else -1) for array_axis in order]
    return (order[0], order[1], order[2]), (flips[0], flips[1], flips[2])


def _largest_hole(section: Inside) -> Inside:
    closed = ndimage.binary_closing(np.pad(section, 2), iterations=1)[2:-2, 2:-2]
    holes, count = ndimage.label(ndimage.binary_fill_holes(closed) & ~closed)
    if count == 0:
        return np.zeros_like(section)
    sizes = np.bincount(holes.ravel())
    sizes[0] = 0
    return np.asarray(holes == sizes.argmax())
