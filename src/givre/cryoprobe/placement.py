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
        power: share of its cooling, 0.1 to 1: the plateau lies that far between body temperature and that of the
            model. No measurement of a probe at part power stands behind this straight line (assumption).
        surface_temp_c: plateau of its surface in place of that of the model; None keeps the model's.
        freezes: in how many freezes of the protocol it takes part, from the first; None is all.
    """

    label: str
    model: str
    entry_mm: Point
    target_mm: Point
    start_s: float = 0.0
    power: float = 1.0
    surface_temp_c: float | None = None
    freezes: int | None = None

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

        if not 0.1 <= self.power <= 1:
            raise InvalidPlacement(f"probe {self.label} at power {self.power}; give 0.1 to 1, 1 being full power")
        if self.surface_temp_c is not None and not -200 <= self.surface_temp_c <= -20:
            raise InvalidPlacement(f"probe {self.label}: surface at {self.surface_temp_c} °C; give -200 to -20 °C")
        if self.surface_temp_c is not None and self.power != 1:
            raise InvalidPlacement(
                f"probe {self.label}: power {self.power} and surface_temp_c {self.surface_temp_c} °C are both given; "
                "give one of them"
            )
        if self.freezes is not None and not 1 <= self.freezes <= 20:
            raise InvalidPlacement(f"probe {self.label} takes part in {self.freezes} freezes; give 1 to 20")

    def plateau_c(self, model_c: float, *, body_temp_c: float) -> float:
        """Plateau of its surface [°C], from that of its model.

        >>> Placement(label="P1", model="m", entry_mm=(0, 0, 0), target_mm=(0, 0, 50), power=0.5).plateau_c(
        ...     -103.0, body_temp_c=37.0
        ... )
        -33.0
        """
        if self.surface_temp_c is not None:
            return self.surface_temp_c
        return model_c if self.power == 1 else body_temp_c + self.power * (model_c - body_temp_c)

    @property
    def depth_mm(self) -> float:
        """Distance from entry to tip [mm]."""
        return float(np.linalg.norm(np.subtract(self.target_mm, self.entry_mm)))
