"""Replan a case on the day: predict what the probes as placed will do, then look for the smallest change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from givre.case.description import TUMOUR, CaseDescription
from givre.case.knowledge import Knowledge
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.placement import Placement
from givre.geometry.line import Segment
from givre.geometry.resampling import sample_at
from givre.geometry.shape import box_corners_mm
from givre.geometry.volume import Mask, Volume
from givre.planning.access.body import find_body
from givre.planning.access.case import access_case
from givre.planning.access.crossing import PlacedShaft, ProbePair, probe_pairs
from givre.planning.access.trajectory import AccessCase, TargetOutsideBody, TipInAir, Trajectory, describe_paths
from givre.planning.replan.day_plan import Predicted, Replanned, ReplanWishes, predict, replan
from givre.planning.replan.placed import Deviation, PlacedProbe, PlacedProbesRefused, deviations, placed_plan
from givre.planning.replan.search import GoOn, always
from givre.planning.trial.prepared import PreparedCase, prepare_case
from givre.planning.trial.quick_look import QuickLook, quick_look
from givre.usecases.check_plan import check_plan
from givre.usecases.import_case import CaseImages
from givre.usecases.ports import Solver
from givre.usecases.propose_plan import FullSimulation

PREDICTION_VOXEL_MM = 2.0
"""Voxels of the prediction; a case whose own are coarser is predicted on those."""

FARTHEST_ZONE_MM = 40.0
"""Active zones are predicted up to this far beyond the tumour."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlacedPrediction:
    """What the probes as placed will do: the part that must be there at once.

    Attributes:
        description: the case as planned.
        prepared: the case on the lattice of the prediction.
        look: its points.
        placed: probes, run, figures and verdicts.
        deviations: of each placed probe from the plan.
    """

    description: CaseDescription
    prepared: PreparedCase
    look: QuickLook
    placed: Predicted
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReplannedCase:
    """What `restore_plan` gives back.

    Attributes:
        description: the case as planned.
        found: planned, placed, changes.
        paths: of the placed probes, with every reason against them.
        pairs: how the placed shafts lie to each other.
        case: ready to simulate: the recommended plan; the placed probes where no change is needed or none was found.
    """

    description: CaseDescription
    found: Replanned
    paths: tuple[Trajectory, ...]
    pairs: tuple[ProbePair, ...]
    case: CaseDescription

    @property
    def found_crossings(self) -> tuple[ProbePair, ...]:
        """Pairs of placed shafts that touch or nearly do."""
        return tuple(pair for pair in self.pairs if pair.is_crossing)


def predict_placed(
    description: CaseDescription,
    images: CaseImages,
    placed: Sequence[PlacedProbe],
    *,
    knowledge: Knowledge,
    solve: Solver,
    left_out: Iterable[str] = (),
    voxel_mm: float = PREDICTION_VOXEL_MM,
    wishes: ReplanWishes,
) -> PlacedPrediction:
    """Predict what the probes as placed will do.

    Args:
        description: the case as planned.
        images: its CT and masks.
        placed: the probes as they are.
        knowledge: catalogue and tables.
        solve: where the problem is solved.
        left_out: labels of probes of the plan that were not placed, on purpose.
        voxel_mm: edge of the voxels, unless those of the case are coarser.
        wishes: hold the wanted coverage of the grown tumour.

    Raises:
        PlacedProbesRefused: if labels do not match the plan, or a probe lies where the prediction does not reach.
        InvalidPlacement: if a probe cannot be where it is said to be.
        TipInAir, TargetOutsideBody: if a tip is not in tissue.
    """
    ct, masks = images.image.volume, _masks(images)
    placements = placed_plan(description.placements, placed, left_out=left_out)
    refuse_tips_outside_tissue(placements, ct, masks, gas_max_hu=knowledge.hu_thresholds.gas_max_hu)
    zones = check_plan(replace(description, placements=placements), ct, knowledge.catalogue)
    zones += [
        active_zone(planned, find_cryoprobe(knowledge.catalogue, planned.model)) for planned in description.placements
    ]
    tumour = masks.get(TUMOUR)
    reach_mm = None if tumour is None or tumour.is_empty else reach_beyond_mm(zones, tumour, description)
    prepared = prepare_case(
        description,
        ct,
        masks,
        knowledge=knowledge,
        voxel_mm=max(voxel_mm, description.settings.voxel_mm),
        reach_mm=reach_mm,
    )
    _refuse_outside_lattice(placements, prepared)
    look = quick_look(prepared)
    return PlacedPrediction(
        description=description,
        prepared=prepared,
        look=look,
        placed=predict(
            prepared, look, placements, description.protocol, solve=solve, grown_coverage=wishes.grown_coverage
        ),
        deviations=deviations(description.placements, placements),
    )


def restore_plan(
    prediction: PlacedPrediction,
    *,
    knowledge: Knowledge,
    solve: Solver,
    wishes: ReplanWishes,
    in_full: bool = True,
    go_on: GoOn = always,
) -> ReplannedCase:
    """Compare with the plan and look for the smallest change that restores its goals.

    Args:
        prediction: of the placed probes.
        knowledge: catalogue and tables.
        solve: where problems are solved.
        wishes: what may be changed, and what must be reached.
        in_full: simulate restoring changes at the voxel size of the case too.
        go_on: told before each simulation; may end the search.

    Raises:
        TargetOutsideBody: if a tip lies outside the skin.
    """
    description, prepared, look, placed = (
        prediction.description,
        prediction.prepared,
        prediction.look,
        prediction.placed,
    )
    access = _access(prediction, knowledge)
    paths = _described(access, placed.placements)
    planned = placed
    if placed.placements != description.placements:
        planned = predict(
            prepared,
            look,
            description.placements,
            description.protocol,
            solve=solve,
            grown_coverage=wishes.grown_coverage,
        )
    full = FullSimulation(
        description=description, ct=prepared.ct, masks=dict(prepared.masks), knowledge=knowledge, solve=solve
    )
    is_finer = description.settings.voxel_mm < prepared.grid.spacing_mm[0]
    found = replan(
        prepared,
        look,
        planned,
        placed,
        access.checker,
        solve=solve,
        wishes=wishes,
        check_in_full=full if in_full and is_finer else None,
        go_on=go_on,
    )
    return ReplannedCase(
        description=description,
        found=found,
        paths=paths,
        pairs=probe_pairs(_shafts(placed.placements, prepared)),
        case=_case_of(description, found),
    )


def refuse_tips_outside_tissue(
    placements: Sequence[Placement], ct: Volume, masks: dict[str, Mask], *, gas_max_hu: float
) -> None:
    """Refuse a tip in gas, outside the image or outside the body, by name.

    Raises:
        TargetOutsideBody: if a tip lies outside the CT or the skin.
        TipInAir: if it lies in lung, bowel gas or another air-filled place.
    """
    tips = np.array([placement.target_mm for placement in placements])
    hu = sample_at(ct, tips)
    for placement, value in zip(placements, hu, strict=True):
        where = tuple(round(x, 1) for x in placement.target_mm)
        if not np.isfinite(value):
            raise TargetOutsideBody(
                f"probe {placement.label}: the tip {where} mm (LPS) lies outside the CT; check the coordinates"
            )
        if value <= gas_max_hu:
            if not find_body(ct, masks).contains(tips[placements.index(placement)][None])[0]:
                raise TargetOutsideBody(
                    f"probe {placement.label}: the tip {where} mm (LPS) lies outside the skin; check the coordinates"
                )
            raise TipInAir(
                f"probe {placement.label}: the tip {where} mm (LPS) lies in gas ({value:.0f} HU); check the coordinates"
            )


def reach_beyond_mm(zones: Sequence[Segment], tumour: Mask, description: CaseDescription) -> float:
    """From the tumour to the edge of the lattice, so that it lies far enough from planned and placed active zones."""
    corners = box_corners_mm(tumour)
    ends = np.array([point for zone in zones for point in (zone.start_mm, zone.end_mm)])
    beyond = np.maximum(np.maximum(corners.min(axis=0) - ends, ends - corners.max(axis=0)), 0.0)
    return description.settings.domain_margin_mm + float(min(beyond.max(), FARTHEST_ZONE_MM))


def _refuse_outside_lattice(placements: Sequence[Placement], prepared: PreparedCase) -> None:
    for placement in placements:
        model = find_cryoprobe(prepared.knowledge.catalogue, placement.model)
        zone = active_zone(placement, model)
        if not bool(prepared.grid.contains(np.array([zone.start_mm, zone.end_mm])).all()):
            raise PlacedProbesRefused(
                f"probe {placement.label}: its active zone lies more than {FARTHEST_ZONE_MM:g} mm from the tumour and "
                "outside what is simulated; check the coordinates"
            )


def _masks(images: CaseImages) -> dict[str, Mask]:
    return {name: imported.mask for name, imported in images.masks.items()}


def _access(prediction: PlacedPrediction, knowledge: Knowledge) -> AccessCase:
    prepared = prediction.prepared
    return access_case(
        prepared.ct,
        prepared.masks,
        model=find_cryoprobe(knowledge.catalogue, prediction.placed.placements[0].model),
        thresholds=knowledge.hu_thresholds,
        organs_at_risk=[organ.structure for organ in prediction.description.organs_at_risk],
    )


def _described(access: AccessCase, placements: Sequence[Placement]) -> tuple[Trajectory, ...]:
    return describe_paths(
        access,
        [placement.entry_mm for placement in placements],
        [placement.target_mm for placement in placements],
        labels=tuple(placement.label for placement in placements),
    )


def _shafts(placements: Sequence[Placement], prepared: PreparedCase) -> list[PlacedShaft]:
    catalogue = prepared.knowledge.catalogue
    return [
        PlacedShaft(
            label=placement.label,
            entry_mm=placement.entry_mm,
            tip_mm=placement.target_mm,
            diameter_mm=find_cryoprobe(catalogue, placement.model).diameter_mm,
            shaft_mm=placement.depth_mm,
        )
        for placement in placements
    ]


def _case_of(description: CaseDescription, found: Replanned) -> CaseDescription:
    placements, protocol = found.placed.placements, description.protocol
    ending = "placed"
    if found.recommended is not None:
        placements, protocol = found.recommended.change.placements, found.recommended.change.protocol
        ending = "replanned"
    name = re.sub(r"-(placed|replanned)$", "", description.case_id)
    return replace(description, case_id=f"{name}-{ending}", placements=placements, protocol=protocol)
