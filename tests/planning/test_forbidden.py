"""Which structures a needle stays away from, how far, and what the CT shows without a mask."""

from __future__ import annotations

import pytest

from givre.foundation.errors import InputError
from givre.geometry.volume import Volume
from givre.planning.access.forbidden import (
    clearance_rules,
    forbidden_structures,
    found_on_ct,
    is_passable,
    load_clearance_rules,
)
from givre.planning.access.limits import AccessLimits, access_limit_quantities, load_access_limits
from givre.planning.access.needle import Shaft, load_shafts, long_enough, read_shafts, shafts_of
from tests.planning.access_scenes import THRESHOLDS, ball, cube, patient

RULES = load_clearance_rules()


@pytest.mark.parametrize(
    ("structure", "rule"),
    [
        ("spinal_cord", "cord"),
        ("spinal canal", "canal"),
        ("nerve_root_left", "nerve"),
        ("vessel_aorta", "great_vessel"),
        ("iliac_artery_left", "great_vessel"),
        ("renal_artery_left", "vessel"),
        ("small_bowel", "bowel"),
        ("lung_upper_lobe_left", "lung"),
        ("kidney_right", "kidney"),
        ("hip-prosthesis", "implant"),
        ("urinary_bladder", "bladder"),
        ("disc_L3_L4", "disc"),
    ],
)
def test_names_of_common_segmentations_fall_under_their_rule(structure, rule):
    found = RULES.rule_of(structure)
    assert found is not None
    assert found.name == rule


@pytest.mark.parametrize("structure", ["bone", "vertebra_L3", "tumour", "psoas_left", "skin", "gluteus_maximus_left"])
def test_bone_muscle_and_tumour_may_be_crossed(structure):
    assert RULES.rule_of(structure, is_organ_at_risk=True) is None
    assert is_passable(structure)


def test_an_organ_at_risk_without_a_rule_is_avoided_all_the_same():
    assert RULES.rule_of("parathyroid") is None
    found = RULES.rule_of("parathyroid", is_organ_at_risk=True)
    assert found is not None
    assert found.clearance_mm.value == 5.0


def test_a_clearance_given_by_structure_or_rule_replaces_that_of_the_table():
    told = RULES.with_clearances({"aorta": 8.0, "lung": 12.0, "disc": None}, structures=["aorta", "disc", "lung_left"])
    assert told.rule_of("aorta").clearance_mm.value == 8.0
    assert told.rule_of("inferior_vena_cava").clearance_mm.value == 5.0
    assert (told.rule_of("lung_left").clearance_mm.value, told.rule_of("lung_left").avoid) == (12.0, "always")
    assert told.rule_of("disc") is None


@pytest.mark.parametrize("clearance_mm", [-1.0, 51.0, float("nan"), float("inf")])
def test_an_impossible_clearance_is_refused(clearance_mm):
    with pytest.raises(InputError, match="give 0 to 50 mm"):
        RULES.with_clearances({"aorta": clearance_mm}, structures=["aorta"])


def test_a_clearance_for_nothing_is_refused_with_the_names_there_are():
    with pytest.raises(InputError, match="no such structure or rule; structures: aorta"):
        RULES.with_clearances({"oarta": 5.0}, structures=["aorta"])


def test_what_is_not_drawn_is_told():
    absent = RULES.unseen(["spinal_cord", "aorta", "bone"])
    assert {"canal", "nerve", "bowel", "lung", "kidney"} <= set(absent)
    assert not {"cord", "great_vessel"} & set(absent)


def test_every_packaged_number_has_a_source_and_a_range():
    for rule in RULES.rules:
        assert rule.clearance_mm.source
        assert rule.clearance_mm.low <= rule.clearance_mm.value <= rule.clearance_mm.high


def test_a_table_with_another_unit_or_a_repeated_rule_is_refused():
    row = {"name": "a", "patterns": "a", "value": "1", "low": "1", "high": "1", "unit": "cm", "avoid": "always",
           "source": "x", "status": "assumption", "note": ""}  # fmt: skip
    with pytest.raises(InputError, match="unit cm"):
        clearance_rules([row])
    with pytest.raises(InputError, match="named twice"):
        clearance_rules([{**row, "unit": "mm"}] * 2)
    with pytest.raises(InputError, match='avoid "sometimes"'):
        clearance_rules([{**row, "unit": "mm", "avoid": "sometimes"}])


def test_gas_lung_and_metal_are_found_by_their_hu():
    grid = cube(140.0)
    ct, masks = patient(grid)
    hu = ct.values.copy()
    for centre, radius, value in (((25.0, 0.0, 0.0), 18.0, -850.0), ((-25.0, 0.0, 0.0), 8.0, -1000.0),
                                  ((0.0, 30.0, 0.0), 5.0, 3000.0)):  # fmt: skip
        hu[ball(grid, centre, radius, "x").inside] = value
    inside = ball(grid, (0.0, 0.0, 0.0), 60.0, "body").inside
    found = found_on_ct(
        Volume(grid=grid, values=hu, unit="HU"), inside, masks, thresholds=THRESHOLDS, smallest_mm3=50.0
    )
    assert set(found) == {"gas_on_ct", "lung_on_ct", "metal_on_ct"}
    assert found["gas_on_ct"].centroid_mm() == pytest.approx((-25.0, 0.0, 0.0), abs=1.0)
    rules = {item.name: item.rule.avoid for item in forbidden_structures(masks, found, rules=RULES)}
    assert rules == {"gas_on_ct": "always", "lung_on_ct": "if_possible", "metal_on_ct": "always"}


def test_gas_in_a_drawn_bowel_or_in_bone_is_not_found_twice():
    grid = cube(140.0)
    ct, masks = patient(grid)
    hu = ct.values.copy()
    bowel, bone = ball(grid, (25.0, 0.0, 0.0), 10.0, "bowel"), ball(grid, (-25.0, 0.0, 0.0), 10.0, "bone")
    hu[bowel.inside | bone.inside] = -1000.0
    found = found_on_ct(
        Volume(grid=grid, values=hu, unit="HU"),
        ball(grid, (0.0, 0.0, 0.0), 60.0, "body").inside,
        {**masks, "bowel": bowel, "bone": bone},
        thresholds=THRESHOLDS,
        smallest_mm3=50.0,
    )
    assert found == {}


def test_limits_of_access_are_checked():
    with pytest.raises(InputError, match="most_tilt_deg is 95"):
        AccessLimits(**{**{n: getattr(load_access_limits(), n) for n in AccessLimits.__slots__}, "most_tilt_deg": 95.0})
    with pytest.raises(InputError, match="must hold each"):
        access_limit_quantities([])


def test_the_shortest_shaft_that_leaves_a_grip_is_chosen():
    shafts = tuple(Shaft(family="x", length_mm=length, source="s", status="assumption") for length in (100.0, 150.0))
    assert long_enough(shafts, 79.0, grip_mm=20.0) is shafts[0]
    assert long_enough(shafts, 81.0, grip_mm=20.0) is shafts[1]
    assert long_enough(shafts, 131.0, grip_mm=20.0) is None
    assert long_enough(shafts, float("nan"), grip_mm=20.0) is None


def test_every_model_has_a_shaft_and_faulty_rows_are_refused():
    assert shafts_of("unheard-of", load_shafts())[0].family == "any"
    with pytest.raises(InputError, match="must be a number"):
        read_shafts([{"family": "x", "shaft_mm": "long", "source": "s", "status": "assumption", "note": ""}])
    with pytest.raises(InputError, match="give 30 to 500 mm"):
        read_shafts([{"family": "x", "shaft_mm": "5", "source": "s", "status": "assumption", "note": ""}])
    with pytest.raises(InputError, match="no source"):
        read_shafts([{"family": "x", "shaft_mm": "150", "source": " ", "status": "assumption", "note": ""}])
