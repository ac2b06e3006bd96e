"""A table of measured isotherms: what each row says, read strictly from the lines of a CSV file."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from givre.calibration.errors import BadMeasuredTable
from givre.calibration.media import find_medium

COLUMNS = (
    "medium", "medium_temp_c", "probes", "spacing_mm", "time_min", "isotherm_c", "diameter_mm", "length_mm",
    "uncertainty_mm", "source",
)  # fmt: skip
"""Columns of a measured table; others may stand beside them and are not read."""

MOST_PROBES = 4
LONGEST_MIN = 60.0
LARGEST_MM = 200.0

Side = Literal["diameter", "length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """One experiment: what is frozen, by how many probes, for how long.

    Attributes:
        medium: key of the medium.
        medium_temp_c: its temperature before the freeze, and far away.
        probes: how many, parallel, side by side: one; a pair; an equilateral triangle; a square.
        spacing_mm: between neighbours; 0 for one probe.
        time_s: length of the one freeze, at the end of which sizes are taken.
    """

    medium: str
    medium_temp_c: float
    probes: int
    spacing_mm: float
    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSize:
    """One measured number.

    Attributes:
        line: line of the file it comes from.
        arrangement: the experiment.
        isotherm_c: of which isotherm.
        side: across the probes or along them.
        size_mm: the number.
        uncertainty_mm: one standard deviation; NaN when the source does not state it.
        source: where it comes from.
    """

    line: int
    arrangement: Arrangement
    isotherm_c: float
    side: Side
    size_mm: float
    uncertainty_mm: float
    source: str


def read_measured(lines: Iterable[str], *, name: str) -> tuple[MeasuredSize, ...]:
    """The sizes of a CSV file with the columns of `COLUMNS`.

    `diameter_mm` is the largest diameter across the probes half-way along their active zones, `length_mm` the
    extent along them; one of both may be empty. `spacing_mm` is empty for one probe, `uncertainty_mm` where the
    source states none.

    Raises:
        BadMeasuredTable: naming the line, what it holds and what would be right.
        UnknownMedium: for a medium without known properties.
    """
    reader = csv.DictReader(lines)
    _refuse_header(reader.fieldnames or (), name)
    sizes: list[MeasuredSize] = []
    for row in reader:
        where = f"{name}, line {reader.line_num}"
        if None in row:
            raise BadMeasuredTable(
                f"{where} has more cells than the header; a decimal comma splits a cell: write 33.3, not 33,3"
            )
        if not any((cell or "").strip() for cell in row.values()):
            continue
        sizes += _sizes({key: (row[key] or "").strip() for key in COLUMNS}, reader.line_num, where)
    if not sizes:
        raise BadMeasuredTable(f"{name} holds no measured size; add a row below the header")
    _refuse_crossed(sizes, name)
    return tuple(sizes)


def _refuse_header(found: Iterable[str], name: str) -> None:
    missing = [column for column in COLUMNS if column not in found]
    if missing and any(";" in (column or "") for column in found):
        raise BadMeasuredTable(f"{name}: cells are separated by semicolons; save it with commas and decimal points")
    if missing:
        raise BadMeasuredTable(f"{name}: columns missing: {', '.join(missing)}; the header is {','.join(COLUMNS)}")


def _sizes(cell: Mapping[str, str], line: int, where: str) -> list[MeasuredSize]:
    if not cell["source"]:
        raise BadMeasuredTable(f"{where}: no source; say where the row was measured or printed")
    arrangement = _arrangement(cell, where)
    isotherm_c = _number(cell, "isotherm_c", where)
    if not isotherm_c < arrangement.medium_temp_c:
        raise BadMeasuredTable(
            f"{where}: an isotherm of {isotherm_c:g} °C in a medium at {arrangement.medium_temp_c:g} °C; "
            "an isotherm is colder than its medium"
        )
    if isotherm_c < -190:
        raise BadMeasuredTable(f"{where}: isotherm_c is {isotherm_c:g} °C; give -190 °C or warmer")
    uncertainty_mm = math.nan
    if cell["uncertainty_mm"]:
        uncertainty_mm = _within(cell, "uncertainty_mm", where, (0.01, 50.0), "mm; leave it empty where none is stated")
    sides: tuple[Side, ...] = ("diameter", "length")
    given = [side for side in sides if cell[f"{side}_mm"]]
    if not given:
        raise BadMeasuredTable(f"{where}: neither diameter_mm nor length_mm; give at least one")
    return [
        MeasuredSize(
            line=line,
            arrangement=arrangement,
            isotherm_c=isotherm_c,
            side=side,
            size_mm=_within(cell, f"{side}_mm", where, (1.0, LARGEST_MM), "mm"),
            uncertainty_mm=uncertainty_mm,
            source=cell["source"],
        )
        for side in given
    ]


def _arrangement(cell: Mapping[str, str], where: str) -> Arrangement:
    find_medium(cell["medium"], where=where)
    probes = _within(cell, "probes", where, (1, MOST_PROBES), "probes")
    if probes != int(probes):
        raise BadMeasuredTable(f"{where}: probes is {probes:g}; give a whole number")
    spacing_mm = 0.0
    if probes > 1:
        if not cell["spacing_mm"]:
            raise BadMeasuredTable(f"{where}: spacing_mm is empty; {probes:g} probes need the distance between them")
        spacing_mm = _within(cell, "spacing_mm", where, (3.0, 60.0), "mm between neighbours")
    return Arrangement(
        medium=cell["medium"],
        medium_temp_c=_within(cell, "medium_temp_c", where, (0.5, 45.0), "°C"),
        probes=int(probes),
        spacing_mm=spacing_mm,
        time_s=60.0 * _within(cell, "time_min", where, (0.5, LONGEST_MIN), "min"),
    )


def _within(cell: Mapping[str, str], column: str, where: str, span: tuple[float, float], unit: str) -> float:
    value, (low, high) = _number(cell, column, where), span
    if not low <= value <= high:
        raise BadMeasuredTable(f"{where}: {column} is {value:g}; give {low:g} to {high:g} {unit}")
    return value


def _number(cell: Mapping[str, str], column: str, where: str) -> float:
    text = cell[column]
    if not text:
        raise BadMeasuredTable(f"{where}: {column} is empty; give a number")
    if "," in text:
        raise BadMeasuredTable(f'{where}: {column} is "{text}"; use a decimal point, not a comma')
    try:
        value = float(text)
    except ValueError as error:
        raise BadMeasuredTable(f'{where}: {column} is "{text}"; give a number with a decimal point') from error
    if not math.isfinite(value):
        raise BadMeasuredTable(f"{where}: {column} is {text}; give a finite number, or leave the row out")
    return value


def _refuse_crossed(sizes: list[MeasuredSize], name: str) -> None:
    """A colder isotherm lies inside a warmer one of the same experiment."""
    for one in sizes:
        for other in sizes:
            same = (one.arrangement, one.side, one.source) == (other.arrangement, other.side, other.source)
            if same and one.isotherm_c < other.isotherm_c and one.size_mm > other.size_mm:
                raise BadMeasuredTable(
                    f"{name}, line {one.line}: the {one.isotherm_c:g} °C isotherm ({one.side} {one.size_mm:g} mm) is "
                    f"larger than that of {other.isotherm_c:g} °C (line {other.line}, {other.size_mm:g} mm); "
                    "exchange or correct them"
                )
