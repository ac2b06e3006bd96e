"""How far another code's isotherm lies from the reference's, measured along the normals of the reference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

from givre.geometry.grid import Grid
from givre.verification.crosscode.contours import Contour

Array = npt.NDArray[np.float64]
Sampler = Callable[[Array], Array]
"""Temperatures [°C] at points x, y, z [mm], shape (..., 3), the probe on the z axis with its middle at zero."""

POINT_MM, AZIMUTHS = 0.5, 16
"""Points of the reference lie this far apart along its curve, in so many planes through the axis."""

REACH_MM, MARCH_MM = 4.0, 0.1
"""The other isotherm is looked for this far on both sides, in such strides, linear in between."""


def isotherm_gaps_mm(reference: Contour, sample: Sampler, isotherm_c: float) -> Array:
    """Distance of the other isotherm at each point of the reference, positive where the other ice is larger.

    NaN where none is found within `REACH_MM`. Shape (points * azimuths,); empty if the reference has no such isotherm.
    """
    if len(reference.points_mm) < 3:
        return np.zeros(0)
    points, normals = _points_and_normals(reference.points_mm)
    along = np.arange(-REACH_MM, REACH_MM + MARCH_MM / 2, MARCH_MM)
    angle = (np.arange(AZIMUTHS) + 0.5) * 2 * np.pi / AZIMUTHS  # never along an axis of the lattice
    marched = points[:, None, :] + along[None, :, None] * normals[:, None, :]
    r, z = marched[None, :, :, 0], marched[None, :, :, 1]
    turn = angle[:, None, None]
    temp_c = sample(np.stack([r * np.cos(turn), r * np.sin(turn), z + 0 * turn], axis=-1))
    return _nearest_crossing(temp_c - isotherm_c, along).ravel()


def surface_gaps_mm(points_mm: Array, normals: Array, sample: Sampler, isotherm_c: float) -> Array:
    """The same for points of any surface and its outward unit normals, both of shape (n, 3)."""
    along = np.arange(-REACH_MM, REACH_MM + MARCH_MM / 2, MARCH_MM)
    marched = points_mm[:, None, :] + along[None, :, None] * normals[:, None, :]
    return _nearest_crossing(sample(marched) - isotherm_c, along)


def _points_and_normals(curve_mm: Array) -> tuple[Array, Array]:
    """Points at even distances along a curve and unit normals that point away from what it encloses."""
    pieces = np.linalg.norm(np.diff(curve_mm, axis=0), axis=1)
    walked = np.concatenate([[0.0], np.cumsum(pieces)])
    count = max(8, round(walked[-1] / POINT_MM))
    at = (np.arange(count) + 0.5) / count * walked[-1]
    window = min(POINT_MM, walked[-1] / 8)  # direction over a stretch: the curve is made of short straight pieces

    def on_curve(where: Array) -> Array:
        where = np.clip(where, 0.0, walked[-1])
        return np.stack([np.interp(where, walked, curve_mm[:, n]) for n in range(2)], axis=1)

    way = on_curve(at + window / 2) - on_curve(at - window / 2)
    way /= np.linalg.norm(way, axis=1)[:, None]
    normal = np.stack([way[:, 1], -way[:, 0]], axis=1)
    upwards = curve_mm[-1, 1] > curve_mm[0, 1]  # from the axis below to the axis above, the outside lies to the right
    return on_curve(at), normal if upwards else -normal


def _nearest_crossing(height: Array, along: Array) -> Array:
    """Where `height` goes from at most zero to above it along the last axis, the place nearest to zero."""
    below, above = height[..., :-1], height[..., 1:]
    crosses = (below <= 0) & (above > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        place = along[:-1] + np.where(crosses, -below / (above - below), np.nan) * MARCH_MM
    far = np.where(crosses, np.abs(place), np.inf)
    nearest = np.argmin(far, axis=-1)[..., None]
    return np.asarray(np.take_along_axis(place, nearest, axis=-1)[..., 0])


def ring_sampler(r_m: Array, z_m: Array, temp_c: Array, *, mirrored: bool) -> Sampler:
    """Linear in r and z between samples of an axisymmetric field, shape (z, r)."""

    def sample(points_mm: Array) -> Array:
        r = np.hypot(points_mm[..., 0], points_mm[..., 1]) / 1000
        z = points_mm[..., 2] / 1000
        z = np.abs(z) if mirrored else z
        rows, columns = np.interp(z, z_m, np.arange(len(z_m))), np.interp(r, r_m, np.arange(len(r_m)))
        return np.asarray(map_coordinates(temp_c, np.stack([rows, columns]), order=1, mode="nearest"))

    return sample


def voxel_sampler(grid: Grid, temp_c: npt.NDArray[np.floating]) -> Sampler:
    """Trilinear between voxel centres."""
    values = temp_c.astype(np.float64)

    def sample(points_mm: Array) -> Array:
        index = np.moveaxis(grid.lps_to_index(points_mm), -1, 0)
        return np.asarray(map_coordinates(values, index, order=1, mode="nearest"))

    return sample
