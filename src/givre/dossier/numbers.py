"""Numbers as people read them: the right comma, a unit, no digit the model cannot stand behind."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from givre.dossier.inputs import Lang
from givre.dossier.words import NARROW_NBSP, NBSP

_MONTHS_FR = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberStyle:
    """How one language writes numbers.

    >>> NumberStyle(lang="en").decimal(1234.56, 1)
    '1,234.6'
    """

    lang: Lang

    @property
    def missing(self) -> str:
        """Word for a figure that could not be computed."""
        return "non calculé" if self.lang == "fr" else "not computed"

    def decimal(self, value: float, places: int = 0) -> str:
        """A number with a fixed count of decimals; never a negative zero, never `nan`."""
        if not math.isfinite(value):
            return self.missing
        text = f"{value:,.{places}f}"
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        if self.lang == "fr":
            text = text.replace(",", NARROW_NBSP).replace(".", ",")
        return text.replace("-", "\u2212")

    def plain(self, value: float) -> str:
        """A number with the digits it was given with, six at most."""
        if not math.isfinite(value):
            return self.missing
        text = f"{value:.6g}"
        return (text.replace(".", ",") if self.lang == "fr" else text).replace("-", "\u2212")

    def with_unit(self, value: float, unit: str, places: int = 0) -> str:
        """A number and its unit on one line."""
        if not math.isfinite(value):
            return self.missing
        return f"{self.decimal(value, places)}{NBSP}{unit}"

    def distance(self, value_mm: float) -> str:
        """A simulated distance, rounded down to half a millimetre: finer would promise what no model keeps."""
        return self.with_unit(_floor_to(value_mm, 0.5), "mm", 1)

    def position(self, point_mm: Sequence[float]) -> str:
        """An LPS position; a planned point is exact to 0.1 mm."""
        if not all(math.isfinite(value) for value in point_mm):
            return self.missing
        separator = f"{NBSP}; " if self.lang == "fr" else ", "
        return separator.join(self.decimal(value, 1) for value in point_mm)

    def temperature(self, value_c: float) -> str:
        """A simulated temperature, rounded down to a whole degree: towards more cold."""
        return self.with_unit(_floor_to(value_c, 1.0), "°C")

    def volume(self, value_ml: float) -> str:
        """A volume with two or three figures."""
        return self.with_unit(value_ml, "mL", self._volume_places(value_ml))

    @staticmethod
    def _volume_places(value_ml: float) -> int:
        return 0 if value_ml >= 20 or value_ml == 0 else 1 if value_ml >= 0.95 else 2

    def percent(self, fraction: float) -> str:
        """A share rounded down to a whole percent, so that 99.8 % never reads as complete."""
        if not math.isfinite(fraction):
            return self.missing
        shown = self.decimal(_floor_to(fraction * 100.0, 1.0)) if not 0 < fraction < 0.01 else f"<{NBSP}1"
        return f"{shown}{NBSP}%" if self.lang == "fr" else f"{shown}%"

    def duration(self, seconds: float) -> str:
        """A duration in minutes, or in seconds below two minutes."""
        if not math.isfinite(seconds):
            return self.missing
        if seconds < 120:
            return self.with_unit(seconds, "s")
        minutes = seconds / 60.0
        return self.with_unit(minutes, "min", 0 if abs(minutes - round(minutes)) < 0.05 else 1)

    def date(self, iso: str) -> str:
        """A day in words."""
        year, month, day = (int(part) for part in iso.split("-"))
        if self.lang == "fr":
            return f"{'1er' if day == 1 else day}{NBSP}{_MONTHS_FR[month - 1]} {year}"
        return f"{day}{NBSP}{_MONTHS_EN[month - 1]} {year}"

    def plus_minus(self, value: float, half_width: float, unit: str, *, step: float | None = None) -> str:
        """The error bar of a figure, rounded up, and wide enough for the rounding of the figure itself.

        Empty when there is no bar. Unit "1" (a share), "mm", "degC" or "mL"; `step` to which the figure is rounded
        down, if not that of its unit.

        >>> NumberStyle(lang="en").plus_minus(2.9, 0.33, "mm").replace(NBSP, " ")
        '± 0.8 mm'
        """
        if not (math.isfinite(value) and math.isfinite(half_width)):
            return ""
        if unit == "mL":
            places = self._volume_places(value)
            last = 10.0**-places
            return f"±{NBSP}{self.with_unit(max(_ceil_to(half_width + last / 2, last), last), 'mL', places)}"
        scale, sign, usual_step = _SCALES.get(unit, (1.0, unit, 1.0))
        rounded_off = value * scale - _floor_to(value * scale, step or usual_step)
        shown_step = 0.1 if unit == "mm" else 1.0
        shown = max(_ceil_to(half_width * scale + max(rounded_off, 0.0), shown_step), shown_step)
        spaced = "" if sign == "%" and self.lang == "en" else NBSP
        return f"±{NBSP}{self.decimal(shown, 1 if unit == 'mm' else 0)}{spaced}{sign}"

    def against(self, value: float, limit: float, unit: str) -> tuple[str, str]:
        """A figure found and the figure wanted, in a verdict; unit "1" (a share), "mm" or "degC".

        The figure found is rounded down. When rounding alone would put both on the wrong sides of each other,
        it gets decimals until it does not.

        >>> NumberStyle(lang="en").against(0.998, 1.0, "1")
        ('99%', '100%')
        """
        scale, sign, first_step = _SCALES.get(unit, (1.0, unit, 1.0))
        spaced = "" if (sign == "%" and self.lang == "en") or not sign else NBSP
        wanted = f"{self.plain(limit * scale)}{spaced}{sign}" if math.isfinite(limit) else self.missing
        if not math.isfinite(value):
            return self.missing, wanted
        shown, step = _tellable(value * scale, limit * scale, first_step)
        places = max(0, math.ceil(-math.log10(step) - 1e-9))
        return f"{self.decimal(shown, places)}{spaced}{sign}", wanted


_SCALES = {"1": (100.0, "%", 1.0), "mm": (1.0, "mm", 0.5), "degC": (1.0, "°C", 1.0)}
"""For each unit of a verdict: scale shown, sign, coarsest step."""


def _tellable(value: float, limit: float, step: float) -> tuple[float, float]:
    """The value rounded down, and the coarsest step at which it stays on its side of the limit."""
    for finer in (step, 0.1):
        shown = _floor_to(value, finer)
        if (shown >= limit) == (value >= limit):
            return shown, finer
    return _floor_to(value, 0.01), 0.01


def _ceil_to(value: float, step: float) -> float:
    return math.ceil(value / step - 1e-6) * step


def _floor_to(value: float, step: float) -> float:
    if not math.isfinite(value):
        return value
    return math.floor(value / step + 1e-6) * step
