"""The map of a target: every entry on the skin, whether a needle can go in there and why not, and the best ways."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InputError
from givre.geometry.grid import Point
from givre.geometry.line import Segment
from givre.planning.access.bone import BoneAlong, bone_along
from givre.planning.access.clearance import drawn_shape, nearest_on_path
from givre.planning.access.limits import AccessLimits
from givre.planning.access.path_checker import STEP_MM
from givre.planning.access.path_checks import PathChecks
from givre.planning.access.trajectory import (
    AccessCase,
    InvalidTarget,
    TargetOutsideBody,
    TipInAir,
    Trajectory,
    UnreachableTarget,
    describe_paths,
)

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ENTRY_SPACING_MM = 2.0
"""Between two entries tried on the skin."""
APART_DEG = 15.0
"""Two ways listed differ in direction by at least this."""
MOST_LISTED = 50
REACH_OF_MAP = 1.1
"""Entries farther from the target than so many shafts are not tried."""
MOST_REFINED = 120
"""Near misses whose distances are taken exactly before a target is called out of reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What every path of a map leads to.

    Attributes:
        point_mm: LPS point on the axis of every path.
        beyond_mm: how far beyond that point the tip lies; 0 when the point is the tip itself.
    """

    point_mm: Point
    beyond_mm: float = 0.0

    def __post_init__(self) -> None:
        numbers = np.array(self.point_mm, dtype=float)
        if numbers.shape != (3,) or not np.isfinite(numbers).all():
            raise InvalidTarget(f"target {self.point_mm}; give three finite numbers, LPS in mm")
        if not (math.isfinite(self.beyond_mm) and 0 <= self.beyond_mm <= 100):
            raise InvalidTarget(f"tip {self.beyond_mm} mm beyond the target; give 0 to 100 mm")

    def tips_mm(self, entries_mm: Array) -> Array:
        """The tip of each path, LPS, for entries (n, 3), shape (n, 3)."""
        inward = np.array(self.point_mm) - entries_mm
        with np.errstate(invalid="ignore", divide="ignore"):
            inward /= np.linalg.norm(inward, axis=1, keepdims=True)
        return np.asarray(np.array(self.point_mm) + self.beyond_mm * inward)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corridor:
    """Every entry tried for one target.

    Attributes:
        aim: the target.
        checks: what was found for each entry, n of them.
        bone: bone along each path that is allowed; NaN for the others.
        cost_mm: length and penalties of the paths that can be taken; NaN for the others, shape (n,).
        best: the best ways that differ in direction, best first; empty when the target cannot be reached.
        is_cut: whether an entry lies on a face where the image cuts the body, shape (n,).
        spacing_mm: between two entries.
    """

    aim: Aim
    checks: PathChecks
    bone: BoneAlong
    cost_mm: Array
    best: tuple[Trajectory, ...]
    is_cut: Flags
    spacing_mm: float

    @property
    def is_reachable(self) -> bool:
        """Whether a path breaks no rule."""
        return bool(self.checks.is_allowed.any())

    @property
    def is_reachable_at_all(self) -> bool:
        """Whether a path breaks no rule but those that give way."""
        return bool((self.checks.is_allowed | self.checks.is_last_resort).any())

    @property
    def counts(self) -> Mapping[str, int]:
        """How many entries each reason blocks first, the most frequent first; "" counts the free ones."""
        return dict(Counter(self.checks.first_reasons()).most_common())

    @property
    def obstacles(self) -> Mapping[str, int]:
        """How many entries each reason blocks, alone or with others, the most frequent first."""
        found = {str(reason): int(flags.sum()) for reason, flags in self.checks.faults.items()}
        found |= {f"clearance {name}": int(self.checks.is_too_close(name).sum()) for name in self.checks.clearance_mm}
        return dict(sorted(((key, count) for key, count in found.items() if count), key=lambda item: -item[1]))

    def require_reachable(self) -> None:
        """Refuse a target without a way to it.

        Raises:
            UnreachableTarget: naming what blocks it.
        """
        if self.is_reachable_at_all:
            return
        told = [f"{key or 'free'} {count}" for key, count in self.counts.items()]
        point = tuple(round(x, 1) for x in self.aim.point_mm)
        raise UnreachableTarget(
            f"no way to {point} mm (LPS) among {len(self.checks)} entries; blocked by: {', '.join(told)}; choose "
            "another target, a longer needle, or a smaller clearance if you can stand for it"
        )


def find_corridor(
    case: AccessCase,
    aim: Aim,
    *,
    most_listed: int = 5,
    entry_spacing_mm: float = ENTRY_SPACING_MM,
    apart_deg: float = APART_DEG,
) -> Corridor:
    """Try every entry for a target and describe the best ways.

    Entries are points of the skin about `entry_spacing_mm` apart, and points where the image cuts the body: a path
    through such a face is tried too, but its skin is not seen, and it is listed after those whose skin is.

    Args:
        case: where.
        aim: what to reach.
        most_listed: how many ways to describe.
        entry_spacing_mm: 1 to 10 mm.
        apart_deg: two ways described differ in direction by at least this.

    Raises:
        InputError: for an impossible spacing, angle or number.
        TargetOutsideBody: if the target lies outside the skin or the image.
        TipInAir: if it lies in gas.
    """
    _refuse_numbers(most_listed, entry_spacing_mm, apart_deg)
    _refuse_aim(case, aim)
    body = case.checker.body
    entries = [body.skin_points_mm(entry_spacing_mm), body.cut_points_mm(entry_spacing_mm)]
    points = np.concatenate(entries)
    is_cut = np.repeat([False, True], [len(entries[0]), len(entries[1])])
    # farther entries are out of reach of every shaft and would only fill the map
    near = np.linalg.norm(points - np.array(aim.point_mm), axis=1) <= REACH_OF_MAP * case.checker.access.shaft_mm
    points, is_cut = points[near], is_cut[near]
    checks = _never_wrongly_closed(case, case.checker.check(points, aim.tips_mm(points)))
    usable = checks.is_allowed | checks.is_last_resort
    bone = _bone_where(case, checks, usable)
    cost = ranking_cost_mm(checks, bone, case.checker.access.limits)
    cost[~usable] = np.nan
    chosen = best_directions(checks, cost, most=most_listed, apart_deg=apart_deg)
    best = describe_paths(
        case,
        checks.entries_mm[chosen],
        checks.targets_mm[chosen],
        labels=tuple(f"T{rank}" for rank in range(1, len(chosen) + 1)),
        costs_mm=tuple(float(cost[path]) for path in chosen),
    )
    return Corridor(
        aim=aim, checks=checks, bone=bone, cost_mm=cost, best=best, is_cut=is_cut, spacing_mm=entry_spacing_mm
    )


def ranking_cost_mm(checks: PathChecks, bone: BoneAlong, limits: AccessLimits) -> Array:
    """Length and penalties by which paths are ranked [mm], shape (n,).

    Length (0 where the skin is not seen: a lower bound says nothing), tilt, clearance short of comfort, and a drilled
    cortex, weighed by the limits.
    """
    short_mm = np.clip(limits.comfortable_mm - checks.worst_slack_mm, 0.0, limits.comfortable_mm)
    length = np.where(checks.is_skin_seen, checks.length_mm, 0.0)
    return np.asarray(
        length
        + limits.tilt_cost_mm_per_deg * np.abs(checks.tilt_deg)
        + limits.nearness_cost_mm_per_mm * short_mm
        + limits.drill_cost_mm * bone.needs_drill(limits.drill_from_cortex_mm)
    )


def best_directions(checks: PathChecks, cost_mm: Array, *, most: int, apart_deg: float) -> list[int]:
    """The cheapest paths that differ in direction by at least `apart_deg`, best first.

    Paths that break no rule come before last resorts, and those whose skin is seen before the others; a path without
    a cost is never taken.
    """
    outward = checks.skin_mm - checks.targets_mm
    with np.errstate(invalid="ignore", divide="ignore"):
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    known = np.flatnonzero(np.isfinite(cost_mm))
    order = np.lexsort((cost_mm[known], ~checks.is_skin_seen[known], ~checks.is_allowed[known]))
    left, chosen = [int(path) for path in known[order]], list[int]()
    nearest = math.cos(math.radians(apart_deg))
    is_free = checks.is_allowed
    while left and len(chosen) < most:
        best = left[0]
        if chosen and is_free[chosen[0]] and not is_free[best]:
            break  # a last resort is no way while another exists
        chosen.append(best)
        left = [path for path in left if path != best and float(outward[path] @ outward[best]) < nearest]
    return chosen


def _never_wrongly_closed(case: AccessCase, checks: PathChecks) -> PathChecks:
    """The checks, with exact clearances for the nearest misses where bounds alone would close every way.

    The batch gives lower bounds of distances; a target must not be called out of reach because of what they give away.
    """
    if checks.is_allowed.any():
        return checks
    given_away_mm = float(np.linalg.norm(case.checker.node_spacing_mm)) / 2.0 + STEP_MM
    slack = checks.worst_slack_mm
    is_near = (slack < 0.0) & (slack >= -given_away_mm)
    for fault in checks.faults.values():
        is_near &= ~fault
    nearest = np.flatnonzero(is_near)
    nearest = nearest[np.argsort(-slack[nearest], kind="stable")][:MOST_REFINED]
    clearances = {name: values.copy() for name, values in checks.clearance_mm.items()}
    shapes = {item.name: drawn_shape(case.masks.get(item.name, item.mask)) for item in case.checker.forbidden}
    for path in nearest:
        axis = Segment(start_mm=_point(checks.skin_mm[path]), end_mm=_point(checks.targets_mm[path]))
        for item in case.checker.forbidden:
            if checks.is_too_close(item.name)[path]:
                distance_mm, _ = nearest_on_path(axis, shapes[item.name])
                clearances[item.name][path] = distance_mm - case.checker.access.diameter_mm / 2.0
    return replace(checks, clearance_mm=clearances)


def _point(values: Array) -> Point:
    return (float(values[0]), float(values[1]), float(values[2]))


def _bone_where(case: AccessCase, checks: PathChecks, wanted: Flags) -> BoneAlong:
    """Bone along the wanted paths, NaN along the others."""
    found = bone_along(
        case.ct, case.masks, checks.skin_mm[wanted], checks.targets_mm[wanted], thresholds=case.thresholds
    )
    parts = []
    for values in (found.bone_mm, found.cortex_mm, found.thickest_cortex_mm):
        whole = np.full(len(checks), np.nan)
        whole[wanted] = values
        parts.append(whole)
    return BoneAlong(bone_mm=parts[0], cortex_mm=parts[1], thickest_cortex_mm=parts[2])


def _refuse_aim(case: AccessCase, aim: Aim) -> None:
    point = np.array([aim.point_mm])
    told = tuple(round(float(x), 1) for x in aim.point_mm)
    if not case.ct.grid.contains(point)[0]:
        raise TargetOutsideBody(f"target {told} mm (LPS) lies outside the CT; move it or load a longer scan")
    if not case.checker.body.contains(point)[0]:
        raise TargetOutsideBody(f"target {told} mm (LPS) lies outside the skin; move it into the body")
    if case.checker.is_gas(point)[0]:
        raise TipInAir(
            f"target {told} mm (LPS) lies in air: lung, bowel gas or a cavity (at or below "
            f"{case.checker.gas_max_hu:g} HU); move it into tissue"
        )


def _refuse_numbers(most_listed: int, entry_spacing_mm: float, apart_deg: float) -> None:
    if not 1 <= most_listed <= MOST_LISTED:
        raise InputError(f"{most_listed} trajectories asked; give 1 to {MOST_LISTED}")
    if not 1.0 <= entry_spacing_mm <= 10.0:
        raise InputError(f"entries {entry_spacing_mm} mm apart; give 1 to 10 mm")
    if not 1.0 <= apart_deg <= 90.0:
        raise InputError(f"trajectories {apart_deg} degrees apart; give 1 to 90 degrees")
