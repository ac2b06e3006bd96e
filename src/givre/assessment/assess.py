"""From a run and the masks to everything a tumour board reads about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.assessment.coverage import coverage
from givre.assessment.curves import volume_below_curve
from givre.assessment.cut import coldest_at_cut_c, is_cut
from givre.assessment.exposure import exposure, organ_curve, sample_organ
from givre.assessment.ice_ball import coldest_map, ice_ball, isotherm_volumes_ml
from givre.assessment.lethal import lethal_zone
from givre.assessment.margin import margin_map
from givre.assessment.result import Assessment, Verdict, VolumeBelowCurve
from givre.assessment.verdict import judge
from givre.bioheat.run import ThermalRun
from givre.case.goals import Goals, OrganAtRisk
from givre.foundation.errors import MissingStructure
from givre.geometry.resampling import sample_at
from givre.geometry.shape import SmoothShape, points_filling_mm, smooth_shape
from givre.geometry.volume import Mask


def assess_plan(
    run: ThermalRun,
    *,
    tumour: Mask,
    organs: Mapping[str, Mask],
    goals: Goals,
    organs_at_risk: tuple[OrganAtRisk, ...],
    isotherms_c: tuple[float, ...] = (0.0, -20.0, -40.0),
    freezing_c: float = 0.0,
    jumping: npt.NDArray[np.bool_] | None = None,
) -> Assessment:
    """Judge one simulated plan. The same input gives the same figures; nothing is read from outside.

    Args:
        run: its `time_below_s` must hold the limit of each organ at risk, and the lethal temperature if the goals
            ask for a hold; its `freezes_below` the lethal temperature if they ask for more than one freeze.
        tumour: on any lattice, usually that of the CT.
        organs: masks by structure name, on any lattice; those not at risk are left aside.
        goals: thresholds and what must be reached.
        organs_at_risk: what must be spared.
        isotherms_c: temperatures to give volumes for [°C].
        freezing_c: edge of the ice [°C].
        jumping: voxels of the run that hold gas or a fluid at its own temperature: organs are read on their own side
            of them.

    Raises:
        EmptyMask: if the tumour or an organ at risk holds no voxel.
        MissingStructure: if an organ at risk has no mask.
        ThresholdNotRecorded: if the run lacks a threshold listed above.
    """
    shape = smooth_shape(tumour, reach_mm=goals.margin_mm)
    zone = lethal_zone(run, lethal_temp_c=goals.lethal_temp_c, hold_s=goals.hold_s, freezes=goals.freezes)
    ice = ice_ball(run, freezing_c=freezing_c)
    sampled = [sample_organ(_mask_of(organ, organs), run.grid, jumping=jumping) for organ in organs_at_risk]
    exposures = tuple(
        exposure(organ, part, run=run, ice=ice, tumour=shape)
        for organ, part in zip(organs_at_risk, sampled, strict=True)
    )
    covered = coverage(shape, zone)
    margin = margin_map(shape.surface, zone)
    judged = judge(
        goals=goals,
        coverage=covered,
        margin=margin,
        exposures=exposures,
        status=run.status,
        is_known=zone.is_known and ice is not None,
    )
    verdicts = doubt_cut(judged, tumour_is_cut=is_cut(tumour), organs=cut_organs(run, organs, organs_at_risk))
    return Assessment(
        tumour_ml=tumour.volume_ml,
        ice_ball_ml=ice.volume_ml if ice else float("nan"),
        lethal_ml=zone.volume_ml,
        coverage=covered,
        coverage_with_margin=coverage(shape, zone, grown_mm=goals.margin_mm),
        isotherm_ml=isotherm_volumes_ml(coldest_map(run), isotherms_c),
        margin=margin,
        curves=(_tumour_curve(shape, run), *(organ_curve(part, run) for part in sampled)),
        exposures=tuple(
            replace(found, verdict=verdict) for found, verdict in zip(exposures, verdicts[3:], strict=True)
        ),
        verdicts=verdicts,
    )


def cut_organs(run: ThermalRun, organs: Mapping[str, Mask], organs_at_risk: tuple[OrganAtRisk, ...]) -> set[str]:
    """Organs at risk that reach their alarm where the edge of the image cuts them: beyond it they may be colder."""
    return {
        organ.structure
        for organ in organs_at_risk
        if not coldest_at_cut_c(_mask_of(organ, organs), run) > organ.alarm_temp_c
    }


def doubt_cut(verdicts: tuple[Verdict, ...], *, tumour_is_cut: bool, organs: set[str]) -> tuple[Verdict, ...]:
    """The verdicts, unknown instead of met or warning for what the edge of the image cuts."""
    doubtful = {f"organ:{name}" for name in organs} | ({"coverage", "margin"} if tumour_is_cut else set())
    return tuple(
        replace(verdict, status="unknown")
        if verdict.goal in doubtful and verdict.status in ("met", "warning")
        else verdict
        for verdict in verdicts
    )


def _mask_of(organ: OrganAtRisk, organs: Mapping[str, Mask]) -> Mask:
    if organ.structure not in organs:
        raise MissingStructure(
            f"organ at risk {organ.structure} has no mask among {sorted(organs) or 'none'}; "
            "add its mask or take it off the list"
        )
    return organs[organ.structure]


def _tumour_curve(tumour: SmoothShape, run: ThermalRun) -> VolumeBelowCurve:
    """How much of the tumour got how cold; its part outside the domain counts as warm."""
    points_mm = points_filling_mm(tumour)
    coldest_c = sample_at(coldest_map(run), points_mm)
    is_simulated = run.grid.contains(points_mm)
    return volume_below_curve(tumour.name, np.where(is_simulated, coldest_c, np.inf))
