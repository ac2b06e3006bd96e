"""Read entry and tip of placed probes from a CSV table, strictly: every refusal with its line."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from givre.foundation.errors import InputError, UnreadableFile
from givre.geometry.grid import Point
from givre.planning.replan.placed import PlacedProbe

COLUMNS = ("label", "entry_x_mm", "entry_y_mm", "entry_z_mm", "tip_x_mm", "tip_y_mm", "tip_z_mm")
"""Columns that must be there; others are left alone, so that a table of ways of access can be used."""

_LARGEST_BYTES = 256 * 1024
_MOST_ROWS = 200


class InvalidPlacedTable(InputError):
    """A table of placed probes that cannot be read."""

    code = "PLACED_TABLE"


def read_placed_table(path: Path) -> tuple[PlacedProbe, ...]:
    """The placed probes of a table, in its order.

    Args:
        path: CSV with the columns `COLUMNS`, LPS mm; commas, or semicolons with decimal commas.

    Raises:
        UnreadableFile: if it cannot be read.
        InvalidPlacedTable: with its line, when something is missing or is no number.
    """
    text = _text_of(path)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    header = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in COLUMNS if header.count(name) != 1]
    if missing:
        raise InvalidPlacedTable(
            f"{path.name}: column {', '.join(missing)} missing or repeated; the header must hold {','.join(COLUMNS)}"
        )
    numbered = [(line, row) for line, row in enumerate(rows[1:], start=2) if any(cell.strip() for cell in row)]
    if not numbered:
        raise InvalidPlacedTable(f"{path.name} holds no probe; give one line for each")
    if len(numbered) > _MOST_ROWS:
        raise InvalidPlacedTable(f"{path.name} holds {len(numbered)} lines; at most {_MOST_ROWS} are read")
    return tuple(_probe(path, line, header, row, decimal_comma=delimiter == ";") for line, row in numbered)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InvalidPlacedTable(f"{path.name} is larger than {_LARGEST_BYTES // 1024} kB; give a table of probes")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise InvalidPlacedTable(f"{path.name} is not UTF-8 text; save it as CSV in UTF-8") from error


def _probe(path: Path, line: int, header: list[str], row: list[str], *, decimal_comma: bool) -> PlacedProbe:
    if len(row) != len(header):
        raise InvalidPlacedTable(f"{path.name}, line {line}: {len(row)} cells, the header has {len(header)}")
    cells = dict(zip(header, (cell.strip() for cell in row), strict=True))

    def number(name: str) -> float:
        written = cells[name].replace(",", ".") if decimal_comma else cells[name]
        try:
            value = float(written)
        except ValueError as error:
            raise InvalidPlacedTable(
                f'{path.name}, line {line}: {name} is "{cells[name][:40]}"; give a number in mm'
            ) from error
        if not math.isfinite(value):
            raise InvalidPlacedTable(f"{path.name}, line {line}: {name} is {value}; give a finite number in mm")
        return value

    def point(what: str) -> Point:
        return (number(f"{what}_x_mm"), number(f"{what}_y_mm"), number(f"{what}_z_mm"))

    if not cells["label"]:
        raise InvalidPlacedTable(f"{path.name}, line {line}: no label; give that of the plan")
    return PlacedProbe(label=cells["label"], entry_mm=point("entry"), tip_mm=point("tip"))
