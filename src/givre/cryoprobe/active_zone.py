"""The part of a placed cryoprobe that freezes."""

from __future__ import annotations

from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.foundation.errors import InvalidPlacement
from givre.geometry.grid import Point
from givre.geometry.line import Segment


def active_zone(placement: Placement, model: CryoprobeModel) -> Segment:
    """The active zone in the patient, from its end nearer the entry to its end nearer the tip, LPS mm.

    Raises:
        InvalidPlacement: if it would begin outside the patient, before the entry point.
    """
    needed_mm = model.tip_offset_mm + model.active_zone_mm
    if placement.depth_mm < needed_mm:
        raise InvalidPlacement(
            f"probe {placement.label}: the path is {placement.depth_mm:.1f} mm long and the active zone of "
            f"{model.name} needs {needed_mm:.1f} mm: it would freeze the skin; go deeper or take a shorter one"
        )
    path = Segment(start_mm=placement.entry_mm, end_mm=placement.target_mm)
    distal_mm = path.length_mm - model.tip_offset_mm
    return Segment(start_mm=_point(path, distal_mm - model.active_zone_mm), end_mm=_point(path, distal_mm))


def _point(path: Segment, distance_mm: float) -> Point:
    x, y, z = (float(value) for value in path.point_mm(distance_mm))
    return (x, y, z)
