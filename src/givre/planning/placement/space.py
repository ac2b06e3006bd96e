"""Plans as numbers an optimiser can turn: each probe by the middle of its active zone and the tilt of its shaft."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.planning.placement.paths import Paths
from givre.planning.surrogate.prediction import ActiveZones

Array = npt.NDArray[np.float64]

PER_PROBE = 5
"""Three coordinates and two tilts."""

MM_PER_UNIT, TILT_PER_UNIT = 4.0, 0.1
"""What one unit of the optimiser means: millimetres, and the tangent of a tilt (0.1 is 5.7 degrees)."""

MOST_TILT = 0.6
"""Largest tangent of the tilt of a shaft from the direction its bundle started with: 31 degrees."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bundle:
    """The frame in which the probes of one search are described.

    Attributes:
        centre_mm: LPS point that coordinates are counted from.
        direction: unit LPS vector from skin to tip that tilts are counted from.
        across: two unit vectors across it, shape (2, 3).
        low_mm, high_mm: bounds of the middles of active zones, along (across, across, direction), shape (3,).
    """

    centre_mm: Array
    direction: Array
    across: Array
    low_mm: Array
    high_mm: Array

    @property
    def axes(self) -> Array:
        """The three axes of the frame as rows, shape (3, 3)."""
        return np.vstack([self.across, self.direction])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Geometry:
    """One plan in space, m probes of one model.

    Attributes:
        middles_mm: middle of each active zone, LPS, shape (m, 3).
        directions: unit vector of each shaft, from skin to tip, shape (m, 3).
        entries_mm: where each shaft enters the skin; NaN where it finds none, shape (m, 3).
        tips_mm: tip of each, shape (m, 3).
        missing_mm: by how much each path misses what is asked of it, shape (m,).
    """

    middles_mm: Array
    directions: Array
    entries_mm: Array
    tips_mm: Array
    missing_mm: Array

    @property
    def count(self) -> int:
        """Number of probes."""
        return len(self.middles_mm)

    def zones(self, table: int) -> ActiveZones:
        """The active zones for the surrogate, all of one table."""
        return ActiveZones(
            middles_mm=self.middles_mm,
            directions=self.directions,
            table_of=np.full(self.count, table, dtype=np.int64),
        )

    def zone_ends_mm(self, model: CryoprobeModel) -> tuple[Array, Array]:
        """Both ends of each active zone, shape (m, 3) each."""
        half = model.active_zone_mm / 2 * self.directions
        return self.middles_mm - half, self.middles_mm + half


def bundle_along(direction: Array, tumour_points_mm: Array, *, room_mm: float) -> Bundle:
    """The frame of a search along one direction, with room around the tumour.

    Args:
        direction: unit vector from skin to tip.
        tumour_points_mm: points of the tumour, LPS, shape (n, 3).
        room_mm: how far beyond the tumour the middle of an active zone may lie.
    """
    helper = np.eye(3)[int(np.argmin(np.abs(direction)))]
    first = np.cross(direction, helper)
    first /= np.linalg.norm(first)
    across = np.vstack([first, np.cross(direction, first)])
    centre = tumour_points_mm.mean(axis=0)
    inside = (tumour_points_mm - centre) @ np.vstack([across, direction]).T
    return Bundle(
        centre_mm=centre,
        direction=direction,
        across=across,
        low_mm=inside.min(axis=0) - room_mm,
        high_mm=inside.max(axis=0) + room_mm,
    )


def bounds_of(bundle: Bundle, count: int) -> tuple[Array, Array]:
    """Lowest and highest value of each number of a plan of `count` probes, shape (count * PER_PROBE,)."""
    tilt = np.full(2, MOST_TILT / TILT_PER_UNIT)
    low = np.concatenate([bundle.low_mm / MM_PER_UNIT, -tilt])
    high = np.concatenate([bundle.high_mm / MM_PER_UNIT, tilt])
    return np.tile(low, count), np.tile(high, count)


def numbers_of(bundle: Bundle, middles_mm: Array, directions: Array) -> Array:
    """The numbers of a plan, shape (m * PER_PROBE,); tilts beyond the bounds are cut."""
    inside = (middles_mm - bundle.centre_mm) @ bundle.axes.T / MM_PER_UNIT
    turned = directions @ bundle.axes.T
    tilt = turned[:, :2] / np.maximum(turned[:, 2:], 1e-3) / TILT_PER_UNIT
    most = MOST_TILT / TILT_PER_UNIT
    return np.concatenate([inside, np.clip(tilt, -most, most)], axis=1).ravel()


def placed(bundle: Bundle, numbers: Array) -> tuple[Array, Array]:
    """Middles and directions of many plans at once.

    Args:
        bundle: the frame.
        numbers: shape (plans, probes * PER_PROBE).

    Returns:
        Middles of active zones and unit directions, shape (plans, probes, 3) each.
    """
    table = numbers.reshape(len(numbers), -1, PER_PROBE)
    middles = bundle.centre_mm + table[..., :3] * MM_PER_UNIT @ bundle.axes
    leaning = bundle.direction + table[..., 3:] * TILT_PER_UNIT @ bundle.across
    return middles, leaning / np.linalg.norm(leaning, axis=-1, keepdims=True)


def tips_of(middles_mm: Array, directions: Array, model: CryoprobeModel) -> Array:
    """Tips of probes whose active zones are centred on some points, same shape."""
    return np.asarray(middles_mm + (model.active_zone_mm / 2 + model.tip_offset_mm) * directions)


def geometry_at(middles_mm: Array, directions: Array, model: CryoprobeModel, paths: Paths) -> Geometry:
    """The plan whose active zones are centred on some points, along some directions, shape (m, 3) each."""
    tips = tips_of(middles_mm, directions, model)
    found = paths.look(tips, directions, model)
    return Geometry(
        middles_mm=middles_mm,
        directions=directions,
        entries_mm=found.entries_mm,
        tips_mm=tips,
        missing_mm=found.missing_mm,
    )


def geometries_of(bundle: Bundle, numbers: Array, model: CryoprobeModel, paths: Paths) -> list[Geometry]:
    """The plans that some numbers stand for, shape (plans, numbers), their paths judged all at once."""
    middles, directions = placed(bundle, numbers)
    all_of = geometry_at(middles.reshape(-1, 3), directions.reshape(-1, 3), model, paths)
    entries, tips = all_of.entries_mm.reshape(middles.shape), all_of.tips_mm.reshape(middles.shape)
    missing_mm = all_of.missing_mm.reshape(middles.shape[:2])
    return [
        Geometry(
            middles_mm=middles[n],
            directions=directions[n],
            entries_mm=entries[n],
            tips_mm=tips[n],
            missing_mm=missing_mm[n],
        )
        for n in range(len(numbers))
    ]


def placements_of(geometry: Geometry, model: CryoprobeModel) -> tuple[Placement, ...]:
    """The plan as placements, P1, P2 ... from head to feet, then from right to left; points to 0.1 mm."""
    order = np.lexsort((geometry.tips_mm[:, 0].round(1), -geometry.tips_mm[:, 2].round(1)))
    return tuple(
        Placement(
            label=f"P{place + 1}",
            model=model.id,
            entry_mm=_point(geometry.entries_mm[probe]),
            target_mm=_point(geometry.tips_mm[probe]),
        )
        for place, probe in enumerate(order)
    )


def geometry_of(placements: tuple[Placement, ...], model: CryoprobeModel, paths: Paths) -> Geometry:
    """The geometry of some placements of one model, their paths judged."""
    entries = np.array([placement.entry_mm for placement in placements], dtype=np.float64)
    tips = np.array([placement.target_mm for placement in placements], dtype=np.float64)
    directions = (tips - entries) / np.linalg.norm(tips - entries, axis=1, keepdims=True)
    return Geometry(
        middles_mm=tips - (model.active_zone_mm / 2 + model.tip_offset_mm) * directions,
        directions=directions,
        entries_mm=entries,
        tips_mm=tips,
        missing_mm=paths.look(tips, directions, model).missing_mm,
    )


def _point(point_mm: Array) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 1) for value in point_mm)
    return (x, y, z)
