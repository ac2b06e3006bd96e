"""Thermocouples: points whose temperature will be measured, and is simulated beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from givre.foundation.errors import InputError
from givre.geometry.grid import Point

POSITION_UNCERTAINTY_MM = 0.5
"""How far the junction may lie from the point that was read on the CT, 0.3 to 0.5 mm (assumption)."""

READING_UNCERTAINTY_C = 0.5
"""Of a type T thermocouple and its meter (assumption)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermocouple:
    """One thermocouple.

    Attributes:
        label: short name ("TC1").
        point_mm: LPS position of its junction.
        position_mm: standard uncertainty of that position.
        reading_c: standard uncertainty of what it reads.
    """

    label: str
    point_mm: Point
    position_mm: float = POSITION_UNCERTAINTY_MM
    reading_c: float = READING_UNCERTAINTY_C

    def __post_init__(self) -> None:
        if not np.isfinite(np.array(self.point_mm, dtype=float)).all():
            raise InputError(f"thermocouple {self.label}: its point is not finite; give LPS mm")
        for what, value, high, unit in (
            ("position", self.position_mm, 5.0, "mm"),
            ("reading", self.reading_c, 5.0, "°C"),
        ):
            if not (math.isfinite(value) and 0 <= value <= high):
                raise InputError(
                    f"thermocouple {self.label}: uncertainty of its {what} {value} {unit}; give 0 to {high:g} {unit}"
                )

    @property
    def key(self) -> str:
        """Its name among the points that a run follows.

        >>> Thermocouple(label="TC1", point_mm=(0.0, 0.0, 0.0)).key
        'thermocouple TC1'
        """
        return f"thermocouple {self.label}"

    def uncertainty_c(self, gradient_c_mm: float) -> float:
        """Standard uncertainty between a reading and a simulation without error [°C].

        Args:
            gradient_c_mm: how fast the temperature changes around the junction [°C/mm].
        """
        return math.hypot(self.reading_c, self.position_mm * gradient_c_mm)
