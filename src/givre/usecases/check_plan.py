"""Refuse a plan that nobody could carry out, before anything is simulated."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from givre.case.description import CaseDescription
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.model import CryoprobeModel
from givre.foundation.errors import InvalidPlacement
from givre.geometry.line import Segment
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Volume

FARTHEST_FROM_IMAGE_MM = 5.0
"""How far outside the CT an active zone may reach: a crop often ends close to the lesion."""

AIR_HU = -500.0
"""Below this the active zone lies in gas."""

MOST_AIR = 0.1
"""Largest share of an active zone that may lie in gas."""


def check_plan(description: CaseDescription, ct: Volume, catalogue: Mapping[str, CryoprobeModel]) -> list[Segment]:
    """The active zone of each cryoprobe, LPS mm, once the plan is found possible.

    Raises:
        UnknownCryoprobe: if a model is not in the catalogue.
        InvalidPlacement: if a path is too short for its active zone, an active zone lies outside the CT or in gas,
            or two probes would share the same place.
    """
    models = [find_cryoprobe(catalogue, placement.model) for placement in description.placements]
    zones = [active_zone(placement, model) for placement, model in zip(description.placements, models, strict=True)]
    for placement, zone in zip(description.placements, zones, strict=True):
        _refuse_outside(placement.label, zone, ct)
        _refuse_gas(placement.label, zone, ct)
    for one, other in combinations(range(len(zones)), 2):
        gap_mm = float(zones[one].distance_mm(_along(zones[other])).min())
        needed_mm = (models[one].diameter_mm + models[other].diameter_mm) / 2
        if gap_mm < needed_mm:
            labels = f"{description.placements[one].label} and {description.placements[other].label}"
            raise InvalidPlacement(
                f"probes {labels} come within {gap_mm:.1f} mm of each other, axis to axis; their shafts need "
                f"{needed_mm:.1f} mm: move one of them"
            )
    return zones


def _along(zone: Segment) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return zone.point_mm(np.linspace(0.0, zone.length_mm, max(2, round(4 * zone.length_mm))))


def _refuse_outside(label: str, zone: Segment, ct: Volume) -> None:
    for point in (zone.start_mm, zone.end_mm):
        index = ct.grid.lps_to_index(point)
        over = np.maximum(np.maximum(-0.5 - index, index - (np.array(ct.grid.shape) - 0.5)), 0.0)
        beyond_mm = float(np.linalg.norm(over * np.array(ct.grid.spacing_mm)))
        if beyond_mm > FARTHEST_FROM_IMAGE_MM:
            raise InvalidPlacement(
                f"probe {label}: its active zone reaches {tuple(round(x, 1) for x in point)} mm (LPS), "
                f"{beyond_mm:.1f} mm outside the CT; move the probe or load a longer scan"
            )


def _refuse_gas(label: str, zone: Segment, ct: Volume) -> None:
    hu = sample_at(ct, _along(zone))
    share = float((hu[np.isfinite(hu)] < AIR_HU).mean()) if np.isfinite(hu).any() else 0.0
    if share > MOST_AIR:
        raise InvalidPlacement(
            f"probe {label}: {share:.0%} of its active zone lies in air or lung (below {AIR_HU:g} HU), at most "
            f"{MOST_AIR:.0%} may; move the probe or choose a shorter active zone"
        )
