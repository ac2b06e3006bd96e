"""The catalogue of cryoprobes: the packaged table, a site's own table, and looking one up."""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import get_args

from givre.cryoprobe.calibration_origin import CalibrationOrigin
from givre.cryoprobe.model import Cryogen, CryoprobeModel
from givre.foundation.errors import InputError, UnknownCryoprobe
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import status_from

COLUMNS = (
    "id", "name", "vendor", "cryogen", "diameter_mm", "diameter_status", "active_zone_mm", "active_zone_status",
    "tip_offset_mm", "tip_offset_status", "surface_temp_c", "surface_temp_low_c", "surface_temp_high_c",
    "surface_temp_source", "surface_temp_status", "contact_resistance_m2k_w", "contact_resistance_low",
    "contact_resistance_high", "contact_resistance_source", "contact_resistance_status", "geometry_source", "note",
)  # fmt: skip
"""Columns of a catalogue file, in the order of the packaged one; a file may order them as it likes."""

CALIBRATION_COLUMNS = (
    "calibration_file", "calibration_sha256", "calibration_date", "calibration_source", "calibration_fitted",
    "calibration_sizes", "calibration_rms_mm", "calibration_worst_mm", "calibration_remark",
)  # fmt: skip
"""Further columns, empty or absent for a probe without calibration data."""


def load_catalogue() -> Mapping[str, CryoprobeModel]:
    """The packaged catalogue.

    >>> load_catalogue()["icesphere-1.5-cx"].diameter_mm
    1.5
    """
    text = files("givre.cryoprobe.data").joinpath("cryoprobes.csv").read_text(encoding="utf-8")
    return read_catalogue(text.splitlines(), name="the packaged catalogue")


def read_catalogue(lines: Iterable[str], *, name: str) -> Mapping[str, CryoprobeModel]:
    """A catalogue from the lines of a CSV file with the columns of `COLUMNS`, such as a site's own table.

    `CALIBRATION_COLUMNS` may follow.

    Args:
        lines: the file, its header first.
        name: what to call the file in an error.

    Raises:
        InputError: if a column is missing, a number does not parse, an id is repeated, or a value is impossible.
    """
    reader = csv.DictReader(lines)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{name}: columns missing: {', '.join(missing)}; copy the header of the packaged catalogue")
    return _models(((f"{name}, line {number}", row) for number, row in enumerate(reader, start=2)), name)


def read_toml_catalogue(text: str, *, name: str) -> Mapping[str, CryoprobeModel]:
    """A catalogue from a TOML file: tables `[[cryoprobe]]` with the names of `COLUMNS` and `CALIBRATION_COLUMNS`.

    Raises:
        InputError: for what is no TOML, and for the faults of `read_catalogue`.
    """
    try:
        tables = tomllib.loads(text).get("cryoprobe", [])
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is not TOML ({error}); correct that line") from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(f"{name}: cryoprobe is not a list of tables; begin each probe with [[cryoprobe]]")
    rows = [{key: str(value) for key, value in table.items()} for table in tables]
    for number, row in enumerate(rows, start=1):
        missing = [column for column in COLUMNS if column not in row]
        if missing:
            raise InputError(f"{name}, cryoprobe {number}: {', '.join(missing)} missing; give every one")
    return _models(((f"{name}, cryoprobe {number}", row) for number, row in enumerate(rows, start=1)), name)


def catalogue_row(model: CryoprobeModel) -> dict[str, str | float | int]:
    """The cells of one model, in the order of `COLUMNS` and `CALIBRATION_COLUMNS`, as either kind of file has them."""
    surface, contact, origin = model.surface_temp_c, model.contact_resistance_m2k_w, model.calibration
    row: dict[str, str | float | int] = {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "cryogen": model.cryogen,
        "diameter_mm": model.diameter_mm,
        "diameter_status": model.diameter_status,
        "active_zone_mm": model.active_zone_mm,
        "active_zone_status": model.active_zone_status,
        "tip_offset_mm": model.tip_offset_mm,
        "tip_offset_status": model.tip_offset_status,
        "surface_temp_c": surface.value,
        "surface_temp_low_c": surface.low,
        "surface_temp_high_c": surface.high,
        "surface_temp_source": surface.source,
        "surface_temp_status": surface.status,
        "contact_resistance_m2k_w": contact.value,
        "contact_resistance_low": contact.low,
        "contact_resistance_high": contact.high,
        "contact_resistance_source": contact.source,
        "contact_resistance_status": contact.status,
        "geometry_source": model.geometry_source,
        "note": model.note,
    }
    if origin is not None:
        row |= {
            "calibration_file": origin.file,
            "calibration_sha256": origin.sha256,
            "calibration_date": origin.date,
            "calibration_source": origin.source,
            "calibration_fitted": " ".join(origin.fitted),
            "calibration_sizes": origin.sizes,
            "calibration_rms_mm": origin.rms_mm,
            "calibration_worst_mm": origin.worst_mm,
            "calibration_remark": origin.remark,
        }
    return row


def find_cryoprobe(catalogue: Mapping[str, CryoprobeModel], model_id: str) -> CryoprobeModel:
    """One model of a catalogue.

    Raises:
        UnknownCryoprobe: if it is not there; names the closest ids.
    """
    if model_id in catalogue:
        return catalogue[model_id]
    close = difflib.get_close_matches(model_id.lower(), catalogue, n=3, cutoff=0.4)
    offered = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(sorted(catalogue))}"
    raise UnknownCryoprobe(f'cryoprobe "{model_id}" is not in the catalogue; {offered}')


def _models(rows: Iterable[tuple[str, Mapping[str, str | None]]], name: str) -> Mapping[str, CryoprobeModel]:
    models: dict[str, CryoprobeModel] = {}
    for where, row in rows:
        model = _model(row, where=where)
        if model.id in models:
            raise InputError(f"{where}: id {model.id} is used twice; give each model its own")
        models[model.id] = model
    if not models:
        raise InputError(f"{name} holds no cryoprobe; add a row")
    return models


def _model(row: Mapping[str, str | None], *, where: str) -> CryoprobeModel:
    empty = [column for column in COLUMNS if column != "note" and not (row[column] or "").strip()]
    if empty:
        raise InputError(f"{where}: {', '.join(empty)} is empty; every number needs a value, a source and a status")
    cell = {column: (row[column] or "").strip() for column in COLUMNS}
    return CryoprobeModel(
        id=cell["id"],
        name=cell["name"],
        vendor=cell["vendor"],
        cryogen=_cryogen(cell["cryogen"], where),
        diameter_mm=_number(cell, "diameter_mm", where),
        diameter_status=status_from(cell["diameter_status"], f"{where}, diameter_status"),
        active_zone_mm=_number(cell, "active_zone_mm", where),
        active_zone_status=status_from(cell["active_zone_status"], f"{where}, active_zone_status"),
        tip_offset_mm=_number(cell, "tip_offset_mm", where),
        tip_offset_status=status_from(cell["tip_offset_status"], f"{where}, tip_offset_status"),
        geometry_source=cell["geometry_source"],
        surface_temp_c=Quantity(
            value=_number(cell, "surface_temp_c", where),
            low=_number(cell, "surface_temp_low_c", where),
            high=_number(cell, "surface_temp_high_c", where),
            unit="C",
            source=cell["surface_temp_source"],
            status=status_from(cell["surface_temp_status"], f"{where}, surface_temp_status"),
        ),
        contact_resistance_m2k_w=Quantity(
            value=_number(cell, "contact_resistance_m2k_w", where),
            low=_number(cell, "contact_resistance_low", where),
            high=_number(cell, "contact_resistance_high", where),
            unit="m2K/W",
            source=cell["contact_resistance_source"],
            status=status_from(cell["contact_resistance_status"], f"{where}, contact_resistance_status"),
        ),
        note=cell["note"],
        calibration=_calibration(row, where),
    )


def _calibration(row: Mapping[str, str | None], where: str) -> CalibrationOrigin | None:
    cell = {column: (row.get(column) or "").strip() for column in CALIBRATION_COLUMNS}
    needed = [column for column in CALIBRATION_COLUMNS if column != "calibration_remark"]
    if not any(cell.values()):
        return None
    empty = [column for column in needed if not cell[column]]
    if empty:
        raise InputError(f"{where}: {', '.join(empty)} is empty; a calibration is told whole, or not at all")
    sizes = _number(cell, "calibration_sizes", where)
    if sizes != int(sizes):
        raise InputError(f"{where}: calibration_sizes is {sizes:g}; give a whole number")
    return CalibrationOrigin(
        file=cell["calibration_file"],
        sha256=cell["calibration_sha256"],
        date=cell["calibration_date"],
        source=cell["calibration_source"],
        fitted=tuple(cell["calibration_fitted"].split()),
        sizes=int(sizes),
        rms_mm=_number(cell, "calibration_rms_mm", where),
        worst_mm=_number(cell, "calibration_worst_mm", where),
        remark=cell["calibration_remark"],
    )


def _number(cell: Mapping[str, str], column: str, where: str) -> float:
    try:
        return float(cell[column])
    except ValueError as error:
        raise InputError(f'{where}: {column} is "{cell[column]}"; give a number with a decimal point') from error


def _cryogen(text: str, where: str) -> Cryogen:
    known: tuple[Cryogen, ...] = get_args(Cryogen)
    for cryogen in known:
        if text == cryogen:
            return cryogen
    raise InputError(f'{where}: cryogen is "{text}"; use one of {", ".join(known)}')
