"""Isotherms of an axisymmetric field as curves in the (r, z) half-plane, and the volume that they enclose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from skimage.measure import find_contours

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contour:
    """An isotherm around a probe on the axis.

    Attributes:
        points_mm: r and z along the curve, from the axis to the axis, shape (n, 2); empty if nothing is that cold.
    """

    points_mm: Array

    @property
    def volume_ml(self) -> float:
        """Volume of the body of revolution."""
        if len(self.points_mm) < 2:
            return 0.0
        r, z = self.points_mm.T
        # integral of pi r² dz along the curve, exact for straight pieces
        pieces = (r[1:] ** 2 + r[1:] * r[:-1] + r[:-1] ** 2) / 3 * np.diff(z)
        return float(abs(np.pi * pieces.sum()) / 1000)

    @property
    def largest_radius_mm(self) -> float:
        """NaN if nothing is that cold."""
        return float(self.points_mm[:, 0].max()) if len(self.points_mm) else float("nan")

    def radius_at_mm(self, z_mm: float) -> float:
        """Largest radius at a height, NaN if the curve does not pass there."""
        r, z = self.points_mm.T if len(self.points_mm) else np.zeros((2, 0))
        crossing = np.flatnonzero((z[:-1] - z_mm) * (z[1:] - z_mm) <= 0)
        found = [np.interp(z_mm, *_rising(z[n : n + 2], r[n : n + 2])) for n in crossing]
        return float(max(found)) if found else float("nan")

    @property
    def ends_mm(self) -> tuple[float, float]:
        """Lowest and highest z, NaN if nothing is that cold."""
        if not len(self.points_mm):
            return float("nan"), float("nan")
        return float(self.points_mm[:, 1].min()), float(self.points_mm[:, 1].max())


def _rising(z: Array, r: Array) -> tuple[Array, Array]:
    return (z, r) if z[0] <= z[1] else (z[::-1], r[::-1])


def contour(r_m: Array, z_m: Array, temp_c: Array, isotherm_c: float, *, mirrored: bool) -> Contour:
    """The longest curve of an isotherm, linear between samples.

    Args:
        r_m: increasing radii of the samples, not negative.
        z_m: increasing heights of the samples, positive if mirrored.
        temp_c: shape (z, r), the probe filled with its own temperature.
        isotherm_c: its temperature.
        mirrored: whether z = 0 is a plane of symmetry.
    """
    r = np.concatenate([[0.0], r_m])
    field = np.concatenate([temp_c[:, :1], temp_c], axis=1)
    z = z_m
    if mirrored:
        z = np.concatenate([-z_m[::-1], z_m])
        field = np.concatenate([field[::-1], field])
    curves = find_contours(field, isotherm_c)  # type: ignore[no-untyped-call]  # scikit-image
    if not curves:
        return Contour(points_mm=np.zeros((0, 2)))
    rows, columns = max(curves, key=len).T
    points = np.stack([np.interp(columns, np.arange(len(r)), r), np.interp(rows, np.arange(len(z)), z)], axis=1)
    return Contour(points_mm=points * 1000)
