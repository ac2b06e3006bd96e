"""Materials and small problems shared by the physics tests."""

from __future__ import annotations

import numpy as np

from givre.bioheat.exact import ExactFreeze, FreezingMedium
from givre.bioheat.ice import Freezing
from givre.bioheat.march import Impose
from givre.bioheat.problem import INSULATED, ProbeSource, ThermalProblem
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField, ThermalMaterial

CONSTANT_ICE = (1.0,)
"""Ice whose conductivity does not depend on temperature, as in the textbook problems."""

TISSUE = FreezingMedium(
    k_frozen=2.0, k_unfrozen=0.5, capacity_frozen=998 * 1800.0, capacity_unfrozen=3.6e6,
    latent=250e6, initial_c=37.0, lower_c=-1.0, upper_c=-1.0,
)  # fmt: skip
"""The generic soft tissue of cryosurgery papers (Micromachines 2025;16:1321), frozen at -1 °C."""

SHARP_WIDTH_C = 0.1
"""Freezing interval that stands for a sharp front on the grid."""


def material(medium: FreezingMedium, *, perfusion_w_m3k: float = 0.0, name: str = "tissue") -> ThermalMaterial:
    return ThermalMaterial(
        name=name,
        capacity_unfrozen_j_m3k=medium.capacity_unfrozen,
        capacity_frozen_j_m3k=medium.capacity_frozen,
        capacity_frozen_slope_j_m3k2=0.0,
        conductivity_unfrozen_w_mk=medium.k_unfrozen,
        conductivity_frozen_w_mk=medium.k_frozen,
        latent_j_m3=medium.latent,
        perfusion_w_m3k=perfusion_w_m3k,
        metabolic_w_m3=0.0,
        freezes=True,
    )


def cubic(shape: tuple[int, int, int], spacing_mm: float) -> Grid:
    return Grid(shape=shape, spacing_mm=(spacing_mm,) * 3)


def field(grid: Grid, *materials: ThermalMaterial) -> MaterialField:
    return MaterialField(grid=grid, index=np.zeros(grid.shape, dtype=np.uint8), materials=materials)


def sharp(medium: FreezingMedium) -> Freezing:
    return Freezing(lower_c=medium.upper_c - SHARP_WIDTH_C, upper_c=medium.upper_c, shape=CONSTANT_ICE)


def constant_probe(surface_c: float, duration_s: float) -> SurfaceHistory:
    return SurfaceHistory(
        time_s=np.array([0.0, duration_s]), temp_c=np.array([surface_c, surface_c]), modes=("cooling_only",)
    )


def probe_along_k(
    grid: Grid, *, active_zone_mm: float, history: SurfaceHistory, radius_mm: float = 0.75
) -> ProbeSource:
    """A probe along the first axis through the middle of the lattice."""
    middle = (np.array(grid.shape) - 1) / 2 * np.array(grid.spacing_mm)
    half = np.array([active_zone_mm / 2, 0.0, 0.0])
    start, end = (middle - half) / 1000, (middle + half) / 1000
    return ProbeSource(
        label="P1",
        start_m=(float(start[0]), float(start[1]), float(start[2])),
        end_m=(float(end[0]), float(end[1]), float(end[2])),
        radius_m=radius_mm / 1000,
        contact_resistance_m2k_w=0.0,
        history=history,
    )


def corner_distance_m(grid: Grid, axes: tuple[int, ...]) -> np.ndarray:
    """Distance of each voxel centre to the low corner face, edge or point spanned by the given axes."""
    index = np.indices(grid.shape)
    offsets = [(index[axis] + 0.5) * grid.spacing_mm[axis] / 1000 for axis in axes]
    return np.asarray(np.sqrt(sum(offset**2 for offset in offsets)))


def corner_problem(
    exact: ExactFreeze, medium: FreezingMedium, grid: Grid, axes: tuple[int, ...], *, freezing: Freezing,
    start_s: float, duration_s: float, held_m: float, step_s: float,
) -> tuple[ThermalProblem, Impose]:  # fmt: skip
    """A freeze that grows out of the low corner: voxels within `held_m` follow the exact solution."""
    distance_m = corner_distance_m(grid, axes)
    held = np.flatnonzero(distance_m < held_m)
    far = tuple((INSULATED, INSULATED if axis not in axes else medium.initial_c) for axis in range(3))
    problem = ThermalProblem(
        material=field(grid, material(medium)),
        freezing=freezing,
        duration_s=duration_s,
        body_temp_c=medium.initial_c,
        faces_c=(far[0], far[1], far[2]),
        initial_c=exact.temp_c(distance_m, start_s),
        longest_step_s=step_s,
    )

    def impose(time_s: float) -> tuple[np.ndarray, np.ndarray]:
        return held, exact.temp_c(distance_m.ravel()[held], start_s + time_s)

    return problem, impose


def front_from_ice_m(temp_c: np.ndarray, grid: Grid, freezing: Freezing, axes: tuple[int, ...]) -> float:
    """Depth or radius of ice that holds as much solid as the lattice does, in a half, quarter or eighth of space.

    The enthalpy method knows where a sharp front lies inside a voxel by how much of the voxel is frozen.
    """
    solid = float((1 - freezing.liquid_fraction(temp_c.astype(float))).sum())
    size_m = grid.spacing_mm[0] / 1000
    if len(axes) == 1:
        return solid * size_m
    if len(axes) == 2:
        return float(np.sqrt(4 * solid * size_m**2 / np.pi))
    return float(np.cbrt(6 * solid * size_m**3 / np.pi))


def isotherm_radii_m(temp_c: np.ndarray, distance_m: np.ndarray, isotherm_c: float) -> np.ndarray:
    """Distances at which neighbouring voxels along the last axis cross an isotherm, linear in between."""
    below = temp_c <= isotherm_c
    crossing = below[..., :-1] & ~below[..., 1:]
    cold, warm = temp_c[..., :-1][crossing], temp_c[..., 1:][crossing]
    near, far = distance_m[..., :-1][crossing], distance_m[..., 1:][crossing]
    return np.asarray(near + (isotherm_c - cold) / (warm - cold) * (far - near))
