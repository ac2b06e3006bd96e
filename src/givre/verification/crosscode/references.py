"""The cross-code cases for the axisymmetric codes: their meshes, and their answers as contours and samplers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module

import numpy as np
import numpy.typing as npt

from givre.verification.crosscode.axisymmetric import RingProblem, solve_rings
from givre.verification.crosscode.cases import PROBE_RADIUS_MM, CrossCase, cross_cases
from givre.verification.crosscode.contours import Contour, contour
from givre.verification.crosscode.gaps import Sampler, ring_sampler
from givre.verification.crosscode.ring_mesh import RingMesh, RingSpec, ring_mesh

Array = npt.NDArray[np.float64]

ELEMENTS = "givre.verification.crosscode.finite_elements"

ICE_RADIUS_MM, ICE_BEYOND_MM = 21.0, 13.0
"""Cells stay fine up to this far from the axis and beyond the ends of the active zone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingAnswer:
    """What an axisymmetric code says.

    Attributes:
        contours: one for each isotherm [°C].
        sample: its temperatures anywhere.
        cells: cells or unknowns.
        relative_error: heat that went missing over the heat that the probe took; NaN if not accounted for.
    """

    contours: dict[float, Contour]
    sample: Sampler
    cells: int
    relative_error: float


def mesh_of(
    case: CrossCase,
    *,
    size_mm: float,
    tip_mm: float,
    refine: int = 1,
    insulated_shaft: bool = False,
    cold_ends: bool = True,
) -> RingMesh:
    """The mesh of a case, cells at most `size_mm` long in the ice and `tip_mm` at the surface and ends of the probe."""
    half_m, outer_m = case.active_mm / 2000, case.outer_mm / 1000
    layers_m = tuple(radius_mm / 1000 for radius_mm in case.layers_mm)
    spec = RingSpec(
        probe_radius_m=PROBE_RADIUS_MM / 1000,
        active_m=(-half_m, half_m),
        outer_m=outer_m,
        ends_m=(0.0, outer_m) if case.mirrored else (-outer_m, case.plane_mm / 1000),
        mirrored=case.mirrored,
        insulated_shaft=insulated_shaft,
        cold_ends=cold_ends,
        layers_m=layers_m,
        fine_m=(ICE_RADIUS_MM / 1000, half_m + ICE_BEYOND_MM / 1000),
        size_m=size_mm / 1000,
        tip_m=tip_mm / 1000,
    )
    return ring_mesh(spec, refine=refine, paint=lambda r, _: np.searchsorted(np.array(layers_m), r))


def ring_problem(case: CrossCase, mesh: RingMesh, *, step_per_elapsed: float, longest_step_s: float) -> RingProblem:
    """The case on a mesh."""
    return RingProblem(
        mesh=mesh,
        tables=case.tables,
        history=case.history,
        contact_resistance_m2k_w=case.contact_resistance_m2k_w,
        duration_s=case.duration_s,
        body_temp_c=case.body_temp_c,
        step_per_elapsed=step_per_elapsed,
        longest_step_s=longest_step_s,
    )


def by_rings(
    case: CrossCase,
    *,
    size_mm: float = 0.4,
    tip_mm: float = 0.1,
    step_per_elapsed: float = 0.05,
    longest_step_s: float = 8.0,
    insulated_shaft: bool = False,
    cold_ends: bool = True,
) -> RingAnswer:
    """The axisymmetric finite volumes."""
    mesh = mesh_of(case, size_mm=size_mm, tip_mm=tip_mm, insulated_shaft=insulated_shaft, cold_ends=cold_ends)
    problem = ring_problem(case, mesh, step_per_elapsed=step_per_elapsed, longest_step_s=longest_step_s)
    run = solve_rings(problem)
    temp_c = _filled(case, mesh, run.temp_c[case.duration_s])
    missing_j = run.stored_j - run.probe_j - run.blood_j - run.edge_j
    return _answer(case, (mesh.r_m, mesh.z_m, temp_c), mesh.kind.size, abs(missing_j / run.probe_j))


def _filled(case: CrossCase, mesh: RingMesh, temp_c: Array) -> Array:
    """Cells inside the probe at its temperature along the active zone, as their neighbours along the shaft."""
    column = int(np.searchsorted(mesh.r_m, PROBE_RADIUS_MM / 1000))
    beside = np.broadcast_to(temp_c[:, column, None], temp_c.shape)
    cooled = (np.abs(mesh.z_m) < case.active_mm / 2000)[:, None] & (mesh.r_m < PROBE_RADIUS_MM / 1000)[None, :]
    own_c = np.where(cooled, case.history.temp_at_c(case.duration_s), beside)
    return np.where(np.isnan(temp_c), own_c, temp_c)


def by_elements(
    case: CrossCase,
    *,
    size_mm: float = 0.6,
    tip_mm: float = 0.1,
    step_per_elapsed: float = 0.1,
    longest_step_s: float = 15.0,
) -> RingAnswer:
    """scikit-fem, which must be installed."""
    solve_elements = import_module(ELEMENTS).solve_elements  # not at the top: scikit-fem is optional
    mesh = mesh_of(case, size_mm=size_mm, tip_mm=tip_mm)
    problem = ring_problem(case, mesh, step_per_elapsed=step_per_elapsed, longest_step_s=longest_step_s)
    run = solve_elements(problem)
    return _answer(case, (run.r_m, run.z_m, run.temp_c), run.unknowns, float("nan"))


def _answer(case: CrossCase, field: tuple[Array, Array, Array], cells: int, relative_error: float) -> RingAnswer:
    r_m, z_m, temp_c = field
    return RingAnswer(
        contours={
            isotherm_c: contour(r_m, z_m, temp_c, isotherm_c, mirrored=case.mirrored) for isotherm_c in case.isotherms_c
        },
        sample=ring_sampler(r_m, z_m, temp_c, mirrored=case.mirrored),
        cells=cells,
        relative_error=relative_error,
    )


def warm_up() -> None:
    """Compile the axisymmetric reference on a tiny case, so that no measured time holds it."""
    case = replace(cross_cases()[2], duration_s=1.0)
    by_rings(case, size_mm=4.0, tip_mm=1.0)
