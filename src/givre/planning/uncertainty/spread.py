"""What is uncertain in a plan and by how much: one factor per cause, spread as the tables say."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity, Status
from givre.foundation.quantity_table import status_from

Array = npt.NDArray[np.float64]

RANGE_SCORE = 1.959963984540054
"""`low` and `high` of a table are taken as the 2.5 % and the 97.5 % quantile: so many standard scores from the value.
The tables call them a plausible range; the calibration of a probe makes them two standard errors wide."""

CUT_SCORE = 3.0
"""No factor goes farther than so many standard scores: beyond, a law says more than anybody knows."""

LARGEST_PLACEMENT_MM, LARGEST_DIRECTION_DEG, LARGEST_THRESHOLD_C, LARGEST_WIDTH = 20.0, 20.0, 30.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitLaw:
    """A quantity with its own spread on either side of its value, as a function of a standard score.

    The score follows the standard normal law, cut at +-`CUT_SCORE`. The value is the median; the score
    +-`RANGE_SCORE` gives `high` or `low`. A side whose bound has the sign of the value (and is not 0) is lognormal:
    it never changes sign. The other sides are normal, cut at `least` and `most`.

    Attributes:
        value, low, high: median and 2.5 % and 97.5 % quantiles.
        unit: of all numbers.
        least, most: what is possible.

    >>> SplitLaw(value=0.5, low=0.4, high=0.6, unit="W/mK").at(0.0)
    0.5
    >>> round(SplitLaw(value=0.5, low=0.4, high=0.6, unit="W/mK").at(RANGE_SCORE), 12)
    0.6
    >>> SplitLaw(value=80.0, low=0.0, high=250.0, unit="ml/min/kg", least=0.0).at(-3.0)
    0.0
    """

    value: float
    low: float
    high: float
    unit: str
    least: float = -math.inf
    most: float = math.inf

    def at(self, score: float) -> float:
        """The quantity at a standard score; exactly `value` at 0."""
        bound, share = (self.high if score > 0 else self.low), abs(score) / RANGE_SCORE
        if self.value > 0 and bound > 0:
            found = self.value * math.pow(bound / self.value, share)
        else:
            found = self.value + share * (bound - self.value)
        return min(max(found, self.least), self.most)

    @property
    def is_spread(self) -> bool:
        """Whether it is not the same at every score."""
        return self.low < self.value or self.value < self.high


def law_of(quantity: Quantity, *, width: float = 1.0, least: float = -math.inf, most: float = math.inf) -> SplitLaw:
    """The law of a tabulated quantity, its spread made `width` times as wide (in the logarithm where it is lognormal).

    >>> from givre.tissue.table import load_tissue_table
    >>> law_of(load_tissue_table()["muscle"].latent_mj_m3, width=0.0).is_spread
    False
    """
    plain = SplitLaw(
        value=quantity.value, low=quantity.low, high=quantity.high, unit=quantity.unit, least=least, most=most
    )
    if width == 1:
        return plain
    low, high = plain.at(-width * RANGE_SCORE), plain.at(width * RANGE_SCORE)
    return SplitLaw(value=quantity.value, low=low, high=high, unit=quantity.unit, least=least, most=most)


def normal_law(value: float, sigma: float, unit: str, *, least: float = -math.inf, most: float = math.inf) -> SplitLaw:
    """A normal law, for what may have either sign (but a positive value of a wide one stays positive, lognormal).

    >>> round(normal_law(0.0, 2.5, "mm").at(1.0), 12)
    2.5
    """
    reach = RANGE_SCORE * sigma
    return SplitLaw(value=value, low=value - reach, high=value + reach, unit=unit, least=least, most=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One uncertain input.

    Attributes:
        what: what varies ("conductivity_frozen_w_mk", "surface_temp_c", "along_mm", "lethal_temp_c" ...).
        group: what it belongs to: "bone", "lesion", "soft", "flow", a cryoprobe model, the label of a probe, "goal".
        law: its value in the unit a reader knows, of `shown_for`.
        shown_for: of which tissue, model or probe that value is; a factor of a group moves its other tissues along.
        source: where its spread comes from.
        status: how far to trust that.
    """

    what: str
    group: str
    law: SplitLaw
    shown_for: str
    source: str
    status: Status

    @property
    def name(self) -> str:
        """Unique name.

        >>> law = SplitLaw(value=0.0, low=-5.0, high=5.0, unit="mm")
        >>> Factor(what="along_mm", group="P1", law=law, shown_for="P1", source="x", status="derived").name
        'P1.along_mm'
        """
        return f"{self.group}.{self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadSettings:
    """How wide the inputs spread; every number may be 0.

    Attributes:
        along_sigma_mm, across_sigma_mm: standard deviation of the tip along the probe and in each direction across.
        direction_sigma_deg: standard deviation of the tilt of the probe about its tip, in each of two directions.
        threshold_sigma_c: standard deviation of the lethal temperature.
        tissue_width: factor on the spreads of the tissue tables (1: as tabulated, 0: none).
        probe_width: the same for the surface temperature of the cryoprobes.

    >>> SpreadSettings.none().along_sigma_mm
    0.0
    """

    along_sigma_mm: float
    across_sigma_mm: float
    direction_sigma_deg: float
    threshold_sigma_c: float
    tissue_width: float = 1.0
    probe_width: float = 1.0

    def __post_init__(self) -> None:
        for name, value, most, unit in (
            ("placement sigma along the probe", self.along_sigma_mm, LARGEST_PLACEMENT_MM, "mm"),
            ("placement sigma across the probe", self.across_sigma_mm, LARGEST_PLACEMENT_MM, "mm"),
            ("direction sigma", self.direction_sigma_deg, LARGEST_DIRECTION_DEG, "°"),
            ("threshold sigma", self.threshold_sigma_c, LARGEST_THRESHOLD_C, "°C"),
            ("width of the tissue spreads", self.tissue_width, LARGEST_WIDTH, "times the tables"),
            ("width of the cryoprobe spreads", self.probe_width, LARGEST_WIDTH, "times the tables"),
        ):
            if not 0 <= value <= most:  # NaN too
                raise InputError(f"{name}: {value:g} {unit}; give 0 to {most:g} {unit}")

    @classmethod
    def none(cls) -> SpreadSettings:
        """Nothing is uncertain."""
        return cls(
            along_sigma_mm=0.0,
            across_sigma_mm=0.0,
            direction_sigma_deg=0.0,
            threshold_sigma_c=0.0,
            tissue_width=0.0,
            probe_width=0.0,
        )

    def widened(self, width: float) -> SpreadSettings:
        """All spreads made `width` times as wide."""
        return SpreadSettings(
            along_sigma_mm=width * self.along_sigma_mm,
            across_sigma_mm=width * self.across_sigma_mm,
            direction_sigma_deg=width * self.direction_sigma_deg,
            threshold_sigma_c=width * self.threshold_sigma_c,
            tissue_width=width * self.tissue_width,
            probe_width=width * self.probe_width,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualSpread:
    """One row of the packaged table of spreads that are neither of a tissue nor of a cryoprobe.

    Attributes:
        value: standard deviation.
        unit: its unit.
        source: where it comes from.
        status: how far to trust it.
    """

    value: float
    unit: str
    source: str
    status: Status


@lru_cache(maxsize=1)
def usual_spreads() -> Mapping[str, UsualSpread]:
    """The packaged standard deviations of placement and threshold, with source and status.

    >>> usual_spreads()["along_sigma_mm"].value
    2.5
    """
    text = files("givre.planning.data").joinpath("spreads.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        where = f"table of spreads, {row['quantity']}"
        found[row["quantity"]] = UsualSpread(
            value=float(row["value"]),
            unit=row["unit"],
            source=row["source"],
            status=status_from(row["status"], where),
        )
    return found


def usual_settings() -> SpreadSettings:
    """The spreads of the tables."""
    usual = usual_spreads()
    return SpreadSettings(
        along_sigma_mm=usual["along_sigma_mm"].value,
        across_sigma_mm=usual["across_sigma_mm"].value,
        direction_sigma_deg=usual["direction_sigma_deg"].value,
        threshold_sigma_c=usual["threshold_sigma_c"].value,
    )
