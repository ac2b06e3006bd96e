"""Closed triangle surfaces in patient space, cut from images at one level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from skimage.measure import marching_cubes

from givre.foundation.errors import NotFinite
from givre.geometry.volume import Volume

FloatPoints = npt.NDArray[np.float64]
Triangles = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TriangleSurface:
    """Triangles whose corners turn anticlockwise seen from outside.

    Attributes:
        points_mm: corners, LPS, shape (n, 3).
        triangles: three indices into `points_mm` for each triangle, shape (m, 3).
    """

    points_mm: FloatPoints
    triangles: Triangles

    @property
    def is_empty(self) -> bool:
        """Whether there is no triangle."""
        return self.triangles.size == 0

    @property
    def corners_mm(self) -> FloatPoints:
        """The three corners of every triangle, LPS, shape (m, 3, 3)."""
        return np.asarray(self.points_mm[self.triangles])

    @property
    def area_vectors_mm2(self) -> FloatPoints:
        """Outward normals whose length is the area of each triangle [mm²], shape (m, 3)."""
        first, second, third = np.moveaxis(self.corners_mm, 1, 0)
        return np.asarray(0.5 * np.cross(second - first, third - first))

    @property
    def triangle_area_mm2(self) -> FloatPoints:
        """Area of each triangle [mm²], shape (m,)."""
        return np.asarray(np.linalg.norm(self.area_vectors_mm2, axis=1))

    @property
    def area_mm2(self) -> float:
        """Total area [mm²]."""
        return float(self.triangle_area_mm2.sum())

    @property
    def volume_mm3(self) -> float:
        """Enclosed volume [mm³], by the divergence theorem; negative if the surface is inside out."""
        if self.is_empty:
            return 0.0
        centre_mm = self.points_mm.mean(axis=0)  # large coordinates would cost digits
        return float(np.einsum("mi,mi->", self.corners_mm.mean(axis=1) - centre_mm, self.area_vectors_mm2) / 3.0)

    @property
    def vertex_area_mm2(self) -> FloatPoints:
        """Area that each corner stands for: a third of every triangle it belongs to [mm²], shape (n,)."""
        thirds = np.repeat(self.triangle_area_mm2 / 3.0, 3)
        total = np.bincount(self.triangles.ravel(), weights=thirds, minlength=self.points_mm.shape[0])
        return np.asarray(total, dtype=np.float64)


EMPTY_SURFACE = TriangleSurface(points_mm=np.zeros((0, 3)), triangles=np.zeros((0, 3), dtype=np.int64))


def isosurface(volume: Volume, level: float) -> TriangleSurface:
    """The surface around all that is at or below `level`, trilinear between voxel centres.

    Where the region reaches the edge of the image the surface is closed on the outermost voxel faces, so that
    the enclosed volume stays that of the image. Empty when nothing is at or below the level.

    Raises:
        NotFinite: if a voxel is NaN or infinite.

    Source: Lewiner et al., J Graphics Tools 8 (2003) 1, as in scikit-image.
    """
    if not np.isfinite(volume.values).all():
        bad = int((~np.isfinite(volume.values)).sum())
        raise NotFinite(
            f"{bad} voxels of the image hold no finite value; a surface needs all of them: "
            "correct the image or run the simulation again"
        )
    inside = volume.values <= level
    if not inside.any():
        return EMPTY_SURFACE
    window, first = _window_around(inside)
    closed = _close_at_edges(volume.values[window].astype(np.float64) - level, first, volume.values.shape)
    index, triangles, _, _ = marching_cubes(closed.astype(np.float32), 0.0)  # type: ignore[no-untyped-call]  # scikit-image
    points_mm = volume.grid.index_to_lps(index.astype(np.float64) + first - 1.0)
    return _turned_outward(TriangleSurface(points_mm=points_mm, triangles=triangles.astype(np.int64)))


def _window_around(inside: npt.NDArray[np.bool_]) -> tuple[tuple[slice, ...], npt.NDArray[np.int64]]:
    """The part of the image that holds the region and one voxel around it, and its first index."""
    slices = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(inside.any(axis=others))
        slices.append(slice(max(int(found[0]) - 1, 0), int(found[-1]) + 2))
    return tuple(slices), np.array([part.start for part in slices], dtype=np.int64)


def _close_at_edges(
    height: npt.NDArray[np.float64], first: npt.NDArray[np.int64], whole: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    """The window with one more voxel on each side, mirrored in sign where the region reaches the image edge.

    A voxel -h beside its edge neighbour h puts the zero exactly on the voxel face between them.
    """
    # marching cubes takes a zero for outside, but a voxel exactly at the level belongs to the region
    closed = np.pad(np.where(height == 0.0, -np.finfo(np.float32).tiny, height), 1, mode="edge")
    for axis in range(3):
        edge = np.moveaxis(closed, axis, 0)  # a view: writing to it writes to `closed`
        if first[axis] == 0:
            edge[0] = np.abs(edge[0])
        if first[axis] + height.shape[axis] == whole[axis]:
            edge[-1] = np.abs(edge[-1])
    return closed


def _turned_outward(surface: TriangleSurface) -> TriangleSurface:
    if surface.volume_mm3 >= 0:
        return surface
    return TriangleSurface(points_mm=surface.points_mm, triangles=np.ascontiguousarray(surface.triangles[:, ::-1]))
