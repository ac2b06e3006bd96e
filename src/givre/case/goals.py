"""What the treatment must reach and what it must spare; every threshold is the user's choice, with its source."""

from __future__ import annotations

import math
from dataclasses import dataclass

from givre.foundation.errors import InputError
from givre.foundation.quantity import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Goals:
    """What counts as a covered tumour.

    Attributes:
        lethal_temp_c: voxels that have been at or below count as killed.
        margin_mm: wanted distance from the tumour surface to the edge of the lethal zone.
        coverage: wanted fraction of the tumour inside the lethal zone, 0 to 1.
        hold_s: least time at or below `lethal_temp_c`, all freezes added.
        freezes: least number of freezes that reached `lethal_temp_c`.
        source: where the thresholds come from.
        status: how far to trust that source.
    """

    lethal_temp_c: float
    margin_mm: float
    coverage: float
    hold_s: float = 0.0
    freezes: int = 1
    source: str
    status: Status

    def __post_init__(self) -> None:
        if not -150 <= self.lethal_temp_c <= 0:
            raise InputError(f"lethal temperature {self.lethal_temp_c} °C; give a value from -150 to 0 °C")
        if not 0 <= self.margin_mm <= 50:
            raise InputError(f"margin {self.margin_mm} mm; give a value from 0 to 50 mm")
        if not 0 < self.coverage <= 1:
            raise InputError(f"coverage {self.coverage}; give a fraction above 0 and up to 1")
        if not (math.isfinite(self.hold_s) and self.hold_s >= 0):
            raise InputError(f"hold {self.hold_s} s; give 0 s or more")
        if self.freezes < 1:
            raise InputError(f"{self.freezes} freezes; give 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganAtRisk:
    """A structure to spare.

    Attributes:
        structure: name of its mask.
        limit_temp_c: must stay above this temperature.
        alarm_temp_c: worth a warning at or below this temperature.
        source: where the limits come from.
        status: how far to trust that source.
    """

    structure: str
    limit_temp_c: float
    alarm_temp_c: float
    source: str
    status: Status

    def __post_init__(self) -> None:
        if not (-100 <= self.limit_temp_c <= 37 and -100 <= self.alarm_temp_c <= 37):
            raise InputError(
                f"organ at risk {self.structure}: limit {self.limit_temp_c} °C, alarm {self.alarm_temp_c} °C; "
                "give values from -100 to 37 °C"
            )
        if self.alarm_temp_c < self.limit_temp_c:
            raise InputError(
                f"organ at risk {self.structure}: the alarm ({self.alarm_temp_c} °C) lies below the limit "
                f"({self.limit_temp_c} °C); it must come before it"
            )
