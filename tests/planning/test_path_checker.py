"""The batch check: exact distances, lower bounds that hold, directions in patient space, and every reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.foundation.errors import InputError
from givre.geometry.line import Segment
from givre.geometry.volume import Mask
from givre.planning.access.clearance import drawn_shape, nearest_on_path, passages
from givre.planning.access.limits import load_access_limits
from givre.planning.access.path_checker import Access, path_checker
from givre.planning.access.path_kernels import squared_distance_to_boxes
from tests.planning.access_scenes import BODY_RADIUS_MM, THRESHOLDS, around, ball, cube, laid_out, patient

TILTED = ((0.0, 0.6, 0.8), (0.0, -0.8, 0.6), (-1.0, 0.0, 0.0))
ROOT3 = 3.0**0.5


def exact_mm(entries: np.ndarray, tip: np.ndarray, centre: tuple[float, float, float], radius_mm: float) -> np.ndarray:
    """Distance from each path to a ball, by formula."""
    return np.array(
        [
            Segment(start_mm=tuple(entry), end_mm=tuple(tip)).distance_mm(np.array(centre)) - radius_mm
            for entry in entries
        ]
    )


def test_distances_on_the_lattice_are_those_to_the_nearest_box():
    rng = np.random.default_rng(3)
    inside = rng.random((7, 9, 8)) > 0.985
    spacing = np.array([2.5, 0.7, 1.1])
    found = np.sqrt(squared_distance_to_boxes(inside, spacing, 100.0))
    index = np.stack(np.meshgrid(*(np.arange(n) for n in inside.shape), indexing="ij"), axis=-1).reshape(-1, 3)
    gaps = np.maximum(np.abs(index[:, None] - np.argwhere(inside)[None]) - 0.5, 0.0) * spacing
    assert found.ravel() == pytest.approx(np.linalg.norm(gaps, axis=-1).min(axis=1), abs=1e-4)


@pytest.mark.parametrize("axes", [None, TILTED])
@pytest.mark.parametrize("spacing_mm", [1.5, 2.5])
def test_clearances_to_a_ball_are_exact_to_the_voxel_and_the_batch_never_claims_more(axes, spacing_mm):
    centre, radius = (18.0, 9.0, -5.0), 8.0
    grid = cube(130.0, spacing_mm, axes=axes)
    case = laid_out(*patient(grid, ball(grid, centre, radius, "aorta")))
    entries = around(BODY_RADIUS_MM, 80)
    tip = np.array([0.0, 0.0, 0.0])
    checks = case.checker.check(entries, tip)
    truth = exact_mm(checks.skin_mm, tip, centre, radius) - 1.0  # half of the 2 mm shaft
    tip_mm = (0.0, 0.0, 0.0)
    aorta = drawn_shape(case.masks["aorta"])
    paths = [Segment(start_mm=tuple(start), end_mm=tip_mm) for start in checks.skin_mm]
    drawn = np.array([nearest_on_path(path, aorta)[0] for path in paths]) - 1.0
    away = truth > 0.0
    assert np.abs(drawn - truth)[away].max() < 0.5 * ROOT3 * spacing_mm, "a voxel belongs to the ball by its centre"
    bound = checks.clearance_mm["aorta"]
    near = drawn < 15.0
    assert (bound <= drawn + 1e-3)[near].all(), "a lower bound"
    assert (drawn - bound)[near].max() < 0.5 * ROOT3 * spacing_mm + 0.3


def test_lengths_and_angles_are_those_of_the_skin_in_patient_space():
    for axes in (None, TILTED):
        case = laid_out(*patient(cube(140.0, axes=axes)))
        tip = np.array([5.0, -4.0, 3.0])
        entries = around(BODY_RADIUS_MM)
        checks = case.checker.check(entries, tip)
        outward = (entries - tip) / np.linalg.norm(entries - tip, axis=1)[:, None]
        assert np.abs(checks.length_mm - np.linalg.norm(entries - tip, axis=1)).max() < 1.3, "two thirds of a voxel"
        assert checks.tilt_deg == pytest.approx(np.degrees(np.arcsin(outward[:, 2])))
        assert checks.in_plane_deg == pytest.approx(np.degrees(np.arctan2(outward[:, 0], outward[:, 1])))
        assert checks.is_skin_seen.all()


def test_an_entry_gives_a_direction_wherever_on_the_line_it_lies():
    case = laid_out(*patient(cube(140.0)))
    inside, on, outside = [[0.0, 30.0, 10.0], [0.0, 57.0, 19.0], [0.0, 66.0, 22.0]]
    checks = case.checker.check([inside, on, outside], [0.0, 0.0, 0.0])
    assert checks.length_mm == pytest.approx(np.full(3, BODY_RADIUS_MM), abs=0.8)
    assert np.ptp(checks.length_mm) < 1e-9


def test_a_path_out_of_a_crop_sees_no_skin_and_gives_a_lower_bound():
    case = laid_out(*patient(cube(80.0)))
    checks = case.checker.check([[0.0, 60.0, 0.0], [35.0, 45.0, 0.0]], [0.0, 0.0, 0.0])
    assert not checks.is_skin_seen.any()
    assert checks.length_mm == pytest.approx([40.0, 40.0 * np.hypot(35.0, 45.0) / 45.0], abs=1e-6)
    assert np.isnan(checks.skin_angle_deg).all()
    assert checks.is_allowed.all()


def test_points_that_are_not_numbers_block_and_allow_nothing():
    grid = cube(140.0)
    case = laid_out(*patient(grid, ball(grid, (20.0, 20.0, 0.0), 5.0, "aorta")))
    checks = case.checker.check([[np.nan, 0.0, 0.0], [0.0, 60.0, 0.0], [0.0, 0.0, 0.0]],
                                [[0.0, 0.0, 0.0], [np.inf, 0.0, 0.0], [0.0, 0.0, 0.0]])  # fmt: skip
    assert not checks.is_allowed.any()
    assert not checks.is_last_resort.any()
    assert checks.first_reasons() == ("not_finite",) * 3
    assert np.isinf(checks.missing_mm).all()


def test_every_reason_is_told_with_its_numbers():
    grid = cube(140.0)
    aorta = ball(grid, (0.0, 40.0, 0.0), 6.0, "aorta")
    case = laid_out(*patient(grid, aorta), shaft_mm=80.0, least_length_mm=30.0, lying_on="A")
    tips = [[0.0, 0.0, 0.0]] * 5 + [[0.0, 0.0, 90.0], [0.0, 0.0, 64.0], [0.0, -48.0, 0.0], [-57.0, 0.0, 0.0]]
    entries = [[0.0, 60.0, 0.0], [60.0, 0.0, 0.0], [0.0, 20.0, 56.0], [0.0, -60.0, 0.0], [60.0, 1.0, 0.0],
               [0.0, 0.0, 60.0], [0.0, 0.0, 50.0], [30.0, 52.0, 0.0], [-70.0, 0.0, 0.0]]  # fmt: skip
    checks = case.checker.check(entries, tips)
    told = [{block.key for block in checks.blocked_by(path)} for path in range(len(tips))]
    assert told[0] == {"clearance aorta"}
    assert told[1] == set()
    assert told[2] == {"tilt"}
    assert told[3] == {"lying_side"}
    assert "tip_outside_image" in told[5]
    assert "tip_outside_body" in told[6]
    assert "too_long" in told[7]
    assert told[8] == {"too_short"}
    block = checks.blocked_by(0)[0]
    assert (block.limit, block.unit) == (5.0, "mm")
    assert block.found <= 0.0
    assert checks.blocked_by(2)[0].found == pytest.approx(70.3, abs=0.1)
    assert (checks.missing_mm[1] == 0.0) and (checks.missing_mm[[0, 2, 3]] > 0.0).all()


def test_a_shaft_that_would_pass_the_other_leg_is_blocked():
    grid = cube(180.0, 3.0)
    points = grid.voxel_centres_mm()
    legs = np.logical_or.reduce(
        [np.linalg.norm(points[..., :2] - np.array([x, 0.0]), axis=-1) < 35.0 for x in (-42.0, 42.0)]
    )
    ct, masks = patient(grid)
    ct = replace(ct, values=np.where(legs, 50.0, -1000.0).astype(np.float32))
    masks = {"tumour": ball(grid, (42.0, 0.0, 0.0), 6.0, "tumour")}
    checks = laid_out(ct, masks).checker.check([[0.0, 0.0, 0.0], [80.0, 0.0, 0.0]], [42.0, 0.0, 0.0])
    assert checks.faults["returns"].tolist() == [True, False]


def test_the_bore_blocks_handles_that_stand_out_too_far_where_the_body_is_seen_whole():
    grid = cube(140.0)
    limits = replace(load_access_limits(), bore_diameter_mm=420.0)
    ct, masks = patient(grid)
    checker = path_checker(ct, masks, thresholds=THRESHOLDS, access=Access(limits=limits, shaft_mm=175.0))
    assert checker.bore_centre_mm == pytest.approx((0.0, 0.0), abs=1.0)
    checks = checker.check([[0.0, 60.0, 0.0], [0.0, 51.0, 30.0]], [[0.0, 0.0, 0.0], [0.0, -52.0, 0.0]])
    # 115 mm of shaft and 60 mm of handle stand out of the skin, which is 60 mm from the axis: 235 mm, 180 mm allowed
    assert checks.faults["bore"].tolist() == [True, False]
    assert checks.figures["bore"][0][0] == pytest.approx(235.0, abs=1.0)


def test_a_spine_is_not_reached_from_the_front_unless_asked():
    grid = cube(140.0)
    ct, masks = patient(grid, ball(grid, (0.0, 25.0, 0.0), 8.0, "spinal_canal"))
    entries = [[0.0, -60.0, 0.0], [45.0, 40.0, 0.0]]
    assert laid_out(ct, masks).checker.check(entries, [0.0, 0.0, 0.0]).is_allowed.tolist() == [False, True]
    free = laid_out(ct, masks, spine_side=False)
    assert free.checker.check(entries, [0.0, 0.0, 0.0]).is_allowed.tolist() == [True, True]


def test_a_rule_that_gives_way_makes_a_last_resort_not_a_free_way():
    grid = cube(140.0)
    case = laid_out(*patient(grid, ball(grid, (0.0, 40.0, 0.0), 10.0, "liver")))
    checks = case.checker.check([[0.0, 60.0, 0.0]], [0.0, 0.0, 0.0])
    assert (bool(checks.is_allowed[0]), bool(checks.is_last_resort[0])) == (False, True)
    assert checks.blocked_by(0)[0].gives_way


@settings(max_examples=15, deadline=None)
@given(
    angle=st.floats(-60.0, 60.0),
    height=st.integers(2, 8),
    steps=st.integers(1, 8),
    radius=st.floats(3.0, 9.0),
)
def test_moving_a_structure_away_never_blocks_more(angle, height, steps, radius):
    grid = cube(132.0, 3.0)
    entry = BODY_RADIUS_MM * np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle)), 0.0])
    clearances = []
    for voxels in (height, height + steps):  # whole voxels, away from the plane of the path
        aorta = ball(grid, (10.0, 25.0, 0.0), radius, "aorta")
        moved = Mask(grid=grid, inside=np.roll(aorta.inside, voxels, axis=0), name="aorta")
        case = laid_out(*patient(grid, moved))
        clearances.append(case.checker.check([entry], [0.0, 0.0, 0.0]))
    near, far = clearances
    assert far.clearance_mm["aorta"][0] >= near.clearance_mm["aorta"][0] - 1e-6
    assert far.is_allowed[0] >= near.is_allowed[0]


def test_the_exact_distance_agrees_with_a_fine_search_over_all_boxes():
    rng = np.random.default_rng(5)
    grid = cube(40.0, 2.0, axes=TILTED)
    scattered = rng.random(grid.shape) > 0.997
    mask = Mask(grid=grid, inside=scattered, name="bowel")
    for _ in range(6):
        start, end = rng.uniform(-18.0, 18.0, (2, 3))
        path = Segment(start_mm=tuple(start), end_mm=tuple(end))
        along = grid.lps_to_index(path.point_mm(np.linspace(0.0, path.length_mm, 4001)))
        gaps = np.maximum(np.abs(along[:, None] - np.argwhere(scattered)[None]) - 0.5, 0.0) * 2.0
        fine = np.linalg.norm(gaps, axis=-1).min()
        found, at = nearest_on_path(path, drawn_shape(mask))
        assert found == pytest.approx(fine, abs=0.01)
        assert 0.0 <= at <= path.length_mm


def test_what_a_path_passes_through_is_told_in_order():
    grid = cube(120.0, 1.0)
    inner, outer = ball(grid, (0.0, 0.0, 0.0), 10.0, "tumour"), ball(grid, (0.0, 0.0, 0.0), 20.0, "bone")
    path = Segment(start_mm=(0.0, 50.0, 0.0), end_mm=(0.0, 0.0, 0.0))
    met = passages(path, [inner, outer])
    assert [(passage.structure, round(passage.from_mm), round(passage.to_mm)) for passage in met] == [
        ("bone", 30, 50),
        ("tumour", 40, 50),
    ]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"diameter_mm": float("nan")}, "diameter of the shaft nan mm"),
        ({"shaft_mm": 5.0}, "length of the shaft 5.0 mm"),
        ({"least_length_mm": -1.0}, "least length of a path"),
        ({"lying_on": "X"}, 'lies on "X"'),
    ],
)
def test_an_impossible_needle_or_position_is_refused(fault, told):
    with pytest.raises(InputError, match=told):
        Access(limits=load_access_limits(), **fault)
