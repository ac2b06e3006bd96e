"""Signed distances to simple solids, negative inside, from which phantoms are built."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.geometry.grid import Point
from givre.geometry.line import Segment

Distance = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]


def capsule(points_mm: Points, start_mm: Point, end_mm: Point, radius_mm: float) -> Distance:
    """A rod with round ends."""
    return Segment(start_mm=start_mm, end_mm=end_mm).distance_mm(points_mm) - radius_mm


def sphere(points_mm: Points, centre_mm: Point, radius_mm: float) -> Distance:
    """A ball."""
    return np.asarray(np.linalg.norm(points_mm - np.array(centre_mm), axis=-1) - radius_mm)


def elliptic_column(points_mm: Points, centre_xy_mm: tuple[float, float], semi_xy_mm: tuple[float, float]) -> Distance:
    """An endless column along z with an elliptic section; exact on its surface, approximate away from it."""
    scaled = (points_mm[..., :2] - np.array(centre_xy_mm)) / np.array(semi_xy_mm)
    return np.asarray((np.linalg.norm(scaled, axis=-1) - 1.0) * min(semi_xy_mm))


def slab(coordinate_mm: Distance, low_mm: float, high_mm: float) -> Distance:
    """Everything between two values of a coordinate."""
    return np.maximum(low_mm - coordinate_mm, coordinate_mm - high_mm)


def union(*solids: Distance) -> Distance:
    """Inside any of them."""
    return np.asarray(np.minimum.reduce(solids))


def intersection(*solids: Distance) -> Distance:
    """Inside all of them."""
    return np.asarray(np.maximum.reduce(solids))


def without(solid: Distance, removed: Distance) -> Distance:
    """Inside the first and not the second."""
    return np.asarray(np.maximum(solid, -removed))
