"""What probes bring, compiled: averages around each sample of each probe, and their heat spread over voxels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from givre.bioheat.compiled import kernel, loop

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]


class ProbePass(NamedTuple):
    """All probes.

    Attributes:
        voxel: the voxels touched by any probe, in order along the probes.
        run_first: where the weights of each sample begin, shape (samples + 1,).
        run_voxel: first entry of `voxel` of each sample's run.
        weight: weights of each sample over its run, zeros included; those of a sample add up to 1.
        sample_probe: which probe a sample belongs to.
        conduct: conductivity weights around each sample, shape (samples, 3).
        two_pi_over_log: 2 pi / ln(r_eff / r_probe) of each sample.
        length_m: length of each sample.
        surface: for each probe A, B and T at its surface, A', B' there, 2 pi r / contact resistance, and its mode:
            0 exchanges nothing, 1 takes heat only, 2 is free; shape (probes, 7).
        per_volume: 1 / voxel volume.
        power: filled: heat brought by each probe at each stage [W], shape (stages, probes).
    """

    voxel: Index
    run_first: Index
    run_voxel: Index
    weight: Array32
    sample_probe: Index
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


@kernel
def exchange(
    a: Array32, b: Array32, t: Array32, added: Array32, probes: ProbePass, power: Array
) -> None:  # pragma: no cover - compiled
    """Set in `added` the heating rate [W/m³] that all probes bring to the voxels they touch.

    Args:
        a, b, t: potentials and temperature of the box, flat.
        added: of the box; the touched voxels are overwritten.
        probes: the probes.
        power: filled, heat brought by each probe [W].
    """
    voxel, surface = probes.voxel, probes.surface
    touched = len(voxel)
    near_a, near_b, near_t = np.empty(touched, np.float32), np.empty(touched, np.float32), np.empty(touched, np.float32)
    rate = np.zeros(touched, np.float32)
    for n in range(touched):
        near_a[n], near_b[n], near_t[n] = a[voxel[n]], b[voxel[n]], t[voxel[n]]
    power[:] = 0.0
    for s in range(len(probes.sample_probe)):
        probe = probes.sample_probe[s]
        mode = surface[probe, 6]
        if mode == 0.0:
            continue
        own = probes.weight[probes.run_first[s] : probes.run_first[s + 1]]
        v = probes.run_voxel[s]
        e = v + len(own)
        drive = probes.conduct[s, 0] * (surface[probe, 0] - _weigh(own, near_a[v:e]))
        drive += probes.conduct[s, 1] * (surface[probe, 1] - _weigh(own, near_b[v:e]))
        if probes.conduct[s, 2] != 0.0:
            drive += probes.conduct[s, 2] * (surface[probe, 2] - _weigh(own, near_t[v:e]))
        per_length = probes.two_pi_over_log[s] * drive
        if surface[probe, 5] < np.inf:
            # one Newton step from the probe's own temperature: the drop over the contact is small beside the rest
            slope = probes.conduct[s, 0] * surface[probe, 3] + probes.conduct[s, 1] * surface[probe, 4]
            slope = probes.two_pi_over_log[s] * (slope + probes.conduct[s, 2])
            per_length *= surface[probe, 5] / (surface[probe, 5] + slope)
        if mode == 1.0 and per_length > 0.0:
            per_length = 0.0
        heat_w = per_length * probes.length_m[s]
        power[probe] += heat_w
        _spread(own, np.float32(heat_w * probes.per_volume), rate[v:e])
    for n in range(touched):
        added[voxel[n]] = 0.0
    for n in range(touched):  # two probes may touch the same voxel
        added[voxel[n]] += rate[n]
