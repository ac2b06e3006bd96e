"""Coverage and margin of a spherical tumour in a spherical lethal zone, for which both have formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from givre.assessment.coverage import coverage
from givre.assessment.lethal import lethal_zone
from givre.assessment.margin import direction_in_letters, margin_map, weighted_percentile
from givre.geometry.grid import Grid
from givre.geometry.shape import smooth_shape
from givre.geometry.surface import isosurface
from givre.geometry.volume import Mask, Volume
from givre.testing.runs import run_from_coldest
from givre.testing.spheres import overlap_fraction, sphere_field_c, sphere_mask

CENTRE = np.array([3.1, -7.4, 12.2])
UPRIGHT = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def grid_around(centre_mm, half_mm, spacing_mm, axes=UPRIGHT):
    count = int(2 * half_mm / spacing_mm) + 1
    origin = np.asarray(centre_mm) - (count - 1) / 2 * spacing_mm * np.sum(axes, axis=0)
    return Grid(shape=(count,) * 3, spacing_mm=(spacing_mm,) * 3, origin_mm=tuple(origin), axes=axes)


def zone_around(centre_mm, radius_mm, *, spacing_mm=1.5, axes=UPRIGHT, lethal_temp_c=-20.0):
    grid = grid_around(centre_mm, radius_mm + 9.0, spacing_mm, axes)
    return lethal_zone(
        run_from_coldest(sphere_field_c(grid, centre_mm, radius_mm=radius_mm)), lethal_temp_c=lethal_temp_c
    )


def tumour_around(centre_mm, radius_mm, *, spacing_mm=1.0, axes=UPRIGHT, reach_mm=0.0):
    grid = grid_around(np.asarray(centre_mm) + 0.17, radius_mm + 2.0, spacing_mm, axes)
    return smooth_shape(sphere_mask(grid, centre_mm, radius_mm), reach_mm=reach_mm)


def exact_sphere_surface(centre_mm, radius_mm):
    grid = grid_around(centre_mm, radius_mm + 2.0, 1.0)
    distance_mm = np.linalg.norm(grid.voxel_centres_mm() - centre_mm, axis=-1)
    return isosurface(Volume(grid=grid, values=distance_mm, unit="mm"), radius_mm)


@pytest.mark.parametrize("offset_mm", [0.0, 2.0, 5.0, 9.0])
def test_margin_of_offset_spheres_is_that_of_the_formula(offset_mm):
    big, r, d = 14.0, 8.0, offset_mm
    tumour_centre = CENTRE + np.array([d, 0.0, 0.0])
    margin = margin_map(exact_sphere_surface(tumour_centre, r), zone_around(CENTRE, big))
    away_mm = np.linalg.norm(margin.points_mm - CENTRE, axis=1)
    # trilinear between voxels h apart, a sphere of radius R is flattened by at most h²/4R: 0.04 and 0.03 mm here
    assert np.abs(margin.margin_mm - (big - away_mm)).max() < 0.07
    assert margin.minimum_mm == pytest.approx(big - r - d, abs=0.07)
    mean_away_mm = r + d**2 / (3 * r) if d <= r else d + r**2 / (3 * d)
    assert margin.mean_mm == pytest.approx(big - mean_away_mm, abs=0.04)
    fifth_mm = big - np.sqrt(r**2 + d**2 + 2 * r * d * 0.9)  # the cosine is evenly spread over a sphere
    assert margin.percentile_5_mm == pytest.approx(fifth_mm, abs=0.08)
    assert margin.area_weight.sum() == pytest.approx(1.0)
    if d > 0:
        assert margin.where_minimum == "L"
        assert margin.where_minimum_mm == pytest.approx(tuple(CENTRE + np.array([d + r, 0, 0])), abs=1.6)


@pytest.mark.parametrize("spacing_mm", [0.7, 1.0, 1.5])
def test_margin_of_a_drawn_mask_is_right_to_a_fraction_of_its_voxels(spacing_mm):
    tumour = tumour_around(CENTRE + np.array([0.0, 3.0, 0.0]), 9.0, spacing_mm=spacing_mm)
    margin = margin_map(tumour.surface, zone_around(CENTRE, 16.0))
    assert margin.minimum_mm == pytest.approx(4.0, abs=0.4 * spacing_mm)
    assert margin.mean_mm == pytest.approx(16.0 - 9.0 - 9.0 / 27.0, abs=0.05 * spacing_mm + 0.04)


@pytest.mark.parametrize(
    ("big", "r", "d"), [(12.0, 9.0, 0.0), (9.0, 12.0, 0.0), (10.0, 10.0, 5.0), (8.0, 12.0, 9.0), (7.0, 6.0, 14.0)]
)
def test_coverage_is_the_overlap_of_two_spheres(big, r, d):
    tumour = tumour_around(CENTRE + d * np.array([0.36, 0.48, 0.8]), r)
    # the voxelised sphere differs from the sphere by some 0.5 % of its volume
    assert coverage(tumour, zone_around(CENTRE, big)) == pytest.approx(overlap_fraction(r, big, d), abs=0.006)


@pytest.mark.parametrize("grown_mm", [0.0, 2.0, 5.0])
def test_coverage_with_margin_is_that_of_the_grown_sphere(grown_mm):
    tumour = tumour_around(CENTRE, 8.0, reach_mm=grown_mm)
    zone = zone_around(CENTRE, 11.0)
    expected = overlap_fraction(8.0 + grown_mm, 11.0, 0.0)
    assert coverage(tumour, zone, grown_mm=grown_mm) == pytest.approx(expected, abs=0.012)


@given(st.floats(0.8, 2.0), st.floats(0.6, 1.5), st.floats(0.0, 8.0))
@settings(deadline=None, max_examples=12)
def test_figures_do_not_depend_on_the_lattices(run_spacing_mm, mask_spacing_mm, offset_mm):
    tumour = tumour_around(CENTRE + np.array([0.0, 0.0, offset_mm]), 7.0, spacing_mm=mask_spacing_mm)
    zone = zone_around(CENTRE, 10.0, spacing_mm=run_spacing_mm)
    # a 7 mm tumour on 1.5 mm voxels has its radius to 0.15 mm: 3 % of its volume where the zone cuts it
    assert coverage(tumour, zone) == pytest.approx(overlap_fraction(7.0, 10.0, offset_mm), abs=0.03)
    margin = margin_map(tumour.surface, zone)
    assert margin.minimum_mm == pytest.approx(3.0 - offset_mm, abs=0.4 * mask_spacing_mm + 0.06)
    assert margin.mean_mm == pytest.approx(
        10.0 - (7.0 + offset_mm**2 / 21.0 if offset_mm <= 7.0 else offset_mm + 49.0 / (3 * offset_mm)),
        abs=0.12 * mask_spacing_mm + 0.03,
    )


@given(st.integers(0, 2**31 - 1))
@settings(deadline=None, max_examples=10)
def test_moving_patient_and_probes_together_changes_no_figure(seed):
    turn, shift = Rotation.random(random_state=seed), np.random.default_rng(seed).normal(size=3) * 200
    axes = tuple(tuple(turn.apply(axis)) for axis in UPRIGHT)
    offset = np.array([1.0, 4.0, -2.0])
    still = margin_map(tumour_around(CENTRE + offset, 6.0).surface, zone_around(CENTRE, 10.0))
    centre = turn.apply(CENTRE) + shift
    moved_grid = grid_around(turn.apply(CENTRE + offset + 0.17) + shift, 8.0, 1.0, axes)
    moved_tumour = smooth_shape(sphere_mask(moved_grid, turn.apply(CENTRE + offset) + shift, 6.0))
    moved_zone = zone_around(centre, 10.0, axes=axes)
    moved = margin_map(moved_tumour.surface, moved_zone)
    assert moved.minimum_mm == pytest.approx(still.minimum_mm, abs=1e-3)
    assert moved.mean_mm == pytest.approx(still.mean_mm, abs=1e-3)
    assert moved.where_minimum_mm == pytest.approx(tuple(turn.apply(still.where_minimum_mm) + shift), abs=0.05)
    assert coverage(moved_tumour, moved_zone) == pytest.approx(
        coverage(tumour_around(CENTRE + offset, 6.0), zone_around(CENTRE, 10.0)), abs=0.002
    )


@given(st.floats(0.0, 12.0), st.floats(-60.0, 0.0), st.floats(0.0, 30.0))
@settings(deadline=None, max_examples=20)
def test_colder_threshold_never_covers_more_nor_widens_the_margin(offset_mm, threshold_c, colder_by_c):
    tumour = tumour_around(CENTRE + np.array([offset_mm, 0.0, 0.0]), 6.0, spacing_mm=1.5)
    warm = zone_around(CENTRE, 10.0, lethal_temp_c=threshold_c)
    cold = zone_around(CENTRE, 10.0, lethal_temp_c=threshold_c - colder_by_c)
    assert coverage(tumour, cold) <= coverage(tumour, warm)
    if not (cold.surface.is_empty or warm.surface.is_empty):
        assert margin_map(tumour.surface, cold).minimum_mm <= margin_map(tumour.surface, warm).minimum_mm + 1e-6


@given(st.floats(0.0, 6.0))
@settings(deadline=None, max_examples=15)
def test_margin_above_zero_everywhere_means_full_coverage(offset_mm):
    tumour = tumour_around(CENTRE + np.array([0.0, offset_mm, 0.0]), 6.0, spacing_mm=1.5)
    zone = zone_around(CENTRE, 9.0)
    margin = margin_map(tumour.surface, zone)
    if margin.minimum_mm > 0.05:
        assert coverage(tumour, zone) == 1.0
    if margin.minimum_mm < -0.3:
        assert coverage(tumour, zone) < 1.0


def test_coverage_moves_smoothly_as_the_zone_grows_by_hundredths_of_a_millimetre():
    tumour = tumour_around(CENTRE + np.array([4.0, 0.0, 0.0]), 8.0, spacing_mm=1.5)
    figures = [coverage(tumour, zone_around(CENTRE, radius)) for radius in np.arange(9.0, 9.2, 0.02)]
    assert (np.diff(figures) >= 0).all()
    assert np.diff(figures).max() < 0.004  # one 1.5 mm voxel is 0.16 % of this tumour; a layer of them several %


def test_without_lethal_zone_coverage_is_nought_and_the_margin_is_not_a_number():
    tumour = tumour_around(CENTRE, 6.0)
    zone = zone_around(CENTRE, 10.0, lethal_temp_c=-150.0)
    margin = margin_map(tumour.surface, zone)
    assert coverage(tumour, zone) == 0.0
    assert np.isnan([margin.minimum_mm, margin.mean_mm, margin.percentile_5_mm, *margin.where_minimum_mm]).all()
    assert np.isnan(margin.margin_mm).all()
    assert margin.where_minimum == ""
    assert margin.area_weight.sum() == pytest.approx(1.0)


def test_tumour_outside_the_domain_is_alive_and_as_far_from_the_zone_as_it_is():
    tumour = tumour_around(CENTRE + np.array([60.0, 0.0, 0.0]), 6.0)
    zone = zone_around(CENTRE, 10.0)
    assert coverage(tumour, zone) == 0.0
    margin = margin_map(tumour.surface, zone)
    assert margin.minimum_mm == pytest.approx(-(60.0 + 6.0 - 10.0), abs=0.4)
    assert margin.margin_mm.max() == pytest.approx(-(60.0 - 6.0 - 10.0), abs=0.4)


def test_unknown_zone_gives_no_figure():
    grid = grid_around(CENTRE, 15.0, 1.5)
    field = sphere_field_c(grid, CENTRE, radius_mm=10.0)
    field.values[2, 2, 2] = np.nan
    zone = lethal_zone(run_from_coldest(field), lethal_temp_c=-20.0)
    tumour = tumour_around(CENTRE, 6.0)
    assert np.isnan(coverage(tumour, zone))
    assert np.isnan(margin_map(tumour.surface, zone).minimum_mm)


def test_single_voxel_tumour_can_be_assessed():
    grid = Grid(shape=(1, 1, 1), spacing_mm=(1.5, 1.5, 1.5), origin_mm=tuple(CENTRE))
    tumour = smooth_shape(Mask(grid=grid, inside=np.ones((1, 1, 1), dtype=bool), name="tumour"))
    zone = zone_around(CENTRE, 10.0)
    assert coverage(tumour, zone) == 1.0
    assert margin_map(tumour.surface, zone).minimum_mm == pytest.approx(10.0 - 1.3, abs=0.5)


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 1), "H"),
        ((0, 0, -2), "F"),
        ((1, -2, 0), "A-L"),
        ((-1, 1.1, 1.2), "H-P-R"),
        ((10, 1, 1), "L"),
        ((0, 0, 0), ""),
        ((float("nan"), 0, 0), ""),
    ],
)
def test_direction_is_named_by_patient_letters(direction, letters):
    assert direction_in_letters(direction) == letters


def test_percentile_counts_area_and_not_corners():
    values, weight = np.array([1.0, 2.0, 3.0]), np.array([0.01, 0.9, 0.09])
    assert weighted_percentile(values, weight, 0.5) == 1.0
    assert weighted_percentile(values, weight, 5.0) == 2.0
    assert weighted_percentile(values, weight, 100.0) == 3.0
