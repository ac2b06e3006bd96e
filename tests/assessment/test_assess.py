"""The whole assessment of a run: figures, verdicts, refusals, and every way of not knowing."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.assessment.assess import assess_plan
from givre.bioheat.run import RunStatus
from givre.case.goals import Goals, OrganAtRisk
from givre.foundation.errors import EmptyMask, MissingStructure, ThresholdNotRecorded
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.geometry.volume import Mask
from givre.testing.runs import analytic_run, run_from_coldest
from givre.testing.spheres import overlap_fraction, sphere_field_c, sphere_mask, sphere_volume_ml

DOMAIN = Grid(shape=(36, 36, 36), spacing_mm=(1.5, 1.5, 1.5))
CENTRE = DOMAIN.centre_mm
CT = Grid(shape=(50, 60, 60), spacing_mm=(1.2, 1.0, 1.0), origin_mm=(-4.0, -4.0, -4.0))
TUMOUR = sphere_mask(CT, CENTRE, 8.0)
CORD_MASK = sphere_mask(CT, CENTRE + np.array([0.0, 24.0, 0.0]), 3.0, name="cord")
CORD = OrganAtRisk(structure="cord", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")
GOALS = Goals(lethal_temp_c=-20.0, margin_mm=4.0, coverage=0.99, source="test", status="assumption")
RUN = run_from_coldest(sphere_field_c(DOMAIN, CENTRE, radius_mm=13.0))


def assessed(run=RUN, *, goals=GOALS, tumour=TUMOUR, organs=None, organs_at_risk=(CORD,)):
    organs = {"cord": CORD_MASK} if organs is None else organs
    return assess_plan(run, tumour=tumour, organs=organs, goals=goals, organs_at_risk=organs_at_risk)


def statuses(assessment):
    return {verdict.goal: verdict.status for verdict in assessment.verdicts}


def test_good_plan_meets_all_its_goals():
    found = assessed()
    assert statuses(found) == {"run": "met", "coverage": "met", "margin": "met", "organ:cord": "met"}
    assert found.is_safe
    assert found.tumour_ml == pytest.approx(sphere_volume_ml(8.0), rel=0.01)
    assert found.lethal_ml == pytest.approx(sphere_volume_ml(13.0), rel=0.012)
    assert found.ice_ball_ml == pytest.approx(sphere_volume_ml(18.0), rel=0.012)
    assert found.isotherm_ml[0.0] == found.ice_ball_ml
    assert found.isotherm_ml[-20.0] == found.lethal_ml
    assert found.coverage == 1.0
    assert found.coverage_with_margin == pytest.approx(overlap_fraction(12.0, 13.0, 0.0))
    assert found.margin.minimum_mm == pytest.approx(5.0, abs=0.4)
    assert [curve.structure for curve in found.curves] == ["tumour", "cord"]
    assert found.exposures[0].distance_to_tumour_mm == pytest.approx(24.0 - 3.0 - 8.0, abs=0.5)
    assert found.exposures[0].verdict == found.verdicts[3]


def test_tumour_curve_passes_through_the_coverage():
    found = assessed(tumour=sphere_mask(CT, CENTRE + np.array([0.0, 9.0, 0.0]), 8.0))
    curve = found.curves[0]
    assert curve.fraction[curve.temp_c == -20.0] == pytest.approx(found.coverage)
    assert 0.5 < found.coverage < 0.95


def test_too_wide_a_margin_is_not_met():
    assert statuses(assessed(goals=replace(GOALS, margin_mm=7.0)))["margin"] == "not_met"


def test_plan_that_kills_nothing_fails_with_an_unknown_margin():
    found = assessed(goals=replace(GOALS, lethal_temp_c=-149.0))
    assert statuses(found) == {"run": "met", "coverage": "not_met", "margin": "unknown", "organ:cord": "met"}
    assert not found.is_safe


@pytest.mark.parametrize("ending", ["front_reached_boundary", "stopped", "diverged"])
def test_run_that_did_not_end_done_leaves_every_verdict_unknown(ending):
    found = assessed(replace(RUN, status=RunStatus(ending=ending, sentence="For a test.")))
    assert statuses(found) == {"run": "not_met", "coverage": "unknown", "margin": "unknown", "organ:cord": "unknown"}
    assert found.exposures[0].verdict.status == "unknown"
    assert not found.is_safe


@given(st.tuples(*(st.integers(0, 35),) * 3), st.sampled_from([np.nan, np.inf, -np.inf]))
@settings(deadline=None, max_examples=10)
def test_one_temperature_that_is_not_finite_anywhere_leaves_nothing_known(voxel, value):
    spoilt = RUN.coldest_c.copy()
    spoilt[voxel] = value
    found = assessed(replace(RUN, coldest_c=spoilt))
    assert set(statuses(found).values()) == {"unknown"}
    assert not found.is_safe
    figures = [found.ice_ball_ml, found.lethal_ml, found.coverage, found.coverage_with_margin]
    assert np.isnan([*figures, found.margin.minimum_mm, *found.isotherm_ml.values()]).all()


def test_field_of_nothing_but_nan_is_assessed_without_a_crash():
    found = assessed(replace(RUN, coldest_c=np.full(DOMAIN.shape, np.nan, dtype=np.float32)))
    assert set(statuses(found).values()) == {"unknown"}
    assert np.isnan(found.curves[0].fraction).all()


def test_hold_and_two_freezes_cover_less():
    strict = assessed(goals=replace(GOALS, hold_s=300.0, freezes=2))
    assert strict.lethal_ml < assessed().lethal_ml


def test_empty_tumour_is_refused():
    nothing = Mask(grid=CT, inside=np.zeros(CT.shape, dtype=bool), name="tumour")
    with pytest.raises(EmptyMask, match="mask tumour holds no voxel"):
        assessed(tumour=nothing)


def test_organ_without_a_mask_is_refused_naming_those_there_are():
    with pytest.raises(MissingStructure, match=r"organ at risk cord has no mask among \['bowel'\]"):
        assessed(organs={"bowel": CORD_MASK})


def test_limit_the_run_did_not_record_is_refused():
    with pytest.raises(ThresholdNotRecorded, match="below 5 °C, only below -40, -20, 0 °C"):
        assessed(organs_at_risk=(replace(CORD, limit_temp_c=5.0),))


def test_tumour_and_organ_may_lie_on_other_lattices_than_the_run():
    tilted = Grid(
        shape=(40, 40, 40),
        spacing_mm=(1.0, 1.0, 1.0),
        origin_mm=tuple(CENTRE - np.array([27.6, 0.0, 19.5])),
        axes=((0.0, 0.0, 1.0), (0.5**0.5, 0.5**0.5, 0.0), (0.5**0.5, -(0.5**0.5), 0.0)),
    )
    found = assessed(tumour=sphere_mask(tilted, CENTRE, 8.0))
    assert found.coverage == 1.0
    assert found.margin.mean_mm == pytest.approx(assessed().margin.mean_mm, abs=0.1)


@pytest.mark.slow
def test_lumbar_sized_case_is_assessed_in_seconds():
    domain = Grid(shape=(80, 80, 80), spacing_mm=(1.5, 1.5, 1.5))
    centre = domain.centre_mm
    ct = Grid(shape=(100, 120, 120), spacing_mm=(1.5, 1.5, 1.5), origin_mm=(-20.0, -20.0, -20.0))
    probes = [
        Segment(start_mm=tuple(centre + np.array([x, -5.0, -15.0])), end_mm=tuple(centre + np.array([x, -5.0, 15.0])))
        for x in (-9.0, 9.0)
    ]
    masks = {
        "cord": sphere_mask(ct, centre + np.array([0.0, 28.0, 0.0]), 8.0, name="cord"),
        "bowel": sphere_mask(ct, centre - np.array([0.0, 40.0, 0.0]), 20.0, name="bowel"),
    }
    run = analytic_run(domain, probes, thresholds_c=(0.0, -20.0))
    organs_at_risk = tuple(replace(CORD, structure=name) for name in masks)
    started_s = time.process_time()
    found = assessed(run, tumour=sphere_mask(ct, centre, 16.0), organs=masks, organs_at_risk=organs_at_risk)
    # 1 s on a quiet core; the limit leaves room for a slower and busier one
    assert time.process_time() - started_s < 6.0
    assert found.tumour_ml > 15.0
