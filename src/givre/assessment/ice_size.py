"""How large the ice-ball is along and across the cryoprobes, as one measures it on an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.geometry.surface import TriangleSurface

Array = npt.NDArray[np.float64]

TURNS = 36
"""Directions across the probes that are tried, 5 degrees apart: the widest is missed by at most 0.1 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IceSize:
    """The size of the ice-ball (coldest <= 0 °C); NaN where there is no ice or nothing is known.

    Attributes:
        equivalent_radius_mm: of the sphere of the same volume.
        along_mm: its length along the mean direction of the probes.
        widest_mm: its largest width across that direction.
        narrowest_mm: its smallest width across that direction.
    """

    equivalent_radius_mm: float
    along_mm: float
    widest_mm: float
    narrowest_mm: float


def ice_size(surface: TriangleSurface, directions: Sequence[npt.ArrayLike]) -> IceSize:
    """The size inside a closed surface.

    Args:
        surface: edge of the ice, LPS mm.
        directions: LPS direction of each probe, of any length and sense.
    """
    if surface.is_empty:
        return IceSize(equivalent_radius_mm=math.nan, along_mm=math.nan, widest_mm=math.nan, narrowest_mm=math.nan)
    along = mean_direction(directions)
    widths_mm = np.ptp(surface.points_mm @ _across(along).T, axis=0)
    return IceSize(
        equivalent_radius_mm=float((3.0 * surface.volume_mm3 / (4.0 * math.pi)) ** (1.0 / 3.0)),
        along_mm=float(np.ptp(surface.points_mm @ along)),
        widest_mm=float(widths_mm.max()),
        narrowest_mm=float(widths_mm.min()),
    )


def mean_direction(directions: Sequence[npt.ArrayLike]) -> Array:
    """Unit vector that all directions follow best, whichever way each of them points, shape (3,).

    >>> np.abs(mean_direction([(0.0, 0.0, 2.0), (0.0, 0.0, -1.0)])).tolist()
    [0.0, 0.0, 1.0]
    """
    rows = np.array([np.asarray(direction, dtype=float) / np.linalg.norm(direction) for direction in directions])
    return np.asarray(np.linalg.svd(rows)[2][0])


def _across(along: Array) -> Array:
    """Unit vectors all around a direction, half a turn of them, shape (TURNS, 3)."""
    first = np.cross(along, np.eye(3)[int(np.argmin(np.abs(along)))])
    first /= np.linalg.norm(first)
    second = np.cross(along, first)
    angle = np.arange(TURNS)[:, None] * np.pi / TURNS
    return np.asarray(np.cos(angle) * first + np.sin(angle) * second)
