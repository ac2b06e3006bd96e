"""A whole step, compiled: all stages over the warm surround, then over the cold box, by a team of threads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.bioheat import cold_kernels, front_kernels, probe_kernels, warm_kernels
from givre.bioheat.cold_kernels import ADDED, CHUNK, GAIN0
from givre.bioheat.compiled import entry, kernel, loop, part
from givre.bioheat.steps import ColdPass, Lattice, Pace, WarmPass
from givre.bioheat.team import begins, meet
from givre.bioheat.warm_kernels import Keep

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

FITS_IN_CACHE = 200_000
"""Voxels of the surround up to which its stages come one after the other: their arrays fit in the caches."""


@kernel
def _share(count: int, me: int, members: int) -> tuple[int, int]:  # pragma: no cover - compiled
    return count * me // members, count * (me + 1) // members


@entry
def advance(
    me: int, members: int, gate: Index, lattice: Lattice, pace: Pace, warm: WarmPass, cold: ColdPass,
    front: Array32 | None, probes: probe_kernels.ProbePass, keep: Keep,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Steps: surround, box, records. Without stages for the surround all of the domain is in the box.

    Every member comes in once; all but the first stay from step to step (see `Team`).
    """
    while begins(gate, members):
        step_s = pace.step_s[0]
        stages = pace.counts[0]
        if stages > 0:
            _warm_step(me, members, gate, step_s, lattice, pace, warm, keep)
        _cold_step(me, members, gate, step_s, pace, cold, front, probes, warm.heat[stages % 2])
        before = warm.fields[warm.rows[0]]
        now = warm.fields[warm.rows[2 - stages % 2]] if stages > 0 else before
        _settle_cold(me, members, step_s, lattice, pace, cold, before, now, warm.fields[warm_kernels.DRIFT], keep)
        meet(gate, members)
        if me == 0:
            _gather(cold.extent, cold.coldest_of, cold.below)
            _account(pace, warm.faces, cold.blood, cold.faces, probes.power)
            return


@part
def _gather(extent: Index, coldest_of: Array, below: Index) -> None:  # pragma: no cover - compiled
    """What all members found, in the place of the first."""
    for member in range(1, len(extent)):
        for axis in range(3):
            extent[0, axis, 0] = min(extent[0, axis, 0], extent[member, axis, 0])
            extent[0, axis, 1] = max(extent[0, axis, 1], extent[member, axis, 1])
        for m in range(coldest_of.shape[1]):
            coldest_of[0, m] = min(coldest_of[0, m], coldest_of[member, m])
        for n in range(below.shape[1]):
            below[0, n] += below[member, n]


@kernel
def _account(
    pace: Pace, warm_faces: Array, blood: Array, faces: Array, power: Array
) -> None:  # pragma: no cover - compiled
    """Add up the heat of the step."""
    probes = power.shape[1]
    pace.heat[:] = 0.0
    for stage in range(pace.counts[1]):
        weight = pace.weights[1, stage]
        for n in range(probes):
            pace.heat[1, n] += weight * power[stage, n]
        for member in range(blood.shape[1]):
            pace.heat[1, probes] += weight * blood[stage, member]
            pace.heat[1, probes + 1] += weight * faces[stage, member]
            if stage == 0:
                pace.heat[0, probes] += blood[0, member]
                pace.heat[0, probes + 1] += faces[0, member]
    for stage in range(pace.counts[0]):
        for member in range(blood.shape[1]):
            pace.heat[1, probes + 1] += pace.weights[0, stage] * warm_faces[stage, member]
    for n in range(probes):
        pace.heat[0, n] = power[0, n]


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


@part
def _warm_step(
    me: int, members: int, gate: Index, step_s: float, lattice: Lattice, pace: Pace, warm: WarmPass, keep: Keep
) -> None:  # pragma: no cover - compiled
    """All stages over the surround; leaves the new temperatures in row rows[2 - stages % 2] of the fields.

    In a small surround one stage comes after another, and members split its planes. In a large one the stages follow
    each other through the planes, two planes apart, so that what they share stays in the cache and none overwrites what
    another still needs; members then split the rows of every plane.
    """
    lowest, highest, all_rows = _swept(warm.first, warm.end)
    stages = pace.counts[0]
    follow = all_rows * lattice.size[2] > FITS_IN_CACHE
    warm.blood[me] = 0.0
    warm.faces[:, me] = 0.0
    buffer = np.empty(CHUNK, dtype=np.float32)
    own = _share(all_rows, me, members)
    outer = highest - lowest + 2 * (stages - 1) if follow else stages
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
            faces = warm.face_first[k + 1] - warm.face_first[k]
            own_faces = (warm.face_first[k] + faces * low // count, warm.face_first[k] + faces * high // count)
            _stage_of_plane(me, lattice, pace, warm, k, span, own_faces, stage, buffer)
            if stage == stages - 1:
                warm.blood[me] += warm_kernels.settle(
                    warm.fields, warm.rows[2 - stages % 2], warm.row_coldest, lattice.box, lattice.body_c, k, span,
                    lattice.size, step_s, keep,
                )  # fmt: skip
        meet(gate, members)


@part
def _stage_of_plane(
    me: int, lattice: Lattice, pace: Pace, warm: WarmPass, k: int, span: tuple[int, int], faces: tuple[int, int],
    stage: int, buffer: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """One stage over some rows of a plane, and over some faces of the box that begin there."""
    ni = lattice.size[2]
    plane = lattice.size[1] * ni
    u = warm.rows[0] if stage == 0 else warm.rows[2 - stage % 2]
    after = warm.rows[1 + stage % 2]
    plan = pace.warm_plans[stage]
    warm_kernels.exchange(
        warm.fields[u], warm.outside, warm.inside, warm.conduct, plan, stage == 0, faces, warm.heat, stage % 2
    )
    warm.faces[stage, me] += warm_kernels.faces_power(warm.fields, u, lattice.box, k, span, lattice.size)
    warm_kernels.sweep(
        warm.fields, (warm.rows[0], u, after), plan, stage == 0,
        (k * plane + span[0] * ni, k * plane + span[1] * ni), ni, plane, buffer,
    )  # fmt: skip
    warm_kernels.drift_hole(
        warm.fields[warm.rows[0]], warm.fields[after], warm.fields[warm_kernels.DRIFT], pace.shares[stage], warm.hole,
        k, span, lattice.size,
    )  # fmt: skip


@kernel
def _let_cross(
    members: int, gate: Index, cold: ColdPass, front: Array32 | None, parity: int, planes: tuple[int, int]
) -> None:  # pragma: no cover - compiled
    """Where the freezing interval is sharp: find how each voxel freezes in this step, then its temperature."""
    if front is not None:
        front_kernels.let_cross(cold.fields, front, parity, planes, cold.size, cold.interval)
        meet(gate, members)
        front_kernels.start_again(cold.fields, front, parity, planes, cold.size, cold.shape, cold.interval)
        if cold.has_ghosts:
            cold_kernels.keep_ghosts(cold.fields, 1 - parity, planes, cold.size)
        meet(gate, members)


@part
def _cold_step(
    me: int, members: int, gate: Index, step_s: float, pace: Pace, cold: ColdPass, front: Array32 | None,
    probes: probe_kernels.ProbePass, face_heat: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """All stages over the box; leaves A, B, T in set (counts[2] + stages) % 2, gains in row (stages + 1) % 2."""
    fields, size = cold.fields, cold.size
    planes = _share(size[0] - 2, me, members)
    planes = (planes[0] + 1, planes[1] + 1)
    if me == 0:
        fields[ADDED][:] = 0.0
        for n in range(len(cold.face_voxel)):
            fields[ADDED, cold.face_voxel[n]] += face_heat[n] / np.float32(step_s)
    meet(gate, members)
    _let_cross(members, gate, cold, front, pace.counts[2], planes)
    for stage in range(pace.counts[1]):
        now = (pace.counts[2] + stage) % 2
        if probes.power.shape[1] > 0:
            probe_kernels.exchange(
                me, members, fields[3 * now], fields[3 * now + 1], fields[3 * now + 2], fields[ADDED], probes,
                cold.shape, cold.interval, probes.power[stage],
            )  # fmt: skip
            meet(gate, members)
        gain_row = (stage + 1) % 2  # the first stage writes row 0
        cold.blood[stage, me] = cold_kernels.sweep(
            fields, front, pace.cold_plans[stage], stage == 0, now, gain_row, planes, size, cold.shape, cold.interval
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


@part
def _settle_cold(
    me: int, members: int, step_s: float, lattice: Lattice, pace: Pace, cold: ColdPass, u_before: Array32,
    u_now: Array32, drift: Array32, keep: Keep,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Write the box back to the domain, keep its records, find how far the cold reaches."""
    box, size = lattice.box, cold.size
    nj, ni = size[1], size[2]
    plane = nj * ni
    span = _share(size[0] - 2, me, members)
    temp = cold.fields[3 * ((pace.counts[2] + pace.counts[1]) % 2) + 2]
    gain = cold.fields[GAIN0 + (pace.counts[1] + 1) % 2]
    cold.coldest_of[me, :] = cold.warm_c
    cold.below[me, :] = 0
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
            _settle_row(
                temp, gain, cold.fields[cold_kernels.ENTHALPY], s, lattice.enthalpy, u_before, u_now, drift, at,
                ni - 2, lattice.body_c,
            )  # fmt: skip
            _keep_coldest(u_now, keep.coldest_c, at, ni - 2, lattice.body_c)
            lowest = warm_kernels.coldest(temp[s:e])
            if lowest < cold.cold_below_c:
                _extend(cold.extent[me], temp[s:e], cold.cold_below_c, (k, j, box[2, 0]))
            if lowest < cold.frozen_below_c:
                _coldest_by_material(
                    temp[s:e], lattice.material[at:to], np.float32(cold.frozen_below_c), cold.coldest_of[me]
                )
            for n in range(len(keep.thresholds_c)):
                if lowest <= keep.thresholds_c[n] + 0.001:
                    cold.below[me, n] += warm_kernels.below(
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
def _settle_row(
    temp_c: Array32, gain: Array32, held: Array32, first: int, enthalpy: Array, u_before: Array32, u_now: Array32,
    drift: Array32, at: int, count: int, body_c: np.float32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Write `count` voxels back, from `first` in the box to `at` in the domain."""
    start, place = np.uint64(first), np.uint64(at)
    for n in range(np.uint64(count)):
        i, to = start + n, place + n
        enthalpy[to] += gain[i]
        held[i] = enthalpy[to]
        u = temp_c[i] - body_c
        drift[to] = u - u_before[to]
        u_now[to] = u


@loop
def _keep_coldest(
    u: Array32, coldest_c: Array32, at: int, count: int, body_c: np.float32
) -> None:  # pragma: no cover - compiled
    """In a loop of its own, so that u + body_c is rounded as it is everywhere else."""
    place = np.uint64(at)
    for n in range(np.uint64(count)):
        to = place + n
        t = u[to] + body_c
        coldest_c[to] = t if t < coldest_c[to] else coldest_c[to]
