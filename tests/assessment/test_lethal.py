"""The lethal zone: isotherm, hold and number of freezes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.assessment.lethal import LogisticKill, lethal_zone
from givre.foundation.errors import InputError, ThresholdNotRecorded
from givre.geometry.grid import Grid
from givre.testing.runs import run_from_coldest
from givre.testing.spheres import sphere_field_c, sphere_volume_ml

GRID = Grid(shape=(30, 30, 30), spacing_mm=(1.5, 1.5, 1.5))
CENTRE = GRID.centre_mm + np.array([0.3, -0.2, 0.4])
RADIUS_MM, SLOPE = 12.0, 4.0
COLDEST = sphere_field_c(GRID, CENTRE, radius_mm=RADIUS_MM, slope_c_per_mm=SLOPE)
RUN = run_from_coldest(COLDEST)


def radius_at_mm(coldest_c: float) -> float:
    return RADIUS_MM + (coldest_c + 20.0) / SLOPE


def test_temperature_alone_gives_the_isotherm():
    zone = lethal_zone(RUN, lethal_temp_c=-20.0)
    # trilinear between voxels h apart, a sphere of radius R is flattened by at most h²/4R, its volume by 3h²/4R²
    assert zone.volume_ml == pytest.approx(sphere_volume_ml(RADIUS_MM), rel=0.012)
    off_mm = np.linalg.norm(zone.surface.points_mm - CENTRE, axis=1) - RADIUS_MM
    assert np.abs(off_mm).max() < 0.05


@pytest.mark.parametrize("hold_s", [60.0, 180.0, 400.0, 800.0])
def test_hold_gives_the_level_set_of_the_time(hold_s):
    # the strength s(t) of the cold that is reached for hold_s seconds says how cold a voxel must get
    zone = lethal_zone(RUN, lethal_temp_c=-20.0, hold_s=hold_s)
    strength = np.sort(_strength())[::-1]
    needed = strength[round(hold_s / 10.0) - 1]
    radius_mm = radius_at_mm(37.0 - (37.0 + 20.0) / needed)
    off_mm = np.linalg.norm(zone.surface.points_mm - CENTRE, axis=1) - radius_mm
    assert np.abs(off_mm).mean() < 0.15
    assert np.abs(off_mm).max() < 0.6


def _strength() -> np.ndarray:
    """The strength of the cold over time, read back from the course of the coldest voxel of a structure."""
    run = run_from_coldest(COLDEST, points_mm={"centre": tuple(CENTRE)})
    course_c = run.history.point_temp_c["centre"]
    return (37.0 - course_c) / (37.0 - course_c.min())


def test_two_freezes_give_the_zone_of_the_weaker_one():
    zone = lethal_zone(RUN, lethal_temp_c=-20.0, freezes=2)
    radius_mm = radius_at_mm(37.0 - 57.0 / 0.96)  # the first freeze reaches 96 % of the second
    off_mm = np.linalg.norm(zone.surface.points_mm - CENTRE, axis=1) - radius_mm
    assert np.abs(off_mm).mean() < 0.2  # counts are whole numbers: known to the voxel, then smoothed
    assert np.abs(off_mm).max() < 0.8


@pytest.mark.parametrize("criterion", [{"hold_s": 1e6}, {"freezes": 3}, {"hold_s": 1e6, "freezes": 5}])
def test_criterion_that_nothing_meets_kills_nothing(criterion):
    zone = lethal_zone(RUN, lethal_temp_c=-20.0, **criterion)
    assert zone.is_known
    assert zone.surface.is_empty
    assert zone.volume_ml == 0.0
    assert not zone.is_inside([CENTRE])[0]


@given(
    st.sampled_from([0.0, -20.0, -40.0]),
    st.floats(0.0, 900.0),
    st.integers(1, 3),
    st.floats(0.0, 600.0),
)
@settings(deadline=None, max_examples=30)
def test_stricter_criterion_never_kills_more(lethal_temp_c, hold_s, freezes, more_hold_s):
    zone = lethal_zone(RUN, lethal_temp_c=lethal_temp_c, hold_s=hold_s, freezes=freezes)
    slack_ml = (
        0.03 * zone.volume_ml + 1e-9
    )  # a second criterion is scaled at its edge: that may shift it within a voxel
    stricter = lethal_zone(RUN, lethal_temp_c=lethal_temp_c, hold_s=hold_s + more_hold_s, freezes=freezes)
    assert stricter.volume_ml <= zone.volume_ml + slack_ml
    assert lethal_zone(RUN, lethal_temp_c=lethal_temp_c).volume_ml >= zone.volume_ml - 1e-6


def test_temperature_alone_needs_no_recorded_threshold():
    assert lethal_zone(RUN, lethal_temp_c=-33.0).volume_ml > 0


@pytest.mark.parametrize("criterion", [{"hold_s": 60.0}, {"freezes": 2}])
def test_threshold_that_was_not_recorded_is_refused_naming_those_that_were(criterion):
    with pytest.raises(ThresholdNotRecorded, match=r"below -33 °C, only below -40, -20, 0 °C; simulate again"):
        lethal_zone(RUN, lethal_temp_c=-33.0, **criterion)


def test_run_that_recorded_nothing_says_none():
    bare = replace(RUN, time_below_s={})
    with pytest.raises(ThresholdNotRecorded, match="only below none"):
        lethal_zone(bare, lethal_temp_c=-20.0, hold_s=10.0)


@pytest.mark.parametrize("broken", ["coldest_c", "time_below_s"])
def test_value_that_is_not_a_number_makes_the_zone_unknown(broken):
    spoilt = np.full(GRID.shape, 5.0, dtype=np.float32)
    spoilt[3, 3, 3] = np.nan
    run = replace(RUN, **{broken: spoilt if broken == "coldest_c" else {-20.0: spoilt}})
    zone = lethal_zone(run, lethal_temp_c=-20.0, hold_s=10.0)
    assert not zone.is_known
    assert np.isnan(zone.volume_ml)


def test_place_outside_the_domain_is_not_killed():
    assert lethal_zone(RUN, lethal_temp_c=0.0).is_inside([CENTRE, CENTRE + 500.0]).tolist() == [True, False]


def test_logistic_kill_reproduces_the_two_doses_it_was_fitted_to():
    a549 = LogisticKill(steepness_per_c=0.2, half_temp_c=-10.0, source="A549, in vitro", status="derived")
    assert a549.killed_fraction([-10.0, -24.7, -500.0, 500.0]) == pytest.approx([0.5, 0.95, 1.0, 0.0], abs=0.001)
    assert np.isnan(a549.killed_fraction(np.nan))


@pytest.mark.parametrize("steepness", [0.0, -1.0, float("nan"), float("inf")])
def test_kill_curve_that_does_not_fall_is_refused(steepness):
    with pytest.raises(InputError, match="steepness"):
        LogisticKill(steepness_per_c=steepness, half_temp_c=-10.0, source="x", status="assumption")
