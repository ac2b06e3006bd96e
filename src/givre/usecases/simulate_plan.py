"""Simulate one plan: tissues from the CT, the freeze of the cryoprobes, and what it means for the goals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from givre.assessment.assess import assess_plan, cut_organs
from givre.assessment.cut import is_cut
from givre.assessment.discretisation import DiscretisationError
from givre.assessment.ice_size import IceSize
from givre.assessment.result import Assessment
from givre.bioheat.assembly import points_to_follow, thermal_problem
from givre.bioheat.run import Progress, ThermalRun
from givre.case.description import TUMOUR, CaseDescription
from givre.case.knowledge import Knowledge
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.dossier.inputs import ProbeFacts, PropertyFact
from givre.geometry.grid import Grid, Point
from givre.geometry.line import Segment
from givre.geometry.resampling import cubic_grid_around
from givre.geometry.volume import Mask, Volume
from givre.tissue.labelling import label_tissues
from givre.tissue.notes import note
from givre.tissue.table import PROPERTY_UNITS
from givre.tissue.thermal import TABLE_KEYS, material_field
from givre.tissue.tissue_map import BONE_TISSUES, JUMPING_TISSUES, TissueMap
from givre.tissue.tissue_resampling import resample_tissue
from givre.usecases.check_plan import check_plan
from givre.usecases.estimate_error import PlanReader, estimated_error
from givre.usecases.import_case import CaseImages
from givre.usecases.import_report import ImportReport
from givre.usecases.ports import Solver

ISOTHERMS_C = (0.0, -20.0, -40.0)
"""Isotherms that every dossier shows; the thresholds of the goals and limits of the organs are added."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanResult:
    """One simulated plan and everything that led to it.

    Attributes:
        description: the case.
        ct: the planning CT.
        masks: structures by name, on the lattice of the CT.
        import_reports: how each image and mask was read.
        tissue_map: tissues on the simulation lattice, with notes on what was decided.
        run: the simulation.
        assessment: what it means.
        probes: what was taken for each cryoprobe.
        properties: tissue values used.
        tissue_shares: share of the domain made of each tissue.
        hashes: sha256 of what went in, by name.
        size: how large the ice-ball is along and across the probes.
        error: how far off its discretisation may put each figure, or why that is not known.
    """

    description: CaseDescription
    ct: Volume
    masks: Mapping[str, Mask]
    import_reports: tuple[ImportReport, ...]
    tissue_map: TissueMap
    run: ThermalRun
    assessment: Assessment
    probes: tuple[ProbeFacts, ...]
    properties: tuple[PropertyFact, ...]
    tissue_shares: Mapping[str, float]
    hashes: Mapping[str, str]
    size: IceSize
    error: DiscretisationError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnLattice:
    """A plan on one lattice.

    Attributes:
        tissue_map: its tissues.
        run: the simulation.
        assessment: what it means.
    """

    tissue_map: TissueMap
    run: ThermalRun
    assessment: Assessment


def simulate_plan(
    description: CaseDescription,
    images: CaseImages,
    *,
    knowledge: Knowledge,
    solve: Solver,
    progress: Progress | None = None,
    estimate_error: bool | None = None,
    error_lattices: int = 2,
) -> PlanResult:
    """Simulate a case that has been imported.

    Args:
        description: the case.
        images: its CT and masks.
        knowledge: catalogue and property tables.
        solve: where the problem is solved.
        progress: told how far the run is; may stop it. It starts again from 0 for each coarser lattice.
        estimate_error: whether to solve the plan again on coarser lattices, to say how far off the figures may be;
            None: unless that would take long.
        error_lattices: on how many lattices for that, this one included: 2 or 3.

    Raises:
        UnknownCryoprobe, InvalidPlacement: if a probe cannot be placed as described.
    """
    ct = images.image.volume
    masks = {name: imported.mask for name, imported in images.masks.items()}
    models = {p.model: find_cryoprobe(knowledge.catalogue, p.model) for p in description.placements}
    zones = check_plan(description, ct, knowledge.catalogue)
    organs = {organ.structure: masks[organ.structure] for organ in description.organs_at_risk}

    def simulated(voxel_mm: float, *, only_to_compare: bool) -> OnLattice:
        return simulate_on(
            lattice_around(zones, ct, description, voxel_mm=voxel_mm),
            description,
            ct,
            masks,
            knowledge=knowledge,
            solve=solve,
            progress=progress,
            only_to_compare=only_to_compare,
        )

    fine = simulated(description.settings.voxel_mm, only_to_compare=False)
    tissue_map, run, assessment = fine.tissue_map, fine.run, fine.assessment
    read = PlanReader(description=description, tumour=masks[TUMOUR], directions=[zone.direction for zone in zones])

    def coarser(voxel_mm: float) -> tuple[ThermalRun, Assessment]:
        again = simulated(voxel_mm, only_to_compare=True)
        return again.run, again.assessment

    error = estimated_error(run, assessment, read=read, coarser=coarser, wanted=estimate_error, lattices=error_lattices)
    tissue_map = replace(tissue_map, notes=(*tissue_map.notes, *_notes_on_run(run, masks[TUMOUR], organs, description)))
    counts = tissue_map.counts
    return PlanResult(
        description=description,
        ct=ct,
        masks=masks,
        import_reports=images.reports,
        tissue_map=tissue_map,
        run=run,
        assessment=assessment,
        probes=tuple(
            placed_facts(p, models[p.model], body_temp_c=description.settings.body_temp_c)
            for p in description.placements
        ),
        properties=property_facts(tissue_map, knowledge),
        tissue_shares={tissue.name.lower(): n / tissue_map.labels.size for tissue, n in counts.items()},
        hashes={**_hashes(images), "problem": run.problem_hash},
        size=read.size(run),
        error=error,
    )


def simulate_on(
    grid: Grid,
    description: CaseDescription,
    ct: Volume,
    masks: Mapping[str, Mask],
    *,
    knowledge: Knowledge,
    solve: Solver,
    progress: Progress | None = None,
    only_to_compare: bool = False,
) -> OnLattice:
    """The plan of a case on one lattice of cubic voxels: its tissues, its run, its assessment.

    With `only_to_compare` the lattice may be coarser than one whose figures are shown.
    """
    zones = check_plan(description, ct, knowledge.catalogue)
    models = {p.model: find_cryoprobe(knowledge.catalogue, p.model) for p in description.placements}
    labelled = label_tissues(
        ct,
        masks,
        lesion_kind=description.lesion_kind,
        thresholds=knowledge.hu_thresholds,
        declared=description.declared,
    )
    tissue_map = resample_tissue(labelled, grid)
    organs = {organ.structure: masks[organ.structure] for organ in description.organs_at_risk}
    problem = thermal_problem(
        material_field(tissue_map, knowledge.tissues, knowledge.bone),
        description.placements,
        models,
        description.protocol,
        body_temp_c=description.settings.body_temp_c,
        structures={TUMOUR: masks[TUMOUR], **organs},
        isotherms_c=[*ISOTHERMS_C, description.goals.lethal_temp_c, *_limits_c(description)],
        points_mm=points_to_follow(masks[TUMOUR], organs, zones, tissue_map.grid)
        | _junctions(description, tissue_map.grid),
        room=tissue_map.flow_mask(outside=True),
        stasis_below_c=description.settings.stasis_below_c,
        only_to_compare=only_to_compare,
    )
    run = solve(problem, progress=progress)
    assessment = assess_plan(
        run,
        tumour=masks[TUMOUR],
        organs=organs,
        goals=description.goals,
        organs_at_risk=description.organs_at_risk,
        isotherms_c=ISOTHERMS_C,
        jumping=tissue_map.mask(*JUMPING_TISSUES).inside,
    )
    return OnLattice(tissue_map=tissue_map, run=run, assessment=assessment)


def lattice_around(zones: list[Segment], ct: Volume, description: CaseDescription, *, voxel_mm: float) -> Grid:
    """The cubic simulation lattice around the active zones."""
    ends_mm = np.array([point for zone in zones for point in (zone.start_mm, zone.end_mm)])
    margin_mm = description.settings.domain_margin_mm
    return cubic_grid_around(ends_mm, ct.grid, spacing_mm=voxel_mm, margin_mm=margin_mm)


def probe_facts(label: str, model: CryoprobeModel) -> ProbeFacts:
    """What the dossier says of one cryoprobe."""
    origin = model.calibration
    return ProbeFacts(
        label=label,
        model_name=model.name,
        diameter_mm=model.diameter_mm,
        active_length_mm=model.active_zone_mm,
        tip_offset_mm=model.tip_offset_mm,
        effective_temp_c=model.surface_temp_c.value,
        effective_temp_low_c=model.surface_temp_c.low,
        effective_temp_high_c=model.surface_temp_c.high,
        source=model.surface_temp_c.source,
        status=model.status,
        calibrated=origin is not None,
        calibration="" if origin is None else origin.sentence,
        calibration_sizes=0 if origin is None else origin.sizes,
        calibration_worst_mm=0.0 if origin is None else origin.worst_mm,
    )


def placed_facts(placement: Placement, model: CryoprobeModel, *, body_temp_c: float) -> ProbeFacts:
    """What the dossier says of one cryoprobe at the power, or the surface temperature, that the case gives it."""
    facts = probe_facts(placement.label, model)
    if placement.power == 1 and placement.surface_temp_c is None:
        return facts

    def plateau_c(full_c: float) -> float:
        return placement.plateau_c(full_c, body_temp_c=body_temp_c)

    at = f"{placement.power:.0%} power" if placement.surface_temp_c is None else "surface temperature of the case"
    return replace(
        facts,
        effective_temp_c=plateau_c(facts.effective_temp_c),
        effective_temp_low_c=plateau_c(facts.effective_temp_low_c),
        effective_temp_high_c=plateau_c(facts.effective_temp_high_c),
        source=f"{facts.source}; {at}",
        status="assumption",
        calibrated=False,
        calibration="",
        calibration_sizes=0,
        calibration_worst_mm=0.0,
    )


def property_facts(tissue_map: TissueMap, knowledge: Knowledge) -> tuple[PropertyFact, ...]:
    """The values used: of the table for every tissue in the domain, of the HU map at the quartiles of its bone."""
    told = [
        (tissue.name.lower(), knowledge.tissues[TABLE_KEYS[tissue]].quantities())
        for tissue in tissue_map.counts
        if tissue in TABLE_KEYS
    ]
    told += [
        (
            f"{flow.kind} {flow.structure}",
            {"film_w_m2k": flow.film} | ({} if flow.temp is None else {"temp_c": flow.temp}),
        )
        for flow in tissue_map.flows
    ]
    bone_hu = tissue_map.hu[np.isin(tissue_map.labels, BONE_TISSUES)]
    for hu in sorted({float(25 * round(q / 25)) for q in np.percentile(bone_hu, (25, 50, 75))}) if bone_hu.size else ():
        inside = float(np.clip(hu, knowledge.bone.hu[0], knowledge.bone.hu[-1]))
        told.append((f"bone {inside:g} HU", {name: knowledge.bone.quantity(name, inside) for name in PROPERTY_UNITS}))
    facts = []
    for name, quantities in told:
        for quantity_name, quantity in quantities.items():
            facts.append(
                PropertyFact(
                    tissue=name,
                    quantity=quantity_name,
                    value=quantity.value,
                    low=quantity.low,
                    high=quantity.high,
                    unit=quantity.unit,
                    source=quantity.source,
                    status=quantity.status,
                )
            )
    return tuple(facts)


def _notes_on_run(run: ThermalRun, tumour: Mask, organs: Mapping[str, Mask], description: CaseDescription) -> list[str]:
    notes = [note("cut_tumour")] if is_cut(tumour) else []
    cut = cut_organs(run, organs, description.organs_at_risk)
    stasis_c = description.settings.stasis_below_c
    notes += [] if stasis_c is None else [note("stasis", temp=f"{stasis_c:g}")]
    return notes + [note("cut_organ", structure=name) for name in sorted(cut)]


def _junctions(description: CaseDescription, grid: Grid) -> dict[str, Point]:
    """Where the thermocouples measure, as far as the lattice reaches."""
    return {tc.key: tc.point_mm for tc in description.thermocouples if bool(grid.contains(tc.point_mm))}


def _hashes(images: CaseImages) -> dict[str, str]:
    found = {"ct": images.image.sha256} | {f"mask {name}": mask.sha256 for name, mask in images.masks.items()}
    return {name: sha256 for name, sha256 in found.items() if sha256}


def _limits_c(description: CaseDescription) -> list[float]:
    return [limit for organ in description.organs_at_risk for limit in (organ.limit_temp_c, organ.alarm_temp_c)]
