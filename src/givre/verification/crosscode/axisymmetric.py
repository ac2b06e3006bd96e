"""The reference: a cooled cylinder in tissue, axisymmetric finite volumes on a graded mesh, implicit in time.

Conservative: enthalpy is stored, Kirchhoff potentials drive the fluxes, logarithmic conductances along r, BDF2 in time,
Newton's method in every step. It resolves the surface of the probe and shares no discretisation with the voxel solver.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.surface_history import SurfaceHistory
from givre.foundation.errors import SimulationError
from givre.verification.crosscode import ring_kernels
from givre.verification.crosscode.property_table import PropertyTable
from givre.verification.crosscode.ring_mesh import RingMesh

Array = npt.NDArray[np.float64]

_MODES = {"none": 0, "cooling_only": 1, "free": 2}

LARGEST_MOVE_J_M3 = 2e3
"""Newton ends when no enthalpy moves more: under 1 mK in thawed tissue."""

MOST_ITERATIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingProblem:
    """A probe on the axis and what surrounds it.

    Attributes:
        mesh: cells, which of them are solved, and what they are made of.
        tables: one for each material of the mesh.
        history: temperature of the probe's surface.
        contact_resistance_m2k_w: between the surface and the tissue.
        duration_s: simulated time.
        body_temp_c: initial and arterial temperature, and that of held cells.
        first_step_s: after a switch of the probe.
        step_per_elapsed: longest step over the time since that switch.
        longest_step_s: of all.
    """

    mesh: RingMesh
    tables: tuple[PropertyTable, ...]
    history: SurfaceHistory
    contact_resistance_m2k_w: float = 0.0
    duration_s: float
    body_temp_c: float = 37.0
    first_step_s: float = 0.02
    step_per_elapsed: float = 0.04
    longest_step_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingRun:
    """What comes out.

    Attributes:
        temp_c: at some instants, temperature of every cell, shape (z, r); NaN inside the probe.
        probe_j: heat brought by the probe until the end.
        stored_j, blood_j, edge_j: change of the heat stored, heat brought by blood, heat that came from held cells.
        steps, newton, linear: numbers of steps and of iterations.
    """

    temp_c: dict[float, Array]
    probe_j: float
    stored_j: float
    blood_j: float
    edge_j: float
    steps: int
    newton: int
    linear: int


def solve_rings(problem: RingProblem, *, keep_s: tuple[float, ...] = ()) -> RingRun:
    """Solve one problem; `keep_s` are instants to keep besides the end.

    Raises:
        SimulationError: if Newton's method does not converge.
    """
    mesh = problem.mesh
    packed = [table.packed() for table in problem.tables]
    table, first = np.concatenate(packed), np.cumsum([0] + [len(rows) for rows in packed])
    kinks = _kinks(problem.tables)
    body_c = problem.body_temp_c
    start = np.array([float(t.enthalpy_j_m3(np.array(body_c))) for t in problem.tables])
    now = start[mesh.material]
    before, state = now.copy(), np.zeros((6, *now.shape))
    stencil, residual, x = np.zeros((4, *now.shape)), np.zeros_like(now), np.zeros_like(now)
    work = np.zeros((10, *now.shape))
    kept: dict[float, Array] = {}
    solved = mesh.kind == ring_kernels.SOLVED
    heat_j, heat_before_j = np.zeros(3), np.zeros(3)
    counts = [0, 0, 0]
    time_s, last_s = 0.0, 0.0
    stored_at_start = float((mesh.volume_m3 * now)[solved].sum())
    for step_s, fresh in steps_of(problem, keep_s):
        ratio = 0.0 if fresh else step_s / last_s
        weight = (1 + 2 * ratio) / (1 + ratio)
        past = (-(1 + ratio) * now + ratio**2 / (1 + ratio) * before) / step_s
        mode = _MODES[problem.history.mode_at(time_s + step_s / 2)]
        probe = (problem.history.temp_at_c(time_s + step_s), problem.contact_resistance_m2k_w, mode)
        before, now, time_s, last_s = now, now.copy(), time_s + step_s, step_s
        power_w = (0.0, 0.0, 0.0)
        for _ in range(MOST_ITERATIONS):
            ring_kernels.update_properties(now, mesh.material, mesh.kind, table, first, body_c, state)
            power_w = ring_kernels.linearise(
                now, past, weight / step_s, state, mesh.material, mesh.kind, table, first, mesh.volume_m3,
                mesh.halves_m, probe, stencil, residual,
            )  # fmt: skip
            counts[2] += ring_kernels.solve_linear(stencil, residual, x, work, 1e-4)
            counts[1] += 1
            if ring_kernels.correct(now, state, x, mesh.material, mesh.kind, kinks) < LARGEST_MOVE_J_M3:
                break
        else:
            raise SimulationError(f"the axisymmetric reference does not converge at {time_s:.3f} s; shorten its steps")
        counts[0] += 1
        # the same formula as for the enthalpy, so that the heats add up to what is stored
        brought_j = (1 + ratio) * heat_j - ratio**2 / (1 + ratio) * heat_before_j + step_s * np.array(power_w)
        heat_j, heat_before_j = brought_j / weight, heat_j
        if any(abs(time_s - instant) < 1e-6 for instant in keep_s):
            kept[round(time_s, 6)] = _field(now, problem, table, first, state)
    kept[problem.duration_s] = _field(now, problem, table, first, state)
    return RingRun(
        temp_c=kept,
        probe_j=float(heat_j[0]),
        stored_j=float((mesh.volume_m3 * now)[solved].sum()) - stored_at_start,
        blood_j=float(heat_j[1]),
        edge_j=float(heat_j[2]),
        steps=counts[0],
        newton=counts[1],
        linear=counts[2],
    )


def _field(now: Array, problem: RingProblem, table: Array, first: npt.NDArray[np.int64], state: Array) -> Array:
    mesh = problem.mesh
    ring_kernels.update_properties(now, mesh.material, mesh.kind, table, first, problem.body_temp_c, state)
    return np.where(mesh.kind == ring_kernels.ABSENT, np.nan, state[0])


def _kinks(tables: tuple[PropertyTable, ...]) -> Array:
    most = max(len(table.kinks_c) for table in tables)
    kinks = np.full((len(tables), most), -np.inf)
    for n, table in enumerate(tables):
        kinks[n, : len(table.kinks_c)] = table.enthalpy_j_m3(np.array(table.kinks_c))
    return kinks


def steps_of(problem: RingProblem, keep_s: tuple[float, ...] = ()) -> Iterator[tuple[float, bool]]:
    """Lengths of the steps, and whether the one before must be forgotten because the probe changed its ways."""
    switches = {0.0, *(t for t in problem.history.switches_s() if 0 < t < problem.duration_s)}
    stops = sorted({problem.duration_s, *keep_s, *switches})
    if stops[0] == 0.0:
        stops = stops[1:]
    now_s, since_s, step_s, fresh = 0.0, 0.0, problem.first_step_s, True
    for stop_s in stops:
        while stop_s - now_s > 1e-9:
            pace_s = max(problem.first_step_s, problem.step_per_elapsed * (now_s - since_s))
            step_s = min(1.3 * step_s, pace_s, problem.longest_step_s) if now_s > since_s else problem.first_step_s
            parts = int(np.ceil((stop_s - now_s) / step_s - 1e-9))
            taken = (stop_s - now_s) / parts if parts < 4 else step_s
            yield taken, fresh
            now_s = stop_s if parts == 1 else now_s + taken
            step_s, fresh = taken, False
        if stop_s in switches:
            since_s, fresh = stop_s, True
