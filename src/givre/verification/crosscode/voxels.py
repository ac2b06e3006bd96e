"""A cross-code case as givre poses it: voxels, a line source, its own solver."""

from __future__ import annotations

import math

import numpy as np

from givre.bioheat.problem import ProbeSource, Recording, ThermalProblem
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.verification.crosscode.cases import PROBE_RADIUS_MM, CrossCase


def voxel_problem(case: CrossCase, spacing_mm: float) -> ThermalProblem:
    """The case on cubes; the axis of the probe runs along k, between voxels, and z = 0 is the middle of its zone."""
    across = 2 * math.ceil(case.outer_mm / spacing_mm)
    top_mm = min(case.plane_mm, across / 2 * spacing_mm)
    up = math.ceil((top_mm + case.outer_mm) / spacing_mm)
    first = (-(across - 1) / 2 * spacing_mm, -(across - 1) / 2 * spacing_mm, top_mm - (up - 0.5) * spacing_mm)
    grid = Grid(shape=(up, across, across), spacing_mm=(spacing_mm,) * 3, origin_mm=first)
    j, i = np.indices((across, across))
    radius_mm = np.hypot(first[1] + j * spacing_mm, first[0] + i * spacing_mm)
    index = np.searchsorted(np.array(case.layers_mm), radius_mm).astype(np.uint8)
    half_mm = case.active_mm / 2

    def place(z_mm: float) -> tuple[float, float, float]:
        return ((z_mm - first[2]) / 1000, -first[1] / 1000, -first[0] / 1000)

    probe = ProbeSource(
        label="P1",
        start_m=place(-half_mm),
        end_m=place(half_mm),
        radius_m=PROBE_RADIUS_MM / 1000,
        contact_resistance_m2k_w=case.contact_resistance_m2k_w,
        history=case.history,
    )
    return ThermalProblem(
        material=MaterialField(
            grid=grid, index=np.ascontiguousarray(np.broadcast_to(index, grid.shape)), materials=case.materials
        ),
        freezing=case.freezing,
        probes=(probe,),
        duration_s=case.duration_s,
        body_temp_c=case.body_temp_c,
        faces_c=((case.body_temp_c,) * 2,) * 3,
        recording=Recording(interval_s=case.duration_s, freeze_windows_s=((0.0, case.duration_s),)),
    )


def voxel_problem_of_two(
    material: ThermalMaterial, *, apart_mm: float, active_mm: float, outer_mm: float, history: SurfaceHistory,
    duration_s: float, spacing_mm: float,
) -> ThermalProblem:  # fmt: skip
    """Two probes along k at x = -apart/2 and +apart/2, their middles at the origin."""
    count = 2 * math.ceil(outer_mm / spacing_mm)
    first = -(count - 1) / 2 * spacing_mm
    grid = Grid(shape=(count,) * 3, spacing_mm=(spacing_mm,) * 3, origin_mm=(first,) * 3)

    def place(x_mm: float, z_mm: float) -> tuple[float, float, float]:
        return ((z_mm - first) / 1000, -first / 1000, (x_mm - first) / 1000)

    probes = tuple(
        ProbeSource(
            label=label,
            start_m=place(x_mm, -active_mm / 2),
            end_m=place(x_mm, active_mm / 2),
            radius_m=PROBE_RADIUS_MM / 1000,
            contact_resistance_m2k_w=0.0,
            history=history,
        )
        for label, x_mm in (("P1", -apart_mm / 2), ("P2", apart_mm / 2))
    )
    return ThermalProblem(
        material=MaterialField(grid=grid, index=np.zeros(grid.shape, dtype=np.uint8), materials=(material,)),
        probes=probes,
        duration_s=duration_s,
        recording=Recording(interval_s=duration_s),
    )
