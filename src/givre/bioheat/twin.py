"""The readable twin of the compiled kernels: one heating rate, one explicit step, in plain NumPy.

    dH/dt = div(flux) + f_l (w (T_a - T) + q_m),   f_l = liquid fraction

Between two voxels each material sees its own potential difference, Theta_m(T_other) - Theta_m(T_own); the flux is
their harmonic combination. In one material that is exact (Kirchhoff); between two it puts half of the way in each.
"""

from __future__ import annotations

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
    liquid = problem.freezing.liquid_fraction(temp_c)
    blood = columns.perfusion[material] * (problem.body_temp_c - temp_c) + columns.metabolism[material]
    rate += liquid * blood
    for probe in problem.probes:
        rate += _probe(temp_c, problem, probe, time_s)
    return rate


def explicit_step(temp_c: Array, problem: ThermalProblem, time_s: float, step_s: float) -> Array:
    """Temperature after one plain explicit step; `step_s` must be below the explicit limit."""
    columns = material_columns(problem.material.materials, problem.freezing)
    enthalpy = enthalpy_j_m3(temp_c, problem.material.index, columns, problem.freezing)
    enthalpy += step_s * heating_rate_w_m3(temp_c, problem, time_s)
    return temperature_c(enthalpy, problem.material.index, columns, problem.freezing)


def _conduction(temp_c: Array, problem: ThermalProblem, axis: int) -> Array:
    """Heat that arrives along one axis [W/m³]."""
    spacing_m = problem.spacing_m
    temp = np.moveaxis(temp_c, axis, 0)
    material = np.moveaxis(problem.material.index, axis, 0)
    flux = _flux(temp[:-1], material[:-1], temp[1:], material[1:], problem) / spacing_m
    rate = np.zeros_like(temp)
    rate[:-1] += flux / spacing_m
    rate[1:] -= flux / spacing_m
    for end, face_c in zip((0, -1), problem.faces_c[axis], strict=True):
        if not np.isnan(face_c):
            held = np.full_like(temp[end], face_c)
            drive = _drive(temp[end], held, material[end], problem)
            rate[end] += drive / (spacing_m / 2) / spacing_m
    return np.moveaxis(rate, 0, axis)


def _drive(own_c: Array, other_c: Array, material: npt.NDArray[np.integer], problem: ThermalProblem) -> Array:
    columns = material_columns(problem.material.materials, problem.freezing)
    there = conduction_potential(other_c, material, columns, problem.freezing)
    return there - conduction_potential(own_c, material, columns, problem.freezing)


def _flux(
    own_c: Array,
    own: npt.NDArray[np.integer],
    other_c: Array,
    other: npt.NDArray[np.integer],
    problem: ThermalProblem,
) -> Array:
    """Potential difference towards the first of two neighbours, both materials combined [W/m]."""
    seen_here = _drive(own_c, other_c, own, problem)
    seen_there = _drive(own_c, other_c, other, problem)
    total = seen_here + seen_there
    return np.where(total == 0.0, 0.0, 2 * seen_here * seen_there / np.where(total == 0.0, 1.0, total))


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
