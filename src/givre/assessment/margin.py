"""How far the lethal zone reaches beyond the tumour, everywhere on its surface."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.assessment.lethal import LethalZone
from givre.assessment.result import MarginMap
from givre.geometry.distance import signed_distance_to_surface_mm
from givre.geometry.grid import Point
from givre.geometry.surface import TriangleSurface

Array = npt.NDArray[np.float64]

LETTERS = (("R", "L"), ("A", "P"), ("F", "H"))
"""For LPS x, y, z: the letter towards the negative and the positive end."""

NOTEWORTHY = 0.3827
"""A direction counts when it makes up this share of a unit vector: sin 22.5 degrees, half of an eighth turn."""

NOWHERE: Point = (float("nan"), float("nan"), float("nan"))


def margin_map(tumour: TriangleSurface, zone: LethalZone) -> MarginMap:
    """Signed distance from the tumour surface to the edge of the lethal zone.

    Positive where the surface lies inside the zone: the zone reaches that far beyond the tumour, in the nearest
    direction. Negative where tumour surface is left alive. Every figure is NaN if the zone is not known or if
    there is none: no edge, no distance.
    """
    area = tumour.vertex_area_mm2
    weight = area / area.sum()
    if not zone.is_known or zone.surface.is_empty:
        return _unknown_margin(tumour, weight)
    alive = ~zone.is_inside(tumour.points_mm)
    margin_mm = -signed_distance_to_surface_mm(tumour.points_mm, zone.surface, is_inside=~alive)
    worst = int(np.argmin(margin_mm))
    where_mm = tumour.points_mm[worst]
    return MarginMap(
        points_mm=tumour.points_mm,
        triangles=tumour.triangles,
        margin_mm=margin_mm,
        area_weight=weight,
        minimum_mm=float(margin_mm[worst]),
        mean_mm=float(np.dot(weight, margin_mm)),
        percentile_5_mm=weighted_percentile(margin_mm, weight, 5.0),
        where_minimum_mm=(float(where_mm[0]), float(where_mm[1]), float(where_mm[2])),
        where_minimum=direction_in_letters(where_mm - weight @ tumour.points_mm),
    )


def weighted_percentile(values: Array, weight: Array, percent: float) -> float:
    """The smallest value that `percent` of the total weight does not exceed.

    >>> weighted_percentile(np.array([3.0, 1.0, 2.0]), np.array([0.5, 0.25, 0.25]), 40.0)
    2.0
    """
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    first = int(np.searchsorted(reached, percent / 100.0 * (1.0 - 1e-12)))
    return float(values[order[min(first, values.size - 1)]])


def direction_in_letters(direction_mm: npt.ArrayLike) -> str:
    """An LPS direction in patient letters, the strongest first; empty for no direction.

    >>> direction_in_letters((3.0, -4.0, 0.1)), direction_in_letters((0.0, 0.0, -1.0))
    ('A-L', 'F')
    """
    direction = np.asarray(direction_mm, dtype=float)
    length = float(np.linalg.norm(direction))
    if not length > 0:
        return ""
    share = direction / length
    axes = [axis for axis in np.argsort(-np.abs(share), kind="stable") if abs(share[axis]) >= NOTEWORTHY]
    return "-".join(LETTERS[axis][int(share[axis] > 0)] for axis in axes)


def _unknown_margin(tumour: TriangleSurface, weight: Array) -> MarginMap:
    nan = float("nan")
    return MarginMap(
        points_mm=tumour.points_mm,
        triangles=tumour.triangles,
        margin_mm=np.full(tumour.points_mm.shape[0], nan),
        area_weight=weight,
        minimum_mm=nan,
        mean_mm=nan,
        percentile_5_mm=nan,
        where_minimum_mm=NOWHERE,
        where_minimum="",
    )
