"""Inner loops of the path check, compiled: distances to drawn voxels, and the walk along many paths."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from givre.bioheat.compiled import entry, kernel

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]
Body = npt.NDArray[np.uint8]
Fields = npt.NDArray[np.uint16]

UNITS_PER_MM = 100.0
"""Distances are kept as whole hundredths of a millimetre, rounded down."""
SKIN, EDGE, NOWHERE = 0, 1, 2
"""How the walk outward ends: at the skin, at the edge of the image, or not at all, for want of a direction."""
INSIDE_FROM = 127.5
"""Membership from which a point lies in the body."""


@entry
def squared_distance_to_boxes(  # pragma: no cover - compiled
    inside: npt.NDArray[np.bool_], spacing_mm: Array, far_mm: float
) -> Array32:
    """Squared distance [mm²] from each voxel centre to the nearest box of an inside voxel, at most `far_mm` squared.

    Exact: the square is a sum over the axes of a function of the offset, so its minimum is taken axis by axis.
    """
    count_k, count_j, count_i = inside.shape
    found = np.where(inside, np.float32(0.0), np.float32(far_mm * far_mm))
    longest = max(count_k, count_j, count_i)
    cost = np.zeros((3, longest + 1), dtype=np.float32)
    for axis in range(3):
        for offset in range(1, longest + 1):
            cost[axis, offset] = ((offset - 0.5) * spacing_mm[axis]) ** 2
    for j in range(count_j):
        for i in range(count_i):
            _spread(found[:, j, i], cost[0])
    for k in range(count_k):
        for i in range(count_i):
            _spread(found[k, :, i], cost[1])
        for j in range(count_j):
            _spread(found[k, j, :], cost[2])
    return found


@kernel
def _spread(line: Array32, cost: Array32) -> None:  # pragma: no cover - compiled
    """Each value of the line becomes the least sum of a value and the cost of its offset."""
    count = len(line)
    before = line.copy()
    for place in range(count):
        best = before[place]
        for offset in range(1, count):
            if cost[offset] >= best:
                break
            if place >= offset:
                best = min(best, before[place - offset] + cost[offset])
            if place + offset < count:
                best = min(best, before[place + offset] + cost[offset])
        line[place] = best


@kernel
def _membership(body: Body, k: float, j: float, i: float) -> float:  # pragma: no cover - compiled
    """Trilinear membership at an index; the outermost voxel repeated in its outer half; -1 outside the image."""
    count_k, count_j, count_i = body.shape
    is_beyond = k < -0.5 or j < -0.5 or i < -0.5 or k > count_k - 0.5 or j > count_j - 0.5 or i > count_i - 0.5
    if is_beyond:
        return -1.0
    k, j, i = max(k, 0.0), max(j, 0.0), max(i, 0.0)
    k0, j0, i0 = min(int(k), count_k - 1), min(int(j), count_j - 1), min(int(i), count_i - 1)
    k1, j1, i1 = min(k0 + 1, count_k - 1), min(j0 + 1, count_j - 1), min(i0 + 1, count_i - 1)
    a, b, c = k - k0, j - j0, i - i0
    low = (1 - b) * ((1 - c) * body[k0, j0, i0] + c * body[k0, j0, i1]) + b * (
        (1 - c) * body[k0, j1, i0] + c * body[k0, j1, i1]
    )
    high = (1 - b) * ((1 - c) * body[k1, j0, i0] + c * body[k1, j0, i1]) + b * (
        (1 - c) * body[k1, j1, i0] + c * body[k1, j1, i1]
    )
    return float((1 - a) * low + a * high)


@kernel
def _nearest_at(  # pragma: no cover - compiled
    fields: Fields, stride: Whole, spacing_mm: Array, index: Array, found: Array32
) -> None:
    """A lower bound of the distance [mm] of a point to each structure.

    A distance changes by no more than the way walked, so each of the eight nodes around the point gives a bound: its
    distance less the way from it to the point. The largest of the eight is kept.
    """
    for structure in range(found.shape[0]):
        found[structure] = -1e9
    first = np.zeros(3, dtype=np.int64)
    for axis in range(3):
        node = math.floor(index[axis] / stride[axis])
        first[axis] = min(max(node, 0), fields.shape[axis] - 2)
    for corner in range(8):
        k, j, i = first[0] + (corner >> 2), first[1] + ((corner >> 1) & 1), first[2] + (corner & 1)
        way_mm = math.sqrt(
            ((index[0] - k * stride[0]) * spacing_mm[0]) ** 2
            + ((index[1] - j * stride[1]) * spacing_mm[1]) ** 2
            + ((index[2] - i * stride[2]) * spacing_mm[2]) ** 2
        )
        way = np.float32(way_mm)
        for structure in range(found.shape[0]):
            bound = np.float32(fields[k, j, i, structure] / np.float32(UNITS_PER_MM)) - way
            found[structure] = max(found[structure], bound)


@entry
def walk_outward(  # noqa: PLR0917  # pragma: no cover - compiled; numba knows no keyword-only arguments
    tips: Array,
    steps: Array,
    given_mm: Array,
    body: Body,
    fields: Fields,
    stride: Whole,
    spacing_mm: Array,
    step_mm: float,
    shaft_mm: float,
    exits_mm: Array,
    endings: npt.NDArray[np.int8],
    returns_mm: Array,
    nearest_mm: Array32,
) -> None:
    """Walk from each tip towards its entry and on, until the skin or the edge of the image.

    Tips and steps are in voxels, steps per mm; body and fields share the axes, fields are thinned by `stride`.
    Written to: exit from the tip [mm], ending, where the line enters the body again [mm, NaN if nowhere] before the
    given entry or the end of the shaft, and a lower bound of the distance of the axis to each structure [mm].
    """
    now = np.empty((2, nearest_mm.shape[1]), dtype=np.float32)
    for path in range(tips.shape[0]):
        exits_mm[path], endings[path], returns_mm[path] = np.nan, NOWHERE, np.nan
        nearest_mm[path, :] = np.nan
        if not math.isfinite(tips[path].sum() + steps[path].sum()):
            continue
        exits_mm[path], endings[path] = _to_the_skin(
            tips[path], steps[path], body, fields, stride, spacing_mm, step_mm, now, nearest_mm[path]
        )
        if endings[path] == SKIN:
            last_mm = max(given_mm[path], shaft_mm)
            returns_mm[path] = _again_mm(tips[path], steps[path], body, exits_mm[path] + 2.0 * step_mm + 1.0, last_mm)


@kernel
def _to_the_skin(  # noqa: PLR0917  # pragma: no cover - compiled
    tip: Array,
    step: Array,
    body: Body,
    fields: Fields,
    stride: Whole,
    spacing_mm: Array,
    step_mm: float,
    now: Array32,
    nearest_mm: Array32,
) -> tuple[float, int]:
    """Way to the first place outside the body, how it ends there, and bounds of distance on the way."""
    index = np.empty(3)
    inside_before, walked = 255.0, 0.0
    while True:
        for axis in range(3):
            index[axis] = tip[axis] + walked * step[axis]
        member = _membership(body, index[0], index[1], index[2])
        if member < INSIDE_FROM:
            break
        now[1] = now[0]
        _nearest_at(fields, stride, spacing_mm, index, now[0])
        for structure in range(len(nearest_mm)):
            if walked == 0.0:
                nearest_mm[structure] = now[0, structure]
            else:  # a distance between two samples is never less than this
                between = np.float32(0.5) * (now[0, structure] + now[1, structure] - np.float32(step_mm))
                nearest_mm[structure] = min(nearest_mm[structure], between)
        inside_before = member
        walked += step_mm
    if walked > 0.0:
        for structure in range(len(nearest_mm)):  # the last stretch before the exit is shorter than a step
            nearest_mm[structure] = min(nearest_mm[structure], now[0, structure] - np.float32(step_mm))
    if member < 0.0:
        return _edge_mm(tip, step, body.shape), EDGE
    if walked > 0.0:
        walked -= step_mm * (INSIDE_FROM - member) / max(inside_before - member, 1e-6)
    return walked, SKIN


@kernel
def _again_mm(  # pragma: no cover - compiled
    tip: Array, step: Array, body: Body, from_mm: float, to_mm: float
) -> float:
    """Where a line lies in the body again between two ways from the tip [mm]; NaN if nowhere."""
    walked = from_mm
    while walked <= to_mm:
        member = _membership(body, tip[0] + walked * step[0], tip[1] + walked * step[1], tip[2] + walked * step[2])
        if member >= INSIDE_FROM:
            return walked
        walked += 1.0
    return np.nan


@kernel
def _edge_mm(tip: Array, step: Array, shape: tuple[int, int, int]) -> float:  # pragma: no cover - compiled
    """Way from a tip inside the image to its outer faces [mm]; 0 for a tip outside."""
    shortest = math.inf
    for axis in range(3):
        if step[axis] > 0:
            shortest = min(shortest, (shape[axis] - 0.5 - tip[axis]) / step[axis])
        elif step[axis] < 0:
            shortest = min(shortest, (-0.5 - tip[axis]) / step[axis])
    return max(shortest, 0.0)
