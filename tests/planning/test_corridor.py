"""The map of a target: what is free, what blocks, the best ways, and targets nobody can reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.foundation.errors import EmptyMask, InputError, MissingStructure
from givre.geometry.volume import Mask, Volume
from givre.planning.access.bone import bone_along
from givre.planning.access.case import access_case, aim_through
from givre.planning.access.corridor import Aim, find_corridor
from givre.planning.access.trajectory import (
    InvalidTarget,
    TargetOutsideBody,
    TipInAir,
    UnreachableTarget,
    describe_paths,
)
from givre.planning.access.trajectory_list import AccessWishes, trajectory_list
from givre.testing.vertebra_phantom import vertebra_phantom
from givre.wiring import knowledge
from tests.planning.access_scenes import BODY_RADIUS_MM, THRESHOLDS, ball, cube, described, laid_out, patient

MODEL = knowledge().catalogue["icesphere-1.5-cx"]
CENTRE = Aim(point_mm=(0.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def vertebra():
    phantom = vertebra_phantom()
    return access_case(phantom.ct, phantom.masks, model=MODEL, thresholds=THRESHOLDS)


def test_the_entries_behind_a_structure_are_closed_and_no_others():
    grid = cube(140.0)
    case = laid_out(*patient(grid, ball(grid, (0.0, 30.0, 0.0), 8.0, "aorta")))
    found = find_corridor(case, CENTRE, entry_spacing_mm=4.0)
    closed = found.checks.is_too_close("aorta")
    from_axis = np.degrees(np.arccos(np.clip(found.checks.entries_mm[:, 1] / BODY_RADIUS_MM, -1, 1)))
    shadow = np.degrees(np.arcsin((8.0 + 5.0 + 1.0) / 30.0))  # ball, clearance, half of the shaft
    assert closed[from_axis < shadow - 1.0].all()
    assert not closed[from_axis > shadow + 5.0].any(), "a voxel and the bound, seen at 30 mm"
    assert found.counts["clearance aorta"] == closed.sum()


def test_the_ways_listed_differ_in_direction_and_get_no_better_down_the_list():
    grid = cube(140.0)
    case = laid_out(*patient(grid, ball(grid, (0.0, 30.0, 0.0), 8.0, "aorta")))
    found = find_corridor(case, Aim(point_mm=(0.0, 10.0, 0.0)), most_listed=6, entry_spacing_mm=4.0, apart_deg=20.0)
    outward = np.array([way.outward for way in found.best])
    angles = np.degrees(np.arccos(np.clip(outward @ outward.T, -1, 1)))[np.triu_indices(6, 1)]
    assert angles.min() >= 20.0
    costs = [way.cost_mm for way in found.best]
    assert costs == sorted(costs)
    assert all(way.is_allowed and way.skin_seen for way in found.best)


def test_a_wrapped_target_names_what_blocks_it():
    grid = cube(140.0)
    r = np.linalg.norm(grid.voxel_centres_mm(), axis=-1)
    shell = Mask(grid=grid, inside=(r > 20.0) & (r < 26.0), name="bowel")
    found = find_corridor(laid_out(*patient(grid, shell)), CENTRE, entry_spacing_mm=6.0)
    assert not found.is_reachable
    assert found.best == ()
    assert found.obstacles["clearance bowel"] == len(found.checks)
    with pytest.raises(UnreachableTarget, match="clearance bowel [0-9]+"):
        found.require_reachable()


def test_a_way_through_liver_is_listed_only_where_no_other_exists():
    grid = cube(140.0)
    r = np.linalg.norm(grid.voxel_centres_mm(), axis=-1)
    shell = Mask(grid=grid, inside=(r > 20.0) & (r < 26.0), name="liver")
    closed = find_corridor(laid_out(*patient(grid, shell)), CENTRE, entry_spacing_mm=6.0)
    assert not closed.is_reachable
    assert closed.is_reachable_at_all
    assert closed.best[0].is_last_resort
    assert closed.best[0].blocked_by[0].structure == "liver"
    opened = Mask(grid=grid, inside=shell.inside & (grid.voxel_centres_mm()[..., 0] > -5.0), name="liver")
    free = find_corridor(laid_out(*patient(grid, opened)), CENTRE, entry_spacing_mm=6.0)
    assert all(way.is_allowed for way in free.best)
    assert all(way.outward[0] < 0 for way in free.best)


def test_a_target_is_not_called_out_of_reach_because_of_bounds():
    grid = cube(140.0, 2.0)
    points = grid.voxel_centres_mm()
    tunnel = np.linalg.norm(points[..., [0, 2]], axis=-1) <= 8.0  # along y, the only way to the middle
    wall = Mask(grid=grid, inside=(np.linalg.norm(points, axis=-1) < 30.0) & ~tunnel, name="aorta")
    case = laid_out(*patient(grid, wall))
    straight = case.checker.check([[0.0, 60.0, 0.0]], [0.0, 0.0, 0.0]).clearance_mm["aorta"][0]
    asked = replace(case.checker.forbidden[0].rule.clearance_mm, value=straight + 0.3, low=0.0, high=9.0)
    tight = replace(case.checker.forbidden[0], rule=replace(case.checker.forbidden[0].rule, clearance_mm=asked))
    narrow = replace(case, checker=replace(case.checker, forbidden=(tight,)))
    entries = narrow.checker.body.skin_points_mm(1.0)
    assert not narrow.checker.check(entries, [0.0, 0.0, 0.0]).is_allowed.any(), "the bounds alone close every way"
    found = find_corridor(narrow, CENTRE, entry_spacing_mm=1.0)
    assert found.is_reachable
    assert abs(found.best[0].outward[1]) > 0.99


@pytest.mark.parametrize(
    ("point", "error", "told"),
    [
        ((0.0, 0.0, 90.0), TargetOutsideBody, "outside the CT"),
        ((0.0, 0.0, 66.0), TargetOutsideBody, "outside the skin"),
        ((20.0, 0.0, 0.0), TipInAir, "lies in air"),
        ((float("nan"), 0.0, 0.0), InvalidTarget, "three finite numbers"),
        ((float("inf"), 0.0, 0.0), InvalidTarget, "three finite numbers"),
    ],
)
def test_a_target_that_is_no_place_in_tissue_is_refused(point, error, told):
    grid = cube(140.0)
    ct, masks = patient(grid)
    hu = np.where(ball(grid, (20.0, 0.0, 0.0), 8.0, "x").inside, -1000.0, ct.values).astype(np.float32)
    case = laid_out(Volume(grid=grid, values=hu, unit="HU"), masks)
    with pytest.raises(error, match=told):
        find_corridor(case, Aim(point_mm=point))


@pytest.mark.parametrize(
    "wish", [{"most_listed": 0}, {"most_listed": 51}, {"entry_spacing_mm": 0.5}, {"apart_deg": float("nan")}]
)
def test_impossible_wishes_are_refused(wish):
    with pytest.raises(InputError, match="give 1 to"):
        find_corridor(laid_out(*patient(cube(80.0))), CENTRE, **wish)


@settings(max_examples=4, deadline=None)
@given(less=st.floats(0.0, 5.0), more=st.floats(0.0, 10.0))
def test_asking_for_less_clearance_never_blocks_more(vertebra, less, more):
    low, high = sorted((less, less + more))
    phantom = vertebra_phantom()
    allowed = []
    for clearance in (low, high):
        case = access_case(
            phantom.ct, phantom.masks, model=MODEL, thresholds=THRESHOLDS, clearances={"spinal_canal": clearance}
        )
        points = vertebra.checker.body.skin_points_mm(10.0)
        allowed.append(case.checker.check(points, (8.0, 0.0, 0.0)).is_allowed)
    assert (allowed[0] >= allowed[1]).all()


def test_a_vertebra_is_reached_from_behind_beside_and_through_the_pedicle(vertebra):
    aim = aim_through(vertebra.masks["tumour"].centroid_mm(), MODEL)
    found = find_corridor(vertebra, aim, most_listed=6, entry_spacing_mm=4.0, apart_deg=10.0)
    assert found.is_reachable
    first = found.best[0]
    assert 15.0 < first.in_plane_deg < 60.0, "from behind, on the side of the lesion"
    assert abs(first.tilt_deg) < 10.0
    assert first.shaft is not None
    assert first.depth_mm <= first.length_mm + 1.0
    middle = np.array(first.target_mm) + 14.0 * first.outward
    assert np.linalg.norm(middle - np.array(aim.point_mm)) < 1e-6, "the middle of the active zone lies on the centre"
    for way in found.best:
        assert way.is_allowed
        assert {"spinal_canal", "spinal_cord", "vessel_aorta"} <= {clearance.structure for clearance in way.clearances}
        assert all(clearance.is_kept for clearance in way.clearances if not clearance.gives_way)


def test_bone_is_read_from_the_ct():
    grid = cube(120.0, 1.0)
    ct, masks = patient(grid)
    r = np.linalg.norm(grid.voxel_centres_mm(), axis=-1)
    hu = np.where((r < 30.0) & (r >= 25.0), 1200.0, np.where(r < 25.0, 250.0, ct.values)).astype(np.float32)
    bone = Mask(grid=grid, inside=r < 30.0, name="bone")
    for structures in ({**masks, "bone": bone}, masks):
        found = bone_along(
            Volume(grid=grid, values=hu, unit="HU"),
            structures,
            np.array([[0.0, 55.0, 0.0]]),
            np.zeros((1, 3)),
            thresholds=THRESHOLDS,
        )
        assert found.cortex_mm[0] == pytest.approx(5.0, abs=0.7)
        assert found.thickest_cortex_mm[0] == found.cortex_mm[0]
        assert found.bone_mm[0] == pytest.approx(24.0, abs=0.7), "30 mm less the 6 mm of tumour"
        assert found.tool(0, drill_from_mm=3.0) == "drill"
        assert found.tool(0, drill_from_mm=6.0) == "needle"


def test_bone_along_a_path_that_is_not_known_needs_a_drill():
    ct, masks = patient(cube(60.0))
    found = bone_along(ct, masks, np.full((1, 3), np.nan), np.zeros((1, 3)), thresholds=THRESHOLDS)
    assert np.isnan(found.bone_mm[0])
    assert found.needs_drill(3.0)[0]


def test_a_probe_without_a_tip_in_the_body_is_refused():
    case = laid_out(*patient(cube(140.0)))
    for entry, tip, error in (
        ([0.0, 60.0, 0.0], [0.0, 66.0, 0.0], TargetOutsideBody),
        ([0.0, 60.0, 0.0], [0.0, 99.0, 0.0], TargetOutsideBody),
        ([np.nan, 60.0, 0.0], [0.0, 0.0, 0.0], InvalidTarget),
    ):
        with pytest.raises(error, match="P1"):
            describe_paths(case, [entry], [tip], labels=("P1",))


def test_the_list_of_a_case_judges_its_probes_and_says_what_it_does_not_know():
    phantom = vertebra_phantom()
    wishes = AccessWishes(entry_spacing_mm=6.0, most_listed=2)
    outside = replace(phantom.placements[1], target_mm=(0.0, 88.0, 0.0), entry_mm=(0.0, 60.0, 0.0))
    found = trajectory_list(
        described(phantom, placements=(phantom.placements[0], outside)),
        phantom.ct,
        phantom.masks,
        knowledge=knowledge(),
        wishes=wishes,
    )
    assert [way.label for way in found.corridor.best] == ["T1", "T2"]
    assert [way.label for way in found.placed] == ["P1"]
    codes = {note.code for note in found.notes}
    assert {"probe_refused", "image_cuts_body", "not_drawn", "spine_side", "bore_unknown", "lying_unknown"} <= codes
    assert "P2" in next(note.text for note in found.notes if note.code == "probe_refused")
    again = trajectory_list(described(phantom), phantom.ct, phantom.masks, knowledge=knowledge(), wishes=wishes)
    assert [way.entry_mm for way in again.corridor.best] == [way.entry_mm for way in found.corridor.best]
    assert again.pairs[0].tip_spacing_mm == pytest.approx(11.0)


def test_a_case_without_a_tumour_is_refused():
    phantom = vertebra_phantom()
    case = described(phantom)
    others = {name: mask for name, mask in phantom.masks.items() if name != "tumour"}
    with pytest.raises(MissingStructure, match="tumour"):
        trajectory_list(case, phantom.ct, others, knowledge=knowledge())
    nothing = Mask(grid=phantom.ct.grid, inside=np.zeros(phantom.ct.grid.shape, dtype=np.bool_), name="tumour")
    with pytest.raises(EmptyMask, match="no voxel"):
        trajectory_list(case, phantom.ct, {**others, "tumour": nothing}, knowledge=knowledge())
