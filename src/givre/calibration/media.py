"""Media in which probes are measured: gels and lungs of the packaged table, and every tissue of the tissue table."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from givre.bioheat.ice import Freezing
from givre.calibration.errors import UnknownMedium
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from
from givre.tissue.material import ThermalMaterial
from givre.tissue.table import TissueProperties, load_tissue_table, tissue_table
from givre.tissue.thermal import thermal_material, volumetric_blood_capacity_j_m3k

_INTERVAL = ("freezing_lower_c", "freezing_upper_c")


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """One homogeneous medium around the probes.

    Attributes:
        name: its key ("agar_gel", "liver").
        material: its thermal properties.
        freezing: its freezing interval.
        quantities: every number with its range, source and status.
    """

    name: str
    material: ThermalMaterial
    freezing: Freezing
    quantities: Mapping[str, Quantity]

    @property
    def diffusivity_m2_s(self) -> float:
        """Unfrozen thermal diffusivity [m²/s]: how far a freeze disturbs the medium beyond the ice."""
        return self.material.conductivity_unfrozen_w_mk / self.material.capacity_unfrozen_j_m3k


@cache
def load_media() -> Mapping[str, Medium]:
    """Every medium by name.

    >>> load_media()["agar_gel"].freezing.upper_c
    -0.1
    """
    tissues = load_tissue_table()
    blood_j_m3k = volumetric_blood_capacity_j_m3k(tissues)
    media = {
        name: _medium(properties, blood_j_m3k, Freezing(), {})
        for name, properties in tissues.items()
        if properties.freezes
    }
    text = files("givre.calibration.data").joinpath("media.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    own = tissue_table(row | {"tissue": row["medium"]} for row in rows if row["property"] not in _INTERVAL)
    for name, properties in own.items():
        interval = {
            row["property"]: quantity_from(row, where=f"media table, {name}, {row['property']}")
            for row in rows
            if row["medium"] == name and row["property"] in _INTERVAL
        }
        lower, upper = (interval[key].value for key in _INTERVAL)
        media[name] = _medium(properties, blood_j_m3k, Freezing(lower_c=lower, upper_c=upper), interval)
    return media


def find_medium(name: str, *, where: str = "") -> Medium:
    """One medium.

    Raises:
        UnknownMedium: if it is not known; names the closest.
    """
    media = load_media()
    if name in media:
        return media[name]
    close = difflib.get_close_matches(name.lower().replace(" ", "_"), media, n=3, cutoff=0.5)
    offered = f"did you mean {' or '.join(close)}?" if close else f"use one of {', '.join(sorted(media))}"
    raise UnknownMedium(f'{where}{": " if where else ""}medium "{name}" is unknown; {offered}')


def _medium(
    properties: TissueProperties, blood_j_m3k: float, freezing: Freezing, interval: Mapping[str, Quantity]
) -> Medium:
    values = {name: quantity.value for name, quantity in properties.quantities().items()}
    return Medium(
        name=properties.name,
        material=thermal_material(properties.name, values, blood_j_m3k),
        freezing=freezing,
        quantities=properties.quantities() | dict(interval),
    )
