"""What a protective layer may be: how thick, of what, through which tissue, with source and status of every number."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import get_args

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity, Status
from givre.foundation.quantity_table import quantity_from
from givre.planning.protection.kinds import Way
from givre.tissue.tissue_map import Tissue


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerLimits:
    """Bounds of a layer; all are arguments, packaged values are assumptions.

    Attributes:
        least_thickness_mm, most_thickness_mm: of a layer.
        epidural_thickness_mm: most thickness of an epidural one.
        thickness_step_mm: between two thicknesses tried.
        beyond_alarm_c: the layer covers the organ where it comes within this of its alarm.
        around_mm: the layer reaches this far around that place.
        most_volume_ml: of a layer.
    """

    least_thickness_mm: float
    most_thickness_mm: float
    epidural_thickness_mm: float
    thickness_step_mm: float
    beyond_alarm_c: float
    around_mm: float
    most_volume_ml: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= 1000:  # NaN is refused too
                raise InputError(f"{field.name} of a protective layer is {value}; give 0 to 1000")
        if not 0 < self.least_thickness_mm <= self.most_thickness_mm or self.thickness_step_mm <= 0:
            raise InputError(
                f"layers of {self.least_thickness_mm} to {self.most_thickness_mm} mm by {self.thickness_step_mm} mm; "
                "give increasing values above 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerMaterial:
    """What a layer is made of.

    Attributes:
        way: short name.
        material: as a case declares it.
        needs: what it takes.
        source, status: of the statement that it is done at all.
        note: what the simulation assumes of it.
    """

    way: Way
    material: str
    needs: str
    source: str
    status: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Epidural:
    """Whether an organ can be protected from within the canal.

    Attributes:
        is_allowed: whether.
        is_in_canal: whether the organ lies in the canal, so that no other layer is possible.
        source, status: of that.
    """

    is_allowed: bool
    is_in_canal: bool
    source: str
    status: str


NOT_EPIDURAL = Epidural(is_allowed=False, is_in_canal=False, source="", status="")


def load_layer_limits() -> LayerLimits:
    """The packaged bounds.

    >>> load_layer_limits().most_thickness_mm
    15.0
    """
    return LayerLimits(**{name: quantity.value for name, quantity in load_layer_quantities().items()})


def load_layer_quantities() -> Mapping[str, Quantity]:
    """The packaged bounds with range, source and status."""
    return {row["name"]: quantity_from(row, where=f"table of layers, {row['name']}") for row in _rows("protection.csv")}


def load_layer_materials() -> Mapping[Way, LayerMaterial]:
    """The packaged materials of a layer."""
    known: dict[str, Way] = {way: way for way in get_args(Way)}
    found = {}
    for row in _rows("protection_materials.csv"):
        way = known[row["way"]]
        found[way] = LayerMaterial(
            way=way,
            material=row["material"],
            needs=row["needs"],
            source=row["source"],
            status=_status(row["status"]),
            note=row["note"],
        )
    return found


def tissues_to_open(*, epidural: bool) -> tuple[Tissue, ...]:
    """Tissues through which a layer may be opened."""
    wanted = ("yes", "epidural") if epidural else ("yes",)
    return tuple(Tissue[row["tissue"].upper()] for row in _rows("protection_tissues.csv") if row["may"] in wanted)


def epidural_of(structure: str) -> Epidural:
    """Whether an organ can be protected by an epidural injection.

    >>> epidural_of("spinal_cord").is_allowed, epidural_of("bowel").is_in_canal
    (True, False)
    """
    for row in _rows("protection_epidural.csv"):
        for pattern in row["patterns"].split("|"):
            if structure == pattern or structure.startswith(f"{pattern}_"):
                return Epidural(
                    is_allowed=row["epidural"] == "yes",
                    is_in_canal=not pattern.endswith("root"),
                    source=row["source"],
                    status=_status(row["status"]),
                )
    return NOT_EPIDURAL


def _status(written: str) -> str:
    if written not in get_args(Status):
        raise InputError(f'status "{written}" in a table of protection; use {", ".join(get_args(Status))}')
    return written


def _rows(name: str) -> list[dict[str, str]]:
    text = files("givre.planning.data").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
