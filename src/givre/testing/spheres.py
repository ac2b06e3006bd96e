"""Spheres as masks and as temperature fields: shapes whose volumes, overlaps and distances have formulas."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume


def sphere_mask(grid: Grid, centre_mm: npt.ArrayLike, radius_mm: float, *, name: str = "tumour") -> Mask:
    """The voxels whose centre lies in a sphere."""
    return Mask(grid=grid, inside=_distance_mm(grid, centre_mm) <= radius_mm, name=name)


def sphere_field_c(
    grid: Grid,
    centre_mm: npt.ArrayLike,
    *,
    radius_mm: float,
    edge_c: float = -20.0,
    slope_c_per_mm: float = 4.0,
    body_temp_c: float = 37.0,
) -> Volume:
    """A temperature [°C] that rises evenly with the distance from a point, up to body temperature.

    It is `edge_c` at `radius_mm`; the isotherm T is the sphere of radius radius + (T - edge) / slope.
    """
    distance_mm = _distance_mm(grid, centre_mm)
    values_c = np.minimum(edge_c + slope_c_per_mm * (distance_mm - radius_mm), body_temp_c)
    return Volume(grid=grid, values=values_c.astype(np.float32), unit="degC")


def sphere_volume_ml(radius_mm: float) -> float:
    """Volume of a sphere [mL]."""
    return 4.0 / 3.0 * math.pi * radius_mm**3 / 1000.0


def overlap_fraction(radius_mm: float, other_radius_mm: float, offset_mm: float) -> float:
    """Fraction of a sphere that lies inside another whose centre is `offset_mm` away: two caps.

    >>> overlap_fraction(1.0, 2.0, 0.5), overlap_fraction(1.0, 1.0, 2.0)
    (1.0, 0.0)
    """
    r, big, d = radius_mm, other_radius_mm, offset_mm
    if d >= r + big:
        return 0.0
    if d <= abs(big - r):
        return min(1.0, (big / r) ** 3)
    lens = math.pi * (r + big - d) ** 2 * (d**2 + 2 * d * (r + big) - 3 * (r - big) ** 2) / (12 * d)
    return lens / (4.0 / 3.0 * math.pi * r**3)


def _distance_mm(grid: Grid, centre_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(np.linalg.norm(grid.voxel_centres_mm() - np.asarray(centre_mm, dtype=float), axis=-1))
