"""The cold box, compiled: one stage of a super time step where tissue freezes.

Voxel arrays are flat, i fastest, with one ghost layer; fields are rows of one array, in the order of the constants
below. Ghosts and voxels of a plane are swept alike as one long row, which is what keeps the loops vectorised;
`keep_ghosts` then puts the ghosts back. Readable twin: `twin.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba.np.unsafe import ndarray as _numba_arrays

from givre.bioheat import formulas
from givre.bioheat.compiled import entry_loop, kernel, loop

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]

# Fields of the cold box. A, B, T of two stages; enthalpy gained since the start of the step in two stages; ...
A0, B0, T0, A1, B1, T1, GAIN0, GAIN1, FIRST_RATE, ENTHALPY, ADDED = range(11)
COLD, SLOPE, MUSHY, WARM, WARM_FROM = range(11, 16)
LIQUID_I, LIQUID_J, LIQUID_K, SOLID_I, SOLID_J, SOLID_K = range(16, 22)
PERFUSION, METABOLISM = 22, 23
PLAIN_I, PLAIN_J, PLAIN_K = 24, 25, 26
FIELDS, FIELDS_WITH_PLAIN = 24, 27

# How a voxel freezes while a sharp front crosses it; the last three are those of its material.
ICY, WET, FROZEN_TO, MIDDLE, WARM_UP_FROM, PER_SOLID, WIDTH, RATIO = range(8)
FRONT_ROWS = 8

CHUNK = 2048
"""Voxels swept at a time: what a chunk needs stays in the first cache."""


_flux = loop(formulas.flux_w_m3)
_share = loop(formulas.share_between)
_gained = loop(formulas.gain_j_m3)
_temperature_c = loop(formulas.temperature_c)
_crossed_temperature_c = loop(formulas.crossed_temperature_c)
_liquid_potential_c = loop(formulas.liquid_potential_c)
_solid_potential_c = loop(formulas.solid_potential_c)


_as_tuple: Any = _numba_arrays.to_fixed_tuple


@loop
def _conduct(
    rate: Array32, a: Array32, b: Array32, gi: Array32, gj: Array32, gk: Array32, hi: Array32, hj: Array32,
    hk: Array32, first: int, ni: int, plane: int,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Conduction into the voxels from `first` on. An unsigned index never counts from the end: no look is needed."""
    start, row, layer, one = np.uint64(first), np.uint64(ni), np.uint64(plane), np.uint64(1)
    for n in range(np.uint64(len(rate))):
        i = start + n
        own, ice = a[i], b[i]
        flux = _flux(gi[i], hi[i], own, a[i + one], ice, b[i + one])
        flux += _flux(gi[i - one], hi[i - one], own, a[i - one], ice, b[i - one])
        flux += _flux(gj[i], hj[i], own, a[i + row], ice, b[i + row])
        flux += _flux(gj[i - row], hj[i - row], own, a[i - row], ice, b[i - row])
        flux += _flux(gk[i], hk[i], own, a[i + layer], ice, b[i + layer])
        flux += _flux(gk[i - layer], hk[i - layer], own, a[i - layer], ice, b[i - layer])
        rate[n] = flux


@loop
def conduct_plain(
    rate: Array32, t: Array32, gi: Array32, gj: Array32, gk: Array32, first: int, ni: int, plane: int
) -> None:  # pragma: no cover - compiled
    """Add conduction driven by temperature itself to `rate`."""
    start, row, layer, one = np.uint64(first), np.uint64(ni), np.uint64(plane), np.uint64(1)
    for n in range(np.uint64(len(rate))):
        i = start + n
        own = t[i]
        flux = gi[i] * (t[i + one] - own) + gi[i - one] * (t[i - one] - own)
        flux += gj[i] * (t[i + row] - own) + gj[i - row] * (t[i - row] - own)
        rate[n] += flux + gk[i] * (t[i + layer] - own) + gk[i - layer] * (t[i - layer] - own)


@loop
def _warm(
    rate: Array32, temp_c: Array32, perfusion: Array32, metabolism: Array32, added: Array32, interval: Array32
) -> np.float32:  # pragma: no cover - compiled
    """Add blood, metabolism and what probes and surroundings bring; returns the sum of the first two [W/m³]."""
    high, low, per_width = interval[1], interval[2], interval[3]
    total = np.float32(0.0)
    for i in range(len(rate)):
        t = temp_c[i]
        blood = _share(t, low, high, per_width) * (metabolism[i] - perfusion[i] * t)
        total += blood
        rate[i] += blood + added[i]
    return total


@loop
def _gain_first(
    rate: Array32, first_rate: Array32, gain: Array32, own: np.float32
) -> None:  # pragma: no cover - compiled
    for i in range(len(rate)):
        first_rate[i] = rate[i]
        gain[i] = own * rate[i]


@loop
def _gain(
    rate: Array32, before: Array32, before_that: Array32, first_rate: Array32, plan: Array32
) -> None:  # pragma: no cover - compiled
    of_stage = (plan[0], plan[1], plan[2], plan[3])
    for i in range(len(rate)):
        before_that[i] = _gained(before[i], before_that[i], rate[i], first_rate[i], of_stage)


@entry_loop
def temperature(
    gain: Array32, enthalpy: Array32, temp_c: Array32,
    cold: Array32, slope: Array32, mushy: Array32, warm: Array32, warm_from: Array32, interval: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Fill the temperature of voxels that hold `enthalpy` and gained `gain` [J/m³].

    Args:
        gain, enthalpy, temp_c: of the voxels.
        cold, slope, mushy, warm, warm_from: 1/c, 2 c'/c², 1/c_mushy, 1/c_warm and the enthalpy at T_u of each voxel,
            with c the heat capacity just below T_l and c' its slope there.
        interval: T_l first.
    """
    edges = (interval[0], interval[1])
    for i in range(len(gain)):
        temp_c[i] = _temperature_c(enthalpy[i] + gain[i], cold[i], slope[i], mushy[i], warm[i], warm_from[i], edges)


@loop
def crossed_temperature(
    gain: Array32, enthalpy: Array32, temp_c: Array32,
    cold: Array32, slope: Array32, icy: Array32, wet: Array32, warm: Array32, frozen_to: Array32, middle: Array32,
    warm_from: Array32, interval: Array32,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """The same of voxels that a sharp front crosses; for the rows see `formulas.crossed_temperature_c`."""
    edges = (interval[0], interval[1])
    for i in range(len(gain)):
        temp_c[i] = _crossed_temperature_c(
            enthalpy[i] + gain[i], cold[i], slope[i], icy[i], wet[i], warm[i], frozen_to[i], middle[i], warm_from[i],
            edges,
        )  # fmt: skip


@entry_loop
def potentials(
    temp_c: Array32, a: Array32, b: Array32, shape: Array32, interval: Array32
) -> None:  # pragma: no cover - compiled
    """Fill A and B from the temperature; `shape` holds the 3, 8 and 7 coefficients of `Freezing`."""
    coefficients, edges = _as_tuple(shape, 18), (interval[0], interval[1])
    for i in range(len(temp_c)):
        t = temp_c[i]
        a[i] = _liquid_potential_c(t, coefficients, edges)
        b[i] = _solid_potential_c(t, coefficients, edges)


@loop
def sweep(
    fields: Array32, front: Array32 | None, plan: Array32, first_stage: bool, parity: int, gain_row: int,
    planes: tuple[int, int], size: tuple[int, int, int], shape: Array32, interval: Array32,
) -> float:  # pragma: no cover - compiled  # fmt: skip
    """One stage over some planes of the cold box.

    Args:
        fields: the voxel arrays.
        front: see `front_kernels`; None where the freezing interval is wide.
        plan: mu, nu, step * rate, step * rate_first of the stage.
        first_stage: whether this is the first stage.
        parity: which of the two sets of A, B, T is up to date; the other is written.
        gain_row: which row of gains belongs to the stage before; the other is written.
        planes: first and end k.
        size: of the box, ghosts included.
        shape, interval: see `potentials` and `Domain`.

    Returns:
        Sum over the planes of what blood and metabolism bring [W/m³].
    """
    nj, ni = size[1], size[2]
    plane = nj * ni
    a, b, t = fields[A0 + 3 * parity], fields[B0 + 3 * parity], fields[T0 + 3 * parity]
    a_new, b_new, t_new = fields[A1 - 3 * parity], fields[B1 - 3 * parity], fields[T1 - 3 * parity]
    gain, gain_new = fields[GAIN0 + gain_row], fields[GAIN1 - gain_row]
    buffer = np.empty(CHUNK, dtype=np.float32)
    blood = 0.0
    for k in range(planes[0], planes[1]):
        last = (k + 1) * plane - ni
        for s in range(k * plane + ni, last, CHUNK):
            e = min(s + CHUNK, last)
            rate = buffer[: e - s]
            _conduct(
                rate, a, b, fields[LIQUID_I], fields[LIQUID_J], fields[LIQUID_K], fields[SOLID_I], fields[SOLID_J],
                fields[SOLID_K], s, ni, plane,
            )  # fmt: skip
            if fields.shape[0] == FIELDS_WITH_PLAIN:
                conduct_plain(rate, t, fields[PLAIN_I], fields[PLAIN_J], fields[PLAIN_K], s, ni, plane)
            blood += float(
                _warm(rate, t[s:e], fields[PERFUSION, s:e], fields[METABOLISM, s:e], fields[ADDED, s:e], interval)
            )
            if first_stage:
                _gain_first(rate, fields[FIRST_RATE, s:e], gain_new[s:e], plan[2])
            else:
                _gain(rate, gain[s:e], gain_new[s:e], fields[FIRST_RATE, s:e], plan)
            if front is not None:
                crossed_temperature(
                    gain_new[s:e], fields[ENTHALPY, s:e], t_new[s:e], fields[COLD, s:e], fields[SLOPE, s:e],
                    front[ICY, s:e], front[WET, s:e], fields[WARM, s:e], front[FROZEN_TO, s:e], front[MIDDLE, s:e],
                    front[WARM_UP_FROM, s:e], interval,
                )  # fmt: skip
            else:
                temperature(
                    gain_new[s:e], fields[ENTHALPY, s:e], t_new[s:e], fields[COLD, s:e], fields[SLOPE, s:e],
                    fields[MUSHY, s:e], fields[WARM, s:e], fields[WARM_FROM, s:e], interval,
                )  # fmt: skip
            potentials(t_new[s:e], a_new[s:e], b_new[s:e], shape, interval)
    return blood


@kernel
def keep_ghosts(
    fields: Array32, parity: int, planes: tuple[int, int], size: tuple[int, int, int]
) -> None:  # pragma: no cover - compiled
    """Copy the ghosts at both ends of i from one set of A, B, T to the other."""
    for k in range(planes[0], planes[1]):
        for j in range(1, size[1] - 1):
            row = (k * size[1] + j) * size[2]
            for n in range(3):
                fields[A1 - 3 * parity + n, row] = fields[A0 + 3 * parity + n, row]
                end = row + size[2] - 1
                fields[A1 - 3 * parity + n, end] = fields[A0 + 3 * parity + n, end]


@loop
def faces_power(
    fields: Array32, parity: int, planes: tuple[int, int], size: tuple[int, int, int]
) -> float:  # pragma: no cover - compiled
    """Heat through the faces of the box that lie in these planes, inwards [W/m³ summed over voxels]."""
    nk, nj, ni = size
    plane = nj * ni
    total = 0.0
    for k in range(planes[0], planes[1]):
        for j in range(1, nj - 1):
            row = (k * nj + j) * ni
            total += _through(fields, parity, row + 1, row, row, 0)
            total += _through(fields, parity, row + ni - 2, row + ni - 1, row + ni - 2, 0)
        for i in range(1, ni - 1):
            low, high = k * plane + ni + i, k * plane + (nj - 2) * ni + i
            total += _through(fields, parity, low, low - ni, low - ni, 1)
            total += _through(fields, parity, high, high + ni, high, 1)
        if k == 1 or k == nk - 2:
            for j in range(1, nj - 1):
                for i in range(1, ni - 1):
                    cell = k * plane + j * ni + i
                    if k == 1:
                        total += _through(fields, parity, cell, cell - plane, cell - plane, 2)
                    if k == nk - 2:
                        total += _through(fields, parity, cell, cell + plane, cell, 2)
    return total


@kernel
def _through(
    fields: Array32, parity: int, cell: int, ghost: int, face: int, axis: int
) -> float:  # pragma: no cover - compiled
    set_ = 3 * parity
    flux = fields[LIQUID_I + axis, face] * (fields[A0 + set_, ghost] - fields[A0 + set_, cell])
    flux += fields[SOLID_I + axis, face] * (fields[B0 + set_, ghost] - fields[B0 + set_, cell])
    if fields.shape[0] == FIELDS_WITH_PLAIN:
        flux += fields[PLAIN_I + axis, face] * (fields[T0 + set_, ghost] - fields[T0 + set_, cell])
    return float(flux)
