"""Quantities from the rows of a table: the columns value, low, high, unit, source and status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity, Status


def quantity_from(row: Mapping[str, str], *, where: str) -> Quantity:
    """A quantity from the columns value, low, high, unit, source and status.

    Raises:
        InputError: if a number does not parse, or the source or status is missing.
    """
    if not row["source"].strip():
        raise InputError(f"{where}: no source; a number without a source is not used")
    try:
        value, low, high = (float(row[column]) for column in ("value", "low", "high"))
    except ValueError as error:
        raise InputError(f"{where}: value, low and high must be numbers ({error})") from error
    return Quantity(
        value=value,
        low=low,
        high=high,
        unit=row["unit"],
        source=row["source"],
        status=status_from(row["status"], where),
    )


def status_from(text: str, where: str) -> Status:
    """The status a table cell names.

    Raises:
        InputError: if it is none of the known words.
    """
    known: tuple[Status, ...] = get_args(Status)
    for status in known:
        if text == status:
            return status
    raise InputError(f'{where}: status "{text}" is unknown; use one of {", ".join(known)}')
