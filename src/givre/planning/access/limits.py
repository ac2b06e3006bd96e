"""What limits a percutaneous access beside the structures in its way: gantry, skin, spine, drill."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLimits:
    """Limits of a path and weights of its ranking; all are arguments, packaged values are assumptions.

    Attributes:
        most_tilt_deg: largest angle between path and axial plane.
        most_skin_angle_deg: largest angle between path and the normal of the skin.
        bore_diameter_mm: of the gantry.
        bore_spare_mm: kept free between the end of the handle and the bore.
        handle_mm: length of the handle beyond the shaft.
        grip_mm: length of shaft that stays outside the skin.
        arc_from_posterior_deg: a spine is reached from directions within this angle from straight behind.
        spine_near_mm: a tumour centre within this distance of a drawn canal or cord belongs to the spine.
        drill_from_cortex_mm: thickest unbroken cortex from which a drill is needed.
        comfortable_mm: distance beyond the clearance that is worth no more.
        tilt_cost_mm_per_deg: ranking: length that a degree of tilt weighs.
        nearness_cost_mm_per_mm: ranking: length that a millimetre short of comfort weighs.
        drill_cost_mm: ranking: length that a drilled cortex weighs.
        smallest_gas_mm3: smallest piece of gas or metal on the CT that counts.
    """

    most_tilt_deg: float
    most_skin_angle_deg: float
    bore_diameter_mm: float
    bore_spare_mm: float
    handle_mm: float
    grip_mm: float
    arc_from_posterior_deg: float
    spine_near_mm: float
    drill_from_cortex_mm: float
    comfortable_mm: float
    tilt_cost_mm_per_deg: float
    nearness_cost_mm_per_mm: float
    drill_cost_mm: float
    smallest_gas_mm3: float

    def __post_init__(self) -> None:
        for name, (low, high) in _ALLOWED.items():
            value = getattr(self, name)
            if not low <= value <= high:  # NaN is refused too
                raise InputError(f"limit of access {name} is {value}; give {low:g} to {high:g}")


_ALLOWED: Mapping[str, tuple[float, float]] = {
    "most_tilt_deg": (0.0, 90.0),
    "most_skin_angle_deg": (0.0, 90.0),
    "bore_diameter_mm": (300.0, 2000.0),
    "bore_spare_mm": (0.0, 300.0),
    "handle_mm": (0.0, 400.0),
    "grip_mm": (0.0, 200.0),
    "arc_from_posterior_deg": (0.0, 180.0),
    "spine_near_mm": (0.0, 1000.0),
    "drill_from_cortex_mm": (0.0, 100.0),
    "comfortable_mm": (0.0, 50.0),
    "tilt_cost_mm_per_deg": (0.0, 100.0),
    "nearness_cost_mm_per_mm": (0.0, 100.0),
    "drill_cost_mm": (0.0, 1000.0),
    "smallest_gas_mm3": (0.0, 1e6),
}


def load_access_limits() -> AccessLimits:
    """The packaged limits.

    >>> load_access_limits().bore_diameter_mm
    700.0
    """
    return AccessLimits(**{name: quantity.value for name, quantity in load_access_limit_quantities().items()})


def load_access_limit_quantities() -> Mapping[str, Quantity]:
    """The packaged limits with range, source and status, for provenance tables."""
    text = files("givre.planning.data").joinpath("access_limits.csv").read_text(encoding="utf-8")
    return access_limit_quantities(csv.DictReader(text.splitlines()))


def access_limit_quantities(rows: Iterable[Mapping[str, str]]) -> Mapping[str, Quantity]:
    """Limits from rows with columns name, value, low, high, unit, source, status.

    Raises:
        InputError: if one is missing, repeated or unknown.
    """
    listed = list(rows)
    names, wanted = [row["name"] for row in listed], [field.name for field in fields(AccessLimits)]
    if sorted(names) != sorted(wanted):
        raise InputError(f"table of access limits holds {names}; it must hold each of {wanted} once")
    return {row["name"]: quantity_from(row, where=f"table of access limits, {row['name']}") for row in listed}
