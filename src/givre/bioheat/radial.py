"""A probe in one dimension: fine radial finite volumes, the reference that the voxel solver is held against.

Independent of the voxel solver in everything but the material maps: cylinder or sphere around the probe, wall
held at the surface temperature, enthalpy form, plain explicit steps, face
conductivity as the mean of k(T) between the two temperatures by quadrature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.bioheat.materials import MaterialColumns, conductivity_w_mk, material_columns
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.tissue.material import ThermalMaterial

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RadialProblem:
    """One probe in one endless material.

    Attributes:
        material: what surrounds the probe.
        freezing: freezing interval and ice conductivity.
        inner_m: radius of the probe.
        outer_m: radius of the domain, held at body temperature.
        cells: number of cells, uniform in radius.
        sphere: spherical instead of cylindrical.
        body_temp_c: initial, arterial and outer temperature.
    """

    material: ThermalMaterial
    freezing: Freezing
    inner_m: float
    outer_m: float
    cells: int
    sphere: bool = False
    body_temp_c: float = 37.0


def solve_radial(problem: RadialProblem, history: SurfaceHistory, duration_s: float) -> tuple[Array, Array]:
    """Radii of the cell centres [m] and temperatures there at the end [°C], shape (cells,)."""
    columns = material_columns((problem.material,), problem.freezing)
    edges = np.linspace(problem.inner_m, problem.outer_m, problem.cells + 1)
    power = 2 if problem.sphere else 1
    volume = (edges[1:] ** (power + 1) - edges[:-1] ** (power + 1)) / (power + 1)
    limit_s = _explicit_limit_s(problem, columns, float(history.temp_c.min()), edges[1] - edges[0])
    steps = int(np.ceil(duration_s / (0.9 * limit_s)))
    middle_s = (np.arange(steps) + 0.5) * duration_s / steps
    modes = np.array([_MODES[mode] for mode in (*history.modes, "none")])
    interval = np.searchsorted(history.time_s, middle_s, side="right") - 1
    temp_c = _march(
        np.full(problem.cells, problem.body_temp_c),
        edges**power,
        volume,
        np.interp(middle_s, history.time_s, history.temp_c),
        np.where(interval >= 0, modes[interval], 0),
        duration_s / steps,
        edges[1] - edges[0],
        np.array([float(column[0]) for column in _in_order(columns)]),
        (problem.freezing.lower_c, problem.freezing.upper_c, problem.body_temp_c),
        np.array(problem.freezing.shape),
    )
    return (edges[1:] + edges[:-1]) / 2, temp_c


_MODES = {"none": 0, "cooling_only": 1, "free": 2}


def _in_order(columns: MaterialColumns) -> tuple[Array, ...]:
    return (
        columns.capacity_cold, columns.capacity_slope, columns.capacity_mushy, columns.capacity_warm,
        columns.k_unfrozen, columns.k_frozen, columns.perfusion, columns.metabolism,
    )  # fmt: skip


@numba.njit(cache=True)
def _conductivity(temp_c: float, m: Array, lower_c: float, upper_c: float, shape: Array) -> float:
    ice = 0.0
    for n in range(len(shape) - 1, -1, -1):
        ice = ice * temp_c + shape[n]
    liquid = min(max((temp_c - lower_c) / (upper_c - lower_c), 0.0), 1.0)
    return float(m[4] * liquid + m[5] * (1.0 - liquid) * ice)


@numba.njit(cache=True)
def _mean_conductivity(one_c: float, other_c: float, m: Array, lower_c: float, upper_c: float, shape: Array) -> float:
    """Mean of k between two temperatures: three-point Gauss-Legendre in each part of the freezing interval."""
    low, high = min(one_c, other_c), max(one_c, other_c)
    if high - low < 1e-9:
        return _conductivity(low, m, lower_c, upper_c, shape)
    total = 0.0
    for start, end in ((low, min(high, lower_c)), (max(low, lower_c), min(high, upper_c)), (max(low, upper_c), high)):
        if end > start:
            half, middle = (end - start) / 2, (end + start) / 2
            edge = half * 0.7745966692414834
            total += half * 8 / 9 * _conductivity(middle, m, lower_c, upper_c, shape)
            total += half * 5 / 9 * _conductivity(middle - edge, m, lower_c, upper_c, shape)
            total += half * 5 / 9 * _conductivity(middle + edge, m, lower_c, upper_c, shape)
    return total / (high - low)


@numba.njit(cache=True)
def _march(
    temp_c: Array, area: Array, volume: Array, wall_c: Array, mode: Array, step_s: float, width_m: float,
    m: Array, limits_c: tuple[float, float, float], shape: Array,
) -> Array:  # fmt: skip
    lower_c, upper_c, body_c = limits_c
    count = len(temp_c)
    enthalpy, flux = np.empty(count), np.empty(count + 1)
    for n in range(count):
        below, inside = min(temp_c[n] - lower_c, 0.0), min(max(temp_c[n] - lower_c, 0.0), upper_c - lower_c)
        enthalpy[n] = (m[0] + m[1] * below / 2) * below + m[2] * inside + m[3] * max(temp_c[n] - upper_c, 0.0)
    for step in range(len(wall_c)):
        flux[0] = 0.0
        if mode[step] > 0:
            k = _mean_conductivity(temp_c[0], wall_c[step], m, lower_c, upper_c, shape)
            flux[0] = k * (temp_c[0] - wall_c[step]) / (width_m / 2)
            if mode[step] == 1:
                flux[0] = max(flux[0], 0.0)
        for n in range(1, count):
            k = _mean_conductivity(temp_c[n], temp_c[n - 1], m, lower_c, upper_c, shape)
            flux[n] = k * (temp_c[n] - temp_c[n - 1]) / width_m
        flux[count] = m[4] * (body_c - temp_c[count - 1]) / (width_m / 2)
        for n in range(count):
            liquid = min(max((temp_c[n] - lower_c) / (upper_c - lower_c), 0.0), 1.0)
            heat = liquid * (m[6] * (body_c - temp_c[n]) + m[7])
            enthalpy[n] += step_s * ((area[n + 1] * flux[n + 1] - area[n] * flux[n]) / volume[n] + heat)
            warm = m[2] * (upper_c - lower_c)
            below = min(enthalpy[n], 0.0)
            cold = 2 * below / (m[0] + np.sqrt(m[0] * m[0] + 2 * m[1] * below))
            temp_c[n] = lower_c + cold + min(max(enthalpy[n], 0.0), warm) / m[2] + max(enthalpy[n] - warm, 0.0) / m[3]
    return temp_c


def _explicit_limit_s(problem: RadialProblem, columns: MaterialColumns, coldest_c: float, width_m: float) -> float:
    temp = np.array([coldest_c, problem.freezing.lower_c - 1e-6, problem.freezing.upper_c + 1e-6, problem.body_temp_c])
    material = np.zeros(len(temp), dtype=np.int64)
    conduct = conductivity_w_mk(temp, material, columns, problem.freezing)
    capacity = np.where(
        temp < problem.freezing.lower_c,
        columns.capacity_cold[0] + columns.capacity_slope[0] * (temp - problem.freezing.lower_c),
        columns.capacity_warm[0],
    )
    return float(width_m**2 / (3 * (conduct / capacity).max()))


def crossing_m(radius_m: Array, temp_c: Array, isotherm_c: float) -> float:
    """Radius of an isotherm [m], linear between cells; NaN where nothing is that cold."""
    below = np.flatnonzero(temp_c <= isotherm_c)
    if len(below) == 0 or below[-1] + 1 >= len(temp_c):
        return float("nan")
    n = int(below[-1])
    share = (isotherm_c - temp_c[n]) / (temp_c[n + 1] - temp_c[n])
    return float(radius_m[n] + share * (radius_m[n + 1] - radius_m[n]))
