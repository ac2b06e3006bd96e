"""What a change on the day may be: how far a probe may move, how long a freeze may last, how close probes may lie."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanLimits:
    """Bounds of the changes that are tried; all are arguments, packaged values are assumptions.

    Attributes:
        longest_freeze_s, shortest_freeze_s: of each freeze.
        freeze_step_s: by which freezes are made longer or shorter.
        most_move_mm: largest displacement of a tip.
        move_step_mm: between two displacements tried.
        longest_delay_s: of the start of one probe.
        delay_step_s: between two delays tried.
        least_spacing_mm: between two active zones.
        most_spacing_mm: from an added active zone to the nearest other.
        least_shaft_gap_mm: between the axes of two shafts.
        most_probes: of a plan.
        reposition_min: what it costs to advance, withdraw or turn a probe [min].
        puncture_min: what it costs to place a probe anew [min].
        added_probe_min: what it costs to place one more probe [min].
        coverage_tolerance: by how much coverage may lie below that of the plan, where the plan missed the goal.
        margin_tolerance_mm, organ_tolerance_c: likewise for the margin and for the coldest place of an organ.
    """

    longest_freeze_s: float
    shortest_freeze_s: float
    freeze_step_s: float
    most_move_mm: float
    move_step_mm: float
    longest_delay_s: float
    delay_step_s: float
    least_spacing_mm: float
    most_spacing_mm: float
    least_shaft_gap_mm: float
    most_probes: float
    reposition_min: float
    puncture_min: float
    added_probe_min: float
    coverage_tolerance: float
    margin_tolerance_mm: float
    organ_tolerance_c: float

    def __post_init__(self) -> None:
        for name, (low, high) in _ALLOWED.items():
            value = getattr(self, name)
            if not low <= value <= high:  # NaN is refused too
                raise InputError(f"limit of a change {name} is {value}; give {low:g} to {high:g}")


_ALLOWED: Mapping[str, tuple[float, float]] = {
    "longest_freeze_s": (60.0, 3600.0),
    "shortest_freeze_s": (30.0, 3600.0),
    "freeze_step_s": (15.0, 600.0),
    "most_move_mm": (1.0, 30.0),
    "move_step_mm": (0.5, 5.0),
    "longest_delay_s": (0.0, 1800.0),
    "delay_step_s": (15.0, 600.0),
    "least_spacing_mm": (2.0, 30.0),
    "most_spacing_mm": (5.0, 60.0),
    "least_shaft_gap_mm": (1.0, 30.0),
    "most_probes": (1.0, 25.0),
    "reposition_min": (0.0, 60.0),
    "puncture_min": (0.0, 60.0),
    "added_probe_min": (0.0, 60.0),
    "coverage_tolerance": (0.0, 0.1),
    "margin_tolerance_mm": (0.0, 3.0),
    "organ_tolerance_c": (0.0, 5.0),
}


def load_replan_limits() -> ReplanLimits:
    """The packaged limits.

    >>> load_replan_limits().most_move_mm
    12.0
    """
    return ReplanLimits(**{name: quantity.value for name, quantity in load_replan_quantities().items()})


def load_replan_quantities() -> Mapping[str, Quantity]:
    """The packaged limits with range, source and status.

    Raises:
        InputError: if one is missing, repeated or unknown.
    """
    text = files("givre.planning.data").joinpath("replan_limits.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names, wanted = [row["name"] for row in rows], [field.name for field in fields(ReplanLimits)]
    if sorted(names) != sorted(wanted):
        raise InputError(f"table of limits of a change holds {names}; it must hold each of {wanted} once")
    return {row["name"]: quantity_from(row, where=f"table of limits of a change, {row['name']}") for row in rows}
