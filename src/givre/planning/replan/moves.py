"""Small changes of placed probes that could be carried out: where a probe can be moved to, where one can be added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.geometry.grid import Point
from givre.planning.access.crossing import segment_distance_mm
from givre.planning.placement.access import CheckedPaths
from givre.planning.placement.paths import feasible_directions
from givre.planning.replan.change import Change, ChangeHow
from givre.planning.replan.limits import ReplanLimits
from givre.planning.replan.placed import axis_of
from givre.planning.trial.prepared import PreparedCase

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WAYS_ACROSS = 8
"""Directions across a probe in which it is moved."""

ADD_STEP_MM, ADD_REACH_MM = 3.0, 6.0
"""Between two places of an added active zone, and how far from the tumour its middle may lie."""

MOST_ADDED = 1500
"""Places of an added probe that are guessed at; they are thinned evenly beyond."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """What a change must keep to.

    Attributes:
        prepared: the case.
        planned: the probes as planned.
        placed: as they are.
        protocol: what they go through.
        paths: judges shafts; skin beyond the image is not asked for.
        limits: of a change.
    """

    prepared: PreparedCase
    planned: tuple[Placement, ...]
    placed: tuple[Placement, ...]
    protocol: Protocol
    paths: CheckedPaths
    limits: ReplanLimits

    def model(self, placement: Placement) -> CryoprobeModel:
        """Its cryoprobe."""
        return find_cryoprobe(self.prepared.knowledge.catalogue, placement.model)


def moves(here: Surroundings, placement: Placement) -> list[Change]:
    """Every small displacement of one placed probe that could be carried out, the smallest first."""
    offsets, hows = _offsets(here, placement)
    entries = np.array(
        [placement.entry_mm if how != "shift" else placement.entry_mm + o for o, how in zip(offsets, hows, strict=True)]
    )
    tips = np.array(placement.target_mm) + offsets
    planned = next((p for p in here.planned if p.label == placement.label), placement)
    entries = np.vstack([entries, planned.entry_mm])
    tips = np.vstack([tips, planned.target_mm]).round(1)
    hows.append("as_planned")
    tried = _Moves(placement=placement, planned=planned, entries=entries, tips=tips, hows=hows)
    is_possible, entries = _possible(here, tried)
    found = []
    for n in np.flatnonzero(is_possible):
        offset = tips[n] - np.array(placement.target_mm)
        size = float(np.linalg.norm(offset))
        if size < 0.05 or (hows[n] == "as_planned" and size > here.limits.most_move_mm):
            continue
        moved = replace(placement, entry_mm=_point(entries[n]), target_mm=_point(tips[n]))
        found.append(
            Change(
                kind="move",
                how=hows[n],
                probe=placement.label,
                size=round(size, 2),
                offset_mm=_point(offset),
                placements=tuple(moved if p.label == placement.label else p for p in here.placed),
                protocol=here.protocol,
            )
        )
    return sorted(found, key=lambda change: change.size)


def additions(here: Surroundings) -> list[Change]:
    """Every place where one more probe, like the first, could be put."""
    if len(here.placed) >= here.limits.most_probes:
        return []
    like = here.placed[0]
    model = here.model(like)
    directions = _directions(here, model)
    middles = _middles(here)
    many = np.repeat(directions, len(middles), axis=0)
    tips = (np.tile(middles, (len(directions), 1)) + (model.active_zone_mm / 2 + model.tip_offset_mm) * many).round(1)
    keep = np.unique(np.linspace(0, len(tips) - 1, min(len(tips), MOST_ADDED)).round().astype(np.int64))
    tips, many = tips[keep], many[keep]
    checks = here.paths.checks(tips, many, model)
    entries = checks.skin_mm.round(1)
    resort = checks.is_last_resort if here.paths.may_use_last_resort else np.zeros(len(tips), dtype=np.bool_)
    is_possible = (checks.is_allowed | resort) & np.isfinite(entries).all(axis=1)
    is_possible &= np.linalg.norm(tips - entries, axis=1) >= model.active_zone_mm + model.tip_offset_mm + 1.0
    gaps = _zone_gaps_mm(here, model, tips, many, here.placed)
    shafts = _shaft_gaps_mm(entries, tips, here.placed)
    limits = here.limits
    is_possible &= (gaps >= limits.least_spacing_mm) & (gaps <= limits.most_spacing_mm)
    is_possible &= shafts >= limits.least_shaft_gap_mm
    label = _free_label(here)
    return [
        Change(
            kind="add",
            how="add",
            probe=label,
            size=0.0,
            placements=(
                *here.placed,
                Placement(label=label, model=like.model, entry_mm=_point(entries[n]), target_mm=_point(tips[n])),
            ),
            protocol=here.protocol,
        )
        for n in np.flatnonzero(is_possible)
    ]


def _offsets(here: Surroundings, placement: Placement) -> tuple[Array, list[ChangeHow]]:
    axis = axis_of(placement)
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    first = np.cross(axis, helper)
    first /= np.linalg.norm(first)
    second = np.cross(axis, first)
    angles = np.arange(WAYS_ACROSS) * (2.0 * np.pi / WAYS_ACROSS)
    across = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    limits = here.limits
    offsets: list[Array] = []
    hows: list[ChangeHow] = []
    turns: list[ChangeHow] = ["turn"] * WAYS_ACROSS
    shifts: list[ChangeHow] = ["shift"] * WAYS_ACROSS
    for size in np.arange(limits.move_step_mm, limits.most_move_mm + 1e-9, limits.move_step_mm):
        offsets += [size * axis, -size * axis, *(size * across), *(size * across)]
        hows += ["advance", "withdraw", *turns, *shifts]
    return np.array(offsets), hows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moves:
    """Displacements of one probe: entries and tips, shape (n, 3), and how each is done."""

    placement: Placement
    planned: Placement
    entries: Array
    tips: Array
    hows: Sequence[ChangeHow]


def _possible(here: Surroundings, tried: _Moves) -> tuple[Flags, Array]:
    """Which displacements keep to paths and spacing, and where each shaft enters."""
    placement, planned, entries, tips, hows = tried.placement, tried.planned, tried.entries, tried.tips, tried.hows
    others = [p for p in here.placed if p.label != placement.label]
    model = here.model(placement)
    lengths = np.linalg.norm(tips - entries, axis=1)
    directions = (tips - entries) / lengths[:, None]
    checks = here.paths.checks(tips, directions, model)
    is_new_puncture = np.array([how in ("shift", "as_planned") for how in hows])
    seen = checks.is_skin_seen & is_new_puncture & np.isfinite(checks.skin_mm).all(axis=1)
    entries = np.where(seen[:, None], checks.skin_mm, entries).round(1)
    both = here.paths.checks(
        np.array([planned.target_mm, placement.target_mm]), np.array([axis_of(planned), axis_of(placement)]), model
    )
    # a probe may pass as close as it was planned to, and must not come closer than it is
    most_missing = max(float(both.missing_mm[0]), 0.0)
    is_possible = checks.missing_mm <= most_missing + 1e-6
    is_possible &= np.linalg.norm(tips - entries, axis=1) >= model.active_zone_mm + model.tip_offset_mm
    if others:
        known = min(_own_gap_mm(here, planned, here.planned), _own_gap_mm(here, placement, here.placed))
        gaps = _zone_gaps_mm(here, model, tips, directions, others)
        is_possible &= gaps >= min(here.limits.least_spacing_mm, known) - 0.05
        shafts = _shaft_gaps_mm(entries, tips, others)
        now = float(_shaft_gaps_mm(np.array([placement.entry_mm]), np.array([placement.target_mm]), others)[0])
        is_possible &= shafts >= min(here.limits.least_shaft_gap_mm, now)
    return is_possible, entries


def _own_gap_mm(here: Surroundings, placement: Placement, among: Sequence[Placement]) -> float:
    others = [p for p in among if p.label != placement.label]
    if not others:
        return np.inf
    tip, direction = np.array([placement.target_mm]), axis_of(placement)[None]
    return float(_zone_gaps_mm(here, here.model(placement), tip, direction, others)[0])


def _zone_gaps_mm(
    here: Surroundings, model: CryoprobeModel, tips: Array, directions: Array, others: Sequence[Placement]
) -> Array:
    """From each active zone to the nearest of others, shape (n,)."""
    ends = tips - model.tip_offset_mm * directions
    starts = ends - model.active_zone_mm * directions
    gaps = []
    for other in others:
        its, axis = here.model(other), axis_of(other)
        end = np.array(other.target_mm) - its.tip_offset_mm * axis
        gaps.append(segment_distance_mm(starts, ends, end - its.active_zone_mm * axis, end)[0])
    return np.asarray(np.min(gaps, axis=0))


def _shaft_gaps_mm(entries: Array, tips: Array, others: Sequence[Placement]) -> Array:
    found = [segment_distance_mm(entries, tips, other.entry_mm, other.target_mm)[0] for other in others]
    return np.asarray(np.min(found, axis=0))


def _directions(here: Surroundings, model: CryoprobeModel) -> Array:
    """Those of the placed probes first, then others that lead to the tumour, shape (n, 3)."""
    own = np.array([axis_of(placement) for placement in here.placed])
    centre = np.asarray(here.prepared.tumour.centroid_mm())
    found = feasible_directions(here.paths, centre[None], model, count=300, keep=6)
    return np.vstack([own, found])


def _middles(here: Surroundings) -> Array:
    """Places for the middle of an active zone, in and around the tumour, shape (n, 3)."""
    mask = here.prepared.tumour
    points = mask.grid.index_to_lps(np.argwhere(mask.inside))
    low, high = points.min(axis=0) - ADD_REACH_MM, points.max(axis=0) + ADD_REACH_MM
    axes = [np.arange(a, b + ADD_STEP_MM / 2, ADD_STEP_MM) for a, b in zip(low, high, strict=True)]
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)


def _free_label(here: Surroundings) -> str:
    taken = {placement.label for placement in (*here.planned, *here.placed)}
    return next(label for n in range(1, 100) if (label := f"P{n}") not in taken)


def _point(values: Array) -> Point:
    x, y, z = (round(float(value), 1) for value in values)
    return (x, y, z)
