"""A true patient made up from the tables themselves, simulated and judged without anything of the sampling code.

Tables are changed row by row, tissues labelled again, materials laid out anew, and the full assessment reads the run:
what a trial does by scaling materials and by a quick look is done here the long way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from givre.assessment.assess import assess_plan
from givre.bioheat.solve import solve
from givre.case.knowledge import Knowledge
from givre.cryoprobe.placement import Placement
from givre.planning.trial.prepared import plan_problem, prepare_case
from givre.planning.uncertainty.spread import CUT_SCORE, RANGE_SCORE, SplitLaw, SpreadSettings
from givre.planning.uncertainty.spread_placement import misplaced
from givre.planning.uncertainty.spread_tissue import FIELDS
from givre.testing.uncertain_case import REACH_MM, SmallUncertainCase
from givre.tissue.bone_hu_map import BoneHuMap
from givre.tissue.table import TissueProperties

Figures = dict[str, float]

_GROUPS = ("lesion", "bone", "soft")


def true_figures(
    case: SmallUncertainCase,
    placements: tuple[Placement, ...],
    assumed: SpreadSettings,
    *,
    width: float,
    generator: np.random.Generator,
    voxel_mm: float = 3.0,
) -> Figures | None:
    """Figures of one true patient; None if his run reached the edge of its domain.

    Args:
        case: the case.
        placements: the probes as planned.
        assumed: the spreads that the intervals are made with.
        width: by how much his own are wider.
        generator: draws him.
        voxel_mm: edge of the voxels.
    """
    knowledge = _true_tables(case.knowledge, width * assumed.tissue_width, generator)
    knowledge = _true_probes(knowledge, placements, width * assumed.probe_width, generator)
    placed = tuple(_placed(probe, assumed, width, generator) for probe in placements)
    lethal_c = case.description.goals.lethal_temp_c + width * assumed.threshold_sigma_c * _score(generator)
    goals = replace(case.description.goals, lethal_temp_c=min(max(lethal_c, -150.0), 0.0))
    prepared = prepare_case(
        case.description, case.ct, case.masks, knowledge=knowledge, voxel_mm=voxel_mm, reach_mm=REACH_MM
    )
    run = solve(plan_problem(prepared, placed, only_to_compare=True))
    if not run.status.is_usable:
        return None
    full = assess_plan(
        run,
        tumour=prepared.tumour,
        organs=prepared.organs,
        goals=goals,
        organs_at_risk=case.description.organs_at_risk,
    )
    return {
        "coverage": full.coverage,
        "coverage_with_margin": full.coverage_with_margin,
        "margin_mm": full.margin.minimum_mm,
        "lethal_ml": full.lethal_ml,
        **{f"organ:{e.organ.structure}": e.coldest_c for e in full.exposures},
    }


def _score(generator: np.random.Generator) -> float:
    """A standard normal number, drawn again beyond the cut."""
    while True:
        found = float(generator.normal())
        if abs(found) <= CUT_SCORE:
            return found


def _true_tables(knowledge: Knowledge, width: float, generator: np.random.Generator) -> Knowledge:
    scores = {(group, what): width * _score(generator) for group in _GROUPS for what in FIELDS}
    tissues = {}
    for name, row in knowledge.tissues.items():
        group = "lesion" if name == "lytic_lesion" else "soft"
        kept = not row.freezes or name == "blood"
        tissues[name] = row if kept else _true_row(row, {what: scores[group, what] for what in FIELDS})
    bone = _true_bone(knowledge.bone, {what: scores["bone", what] for what in FIELDS})
    return replace(knowledge, tissues=tissues, bone=bone)


def _true_row(row: TissueProperties, scores: Mapping[str, float]) -> TissueProperties:
    changes = {}
    for what, columns in FIELDS.items():
        for column in columns:
            known = getattr(row, column)
            if known.value == 0:
                continue
            value = known.value * _ratio(known.low / known.value, known.high / known.value, scores[what])
            changes[column] = replace(known, value=value, low=min(value, known.low), high=max(value, known.high))
    return replace(row, **changes)


def _true_bone(bone: BoneHuMap, scores: Mapping[str, float]) -> BoneHuMap:
    columns = dict(bone.columns)
    for what, names in FIELDS.items():
        for name in names:
            columns[name] = columns[name] * _ratio(bone.spread[name].low, bone.spread[name].high, scores[what])
    return replace(bone, columns=columns)


def _ratio(low: float, high: float, score: float) -> float:
    """Log-normal on each side, with the bound at 1.96 standard scores; towards 0 in a straight line."""
    bound, share = (high if score > 0 else low), abs(score) / RANGE_SCORE
    return math.exp(share * math.log(bound)) if bound > 0 else max(1.0 - share, 0.0)


def _true_probes(
    knowledge: Knowledge, placements: tuple[Placement, ...], width: float, generator: np.random.Generator
) -> Knowledge:
    catalogue = dict(knowledge.catalogue)
    for name in sorted({placement.model for placement in placements}):
        known = catalogue[name].surface_temp_c
        law = SplitLaw(value=known.value, low=known.low, high=known.high, unit="C", least=-200.0, most=-20.0)
        value = law.at(width * _score(generator))
        catalogue[name] = replace(catalogue[name], surface_temp_c=replace(known, value=value, low=value, high=value))
    return replace(knowledge, catalogue=catalogue)


def _placed(probe: Placement, assumed: SpreadSettings, width: float, generator: np.random.Generator) -> Placement:
    along, head, side, tilt_head, tilt_side = (width * _score(generator) for _ in range(5))
    errors = (
        along * assumed.along_sigma_mm,
        head * assumed.across_sigma_mm,
        side * assumed.across_sigma_mm,
        tilt_head * assumed.direction_sigma_deg,
        tilt_side * assumed.direction_sigma_deg,
    )
    return misplaced(probe, errors)
