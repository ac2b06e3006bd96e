"""Everything there is to say on the ways to one lesion: the map, the best ways, the probes drafted, and the doubts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from givre.case.description import TUMOUR, CaseDescription
from givre.case.knowledge import Knowledge
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.model import CryoprobeModel
from givre.foundation.errors import EmptyMask, MissingStructure, PlanError
from givre.geometry.grid import Point
from givre.geometry.volume import Mask, Volume
from givre.planning.access.case import access_case, aim_through
from givre.planning.access.corridor import APART_DEG, ENTRY_SPACING_MM, Aim, Corridor, find_corridor
from givre.planning.access.crossing import PlacedShaft, ProbePair, probe_pairs
from givre.planning.access.forbidden import is_passable, load_clearance_rules
from givre.planning.access.limits import AccessLimits
from givre.planning.access.needle import load_shafts, shafts_of
from givre.planning.access.path_checker import Side
from givre.planning.access.trajectory import AccessCase, Trajectory, describe_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessWishes:
    """What a person asks of the ways to a lesion.

    Attributes:
        target_mm: LPS position of the tip; None aims with the middle of the active zone at the tumour centre.
        model: catalogue id of the cryoprobe; empty takes that of the first probe of the case.
        most_listed: how many ways to list.
        clearances: clearances given anew [mm] by rule or structure; None lets a needle through.
        limits: limits of access; the packaged ones unless given.
        lying_on: side of the body on the table, if it is known.
        spine_side: reach a spine only from behind or from the side behind.
        entry_spacing_mm: between two entries tried.
        apart_deg: two ways listed differ in direction by at least this.
    """

    target_mm: Point | None = None
    model: str = ""
    most_listed: int = 5
    clearances: Mapping[str, float | None] = field(default_factory=dict)
    limits: AccessLimits | None = None
    lying_on: Side | None = None
    spine_side: bool = True
    entry_spacing_mm: float = ENTRY_SPACING_MM
    apart_deg: float = APART_DEG


USUAL_WISHES = AccessWishes()

_WORTH_DRAWING = ("cord", "canal", "nerve", "great_vessel", "bowel", "lung", "kidney", "liver", "spleen")
"""Rules whose absence from a case is told; nobody draws everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessNote:
    """Something a reader must know: a stable code, and what it is about.

    Attributes:
        code: key of the sentence.
        structures: names of structures or rules it is about.
        letters: patient letters it is about.
        value: a figure, NaN where there is none.
        text: words of a refusal, empty where there are none.
    """

    code: str
    structures: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    value: float = math.nan
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrajectoryList:
    """The ways to one lesion.

    Attributes:
        case_id: pseudonymous id.
        synthetic: what in the case is not from a patient; empty for a real lesion.
        model: the cryoprobe.
        access: the case laid out: body, structures to stay away from with their clearances, limits.
        corridor: the map of entries and the best ways.
        placed: the probes drafted in the case, described; those without a tip in the body are told in the notes.
        pairs: how the drafted probes lie to each other.
        notes: what a reader must know.
    """

    case_id: str
    synthetic: str
    model: CryoprobeModel
    access: AccessCase
    corridor: Corridor
    placed: tuple[Trajectory, ...]
    pairs: tuple[ProbePair, ...]
    notes: tuple[AccessNote, ...]


def trajectory_list(
    description: CaseDescription,
    ct: Volume,
    masks: Mapping[str, Mask],
    *,
    knowledge: Knowledge,
    wishes: AccessWishes = USUAL_WISHES,
) -> TrajectoryList:
    """Find the ways to the lesion of a case.

    Raises:
        MissingStructure: if the tumour has no mask.
        EmptyMask: if it holds no voxel.
        UnknownCryoprobe: if the model is not in the catalogue.
        InvalidTarget, TargetOutsideBody, TipInAir: if the target is no point in tissue of the body.
        InputError: if a clearance, a limit or another wish is impossible.
    """
    if TUMOUR not in masks:
        raise MissingStructure(f'no mask of "{TUMOUR}"; found {sorted(masks) or "none"}: add it under structures')
    if masks[TUMOUR].is_empty:
        raise EmptyMask("the tumour mask holds no voxel; draw it before planning")
    model = find_cryoprobe(knowledge.catalogue, wishes.model or description.placements[0].model)
    centre = masks[TUMOUR].centroid_mm()
    aim = aim_through(centre, model) if wishes.target_mm is None else Aim(point_mm=wishes.target_mm)
    case = access_case(
        ct,
        masks,
        model=model,
        thresholds=knowledge.hu_thresholds,
        clearances=wishes.clearances,
        organs_at_risk=[organ.structure for organ in description.organs_at_risk],
        limits=wishes.limits,
        lying_on=wishes.lying_on,
        spine_side=wishes.spine_side,
    )
    corridor = find_corridor(
        case,
        aim,
        most_listed=wishes.most_listed,
        entry_spacing_mm=wishes.entry_spacing_mm,
        apart_deg=wishes.apart_deg,
    )
    placed, refused = _placed(case, description)
    return TrajectoryList(
        case_id=description.case_id,
        synthetic=description.synthetic,
        model=model,
        access=case,
        corridor=corridor,
        placed=placed,
        pairs=_pairs(description, knowledge),
        notes=(*_notes(case, corridor, wishes), *refused),
    )


def _placed(case: AccessCase, description: CaseDescription) -> tuple[tuple[Trajectory, ...], list[AccessNote]]:
    described: list[Trajectory] = []
    refused: list[AccessNote] = []
    for placement in description.placements:
        try:
            described += describe_paths(case, [placement.entry_mm], [placement.target_mm], labels=(placement.label,))
        except PlanError as error:
            refused.append(AccessNote(code="probe_refused", text=str(error)))
    return tuple(described), refused


def _pairs(description: CaseDescription, knowledge: Knowledge) -> tuple[ProbePair, ...]:
    shafts = load_shafts()
    return probe_pairs(
        [
            PlacedShaft(
                label=placement.label,
                entry_mm=placement.entry_mm,
                tip_mm=placement.target_mm,
                diameter_mm=find_cryoprobe(knowledge.catalogue, placement.model).diameter_mm,
                shaft_mm=shafts_of(placement.model, shafts)[0].length_mm,
            )
            for placement in description.placements
        ]
    )


def _notes(case: AccessCase, corridor: Corridor, wishes: AccessWishes) -> list[AccessNote]:
    checker = case.checker
    told = [
        (not corridor.is_reachable_at_all, AccessNote(code="unreachable")),
        (not corridor.is_reachable and corridor.is_reachable_at_all, AccessNote(code="last_resort")),
        *_notes_on_body(case, corridor),
        *_notes_on_structures(case),
        (
            checker.spine_from_mm is not None,
            AccessNote(code="spine_side", value=checker.access.limits.arc_from_posterior_deg),
        ),
        (checker.bore_centre_mm is None, AccessNote(code="bore_unknown")),
        (wishes.lying_on is None, AccessNote(code="lying_unknown")),
        (
            case.shafts[-1].status != "verified",
            AccessNote(code="shaft_not_verified", value=case.shafts[-1].length_mm),
        ),
    ]
    return [note for is_worth_telling, note in told if is_worth_telling]


def _notes_on_body(case: AccessCase, corridor: Corridor) -> list[tuple[bool, AccessNote]]:
    body, grid = case.checker.body, case.checker.grid
    cut = "image_cuts_body" if corridor.checks.is_skin_seen.any() else "no_skin_seen"
    cut_faces = _cut_by_the_image(case)
    is_joined = not np.isclose(grid.spacing_mm, case.ct.grid.spacing_mm).all()
    return [
        (bool(cut_faces), AccessNote(code=cut, letters=cut_faces)),
        (body.origin == "ct", AccessNote(code="body_from_ct", value=body.table_ml)),
        (body.filled_ml >= 1.0, AccessNote(code="edge_air_filled", value=body.filled_ml)),
        (is_joined, AccessNote(code="joined_voxels", value=max(grid.spacing_mm))),
    ]


def _cut_by_the_image(case: AccessCase) -> tuple[str, ...]:
    """Letters of the faces where the CT itself cuts the body, not the part of it in use."""
    used, whole = case.checker.grid, case.ct.grid
    low = whole.lps_to_index(used.index_to_lps([-0.5] * 3))
    high = whole.lps_to_index(used.index_to_lps(np.array(used.shape) - 0.5))
    at_edge = [
        letter
        for axis, letters in enumerate(used.letters())
        for letter, is_edge in zip(
            letters, (low[axis] <= -0.5 + 1e-6, high[axis] >= whole.shape[axis] - 0.5 - 1e-6), strict=True
        )
        if is_edge
    ]
    return tuple(letter for letter in case.checker.body.cut_faces if letter in at_edge)


def _notes_on_structures(case: AccessCase) -> list[tuple[bool, AccessNote]]:
    names = [name for name, mask in case.masks.items() if not mask.is_empty]
    avoided = {item.name for item in case.checker.forbidden}
    found = tuple(name for name in avoided if name not in case.masks)
    absent = tuple(name for name in load_clearance_rules().unseen(names) if name in _WORTH_DRAWING)
    unruled = tuple(name for name in names if not is_passable(name) and name not in avoided)
    return [
        (bool(found), AccessNote(code="found_on_ct", structures=tuple(sorted(found)))),
        (bool(absent), AccessNote(code="not_drawn", structures=absent)),
        (bool(unruled), AccessNote(code="not_avoided", structures=unruled)),
    ]
