"""How much more than its goals a plan is aimed at: what the error of the solver may take away again."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files

from givre.foundation.errors import InputError, PlanError
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from

RESERVE_FILE = "plan_reserve.csv"
MOST_TEMP_C, MOST_MARGIN_MM = 20.0, 5.0
"""Larger reserves are a mistake of units or a goal of its own."""


class ReserveRefused(PlanError):
    """A reserve that makes no sense."""

    code = "RESERVE_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Beyond the goals; plans that reach these and not their reserve are shown and labelled.

    Attributes:
        temp_c: degrees that each organ at risk stays above its limit.
        margin_mm: millimetres by which the lethal zone may be smaller all around and still cover as much as is asked.

    >>> Reserve(temp_c=3.0, margin_mm=0.6).is_none
    False
    """

    temp_c: float
    margin_mm: float

    def __post_init__(self) -> None:
        for what, value, most, unit in (
            ("temperature", self.temp_c, MOST_TEMP_C, "°C"),
            ("margin", self.margin_mm, MOST_MARGIN_MM, "mm"),
        ):
            if not 0.0 <= value <= most:  # NaN is refused too
                raise ReserveRefused(f"{what} reserve {value} {unit}; give 0 to {most:g} {unit}")

    @property
    def is_none(self) -> bool:
        """Whether nothing beyond the goals is asked for."""
        return self.temp_c == 0.0 and self.margin_mm == 0.0


NO_RESERVE = Reserve(temp_c=0.0, margin_mm=0.0)


@lru_cache(maxsize=1)
def usual_reserve() -> Reserve:
    """The packaged reserve: the error bars of the solver at the usual voxel size.

    >>> usual_reserve().temp_c
    3.0
    """
    return Reserve(**{name: quantity.value for name, quantity in load_reserve_quantities().items()})


def reserve_with(*, temp_c: float | None, margin_mm: float | None) -> Reserve:
    """The packaged reserve, with what was asked for instead.

    Raises:
        ReserveRefused: if a number makes no sense.
    """
    usual = usual_reserve()
    return Reserve(
        temp_c=usual.temp_c if temp_c is None else temp_c,
        margin_mm=usual.margin_mm if margin_mm is None else margin_mm,
    )


def load_reserve_quantities() -> Mapping[str, Quantity]:
    """The packaged reserve with range, source and status.

    Raises:
        InputError: if a number is missing, repeated, unknown or not finite.
    """
    text = files("givre.planning.data").joinpath(RESERVE_FILE).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names, wanted = [row["name"] for row in rows], [field.name for field in fields(Reserve)]
    if sorted(names) != sorted(wanted):
        raise InputError(f"table of reserves holds {names}; it must hold each of {wanted} once")
    found = {row["name"]: quantity_from(row, where=f"table of reserves, {row['name']}") for row in rows}
    if not all(math.isfinite(quantity.value) for quantity in found.values()):
        raise InputError("table of reserves holds a value that is not finite; correct it")
    return found
