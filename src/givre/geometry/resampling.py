"""Values of an image, a mask or a label map on another lattice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.geometry.grid import FloatArray, Grid
from givre.geometry.volume import LabelMap, Mask, Volume


def sample_at(volume: Volume, points_mm: npt.ArrayLike, *, outside: float = np.nan) -> npt.NDArray[np.float64]:
    """Trilinear values at LPS points [mm], shape (..., 3); `outside` beyond the outermost voxel faces."""
    index = volume.grid.lps_to_index(points_mm)
    inside = volume.grid.contains(points_mm)
    values = _interpolate(volume.values, index.reshape(-1, 3), order=1).reshape(index.shape[:-1])
    return np.where(inside, values, outside)


def resample_volume(volume: Volume, grid: Grid, *, outside: float) -> Volume:
    """The image on another lattice, trilinear; voxels beyond its faces become `outside`."""
    return Volume(grid=grid, values=_onto(volume.values, volume.grid, grid, order=1, outside=outside), unit=volume.unit)


def resample_mask(mask: Mask, grid: Grid) -> Mask:
    """The mask on another lattice: inside where its trilinear membership reaches one half."""
    membership = _onto(mask.inside.astype(np.float32), mask.grid, grid, order=1, outside=0.0)
    return Mask(grid=grid, inside=membership >= 0.5, name=mask.name)


def resample_labels(label_map: LabelMap, grid: Grid, *, outside: int = 0) -> LabelMap:
    """The label map on another lattice, nearest neighbour; `outside` beyond its faces."""
    values = _onto(label_map.labels.astype(np.float64), label_map.grid, grid, order=0, outside=float(outside))
    return LabelMap(grid=grid, labels=values.astype(label_map.labels.dtype), names=label_map.names)


def cubic_grid_around(points_mm: npt.ArrayLike, like: Grid, *, spacing_mm: float, margin_mm: float) -> Grid:
    """A lattice of cubic voxels, oriented like another, reaching `margin_mm` beyond all points, shape (n, 3)."""
    axes = np.array(like.axes)
    along = np.asarray(points_mm, dtype=float).reshape(-1, 3) @ axes.T
    low, high = along.min(axis=0) - margin_mm, along.max(axis=0) + margin_mm
    shape = np.ceil((high - low) / spacing_mm).astype(int)
    first = (low + high) / 2 - (shape - 1) / 2 * spacing_mm
    origin = first @ axes
    return Grid(
        shape=(int(shape[0]), int(shape[1]), int(shape[2])),
        spacing_mm=(spacing_mm, spacing_mm, spacing_mm),
        origin_mm=(float(origin[0]), float(origin[1]), float(origin[2])),
        axes=like.axes,
    )


def _onto(values: npt.NDArray[np.generic], source: Grid, target: Grid, *, order: int, outside: float) -> FloatArray:
    if source == target:
        return np.asarray(values, dtype=np.float64 if order == 0 else np.float32)
    result = np.empty(target.shape, dtype=np.float64 if order == 0 else np.float32)
    rows = np.stack(np.meshgrid(np.arange(target.shape[1]), np.arange(target.shape[2]), indexing="ij"), axis=-1)
    for k in range(target.shape[0]):  # slice by slice: the coordinates of a whole volume would not fit in memory
        index = np.concatenate([np.full((*rows.shape[:2], 1), k), rows], axis=-1)
        points_mm = target.index_to_lps(index)
        sampled = _interpolate(values, source.lps_to_index(points_mm), order=order)
        result[k] = np.where(source.contains(points_mm), sampled, outside)
    return result


def _interpolate(values: npt.NDArray[np.generic], index: npt.NDArray[np.float64], *, order: int) -> FloatArray:
    result = ndimage.map_coordinates(
        values, np.moveaxis(index, -1, 0), order=order, mode="nearest", prefilter=False, output=np.float64
    )
    return np.asarray(result)
