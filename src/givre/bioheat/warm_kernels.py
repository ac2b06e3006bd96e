"""The warm surround, compiled: one stage of a super time step where nothing freezes and conduction is linear.

Fields are rows of one array over the whole domain, flat, i fastest, with one ghost layer. Temperatures are kept as
differences from the blood, so that far voxels that hardly cool lose nothing to rounding. Only some rows of voxels are
swept, those that the cold has reached: in every plane k, the rows first[k] <= j < end[k].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from givre.bioheat.cold_kernels import CHUNK
from givre.bioheat.compiled import entry, kernel, loop, loop_blind_to_nan

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]


class Keep(NamedTuple):
    """Records of every voxel, flat, whole domain; see `Records`. No voxel outside the box is below `warm_above_c`."""

    coldest_c: Array32
    thresholds_c: Array
    time_below_s: Array32
    reached: npt.NDArray[np.uint8]
    warm_above_c: float


U0, U1, U2, FIRST_RATE, CONDUCT_I, CONDUCT_J, CONDUCT_K, PER_CAPACITY, PERFUSION, METABOLISM, DRIFT = range(11)
FIELDS = 11


@loop
def _rate(
    rate: Array32, u: Array32, gi: Array32, gj: Array32, gk: Array32, per_capacity: Array32, perfusion: Array32,
    metabolism: Array32, first: int, ni: int, plane: int,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    start, row, layer, one = np.uint64(first), np.uint64(ni), np.uint64(plane), np.uint64(1)
    for n in range(np.uint64(len(rate))):
        i = start + n
        own = u[i]
        flux = gi[i] * (u[i + one] - own) + gi[i - one] * (u[i - one] - own)
        flux += gj[i] * (u[i + row] - own) + gj[i - row] * (u[i - row] - own)
        flux += gk[i] * (u[i + layer] - own) + gk[i - layer] * (u[i - layer] - own)
        rate[n] = (flux + metabolism[i] - perfusion[i] * own) * per_capacity[i]


@loop
def _first(
    rate: Array32, first_rate: Array32, start: Array32, after: Array32, own: np.float32
) -> None:  # pragma: no cover - compiled
    for i in range(len(rate)):
        first_rate[i] = rate[i]
        after[i] = start[i] + own * rate[i]


@loop
def _next(
    rate: Array32, before: Array32, before_that: Array32, start: Array32, first_rate: Array32, plan: Array32
) -> None:  # pragma: no cover - compiled
    # In gains over the start: weights of whole temperatures that add up to one but for rounding would make heat.
    mu, nu, own, begin = plan[0], plan[1], plan[2], plan[3]
    for i in range(len(rate)):
        gain = mu * (before[i] - start[i]) + nu * (before_that[i] - start[i]) + own * rate[i] + begin * first_rate[i]
        before_that[i] = start[i] + gain


@loop
def sweep(
    fields: Array32, rows: tuple[int, int, int], plan: Array32, first_stage: bool, span: tuple[int, int], ni: int,
    plane: int, buffer: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """One stage over some rows of a plane.

    Args:
        fields: the voxel arrays.
        rows: which row of `fields` holds u at the start of the step, after the stage before, and two stages before;
            the last is written.
        plan: mu, nu, step * rate, step * rate_first of the stage.
        first_stage: whether this is the first.
        span: first voxel and end.
        ni, plane: voxels to the next along j, and along k.
        buffer: room for CHUNK values.
    """
    start, u, after = fields[rows[0]], fields[rows[1]], fields[rows[2]]
    for s in range(span[0], span[1], CHUNK):
        e = min(s + CHUNK, span[1])
        rate = buffer[: e - s]
        _rate(
            rate, u, fields[CONDUCT_I], fields[CONDUCT_J], fields[CONDUCT_K], fields[PER_CAPACITY], fields[PERFUSION],
            fields[METABOLISM], s, ni, plane,
        )  # fmt: skip
        if first_stage:
            _first(rate, fields[FIRST_RATE, s:e], start[s:e], after[s:e], plan[2])
        else:
            _next(rate, u[s:e], after[s:e], start[s:e], fields[FIRST_RATE, s:e], plan)


@kernel
def drift_hole(
    u0: Array32, u: Array32, change: Array32, share: np.float32, hole: Index, k: int, span: tuple[int, int],
    size: tuple[int, int, int],
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Set the outermost voxels of the hole in one plane to where they drift.

    Args:
        u0, u: at the start of the step and to write.
        change: what the step before changed.
        share: part of the step gone by, times its length over that of the step before.
        hole: first and end along k, j, i.
        k: the plane.
        span: first and end j to treat.
        size: of the domain.
    """
    if not hole[0, 0] <= k < hole[0, 1]:
        return
    is_lid = k == hole[0, 0] or k == hole[0, 1] - 1
    for j in range(max(span[0], hole[1, 0]), min(span[1], hole[1, 1])):
        r = (k * size[1] + j) * size[2]
        begin, end = r + hole[2, 0], r + hole[2, 1]
        if is_lid or j == hole[1, 0] or j == hole[1, 1] - 1:
            for n in range(begin, end):
                u[n] = u0[n] + share * change[n]
        else:
            u[begin] = u0[begin] + share * change[begin]
            u[end - 1] = u0[end - 1] + share * change[end - 1]


@loop
def exchange(
    u: Array32, outside: Index, inside: Index, conduct: Array32, plan: Array32, first_stage: bool,
    part: tuple[int, int], heat: Array32, heat_row: int,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Add up the heat that crosses the faces between box and surround, like any other gain of the step.

    Args:
        u: temperatures after the stage before.
        outside, inside: the voxels on both sides of each face.
        conduct: conductivity of each face over h².
        plan, first_stage: of the stage.
        part: which faces.
        heat: two rows of gains [J/m³ into the box] and one of first rates; updated.
        heat_row: row of the gains after the stage before; the other is written.
    """
    mu, nu, own, begin = plan[0], plan[1], plan[2], plan[3]
    before, after, first_rate = heat[heat_row], heat[1 - heat_row], heat[2]
    for n in range(part[0], part[1]):
        flux = conduct[n] * (u[outside[n]] - u[inside[n]])
        if first_stage:
            first_rate[n] = flux
            after[n] = own * flux
        else:
            after[n] = mu * before[n] + nu * after[n] + own * flux + begin * first_rate[n]


@kernel
def settle(
    fields: Array32, row: int, row_coldest: Array32, box: Index, body_c: np.float32, k: int, span: tuple[int, int],
    size: tuple[int, int, int], step_s: float, keep: Keep,
) -> float:  # pragma: no cover - compiled  # fmt: skip
    """Keep records of some rows of a plane, outside the box: coldest temperatures, times below thresholds.

    Args:
        fields: the voxel arrays.
        row: of the temperatures.
        row_coldest: filled for the rows swept, relative to the blood; -inf where a row crosses the box.
        box: the cold box.
        body_c: blood temperature.
        k, span, size: see `drift_hole`.
        step_s: length of the step.
        keep: the records, updated.

    Returns:
        Sum of what blood and metabolism bring now [W/m³].
    """
    u, total = fields[row], 0.0
    crosses = box[0, 0] <= k < box[0, 1]
    below_box = min(span[1], max(span[0], box[1, 0])) if crosses else span[1]
    above_box = min(span[1], max(span[0], box[1, 1])) if crosses else span[1]
    ni = size[2]
    plane = k * size[1] * ni
    for first, end in ((span[0], below_box), (above_box, span[1])):
        lowest = np.float32(np.inf)
        for j in range(first, end):
            row_coldest[k, j] = coldest(u[plane + j * ni : plane + (j + 1) * ni])
            lowest = min(lowest, row_coldest[k, j])
        total += _settle_run(fields, row, body_c, plane + first * ni, plane + end * ni, lowest, step_s, keep)
    for j in range(below_box, above_box):
        r = plane + j * ni
        for s, e in ((r, r + box[2, 0]), (r + box[2, 1], r + ni)):
            total += _settle_run(fields, row, body_c, s, e, coldest(u[s:e]), step_s, keep)
        row_coldest[k, j] = -np.float32(np.inf)
    return total


@kernel
def _settle_run(
    fields: Array32, row: int, body_c: np.float32, s: int, e: int, lowest: np.float32, step_s: float, keep: Keep
) -> float:  # pragma: no cover - compiled
    """Keep records of the voxels s to e, ghosts at the ends of rows among them; what blood brings to them [W/m³]."""
    u = fields[row, s:e]
    for n in range(len(keep.thresholds_c)):
        if keep.thresholds_c[n] > keep.warm_above_c and lowest + body_c <= keep.thresholds_c[n]:
            below(
                u, body_c, np.float32(keep.thresholds_c[n]), np.float32(step_s), keep.time_below_s[n, s:e],
                keep.reached[n, s:e],
            )  # fmt: skip
    return float(
        _keep_coldest_and_blood(u, keep.coldest_c[s:e], body_c, fields[PERFUSION, s:e], fields[METABOLISM, s:e])
    )


@loop
def _keep_coldest_and_blood(
    u: Array32, coldest_c: Array32, body_c: np.float32, perfusion: Array32, metabolism: Array32
) -> np.float32:  # pragma: no cover - compiled
    total = np.float32(0.0)
    for i in range(len(u)):
        t = u[i] + body_c
        coldest_c[i] = t if t < coldest_c[i] else coldest_c[i]
        total += metabolism[i] - perfusion[i] * u[i]
    return total


@loop_blind_to_nan
def coldest(u: Array32) -> np.float32:  # pragma: no cover - compiled
    """The lowest value. What is not a number may go unseen here: it shows in the heat of the step."""
    lowest = np.float32(np.inf)
    for i in range(len(u)):
        lowest = min(lowest, u[i])
    return lowest


@kernel
def below(
    u: Array32, body_c: np.float32, threshold_c: np.float32, step_s: np.float32, time_s: Array32,
    reached: npt.NDArray[np.uint8],
) -> int:  # pragma: no cover - compiled  # fmt: skip
    """Add `step_s` where temperatures u + body_c are at or below a threshold, and say that they were; count them."""
    count = 0
    for i in range(len(u)):
        is_below = u[i] + body_c <= threshold_c
        count += is_below
        time_s[i] += step_s if is_below else np.float32(0.0)
        reached[i] |= np.uint8(1) if is_below else np.uint8(0)
    return count


@kernel
def faces_power(
    fields: Array32, row: int, box: Index, k: int, span: tuple[int, int], size: tuple[int, int, int]
) -> float:  # pragma: no cover - compiled
    """Heat into some rows of a plane, outside the box, through the faces of the domain [W/m³ summed over voxels]."""
    nj, ni = size[1], size[2]
    u, conduct = fields[row], fields[CONDUCT_I]
    total = 0.0
    crosses = box[0, 0] <= k < box[0, 1]
    for j in range(span[0], span[1]):
        r = (k * nj + j) * ni
        if not (crosses and box[2, 0] == 1 and box[1, 0] <= j < box[1, 1]):
            total += conduct[r] * (u[r] - u[r + 1])
        if not (crosses and box[2, 1] == ni - 1 and box[1, 0] <= j < box[1, 1]):
            total += conduct[r + ni - 2] * (u[r + ni - 1] - u[r + ni - 2])
    at_end = k == 1 or k == size[0] - 2
    for j in range(span[0], span[1]) if at_end else range(1, nj - 1, max(nj - 3, 1)):
        if span[0] <= j < span[1]:
            r, crossed = (k * nj + j) * ni, crosses and box[1, 0] <= j < box[1, 1]
            total += _outermost_row(fields, row, k, j, size, r + 1, r + (box[2, 0] if crossed else ni - 1))
            if crossed:
                total += _outermost_row(fields, row, k, j, size, r + box[2, 1], r + ni - 1)
    return total


@kernel
def _outermost_row(
    fields: Array32, row: int, k: int, j: int, size: tuple[int, int, int], s: int, e: int
) -> float:  # pragma: no cover - compiled
    """Heat into the voxels s to e of a row through the faces of the domain across k and j."""
    nk, nj, ni = size
    u, gj, gk = fields[row], fields[CONDUCT_J], fields[CONDUCT_K]
    total = 0.0
    if j == 1:
        total += _across(gj, u, s - ni, s - ni, s, e - s)
    if j == nj - 2:
        total += _across(gj, u, s, s + ni, s, e - s)
    if k == 1:
        total += _across(gk, u, s - nj * ni, s - nj * ni, s, e - s)
    if k == nk - 2:
        total += _across(gk, u, s, s + nj * ni, s, e - s)
    return total


@kernel
def _across(
    conduct: Array32, u: Array32, face: int, outer: int, inner: int, count: int
) -> float:  # pragma: no cover - compiled
    total = 0.0
    for n in range(count):
        total += conduct[face + n] * (u[outer + n] - u[inner + n])
    return total


@entry
def has_come_near(
    row_coldest: Array32, first: Index, end: Index, limit: np.float32, shell: int
) -> bool:  # pragma: no cover - compiled
    """Whether a row colder than `limit` lies within `shell` rows of those that are not swept."""
    nk, nj = row_coldest.shape
    for k in range(1, nk - 1):
        for j in range(1, nj - 1):
            if row_coldest[k, j] >= limit:
                continue
            for other_k in range(max(1, k - shell), min(nk - 1, k + shell + 1)):
                if max(1, j - shell) < first[other_k] or min(nj - 1, j + shell + 1) > end[other_k]:
                    return True
    return False
