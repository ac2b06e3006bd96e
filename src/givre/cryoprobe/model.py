"""What is known of one cryoprobe model, with how far to trust each number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from givre.cryoprobe.calibration_origin import CalibrationOrigin
from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity, Status

Cryogen = Literal["argon", "liquid_nitrogen"]

WEAKEST_LAST: tuple[Status, ...] = ("verified", "secondary", "derived", "recalled", "assumption")
"""Statuses from the most to the least trustworthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CryoprobeModel:
    """One model of cryoprobe, reduced to what the simulation needs.

    Attributes:
        id: key in the catalogue ("icesphere-1.5-cx").
        name: name on the screen.
        vendor: who makes it; "none" for a generic probe.
        cryogen: what cools it.
        diameter_mm: outer diameter.
        active_zone_mm: length that freezes.
        tip_offset_mm: from the tip to the near end of the active zone.
        diameter_status, active_zone_status, tip_offset_status: how each length was obtained.
        geometry_source: where the lengths come from.
        surface_temp_c: uniform surface temperature of the active zone at plateau [°C] that gives the right ice,
            warmer than the gas inside.
        contact_resistance_m2k_w: between that surface and the tissue [m²K/W].
        note: what a user must know before trusting it.
        calibration: the measurements its numbers were fitted to; None for a probe without calibration data.
    """

    id: str
    name: str
    vendor: str
    cryogen: Cryogen
    diameter_mm: float
    diameter_status: Status
    active_zone_mm: float
    active_zone_status: Status
    tip_offset_mm: float
    tip_offset_status: Status
    geometry_source: str
    surface_temp_c: Quantity
    contact_resistance_m2k_w: Quantity
    note: str
    calibration: CalibrationOrigin | None = None

    def __post_init__(self) -> None:
        if self.cryogen not in get_args(Cryogen):
            raise InputError(f'cryoprobe {self.id}: cryogen "{self.cryogen}"; use {", ".join(get_args(Cryogen))}')
        self._refuse_length("diameter", self.diameter_mm, 0.5, 6.0)
        self._refuse_length("active zone", self.active_zone_mm, 3.0, 80.0)
        self._refuse_length("tip offset", self.tip_offset_mm, 0.0, 20.0)
        if not (self.surface_temp_c.low >= -200 and self.surface_temp_c.high <= -20):
            raise InputError(
                f"cryoprobe {self.id}: surface temperature [{self.surface_temp_c.low}, {self.surface_temp_c.high}] °C; "
                "give values from -200 to -20 °C"
            )
        if not (self.contact_resistance_m2k_w.low >= 0 and self.contact_resistance_m2k_w.high <= 0.01):
            raise InputError(
                f"cryoprobe {self.id}: contact resistance [{self.contact_resistance_m2k_w.low}, "
                f"{self.contact_resistance_m2k_w.high}] m²K/W; give values from 0 to 0.01 m²K/W"
            )

    def _refuse_length(self, what: str, length_mm: float, low_mm: float, high_mm: float) -> None:
        if not (math.isfinite(length_mm) and low_mm <= length_mm <= high_mm):
            raise InputError(f"cryoprobe {self.id}: {what} {length_mm} mm; give {low_mm:g} to {high_mm:g} mm")

    @property
    def statuses(self) -> dict[str, Status]:
        """How each number was obtained, by its name in words."""
        return {
            "diameter": self.diameter_status,
            "active zone": self.active_zone_status,
            "tip offset": self.tip_offset_status,
            "surface temperature": self.surface_temp_c.status,
            "contact resistance": self.contact_resistance_m2k_w.status,
        }

    @property
    def status(self) -> Status:
        """The least trustworthy of all statuses."""
        return max(self.statuses.values(), key=WEAKEST_LAST.index)

    @property
    def unverified(self) -> dict[str, Status]:
        """The numbers that were not read in their source, to be shown wherever the probe is."""
        return {name: status for name, status in self.statuses.items() if status != "verified"}
