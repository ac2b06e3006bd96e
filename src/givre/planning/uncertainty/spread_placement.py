"""Where a cryoprobe ends up when its tip and its direction miss the plan."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.placement import Placement
from givre.geometry.grid import Point
from givre.planning.uncertainty.spread import Factor, SpreadSettings, normal_law, usual_spreads

Array = npt.NDArray[np.float64]

ERRORS = ("along_mm", "head_mm", "side_mm", "tilt_head_deg", "tilt_side_deg")
"""What may be off in one placement: the tip along the probe (positive: too deep), across it towards the head, across it
sideways, and the tilt of the far end in the last two directions."""

_HEAD = np.array([0.0, 0.0, 1.0])
_BACK = np.array([0.0, 1.0, 0.0])


def placement_factors(label: str, settings: SpreadSettings) -> tuple[Factor, ...]:
    """The five errors of one placement, in the order of `ERRORS`."""
    usual = usual_spreads()
    sigmas = {
        "along_mm": (settings.along_sigma_mm, "along_sigma_mm"),
        "head_mm": (settings.across_sigma_mm, "across_sigma_mm"),
        "side_mm": (settings.across_sigma_mm, "across_sigma_mm"),
        "tilt_head_deg": (settings.direction_sigma_deg, "direction_sigma_deg"),
        "tilt_side_deg": (settings.direction_sigma_deg, "direction_sigma_deg"),
    }
    found = []
    for what in ERRORS:
        sigma, row = sigmas[what]
        is_usual = sigma == usual[row].value
        found.append(
            Factor(
                what=what,
                group=label,
                law=normal_law(0.0, sigma, usual[row].unit),
                shown_for=label,
                source=usual[row].source if is_usual else "chosen by the user",
                status=usual[row].status if is_usual else "assumption",
            )
        )
    return tuple(found)


def misplaced(placement: Placement, errors: tuple[float, float, float, float, float]) -> Placement:
    """The placement as it would come out; its path stays as long as planned.

    Args:
        placement: as planned.
        errors: in the order of `ERRORS` [mm, mm, mm, deg, deg]; all 0 gives the same placement.

    >>> planned = Placement(label="P1", model="m", entry_mm=(0, -60, 0), target_mm=(0, 0, 0))
    >>> misplaced(planned, (2.0, 0.0, 0.0, 0.0, 0.0)).target_mm
    (0.0, 2.0, 0.0)
    """
    if not any(errors):
        return placement
    tip, entry = np.array(placement.target_mm, dtype=float), np.array(placement.entry_mm, dtype=float)
    length_mm = float(np.linalg.norm(tip - entry))
    inwards = (tip - entry) / length_mm
    head, side = _across(inwards)
    along_mm, head_mm, side_mm, tilt_head_deg, tilt_side_deg = errors
    moved_tip = tip + along_mm * inwards + head_mm * head + side_mm * side
    tilt = math.radians(tilt_head_deg) * head + math.radians(tilt_side_deg) * side
    angle = float(np.linalg.norm(tilt))
    outwards = -inwards if angle == 0 else -math.cos(angle) * inwards + math.sin(angle) * tilt / angle
    return replace(placement, entry_mm=_point(moved_tip + length_mm * outwards), target_mm=_point(moved_tip))


def _across(inwards: Array) -> tuple[Array, Array]:
    """Two directions across a probe: the one nearest to the head, and that at a right angle to both."""
    reference = _HEAD if abs(float(inwards @ _HEAD)) < 0.95 else _BACK
    head = reference - float(reference @ inwards) * inwards
    head /= np.linalg.norm(head)
    return head, np.cross(inwards, head)


def _point(position: Array) -> Point:
    x, y, z = (float(value) for value in position)
    return (x, y, z)
