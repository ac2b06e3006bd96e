"""The catalogue of cryoprobes: the packaged table, a site's own table, and looking one up."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import get_args

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


def load_catalogue() -> Mapping[str, CryoprobeModel]:
    """The packaged catalogue.

    >>> load_catalogue()["icesphere-1.5-cx"].diameter_mm
    1.5
    """
    text = files("givre.cryoprobe.data").joinpath("cryoprobes.csv").read_text(encoding="utf-8")
    return read_catalogue(text.splitlines(), name="the packaged catalogue")


def read_catalogue(lines: Iterable[str], *, name: str) -> Mapping[str, CryoprobeModel]:
    """A catalogue from the lines of a CSV file with the columns of `COLUMNS`, such as a site's own table.

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
    models: dict[str, CryoprobeModel] = {}
    for number, row in enumerate(reader, start=2):
        model = _model(row, where=f"{name}, line {number}")
        if model.id in models:
            raise InputError(f"{name}, line {number}: id {model.id} is used twice; give each model its own")
        models[model.id] = model
    if not models:
        raise InputError(f"{name} holds no cryoprobe; add a row")
    return models


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
