"""Where a cryoprobe enters the skin and where its tip lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from givre.foundation.errors import InvalidPlacement
from givre.geometry.grid import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One cryoprobe in the patient.

    Attributes:
        label: short name shown on every view ("P1").
        model: catalogue id of the cryoprobe.
        entry_mm: LPS point where the shaft enters the skin (or the image).
        target_mm: LPS position of the tip.
        start_s: when this probe starts its protocol.
    """

    label: str
    model: str
    entry_mm: Point
    target_mm: Point
    start_s: float = 0.0

    def __post_init__(self) -> None:
        numbers = np.array([*self.entry_mm, *self.target_mm, self.start_s], dtype=float)
        if not np.isfinite(numbers).all():
            raise InvalidPlacement(
                f"probe {self.label}: entry, target or start is not finite; give numbers in mm and s"
            )
        if self.start_s < 0:
            raise InvalidPlacement(f"probe {self.label} starts at {self.start_s} s; give 0 s or later")
        if self.depth_mm < 5.0:
            raise InvalidPlacement(
                f"probe {self.label}: entry and target are {self.depth_mm:.1f} mm apart; a path needs at least 5 mm"
            )

    @property
    def depth_mm(self) -> float:
        """Distance from entry to tip [mm]."""
        return float(np.linalg.norm(np.subtract(self.target_mm, self.entry_mm)))
