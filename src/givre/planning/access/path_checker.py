"""Many straight paths checked at once against skin, clearances and gantry, by distances laid out once per case."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from givre.case.description import TUMOUR
from givre.foundation.errors import InputError
from givre.geometry.grid import Grid, Point
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Mask, Volume
from givre.planning.access.body import Body, find_body
from givre.planning.access.forbidden import (
    ClearanceRules,
    Forbidden,
    forbidden_structures,
    found_on_ct,
    load_clearance_rules,
)
from givre.planning.access.limits import AccessLimits, load_access_limits
from givre.planning.access.path_checks import PathChecks, Reason
from givre.planning.access.path_kernels import SKIN, UNITS_PER_MM, squared_distance_to_boxes, walk_outward
from givre.planning.access.working_image import working_image
from givre.tissue.hu_thresholds import HuThresholds

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Side = Literal["P", "A", "L", "R"]

FAR_MM = 25.0
"""Distances beyond are not told apart by the batch check."""
STEP_MM = 0.5
"""Between two samples along a path; what may lie between them is taken off every distance."""
_COARSEST_NODE_MM = 1.6
_MOST_NUMBERS = 80_000_000
_SHORTEST_MM = 5.0
_SIDES: Mapping[Side, tuple[int, float]] = {"P": (1, 1.0), "A": (1, -1.0), "L": (0, 1.0), "R": (0, -1.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is known of the needle and of how the patient will lie, beside the limits.

    Attributes:
        limits: limits of access.
        diameter_mm: of the shaft.
        shaft_mm: longest shaft that can be had.
        least_length_mm: shortest path from skin to tip: tip and active zone must lie inside.
        lying_on: side of the body that lies on the table; None when it is not known, and then it blocks nothing.
        bore_centre_mm: (x, y) of the axis of the gantry; None takes the middle of the body, if it is seen whole.
        spine_side: reach a spine only from behind or from the side behind.
    """

    limits: AccessLimits
    diameter_mm: float = 2.4
    shaft_mm: float = 175.0
    least_length_mm: float = 0.0
    lying_on: Side | None = None
    bore_centre_mm: tuple[float, float] | None = None
    spine_side: bool = True

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("diameter of the shaft", self.diameter_mm, 0.3, 10.0),
            ("length of the shaft", self.shaft_mm, 30.0, 500.0),
            ("least length of a path", self.least_length_mm, 0.0, 300.0),
        ):
            if not (math.isfinite(value) and low <= value <= high):
                raise InputError(f"{name} {value} mm; give {low:g} to {high:g} mm")
        if self.lying_on is not None and self.lying_on not in _SIDES:
            raise InputError(f'the patient lies on "{self.lying_on}"; use {", ".join(_SIDES)}')


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathChecker:
    """Everything about a case that is the same for all paths.

    Attributes:
        ct: the CT in use: that of the case, cut to what a needle can reach and made coarser if it is very large.
        body: body and skin.
        forbidden: structures to stay away from.
        access: needle and position.
        nearest: distance to each structure [0.01 mm, rounded down], shape (k, j, i, structure), on every `stride`-th
            voxel.
        stride: voxels between two nodes along k, j, i.
        bore_centre_mm: (x, y) of the axis of the gantry in use; None when it is not known.
        spine_from_mm: centre of the tumour, if it belongs to a spine whose side counts.
        gas_max_hu: at or below is gas.
    """

    ct: Volume
    body: Body
    forbidden: tuple[Forbidden, ...]
    access: Access
    nearest: npt.NDArray[np.uint16]
    stride: tuple[int, int, int]
    bore_centre_mm: tuple[float, float] | None
    spine_from_mm: Point | None
    gas_max_hu: float

    @property
    def grid(self) -> Grid:
        """The lattice of the CT in use."""
        return self.ct.grid

    @property
    def node_spacing_mm(self) -> Array:
        """Between two nodes that hold distances, along k, j, i [mm]."""
        return np.asarray(np.array(self.stride) * np.array(self.grid.spacing_mm))

    def check(self, entries_mm: npt.ArrayLike, targets_mm: npt.ArrayLike) -> PathChecks:
        """Check straight paths from the skin to the tip.

        An entry gives the direction: the shaft is followed from the tip through it until it leaves the body, and
        lengths are measured from there. Where it leaves through a face of the image instead, the skin is not seen,
        and the length is a lower bound.

        Args:
            entries_mm: LPS, shape (n, 3).
            targets_mm: tips, LPS, shape (n, 3) or (3,).
        """
        entries = _finite(entries_mm).reshape(-1, 3)
        tips = np.ascontiguousarray(np.broadcast_to(_finite(targets_mm), entries.shape))
        given_mm = np.linalg.norm(entries - tips, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            outward = (entries - tips) / given_mm[:, None]
        is_good = np.isfinite(outward).all(axis=1) & (given_mm >= _SHORTEST_MM)
        outward[~is_good] = np.nan
        exit_mm, ending, returns_mm, nearest = self._walk(tips, outward, given_mm)
        skin = tips + exit_mm[:, None] * outward
        seen = ending == SKIN
        return self._judged(
            entries, tips, outward, _Walk(skin=skin, seen=seen, length=exit_mm, returns=returns_mm, nearest=nearest)
        )

    def _walk(self, tips: Array, outward: Array, given_mm: Array) -> tuple[Array, npt.NDArray[np.int8], Array, Array]:
        count = len(tips)
        exit_mm, returns_mm = np.empty(count), np.empty(count)
        ending = np.empty(count, dtype=np.int8)
        nearest = np.empty((count, len(self.forbidden)), dtype=np.float32)
        walk_outward(
            self.grid.lps_to_index(tips),
            outward @ np.array(self.grid.axes).T / np.array(self.grid.spacing_mm),
            given_mm,
            self.body.membership,
            self.nearest,
            np.array(self.stride, dtype=np.int64),
            np.array(self.grid.spacing_mm),
            STEP_MM,
            self.access.shaft_mm,
            exit_mm,
            ending,
            returns_mm,
            nearest,
        )
        return exit_mm, ending, returns_mm, nearest.astype(np.float64) - self.access.diameter_mm / 2.0

    def _judged(self, entries: Array, tips: Array, outward: Array, walk: _Walk) -> PathChecks:
        limits = self.access.limits
        tilt = np.degrees(np.arcsin(np.clip(outward[:, 2], -1.0, 1.0)))
        in_plane = np.degrees(np.arctan2(outward[:, 0], outward[:, 1]))
        skin_angle = self._skin_angle_deg(walk, outward)
        longest = np.full(len(tips), self.access.shaft_mm - limits.grip_mm)
        figures: dict[Reason, tuple[Array, Array]] = {
            "too_long": (walk.length, longest),
            "too_short": (walk.length, np.full(len(tips), self.access.least_length_mm)),
            "returns": (walk.returns, np.full(len(tips), np.nan)),
            "tilt": (np.abs(tilt), np.full(len(tips), limits.most_tilt_deg)),
            "flat_on_skin": (skin_angle, np.full(len(tips), limits.most_skin_angle_deg)),
        }
        known = np.asarray(np.isfinite(outward).all(axis=1))
        in_image = np.asarray(known & self.grid.contains(tips))
        in_body = np.asarray(known & self.body.contains(tips))
        faults: dict[Reason, Flags] = {
            "not_finite": np.asarray(~known),
            "tip_outside_image": known & ~in_image,
            "tip_outside_body": in_image & ~in_body,
            "tip_in_gas": in_body & self.is_gas(tips),
            "too_long": in_body & ~(walk.length <= longest),
            "too_short": in_body & walk.seen & ~(walk.length >= self.access.least_length_mm),
            "returns": np.isfinite(walk.returns),
            "tilt": known & ~(np.abs(tilt) <= limits.most_tilt_deg),
            "flat_on_skin": walk.seen & ~(skin_angle <= limits.most_skin_angle_deg),
        }
        self._judge_room(walk, outward, faults, figures)
        return PathChecks(
            entries_mm=entries,
            targets_mm=tips,
            skin_mm=walk.skin,
            is_skin_seen=walk.seen,
            length_mm=walk.length,
            tilt_deg=tilt,
            in_plane_deg=in_plane,
            skin_angle_deg=skin_angle,
            clearance_mm={item.name: walk.nearest[:, place] for place, item in enumerate(self.forbidden)},
            wanted_mm={item.name: item.clearance_mm for item in self.forbidden},
            gives_way=frozenset(item.name for item in self.forbidden if item.rule.avoid == "if_possible"),
            faults=faults,
            figures=figures,
        )

    def _judge_room(
        self,
        walk: _Walk,
        outward: Array,
        faults: dict[Reason, Flags],
        figures: dict[Reason, tuple[Array, Array]],
    ) -> None:
        """Bore, table and side of the spine, as far as they are known."""
        limits, count = self.access.limits, len(outward)
        stands_out_mm = np.maximum(self.access.shaft_mm - walk.length, 0.0) + limits.handle_mm
        handle = walk.skin + stands_out_mm[:, None] * outward
        if self.bore_centre_mm is not None:
            from_axis = np.linalg.norm(handle[:, :2] - np.array(self.bore_centre_mm), axis=1)
            room = limits.bore_diameter_mm / 2.0 - limits.bore_spare_mm
            figures["bore"] = (from_axis, np.full(count, room))
            faults["bore"] = walk.seen & ~(from_axis <= room)
        if self.access.lying_on is not None:
            axis, sign = _SIDES[self.access.lying_on]
            table = self._reach_mm(axis, sign)
            below = sign * handle[:, axis] - table
            figures["lying_side"] = (below, np.zeros(count))
            faults["lying_side"] = np.isfinite(outward).all(axis=1) & ~(below <= 0.0)
        if self.spine_from_mm is not None:
            from_behind = np.degrees(np.arccos(np.clip(outward[:, 1], -1.0, 1.0)))
            figures["spine_side"] = (from_behind, np.full(count, limits.arc_from_posterior_deg))
            faults["spine_side"] = np.isfinite(from_behind) & ~(from_behind <= limits.arc_from_posterior_deg)

    def _reach_mm(self, axis: int, sign: float) -> float:
        """How far the body reaches along a side [mm]."""
        index = np.argwhere(self.body.mask.inside)
        return float((sign * self.grid.index_to_lps(index)[:, axis]).max())

    def _skin_angle_deg(self, walk: _Walk, outward: Array) -> Array:
        angle = np.full(len(outward), np.nan)
        if walk.seen.any():
            cosine = np.einsum("ij,ij->i", self.body.outward(walk.skin[walk.seen]), outward[walk.seen])
            angle[walk.seen] = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
        return angle

    def is_gas(self, points_mm: Array) -> Flags:
        """Whether each LPS point, shape (n, 3), lies in air, lung or bowel gas, shape (n,); False outside the image."""
        hu = sample_at(self.ct, points_mm)
        return np.asarray(hu <= self.gas_max_hu)


def _finite(points_mm: npt.ArrayLike) -> Array:
    """The points, infinity made NaN: both block, and NaN spreads without a warning."""
    points = np.array(points_mm, dtype=float)
    points[~np.isfinite(points)] = np.nan
    return points


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Walk:
    """What the walk along n paths found."""

    skin: Array
    seen: Flags
    length: Array
    returns: Array
    nearest: Array


def path_checker(
    ct: Volume,
    masks: Mapping[str, Mask],
    *,
    thresholds: HuThresholds,
    rules: ClearanceRules | None = None,
    access: Access | None = None,
    organs_at_risk: Iterable[str] = (),
) -> PathChecker:
    """Lay out the distances of a case.

    Args:
        ct: the planning CT.
        masks: drawn structures by name; one is "tumour".
        thresholds: HU of gas and metal.
        rules: how far to stay away; the packaged rules unless given.
        access: needle and position; packaged limits and a 2.4 mm needle unless given.
        organs_at_risk: names of structures to avoid even if no rule names them.

    Raises:
        InputError: if the CT or a mask cannot be used.
    """
    chosen = access or Access(limits=load_access_limits())
    reach_mm = chosen.shaft_mm + chosen.limits.handle_mm
    ct, masks = working_image(ct, masks, around=TUMOUR, reach_mm=reach_mm)
    body = find_body(ct, masks)
    found = found_on_ct(ct, body.mask.inside, masks, thresholds=thresholds, smallest_mm3=chosen.limits.smallest_gas_mm3)
    forbidden = forbidden_structures(masks, found, rules=rules or load_clearance_rules(), organs_at_risk=organs_at_risk)
    stride = _stride(ct.grid, len(forbidden))
    return PathChecker(
        ct=ct,
        body=body,
        forbidden=forbidden,
        access=chosen,
        nearest=_distances(forbidden, ct.grid, stride),
        stride=stride,
        bore_centre_mm=chosen.bore_centre_mm or _middle_of(body),
        spine_from_mm=_spine_centre(masks, chosen),
        gas_max_hu=thresholds.gas_max_hu,
    )


def _stride(grid: Grid, structures: int) -> tuple[int, int, int]:
    """Voxels between nodes: not farther apart than `_COARSEST_NODE_MM` unless memory asks for it."""
    edge_mm = _COARSEST_NODE_MM
    while True:
        k, j, i = (max(1, int(edge_mm / spacing + 1e-9)) for spacing in grid.spacing_mm)
        nodes = math.prod(size / step + 2 for size, step in zip(grid.shape, (k, j, i), strict=True))
        if nodes * max(structures, 1) <= _MOST_NUMBERS:
            return (k, j, i)
        edge_mm *= 1.2


def _distances(forbidden: Sequence[Forbidden], grid: Grid, stride: tuple[int, int, int]) -> npt.NDArray[np.uint16]:
    far_mm = max([FAR_MM, *(item.clearance_mm + 5.0 for item in forbidden)])
    nodes = [max(2, math.ceil((size - 1) / step) + 1) for size, step in zip(grid.shape, stride, strict=True)]
    field = np.full((*nodes, len(forbidden)), int(far_mm * UNITS_PER_MM), dtype=np.uint16)
    spacing = np.array(grid.spacing_mm)
    for place, item in enumerate(forbidden):
        occupied = np.argwhere(item.mask.inside)
        border = np.ceil(far_mm / spacing).astype(int) + 1
        low = np.maximum(occupied.min(axis=0) - border, 0) // stride  # in nodes
        high = np.minimum((occupied.max(axis=0) + border) // stride + 2, nodes)
        first, after = low * stride, (high - 1) * stride + 1
        window = tuple(slice(int(a), int(b)) for a, b in zip(first, after, strict=True))
        inside = item.mask.inside[window]
        missing = after - first - np.array(inside.shape)  # the last node may lie beyond the image
        inside = np.pad(inside, [(0, int(width)) for width in missing])
        squared = squared_distance_to_boxes(np.ascontiguousarray(inside), spacing, far_mm)
        thinned = np.sqrt(squared[tuple(slice(None, None, step) for step in stride)].astype(np.float64))
        where = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        field[..., place][where] = np.floor(thinned * UNITS_PER_MM + 1e-3).astype(np.uint16)
    return field


def _middle_of(body: Body) -> tuple[float, float] | None:
    """(x, y) of the middle of the body; None where the image cuts its sides, front or back."""
    if set(body.cut_faces) & set("LRAP"):
        return None
    points = body.grid.index_to_lps(np.argwhere(body.mask.inside))[:, :2]
    x, y = (points.min(axis=0) + points.max(axis=0)) / 2.0
    return (float(x), float(y))


def _spine_centre(masks: Mapping[str, Mask], access: Access) -> Point | None:
    """Centre of the tumour if it lies near a drawn canal or cord and the side of the spine counts."""
    if not access.spine_side or TUMOUR not in masks:
        return None
    rules = load_clearance_rules().rules
    spine = [rule for rule in rules if rule.name in ("cord", "canal")]
    centre = masks[TUMOUR].centroid_mm()
    for name, mask in masks.items():
        if any(rule.names(name) for rule in spine) and not mask.is_empty:
            points = mask.grid.index_to_lps(np.argwhere(mask.inside))
            if float(np.linalg.norm(points - centre, axis=1).min()) <= access.limits.spine_near_mm:
                x, y, z = (float(value) for value in centre)
                return (x, y, z)
    return None
