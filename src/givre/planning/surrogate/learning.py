"""What the surrogate takes from runs of the solver: reach tables, the law of the case, local factors, its own error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment, minimize
from scipy.spatial import cKDTree

from givre.assessment.lethal import lethal_zone
from givre.bioheat.run import ThermalRun
from givre.case.goals import Goals
from givre.geometry.line import Segment
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Volume
from givre.planning.surrogate.law import CombinationLaw
from givre.planning.surrogate.prediction import (
    TABLE_ALONG_MM,
    TABLE_AWAY_MM,
    TABLE_STEP_MM,
    ActiveZones,
    Memory,
    PlanPoints,
    ReachTable,
    Surrogate,
    features_of,
    surrogate_of,
)
from givre.planning.trial.quick_look import QuickLook

Array = npt.NDArray[np.float64]

MOST_TUMOUR_POINTS, MOST_MARGIN_POINTS, MOST_ORGAN_POINTS = 2500, 2500, 700
"""Enough that a share of the grown tumour is known to half a percent, few enough for thousands of plans a second."""

ORGAN_REACH_MM = 45.0
"""Parts of an organ farther from the tumour than this are not looked at while searching; the solver looks at all."""

ORGAN_SPACING_MM = 2.0
"""Least distance between two points of an organ, so that they spread over it."""

AZIMUTHS = 24
"""Directions around a probe over which its reach is averaged."""

LEAST_POTENTIAL = 0.5
"""Added to both sides of a ratio of potentials, so that tissue that is hardly cooled gives no wild factor [°C]."""

LEAST_FACTOR, MOST_FACTOR = 0.05, 4.0
"""Bounds of the local correction."""

POWER_SPREAD, SHARE_SPREAD, PRIOR_WEIGHT = 0.12, 0.25, 5e-4
"""How far the two numbers of the law are expected to lie from the packaged fit in one case, and how much that counts
beside the runs."""

OTHER_KIND_MM = 5.0
"""A run of another cryoprobe or protocol counts as if its plan were this much farther away."""


def plan_points(look: QuickLook) -> PlanPoints:
    """Points of a case at which plans are predicted: a part of those at which they are read."""
    tumour = _every(look.tumour.points_mm, MOST_TUMOUR_POINTS)
    # both parts are thinned alike, so that each point stands for the same volume
    share = len(tumour) / max(len(look.tumour.points_mm), 1)
    shell = _every(look.shell.points_mm, min(MOST_MARGIN_POINTS * 2, math.ceil(share * len(look.shell.points_mm))))
    tree = cKDTree(look.surface.points_mm)
    parts, organs, first = [tumour, shell], {}, len(tumour) + len(shell)
    for name, sampling in look.organs.items():
        near = _near(sampling.points_mm, tree)
        parts.append(near)
        organs[name] = (first, first + len(near))
        first += len(near)
    return PlanPoints(
        points_mm=np.ascontiguousarray(np.concatenate(parts)),
        tumour_count=len(tumour),
        grown_count=len(tumour) + len(shell),
        organs=organs,
    )


def first_surrogate(
    law: CombinationLaw, points: PlanPoints, *, background_cooling: Volume | None, lethal_c: float
) -> Surrogate:
    """A surrogate without tables.

    Args:
        law: how probes add up.
        points: where to predict.
        background_cooling: cooling before the first freeze; None where all is at body temperature.
        lethal_c: threshold of the goals.
    """
    nothing = np.zeros(len(points.points_mm))
    cooling = nothing if background_cooling is None else sample_at(background_cooling, points.points_mm, outside=0.0)
    return surrogate_of(law, (), points, law.potential(cooling), lethal_c=lethal_c)


def cooling_field(run: ThermalRun, law: CombinationLaw) -> Volume:
    """Cooling u of each voxel of a run."""
    return Volume(grid=run.grid, values=law.cooling_c(run.coldest_c), unit="degC")


def reach_table(
    run: ThermalRun, zone: Segment, *, key: str, law: CombinationLaw, background_cooling: Volume | None = None
) -> ReachTable:
    """The reach of a single probe, averaged around it and over both ends.

    Args:
        run: of this probe alone.
        zone: its active zone.
        key: name of the table.
        law: gives the cooling.
        background_cooling: what it was without the probe, taken off.
    """
    along = np.arange(0.0, TABLE_ALONG_MM + TABLE_STEP_MM / 2, TABLE_STEP_MM)
    away = np.arange(0.0, TABLE_AWAY_MM + TABLE_STEP_MM / 2, TABLE_STEP_MM)
    across, other = _perpendicular(zone.direction)
    angles = np.arange(AZIMUTHS) * (2.0 * np.pi / AZIMUTHS)
    around = np.cos(angles)[:, None] * across + np.sin(angles)[:, None] * other
    offsets = np.concatenate([along, -along])[:, None, None, None] * zone.direction
    points_mm = zone.point_mm(zone.length_mm / 2) + offsets + away[None, :, None, None] * around[None, None]
    cooling = sample_at(cooling_field(run, law), points_mm.reshape(-1, 3), outside=0.0)
    if background_cooling is not None:
        cooling -= sample_at(background_cooling, points_mm.reshape(-1, 3), outside=0.0)
    mean = np.maximum(cooling, 0.0).reshape(2, len(along), len(away), AZIMUTHS).mean(axis=(0, 3))
    return ReachTable(key=key, cooling_c=_decreasing(mean))


def lethal_equivalent_c(run: ThermalRun, goals: Goals) -> float:
    """The coldest temperature whose isotherm holds the volume of the lethal zone of a run.

    The threshold itself when the goals ask for a temperature alone, and when nothing is killed.
    """
    if goals.hold_s <= 0 and goals.freezes <= 1:
        return goals.lethal_temp_c
    zone = lethal_zone(run, lethal_temp_c=goals.lethal_temp_c, hold_s=goals.hold_s, freezes=goals.freezes)
    voxels = round(zone.volume_ml * 1000.0 / run.grid.voxel_volume_mm3) if zone.is_known else 0
    if voxels == 0:
        return goals.lethal_temp_c
    return min(float(np.partition(run.coldest_c, voxels, axis=None)[voxels]), goals.lethal_temp_c)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What is kept of a run: its cooling at the points of the surrogate.

    Attributes:
        zones: the plan of the run.
        cooling_c: cooling u at each point, shape (n,).
        steepness_c_mm: how fast it changes with place there, shape (n,).
    """

    zones: ActiveZones
    cooling_c: Array
    steepness_c_mm: Array

    @property
    def count(self) -> int:
        """Number of probes."""
        return len(self.zones.middles_mm)

    @property
    def is_known(self) -> bool:
        """Whether every value is a number; nothing is learnt from a run that has others."""
        return bool(np.isfinite(self.cooling_c).all())


def read_run(points: PlanPoints, law: CombinationLaw, zones: ActiveZones, run: ThermalRun) -> Reading:
    """Read a run at the points of the surrogate; what lies outside its lattice counts as warm."""
    cooling = cooling_field(run, law)
    slopes = [np.gradient(cooling.values, step, axis=axis) for axis, step in enumerate(run.grid.spacing_mm)]
    slope = np.linalg.norm(np.stack(slopes), axis=0)
    steep = Volume(grid=run.grid, values=slope, unit="degC")
    return Reading(
        zones=zones,
        cooling_c=sample_at(cooling, points.points_mm, outside=0.0),
        steepness_c_mm=sample_at(steep, points.points_mm, outside=1.0),
    )


def local_factor(surrogate: Surrogate, reading: Reading) -> Array:
    """The factor at each point that makes the surrogate agree with a run, shape (n,)."""
    plain = surrogate.with_memory(None).potentials(reading.zones) - surrogate.background
    solved = np.maximum(surrogate.law.potential(reading.cooling_c) - surrogate.background, 0.0)
    return np.clip((solved + LEAST_POTENTIAL) / (plain + LEAST_POTENTIAL), LEAST_FACTOR, MOST_FACTOR)


def learned(
    surrogate: Surrogate,
    readings: Sequence[Reading],
    *,
    others: Sequence[tuple[Surrogate, Sequence[Reading]]] = (),
) -> Surrogate:
    """The surrogate with a memory of the runs made so far: those of plans like the one predicted count most.

    Args:
        surrogate: with tables and law; its memory is replaced.
        readings: of runs of the same kind of probe.
        others: surrogates of other kinds of probe or protocol with their runs; they count as if farther away.
    """
    seen = [(surrogate, reading, 0.0) for reading in readings if reading.is_known]
    seen += [(other, reading, OTHER_KIND_MM) for other, own in others for reading in own if reading.is_known]
    if not seen:
        return surrogate.with_memory(None)
    plans = np.zeros((len(seen), max(reading.count for _, reading, _ in seen), 6))
    for place, (_, reading, _) in enumerate(seen):
        plans[place, : reading.count] = features_of(reading.zones)
    return surrogate.with_memory(
        Memory(
            plans=plans,
            counts=np.array([reading.count for _, reading, _ in seen], dtype=np.int64),
            more_mm=np.array([more_mm for _, _, more_mm in seen]),
            factors=np.stack([local_factor(known, reading) for known, reading, _ in seen]),
        )
    )


def fitted_law(surrogate: Surrogate, readings: Sequence[Reading]) -> CombinationLaw:
    """The law that explains the runs of several probes best, once single ones are corrected place by place.

    It is held near the law the surrogate has. Looks at the places that decide: those about as cold as the edge of the
    lethal zone and the organs around it.
    """
    known = [reading for reading in readings if reading.is_known]
    several = [reading for reading in known if reading.count > 1]
    single = [reading for reading in known if reading.count == 1]
    if not several:
        return surrogate.law
    usual, edge = surrogate.law, float(surrogate.law.cooling_c(surrogate.lethal_c))

    def miss(numbers: Array) -> float:
        law = _law_with(usual, numbers)
        tried = learned(surrogate.with_law(law), single)
        total = 0.0
        for reading in several:
            wanted = reading.cooling_c
            gap = (law.cooling_of(tried.potentials(reading.zones)) - wanted) / (5.0 + 0.4 * wanted)
            total += float(np.mean(np.square(gap) * np.exp(-np.square((wanted - edge) / edge))))
        power, share = (law.power - usual.power) / POWER_SPREAD, (law.frozen_share - usual.frozen_share) / SHARE_SPREAD
        return total / len(several) + PRIOR_WEIGHT * (power**2 + share**2)

    found = minimize(
        miss,
        np.array([usual.power, usual.frozen_share]),
        method="Nelder-Mead",
        options={"xatol": 0.01, "fatol": 1e-5, "maxfev": 40},
    )
    return _law_with(usual, found.x)


def plan_distance_mm(one: ActiveZones, other: ActiveZones) -> float:
    """How far two plans of as many probes are apart: root mean square over their probes, best matched."""
    squared = np.square(features_of(one)[:, None] - features_of(other)[None]).sum(axis=2)
    rows, columns = linear_sum_assignment(squared)
    return math.sqrt(float(squared[rows, columns].mean()))


def _law_with(law: CombinationLaw, numbers: Array) -> CombinationLaw:
    return replace(law, power=float(np.clip(numbers[0], 0.6, 1.6)), frozen_share=float(np.clip(numbers[1], 0.2, 2.0)))


def _near(points_mm: Array, tree: cKDTree) -> Array:
    """Points of an organ near the tumour, spread out, the nearest first."""
    if not len(points_mm):
        return points_mm
    distance_mm, _ = tree.query(points_mm, distance_upper_bound=ORGAN_REACH_MM)
    order = np.argsort(distance_mm, kind="stable")
    order = order[np.isfinite(distance_mm[order])]
    cells = np.floor(points_mm[order] / ORGAN_SPACING_MM).astype(np.int64)
    _, firsts = np.unique(cells, axis=0, return_index=True)
    return np.asarray(points_mm[order[np.sort(firsts)[:MOST_ORGAN_POINTS]]])


def _every(points_mm: Array, most: int) -> Array:
    """At most some of the points, evenly over the list."""
    if len(points_mm) <= most:
        return points_mm
    chosen = np.linspace(0, len(points_mm) - 1, most).round().astype(np.int64)
    return points_mm[chosen]


def _perpendicular(direction: Array) -> tuple[Array, Array]:
    """Two unit vectors across a direction."""
    helper = np.eye(3)[int(np.argmin(np.abs(direction)))]
    across = np.cross(direction, helper)
    across /= np.linalg.norm(across)
    return across, np.cross(direction, across)


def _decreasing(cooling: Array) -> Array:
    """The same, never rising with distance: an average over ragged tissue may."""
    return np.asarray(np.minimum.accumulate(np.minimum.accumulate(cooling, axis=1), axis=0))
