"""A quarter of the plane across two probes, in quadrilaterals whose lines go around the probe and then straight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


def growing(length_m: float, first_m: float, longest_m: float, *, growth: float = 1.3) -> Array:
    """Distances from 0 to a length, the first step short, each longer than the last up to a longest."""
    steps = [first_m]
    while sum(steps) < length_m:
        steps.append(min(steps[-1] * growth, longest_m))
    walked = np.concatenate([[0.0], np.cumsum(steps)])
    return np.asarray(walked * length_m / walked[-1])


def plane_mesh(
    *, half: float, radius: float, outer: float, side: int, layers: int
) -> tuple[Array, Index, npt.NDArray[np.bool_]]:
    """Nodes (x, y) with x, y >= 0, quadrilaterals, and which of them lie in the probe's cross-section.

    Args:
        half: half the distance between the probes [m]; one lies at x = half, y = 0.
        radius: of the probe [m].
        outer: of the square quarter of the plane [m].
        side: cells on a quarter of the probe's circumference, and on `half`.
        layers: cells from the surface of the probe to the square around it.
    """
    blocks = [_around(half, radius, side, layers), _disc(half, radius, side)]
    near = np.linspace(0.0, half, side + 1)
    out_x = 2 * half + growing(outer - 2 * half, half / side, 5e-3)
    out_y = half + growing(outer - half, half / side, 5e-3)
    along = np.linspace(0.0, 2 * half, 2 * side + 1)
    blocks += [_tensor(out_x, near), _tensor(np.concatenate([along, out_x[1:]]), out_y)]
    points, quads, disc = [], [], []
    offset = 0
    for n, (xy, cells) in enumerate(blocks):
        points.append(xy)
        quads.append(cells + offset)
        disc.append(np.full(cells.shape[1], n == 1))
        offset += xy.shape[1]
    joined = np.concatenate(points, axis=1)
    _, first, inverse = np.unique(
        np.rint(joined * 1e9).astype(np.int64), axis=1, return_index=True, return_inverse=True
    )
    nodes, corners = joined[:, first], inverse.ravel()[np.concatenate(quads, axis=1)]
    return nodes, _turned(nodes, corners), np.concatenate(disc)


def _turned(nodes: Array, corners: Index) -> Index:
    """The same quadrilaterals, all anticlockwise."""
    (ax, ay), (bx, by) = nodes[:, corners[2]] - nodes[:, corners[0]], nodes[:, corners[3]] - nodes[:, corners[1]]
    return np.where(ax * by - ay * bx > 0, corners, corners[::-1])


def _perimeter(width: float, height: float, count: int) -> Array:
    """Points (x, y) up the right side of a half-rectangle, along its top and down its left side, x from -width."""
    up, across = np.arange(count) / count, np.arange(2 * count) / count - 1
    right = np.stack([np.full(count, width), height * up])
    top = np.stack([-width * across, np.full(2 * count, height)])
    left = np.stack([np.full(count + 1, -width), height * (1 - np.arange(count + 1) / count)])
    return np.concatenate([right, top, left], axis=1)


def _around(half: float, radius: float, side: int, layers: int) -> tuple[Array, Index]:
    """From the circle of the probe to the square around it, whose left side is the plane between the probes."""
    rim = _perimeter(half, half, side)
    angle = np.linspace(0.0, np.pi, rim.shape[1])
    circle = radius * np.stack([np.cos(angle), np.sin(angle)])
    share = (np.geomspace(radius, half, layers + 1) - radius) / (half - radius)
    grid = circle[:, None, :] + share[None, :, None] * (rim - circle)[:, None, :]
    grid[0] += half
    return grid.reshape(2, -1), _cells(layers + 1, rim.shape[1])


def _disc(half: float, radius: float, side: int) -> tuple[Array, Index]:
    """The half cross-section of the probe: rectangles pressed into a half-circle."""
    rings = []
    angle = np.linspace(0.0, np.pi, 4 * side + 1)
    for share in np.linspace(0.0, 1.0, side + 1):
        circle = np.stack([np.cos(angle), np.sin(angle)])
        rim = _perimeter(1.0, 1.0, side)
        rings.append(radius * share * (share * circle + (1 - share) * 0.7 * rim))
    lattice = np.stack(rings, axis=1)
    # the inner rings are squares that shrink to the axis: keep every node of the lattice that they stand for
    row, column = np.meshgrid(np.arange(side + 1), np.arange(2 * side + 1), indexing="ij")
    level = np.maximum(row, np.abs(column - side))
    place = np.empty((2, *row.shape))
    for y, x in np.ndindex(row.shape):
        n = int(level[y, x])
        if n == 0:
            place[:, y, x] = 0.0
            continue
        walk = _step_on_square(x - side, y, n)
        at = np.array([np.interp(walk * 4 * side, np.arange(4 * side + 1), lattice[axis, n]) for axis in range(2)])
        place[:, y, x] = at
    place[0] += half
    return place.reshape(2, -1), _cells(side + 1, 2 * side + 1)


def _step_on_square(x: int, y: int, n: int) -> float:
    """Share of the way from (n, 0) around the half-square to (-n, 0)."""
    if x == n:
        return y / (4 * n)
    if y == n:
        return (n + (n - x)) / (4 * n)
    return (3 * n + (n - y)) / (4 * n)


def _tensor(x: Array, y: Array) -> tuple[Array, Index]:
    grid = np.stack(np.meshgrid(x, y))
    return grid.reshape(2, -1), _cells(len(y), len(x))


def _cells(rows: int, columns: int) -> Index:
    """Corners of the quadrilaterals of a lattice numbered row by row, shape (4, cells), all turning the same way."""
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None, :]).ravel()
    return np.stack([first, first + 1, first + columns + 1, first + columns]).astype(np.int64)
