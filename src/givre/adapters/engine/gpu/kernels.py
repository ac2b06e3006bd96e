"""The stages of a super time step on a GPU: heat of the probes, one stage over all voxels, what is kept of a step.

Voxel arrays are flat, i fastest, with one ghost layer, as in `bioheat.domain`; what is true of a material is looked up
in its tables. The physics of a voxel and of a face is `bioheat.formulas`, compiled here as it is for the processor.
A block sweeps one chunk of consecutive voxels, its lanes side by side, and sums in a fixed order: two runs agree to
the last bit. On the processor a block has one lane.
"""

from __future__ import annotations

import warp as wp

from givre.adapters.engine.gpu.language import function, kernel, record
from givre.bioheat import formulas
from givre.bioheat.probe_kernels import CONTACT_ITERATIONS, CONTACT_TOLERANCE_C

wp.set_module_options({"enable_backward": False, "fast_math": False})

Bytes = wp.array[wp.uint8]
ByteRows = wp.array2d[wp.uint8]
Words = wp.array[wp.uint16]
Index = wp.array[wp.int32]
IndexRows = wp.array2d[wp.int32]
Floats = wp.array[wp.float32]
FloatRows = wp.array2d[wp.float32]
Doubles = wp.array[wp.float64]
DoubleRows = wp.array2d[wp.float64]

CHUNK = 1024
"""Voxels swept by one block."""

LANES, SAMPLE_LANES = 256, 64
"""Lanes of a block of voxels, and of a sample of a probe."""

# rows of Domain.cells
COLD, SLOPE, MUSHY, WARM, WARM_FROM, PERFUSION, WARMING = range(7)
# columns of a plan: mu, nu, step * rate, step * rate_first of a stage, and its part in what the step brings
MU, NU, RATE, RATE_FIRST, PART = range(5)
# columns of the surface of a probe: A, B, T, 2 pi r / contact resistance, and its mode
SURFACE_A, SURFACE_B, SURFACE_T, WALL, MODE = range(5)
EXCHANGES_NOTHING, TAKES_ONLY = wp.constant(wp.float64(0.0)), wp.constant(wp.float64(1.0))
MOST_ITERATIONS, TOLERANCE_C = wp.constant(CONTACT_ITERATIONS), wp.constant(wp.float64(CONTACT_TOLERANCE_C))

temperature_c = function(formulas.temperature_c)
liquid_potential_c = function(formulas.liquid_potential_c)
solid_potential_c = function(formulas.solid_potential_c)
flux_w_m3 = function(formulas.flux_w_m3)
share_between = function(formulas.share_between)
gain_j_m3 = function(formulas.gain_j_m3)


@record
class Tables:
    """What is true of materials; rows of `cells`, `shape` and `interval` as in `bioheat.domain.Domain`."""

    cells: FloatRows
    liquid: FloatRows
    solid: FloatRows
    plain: FloatRows
    shape: Floats
    interval: Floats
    materials: wp.int32
    along_j: wp.int32
    along_k: wp.int32
    has_plain: wp.int32
    has_stasis: wp.int32


@record
class State:
    """A, B, T of all voxels after a stage, and what they gained since the start of the step [J/m³]."""

    a: Floats
    b: Floats
    t: Floats
    gain: Floats


@record
class Voxels:
    """What stays during a step.

    `held` is `enthalpy` at its start in single precision, `added` what probes bring now [W/m³], `first` and `end` the
    voxels to sweep.
    """

    material: Words
    stopped: Bytes
    enthalpy: Doubles
    held: Floats
    added: Floats
    first_rate: Floats
    first: wp.int32
    end: wp.int32


@record
class Samples:
    """The samples of all probes as in `bioheat.cold_box.Sources`, and for each voxel touched the samples that do."""

    voxel: Index
    run_first: Index
    run_voxel: Index
    weight: Floats
    probe: Index
    conduct: DoubleRows
    two_pi_over_log: Doubles
    length_m: Doubles
    per_volume: wp.float64
    touched: Index
    touched_first: Index
    touched_sample: Index
    touched_weight: Floats
    heat: Floats


@record
class Kept:
    """What is kept of every voxel, and the coldest of each material that is frozen now."""

    thresholds_c: Floats
    coldest_c: Floats
    time_below_s: FloatRows
    reached: ByteRows
    freezes_below: ByteRows
    end_of_freeze_c: Floats
    coldest_of_c: Floats


@record
class Potential:
    """A, B and their slopes at one temperature, in double precision."""

    a: wp.float64
    b: wp.float64
    a_slope: wp.float64
    b_slope: wp.float64


@function
def polynomial(coefficients: Floats, first: int, count: int, x: wp.float64) -> wp.vec2d:
    """Value and slope of one of the polynomials of `shape`."""
    value, slope = wp.float64(0.0), wp.float64(0.0)
    n = first + count - 1
    while n >= first:
        slope = slope * x + value
        value = value * x + wp.float64(coefficients[n])
        n -= 1
    return wp.vec2d(value, slope)


@function
def potential_at(t: wp.float64, shape: Floats, interval: Floats) -> Potential:
    """As in `probe_kernels`."""
    low, high = wp.float64(interval[0]), wp.float64(interval[1])
    x = wp.min(wp.max(t, low), high)
    liquid, solid = polynomial(shape, 0, 3, x), polynomial(shape, 3, 8, x)
    frozen = polynomial(shape, 11, 7, wp.min(t, low))
    found = Potential()
    found.a = liquid[0]
    found.b = solid[0] + frozen[0]
    if t > high:
        found.a = liquid[0] + t - high
        found.a_slope = wp.float64(1.0)
    elif t > low:
        found.a_slope = liquid[1]
        found.b_slope = solid[1]
    else:
        found.b_slope = frozen[1]
    return found


@function
def behind_contact(
    without: wp.float64, probe_c: wp.float64, wall_per_k: wp.float64, log_per_k: wp.float64, conduct: wp.vec3d,
    around: wp.vec3d, shape: Floats, interval: Floats,
) -> wp.float64:  # fmt: skip
    """Heat per length [W/m] through a contact resistance and then the tissue: as in `probe_kernels`."""
    low = wp.min(probe_c, probe_c - without / wall_per_k)
    high = wp.max(probe_c, probe_c - without / wall_per_k)
    t = probe_c - without / (wall_per_k + log_per_k * (conduct[0] + conduct[1] + conduct[2]))
    left = int(MOST_ITERATIONS)
    while left > 0:
        here = potential_at(t, shape, interval)
        drive = conduct[0] * (here.a - around[0]) + conduct[1] * (here.b - around[1]) + conduct[2] * (t - around[2])
        excess = log_per_k * drive - wall_per_k * (probe_c - t)
        if excess > wp.float64(0.0):
            high = t
        else:
            low = t
        slope = log_per_k * (conduct[0] * here.a_slope + conduct[1] * here.b_slope + conduct[2]) + wall_per_k
        better = t - excess / slope
        if not (low <= better and better <= high):
            better = (low + high) / wp.float64(2.0)
        left -= 1
        if wp.abs(better - t) < TOLERANCE_C:
            left = 0
        t = better
    return wall_per_k * (probe_c - t)


@kernel
def weigh_samples(
    tables: Tables, samples: Samples, now: State, surface: DoubleRows, plans: DoubleRows, stage: int,
    heat_j: Doubles, power_w: Doubles,
) -> None:  # fmt: skip
    """One block per sample: what it brings, from the averages of A, B, T around it.

    Args:
        tables, samples, now: see there; `samples.heat` is filled [W/m³ over the sum of weights].
        surface: of each probe, columns as above.
        plans: of each stage, columns as above.
        stage: which.
        heat_j: heat brought by each sample so far [J], updated.
        power_w: the same per second at the start of the step, filled in the first stage.
    """
    s, lane = wp.tid()
    probe = samples.probe[s]
    around = wp.vec3(0.0, 0.0, 0.0)
    first = samples.run_first[s]
    n = first + lane
    while n < samples.run_first[s + 1]:
        voxel = samples.voxel[samples.run_voxel[s] + n - first]
        around += samples.weight[n] * wp.vec3(now.a[voxel], now.b[voxel], now.t[voxel])
        n += wp.block_dim()
    mean = wp.tile_extract(wp.tile_sum(wp.tile(around, preserve_type=True)), 0)
    if lane == 0:
        mean_d = wp.vec3d(wp.float64(mean[0]), wp.float64(mean[1]), wp.float64(mean[2]))
        conduct = wp.vec3d(samples.conduct[s, 0], samples.conduct[s, 1], samples.conduct[s, 2])
        per_log, mode = samples.two_pi_over_log[s], surface[probe, MODE]
        drive = conduct[0] * (surface[probe, SURFACE_A] - mean_d[0])
        drive += conduct[1] * (surface[probe, SURFACE_B] - mean_d[1])
        drive += conduct[2] * (surface[probe, SURFACE_T] - mean_d[2])
        per_length = per_log * drive
        if wp.isfinite(surface[probe, WALL]):
            per_length = behind_contact(
                per_length, surface[probe, SURFACE_T], surface[probe, WALL], per_log, conduct, mean_d, tables.shape,
                tables.interval,
            )  # fmt: skip
        if mode == TAKES_ONLY and per_length > wp.float64(0.0):
            per_length = wp.float64(0.0)
        if mode == EXCHANGES_NOTHING:
            per_length = wp.float64(0.0)
        heat_w = per_length * samples.length_m[s]
        samples.heat[s] = wp.float32(heat_w * samples.per_volume)
        heat_j[s] = heat_j[s] + plans[stage, PART] * heat_w
        if stage == 0:
            power_w[s] = heat_w


@kernel
def spread_samples(samples: Samples, added: Floats) -> None:
    """One thread per voxel touched: the heat of all samples that touch it."""
    v = wp.tid()
    total = float(0.0)
    n = samples.touched_first[v]
    while n < samples.touched_first[v + 1]:
        total += samples.heat[samples.touched_sample[n]] * samples.touched_weight[n]
        n += 1
    added[samples.touched[v]] = total


@function
def heat_from(tables: Tables, now: State, voxel: int, other: int, own: int, beside: int) -> float:
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
            rate, faces = float(0.0), float(0.0)
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
            gain = float(0.0)
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
    """One thread per voxel after the last stage: its enthalpy and records; `step` is its length and if freezes count."""
    n = voxels.first + wp.tid()
    own = int(voxels.material[n])
    if own >= tables.materials:
        return
    enthalpy = voxels.enthalpy[n] + wp.float64(now.gain[n])
    voxels.enthalpy[n] = enthalpy
    voxels.held[n] = wp.float32(enthalpy)
    t = now.t[n]
    if t < kept.coldest_c[n]:
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
    found = int(0)
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
