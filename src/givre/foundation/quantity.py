"""A number that says its unit, its spread, where it comes from and how far to trust it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from givre.foundation.errors import InputError

Status = Literal["verified", "secondary", "recalled", "derived", "assumption"]
"""How a number was obtained: read in its source, read in a secondary source, recalled from the
literature, computed from others, or assumed. Everything but `verified` is shown as unverified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One sourced value with a plausible range [low, high].

    >>> Quantity(value=0.32, low=0.3, high=0.8, unit="W/mK", source="IT'IS", status="verified").unit
    'W/mK'
    """

    value: float
    low: float
    high: float
    unit: str
    source: str
    status: Status

    def __post_init__(self) -> None:
        if not all(math.isfinite(number) for number in (self.value, self.low, self.high)):
            raise InputError(f"{self.source}: {self.value} [{self.low}, {self.high}] {self.unit} is not finite")
        if not self.low <= self.value <= self.high:
            raise InputError(
                f"{self.source}: {self.value} {self.unit} lies outside its own range "
                f"[{self.low}, {self.high}]; correct the table"
            )

    @property
    def is_verified(self) -> bool:
        """Whether the value was read in its source."""
        return self.status == "verified"
