"""Exact distances between a straight path and drawn structures, and what the path passes through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.geometry.grid import Point
from givre.geometry.line import Segment
from givre.geometry.shape import refuse_empty
from givre.geometry.volume import Mask

Array = npt.NDArray[np.float64]

_HALVINGS = 60
_SAMPLE_MM = 0.2
_GOLDEN = (5.0**0.5 - 1.0) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """How close a path comes to one structure.

    Attributes:
        structure: its name.
        distance_mm: from the surface of the shaft to the nearest drawn voxel, negative if the shaft touches it.
        wanted_mm: least distance asked.
        depth_mm: where, measured along the path from the skin.
        point_mm: where on the axis, LPS.
        gives_way: whether the rule holds only while another path exists.
    """

    structure: str
    distance_mm: float
    wanted_mm: float
    depth_mm: float
    point_mm: Point
    gives_way: bool = False

    @property
    def slack_mm(self) -> float:
        """What is left beyond the distance asked [mm]."""
        return self.distance_mm - self.wanted_mm

    @property
    def is_kept(self) -> bool:
        """Whether the distance asked is kept; False for a distance that is not known."""
        return self.distance_mm >= self.wanted_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a path inside one structure.

    Attributes:
        structure: its name.
        from_mm: where it begins, from the skin.
        to_mm: where it ends, from the skin.
    """

    structure: str
    from_mm: float
    to_mm: float

    @property
    def length_mm(self) -> float:
        """Length inside [mm]."""
        return self.to_mm - self.from_mm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnShape:
    """A structure made ready to measure distances to.

    Attributes:
        mask: the structure.
        boundary: index (k, j, i) of each voxel at its outside, shape (n, 3).
    """

    mask: Mask
    boundary: Array


def drawn_shape(mask: Mask) -> DrawnShape:
    """Make a structure ready to measure distances to.

    Raises:
        EmptyMask: if the mask holds no voxel.
    """
    refuse_empty(mask)
    window = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(mask.inside.any(axis=others))
        window.append(slice(int(found[0]), int(found[-1]) + 1))
    inside = mask.inside[tuple(window)]
    first = np.array([part.start for part in window])
    boundary = np.argwhere(inside & ~ndimage.binary_erosion(inside)) + first
    return DrawnShape(mask=mask, boundary=boundary.astype(np.float64))


def nearest_on_path(path: Segment, shape: DrawnShape) -> tuple[float, float]:
    """Exact distance from the axis of a path to the nearest voxel box of a structure, and where along the path [mm].

    The distance to a box is convex along a line, so its minimum is found by narrowing; boxes whose centre is farther
    than the nearest centre by more than half a diagonal cannot be the nearest. 0 where the axis lies in a voxel.
    """
    mask = shape.mask
    spacing = np.array(mask.grid.spacing_mm)
    centres = shape.boundary * spacing
    start = mask.grid.lps_to_index(path.start_mm) * spacing
    direction = (mask.grid.lps_to_index(path.end_mm) * spacing - start) / path.length_mm
    along = np.clip((centres - start) @ direction, 0.0, path.length_mm)
    to_centre = np.linalg.norm(centres - start - along[:, None] * direction, axis=1)
    half = spacing / 2.0
    rivals = centres[to_centre <= to_centre.min() + float(np.linalg.norm(half)) + 1e-9]
    inside_mm = _first_inside_mm(path, mask)
    if inside_mm is not None:
        return 0.0, inside_mm

    def distance(at: Array) -> Array:
        gap = np.abs(start + at[:, None] * direction - rivals) - half
        return np.asarray(np.linalg.norm(np.maximum(gap, 0.0), axis=1))

    low, high = np.zeros(len(rivals)), np.full(len(rivals), path.length_mm)
    for _ in range(_HALVINGS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        is_left = distance(left) <= distance(right)
        low, high = np.where(is_left, low, left), np.where(is_left, right, high)
    at = (low + high) / 2.0
    found = distance(at)
    best = int(np.argmin(found))
    return float(found[best]), float(at[best])


def passages(path: Segment, masks: Iterable[Mask]) -> tuple[Passage, ...]:
    """The stretches of a path inside each structure, in the order they are met, to 0.2 mm."""
    count = max(2, int(np.ceil(path.length_mm / _SAMPLE_MM)))
    middles = (np.arange(count) + 0.5) * path.length_mm / count
    points = path.point_mm(middles)
    found = []
    for mask in masks:
        inside = _inside(mask, points)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
        step = path.length_mm / count
        found += [
            Passage(structure=mask.name, from_mm=float(first * step), to_mm=float(after * step))
            for first, after in zip(edges[::2], edges[1::2], strict=True)
        ]
    return tuple(sorted(found, key=lambda passage: (passage.from_mm, passage.structure)))


def _first_inside_mm(path: Segment, mask: Mask) -> float | None:
    """Middle of the first stretch of the axis inside the mask; None if it never is."""
    met = passages(path, [mask])
    return (met[0].from_mm + met[0].to_mm) / 2.0 if met else None


def _inside(mask: Mask, points_mm: Array) -> npt.NDArray[np.bool_]:
    index = np.moveaxis(mask.grid.lps_to_index(points_mm), -1, 0)
    return np.asarray(ndimage.map_coordinates(mask.inside.view(np.uint8), index, order=0, mode="constant") > 0)
