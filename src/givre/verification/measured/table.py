"""The packaged table of published measurements."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

Tag = Literal["V", "R", "D"]
"""Read in its source, recalled, derived from others."""

Use = Literal["calibration", "prediction", "plausibility", "not comparable"]
"""What is done with a measurement: a probe was fitted to it; it is predicted; it is held beside the model under
assumed conditions; nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One published number.

    Attributes:
        id: its key.
        study: which publication.
        probe, probes, spacing_mm, medium, medium_temp_c, protocol: conditions, as far as they are told.
        quantity: what was measured.
        isotherm_c: of which isotherm; NaN where none is meant.
        value, unit: the number.
        uncertainty: of it; NaN when not stated.
        uncertainty_is: what that is, or "not stated".
        n: experiments; 0 when not told.
        tag: how the number was obtained.
        use: what is done with it.
        source: citation.
        note: what a reader must know, and why it cannot be compared.
    """

    id: str
    study: str
    probe: str
    probes: str
    spacing_mm: str
    medium: str
    medium_temp_c: str
    protocol: str
    quantity: str
    isotherm_c: float
    value: float
    unit: str
    uncertainty: float
    uncertainty_is: str
    n: int
    tag: Tag
    use: Use
    source: str
    note: str


def load_measurements() -> dict[str, Measurement]:
    """Every published number by its key.

    >>> load_measurements()["H20"].uncertainty
    3.0
    """
    text = files("givre.verification.measured.data").joinpath("measurements.csv").read_text(encoding="utf-8")
    return {row["id"]: _measurement(row) for row in csv.DictReader(text.splitlines())}


def _measurement(row: dict[str, str]) -> Measurement:
    tags: dict[str, Tag] = {"V": "V", "R": "R", "D": "D"}
    uses: dict[str, Use] = {
        "calibration": "calibration",
        "prediction": "prediction",
        "plausibility": "plausibility",
        "not comparable": "not comparable",
    }
    words = ("id", "study", "probe", "probes", "spacing_mm", "medium", "medium_temp_c", "protocol", "quantity")
    return Measurement(
        **{name: row[name] for name in words},
        isotherm_c=_number(row["isotherm_c"]),
        value=float(row["value"]),
        unit=row["unit"],
        uncertainty=_number(row["uncertainty"]),
        uncertainty_is=row["uncertainty_is"],
        n=int(row["n"] or 0),
        tag=tags[row["tag"]],
        use=uses[row["use"]],
        source=row["source"],
        note=row["note"],
    )


def _number(text: str) -> float:
    return float(text) if text else math.nan
