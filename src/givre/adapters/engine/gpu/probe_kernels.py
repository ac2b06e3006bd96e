"""What probes bring on a GPU: averages around each sample of each probe, and their heat spread over voxels."""

from __future__ import annotations

import warp as wp

from givre.adapters.engine.gpu.language import DoubleRows, Doubles, Floats, function, kernel, record
from givre.adapters.engine.gpu.layout import (
    EXCHANGES_NOTHING,
    MODE,
    PART,
    SURFACE_A,
    SURFACE_B,
    SURFACE_T,
    TAKES_ONLY,
    WALL,
    Samples,
    State,
    Tables,
)
from givre.bioheat.probe_kernels import CONTACT_ITERATIONS, CONTACT_TOLERANCE_C

wp.set_module_options({"enable_backward": False, "fast_math": False})

LANES = 64
"""Lanes of a block, which works for one sample."""

MOST_ITERATIONS, TOLERANCE_C = wp.constant(CONTACT_ITERATIONS), wp.constant(wp.float64(CONTACT_TOLERANCE_C))


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
        if better < low or better > high:
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
        if mode == wp.float64(TAKES_ONLY) and per_length > wp.float64(0.0):
            per_length = wp.float64(0.0)
        if mode == wp.float64(EXCHANGES_NOTHING):
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
    total = wp.float32(0.0)
    n = samples.touched_first[v]
    while n < samples.touched_first[v + 1]:
        total += samples.heat[samples.touched_sample[n]] * samples.touched_weight[n]
        n += 1
    added[samples.touched[v]] = total
