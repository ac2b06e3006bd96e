"""Simulate one plan: tissues from the CT, the freeze of the cryoprobes, and what it means for the goals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from givre.assessment.assess import assess_plan, cut_organs
from givre.assessment.cut import is_cut
from givre.assessment.result import Assessment
from givre.bioheat.assembly import points_to_follow, thermal_problem
from givre.bioheat.run import Progress, ThermalRun
from givre.case.description import TUMOUR, CaseDescription
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.model import CryoprobeModel
from givre.dossier.inputs import ProbeFacts, PropertyFact
from givre.geometry.line import Segment
from givre.geometry.resampling import cubic_grid_around
from givre.geometry.volume import Mask, Volume
from givre.tissue.bone_hu_map import BoneHuMap
from givre.tissue.hu_thresholds import HuThresholds
from givre.tissue.labelling import label_tissues
from givre.tissue.notes import note
from givre.tissue.table import PROPERTY_UNITS, TissueProperties
from givre.tissue.thermal import TABLE_KEYS, material_field
from givre.tissue.tissue_map import BONE_TISSUES, TissueMap
from givre.tissue.tissue_resampling import resample_tissue
from givre.usecases.check_plan import check_plan
from givre.usecases.import_case import CaseImages
from givre.usecases.import_report import ImportReport
from givre.usecases.ports import Solver

ISOTHERMS_C = (0.0, -20.0, -40.0)
"""Isotherms that every dossier shows; the thresholds of the goals and limits of the organs are added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The tables a simulation reads.

    Attributes:
        catalogue: cryoprobe models by id.
        tissues: thermal properties by tissue.
        bone: properties of bone against HU.
        hu_thresholds: limits that tell tissues apart.
    """

    catalogue: Mapping[str, CryoprobeModel]
    tissues: Mapping[str, TissueProperties]
    bone: BoneHuMap
    hu_thresholds: HuThresholds


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


def simulate_plan(
    description: CaseDescription,
    images: CaseImages,
    *,
    knowledge: Knowledge,
    solve: Solver,
    progress: Progress | None = None,
) -> PlanResult:
    """Simulate a case that has been imported.

    Args:
        description: the case.
        images: its CT and masks.
        knowledge: catalogue and property tables.
        solve: where the problem is solved.
        progress: told how far the run is; may stop it.

    Raises:
        UnknownCryoprobe, InvalidPlacement: if a probe cannot be placed as described.
    """
    ct = images.image.volume
    masks = {name: imported.mask for name, imported in images.masks.items()}
    models = {p.model: find_cryoprobe(knowledge.catalogue, p.model) for p in description.placements}
    zones = check_plan(description, ct, knowledge.catalogue)
    tissue_map = tissues_around(ct, masks, zones, description, knowledge.hu_thresholds)
    organs = {organ.structure: masks[organ.structure] for organ in description.organs_at_risk}
    problem = thermal_problem(
        material_field(tissue_map, knowledge.tissues, knowledge.bone),
        description.placements,
        models,
        description.protocol,
        body_temp_c=description.settings.body_temp_c,
        structures={TUMOUR: masks[TUMOUR], **organs},
        isotherms_c=[*ISOTHERMS_C, description.goals.lethal_temp_c, *_limits_c(description)],
        points_mm=points_to_follow(masks[TUMOUR], organs, zones, tissue_map.grid),
    )
    run = solve(problem, progress=progress)
    assessment = assess_plan(
        run,
        tumour=masks[TUMOUR],
        organs=organs,
        goals=description.goals,
        organs_at_risk=description.organs_at_risk,
        isotherms_c=ISOTHERMS_C,
    )
    tissue_map = replace(
        tissue_map, notes=(*tissue_map.notes, *_notes_on_cuts(run, masks[TUMOUR], organs, description))
    )
    counts = tissue_map.counts
    return PlanResult(
        description=description,
        ct=ct,
        masks=masks,
        import_reports=images.reports,
        tissue_map=tissue_map,
        run=run,
        assessment=assessment,
        probes=tuple(probe_facts(p.label, models[p.model]) for p in description.placements),
        properties=property_facts(tissue_map, knowledge),
        tissue_shares={tissue.name.lower(): n / tissue_map.labels.size for tissue, n in counts.items()},
        hashes={**_hashes(images), "problem": run.problem_hash},
    )


def tissues_around(
    ct: Volume, masks: Mapping[str, Mask], zones: list[Segment], description: CaseDescription, limits: HuThresholds
) -> TissueMap:
    """Tissues on the cubic simulation lattice around the active zones."""
    labelled = label_tissues(ct, masks, lesion_kind=description.lesion_kind, thresholds=limits)
    ends_mm = np.array([point for zone in zones for point in (zone.start_mm, zone.end_mm)])
    settings = description.settings
    grid = cubic_grid_around(ends_mm, ct.grid, spacing_mm=settings.voxel_mm, margin_mm=settings.domain_margin_mm)
    return resample_tissue(labelled, grid)


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


def property_facts(tissue_map: TissueMap, knowledge: Knowledge) -> tuple[PropertyFact, ...]:
    """The values used: of the table for every tissue in the domain, of the HU map at the quartiles of its bone."""
    told = [
        (tissue.name.lower(), knowledge.tissues[TABLE_KEYS[tissue]].quantities())
        for tissue in tissue_map.counts
        if tissue not in BONE_TISSUES
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


def _notes_on_cuts(
    run: ThermalRun, tumour: Mask, organs: Mapping[str, Mask], description: CaseDescription
) -> list[str]:
    notes = [note("cut_tumour")] if is_cut(tumour) else []
    cut = cut_organs(run, organs, description.organs_at_risk)
    return notes + [note("cut_organ", structure=name) for name in sorted(cut)]


def _hashes(images: CaseImages) -> dict[str, str]:
    found = {"ct": images.image.sha256} | {f"mask {name}": mask.sha256 for name, mask in images.masks.items()}
    return {name: sha256 for name, sha256 in found.items() if sha256}


def _limits_c(description: CaseDescription) -> list[float]:
    return [limit for organ in description.organs_at_risk for limit in (organ.limit_temp_c, organ.alarm_temp_c)]
