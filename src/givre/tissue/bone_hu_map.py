"""Thermal properties of bone from the Hounsfield unit, voxel by voxel.

CT number gives density, density gives the volume fractions of cortical bone and marrow, and these mix the
properties of the two. Between the rows of the packaged table everything is linear in HU, beyond them constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity, Status
from givre.foundation.quantity_table import status_from
from givre.tissue.table import PROPERTY_UNITS, packaged_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeSpread:
    """How far a property of bone may lie from the map.

    Attributes:
        low: least value over mapped value.
        high: greatest value over mapped value.
        source: where the spread comes from.
        status: how far to trust it.
    """

    low: float
    high: float
    source: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoneHuMap:
    """Properties of bone and marrow against HU, n rows.

    Attributes:
        hu: increasing, shape (n,).
        columns: one array of shape (n,) for each property of the tissue table.
        sources: where each row comes from, n texts; all are derived.
        spread: relative spread of each property.
    """

    hu: npt.NDArray[np.float64]
    columns: Mapping[str, npt.NDArray[np.float64]]
    sources: tuple[str, ...]
    spread: Mapping[str, RelativeSpread]

    def value(self, name: str, hu: float) -> float:
        """One property at one HU, linear between rows, constant beyond the first and last."""
        return float(np.interp(hu, self.hu, self.columns[name]))

    def quantity(self, name: str, hu: float) -> Quantity:
        """One property at one HU with its spread and source."""
        value, spread = self.value(name, hu), self.spread[name]
        nearest = int(np.abs(self.hu - hu).argmin())
        return Quantity(
            value=value,
            low=value * spread.low,
            high=value * spread.high,
            unit=PROPERTY_UNITS[name],
            source=self.sources[nearest],
            status="derived",
        )


def load_bone_hu_map() -> BoneHuMap:
    """The packaged map of bone properties.

    >>> round(load_bone_hu_map().value("density_kg_m3", 400.0))
    1254
    """
    return bone_hu_map(packaged_rows("bone_hu_map.csv"), packaged_rows("bone_hu_spread.csv"))


def bone_hu_map(rows: Iterable[Mapping[str, str]], spread_rows: Iterable[Mapping[str, str]]) -> BoneHuMap:
    """Build the map from its two tables.

    Raises:
        InputError: if HU does not increase, a property or a spread is missing, or a number does not parse.
    """
    listed = list(rows)
    try:
        hu = np.array([float(row["hu"]) for row in listed])
        columns = {name: np.array([float(row[name]) for row in listed]) for name in PROPERTY_UNITS}
        spread = {row["property"]: _spread(row) for row in spread_rows}
    except (KeyError, ValueError) as error:
        raise InputError(f"bone HU map: a column is missing or not a number ({error}); correct the table") from error
    if len(hu) < 2 or not (np.diff(hu) > 0).all():
        raise InputError("bone HU map: HU must increase from row to row; sort the table")
    if not all(np.isfinite(column).all() and (column >= 0).all() for column in columns.values()):
        raise InputError("bone HU map: a property is negative or not finite; correct the table")
    missing = [name for name in PROPERTY_UNITS if name not in spread]
    if missing:
        raise InputError(f"bone HU map: no spread for {', '.join(missing)}; add the rows")
    if any(row["status"] != "derived" or not row["source"] for row in listed):
        raise InputError("bone HU map: every row needs a source and the status derived")
    return BoneHuMap(hu=hu, columns=columns, sources=tuple(row["source"] for row in listed), spread=spread)


def _spread(row: Mapping[str, str]) -> RelativeSpread:
    low, high = float(row["low_factor"]), float(row["high_factor"])
    if not 0 < low <= 1 <= high:
        raise InputError(f"bone HU map: spread of {row['property']} is [{low}, {high}]; it must hold 1")
    where = f"bone HU map, spread of {row['property']}"
    return RelativeSpread(low=low, high=high, source=row["source"], status=status_from(row["status"], where))
