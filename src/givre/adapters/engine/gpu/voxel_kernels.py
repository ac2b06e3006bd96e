"""The stages of a super time step on a GPU: one stage over all voxels, what is kept of a step, what is looked up.

The physics of a voxel and of a face is `bioheat.formulas`, compiled here as it is for the processor. A block sweeps one
chunk of consecutive voxels, its lanes side by side, and sums in a fixed order: two runs agree to the last bit. On the
processor a block has one lane.
"""

from __future__ import annotations

import warp as wp

from givre.adapters.engine.gpu.language import Bytes, DoubleRows, Doubles, Floats, Index, IndexRows, function, kernel
from givre.adapters.engine.gpu.layout import MU, NU, PART, RATE, RATE_FIRST, Kept, State, Tables, Voxels
from givre.bioheat import formulas

wp.set_module_options({"enable_backward": False, "fast_math": False})

CHUNK = 1024
"""Voxels swept by one block."""

LANES = 256
"""Lanes of a block."""

# rows of Domain.cells
COLD, SLOPE, MUSHY, WARM, WARM_FROM, PERFUSION, WARMING = range(7)
temperature_c = function(formulas.temperature_c)
liquid_potential_c = function(formulas.liquid_potential_c)
solid_potential_c = function(formulas.solid_potential_c)
flux_w_m3 = function(formulas.flux_w_m3)
share_between = function(formulas.share_between)
gain_j_m3 = function(formulas.gain_j_m3)


@function
def heat_from(tables: Tables, now: State, voxel: int, other: int, own: int, beside: int) -> wp.float32:
    """Heat from one neighbour, made of `beside`, to a voxel made of `own` [W/m³]."""
    flux = flux_w_m3(
        tables.liquid[own, beside], tables.solid[own, beside], now.a[voxel], now.a[other], now.b[voxel], now.b[other]
    )
    if tables.has_plain != 0:
        flux += tables.plain[own, beside] * (now.t[other] - now.t[voxel])
    return flux


@kernel
def sweep(
    tables: Tables, voxels: Voxels, now: State, after: State, plans: DoubleRows, stage: int, blood_j: Doubles,
    faces_j: Doubles,
) -> None:  # fmt: skip
    """One block per chunk: one stage. `after` holds the state before `now` and is overwritten.

    Args:
        tables, voxels, now, after: see there.
        plans, stage: see `weigh_samples`.
        blood_j: what blood and metabolism brought each chunk so far [J h⁻³], updated.
        faces_j: the same through the faces of the domain.
    """
    chunk, lane = wp.tid()
    plan = wp.vec4(
        float(plans[stage, MU]), float(plans[stage, NU]), float(plans[stage, RATE]), float(plans[stage, RATE_FIRST])
    )
    brought = wp.vec2d(wp.float64(0.0), wp.float64(0.0))
    n = voxels.first + chunk * CHUNK + lane
    stop = wp.min(voxels.first + (chunk + 1) * CHUNK, voxels.end)
    while n < stop:
        own = int(voxels.material[n])
        if own < tables.materials:  # ghosts stay as they are
            rate, faces = wp.float32(0.0), wp.float32(0.0)
            for side in range(6):
                step = wp.where(side < 2, 1, wp.where(side < 4, tables.along_j, tables.along_k))
                other = wp.where(side % 2 == 0, n + step, n - step)
                beside = int(voxels.material[other])
                flux = heat_from(tables, now, n, other, own, beside)
                rate += flux
                if beside >= tables.materials:
                    faces += flux
            t = now.t[n]
            share = share_between(t, tables.interval[2], tables.interval[1], tables.interval[3])
            blood = share * (tables.cells[WARMING, own] - tables.cells[PERFUSION, own] * t)
            if tables.has_stasis != 0 and voxels.stopped[n] != wp.uint8(0):
                blood = 0.0
            rate += blood + voxels.added[n]
            brought += wp.vec2d(wp.float64(blood), wp.float64(faces))
            gain = wp.float32(0.0)
            if stage == 0:
                voxels.first_rate[n] = rate
                gain = plan[2] * rate
            else:
                gain = gain_j_m3(now.gain[n], after.gain[n], rate, voxels.first_rate[n], plan)
            after.gain[n] = gain
            t_new = temperature_c(
                voxels.held[n] + gain, tables.cells[COLD, own], tables.cells[SLOPE, own], tables.cells[MUSHY, own],
                tables.cells[WARM, own], tables.cells[WARM_FROM, own], tables.interval,
            )  # fmt: skip
            after.t[n] = t_new
            after.a[n] = liquid_potential_c(t_new, tables.shape, tables.interval)
            after.b[n] = solid_potential_c(t_new, tables.shape, tables.interval)
        n += wp.block_dim()
    total = wp.tile_extract(wp.tile_sum(wp.tile(brought, preserve_type=True)), 0)
    if lane == 0:
        blood_j[chunk] = blood_j[chunk] + plans[stage, PART] * total[0]
        faces_j[chunk] = faces_j[chunk] + plans[stage, PART] * total[1]


@kernel
def settle(tables: Tables, voxels: Voxels, now: State, kept: Kept, step: Doubles) -> None:
    """One thread per voxel after the last stage: enthalpy and records; `step` is its length and if freezes count."""
    n = voxels.first + wp.tid()
    own = int(voxels.material[n])
    if own >= tables.materials:
        return
    enthalpy = voxels.enthalpy[n] + wp.float64(now.gain[n])
    voxels.enthalpy[n] = enthalpy
    voxels.held[n] = wp.float32(enthalpy)
    t = now.t[n]
    is_colder = t < kept.coldest_c[n]  # not the lower of both: what stays as it is need not be written
    if is_colder:
        kept.coldest_c[n] = t
    for isotherm in range(kept.thresholds_c.shape[0]):
        if t <= kept.thresholds_c[isotherm]:
            kept.time_below_s[isotherm, n] = kept.time_below_s[isotherm, n] + float(step[0])
            if step[1] != wp.float64(0.0):
                kept.reached[isotherm, n] = wp.uint8(1)
    # what is read may be out of date but only ever too warm: few threads get as far as the atomic operation
    if t < tables.interval[0] and t < kept.coldest_of_c[own]:
        wp.atomic_min(kept.coldest_of_c, own, t)


@kernel
def end_freeze(kept: Kept, now: State) -> None:
    """One thread per voxel: count what this freeze reached and keep the temperature at its end."""
    n = wp.tid()
    kept.end_of_freeze_c[n] = now.t[n]
    for isotherm in range(kept.thresholds_c.shape[0]):
        kept.freezes_below[isotherm, n] = kept.freezes_below[isotherm, n] + kept.reached[isotherm, n]
        kept.reached[isotherm, n] = wp.uint8(0)


@kernel
def stop_blood(kept: Kept, stopped: Bytes, below_c: float) -> None:
    """One thread per voxel: let no blood flow from now on where tissue has been that cold."""
    n = wp.tid()
    if kept.coldest_c[n] <= below_c:
        stopped[n] = wp.uint8(1)


@kernel
def count_below(tables: Tables, voxels: Voxels, now: State, kept: Kept, counts: IndexRows) -> None:
    """One block per isotherm and chunk: how many voxels are at or below it."""
    isotherm, chunk, lane = wp.tid()
    found = wp.int32(0)
    n = voxels.first + chunk * CHUNK + lane
    stop = wp.min(voxels.first + (chunk + 1) * CHUNK, voxels.end)
    while n < stop:
        if int(voxels.material[n]) < tables.materials and now.t[n] <= kept.thresholds_c[isotherm]:
            found += 1
        n += wp.block_dim()
    total = wp.tile_extract(wp.tile_sum(wp.tile(found)), 0)
    if lane == 0:
        counts[isotherm, chunk] = total


@kernel
def look_up(now: State, wanted: Index, found: Floats) -> None:
    """Temperatures of some voxels."""
    n = wp.tid()
    found[n] = now.t[wanted[n]]


@kernel
def fill_potentials(tables: Tables, state: State) -> None:
    """A and B of every voxel, ghosts included, from its temperature."""
    n = wp.tid()
    state.a[n] = liquid_potential_c(state.t[n], tables.shape, tables.interval)
    state.b[n] = solid_potential_c(state.t[n], tables.shape, tables.interval)
