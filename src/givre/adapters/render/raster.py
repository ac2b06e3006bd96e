"""Turns triangles into pixels: a depth buffer that remembers which triangle is seen where.

A few hundred thousand triangles take a fraction of a second on one core, without a graphics card, and the same
input always gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """An observer in patient space.

    Attributes:
        eye_mm: LPS position.
        right: unit LPS vector to the right of the picture.
        up: unit LPS vector to its top.
        forward: unit LPS vector away from the observer.
        tangent: half height of the picture over distance; 0 for parallel rays.
        half_height_mm: half height of the picture, for parallel rays.
        width: pixels.
        height: pixels.
    """

    eye_mm: Doubles
    right: Doubles
    up: Doubles
    forward: Doubles
    tangent: float
    half_height_mm: float
    width: int
    height: int

    def screen(self, points_mm: npt.ArrayLike) -> Doubles:
        """Column, row and nearness of LPS points, shape (..., 3); larger nearness lies before smaller.

        Nearness is 1/distance for a perspective and -distance for parallel rays: linear on the screen in both.
        """
        seen = self.camera_space(points_mm)
        if self.tangent > 0:
            scale = self.height / (2 * self.tangent * seen[..., 2])
            nearness = 1.0 / seen[..., 2]
        else:
            scale = np.full(seen.shape[:-1], self.height / (2 * self.half_height_mm))
            nearness = -seen[..., 2]
        return np.stack(
            [self.width / 2 + seen[..., 0] * scale, self.height / 2 - seen[..., 1] * scale, nearness], axis=-1
        )

    def camera_space(self, points_mm: npt.ArrayLike) -> Doubles:
        """Right, up and forward coordinates of LPS points [mm], shape (..., 3)."""
        axes = np.stack([self.right, self.up, self.forward])
        offset = np.asarray(points_mm, dtype=np.float64) - self.eye_mm
        return np.asarray(offset @ axes.T, dtype=np.float64)


def look_from(
    direction: npt.ArrayLike, centre_mm: npt.ArrayLike, radius_mm: float, *, width: int, height: int, tangent: float
) -> Camera:
    """A camera that looks at a sphere from a direction (from the sphere to the observer), the head up.

    With `tangent` 0 the rays are parallel.
    """
    backward = np.asarray(direction, dtype=float) / np.linalg.norm(np.asarray(direction, dtype=float))
    upright = np.array([0.0, 0.0, 1.0]) if abs(backward[2]) < 0.98 else np.array([0.0, -1.0, 0.0])
    right = np.cross(upright, backward)
    right /= np.linalg.norm(right)
    distance = radius_mm / tangent * 1.02 if tangent > 0 else 4 * radius_mm
    return Camera(
        eye_mm=np.asarray(centre_mm, dtype=float) + distance * backward,
        right=right,
        up=np.cross(backward, right),
        forward=-backward,
        tangent=tangent,
        half_height_mm=radius_mm,
        width=width,
        height=height,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raster:
    """What each pixel sees.

    Attributes:
        nearness: of the surface seen, -inf where there is none, shape (height, width).
        triangle: index of the triangle seen, -1 where there is none.
        weights: share of the first two corners of that triangle, shape (height, width, 2).
    """

    nearness: Floats
    triangle: Indices
    weights: Floats

    @property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Where a surface is seen."""
        return np.asarray(self.triangle >= 0)

    def interpolate(self, per_corner: Floats, triangles: npt.NDArray[np.int64]) -> Floats:
        """Values of the corners, shape (n, c), at the covered pixels, shape (pixels, c)."""
        found = np.empty((int(self.covered.sum()), per_corner.shape[1]), dtype=np.float32)
        mix_corners(self.triangle, self.weights, triangles, per_corner, found)
        return found


def rasterise(points_mm: Doubles, triangles: npt.NDArray[np.int64], camera: Camera) -> Raster:
    """The nearest triangle at every pixel centre."""
    shape = (camera.height, camera.width)
    triangle = np.full(shape, -1, dtype=np.int32)
    buffers = np.zeros((*shape, 3), dtype=np.float32)
    buffers[..., 0] = -np.inf
    if len(triangles):
        screen = camera.screen(points_mm)
        front = np.isfinite(screen).all(axis=1) & (camera.camera_space(points_mm)[:, 2] > 1e-3)
        usable = np.asarray(front[triangles].all(axis=1), dtype=np.bool_)
        fill_triangles(screen, triangles, usable, triangle, buffers)
    return Raster(nearness=buffers[..., 0].copy(), triangle=triangle, weights=buffers[..., 1:].copy())


@numba.njit(cache=True, nogil=True)
def mix_corners(
    triangle: Indices, weights: Floats, triangles: npt.NDArray[np.int64], per_corner: Floats, found: Floats
) -> None:
    """Fill `found` with the weighted corner values of the triangle seen at each covered pixel, row by row."""
    pixel = 0
    for row in range(triangle.shape[0]):
        for column in range(triangle.shape[1]):
            seen = triangle[row, column]
            if seen < 0:
                continue
            a, b, c = triangles[seen, 0], triangles[seen, 1], triangles[seen, 2]
            wa, wb = weights[row, column, 0], weights[row, column, 1]
            wc = 1.0 - wa - wb
            for value in range(per_corner.shape[1]):
                found[pixel, value] = wa * per_corner[a, value] + wb * per_corner[b, value] + wc * per_corner[c, value]
            pixel += 1


@numba.njit(cache=True, nogil=True)
def fill_triangles(
    screen: Doubles,
    triangles: npt.NDArray[np.int64],
    usable: npt.NDArray[np.bool_],
    triangle: Indices,
    buffers: Floats,
) -> None:
    """Fill `triangle` and `buffers` (nearness and two weights); all three are affine on the screen."""
    height, width = triangle.shape
    for t in range(triangles.shape[0]):
        if not usable[t]:
            continue
        a, b, c = screen[triangles[t, 0]], screen[triangles[t, 1]], screen[triangles[t, 2]]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if area == 0.0:
            continue
        first_row = max(0, int(np.ceil(min(a[1], b[1], c[1]) - 0.5)))
        last_row = min(height - 1, int(np.floor(max(a[1], b[1], c[1]) - 0.5)))
        first_column = max(0, int(np.ceil(min(a[0], b[0], c[0]) - 0.5)))
        last_column = min(width - 1, int(np.floor(max(a[0], b[0], c[0]) - 0.5)))
        for row in range(first_row, last_row + 1):
            y = row + 0.5
            for column in range(first_column, last_column + 1):
                x = column + 0.5
                wa = ((b[0] - x) * (c[1] - y) - (b[1] - y) * (c[0] - x)) / area
                wb = ((c[0] - x) * (a[1] - y) - (c[1] - y) * (a[0] - x)) / area
                wc = 1.0 - wa - wb
                if wa < 0.0 or wb < 0.0 or wc < 0.0:
                    continue
                near = wa * a[2] + wb * b[2] + wc * c[2]
                if near > buffers[row, column, 0]:
                    buffers[row, column, 0] = near
                    triangle[row, column] = t
                    buffers[row, column, 1] = wa
                    buffers[row, column, 2] = wb
