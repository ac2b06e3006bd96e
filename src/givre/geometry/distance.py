"""Exact distances from points to a triangle surface."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from givre.foundation.errors import EmptySurface
from givre.geometry.surface import TriangleSurface

Array = npt.NDArray[np.float64]

POINTS_AT_ONCE = 4096
PAIRS_AT_ONCE = 100_000
ROUNDING = 1e-9
"""Bounds are loosened by this share, so that rounding never hides a triangle."""


def distance_to_surface_mm(points_mm: npt.ArrayLike, surface: TriangleSurface) -> Array:
    """Distance of each LPS point, shape (n, 3), to the nearest place of the surface [mm], shape (n,).

    Exact: the nearest triangle is never missed. Let u be any distance from the point p to the surface, here to
    the nearest corner or to a triangle around it, and r the radius of a ball around a triangle, centred on its
    centroid. For x = sum(w_i v_i) on the triangle, sum(w_i |v_i - p|^2) = |x - p|^2 + sum(w_i |v_i - x|^2) and
    the last term is at most r^2. So a triangle that comes within u of p has a corner within sqrt(u^2 + r^2)
    of p: all corners in that ball are found with a tree, and every triangle around them is measured.

    Raises:
        EmptySurface: if there is no triangle to measure to.
    """
    return _Search(surface).distance_mm(_as_points(points_mm))


def is_within_mm(points_mm: npt.ArrayLike, surface: TriangleSurface, reach_mm: float) -> npt.NDArray[np.bool_]:
    """Whether each LPS point, shape (n, 3), lies at most `reach_mm` from the surface, on either side, shape (n,).

    Exact like `distance_to_surface_mm` and faster: the nearest corner decides for most points.
    """
    points = _as_points(points_mm)
    search = _Search(surface)
    at_most = search.to_corner_mm(points)
    is_near = at_most <= reach_mm
    doubtful = np.flatnonzero(~is_near & (search.at_least_mm(at_most) <= reach_mm))
    is_near[doubtful] = search.distance_mm(points[doubtful]) <= reach_mm
    return np.asarray(is_near)


def signed_distance_to_surface_mm(
    points_mm: npt.ArrayLike, surface: TriangleSurface, *, is_inside: npt.NDArray[np.bool_]
) -> Array:
    """Distance to the surface [mm], negative for the points known to be inside it, shape (n,)."""
    distance = distance_to_surface_mm(points_mm, surface)
    return np.where(is_inside, -distance, distance)


def closest_approach_mm(
    points_mm: npt.ArrayLike, surface: TriangleSurface, *, is_inside: npt.NDArray[np.bool_]
) -> float:
    """The smallest signed distance among the points: of the closest outside, or of the deepest inside [mm].

    Exact; only the points that can be the one are measured. NaN without points.
    """
    points = _as_points(points_mm)
    if points.shape[0] == 0:
        return float("nan")
    search = _Search(surface)
    if is_inside.any():
        inside = points[is_inside]
        at_most = search.to_corner_mm(inside)
        rivals = at_most >= search.at_least_mm(at_most).max()
        return -float(search.distance_mm(inside[rivals]).max())
    low, high = surface.points_mm.min(axis=0), surface.points_mm.max(axis=0)
    to_box = np.linalg.norm(np.maximum(0.0, np.maximum(low - points, points - high)), axis=1)
    reached = float(search.to_corner_mm(points[np.argsort(to_box, kind="stable")[:64]]).min())
    near = points[to_box <= reached]
    at_most = search.to_corner_mm(near)
    rivals = search.at_least_mm(at_most) <= at_most.min()
    return float(search.distance_mm(near[rivals]).min())


def distance_to_triangle_mm(points_mm: Array, corners_mm: Array) -> Array:
    """Distance of point i to triangle i [mm]; points (n, 3), corners (n, 3 corners, 3), result (n,).

    The foot of the perpendicular counts if it falls inside the triangle; otherwise an edge is nearest.
    A triangle without area is its edges.
    """
    first, second, third = np.moveaxis(corners_mm, 1, 0)
    squared = np.minimum(
        _squared_distance_to_edge(points_mm, first, second),
        np.minimum(
            _squared_distance_to_edge(points_mm, second, third), _squared_distance_to_edge(points_mm, third, first)
        ),
    )
    normal = np.cross(second - first, third - first)
    size = _dot(normal, normal)
    shares = [  # barycentric coordinates of the foot, times `size`
        _dot(np.cross(edge_to - edge_from, points_mm - edge_from), normal)
        for edge_from, edge_to in ((first, second), (second, third), (third, first))
    ]
    over_face = (size > 0) & (shares[0] >= 0) & (shares[1] >= 0) & (shares[2] >= 0)
    height = _dot(points_mm - first, normal)
    to_plane = np.divide(height**2, size, out=np.full_like(size, np.inf), where=over_face)
    return np.sqrt(np.minimum(squared, to_plane))


class _Search:
    """A surface prepared for finding the triangles near a point."""

    def __init__(self, surface: TriangleSurface) -> None:
        if surface.is_empty:
            raise EmptySurface(
                "the surface holds no triangle, so no distance to it exists; check that the region is there"
            )
        used, corner_index = np.unique(surface.triangles, return_inverse=True)
        owners = np.repeat(np.arange(surface.triangles.shape[0]), 3)
        ones = np.ones(owners.size, dtype=np.int32)
        self.corners_mm = surface.corners_mm
        centroids_mm = self.corners_mm.mean(axis=1, keepdims=True)
        self.ball_mm = float(np.linalg.norm(self.corners_mm - centroids_mm, axis=2).max())
        self.tree = cKDTree(surface.points_mm[used])
        self.around = sparse.csr_matrix(  # row: corner, column: a triangle it belongs to
            (ones, (corner_index.ravel(), owners)), shape=(used.size, surface.triangles.shape[0])
        )

    def to_corner_mm(self, points: Array) -> Array:
        """Distance to the nearest corner: never less than the distance to the surface."""
        return np.asarray(self.tree.query(points)[0])

    def at_least_mm(self, to_corner_mm: Array) -> Array:
        """The least distance to the surface that leaves no corner nearer than this."""
        return np.asarray(np.sqrt(np.maximum(to_corner_mm**2 - self.ball_mm**2, 0.0)) * (1.0 - ROUNDING))

    def distance_mm(self, points: Array) -> Array:
        """Exact distance to the surface."""
        parts = [points[start : start + POINTS_AT_ONCE] for start in range(0, points.shape[0], POINTS_AT_ONCE)]
        return np.concatenate([self._distance_mm(part) for part in parts]) if parts else np.zeros(0)

    def _distance_mm(self, points: Array) -> Array:
        to_corner, nearest = self.tree.query(points)
        at_most = np.minimum(to_corner, self._to_triangles_mm(points, self.around[nearest]))
        found = self.tree.query_ball_point(points, np.hypot(at_most, self.ball_mm) * (1.0 + ROUNDING))
        starts = np.concatenate([[0], np.cumsum([len(corners) for corners in found])])
        columns = np.concatenate([np.asarray(corners, dtype=np.int64) for corners in found])
        ones = np.ones(columns.size, dtype=np.int32)
        near = sparse.csr_matrix((ones, columns, starts), shape=(points.shape[0], self.tree.n))
        return np.asarray(np.minimum(at_most, self._to_triangles_mm(points, near @ self.around)))

    def _to_triangles_mm(self, points: Array, candidates: sparse.csr_matrix) -> Array:
        """Least distance of each point (row) to its candidate triangles (columns), at least one each."""
        owner = np.repeat(np.arange(points.shape[0]), np.diff(candidates.indptr))
        distance = np.empty(owner.size)
        for start in range(0, owner.size, PAIRS_AT_ONCE):
            part = slice(start, start + PAIRS_AT_ONCE)
            corners_mm = self.corners_mm[candidates.indices[part]]
            distance[part] = distance_to_triangle_mm(points[owner[part]], corners_mm)
        return np.minimum.reduceat(distance, candidates.indptr[:-1])


def _as_points(points_mm: npt.ArrayLike) -> Array:
    return np.asarray(points_mm, dtype=float).reshape(-1, 3)


def _squared_distance_to_edge(points: Array, start: Array, end: Array) -> Array:
    edge, offset = end - start, points - start
    length2 = _dot(edge, edge)
    along = np.divide(_dot(offset, edge), length2, out=np.zeros_like(length2), where=length2 > 0)
    gap = offset - np.clip(along, 0.0, 1.0)[:, None] * edge
    return _dot(gap, gap)


def _dot(first: Array, second: Array) -> Array:
    return np.asarray(np.einsum("ij,ij->i", first, second))
