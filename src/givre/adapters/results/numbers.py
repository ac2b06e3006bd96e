"""Numbers on their way to a document: finite, or null with the reason beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

Json = dict[str, object]
BECAUSE = "null_because"
"""Key that says, for each null of the same object, why there is no number."""


def with_reasons(values: Mapping[str, object], *, why: Mapping[str, str] | str) -> Json:
    """The values with every number that is not finite replaced by null and a reason.

    Args:
        values: one object of the document; lists of numbers are checked too.
        why: the reason for each key, or one for all.

    >>> with_reasons({"margin_mm": float("nan"), "volume_ml": 2.0}, why="no lethal zone")
    {'margin_mm': None, 'volume_ml': 2.0, 'null_because': {'margin_mm': 'no lethal zone'}}
    """
    checked: Json = {}
    reasons: dict[str, str] = {}
    for key, value in values.items():
        if _is_finite(value):
            checked[key] = value
        else:
            checked[key] = None
            reasons[key] = why if isinstance(why, str) else why.get(key, "the computation gave no number")
    if reasons:
        checked[BECAUSE] = reasons
    return checked


def plain(value: float) -> float:
    """A number short enough to read, exact to 7 digits; NaN and infinity unchanged.

    >>> plain(-19.99999999999)
    -20.0
    """
    number = float(value)
    return float(f"{number:.7g}") if math.isfinite(number) else number


def temperature_name(temp_c: float) -> str:
    """A temperature as part of a file or column name.

    >>> temperature_name(-20.0), temperature_name(0.0), temperature_name(-2.5)
    ('minus_20_c', '0_c', 'minus_2_5_c')
    """
    size = f"{abs(temp_c):g}".replace(".", "_")
    return f"minus_{size}_c" if temp_c < 0 else f"{size}_c"


def _is_finite(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return all(_is_finite(item) for item in value)
    return True
