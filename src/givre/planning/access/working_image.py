"""The part of a CT that a needle can reach, made coarser where it would not fit in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.geometry.grid import Grid
from givre.geometry.shape import box_corners_mm
from givre.geometry.volume import Mask, Volume
from givre.planning.access.body import slice_axis

MOST_VOXELS = 16_000_000
"""More are joined to larger voxels."""
ACROSS_MM = 450.0
"""Kept on all sides across the body, so that its far side stays in the image."""


def working_image(
    ct: Volume, masks: Mapping[str, Mask], *, around: str, reach_mm: float, most_voxels: int = MOST_VOXELS
) -> tuple[Volume, dict[str, Mask]]:
    """CT and masks cut to what lies within `reach_mm` of a structure along the body, and the whole body across it.

    The whole image when that structure is not drawn.

    If more than `most_voxels` remain, voxels are joined: a joined voxel belongs to a structure as soon as one of its
    voxels does, so that nothing to avoid gets smaller.

    Args:
        ct: the CT.
        masks: structures by name, on the lattice of the CT.
        around: name of the structure to stay near.
        reach_mm: how far from it along the body.
        most_voxels: number of voxels to keep at most.
    """
    window = tuple(slice(0, count) for count in ct.grid.shape)
    if around in masks and not masks[around].is_empty:
        window = _window(ct.grid, box_corners_mm(masks[around]), reach_mm)
    grid = _cut(ct.grid, window)
    values = ct.values[window]
    inside = {name: mask.inside[window] for name, mask in masks.items()}
    factors = _factors(grid, most_voxels)
    if max(factors) > 1:
        grid = _coarser(grid, factors)
        values = _joined(values.astype(np.float32), factors).mean(axis=(1, 3, 5)).astype(np.float32)
        inside = {name: np.asarray(_joined(part, factors).any(axis=(1, 3, 5))) for name, part in inside.items()}
    return (
        Volume(grid=grid, values=values, unit=ct.unit),
        {name: Mask(grid=grid, inside=np.ascontiguousarray(part), name=name) for name, part in inside.items()},
    )


def _window(grid: Grid, points_mm: npt.NDArray[np.float64], reach_mm: float) -> tuple[slice, ...]:
    index = grid.lps_to_index(points_mm)
    reaches_mm = [reach_mm if axis == slice_axis(grid) else max(reach_mm, ACROSS_MM) for axis in range(3)]
    border = np.array(reaches_mm) / np.array(grid.spacing_mm)
    low = np.clip(np.floor(index.min(axis=0) - border), 0, None).astype(int)
    high = np.minimum(np.ceil(index.max(axis=0) + border).astype(int) + 1, grid.shape)
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def _cut(grid: Grid, window: tuple[slice, ...]) -> Grid:
    first = grid.index_to_lps([part.start for part in window])
    k, j, i = (part.stop - part.start for part in window)
    return replace(grid, shape=(k, j, i), origin_mm=(float(first[0]), float(first[1]), float(first[2])))


def _factors(grid: Grid, most_voxels: int) -> tuple[int, int, int]:
    """How many voxels to join along each axis; the finest axis first."""
    factors = [1, 1, 1]
    while math.prod(-(-count // factor) for count, factor in zip(grid.shape, factors, strict=True)) > most_voxels:
        edges = [spacing * factor for spacing, factor in zip(grid.spacing_mm, factors, strict=True)]
        factors[int(np.argmin(edges))] += 1
    return (factors[0], factors[1], factors[2])


def _coarser(grid: Grid, factors: tuple[int, int, int]) -> Grid:
    first = grid.index_to_lps([(factor - 1) / 2.0 for factor in factors])
    k, j, i = (-(-count // factor) for count, factor in zip(grid.shape, factors, strict=True))
    spacing = tuple(step * factor for step, factor in zip(grid.spacing_mm, factors, strict=True))
    return replace(
        grid,
        shape=(k, j, i),
        spacing_mm=(spacing[0], spacing[1], spacing[2]),
        origin_mm=(float(first[0]), float(first[1]), float(first[2])),
    )


def _joined(values: npt.NDArray[np.generic], factors: tuple[int, int, int]) -> npt.NDArray[np.generic]:
    """The values with an axis of the joined voxels after each axis; the last voxel is repeated where some are left."""
    k, j, i = (-(-count // factor) for count, factor in zip(values.shape, factors, strict=True))
    missing = [(0, n * f - count) for n, f, count in zip((k, j, i), factors, values.shape, strict=True)]
    padded = np.pad(values, missing, mode="edge")
    return padded.reshape(k, factors[0], j, factors[1], i, factors[2])
