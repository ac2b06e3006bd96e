"""Runs around probes that several cards share, and how ice is measured in them to a fraction of a voxel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.bioheat.ice import Freezing
from givre.bioheat.problem import INSULATED, ProbeSource, Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.geometry.grid import Grid
from givre.tissue.material import ThermalMaterial
from givre.verification.media import TISSUE, cubic, field, material, probe_along_k

Array = npt.NDArray[np.float64]

INTERVAL = Freezing(lower_c=-8.0, upper_c=-1.0)
"""Generic soft tissue: -8 to -1 °C, ice after Slack."""

PERFUSION_W_M3K = 2000.0
COLD_C = -140.0
RADIUS_MM = 0.75
ISOTHERMS_C = (0.0, -20.0, -40.0)
DIRECTIONS = 72


def middle_mm(spacing_mm: float, sides_mm: tuple[float, float, float]) -> Array:
    """The middle of a box, (k, j, i) from the centre of voxel 0 [mm]."""
    counts = np.array([round(side / spacing_mm) for side in sides_mm])
    return np.asarray((counts - 1) / 2 * spacing_mm)


def perfused_tissue() -> ThermalMaterial:
    """The generic soft tissue with the blood of resting muscle."""
    return material(TISSUE, perfusion_w_m3k=PERFUSION_W_M3K)


def volume_ml(temp_c: npt.NDArray[np.floating], grid: Grid, isotherm_c: float, parts: int = 4) -> float:
    """Volume at or below an isotherm, each voxel cut in parts³ by linear interpolation."""
    fine = ndimage.zoom(temp_c.astype(np.float64), parts, order=1, grid_mode=True, mode="nearest")
    return float((fine <= isotherm_c).sum()) * grid.voxel_volume_mm3 / parts**3 / 1000


def slab_problem(
    spacing_mm: float,
    history: SurfaceHistory,
    duration_s: float,
    *,
    reach_mm: float,
    height_mm: float,
    freezes_s: tuple[tuple[float, float], ...],
) -> ThermalProblem:
    """A probe through a slab with insulated faces: its middle plane sees an endless probe.

    The active zone ends two voxels from either face, as near as the probe's kernel allows.
    """
    slices, across = round(height_mm / spacing_mm), 2 * round(reach_mm / spacing_mm)
    grid = cubic((slices, across, across), spacing_mm)
    source = probe_along_k(grid, active_zone_mm=(slices - 4) * spacing_mm, history=history, radius_mm=RADIUS_MM)
    return ThermalProblem(
        material=field(grid, perfused_tissue()),
        freezing=INTERVAL,
        probes=(source,),
        duration_s=duration_s,
        faces_c=((INSULATED, INSULATED), (37.0, 37.0), (37.0, 37.0)),
        recording=Recording(freeze_windows_s=freezes_s, isotherms_c=ISOTHERMS_C),
    )


def plane_radii_mm(temp_c: npt.NDArray[np.floating], spacing_mm: float, isotherm_c: float) -> Array:
    """Radii of an isotherm around the middle of a plane in 72 directions [mm]; NaN where nothing is that cold."""
    plane = temp_c.astype(np.float64)
    middle = (np.array(plane.shape) - 1) / 2
    along_mm = np.linspace(0.0, (min(plane.shape) / 2 - 1) * spacing_mm, 3000)
    found = []
    for angle in np.linspace(0, 2 * np.pi, DIRECTIONS, endpoint=False):
        way = np.array([np.sin(angle), np.cos(angle)])[:, None] * along_mm / spacing_mm + middle[:, None]
        profile = ndimage.map_coordinates(plane, way, order=3)
        below = np.flatnonzero(profile <= isotherm_c)
        found.append(along_mm[below[-1]] if len(below) else np.nan)
    return np.array(found)


def middle_plane(temp_c: npt.NDArray[np.floating]) -> Array:
    """The plane across the probe halfway along it, between two slices when their number is even."""
    count = temp_c.shape[0]
    low, high = (count - 1) // 2, count // 2
    return np.asarray((temp_c[low].astype(np.float64) + temp_c[high].astype(np.float64)) / 2)


def box_problem(
    spacing_mm: float, sides_mm: tuple[float, float, float], probes: tuple[ProbeSource, ...], duration_s: float
) -> ThermalProblem:
    """Probes in a box of perfused tissue, its faces at body temperature."""
    counts = tuple(round(side / spacing_mm) for side in sides_mm)
    return ThermalProblem(
        material=field(cubic((counts[0], counts[1], counts[2]), spacing_mm), perfused_tissue()),
        freezing=INTERVAL,
        probes=probes,
        duration_s=duration_s,
        recording=Recording(freeze_windows_s=((0.0, duration_s),), isotherms_c=ISOTHERMS_C),
    )


def end_volume_ml(run: ThermalRun, isotherm_c: float) -> float:
    """Volume at or below an isotherm at the end of a run."""
    return volume_ml(run.final_c, run.grid, isotherm_c)
