"""What probes bring, compiled: averages around each sample of each probe, and their heat spread over voxels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from givre.bioheat.compiled import entry, kernel, loop, part

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

CONTACT_ITERATIONS, CONTACT_TOLERANCE_C = 40, 1e-4


class ProbePass(NamedTuple):
    """All probes.

    Attributes:
        first: for each probe its first sample, its first voxel and the group it belongs to, with a last row of ends;
            probes that touch common voxels belong to one group; shape (probes + 1, 3).
        voxel: the voxels touched by each probe in turn, in order along it.
        run_first: where the weights of each sample begin, shape (samples + 1,).
        run_voxel: first entry of `voxel` of each sample's run.
        weight: weights of each sample over its run, zeros included; those of a sample add up to 1.
        conduct: conductivity weights around each sample, shape (samples, 3).
        two_pi_over_log: 2 pi / ln(r_eff / r_probe) of each sample.
        length_m: length of each sample.
        surface: for each probe A, B and T at its surface, 2 pi r / contact resistance, and its mode: 0 exchanges
            nothing, 1 takes heat only, 2 is free; shape (probes, 5).
        per_volume: 1 / voxel volume.
        power: filled: heat brought by each probe at each stage [W], shape (stages, probes).
    """

    first: Index
    voxel: Index
    run_first: Index
    run_voxel: Index
    weight: Array32
    conduct: Array
    two_pi_over_log: Array
    length_m: Array
    surface: Array
    per_volume: float
    power: Array


@loop
def _weigh(weight: Array32, values: Array32) -> np.float32:  # pragma: no cover - compiled
    total = np.float32(0.0)
    for n in range(len(weight)):
        total += weight[n] * values[n]
    return total


@loop
def _spread(weight: Array32, heat: np.float32, rate: Array32) -> None:  # pragma: no cover - compiled
    for n in range(len(weight)):
        rate[n] += heat * weight[n]


@entry
def heat_through_contact(
    without: float, probe_c: float, wall_per_k: float, log_per_k: float, conduct: tuple[float, float, float],
    around: tuple[float, float, float], shape: Array32, interval: Array32,
) -> float:  # pragma: no cover - compiled  # fmt: skip
    """Heat per length [W/m] that crosses a contact resistance and then the tissue.

    The tissue's side of the contact has the temperature T at which both carry the same,
    log_per_k (Theta(T) - <Theta>) = wall_per_k (T_probe - T): Newton's steps, kept between bounds.

    Args:
        without: heat per length if there were no resistance.
        probe_c: temperature of the probe.
        wall_per_k: 2 pi r / resistance [W/mK].
        log_per_k: 2 pi / ln(r_eff / r_probe).
        conduct, around: ku, kf, kp and the averages of A, B, T around the sample.
        shape, interval: see `cold_kernels.potentials`.
    """
    low, high = min(probe_c, probe_c - without / wall_per_k), max(probe_c, probe_c - without / wall_per_k)
    t = probe_c - without / (wall_per_k + log_per_k * (conduct[0] + conduct[1] + conduct[2]))
    for _ in range(CONTACT_ITERATIONS):
        a, b, a_slope, b_slope = potentials_at(t, shape, interval)
        drive = conduct[0] * (a - around[0]) + conduct[1] * (b - around[1]) + conduct[2] * (t - around[2])
        excess = log_per_k * drive - wall_per_k * (probe_c - t)
        if excess > 0:
            high = t
        else:
            low = t
        slope = log_per_k * (conduct[0] * a_slope + conduct[1] * b_slope + conduct[2]) + wall_per_k
        better = t - excess / slope
        if not low <= better <= high:
            better = (low + high) / 2
        if abs(better - t) < CONTACT_TOLERANCE_C:
            t = better
            break
        t = better
    return wall_per_k * (probe_c - t)


@entry
def potentials_at(
    t: float, shape: Array32, interval: Array32
) -> tuple[float, float, float, float]:  # pragma: no cover - compiled
    """A and B at one temperature and their slopes; `shape` and `interval` as in `Domain`."""
    low, high = float(interval[0]), float(interval[1])
    x, y = min(max(t, low), high), min(t, low)
    a, a_slope = _polynomial(shape[:3], x)
    b, b_slope = _polynomial(shape[3:11], x)
    c, c_slope = _polynomial(shape[11:], y)
    if t > high:
        return a + t - high, b + c, 1.0, 0.0
    if t > low:
        return a, b + c, a_slope, b_slope
    return a, b + c, 0.0, c_slope


@kernel
def _polynomial(coefficients: Array32, x: float) -> tuple[float, float]:  # pragma: no cover - compiled
    value, slope = 0.0, 0.0
    for n in range(len(coefficients) - 1, -1, -1):
        slope = slope * x + value
        value = value * x + float(coefficients[n])
    return value, slope


@kernel
def exchange(
    me: int, members: int, a: Array32, b: Array32, t: Array32, added: Array32, probes: ProbePass, shape: Array32,
    interval: Array32, power: Array,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Set in `added` the heating rate [W/m³] that probes bring to the voxels they touch.

    Args:
        me, members: of the team; each takes the groups of probes that are its own.
        a, b, t: potentials and temperature of the box, flat.
        added: of the box; the touched voxels are overwritten.
        probes: the probes.
        shape, interval: see `cold_kernels.potentials`.
        power: filled, heat brought by each probe [W].
    """
    for probe in range(len(power)):
        if probes.first[probe, 2] % members == me:
            for n in range(probes.first[probe, 1], probes.first[probe + 1, 1]):
                added[probes.voxel[n]] = 0.0
    for probe in range(len(power)):
        if probes.first[probe, 2] % members == me:
            power[probe] = _exchange_of(probe, a, b, t, added, probes, shape, interval)


@part
def _exchange_of(
    probe: int, a: Array32, b: Array32, t: Array32, added: Array32, probes: ProbePass, shape: Array32,
    interval: Array32,
) -> float:  # pragma: no cover - compiled  # fmt: skip
    """Add what one probe brings; returns its heat [W]."""
    temp_a, temp_b, temp_c, wall_per_k, mode = probes.surface[probe]
    if mode == 0.0:
        return 0.0
    begin, touched = probes.first[probe, 1], probes.first[probe + 1, 1] - probes.first[probe, 1]
    near_a, near_b, near_t = np.empty(touched, np.float32), np.empty(touched, np.float32), np.empty(touched, np.float32)
    rate = np.zeros(touched, np.float32)
    for n in range(touched):
        v = probes.voxel[begin + n]
        near_a[n], near_b[n], near_t[n] = a[v], b[v], t[v]
    total = 0.0
    for s in range(probes.first[probe, 0], probes.first[probe + 1, 0]):
        own = probes.weight[probes.run_first[s] : probes.run_first[s + 1]]
        v = probes.run_voxel[s] - begin
        e = v + len(own)
        mean_a, mean_b, mean_t = _weigh(own, near_a[v:e]), _weigh(own, near_b[v:e]), np.float32(0.0)
        ku, kf, kp = probes.conduct[s, 0], probes.conduct[s, 1], probes.conduct[s, 2]
        if kp != 0.0:
            mean_t = _weigh(own, near_t[v:e])
        drive = ku * (temp_a - mean_a) + kf * (temp_b - mean_b) + kp * (temp_c - mean_t)
        per_length = probes.two_pi_over_log[s] * drive
        if wall_per_k < np.inf:
            per_length = heat_through_contact(
                per_length, temp_c, wall_per_k, probes.two_pi_over_log[s],
                (ku, kf, kp), (float(mean_a), float(mean_b), float(mean_t)), shape, interval,
            )  # fmt: skip
        if mode == 1.0 and per_length > 0.0:
            per_length = 0.0
        heat_w = per_length * probes.length_m[s]
        total += heat_w
        _spread(own, np.float32(heat_w * probes.per_volume), rate[v:e])
    for n in range(touched):  # two probes of a group may touch the same voxel
        added[probes.voxel[begin + n]] += rate[n]
    return total
