"""Write what a calibration found: the catalogue entry as TOML or CSV, the residuals as CSV, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from givre.calibration.result import Calibration, Residual
from givre.cryoprobe.catalogue import CALIBRATION_COLUMNS, COLUMNS, catalogue_row, read_catalogue, read_toml_catalogue
from givre.cryoprobe.model import CryoprobeModel
from givre.foundation.errors import InputError, OutsideError

_HEAD = (
    "# One cryoprobe, calibrated by givre on measured isotherms. Research use, not a medical device.\n"
    "# Same names as the columns of the catalogue; the tables below `cryoprobe` tell how well it fits.\n\n"
)


class CannotWriteEntry(OutsideError):
    """The files of a calibration could not be written."""

    code = "CANNOT_WRITE_ENTRY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the files of a calibration go.

    Attributes:
        entry: the catalogue entry, .toml or .csv.
        residuals: the table of residuals.
        plot: the plot.
    """

    entry: Path
    residuals: Path
    plot: Path


def outputs_of(entry: Path) -> Outputs:
    """The files beside an entry.

    >>> outputs_of(Path("site/entry.toml")).residuals.name
    'entry.residuals.csv'

    Raises:
        InputError: if the entry is neither .toml nor .csv.
    """
    if entry.suffix.lower() not in (".toml", ".csv"):
        raise InputError(f'{entry.name} ends in "{entry.suffix}"; name the entry with .toml or .csv')
    return Outputs(
        entry=entry,
        residuals=entry.with_name(f"{entry.stem}.residuals.csv"),
        plot=entry.with_name(f"{entry.stem}.residuals.png"),
    )


def check_outputs(outputs: Outputs, *, table: Path, replace: bool) -> None:
    """Refuse early, before minutes of computing, what could not be written.

    Raises:
        CannotWriteEntry: if a file is there already, would overwrite the table, or its folder cannot be written.
    """
    for path in (outputs.entry, outputs.residuals, outputs.plot):
        if path.absolute() == table.absolute():
            raise CannotWriteEntry(f"{path.name} is the measured table itself; give another name with -o")
        if path.exists() and (not replace or not path.is_file()):
            raise CannotWriteEntry(f"{path.name} is already there; move it, or add --force to replace it")
    folder = outputs.entry.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWriteEntry(f"{folder.name or folder} is no folder that can be written; choose another with -o")


def entry_text(model: CryoprobeModel, calibration: Calibration, *, ending: str) -> str:
    """The catalogue entry: one CSV row, or TOML with the fit and its residuals behind it."""
    row = catalogue_row(model)
    if ending.lower() == ".csv":
        stream = io.StringIO()
        writer = csv.DictWriter(stream, fieldnames=[*COLUMNS, *CALIBRATION_COLUMNS], lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)
        text = stream.getvalue()
        back = read_catalogue(text.splitlines(), name="the entry")
    else:
        text = _HEAD + tomli_w.dumps({"cryoprobe": [row], "fit": _fit(calibration)})
        back = read_toml_catalogue(text, name="the entry")
    if back != {model.id: model}:
        raise InputError(f"the entry {model.id} would not read back as it is; shorten its name and sources")
    return text


def residuals_csv(calibration: Calibration) -> str:
    """Every measured size beside the fitted one."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    rows = [_residual(residual) for residual in calibration.residuals]
    writer.writerow(rows[0])
    writer.writerows([[_safe(cell) for cell in row.values()] for row in rows])
    return stream.getvalue()


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Put files in place: all are written beside first, then renamed.

    Raises:
        CannotWriteEntry: when the disk refuses; nothing is left half-written.
    """
    partial = {path: path.with_name(f".{path.name}.partial-{os.getpid()}") for path in contents}
    try:
        for path, content in contents.items():
            with partial[path].open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        for path, written in partial.items():
            written.replace(path)
    except OSError as error:
        raise CannotWriteEntry(
            f"{error.filename or 'a file'} cannot be written ({error.strerror}); check the folder and the disk"
        ) from error
    finally:
        for written in partial.values():
            written.unlink(missing_ok=True)


def _fit(calibration: Calibration) -> dict[str, object]:
    numbers = {}
    for name, number in calibration.numbers.items():
        numbers[name] = {
            "value": number.value,
            "unit": number.unit,
            "before": number.before,
            "bounds": list(number.bounds),
            "at_bound": number.at_bound,
            "kept_because": number.kept_because or "",
        }
        if number.kept_because is None:
            numbers[name]["standard_error"] = number.standard_error
    return {
        "fitted": list(calibration.fitted),
        "correlation": [[round(float(cell), 4) for cell in line] for line in calibration.correlation],
        "degrees_of_freedom": calibration.degrees_of_freedom,
        "chi_squared": round(calibration.chi_squared, 4),
        "voxels_mm": [round(voxel, 4) for voxel in calibration.voxels_mm],
        "lattice_shift_mm": round(calibration.lattice_shift_mm, 3),
        "number": numbers,
        "residual": [_residual(residual) for residual in calibration.residuals],
    }


def _residual(residual: Residual) -> dict[str, str | float | int | bool]:
    size = residual.size
    return {
        "line": size.line,
        "medium": size.arrangement.medium,
        "medium_temp_c": size.arrangement.medium_temp_c,
        "probes": size.arrangement.probes,
        "spacing_mm": size.arrangement.spacing_mm,
        "time_min": round(size.arrangement.time_s / 60.0, 4),
        "isotherm_c": size.isotherm_c,
        "side": size.side,
        "measured_mm": size.size_mm,
        "uncertainty_mm": residual.uncertainty_mm,
        "uncertainty_stated": residual.is_uncertainty_stated,
        "fitted_mm": round(residual.fitted_mm, 3),
        "miss_mm": round(residual.miss_mm, 3),
        "miss_percent": round(100 * residual.miss_mm / size.size_mm, 2),
        "source": size.source,
    }


def _safe(cell: str | float | int | bool) -> str:
    """Text that a spreadsheet would compute is made plain text."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip()[:1] in ("=", "+", "-", "@") else cell
    return f"{cell:.7g}"
