"""Small scenes with several materials and a probe, for the solver's own tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from givre.bioheat.problem import ProbeSource, Recording, ThermalProblem
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField, ThermalMaterial


def muscle() -> ThermalMaterial:
    return ThermalMaterial(
        name="muscle", capacity_unfrozen_j_m3k=3.73e6, capacity_frozen_j_m3k=1.93e6, capacity_frozen_slope_j_m3k2=5.5e3,
        conductivity_unfrozen_w_mk=0.49, conductivity_frozen_w_mk=1.45, latent_j_m3=269e6, perfusion_w_m3k=2550.0,
        metabolic_w_m3=990.0, freezes=True,
    )  # fmt: skip


def bone() -> ThermalMaterial:
    return ThermalMaterial(
        name="bone", capacity_unfrozen_j_m3k=2.5e6, capacity_frozen_j_m3k=2.0e6, capacity_frozen_slope_j_m3k2=1.6e3,
        conductivity_unfrozen_w_mk=0.32, conductivity_frozen_w_mk=0.44, latent_j_m3=77e6, perfusion_w_m3k=1200.0,
        metabolic_w_m3=290.0, freezes=True,
    )  # fmt: skip


def metal() -> ThermalMaterial:
    return ThermalMaterial(
        name="metal", capacity_unfrozen_j_m3k=2.33e6, capacity_frozen_j_m3k=2.33e6, capacity_frozen_slope_j_m3k2=0.0,
        conductivity_unfrozen_w_mk=6.7, conductivity_frozen_w_mk=6.7, latent_j_m3=0.0, perfusion_w_m3k=0.0,
        metabolic_w_m3=0.0, freezes=False,
    )  # fmt: skip


def history(*pieces: tuple[float, float, str]) -> SurfaceHistory:
    """Pieces (end, temperature, mode) one after the other from time zero."""
    times, temps, modes = [0.0], [pieces[0][1]], []
    for end_s, temp_c, mode in pieces:
        times.append(end_s)
        temps.append(temp_c)
        modes.append(mode)
    return SurfaceHistory(time_s=np.array(times), temp_c=np.array(temps), modes=tuple(modes))


def scene(
    *,
    size: int = 14,
    spacing_mm: float = 2.0,
    surface: SurfaceHistory | None = None,
    duration_s: float = 60.0,
    seed: int = 1,
    recording: Recording | None = None,
) -> ThermalProblem:
    """A cube of patchy muscle, bone and metal with an oblique probe in the middle."""
    random = np.random.default_rng(seed)
    index = random.choice(3, size=(size, size, size), p=[0.6, 0.38, 0.02]).astype(np.uint8)
    grid = Grid(shape=index.shape, spacing_mm=(spacing_mm,) * 3)
    middle = (size - 1) / 2 * spacing_mm / 1000
    way = 0.004
    probe = ProbeSource(
        label="P1",
        start_m=(middle - way, middle, middle + way / 2),
        end_m=(middle + way, middle + way / 3, middle - way / 2),
        radius_m=0.75e-3,
        contact_resistance_m2k_w=0.0,
        history=surface or history((duration_s, -140.0, "cooling_only")),
    )
    return ThermalProblem(
        material=MaterialField(grid=grid, index=index, materials=(muscle(), bone(), metal())),
        probes=(probe,),
        duration_s=duration_s,
        recording=recording or Recording(interval_s=5.0),
    )


def without_metal(problem: ThermalProblem) -> ThermalProblem:
    """The same with muscle in place of metal, which otherwise lies everywhere and is always computed with freezing."""
    index = problem.material.index.copy()
    index[index == 2] = 0
    return replace(problem, material=replace(problem.material, index=index))
