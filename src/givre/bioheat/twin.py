"""The readable twin of the compiled kernels: one heating rate, one explicit step, in plain NumPy.

    dH/dt = div(flux) + f (w (T_a - T) + q_m),   f = share of the blood that flows

Between two voxels the flux follows the differences of the potentials A and B, k_liquid dA + k_solid dB, each k the
harmonic mean of both materials: half of the way lies in each. In one material that is exact (Kirchhoff). Between two
materials that do not freeze it follows the temperature itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from givre.bioheat.line_source import couple_line, share_by_conductivity
from givre.bioheat.materials import conduction_potential, enthalpy_j_m3, material_columns, temperature_c
from givre.bioheat.problem import ProbeSource, ThermalProblem

Array = npt.NDArray[np.float64]


def heating_rate_w_m3(temp_c: Array, problem: ThermalProblem, time_s: float) -> Array:
    """Rate of change of the enthalpy of every voxel [W/m³], shape (k, j, i)."""
    columns = material_columns(problem.material.materials, problem.freezing)
    material = problem.material.index
    rate = np.zeros_like(temp_c)
    for axis in range(3):
        rate += _conduction(temp_c, problem, axis)
    flow_c = np.where(np.isnan(columns.flow_c), problem.body_temp_c, columns.flow_c)[material]
    blood = columns.perfusion[material] * (flow_c - temp_c) + columns.metabolism[material]
    rate += problem.freezing.blood_share(temp_c) * blood
    for probe in problem.probes:
        rate += _probe(temp_c, problem, probe, time_s)
    return rate


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """How far beyond the freezing interval each voxel freezes while the front crosses it [°C], shape (k, j, i).

    Attributes:
        under, over: below T_l and above T_u.
    """

    under: Array
    over: Array


def crossing(temp_c: Array, problem: ThermalProblem) -> Crossing:
    """From what the potential spans between both sides of each voxel; see `formulas.crossing`.

    Zero where the freezing interval is not sharp: the front is wider than a voxel then.
    """
    if not problem.freezing.is_sharp:
        return Crossing(np.zeros_like(temp_c), np.zeros_like(temp_c))
    columns = material_columns(problem.material.materials, problem.freezing)
    material, freezing = problem.material.index, problem.freezing
    freezes = columns.k_plain == 0
    squared = np.zeros_like(temp_c)
    for axis in range(3):
        squared += (_span(temp_c, problem, axis) / 2) ** 2
    low_c = np.full(len(freezes), freezing.lower_c)
    width = -conduction_potential(low_c, np.arange(len(low_c)), columns, freezing)[material]
    excess = (np.sqrt(width**2 + squared) - width) / 2
    most_c = max(problem.body_temp_c - freezing.upper_c, 0.0) / 2
    return Crossing(
        np.where(freezes[material], excess / np.where(freezes, columns.k_frozen, 1.0)[material], 0.0),
        np.where(
            freezes[material], np.minimum(excess / np.where(freezes, columns.k_unfrozen, 1.0)[material], most_c), 0.0
        ),
    )


def crossed_temperature_c(enthalpy: Array, crossed: Crossing, problem: ThermalProblem) -> Array:
    """Temperature of voxels that hold `enthalpy` [J/m³], same shape.

    Frozen through at T_l - under, half frozen at (T_l + T_u) / 2, not frozen at T_u + over, straight lines in between.
    """
    columns = material_columns(problem.material.materials, problem.freezing)
    material, freezing = problem.material.index, problem.freezing
    low_c, high_c = freezing.lower_c - crossed.under, freezing.upper_c + crossed.over
    middle_c = np.full_like(enthalpy, (freezing.lower_c + freezing.upper_c) / 2)
    first = enthalpy_j_m3(low_c, material, columns, freezing)
    last = enthalpy_j_m3(high_c, material, columns, freezing)
    middle = enthalpy_j_m3(middle_c, material, columns, freezing)
    icy = low_c + (enthalpy - first) / (middle - first) * (middle_c - low_c)
    wet = middle_c + (enthalpy - middle) / (last - middle) * (high_c - middle_c)
    plain = temperature_c(enthalpy, material, columns, freezing)
    return np.where((enthalpy > first) & (enthalpy < last), np.where(enthalpy < middle, icy, wet), plain)


def explicit_step(
    enthalpy: Array, temp_c: Array, problem: ThermalProblem, time_s: float, step_s: float
) -> tuple[Array, Array]:
    """Enthalpy and temperature after one plain explicit step; `step_s` must be below the explicit limit.

    As in the compiled solver how a voxel freezes is found at the start of the step, and its temperature then again.
    """
    crossed = crossing(temp_c, problem)
    now_c = crossed_temperature_c(enthalpy, crossed, problem)
    enthalpy = enthalpy + step_s * heating_rate_w_m3(now_c, problem, time_s)
    return enthalpy, crossed_temperature_c(enthalpy, crossed, problem)


def _span(temp_c: Array, problem: ThermalProblem, axis: int) -> Array:
    """Potential drop over a voxel's two halves along one axis, both taken from the flux there [W/m]."""
    temp = np.moveaxis(temp_c, axis, 0)
    material = np.moveaxis(problem.material.index, axis, 0)
    span = np.zeros_like(temp)
    flux = _flux(temp[:-1], material[:-1], temp[1:], material[1:], problem)
    span[:-1] += flux
    span[1:] += flux
    for end, sign in ((0, -1), (-1, 1)):
        face_c, film_w_m2k = problem.faces_c[axis][end], problem.faces_film_w_m2k[axis][end]
        if not np.isnan(face_c) and np.isinf(film_w_m2k):
            inwards = _through_face(temp[end], material[end], face_c, film_w_m2k, problem)
            span[end] += sign * inwards * problem.spacing_m
    return np.moveaxis(span, 0, axis)


def _conduction(temp_c: Array, problem: ThermalProblem, axis: int) -> Array:
    """Heat that arrives along one axis [W/m³]."""
    spacing_m = problem.spacing_m
    temp = np.moveaxis(temp_c, axis, 0)
    material = np.moveaxis(problem.material.index, axis, 0)
    flux = _flux(temp[:-1], material[:-1], temp[1:], material[1:], problem) / spacing_m
    rate = np.zeros_like(temp)
    rate[:-1] += flux / spacing_m
    rate[1:] -= flux / spacing_m
    for end in (0, -1):
        face_c, film_w_m2k = problem.faces_c[axis][end], problem.faces_film_w_m2k[axis][end]
        if not np.isnan(face_c):
            rate[end] += _through_face(temp[end], material[end], face_c, film_w_m2k, problem) / spacing_m
    return np.moveaxis(rate, 0, axis)


def _flux(
    own_c: Array,
    own: npt.NDArray[np.integer],
    other_c: Array,
    other: npt.NDArray[np.integer],
    problem: ThermalProblem,
) -> Array:
    """Conductivity times temperature difference towards the first of two neighbours [W/m]."""
    columns = material_columns(problem.material.materials, problem.freezing)
    freezes = columns.k_plain == 0
    k_liquid = np.where(freezes, columns.k_unfrozen, columns.k_plain)
    k_solid = np.where(freezes, columns.k_frozen, columns.k_plain)
    own_a, own_b = problem.freezing.potentials(own_c)
    other_a, other_b = problem.freezing.potentials(other_c)
    through_ice = _series(k_liquid[own], k_liquid[other]) * (other_a - own_a)
    through_ice += _series(k_solid[own], k_solid[other]) * (other_b - own_b)
    plain = _series(columns.k_plain[own], columns.k_plain[other]) * (other_c - own_c)
    return np.where(freezes[own] | freezes[other], through_ice, plain)


def _series(one: Array, other: Array) -> Array:
    """Harmonic mean, zero if either is."""
    total = one + other
    return np.asarray(2 * one * other / np.where(total == 0, 1.0, total))


def _through_face(
    own_c: Array, own: npt.NDArray[np.integer], face_c: float, film_w_m2k: float, problem: ThermalProblem
) -> Array:
    """Heat that arrives through a face of the domain, half a voxel away and perhaps behind a film [W/m²]."""
    columns = material_columns(problem.material.materials, problem.freezing)
    half_m = problem.spacing_m / 2
    if np.isinf(film_w_m2k):
        face = np.full_like(own_c, face_c)
        drive = conduction_potential(face, own, columns, problem.freezing)
        return (drive - conduction_potential(own_c, own, columns, problem.freezing)) / half_m
    if film_w_m2k == 0:
        return np.zeros_like(own_c)
    unfrozen = columns.k_unfrozen[own] + columns.k_plain[own]
    return np.asarray((face_c - own_c) / (half_m / unfrozen + 1 / film_w_m2k))


def _probe(temp_c: Array, problem: ThermalProblem, probe: ProbeSource, time_s: float) -> Array:
    """Heat that a probe brings [W/m³]; perfect contact only."""
    rate = np.zeros(temp_c.size)
    mode = probe.history.mode_at(time_s)
    if mode == "none":
        return rate.reshape(temp_c.shape)
    coupling = couple_line(probe, problem.grid.shape, problem.spacing_m)
    columns = material_columns(problem.material.materials, problem.freezing)
    surface_c = np.array([probe.history.temp_at_c(time_s)])
    material = problem.material.index.ravel()[coupling.voxel]
    share = share_by_conductivity(coupling, columns.k_frozen[material] + columns.k_plain[material])
    wall_liquid, wall_solid = problem.freezing.potentials(surface_c)
    for n, (first, last) in enumerate(pairwise(coupling.first)):
        voxel, kernel, weight = coupling.voxel[first:last], coupling.weight[first:last], share[first:last]
        here = material[first:last]
        around_c = temp_c.ravel()[voxel]
        liquid, solid = problem.freezing.potentials(around_c)
        drive = float(kernel @ columns.k_unfrozen[here]) * float(wall_liquid[0] - weight @ liquid)
        drive += float(kernel @ columns.k_frozen[here]) * float(wall_solid[0] - weight @ solid)
        drive += float(kernel @ columns.k_plain[here]) * float(surface_c[0] - weight @ around_c)
        heat_w = 2 * np.pi * drive / coupling.log_ratio[n] * coupling.length_m
        if mode == "cooling_only":
            heat_w = min(heat_w, 0.0)
        rate[voxel] += heat_w * weight / problem.spacing_m**3
    return rate.reshape(temp_c.shape)
