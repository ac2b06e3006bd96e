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
from givre.bioheat.compiled import kernel, loop, loop_blind_to_nan

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
    rate: Array32,
    u: Array32, east: Array32, west: Array32, north: Array32, south: Array32, up: Array32, down: Array32,
    ge: Array32, gw: Array32, gn: Array32, gs: Array32, gu: Array32, gd: Array32,
    per_capacity: Array32, perfusion: Array32, metabolism: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    for i in range(len(rate)):
        own = u[i]
        flux = ge[i] * (east[i] - own) + gw[i] * (west[i] - own)
        flux += gn[i] * (north[i] - own) + gs[i] * (south[i] - own)
        flux += gu[i] * (up[i] - own) + gd[i] * (down[i] - own)
        rate[i] = (flux + metabolism[i] - perfusion[i] * own) * per_capacity[i]


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
            rate,
            u[s:e], u[s + 1 : e + 1], u[s - 1 : e - 1], u[s + ni : e + ni], u[s - ni : e - ni],
            u[s + plane : e + plane], u[s - plane : e - plane],
            fields[CONDUCT_I, s:e], fields[CONDUCT_I, s - 1 : e - 1], fields[CONDUCT_J, s:e],
            fields[CONDUCT_J, s - ni : e - ni], fields[CONDUCT_K, s:e], fields[CONDUCT_K, s - plane : e - plane],
            fields[PER_CAPACITY, s:e], fields[PERFUSION, s:e], fields[METABOLISM, s:e],
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
        step_s: length of the step, 0 to keep no record.
        keep: the records, updated.

    Returns:
        Sum of what blood and metabolism bring now [W/m³].
    """
    u, total = fields[row], 0.0
    crosses = box[0, 0] <= k < box[0, 1]
    below_box = min(span[1], max(span[0], box[1, 0])) if crosses else span[1]
    above_box = min(span[1], max(span[0], box[1, 1])) if crosses else span[1]
    plane = k * size[1] * size[2]
    ni = size[2]
    total += _settle_run(fields, row, body_c, plane + span[0] * ni, plane + below_box * ni, step_s, keep)
    total += _settle_run(fields, row, body_c, plane + above_box * ni, plane + span[1] * ni, step_s, keep)
    for j in range(below_box, above_box):
        r = plane + j * ni
        total += _settle_run(fields, row, body_c, r, r + box[2, 0], step_s, keep)
        total += _settle_run(fields, row, body_c, r + box[2, 1], r + ni, step_s, keep)
        row_coldest[k, j] = -np.float32(np.inf)
    for j in range(span[0], below_box):
        row_coldest[k, j] = coldest(u[plane + j * ni : plane + (j + 1) * ni])
    for j in range(above_box, span[1]):
        row_coldest[k, j] = coldest(u[plane + j * ni : plane + (j + 1) * ni])
    return total


@kernel
def _settle_run(
    fields: Array32, row: int, body_c: np.float32, s: int, e: int, step_s: float, keep: Keep
) -> float:  # pragma: no cover - compiled
    """Keep records of the voxels s to e, ghosts at the ends of rows among them; what blood brings to them [W/m³]."""
    if e <= s:
        return 0.0
    u = fields[row, s:e]
    if step_s > 0.0:
        keep_coldest(u, keep.coldest_c[s:e], body_c)
        for n in range(len(keep.thresholds_c)):
            if keep.thresholds_c[n] > keep.warm_above_c and coldest(u) + body_c <= keep.thresholds_c[n]:
                below(
                    u, body_c, np.float32(keep.thresholds_c[n]), np.float32(step_s), keep.time_below_s[n, s:e],
                    keep.reached[n, s:e],
                )  # fmt: skip
    return float(_blood(u, fields[PERFUSION, s:e], fields[METABOLISM, s:e]))


@loop
def _blood(u: Array32, perfusion: Array32, metabolism: Array32) -> np.float32:  # pragma: no cover - compiled
    total = np.float32(0.0)
    for i in range(len(u)):
        total += metabolism[i] - perfusion[i] * u[i]
    return total


@loop
def keep_coldest(u: Array32, coldest_c: Array32, body_c: np.float32) -> None:  # pragma: no cover - compiled
    """Lower `coldest_c` to the temperatures u + body_c."""
    for i in range(len(u)):
        t = u[i] + body_c
        coldest_c[i] = t if t < coldest_c[i] else coldest_c[i]


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
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Add `step_s` where temperatures u + body_c are at or below a threshold, and say that they were."""
    for i in range(len(u)):
        is_below = u[i] + body_c <= threshold_c
        time_s[i] += step_s if is_below else np.float32(0.0)
        reached[i] |= np.uint8(1) if is_below else np.uint8(0)


@kernel
def faces_power(
    fields: Array32, row: int, box: Index, k: int, span: tuple[int, int], size: tuple[int, int, int]
) -> float:  # pragma: no cover - compiled
    """Heat into some rows of a plane, outside the box, through the faces of the domain [W/m³ summed over voxels]."""
    nj, ni = size[1], size[2]
    u, conduct = fields[row], fields[CONDUCT_I]
    total = 0.0
    for j in range(span[0], span[1]):
        r = (k * nj + j) * ni
        crosses = box[0, 0] <= k < box[0, 1] and box[1, 0] <= j < box[1, 1]
        if not (crosses and box[2, 0] == 1):
            total += conduct[r] * (u[r] - u[r + 1])
        if not (crosses and box[2, 1] == ni - 1):
            total += conduct[r + ni - 2] * (u[r + ni - 1] - u[r + ni - 2])
        if k == 1 or k == size[0] - 2 or j == 1 or j == nj - 2:
            total += _outermost_row(fields, row, k, j, size, r + 1, r + (box[2, 0] if crosses else ni - 1))
            if crosses:
                total += _outermost_row(fields, row, k, j, size, r + box[2, 1], r + ni - 1)
    return total


@kernel
def _outermost_row(
    fields: Array32, row: int, k: int, j: int, size: tuple[int, int, int], s: int, e: int
) -> float:  # pragma: no cover - compiled
    """Heat into the voxels s to e of a row through the faces of the domain across k and j."""
    nk, nj, ni = size
    plane = nj * ni
    u, gj, gk = fields[row], fields[CONDUCT_J], fields[CONDUCT_K]
    total = 0.0
    if e <= s:
        return total
    if j == 1:
        total += float(_across(gj[s - ni : e - ni], u[s - ni : e - ni], u[s:e]))
    if j == nj - 2:
        total += float(_across(gj[s:e], u[s + ni : e + ni], u[s:e]))
    if k == 1:
        total += float(_across(gk[s - plane : e - plane], u[s - plane : e - plane], u[s:e]))
    if k == nk - 2:
        total += float(_across(gk[s:e], u[s + plane : e + plane], u[s:e]))
    return total


@loop
def _across(conduct: Array32, outer: Array32, inner: Array32) -> np.float32:  # pragma: no cover - compiled
    total = np.float32(0.0)
    for i in range(len(conduct)):
        total += conduct[i] * (outer[i] - inner[i])
    return total


@kernel
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


@kernel
def store_enthalpy(
    u: Array32, per_capacity: Array32, material: npt.NDArray[np.uint16], at_body: Array, where: Index, but: Index,
    size: tuple[int, int, int], enthalpy: Array,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Fill the enthalpy of unfrozen voxels of one box that lie outside another.

    Args:
        u: temperatures relative to the blood.
        per_capacity: 1 / heat capacity of each voxel.
        material: of each voxel.
        at_body: enthalpy of each material at the temperature of the blood.
        where, but: the boxes.
        size: of the domain.
        enthalpy: filled.
    """
    for k in range(where[0, 0], where[0, 1]):
        for j in range(where[1, 0], where[1, 1]):
            r = (k * size[1] + j) * size[2]
            crosses = but[0, 0] <= k < but[0, 1] and but[1, 0] <= j < but[1, 1]
            for i in range(where[2, 0], where[2, 1]):
                if not (crosses and but[2, 0] <= i < but[2, 1]):
                    enthalpy[r + i] = at_body[material[r + i]] + np.float64(u[r + i]) / per_capacity[r + i]
