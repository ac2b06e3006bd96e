"""How much of the tumour is killed, counted finer than voxels."""

from __future__ import annotations

from givre.assessment.lethal import LethalZone
from givre.geometry.shape import SmoothShape, points_filling_mm


def coverage(tumour: SmoothShape, zone: LethalZone, *, grown_mm: float = 0.0) -> float:
    """Fraction of the tumour, grown by `grown_mm`, that lies inside the lethal zone; NaN if that is not known.

    The smooth shape is filled with points at most half a millimetre apart (up to some 400 000) and the zone is
    interpolated at each, so that the figure moves smoothly and not by whole voxels. What lies outside the
    simulated domain counts as not covered.

    Args:
        tumour: built with a reach of at least `grown_mm`.
        zone: the lethal zone of the run.
        grown_mm: margin around the tumour to cover as well.
    """
    if not zone.is_known:
        return float("nan")
    return float(zone.is_inside(points_filling_mm(tumour, grown_mm=grown_mm)).mean())
