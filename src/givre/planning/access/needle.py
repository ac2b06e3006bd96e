"""How long the shafts are that can be had, and which one is long enough for a path."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from givre.foundation.errors import InputError
from givre.foundation.quantity import Status
from givre.foundation.quantity_table import status_from

ANY_MODEL = "any"
"""Family whose shafts stand for models the table does not name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaft:
    """One shaft that can be had.

    Attributes:
        family: catalogue id of the cryoprobe, or "any".
        length_mm: from the handle to the tip.
        source: where the length comes from.
        status: how far to trust it.
        note: what a user must know.
    """

    family: str
    length_mm: float
    source: str
    status: Status
    note: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.length_mm) and 30 <= self.length_mm <= 500):
            raise InputError(f"shaft of {self.family}: {self.length_mm} mm; give 30 to 500 mm")


def load_shafts() -> tuple[Shaft, ...]:
    """The packaged lengths.

    >>> shafts_of("icesphere-1.5-cx", load_shafts())[0].length_mm
    175.0
    """
    text = files("givre.planning.data").joinpath("needles.csv").read_text(encoding="utf-8")
    return read_shafts(csv.DictReader(text.splitlines()))


def read_shafts(rows: Iterable[Mapping[str, str]]) -> tuple[Shaft, ...]:
    """Shafts from rows with columns family, shaft_mm, source, status, note.

    Raises:
        InputError: if a length does not parse or is impossible, or a source is missing.
    """
    found = []
    for row in rows:
        where = f"table of shafts, {row['family']}"
        if not row["source"].strip():
            raise InputError(f"{where}: no source; a number without a source is not used")
        try:
            length_mm = float(row["shaft_mm"])
        except ValueError as error:
            raise InputError(f"{where}: shaft_mm must be a number ({error})") from error
        found.append(
            Shaft(
                family=row["family"],
                length_mm=length_mm,
                source=row["source"],
                status=status_from(row["status"], where),
                note=row["note"] or "",
            )
        )
    return tuple(found)


def shafts_of(model: str, shafts: Iterable[Shaft]) -> tuple[Shaft, ...]:
    """The shafts of a model, shortest first; those of "any" for a model the table does not name.

    Raises:
        InputError: if there is none.
    """
    listed = tuple(shafts)
    own = [shaft for shaft in listed if shaft.family == model] or [s for s in listed if s.family == ANY_MODEL]
    if not own:
        raise InputError(f'no shaft length for "{model}"; add its row, or one of family "{ANY_MODEL}"')
    return tuple(sorted(own, key=lambda shaft: shaft.length_mm))


def long_enough(shafts: Iterable[Shaft], skin_to_tip_mm: float, *, grip_mm: float) -> Shaft | None:
    """The shortest shaft that leaves `grip_mm` outside the skin; None if there is none, or the length is not known."""
    return next((shaft for shaft in shafts if shaft.length_mm >= skin_to_tip_mm + grip_mm), None)
