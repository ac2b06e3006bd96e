"""The curves of a run as CSV tables: RFC 4180, units in the header, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from givre.assessment.result import Assessment
from givre.bioheat.run import RunHistory, ThermalRun

CURVES_FOLDER = "curves"
Cell = str | float
Columns = dict[str, Sequence[float]]


def write_curves(run: ThermalRun, assessment: Assessment, folder: Path) -> None:
    """Write `curves/volumes.csv`, `structures.csv`, `points.csv`, `probes.csv` and `volume_below.csv`."""
    (folder / CURVES_FOLDER).mkdir(parents=True, exist_ok=True)
    history = run.history
    _write_columns(folder, "volumes", history, _volume_columns(history))
    _write_columns(folder, "structures", history, _structure_columns(history))
    points = {f"{name} temperature [degC]": list(values) for name, values in history.point_temp_c.items()}
    _write_columns(folder, "points", history, points)
    _write_columns(folder, "probes", history, _probe_columns(history))
    rows = (
        (curve.structure, float(temp_c), float(fraction))
        for curve in assessment.curves
        for temp_c, fraction in zip(curve.temp_c, curve.fraction, strict=True)
    )
    header = ("structure", "temperature [degC]", "fraction that was at or below it [1]")
    write_table(folder / CURVES_FOLDER / "volume_below.csv", header, rows)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """One CSV table. A missing number is an empty cell; text that a spreadsheet would compute is made plain text."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([safe_cell(name) for name in header])
        writer.writerows([[safe_cell(cell) for cell in row] for row in rows])


def safe_cell(cell: Cell) -> str:
    """A cell as it is written.

    >>> safe_cell("=HYPERLINK(1)"), safe_cell(-20.0), safe_cell(float("nan"))
    ("'=HYPERLINK(1)", '-20', '')
    """
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip()[:1] in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n") else cell
    return f"{cell:.7g}" if math.isfinite(cell) else ""


def _volume_columns(history: RunHistory) -> Columns:
    return {
        f"volume at or below {_degrees(temp_c)} [mL]": list(volume)
        for temp_c, volume in history.volume_below_ml.items()
    }


def _structure_columns(history: RunHistory) -> Columns:
    columns: Columns = {f"{name} coldest [degC]": list(values) for name, values in history.structure_coldest_c.items()}
    for name, fractions in history.structure_fraction_below.items():
        for temp_c, fraction in fractions.items():
            columns[f"{name} fraction at or below {_degrees(temp_c)} [1]"] = list(fraction)
    return columns


def _probe_columns(history: RunHistory) -> Columns:
    surface: Columns = {f"{label} surface [degC]": list(values) for label, values in history.probe_surface_c.items()}
    power: Columns = {f"{label} heat removed [W]": list(values) for label, values in history.probe_power_w.items()}
    return surface | power


def _write_columns(folder: Path, name: str, history: RunHistory, columns: Mapping[str, Sequence[float]]) -> None:
    header = ("time [s]", *columns)
    rows = zip(history.time_s, *columns.values(), strict=True)
    write_table(folder / CURVES_FOLDER / f"{name}.csv", header, ([float(cell) for cell in row] for row in rows))


def _degrees(temp_c: float) -> str:
    return f"{temp_c:g} degC"
