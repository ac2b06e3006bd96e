"""Straight segments in patient space: trajectories and active zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InvalidGeometry
from givre.geometry.grid import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The straight line from `start_mm` to `end_mm`, LPS.

    >>> Segment(start_mm=(0.0, 0.0, 0.0), end_mm=(0.0, 3.0, 4.0)).length_mm
    5.0
    """

    start_mm: Point
    end_mm: Point

    def __post_init__(self) -> None:
        if not np.isfinite([*self.start_mm, *self.end_mm]).all():
            raise InvalidGeometry(f"segment {self.start_mm} to {self.end_mm} mm holds a value that is not finite")
        if self.length_mm <= 0:
            raise InvalidGeometry(f"segment starts and ends at {self.start_mm} mm; give two different points")

    @property
    def length_mm(self) -> float:
        """Length [mm]."""
        return float(np.linalg.norm(np.subtract(self.end_mm, self.start_mm)))

    @property
    def direction(self) -> npt.NDArray[np.float64]:
        """Unit vector from start to end."""
        return np.subtract(self.end_mm, self.start_mm) / self.length_mm

    def point_mm(self, distance_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Points at given distances from the start [mm], shape (..., 3)."""
        return np.array(self.start_mm) + np.asarray(distance_mm, dtype=float)[..., None] * self.direction

    def distance_mm(self, points_mm: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Distance of each point, shape (..., 3), to the nearest point of the segment [mm]."""
        offset = np.asarray(points_mm, dtype=float) - np.array(self.start_mm)
        along = np.clip(offset @ self.direction, 0.0, self.length_mm)
        return np.asarray(np.linalg.norm(offset - along[..., None] * self.direction, axis=-1))
