"""The box of voxels that the cold has reached: only they are computed, the rest stays as it was.

Tissue out of reach of the cold is not quite still: metabolism and perfusion bring it to T_a + q_m / w. When the
box grows, that closed solution is given to the voxels that join, so nothing depends on when they do, except the
conduction between tissues of slightly different warmth.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.bioheat.workspace import CoupledProbe, Workspace

Window = npt.NDArray[np.int64]
"""First and end of the box along k, j and i, ghosts of the whole domain counted, shape (3, 2)."""

REACHED_C = 0.1
"""A voxel this much colder than the blood has been reached by the cold."""

SHELL_VOXELS = 2
"""The outermost voxels of the box must not have been reached yet."""

GROWTH_VOXELS = 3
"""How much a side of the box grows at a time."""


def all_voxels(domain: Workspace) -> Window:
    """The box that holds everything."""
    return np.array([(1, size + 1) for size in domain.problem.grid.shape], dtype=np.int64)


def first_window(domain: Workspace) -> Window:
    """The voxels around the probes; all of them if something other than the probes moves the temperature."""
    problem = domain.problem
    faces = np.ravel(problem.faces_c)
    is_uniform = problem.initial_c is None and bool((np.isnan(faces) | (faces == problem.body_temp_c)).all())
    bounds = all_voxels(domain)
    if not is_uniform or not domain.probes:
        return bounds
    touched = np.concatenate([probe.coupling.voxel for probe in domain.probes])
    index = np.array(np.unravel_index(touched, domain.enthalpy.shape))
    around = np.stack([index.min(axis=1) - GROWTH_VOXELS, index.max(axis=1) + 1 + GROWTH_VOXELS], axis=1)
    return np.asarray(np.clip(around, bounds[:, :1], bounds[:, 1:]))


def grown(window: Window, box: Workspace, domain: Workspace) -> Window:
    """The box, larger on every side whose outer shell the cold has reached."""
    limit_c = box.problem.body_temp_c - REACHED_C
    inner = box.temp_c[1:-1, 1:-1, 1:-1]
    result = window.copy()
    for axis in range(3):
        shell = np.arange(min(SHELL_VOXELS, inner.shape[axis]))
        if not float(np.take(inner, shell, axis=axis).min()) >= limit_c:
            result[axis, 0] -= GROWTH_VOXELS
        if not float(np.take(inner, -1 - shell, axis=axis).min()) >= limit_c:
            result[axis, 1] += GROWTH_VOXELS
    bounds = all_voxels(domain)
    return np.asarray(np.clip(result, bounds[:, :1], bounds[:, 1:]))


def cut(domain: Workspace, window: Window) -> Workspace:
    """The arrays of a box; the voxels around it become its ghosts. The domain itself if the box is all of it."""
    if (window == all_voxels(domain)).all():
        return domain
    with_ghosts = tuple(slice(int(first) - 1, int(end) + 1) for first, end in window)
    ku, kf, kp = (weights[with_ghosts].copy() for weights in domain.conductivity)
    enthalpy = domain.enthalpy[with_ghosts].copy()
    return replace(
        domain,
        material=domain.material[with_ghosts].copy(),
        conductivity=(ku, kf, kp),
        perfusion=domain.perfusion[with_ghosts].copy(),
        metabolism=domain.metabolism[with_ghosts].copy(),
        probes=tuple(_moved(probe, window, domain.enthalpy.shape, enthalpy.shape) for probe in domain.probes),
        enthalpy=enthalpy,
        temp_c=domain.temp_c[with_ghosts].copy(),
        potential_a=domain.potential_a[with_ghosts].copy(),
        potential_b=domain.potential_b[with_ghosts].copy(),
    )


def paste(box: Workspace, window: Window, domain: Workspace) -> None:
    """Write what was computed in a box back into the domain."""
    if box is domain:
        return
    where = tuple(slice(int(first), int(end)) for first, end in window)
    inner = (slice(1, -1),) * 3
    domain.enthalpy[where] = box.enthalpy[inner]
    domain.temp_c[where] = box.temp_c[inner]
    domain.potential_a[where] = box.potential_a[inner]
    domain.potential_b[where] = box.potential_b[inner]


def warm_up(old: Window, new: Window, domain: Workspace, time_s: float) -> float:
    """Bring the voxels that joined to where metabolism and perfusion have led them; returns the heat [J]."""
    joined = np.zeros(domain.enthalpy.shape, dtype=bool)
    for window, value in ((new, True), (old, False)):
        joined[tuple(slice(int(first), int(end)) for first, end in window)] = value
    material = domain.material[joined]
    capacity = domain.columns.capacity_warm[material]
    perfusion, metabolism = domain.columns.perfusion[material], domain.columns.metabolism[material]
    slow = perfusion * time_s < 1e-6 * capacity
    rise_c = np.where(
        slow,
        metabolism * time_s / capacity,
        metabolism / np.where(slow, 1.0, perfusion) * -np.expm1(-perfusion * time_s / capacity),
    )
    gained = capacity * rise_c
    domain.enthalpy[joined] += gained
    return float(gained.sum()) * domain.problem.spacing_m**3


def _moved(probe: CoupledProbe, window: Window, shape: tuple[int, ...], box_shape: tuple[int, ...]) -> CoupledProbe:
    """The probe with its voxels counted in the box."""
    index = np.array(np.unravel_index(probe.coupling.voxel, shape)) - (window[:, :1] - 1)
    voxel = np.ravel_multi_index(tuple(index), box_shape).astype(np.int64)
    return replace(probe, coupling=replace(probe.coupling, voxel=voxel))
