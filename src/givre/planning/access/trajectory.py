"""One straight way from the skin to a target: its geometry, what it passes, how close it comes, and what blocks it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from givre.foundation.errors import PlanError
from givre.geometry.grid import Point
from givre.geometry.line import Segment
from givre.geometry.volume import Mask, Volume
from givre.planning.access.bone import BoneAlong, Tool, bone_along
from givre.planning.access.clearance import (
    Clearance,
    DrawnShape,
    Passage,
    drawn_shape,
    nearest_on_path,
    passages,
)
from givre.planning.access.needle import Shaft, long_enough
from givre.planning.access.path_checker import PathChecker
from givre.planning.access.path_checks import Block, PathChecks
from givre.tissue.hu_thresholds import HuThresholds

Array = npt.NDArray[np.float64]


class InvalidTarget(PlanError):
    """A target that is no point."""

    code = "INVALID_TARGET"


class TargetOutsideBody(PlanError):
    """A target outside the image or outside the skin."""

    code = "TARGET_OUTSIDE_BODY"


class TipInAir(PlanError):
    """A tip in lung, bowel gas or another air-filled place."""

    code = "TIP_IN_AIR"


class UnreachableTarget(PlanError):
    """A target that no entry leads to without breaking a rule."""

    code = "UNREACHABLE_TARGET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """One straight path of a needle.

    Attributes:
        label: short name ("T1", or that of a probe).
        entry_mm: LPS point where the axis meets the skin, or the edge of the image when the skin is not seen.
        target_mm: LPS position of the tip.
        skin_seen: whether the entry is skin; otherwise every length is a lower bound.
        length_mm: from entry to tip.
        depth_mm: of the tip below the nearest skin seen; NaN when none is seen.
        tilt_deg: angle to the axial plane, positive when the entry lies towards the head.
        in_plane_deg: direction of the entry in the axial plane: 0 behind the tip, 90 to the patient's left, -90 to
            the right, 180 in front.
        skin_angle_deg: between path and the normal of the skin; NaN when no skin is seen.
        from_bore_axis_mm: of the end of the handle; NaN when the axis of the gantry is not known.
        clearances: to each structure to stay away from, the tightest first; exact to the drawn voxels.
        passes: structures that the axis goes through, in the order they are met.
        bone_mm: length through bone outside the tumour.
        cortex_mm: length through cortex.
        thickest_cortex_mm: longest unbroken stretch of cortex.
        tool: whether the cortex asks for a drill.
        shaft: shortest shaft that is long enough; None if none is, or the length is not known.
        blocked_by: every reason against it, empty when it can be taken.
        cost_mm: length and penalties, by which it is ranked; NaN for a path that was not ranked.
    """

    label: str
    entry_mm: Point
    target_mm: Point
    skin_seen: bool
    length_mm: float
    depth_mm: float
    tilt_deg: float
    in_plane_deg: float
    skin_angle_deg: float
    from_bore_axis_mm: float
    clearances: tuple[Clearance, ...]
    passes: tuple[Passage, ...]
    bone_mm: float
    cortex_mm: float
    thickest_cortex_mm: float
    tool: Tool
    shaft: Shaft | None
    blocked_by: tuple[Block, ...]
    cost_mm: float = math.nan

    @property
    def is_allowed(self) -> bool:
        """Whether nothing blocks it."""
        return not self.blocked_by

    @property
    def is_last_resort(self) -> bool:
        """Whether it breaks only rules that give way when no other path exists."""
        return bool(self.blocked_by) and all(block.gives_way for block in self.blocked_by)

    @property
    def tightest(self) -> Clearance | None:
        """The clearance with least to spare; None without structures to stay away from."""
        return self.clearances[0] if self.clearances else None

    @property
    def outward(self) -> Array:
        """Unit LPS vector from tip to entry."""
        return Segment(start_mm=self.target_mm, end_mm=self.entry_mm).direction


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccessCase:
    """A case laid out to judge paths in it.

    Attributes:
        checker: judges many paths at once.
        ct: the planning CT, whole.
        masks: drawn structures by name, whole.
        thresholds: HU of bone, cortex, gas and metal.
        shafts: that can be had, shortest first.
    """

    checker: PathChecker
    ct: Volume
    masks: Mapping[str, Mask]
    thresholds: HuThresholds
    shafts: tuple[Shaft, ...]


def describe_paths(
    case: AccessCase,
    entries_mm: npt.ArrayLike,
    targets_mm: npt.ArrayLike,
    *,
    labels: tuple[str, ...],
    costs_mm: tuple[float, ...] = (),
) -> tuple[Trajectory, ...]:
    """Describe some paths in full, with exact clearances.

    Args:
        case: where.
        entries_mm: LPS, shape (n, 3); each gives a direction.
        targets_mm: tips, LPS, shape (n, 3).
        labels: names of the paths.
        costs_mm: of each path, if they were ranked.

    Raises:
        InvalidTarget: if a point is not finite or both ends are one.
        TargetOutsideBody: if a tip lies outside the skin or the image.
    """
    checks = case.checker.check(entries_mm, targets_mm)
    for path, label in enumerate(labels):
        refuse_target(checks, path, label)
    skin = case.checker.body.skin_points_mm(2.0)
    depths = cKDTree(skin).query(checks.targets_mm)[0] if len(skin) else np.full(len(checks), np.nan)
    bone = bone_along(case.ct, case.masks, checks.skin_mm, checks.targets_mm, thresholds=case.thresholds)
    # the whole mask where one was drawn: the working image may be coarser
    shapes = [drawn_shape(case.masks.get(item.name, item.mask)) for item in case.checker.forbidden]
    return tuple(
        replace(
            _described(case, checks, path, label, (bone, shapes)),
            depth_mm=float(depths[path]),
            cost_mm=costs_mm[path] if costs_mm else math.nan,
        )
        for path, label in enumerate(labels)
    )


def refuse_target(checks: PathChecks, path: int, label: str) -> None:
    """Refuse a path that has no tip inside the body.

    Raises:
        InvalidTarget: if a point is not finite or both ends are one.
        TargetOutsideBody: if the tip lies outside the skin or the image.
    """
    entry, tip = (tuple(float(x) for x in points[path].round(1)) for points in (checks.entries_mm, checks.targets_mm))
    if checks.faults["not_finite"][path]:
        raise InvalidTarget(f"{label}: entry {entry} and tip {tip} mm (LPS) give no path; give two finite points")
    if checks.faults["tip_outside_image"][path]:
        raise TargetOutsideBody(f"{label}: the tip {tip} mm (LPS) lies outside the CT; move it or load a longer scan")
    if checks.faults["tip_outside_body"][path]:
        raise TargetOutsideBody(f"{label}: the tip {tip} mm (LPS) lies outside the skin; move it into the body")


def _described(
    case: AccessCase, checks: PathChecks, path: int, label: str, read: tuple[BoneAlong, list[DrawnShape]]
) -> Trajectory:
    bone, shapes = read
    entry, tip = checks.skin_mm[path], checks.targets_mm[path]
    axis = Segment(start_mm=_point(entry), end_mm=_point(tip))
    limits = case.checker.access.limits
    clearances = _clearances(case, axis, shapes)
    seen, length_mm = bool(checks.is_skin_seen[path]), float(checks.length_mm[path])
    bore = checks.figures.get("bore")
    return Trajectory(
        label=label,
        entry_mm=axis.start_mm,
        target_mm=axis.end_mm,
        skin_seen=seen,
        length_mm=length_mm,
        depth_mm=math.nan,
        tilt_deg=float(checks.tilt_deg[path]),
        in_plane_deg=float(checks.in_plane_deg[path]),
        skin_angle_deg=float(checks.skin_angle_deg[path]),
        from_bore_axis_mm=math.nan if bore is None or not seen else float(bore[0][path]),
        clearances=clearances,
        passes=passages(axis, (mask for name, mask in case.masks.items() if name not in ("body", "skin"))),
        bone_mm=float(bone.bone_mm[path]),
        cortex_mm=float(bone.cortex_mm[path]),
        thickest_cortex_mm=float(bone.thickest_cortex_mm[path]),
        tool=bone.tool(path, drill_from_mm=limits.drill_from_cortex_mm),
        shaft=long_enough(case.shafts, length_mm if seen else math.nan, grip_mm=limits.grip_mm),
        blocked_by=_blocks(checks, path, clearances),
    )


def _clearances(case: AccessCase, axis: Segment, shapes: list[DrawnShape]) -> tuple[Clearance, ...]:
    found = []
    for item, shape in zip(case.checker.forbidden, shapes, strict=True):
        distance_mm, at_mm = nearest_on_path(axis, shape)
        found.append(
            Clearance(
                structure=item.name,
                distance_mm=distance_mm - case.checker.access.diameter_mm / 2.0,
                wanted_mm=item.clearance_mm,
                depth_mm=at_mm,
                point_mm=_point(axis.point_mm(at_mm)),
                gives_way=item.rule.avoid == "if_possible",
            )
        )
    return tuple(sorted(found, key=lambda clearance: clearance.slack_mm))


def _blocks(checks: PathChecks, path: int, clearances: tuple[Clearance, ...]) -> tuple[Block, ...]:
    """The reasons of the batch check, its bounds of clearance replaced by exact ones."""
    others = [block for block in checks.blocked_by(path) if block.reason != "clearance"]
    close = [
        Block(
            reason="clearance",
            structure=clearance.structure,
            found=clearance.distance_mm,
            limit=clearance.wanted_mm,
            unit="mm",
            gives_way=clearance.gives_way,
        )
        for clearance in clearances
        if not clearance.is_kept
    ]
    return (*others, *close)


def _point(values: Array) -> Point:
    return (float(values[0]), float(values[1]), float(values[2]))
