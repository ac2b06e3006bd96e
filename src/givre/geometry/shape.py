"""The smooth shape behind a mask of voxels: signed distance, surface, and points that fill it evenly."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.foundation.errors import EmptyMask
from givre.geometry.distance import is_within_mm
from givre.geometry.grid import FloatArray, Grid
from givre.geometry.resampling import sample_at
from givre.geometry.surface import TriangleSurface, isosurface
from givre.geometry.volume import Mask, Volume

SMOOTHING_VOXELS = 1.0
"""Standard deviation of the smoothing that takes the staircase off [voxels]. On voxelised spheres of 13 to 20
voxels across it leaves normals within 7 degrees of the truth for 95 % of the surface (0.8: 10, 0.5: 25) and the
surface within 0.07 voxel RMS of the sphere; more would round real corners."""

MOST_SHIFTS = 40
VOLUME_TOLERANCE = 0.002
"""Share of the mask volume by which the volume inside the smooth surface may differ. In a handful of ragged voxels
the surface jumps where a bridge between two voxels opens; there the volume comes as close as the jump allows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmoothShape:
    """A structure without the staircase of its voxels.

    Attributes:
        name: of the structure.
        height_mm: 0 on the smooth surface, negative inside. Near the surface it is the signed distance; beyond a
            voxel it falls short by up to 0.7 voxel, since it is measured to voxel boxes. It is good for the side a
            point lies on and for rough cuts; distances come from `surface`. Its lattice is that of the mask, cut
            or grown to hold the structure and what was asked around it.
        surface: the smooth closed surface; it encloses the volume of the mask.
    """

    name: str
    height_mm: Volume
    surface: TriangleSurface

    def is_inside(self, points_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether each LPS point, shape (n, 3), lies inside the smooth surface, shape (n,)."""
        return np.asarray(sample_at(self.height_mm, points_mm, outside=np.inf) <= 0.0)


def smooth_shape(mask: Mask, *, reach_mm: float = 0.0) -> SmoothShape:
    """The smooth shape of a mask, with a lattice that holds everything up to `reach_mm` from it.

    The distance to the voxel boxes on the other side is smoothed by `SMOOTHING_VOXELS`, then shifted by a
    constant so that the volume inside is that of the mask. Beyond the edge of the image the structure is taken
    to end: the surface closes there.

    Raises:
        EmptyMask: if the mask holds no voxel.
    """
    refuse_empty(mask)
    grid, inside = _cut_out(mask, reach_mm)
    rough = np.where(
        inside, -_distance_to_boxes_mm(inside, grid.spacing_mm), _distance_to_boxes_mm(~inside, grid.spacing_mm)
    )
    smooth = ndimage.gaussian_filter(rough, SMOOTHING_VOXELS, mode="nearest")
    height, surface = _with_volume(smooth, grid, wanted_mm3=float(inside.sum()) * grid.voxel_volume_mm3)
    return SmoothShape(name=mask.name, height_mm=height, surface=surface)


def mask_surface(mask: Mask) -> TriangleSurface:
    """The smooth closed surface of a mask; it encloses the volume of the mask.

    Raises:
        EmptyMask: if the mask holds no voxel.
    """
    return smooth_shape(mask).surface


def points_filling_mm(
    shape: SmoothShape, *, grown_mm: float = 0.0, finest_mm: float = 0.5, most_points: int = 400_000
) -> npt.NDArray[np.float64]:
    """LPS points that fill a shape evenly, each standing for the same volume, shape (n, 3).

    Args:
        shape: built with a `reach_mm` of at least `grown_mm`.
        grown_mm: how far around the shape to fill as well, measured exactly to its surface.
        finest_mm: points are at most this far apart, unless that takes more than `most_points`.
        most_points: about how many points to give at most.
    """
    grid = shape.height_mm.grid
    index = np.argwhere(shape.height_mm.values <= grown_mm + float(np.linalg.norm(grid.spacing_mm)))
    points_mm = split_voxels_mm(grid, index, finest_mm=finest_mm, most_points=most_points).reshape(-1, 3)
    is_inside = shape.is_inside(points_mm)
    if grown_mm > 0:
        outside = np.flatnonzero(~is_inside)
        is_inside[outside] = is_within_mm(points_mm[outside], shape.surface, grown_mm)
    return points_mm[is_inside]


def refuse_empty(mask: Mask) -> None:
    """Raise EmptyMask if the mask holds no voxel."""
    if mask.is_empty:
        raise EmptyMask(f"mask {mask.name} holds no voxel; draw it or choose another")


def split_voxels_mm(
    grid: Grid, index: npt.NDArray[np.int64], *, finest_mm: float, most_points: int
) -> npt.NDArray[np.float64]:
    """LPS points that cut voxels, given by their index (n, 3), into equal parts; shape (n, parts, 3).

    Args:
        grid: lattice of the voxels.
        index: (k, j, i) of each voxel, shape (n, 3).
        finest_mm: parts are at most this wide, unless that takes more than `most_points`.
        most_points: upper limit for all points together, as long as each voxel keeps one.
    """
    parts = [math.ceil(spacing / finest_mm - 1e-9) for spacing in grid.spacing_mm]
    while math.prod(parts) > 1 and math.prod(parts) * len(index) > most_points:
        widths = [
            spacing / count if count > 1 else np.inf for spacing, count in zip(grid.spacing_mm, parts, strict=True)
        ]
        parts[int(np.argmin(widths))] -= 1
    steps = np.meshgrid(*((np.arange(count) + 0.5) / count - 0.5 for count in parts), indexing="ij")
    inside_voxel = np.stack(steps, axis=-1).reshape(1, -1, 3)
    return grid.index_to_lps(index[:, None, :] + inside_voxel)


def box_corners_mm(mask: Mask) -> npt.NDArray[np.float64]:
    """LPS corners of the voxels at the outside of a mask, shape (n, 3): where the drawn structure really ends."""
    window, first = _window(mask)
    counted = np.pad(mask.inside[window], 1).astype(np.uint8)
    touching = ndimage.correlate(counted, np.ones((2, 2, 2), dtype=np.uint8), mode="constant")
    nodes = np.argwhere((touching > 0) & (touching < 8))
    return mask.grid.index_to_lps(nodes + first - 1.5)


def _window(mask: Mask) -> tuple[tuple[slice, ...], npt.NDArray[np.int64]]:
    """The smallest box of voxels that holds the mask, and its first index."""
    window = ndimage.find_objects(mask.inside.astype(np.uint8))[0]
    return window, np.array([part.start for part in window], dtype=np.int64)


def _cut_out(mask: Mask, reach_mm: float) -> tuple[Grid, npt.NDArray[np.bool_]]:
    """The mask cut to its voxels and grown by the reach and three voxels more."""
    window, first = _window(mask)
    border = np.ceil(reach_mm / np.array(mask.grid.spacing_mm)).astype(int) + 3
    inside = np.pad(mask.inside[window], [(width, width) for width in border])
    origin = mask.grid.index_to_lps(first - border)
    shape = (inside.shape[0], inside.shape[1], inside.shape[2])
    return replace(mask.grid, shape=shape, origin_mm=(float(origin[0]), float(origin[1]), float(origin[2]))), inside


def _distance_to_boxes_mm(
    region: npt.NDArray[np.bool_], spacing_mm: tuple[float, float, float]
) -> npt.NDArray[np.float64]:
    """Distance from each voxel centre of the region to the nearest voxel box outside it; 0 elsewhere."""
    nearest = ndimage.distance_transform_edt(region, sampling=spacing_mm, return_distances=False, return_indices=True)
    squared = np.zeros(region.shape)
    for axis, spacing in enumerate(spacing_mm):
        shape = [1, 1, 1]
        shape[axis] = -1
        offset = np.abs(nearest[axis] - np.arange(region.shape[axis]).reshape(shape))
        squared += (np.maximum(offset - 0.5, 0.0) * spacing) ** 2
    return np.sqrt(squared)


def _with_volume(distance_mm: FloatArray, grid: Grid, wanted_mm3: float) -> tuple[Volume, TriangleSurface]:
    """The distance shifted so that the surface at 0 encloses the wanted volume.

    Newton's step, since the volume grows with the shift by the area; halving where it leaves the bracket.
    """
    count = round(wanted_mm3 / grid.voxel_volume_mm3)
    ordered = np.partition(distance_mm, (count - 1, count), axis=None)
    low, high = float(distance_mm.min()), float(distance_mm.max())
    shift = float(ordered[count - 1] + ordered[count]) / 2.0
    height, surface = _shifted(distance_mm, grid, shift)
    for _ in range(MOST_SHIFTS):
        missing_mm3 = wanted_mm3 - surface.volume_mm3
        if abs(missing_mm3) <= VOLUME_TOLERANCE * wanted_mm3 or high - low < 1e-6:
            break
        low, high = (shift, high) if missing_mm3 > 0 else (low, shift)
        shift += missing_mm3 / max(surface.area_mm2, 1e-9)
        if not low < shift < high:
            shift = (low + high) / 2.0
        height, surface = _shifted(distance_mm, grid, shift)
    return height, surface


def _shifted(distance_mm: FloatArray, grid: Grid, shift_mm: float) -> tuple[Volume, TriangleSurface]:
    height = Volume(grid=grid, values=distance_mm - shift_mm, unit="mm")
    return height, isosurface(height, 0.0)
