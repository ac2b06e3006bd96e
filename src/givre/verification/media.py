"""Materials, lattices and probes shared by the verification cards and the physics tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.bioheat.exact import ExactFreeze, FreezingMedium
from givre.bioheat.ice import Freezing
from givre.bioheat.march import Impose
from givre.bioheat.problem import INSULATED, Metres, ProbeSource, Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.cryoprobe.surface_history import ExchangeMode, SurfaceHistory
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.tissue.table import find_tissue, load_tissue_table
from givre.tissue.thermal import thermal_material, volumetric_blood_capacity_j_m3k

Array = npt.NDArray[np.float64]

CONSTANT_ICE = (1.0,)
"""Ice whose conductivity does not depend on temperature, as in the textbook problems."""

TISSUE = FreezingMedium(
    k_frozen=2.0, k_unfrozen=0.5, capacity_frozen=998 * 1800.0, capacity_unfrozen=3.6e6,
    latent=250e6, initial_c=37.0, lower_c=-1.0, upper_c=-1.0,
)  # fmt: skip
"""The generic soft tissue of cryosurgery papers (Micromachines 2025;16:1321), frozen at -1 °C."""

WIDE = replace(TISSUE, lower_c=-8.0)
"""The same with the freezing interval -8 to -1 °C, properties constant in each of its three zones."""

WATER = FreezingMedium(
    k_frozen=2.22, k_unfrozen=0.556, capacity_frozen=1.762e6, capacity_unfrozen=4.226e6,
    latent=338e6, initial_c=10.0, lower_c=0.0, upper_c=0.0,
)  # fmt: skip
"""Water after Bonacina."""

MUSHY = Freezing(lower_c=-8.0, upper_c=-1.0, shape=CONSTANT_ICE, linear_mix=False)
"""Freezing law of `WIDE`."""

SHARP_WIDTH_C = 0.02
"""Freezing interval that stands for a sharp front on the grid: it moves an exact front by less than 0.005 mm."""


def material(medium: FreezingMedium, *, perfusion_w_m3k: float = 0.0, name: str = "tissue") -> ThermalMaterial:
    """The medium of an exact solution as a material of the solver."""
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


def solid_matter(name: str, conductivity_w_mk: float, capacity_j_m3k: float) -> ThermalMaterial:
    """A material that does not freeze."""
    return ThermalMaterial(
        name=name, capacity_unfrozen_j_m3k=capacity_j_m3k, capacity_frozen_j_m3k=capacity_j_m3k,
        capacity_frozen_slope_j_m3k2=0.0, conductivity_unfrozen_w_mk=conductivity_w_mk,
        conductivity_frozen_w_mk=conductivity_w_mk, latent_j_m3=0.0, perfusion_w_m3k=0.0, metabolic_w_m3=0.0,
        freezes=False,
    )  # fmt: skip


def tabled(name: str, *, bloodless: bool = False) -> ThermalMaterial:
    """A row of the packaged tissue table as the solver sees it; `bloodless` without perfusion and metabolism."""
    table = load_tissue_table()
    values = {key: quantity.value for key, quantity in find_tissue(table, name).quantities().items()}
    found = thermal_material(name, values, volumetric_blood_capacity_j_m3k(table))
    return replace(found, perfusion_w_m3k=0.0, metabolic_w_m3=0.0) if bloodless else found


def cubic(shape: tuple[int, int, int], spacing_mm: float) -> Grid:
    """A lattice of cubes."""
    return Grid(shape=shape, spacing_mm=(spacing_mm,) * 3)


def field(grid: Grid, *materials: ThermalMaterial) -> MaterialField:
    """Everything made of the first material."""
    return MaterialField(grid=grid, index=np.zeros(grid.shape, dtype=np.uint8), materials=materials)


def sharp(medium: FreezingMedium, width_c: float = SHARP_WIDTH_C) -> Freezing:
    """A freezing interval so narrow that it stands for one freezing temperature."""
    return Freezing(lower_c=medium.upper_c - width_c, upper_c=medium.upper_c, shape=CONSTANT_ICE)


def constant_probe(surface_c: float, duration_s: float) -> SurfaceHistory:
    """A surface held at one temperature."""
    return stepped_probe((duration_s, surface_c, "cooling_only"))


def stepped_probe(*pieces: tuple[float, float, ExchangeMode]) -> SurfaceHistory:
    """Pieces (end [s], temperature [°C], mode) one after the other from time zero."""
    times, temps, modes = [0.0], [pieces[0][1]], []
    for end_s, temp_c, mode in pieces:
        times.append(end_s)
        temps.append(temp_c)
        modes.append(mode)
    return SurfaceHistory(time_s=np.array(times), temp_c=np.array(temps), modes=tuple(modes))


def probe(
    middle_mm: npt.ArrayLike,
    direction: npt.ArrayLike,
    *,
    active_zone_mm: float,
    history: SurfaceHistory,
    radius_mm: float = 0.75,
    label: str = "P1",
) -> ProbeSource:
    """A probe through a point of the lattice, along a direction, both (k, j, i) from the centre of voxel 0 [mm]."""
    way = np.asarray(direction, dtype=float)
    half = way / np.linalg.norm(way) * active_zone_mm / 2
    return ProbeSource(
        label=label,
        start_m=_metres(np.asarray(middle_mm, dtype=float) - half),
        end_m=_metres(np.asarray(middle_mm, dtype=float) + half),
        radius_m=radius_mm / 1000,
        contact_resistance_m2k_w=0.0,
        history=history,
    )


def probe_along_k(
    grid: Grid, *, active_zone_mm: float, history: SurfaceHistory, radius_mm: float = 0.75
) -> ProbeSource:
    """A probe along the first axis through the middle of the lattice."""
    middle = (np.array(grid.shape) - 1) / 2 * np.array(grid.spacing_mm)
    return probe(middle, (1.0, 0.0, 0.0), active_zone_mm=active_zone_mm, history=history, radius_mm=radius_mm)


def corner_distance_m(grid: Grid, axes: tuple[int, ...]) -> Array:
    """Distance of each voxel centre to the low corner face, edge or point spanned by the given axes [m]."""
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
        recording=Recording(frozen_volume=True),
    )

    def impose(time_s: float) -> tuple[npt.NDArray[np.int64], Array]:
        return held, exact.temp_c(distance_m.ravel()[held], start_s + time_s)

    return problem, impose


def front_from_ice_m(run: ThermalRun, axes: tuple[int, ...]) -> Array:
    """Depth or radius of ice that holds as much solid as the lattice does, in a half, quarter or eighth of space.

    The run's own volume of ice: by the heat that each voxel holds, so that the front counts inside a voxel.

    Returns:
        One value for each instant of the history [m].
    """
    size_m = run.grid.spacing_mm[0] / 1000
    solid = run.history.frozen_ml * 1e-6 / size_m**3
    if len(axes) == 1:
        across = np.prod([count for axis, count in enumerate(run.grid.shape) if axis not in axes])
        return np.asarray(solid / across * size_m)
    if len(axes) == 2:
        return np.asarray(np.sqrt(4 * solid * size_m**2 / np.pi))
    return np.asarray(np.cbrt(6 * solid * size_m**3 / np.pi))


def isotherm_radii_m(temp_c: npt.NDArray[np.floating], distance_m: Array, isotherm_c: float) -> Array:
    """Distances at which neighbouring voxels along the last axis cross an isotherm, linear in between [m]."""
    below = temp_c <= isotherm_c
    crossing = below[..., :-1] & ~below[..., 1:]
    cold, warm = temp_c[..., :-1][crossing].astype(float), temp_c[..., 1:][crossing].astype(float)
    near, far = distance_m[..., :-1][crossing], distance_m[..., 1:][crossing]
    return np.asarray(near + (isotherm_c - cold) / (warm - cold) * (far - near))


def _metres(point_mm: Array) -> Metres:
    k, j, i = (float(value) / 1000 for value in point_mm)
    return (k, j, i)
