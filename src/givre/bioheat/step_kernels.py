"""A whole step, compiled: all stages over the warm surround, then over the cold box, by a team of threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from givre.bioheat import cold_kernels, probe_kernels, warm_kernels
from givre.bioheat.cold_kernels import ADDED, CHUNK, GAIN0
from givre.bioheat.compiled import kernel, loop
from givre.bioheat.team import meet
from givre.bioheat.warm_kernels import Keep

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Size = tuple[int, int, int]


FITS_IN_CACHE = 200_000
"""Voxels of the surround up to which its stages come one after the other: their arrays fit in the caches."""


class WarmPass(NamedTuple):
    """What a step of the surround needs.

    Attributes:
        fields, rows: see `warm_kernels`; rows of u at the start and two to work in.
        plans: of each stage, shape (stages, 4); none leaves all as it is and only fills `blood`.
        shares: see `warm_kernels.drift_hole`, after each stage.
        first, end: rows swept in each plane.
        hole: voxels that are not swept but drift.
        outside, inside, conduct, heat: see `warm_kernels.exchange`.
        face_first: where the faces begin whose lower voxel lies in each plane, shape (k + 3,).
        row_coldest: see `warm_kernels.settle`.
        blood: filled for each member: what blood and metabolism bring at the end of the step [W/m³].
        faces: filled for each stage and member: what comes through the faces of the domain [W/m³].
    """

    fields: Array32
    rows: Index
    plans: Array32
    shares: Array32
    first: Index
    end: Index
    hole: Index
    outside: Index
    inside: Index
    conduct: Array32
    heat: Array32
    face_first: Index
    row_coldest: Array32
    blood: Array
    faces: Array


class ColdPass(NamedTuple):
    """What a step of the cold box needs.

    Attributes:
        fields, plans, parity, size, shape, interval: see `cold_kernels.sweep`; one plan for each stage.
        has_ghosts: whether a face of the box is a face of the domain that conducts.
        face_voxel: voxels of the box beside the surround.
        blood, faces: filled, for each stage and member.
        held, held_gain, held_state: voxels that are held, with their gain and A, B, T, shape (3, n).
        coldest_of: coldest now of each material, for each member; lowered where it is frozen.
        frozen_below_c, cold_below_c: what counts as frozen and as cold.
        extent: for each member first and end of the cold voxels along k, j, i of the domain; filled.
    """

    fields: Array32
    plans: Array32
    parity: int
    size: Size
    shape: Array32
    interval: Array32
    has_ghosts: bool
    face_voxel: Index
    blood: Array
    faces: Array
    held: Index
    held_gain: Array32
    held_state: Array32
    coldest_of: Array
    frozen_below_c: float
    cold_below_c: float
    extent: Index


class Lattice(NamedTuple):
    """What box and surround share.

    Attributes:
        size: of the domain, ghosts included.
        box: the cold box.
        material, enthalpy: of the domain.
        body_c: blood temperature.
        drift: what the step before changed; of the surround's fields.
    """

    size: Size
    box: Index
    material: npt.NDArray[np.uint16]
    enthalpy: Array
    body_c: np.float32


@kernel
def _share(count: int, me: int, members: int) -> tuple[int, int]:  # pragma: no cover - compiled
    return count * me // members, count * (me + 1) // members


@kernel
def whole_step(
    me: int, members: int, gate: Index, step_s: float, lattice: Lattice, warm: WarmPass, cold: ColdPass,
    probes: probe_kernels.ProbePass, keep: Keep,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Surround, box, records. Without stages for the surround all of the domain is in the box."""
    if len(warm.plans) > 0:
        warm_step(me, members, gate, step_s, lattice, warm, keep)
    _cold_step(me, members, gate, step_s, cold, probes, warm.heat[len(warm.plans) % 2])
    before = warm.fields[warm.rows[0]]
    now = warm.fields[warm.rows[2 - len(warm.plans) % 2]] if len(warm.plans) > 0 else before
    _settle_cold(me, members, step_s, lattice, cold, before, now, warm.fields[warm_kernels.DRIFT], keep)
    meet(gate, members)


@kernel
def _swept(first: Index, end: Index) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """First plane with rows to sweep, the end of such planes, and the number of rows."""
    lowest, highest, rows = 1, len(first) - 1, 0
    while lowest < highest and end[lowest] <= first[lowest]:
        lowest += 1
    while highest > lowest and end[highest - 1] <= first[highest - 1]:
        highest -= 1
    for k in range(lowest, highest):
        rows += end[k] - first[k]
    return lowest, highest, rows


@kernel
def warm_step(
    me: int, members: int, gate: Index, step_s: float, lattice: Lattice, warm: WarmPass, keep: Keep
) -> None:  # pragma: no cover - compiled
    """All stages over the surround; leaves the new temperatures in row rows[2 - stages % 2] of the fields.

    In a small surround one stage comes after another, and members split its planes. In a large one the stages follow
    each other through the planes, two planes apart, so that what they share stays in the cache and none overwrites what
    another still needs; members then split the rows of every plane.
    """
    lowest, highest, all_rows = _swept(warm.first, warm.end)
    stages = len(warm.plans)
    follow = stages > 0 and all_rows * lattice.size[2] > FITS_IN_CACHE
    warm.blood[me] = 0.0
    warm.faces[:, me] = 0.0
    buffer = np.empty(CHUNK, dtype=np.float32)
    own = _share(all_rows, me, members)
    outer = highest - lowest + 2 * (stages - 1) if follow else max(stages, 1)
    inner = stages if follow else highest - lowest
    for a in range(outer):
        before = 0
        for b in range(inner):
            stage = b if follow else a
            k = lowest + a - 2 * b if follow else lowest + b
            if not lowest <= k < highest:
                continue
            count = warm.end[k] - warm.first[k]
            if follow:
                low, high = count * me // members, count * (me + 1) // members
            else:
                low, high = max(own[0], before) - before, min(own[1], before + count) - before
                before += count
            if high <= low:
                continue
            span = (warm.first[k] + low, warm.first[k] + high)
            if stages > 0:
                faces = warm.face_first[k + 1] - warm.face_first[k]
                own_faces = (warm.face_first[k] + faces * low // count, warm.face_first[k] + faces * high // count)
                _stage_of_plane(me, lattice, warm, k, span, own_faces, stage, buffer)
            if stage >= stages - 1:
                _settle_plane(me, step_s, lattice, warm, keep, k, span)
        meet(gate, members)


@kernel
def _stage_of_plane(
    me: int, lattice: Lattice, warm: WarmPass, k: int, span: tuple[int, int], faces: tuple[int, int], stage: int,
    buffer: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """One stage over some rows of a plane, and over some faces of the box that begin there."""
    ni = lattice.size[2]
    plane = lattice.size[1] * ni
    u = warm.rows[0] if stage == 0 else warm.rows[2 - stage % 2]
    after = warm.rows[1 + stage % 2]
    warm_kernels.exchange(
        warm.fields[u], warm.outside, warm.inside, warm.conduct, warm.plans[stage], stage == 0, faces, warm.heat,
        stage % 2,
    )  # fmt: skip
    warm.faces[stage, me] += warm_kernels.faces_power(warm.fields, u, lattice.box, k, span, lattice.size)
    warm_kernels.sweep(
        warm.fields, (warm.rows[0], u, after), warm.plans[stage], stage == 0,
        (k * plane + span[0] * ni, k * plane + span[1] * ni), ni, plane, buffer,
    )  # fmt: skip
    warm_kernels.drift_hole(
        warm.fields[warm.rows[0]], warm.fields[after], warm.fields[warm_kernels.DRIFT], warm.shares[stage], warm.hole,
        k, span, lattice.size,
    )  # fmt: skip


@kernel
def _settle_plane(
    me: int, step_s: float, lattice: Lattice, warm: WarmPass, keep: Keep, k: int, span: tuple[int, int]
) -> None:  # pragma: no cover - compiled
    stages = len(warm.plans)
    last = warm.rows[2 - stages % 2] if stages > 0 else warm.rows[0]
    warm.blood[me] += warm_kernels.settle(
        warm.fields, last, warm.row_coldest, lattice.box, lattice.body_c, k, span, lattice.size, step_s, keep
    )


@kernel
def _cold_step(
    me: int, members: int, gate: Index, step_s: float, cold: ColdPass, probes: probe_kernels.ProbePass,
    face_heat: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """All stages over the box; leaves A, B, T in set (parity + stages) % 2, gains in row (stages + 1) % 2."""
    fields, size = cold.fields, cold.size
    planes = _share(size[0] - 2, me, members)
    planes = (planes[0] + 1, planes[1] + 1)
    if me == 0:
        fields[ADDED][:] = 0.0
        for n in range(len(cold.face_voxel)):
            fields[ADDED, cold.face_voxel[n]] += face_heat[n] / np.float32(step_s)
    meet(gate, members)
    for stage in range(len(cold.plans)):
        now = (cold.parity + stage) % 2
        if probes.power.shape[1] > 0:
            probe_kernels.exchange(
                me, members, fields[3 * now], fields[3 * now + 1], fields[3 * now + 2], fields[ADDED], probes,
                cold.shape, cold.interval, probes.power[stage],
            )  # fmt: skip
            meet(gate, members)
        gain_row = (stage + 1) % 2  # the first stage writes row 0
        cold.blood[stage, me] = cold_kernels.sweep(
            fields, cold.plans[stage], stage == 0, now, gain_row, planes, size, cold.shape, cold.interval
        )
        if cold.has_ghosts:
            cold.faces[stage, me] = cold_kernels.faces_power(fields, now, planes, size)
            cold_kernels.keep_ghosts(fields, now, planes, size)
        meet(gate, members)
        if len(cold.held) > 0:
            if me == 0:
                for n in range(len(cold.held)):
                    fields[GAIN0 + 1 - gain_row, cold.held[n]] = cold.held_gain[n]
                    for row in range(3):
                        fields[3 * (1 - now) + row, cold.held[n]] = cold.held_state[row, n]
            meet(gate, members)


@kernel
def _settle_cold(
    me: int, members: int, step_s: float, lattice: Lattice, cold: ColdPass, u_before: Array32, u_now: Array32,
    drift: Array32, keep: Keep,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Write the box back to the domain, keep its records, find how far the cold reaches."""
    box, size = lattice.box, cold.size
    nj, ni = size[1], size[2]
    plane = nj * ni
    span = _share(size[0] - 2, me, members)
    temp = cold.fields[3 * ((cold.parity + len(cold.plans)) % 2) + 2]
    gain = cold.fields[GAIN0 + (len(cold.plans) + 1) % 2]
    for axis in range(3):
        cold.extent[me, axis, 0], cold.extent[me, axis, 1] = lattice.size[axis], 0
    for box_k in range(span[0] + 1, span[1] + 1):
        k = box_k - 1 + box[0, 0]
        for box_j in range(1, nj - 1):
            j = box_j - 1 + box[1, 0]
            s = box_k * plane + box_j * ni + 1
            e = s + ni - 2
            at = (k * lattice.size[1] + j) * lattice.size[2] + box[2, 0]
            to = at + ni - 2
            _settle_run(
                temp[s:e], gain[s:e], cold.fields[cold_kernels.ENTHALPY, s:e], lattice.enthalpy[at:to],
                u_before[at:to], u_now[at:to], drift[at:to], lattice.body_c,
            )  # fmt: skip
            warm_kernels.keep_coldest(u_now[at:to], keep.coldest_c[at:to], lattice.body_c)
            lowest = warm_kernels.coldest(temp[s:e])
            if lowest < cold.cold_below_c:
                _extend(cold.extent[me], temp[s:e], cold.cold_below_c, (k, j, box[2, 0]))
            if lowest < cold.frozen_below_c:
                _coldest_by_material(
                    temp[s:e], lattice.material[at:to], np.float32(cold.frozen_below_c), cold.coldest_of[me]
                )
            for n in range(len(keep.thresholds_c)):
                if lowest <= keep.thresholds_c[n] + 0.001:
                    warm_kernels.below(
                        u_now[at:to], lattice.body_c, np.float32(keep.thresholds_c[n]), np.float32(step_s),
                        keep.time_below_s[n, at:to], keep.reached[n, at:to],
                    )  # fmt: skip


@kernel
def _extend(
    extent: Index, temp_c: Array32, cold_below_c: float, at: tuple[int, int, int]
) -> None:  # pragma: no cover - compiled
    """Make room in `extent` for the cold voxels of a row, of which there is one at least; `at` is its first."""
    first, end = 0, len(temp_c)
    while temp_c[first] >= cold_below_c:
        first += 1
    while temp_c[end - 1] >= cold_below_c:
        end -= 1
    extent[0, 0], extent[0, 1] = min(extent[0, 0], at[0]), max(extent[0, 1], at[0] + 1)
    extent[1, 0], extent[1, 1] = min(extent[1, 0], at[1]), max(extent[1, 1], at[1] + 1)
    extent[2, 0], extent[2, 1] = min(extent[2, 0], at[2] + first), max(extent[2, 1], at[2] + end)


@kernel
def _coldest_by_material(
    temp_c: Array32, material: npt.NDArray[np.uint16], frozen_below_c: np.float32, coldest_of: Array
) -> None:  # pragma: no cover - compiled
    for n in range(len(temp_c)):
        if temp_c[n] < frozen_below_c:
            coldest_of[material[n]] = min(coldest_of[material[n]], temp_c[n])


@loop
def _settle_run(
    temp_c: Array32, gain: Array32, held: Array32, enthalpy: Array, u_before: Array32, u_now: Array32,
    drift: Array32, body_c: np.float32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    for i in range(len(temp_c)):
        enthalpy[i] += gain[i]
        held[i] = enthalpy[i]
        u = temp_c[i] - body_c
        drift[i] = u - u_before[i]
        u_now[i] = u


def integrated(plans: Array32, power: Array) -> Array:
    """What powers of each stage, shape (stages, n), bring over the step, shape (n,): the recurrence of the stages."""
    before: Array = plans[0, 2] * power[0]
    before_that = np.zeros(power.shape[1])
    for (mu, nu, own, start), now in zip(plans[1:].tolist(), power[1:], strict=True):
        before, before_that = mu * before + nu * before_that + own * now + start * power[0], before
    return before
