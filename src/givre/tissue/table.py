"""Thermal properties of each tissue, read from the packaged tables and checked."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from givre.foundation.errors import InputError, UnknownTissue
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from

PROPERTY_UNITS: Mapping[str, str] = {
    "density_kg_m3": "kg/m3",
    "capacity_unfrozen_j_kgk": "J/kgK",
    "capacity_frozen_j_kgk": "J/kgK",
    "conductivity_unfrozen_w_mk": "W/mK",
    "conductivity_frozen_w_mk": "W/mK",
    "water_mass_fraction": "1",
    "latent_mj_m3": "MJ/m3",
    "perfusion_ml_min_kg": "ml/min/kg",
    "metabolic_w_kg": "W/kg",
}
"""Properties every tissue must have, with their units. `unfrozen` means at body temperature, `frozen` near -20 °C."""

_ALLOWED: Mapping[str, tuple[float, float]] = {
    "density_kg_m3": (1.0, 9000.0),
    "capacity_unfrozen_j_kgk": (300.0, 4300.0),
    "capacity_frozen_j_kgk": (300.0, 4300.0),
    "conductivity_unfrozen_w_mk": (0.01, 20.0),
    "conductivity_frozen_w_mk": (0.01, 20.0),
    "water_mass_fraction": (0.0, 1.0),
    "latent_mj_m3": (0.0, 350.0),
    "perfusion_ml_min_kg": (0.0, 10000.0),
    "metabolic_w_kg": (0.0, 50.0),
}
"""What any material in or around a patient can have; a table that leaves it holds a typing error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueProperties:
    """What is known of one tissue.

    Attributes:
        name: key of the tissue ("muscle", "cortical_bone", ...).
        density_kg_m3: at body temperature. Frozen values are per unfrozen volume too: the lattice does not swell.
        capacity_unfrozen_j_kgk, capacity_frozen_j_kgk: specific heat capacity.
        conductivity_unfrozen_w_mk, conductivity_frozen_w_mk: thermal conductivity.
        water_mass_fraction: share of water in the mass.
        latent_mj_m3: latent heat of all its water.
        perfusion_ml_min_kg: blood volume per tissue mass.
        metabolic_w_kg: metabolic heat per tissue mass.
    """

    name: str
    density_kg_m3: Quantity
    capacity_unfrozen_j_kgk: Quantity
    capacity_frozen_j_kgk: Quantity
    conductivity_unfrozen_w_mk: Quantity
    conductivity_frozen_w_mk: Quantity
    water_mass_fraction: Quantity
    latent_mj_m3: Quantity
    perfusion_ml_min_kg: Quantity
    metabolic_w_kg: Quantity

    @property
    def freezes(self) -> bool:
        """Whether it holds water that freezes."""
        return self.water_mass_fraction.value > 0

    def quantities(self) -> dict[str, Quantity]:
        """Every property by name, for provenance tables."""
        return {name: getattr(self, name) for name in PROPERTY_UNITS}


def load_tissue_table() -> Mapping[str, TissueProperties]:
    """The packaged table of tissue properties.

    >>> load_tissue_table()["muscle"].density_kg_m3.value
    1090.0
    """
    return tissue_table(packaged_rows("tissues.csv"))


def tissue_table(rows: Iterable[Mapping[str, str]]) -> Mapping[str, TissueProperties]:
    """Build the table from rows with columns tissue, property, value, low, high, unit, source, status.

    Raises:
        InputError: if a property is missing, repeated, without source, in another unit or impossible.
    """
    found: dict[str, dict[str, Quantity]] = {}
    for row in rows:
        tissue, name = row["tissue"], row["property"]
        of_tissue = found.setdefault(tissue, {})
        if name in of_tissue:
            raise InputError(f"tissue table: {name} of {tissue} is given twice; keep one row")
        of_tissue[name] = _checked(tissue, name, quantity_from(row, where=f"tissue table, {tissue}, {name}"))
    return {tissue: _properties(tissue, quantities) for tissue, quantities in found.items()}


def find_tissue(table: Mapping[str, TissueProperties], name: str) -> TissueProperties:
    """One tissue of a table.

    Raises:
        UnknownTissue: if it is not there.
    """
    if name not in table:
        raise UnknownTissue(f'tissue "{name}" is not in the property table; it holds {", ".join(sorted(table))}')
    return table[name]


def packaged_rows(file_name: str) -> list[dict[str, str]]:
    """Rows of a CSV table shipped with this package."""
    text = files("givre.tissue.data").joinpath(file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _checked(tissue: str, name: str, quantity: Quantity) -> Quantity:
    if name not in PROPERTY_UNITS:
        raise InputError(f'tissue table: {tissue} has a property "{name}"; use {", ".join(PROPERTY_UNITS)}')
    if quantity.unit != PROPERTY_UNITS[name]:
        raise InputError(f"tissue table: {name} of {tissue} is in {quantity.unit}; give {PROPERTY_UNITS[name]}")
    low, high = _ALLOWED[name]
    if not (low <= quantity.low and quantity.high <= high):
        raise InputError(
            f"tissue table: {name} of {tissue} spans [{quantity.low}, {quantity.high}] {quantity.unit}; "
            f"possible is [{low}, {high}]"
        )
    return quantity


def _properties(tissue: str, quantities: Mapping[str, Quantity]) -> TissueProperties:
    missing = [name for name in PROPERTY_UNITS if name not in quantities]
    if missing:
        raise InputError(f"tissue table: {tissue} lacks {', '.join(missing)}; add the rows")
    return TissueProperties(name=tissue, **quantities)
