"""CT numbers that separate tissues where no mask says what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from
from givre.tissue.table import packaged_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class HuThresholds:
    """Limits between tissues [HU], all arguments of labelling.

    Attributes:
        gas_max_hu: at or below is gas, even inside a mask.
        fat_max_hu: at or below is fat.
        bone_min_hu: at or above is bone, outside the bone mask only in pieces of `smallest_bone_mm3` or more.
        cortical_min_hu: at or above, bone is named cortical, below trabecular.
        marrow_max_hu: at or below and inside the bone mask is marrow.
        blastic_min_hu: at or above, a voxel of a mixed lesion is blastic.
        metal_min_hu: at or above is metal, even inside a mask.
        smallest_bone_mm3: smaller pieces of high HU outside the bone mask become soft tissue [mm³].
    """

    gas_max_hu: float
    fat_max_hu: float
    bone_min_hu: float
    cortical_min_hu: float
    marrow_max_hu: float
    blastic_min_hu: float
    metal_min_hu: float
    smallest_bone_mm3: float

    def __post_init__(self) -> None:
        ladder = (self.gas_max_hu, self.fat_max_hu, self.bone_min_hu, self.cortical_min_hu, self.metal_min_hu)
        if not all(lower < upper for lower, upper in pairwise(ladder)):
            raise InputError(
                f"HU thresholds gas, fat, bone, cortical, metal are {ladder}; they must increase from one to the next"
            )
        if not (self.gas_max_hu < self.marrow_max_hu < self.bone_min_hu):
            raise InputError(
                f"HU threshold of marrow is {self.marrow_max_hu}; it must lie between gas ({self.gas_max_hu}) "
                f"and bone ({self.bone_min_hu})"
            )
        if not self.smallest_bone_mm3 >= 0:
            raise InputError(f"smallest piece of bone is {self.smallest_bone_mm3} mm³; give 0 or more")


def load_hu_thresholds() -> HuThresholds:
    """The packaged thresholds.

    >>> load_hu_thresholds().bone_min_hu
    150.0
    """
    values = {name: quantity.value for name, quantity in load_hu_threshold_quantities().items()}
    return HuThresholds(**values)


def load_hu_threshold_quantities() -> Mapping[str, Quantity]:
    """The packaged thresholds with spread, source and status, for provenance tables."""
    return hu_threshold_quantities(packaged_rows("hu_thresholds.csv"))


def hu_threshold_quantities(rows: Iterable[Mapping[str, str]]) -> Mapping[str, Quantity]:
    """Build the thresholds from rows with columns name, value, low, high, unit, source, status.

    Raises:
        InputError: if one is missing, repeated or unknown.
    """
    listed = list(rows)
    names = [row["name"] for row in listed]
    wanted = [field.name for field in fields(HuThresholds)]
    if sorted(names) != sorted(wanted):
        raise InputError(f"HU threshold table holds {names}; it must hold each of {wanted} once")
    return {row["name"]: quantity_from(row, where=f"HU threshold table, {row['name']}") for row in listed}
