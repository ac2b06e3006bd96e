"""The inner loops, compiled: enthalpy to temperature and potentials, and one stage of a super time step.

Readable twin: `twin.py`; tests/bioheat runs both on the same problems.
All voxel arrays carry one ghost layer, shape (k + 2, j + 2, i + 2): ghosts of an insulated face do not conduct,
ghosts of a face held at a temperature conduct without resistance, so the inner loops know no boundary.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
import numpy.typing as npt

# A row of the stage reads more arrays than LLVM is willing to check for overlap by default; it then gives up
# vectorising and the loop runs four times slower.
llvm.set_option("", "-runtime-memory-check-threshold=256")

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
_FAST = {"contract", "nsz", "arcp", "reassoc"}  # never "nnan": a NaN must stay visible


@numba.njit(parallel=True, cache=True, fastmath=_FAST, error_model="numpy")
def to_temperature(
    enthalpy: Array,
    material: npt.NDArray[np.uint16],
    columns: Array32,
    lower_c: float,
    upper_c: float,
    liquid: Array32,
    solid: Array32,
    frozen: Array32,
    temp_c: Array32,
    a: Array32,
    b: Array32,
) -> None:  # pragma: no cover - compiled
    """Fill temperature and the potentials A, B of all inner voxels from their enthalpy.

    Enthalpy is kept in double precision, so that small gains add up; what follows from it is in single.

    Args:
        enthalpy: [J/m³], ghost layer included, as all voxel arrays.
        material: index into `columns`.
        columns: rows capacity_cold, capacity_slope, 1/capacity_mushy, 1/capacity_warm, enthalpy_warm.
        lower_c, upper_c: freezing interval.
        liquid, solid, frozen: coefficients of A and B (3, 8 and 7 of them), see `Freezing`.
        temp_c, a, b: filled.
    """
    nk, nj, ni = enthalpy.shape
    l0, l1, l2 = liquid[0], liquid[1], liquid[2]
    s0, s1, s2, s3, s4, s5, s6, s7 = (solid[0], solid[1], solid[2], solid[3], solid[4], solid[5], solid[6], solid[7])
    f0, f1, f2, f3, f4, f5, f6 = frozen[0], frozen[1], frozen[2], frozen[3], frozen[4], frozen[5], frozen[6]
    cold, slope, mushy, warm, warm_from = columns[0], columns[1], columns[2], columns[3], columns[4]
    low, high = np.float32(lower_c), np.float32(upper_c)
    zero, two = np.float32(0.0), np.float32(2.0)
    for k in numba.prange(1, nk - 1):
        for j in range(1, nj - 1):
            for i in range(1, ni - 1):
                m = material[k, j, i]
                h = np.float32(enthalpy[k, j, i])
                below = min(h, zero)
                inside = min(max(h, zero), warm_from[m])
                above = max(h - warm_from[m], zero)
                c = cold[m]
                root = np.sqrt(max(c * c + two * slope[m] * below, zero))
                t = low + two * below / (c + root) + inside * mushy[m] + above * warm[m]
                temp_c[k, j, i] = t
                x = min(max(t, low), high)
                y = min(t, low)
                a[k, j, i] = max(t - high, zero) + (l0 + x * (l1 + x * l2))
                b[k, j, i] = (s0 + x * (s1 + x * (s2 + x * (s3 + x * (s4 + x * (s5 + x * (s6 + x * s7))))))) + (
                    f0 + y * (f1 + y * (f2 + y * (f3 + y * (f4 + y * (f5 + y * f6)))))
                )


@numba.njit(inline="always", error_model="numpy")
def _between(own: Any, other: Any) -> Any:  # pragma: no cover - compiled
    """Twice the harmonic combination of the potential differences seen by both materials."""
    total = own + other
    return np.float32(2.0) * own * other / total if total != np.float32(0.0) else np.float32(0.0)


@numba.njit(parallel=True, cache=True, fastmath=_FAST, error_model="numpy")
def heat_rate(
    temp_c: Array32,
    a: Array32,
    b: Array32,
    ku: Array32,
    kf: Array32,
    kp: Array32,
    perfusion: Array32,
    metabolism: Array32,
    arterial_c: float,
    lower_c: float,
    upper_c: float,
    spacing_m: float,
    rate: Array32,
    blood: Array,
) -> None:  # pragma: no cover - compiled
    """Fill the heating rate [W/m³] of all inner voxels: conduction, perfusion, metabolism.

    Potentials are in single precision: their rounding enters each flux once, with the opposite sign on its other
    side, so no heat is made or lost and what is left is noise of 1e-5 °C.

    Args:
        temp_c, a, b: from `to_temperature`.
        ku, kf, kp: conductivity weights of each voxel.
        perfusion, metabolism: of each voxel [W/m³K], [W/m³]; both fall with the liquid fraction.
        arterial_c: blood temperature.
        lower_c, upper_c: freezing interval.
        spacing_m: voxel edge.
        rate: filled.
        blood: filled with the sum of perfusion and metabolism of each slice [W/m³], shape (k + 2,).
    """
    nk, nj, ni = temp_c.shape
    per_area = np.float32(1.0 / (spacing_m * spacing_m))
    per_width = np.float32(1.0 / (upper_c - lower_c))
    low, high, arterial = np.float32(lower_c), np.float32(upper_c), np.float32(arterial_c)
    for k in numba.prange(1, nk - 1):
        across = np.empty(ni, dtype=np.float32)  # flux from i + 1 to i
        ahead = np.empty(ni, dtype=np.float32)  # flux from row j + 1 to row j
        behind = np.empty(ni, dtype=np.float32)  # flux from row j to row j - 1
        slice_blood = 0.0
        for i in range(1, ni - 1):
            dt, da, db = temp_c[k, 1, i] - temp_c[k, 0, i], a[k, 1, i] - a[k, 0, i], b[k, 1, i] - b[k, 0, i]
            behind[i] = _between(
                ku[k, 0, i] * da + kf[k, 0, i] * db + kp[k, 0, i] * dt,
                ku[k, 1, i] * da + kf[k, 1, i] * db + kp[k, 1, i] * dt,
            )
        for j in range(1, nj - 1):
            for i in range(ni - 1):
                t, pa, pb = temp_c[k, j, i], a[k, j, i], b[k, j, i]
                dt, da, db = temp_c[k, j, i + 1] - t, a[k, j, i + 1] - pa, b[k, j, i + 1] - pb
                across[i] = _between(
                    ku[k, j, i] * da + kf[k, j, i] * db + kp[k, j, i] * dt,
                    ku[k, j, i + 1] * da + kf[k, j, i + 1] * db + kp[k, j, i + 1] * dt,
                )
            for i in range(1, ni - 1):
                t, pa, pb = temp_c[k, j, i], a[k, j, i], b[k, j, i]
                dt, da, db = temp_c[k, j + 1, i] - t, a[k, j + 1, i] - pa, b[k, j + 1, i] - pb
                ahead[i] = _between(
                    ku[k, j, i] * da + kf[k, j, i] * db + kp[k, j, i] * dt,
                    ku[k, j + 1, i] * da + kf[k, j + 1, i] * db + kp[k, j + 1, i] * dt,
                )
            for i in range(1, ni - 1):
                t, pa, pb = temp_c[k, j, i], a[k, j, i], b[k, j, i]
                u, f, p = ku[k, j, i], kf[k, j, i], kp[k, j, i]
                dt, da, db = temp_c[k + 1, j, i] - t, a[k + 1, j, i] - pa, b[k + 1, j, i] - pb
                flux = _between(
                    u * da + f * db + p * dt, ku[k + 1, j, i] * da + kf[k + 1, j, i] * db + kp[k + 1, j, i] * dt
                )
                dt, da, db = temp_c[k - 1, j, i] - t, a[k - 1, j, i] - pa, b[k - 1, j, i] - pb
                flux += _between(
                    u * da + f * db + p * dt, ku[k - 1, j, i] * da + kf[k - 1, j, i] * db + kp[k - 1, j, i] * dt
                )
                rate[k, j, i] = flux
            for i in range(1, ni - 1):
                t = temp_c[k, j, i]
                liquid = (min(max(t, low), high) - low) * per_width
                warmed = liquid * (perfusion[k, j, i] * (arterial - t) + metabolism[k, j, i])
                slice_blood += warmed
                flux = rate[k, j, i] + (across[i] - across[i - 1]) + (ahead[i] - behind[i])
                rate[k, j, i] = flux * per_area + warmed
                behind[i] = ahead[i]
        blood[k] = slice_blood


@numba.njit(parallel=True, cache=True, fastmath=_FAST, error_model="numpy")
def advance_stage(
    before: Array, before_that: Array, first: Array, rate: Array32, first_rate: Array32, coefficients: Array
) -> None:  # pragma: no cover - compiled
    """Write the next stage over `before_that`.

    Args:
        before, before_that, first: enthalpy of stages j - 1, j - 2 and 0.
        rate, first_rate: heating rates of stages j - 1 and 0.
        coefficients: mu, nu, 1 - mu - nu, step * rate, step * rate_first.
    """
    nk, nj, ni = before.shape
    mu, nu, rest, own, start = coefficients[0], coefficients[1], coefficients[2], coefficients[3], coefficients[4]
    for k in numba.prange(1, nk - 1):
        for j in range(1, nj - 1):
            for i in range(1, ni - 1):
                before_that[k, j, i] = (
                    mu * before[k, j, i]
                    + nu * before_that[k, j, i]
                    + rest * first[k, j, i]
                    + own * rate[k, j, i]
                    + start * first_rate[k, j, i]
                )


@numba.njit(parallel=True, cache=True, fastmath=_FAST, error_model="numpy")
def first_stage(
    first: Array, first_rate: Array32, step_s: float, before: Array, before_that: Array
) -> None:  # pragma: no cover - compiled
    """Fill stage 1, `first` plus a short explicit step, and stage 0, `first` itself."""
    nk, nj, ni = first.shape
    for k in numba.prange(1, nk - 1):
        for j in range(1, nj - 1):
            for i in range(1, ni - 1):
                before[k, j, i] = first[k, j, i] + step_s * first_rate[k, j, i]
                before_that[k, j, i] = first[k, j, i]


@numba.njit(cache=True, error_model="numpy")
def coldest_by_material(
    temp_c: Array32, material: npt.NDArray[np.uint16], coldest_c: Array
) -> None:  # pragma: no cover - compiled
    """Lower `coldest_c`, one entry per material, to the coldest voxel of each."""
    nk, nj, ni = temp_c.shape
    for k in range(1, nk - 1):
        for j in range(1, nj - 1):
            for i in range(1, ni - 1):
                m = material[k, j, i]
                if not temp_c[k, j, i] >= coldest_c[m]:
                    coldest_c[m] = temp_c[k, j, i]


@numba.njit(parallel=True, cache=True, error_model="numpy")
def record_step(
    temp_c: Array32,
    corner: npt.NDArray[np.int64],
    step_s: float,
    thresholds_c: Array,
    coldest_c: Array32,
    time_below_s: Array32,
    reached: npt.NDArray[np.uint8],
) -> None:  # pragma: no cover - compiled
    """Update the coldest temperature, the time below and the reached flags where a box of voxels is computed.

    Args:
        temp_c: of the box, ghosts included.
        corner: where its first inner voxel lies in the fields that follow, (k, j, i).
        step_s: length of the step.
        thresholds_c: isotherms.
        coldest_c, time_below_s, reached: fields of the whole domain, no ghosts; updated.
    """
    nk, nj, ni = temp_c.shape
    for box_k in numba.prange(1, nk - 1):
        k = box_k - 1 + corner[0]
        for box_j in range(1, nj - 1):
            j = box_j - 1 + corner[1]
            for box_i in range(1, ni - 1):
                i = box_i - 1 + corner[2]
                t = temp_c[box_k, box_j, box_i]
                if not t >= coldest_c[k, j, i]:
                    coldest_c[k, j, i] = t
                for n in range(len(thresholds_c)):
                    if t <= thresholds_c[n]:
                        time_below_s[n, k, j, i] += step_s
                        reached[n, k, j, i] = 1


@numba.njit(cache=True, error_model="numpy")
def exchange_with_probe(
    temp_c: Array32,
    a: Array32,
    b: Array32,
    conduct: Array,
    first: npt.NDArray[np.int64],
    voxel: npt.NDArray[np.int64],
    weight: Array,
    surface: Array,
    two_pi_over_log: Array,
    wall_per_k: float,
    length_m: float,
    per_volume: float,
    mode: int,
    rate: Array32,
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Add what a probe brings to the heating rate of the voxels around it.

    Args:
        temp_c, a, b, rate: voxel arrays, flat, ghosts included.
        conduct: local conductivity weights of each sample, shape (samples, 3): ku, kf, kp.
        first, voxel, weight, length_m: of the LineCoupling, voxels counted with ghosts.
        surface: A, B and T of the surface of the probe, and their derivatives A', B' there.
        two_pi_over_log: 2 pi / ln(r_eff / r_probe) of each sample.
        wall_per_k: 2 pi r_probe / contact resistance [W/mK], infinite for perfect contact.
        length_m: length of each sample.
        per_volume: 1 / voxel volume.
        mode: 1 takes heat only, 2 exchanges freely.

    Returns:
        Heat brought by the probe [W] (negative when freezing) and the mean temperature around it [°C].
    """
    total = 0.0
    mean = 0.0
    samples = len(first) - 1
    for n in range(samples):
        mean_t, mean_a, mean_b = 0.0, 0.0, 0.0
        for e in range(first[n], first[n + 1]):
            v, w = voxel[e], weight[e]
            mean_t += w * temp_c[v]
            mean_a += w * a[v]
            mean_b += w * b[v]
        mean += mean_t
        ku, kf, kp = conduct[n, 0], conduct[n, 1], conduct[n, 2]
        drive = ku * (surface[0] - mean_a) + kf * (surface[1] - mean_b) + kp * (surface[2] - mean_t)
        per_length = two_pi_over_log[n] * drive
        if wall_per_k < np.inf:
            # one Newton step from the probe's own temperature: the drop over the contact is small beside the rest
            slope = two_pi_over_log[n] * (ku * surface[3] + kf * surface[4] + kp)
            per_length *= wall_per_k / (wall_per_k + slope)
        if mode == 1 and per_length > 0.0:
            per_length = 0.0
        heat = per_length * length_m
        total += heat
        for e in range(first[n], first[n + 1]):
            rate[voxel[e]] += heat * weight[e] * per_volume
    return total, mean / samples


@numba.njit(parallel=True, cache=True, error_model="numpy")
def boundary_power(
    temp_c: Array32, a: Array32, b: Array32, ku: Array32, kf: Array32, kp: Array32, spacing_m: float
) -> float:  # pragma: no cover - compiled
    """Heat through the faces of the box [W], positive inwards; ghosts as in `heat_rate`."""
    nk, nj, ni = temp_c.shape
    per_slice = np.zeros(nk)
    for k in numba.prange(1, nk - 1):
        total = 0.0
        for i in range(1, ni - 1):
            total += _through(temp_c, a, b, ku, kf, kp, k, 1, i, k, 0, i)
            total += _through(temp_c, a, b, ku, kf, kp, k, nj - 2, i, k, nj - 1, i)
        for j in range(1, nj - 1):
            total += _through(temp_c, a, b, ku, kf, kp, k, j, 1, k, j, 0)
            total += _through(temp_c, a, b, ku, kf, kp, k, j, ni - 2, k, j, ni - 1)
        if k == 1:
            for j in range(1, nj - 1):
                for i in range(1, ni - 1):
                    total += _through(temp_c, a, b, ku, kf, kp, 1, j, i, 0, j, i)
        if k == nk - 2:
            for j in range(1, nj - 1):
                for i in range(1, ni - 1):
                    total += _through(temp_c, a, b, ku, kf, kp, nk - 2, j, i, nk - 1, j, i)
        per_slice[k] = total
    return float(per_slice.sum() * spacing_m)


@numba.njit(inline="always", error_model="numpy")
def _through(
    temp_c: Array32, a: Array32, b: Array32, ku: Array32, kf: Array32, kp: Array32,
    k: int, j: int, i: int, gk: int, gj: int, gi: int,
) -> float:  # pragma: no cover - compiled  # fmt: skip
    """Potential difference that drives heat from a ghost voxel (gk, gj, gi) to its inner neighbour."""
    dt = temp_c[gk, gj, gi] - temp_c[k, j, i]
    da = a[gk, gj, gi] - a[k, j, i]
    db = b[gk, gj, gi] - b[k, j, i]
    own = ku[k, j, i] * da + kf[k, j, i] * db + kp[k, j, i] * dt
    driven: float = _between(own, ku[gk, gj, gi] * da + kf[gk, gj, gi] * db + kp[gk, gj, gi] * dt)
    return driven
