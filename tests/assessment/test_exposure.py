"""What organs at risk go through, against spheres, planes and the edge of the domain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from givre.assessment.exposure import exposure, organ_curve, sample_organ
from givre.assessment.ice_ball import ice_ball
from givre.bioheat.run import RunStatus
from givre.case.goals import OrganAtRisk
from givre.foundation.errors import EmptyMask, ThresholdNotRecorded
from givre.geometry.grid import Grid
from givre.geometry.shape import smooth_shape
from givre.geometry.volume import Mask, Volume
from givre.testing.runs import run_from_coldest
from givre.testing.spheres import sphere_field_c, sphere_mask

DOMAIN = Grid(shape=(40, 40, 40), spacing_mm=(1.5, 1.5, 1.5))
CENTRE = DOMAIN.centre_mm
ICE_MM, SLOPE = 14.0, 4.0
"""The field is 0 °C at 14 mm from the centre and rises by 4 °C a millimetre, to 37 °C at 23.25 mm."""
CT = Grid(shape=(60, 80, 80), spacing_mm=(1.5, 1.0, 1.0), origin_mm=(-10.0, -10.0, -15.0))
RUN = run_from_coldest(
    sphere_field_c(DOMAIN, CENTRE, radius_mm=ICE_MM, edge_c=0.0, slope_c_per_mm=SLOPE), thresholds_c=(0.0, 10.0, -20.0)
)
TUMOUR = smooth_shape(sphere_mask(CT, CENTRE, 8.0))
STOPPED = RunStatus(ending="stopped", sentence="Stopped by the user.")


def slab(first_mm, thick_mm=6.0, *, grid=CT, half_width_mm=np.inf):
    """A plate across x, from `first_mm` beside the centre on, drawn on the CT."""
    offset_mm = grid.voxel_centres_mm() - CENTRE
    along = (offset_mm[..., 0] >= first_mm) & (offset_mm[..., 0] < first_mm + thick_mm)
    return Mask(grid=grid, inside=along & (np.abs(offset_mm[..., 1:]).max(axis=-1) < half_width_mm), name="cord")


def organ(limit_temp_c=0.0, alarm_temp_c=10.0):
    return OrganAtRisk(
        structure="cord", limit_temp_c=limit_temp_c, alarm_temp_c=alarm_temp_c, source="test", status="assumption"
    )


def exposed(mask, run=RUN, at_risk=None):
    return exposure(
        at_risk or organ(), sample_organ(mask, run.grid), run=run, ice=ice_ball(run, freezing_c=0.0), tumour=TUMOUR
    )


def first_face_mm(mask):
    """Where the drawn plate really begins: the outer face of its first voxels."""
    return mask.grid.index_to_lps(np.argwhere(mask.inside))[:, 0].min() - 0.5 - CENTRE[0]


@pytest.mark.parametrize(("first_mm", "status"), [(19.0, "met"), (15.6, "warning"), (12.0, "not_met")])
def test_plate_beside_the_ice_is_as_cold_and_as_near_as_its_face(first_mm, status):
    mask = slab(first_mm)
    face_mm = first_face_mm(mask)
    found = exposed(mask)
    assert found.coldest_c == pytest.approx(SLOPE * (face_mm - ICE_MM), abs=0.5)
    assert np.subtract(found.where_coldest_mm, CENTRE) == pytest.approx([face_mm, 0.0, 0.0], abs=1.1)
    assert found.distance_to_ice_mm == pytest.approx(face_mm - ICE_MM, abs=0.1)
    assert found.distance_to_tumour_mm == pytest.approx(face_mm - 8.0, abs=0.3)
    assert found.verdict.status == status
    assert found.verdict.value == found.coldest_c


def test_volume_below_the_limit_is_that_of_a_cap():
    mask = slab(10.0, 20.0)
    face_mm = first_face_mm(mask)
    height = ICE_MM - face_mm
    cap_ml = np.pi * height**2 * (3 * ICE_MM - height) / 3.0 / 1000.0
    assert exposed(mask).volume_below_limit_ml == pytest.approx(cap_ml, rel=0.04)


def test_organ_that_stays_above_its_limit_spends_no_time_below_it():
    found = exposed(slab(15.6))
    assert found.time_below_limit_s == 0.0
    assert found.volume_below_limit_ml == 0.0


def test_time_below_the_limit_is_that_of_the_coldest_place():
    mask = slab(9.0)
    found = exposed(mask)
    index = DOMAIN.lps_to_index(found.where_coldest_mm)
    around = RUN.time_below_s[0.0][tuple(slice(int(i), int(i) + 2) for i in index)]
    assert around.min() <= found.time_below_limit_s <= around.max()
    assert found.time_below_limit_s > 60.0


def test_organ_that_touches_the_tumour_is_at_no_distance_from_it():
    assert exposed(slab(7.0)).distance_to_tumour_mm == 0.0
    assert exposed(slab(0.0)).distance_to_tumour_mm == 0.0


def test_organ_around_the_tumour_overlaps_it_and_reaches_deep_into_the_ice():
    found = exposed(sphere_mask(CT, CENTRE, 20.0, name="cord"))
    assert found.distance_to_tumour_mm == 0.0
    assert found.distance_to_ice_mm == pytest.approx(-ICE_MM, abs=0.5)
    # the tip of the cone lies between voxel centres, 1.3 mm from the nearest
    assert found.coldest_c == pytest.approx(-SLOPE * ICE_MM, abs=1.3 * SLOPE)


def test_organ_outside_the_domain_is_as_warm_as_the_faces_of_the_domain_at_least():
    mask = slab(32.0, 5.0)
    found = exposed(mask)
    assert found.fraction_simulated == 0.0
    assert np.isnan(found.coldest_c)
    assert np.isnan(found.where_coldest_mm).all()
    assert (found.time_below_limit_s, found.volume_below_limit_ml) == (0.0, 0.0)
    assert found.distance_to_ice_mm == pytest.approx(first_face_mm(mask) - ICE_MM, abs=0.1)
    assert found.verdict.status == "met"
    assert found.verdict.value == pytest.approx(37.0)


def test_organ_outside_the_domain_of_a_run_that_did_not_end_well_is_unknown():
    found = exposed(slab(32.0, 5.0), replace(RUN, status=STOPPED))
    assert found.verdict.status == "unknown"
    assert found.verdict.is_failure


def test_cold_on_a_face_of_the_domain_counts_for_the_organ_beyond_it():
    field = sphere_field_c(DOMAIN, CENTRE + np.array([22.0, 0, 0]), radius_mm=ICE_MM, edge_c=0.0, slope_c_per_mm=4.0)
    found = exposed(slab(32.0, 5.0), run_from_coldest(field, thresholds_c=(0.0,)))
    assert found.verdict.status == "not_met"
    assert found.verdict.value < -20.0


@pytest.mark.parametrize("voxel", [(0, 20, 20), (20, 39, 20), (20, 20, 0), (20, 20, 39)])
def test_face_of_the_domain_that_is_not_a_number_leaves_the_organ_beyond_unknown(voxel):
    field = sphere_field_c(DOMAIN, CENTRE, radius_mm=ICE_MM, edge_c=0.0)
    field.values[voxel] = np.nan
    found = exposed(slab(32.0, 5.0), run_from_coldest(field, thresholds_c=(0.0,)))
    assert found.verdict.status == "unknown"


def test_organ_half_outside_the_domain_says_how_much_was_simulated():
    mask = slab(20.0, 20.0, half_width_mm=10.0)  # the domain ends 30 mm from its centre
    found = exposed(mask)
    assert found.fraction_simulated == pytest.approx((30.0 - first_face_mm(mask)) / 20.0, abs=0.02)
    assert found.coldest_c == pytest.approx(SLOPE * (first_face_mm(mask) - ICE_MM), abs=0.5)
    assert found.verdict.status == "met"


def test_curve_counts_the_part_outside_the_domain_as_warm():
    mask = slab(10.0, 24.0, half_width_mm=10.0)
    sampled = sample_organ(mask, DOMAIN)
    curve = organ_curve(sampled, RUN)
    assert curve.fraction[-1] == pytest.approx(sampled.fraction_simulated)
    assert sampled.fraction_simulated == pytest.approx((30.0 - first_face_mm(mask)) / 24.0, abs=0.02)
    assert np.isnan(organ_curve(sampled, replace(RUN, status=STOPPED)).fraction).all()


def test_curve_of_an_organ_outside_the_domain_never_leaves_nought():
    sampled = sample_organ(slab(32.0, 5.0), DOMAIN)
    assert (organ_curve(sampled, RUN).fraction == 0.0).all()


def test_organ_without_voxels_is_refused():
    with pytest.raises(EmptyMask, match="cord holds no voxel"):
        sample_organ(slab(500.0), DOMAIN)


def test_limit_that_was_not_recorded_is_refused():
    with pytest.raises(ThresholdNotRecorded, match="time below 5 °C, only below -20, 0, 10 °C"):
        exposed(slab(15.6), at_risk=organ(limit_temp_c=5.0))


def test_without_ice_there_is_no_distance_to_it():
    warm = run_from_coldest(sphere_field_c(DOMAIN, CENTRE, radius_mm=-5.0, edge_c=0.0), thresholds_c=(0.0,))
    found = exposed(slab(15.6), warm)
    assert np.isnan(found.distance_to_ice_mm)
    assert found.verdict.status == "met"


def test_temperature_that_is_not_a_number_beside_the_organ_leaves_it_unknown():
    field = sphere_field_c(DOMAIN, CENTRE, radius_mm=ICE_MM, edge_c=0.0)
    field.values[20, 20, 34] = np.nan
    found = exposed(slab(20.0), run_from_coldest(field, thresholds_c=(0.0,)))
    assert np.isnan([found.coldest_c, found.time_below_limit_s, found.volume_below_limit_ml]).all()
    assert np.isnan(found.distance_to_ice_mm)
    assert found.verdict.status == "unknown"


def test_thin_nerve_of_one_voxel_is_read_out_to_its_corners():
    inside = np.zeros(CT.shape, dtype=bool)
    index = np.round(CT.lps_to_index(CENTRE + np.array([14.4, 0.0, 0.0]))).astype(int)
    inside[tuple(index)] = True
    found = exposed(Mask(grid=CT, inside=inside, name="cord"))
    corner_mm = np.abs(CT.index_to_lps(index) - CENTRE)[0] - 0.5
    assert found.coldest_c <= SLOPE * (corner_mm - ICE_MM) + 0.6
    assert found.fraction_simulated == 1.0


def field_run(coldest_c):
    return run_from_coldest(Volume(grid=DOMAIN, values=coldest_c.astype(np.float32), unit="degC"), thresholds_c=(0.0,))


def test_an_organ_behind_gas_is_read_on_its_own_side_and_not_through_it():
    """Gas of two voxels dams the cold: ice on one side, an organ at 20 °C on the other."""
    across = np.broadcast_to(DOMAIN.voxel_centres_mm()[..., 0] - CENTRE[0], DOMAIN.shape)
    gas = (across > 6.0) & (across < 9.0)
    run = field_run(np.where(across >= 9.0, 20.0, np.where(gas, -20.0, -60.0)))
    mask = slab(9.0, 10.0, half_width_mm=15.0)  # wholly inside the domain
    ice = ice_ball(run, freezing_c=0.0)
    mixed, own = (
        exposure(organ(), sample_organ(mask, run.grid, jumping=flags), run=run, ice=ice, tumour=TUMOUR)
        for flags in (None, gas)
    )
    assert mixed.coldest_c < 10.0, "the fault: a mean with the gas"
    assert own.coldest_c == pytest.approx(20.0)
    assert own.time_below_limit_s == 0.0
    assert own.volume_below_limit_ml == 0.0
    assert own.verdict.status == "met"


def test_ice_that_touches_the_organ_beside_gas_is_still_read():
    """Gas covers half of the organ's face; where it does not, ice lies against it."""
    across, along = (np.broadcast_to(DOMAIN.voxel_centres_mm()[..., n] - CENTRE[n], DOMAIN.shape) for n in (0, 1))
    gas = (across > 6.0) & (across < 9.0) & (along > 0)
    run = field_run(np.where(across >= 9.0, 20.0, -60.0))
    found = exposure(
        organ(), sample_organ(slab(9.0, 10.0), run.grid, jumping=gas), run=run, ice=ice_ball(run, freezing_c=0.0),
        tumour=TUMOUR,
    )  # fmt: skip
    assert found.coldest_c < 0.0
    assert found.where_coldest_mm[1] < CENTRE[1] + 1.5
