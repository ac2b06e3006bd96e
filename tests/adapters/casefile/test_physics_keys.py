"""Keys of the case file that say what structures are made of, the room, thermocouples and the power of probes."""

from __future__ import annotations

import pytest

from givre.adapters.casefile import InvalidCaseFile, parse_case
from givre.tissue.tissue_map import Tissue

HEAD = """\
givre_case = 1
[case]
id = "L3-01"
title = "L3"
anatomy = "L3 vertebral body"
lesion_kind = "lytic"
[image]
path = "ct.nii.gz"
[[structures]]
name = "tumour"
path = "tumour.nii.gz"
[[structures]]
name = "body"
path = "body.nii.gz"
[[structures]]
name = "colon_gap"
path = "gap.nii.gz"
material = "carbon_dioxide"
[[structures]]
name = "aorta"
path = "aorta.nii.gz"
material = "large_vessel"
film_w_m2k = 450.0
[[probes]]
label = "P1"
model = "icesphere"
entry_mm = [0, 90.5, 0]
target_mm = [0, 0, 0]
power = 0.8
freezes = 1
[[thermocouples]]
label = "TC1"
point_mm = [1, 2, 3]
position_mm = 0.3
[protocol]
template = "10-8-10"
[goals]
lethal_temp_c = -40
margin_mm = 5
coverage = 0.95
source = "board"
status = "assumption"
[simulation]
room_temp_c = 22
stasis_below_c = 0
"""


def test_every_key_ends_where_it_is_used() -> None:
    case = parse_case(HEAD)
    assert case.declared.made_of == {"colon_gap": Tissue.CARBON_DIOXIDE}
    room, aorta = case.declared.flows
    assert (room.structure, room.is_outside, room.temp and room.temp.value, room.film.value) == ("body", True, 22, 8)
    assert (aorta.structure, aorta.is_outside, aorta.temp, aorta.film.value) == ("aorta", False, None, 450.0)
    assert aorta.film.source == "case file"
    assert (case.placements[0].power, case.placements[0].freezes) == (0.8, 1)
    assert (case.thermocouples[0].position_mm, case.thermocouples[0].reading_c) == (0.3, 0.5)
    assert case.settings.stasis_below_c == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"carbon_dioxide"', '"co2"', r"structures 3\.material: found \"co2\" .*; allowed: \"air\", \"carbon_d"),
        ("film_w_m2k = 450.0", "film_w_m2k = 0.0", r"structures 4\.film_w_m2k: found 0\.0; give .* from 0\.5 to 5000"),
        ("film_w_m2k = 450.0", "flow_temp_c = 60", r"structures 4\.flow_temp_c: found 60; give .* from 0 to 45"),
        ("film_w_m2k = 450.0", "film_w_m2k = nan", r"structures 4\.film_w_m2k: found nan"),
        ('"large_vessel"', '"titanium"', "flow_temp_c and film_w_m2k belong to a fluid that flows"),
        ('name = "body"', 'name = "skin"', r'line 43, simulation: .* no structure is named "body"'),
        ('path = "body.nii.gz"', 'path = "body.nii.gz"\nmaterial = "saline"', "structure body has a material"),
        ("power = 0.8", "power = 1.2", r"power: found 1\.2; give .* from 0\.1 to 1"),
        ("power = 0.8", "power = 0.8\nsurface_temp_c = -90", "both given; give one of them"),
        ("freezes = 1", "freezes = 3", "takes part in 3 freezes and protocol 10-8-10 has 2"),
        ("position_mm = 0.3", "position_mm = -1", r"thermocouples 1\.position_mm: found -1; give .* from 0 to 5"),
        ("room_temp_c = 22", "skin_film_w_m2k = 8", "skin_film_w_m2k is given without room_temp_c"),
        ("stasis_below_c = 0", "stasis_below_c = 5", r"stasis_below_c: found 5; give .* from -40 to 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_key(old: str, new: str, words: str) -> None:
    assert HEAD.count(old) == 1
    with pytest.raises(InvalidCaseFile, match=words):
        parse_case(HEAD.replace(old, new))


def test_an_organ_at_risk_held_at_a_fluids_temperature_is_refused() -> None:
    limits = 'limit_temp_c = 0\nalarm_temp_c = 5\nsource = "x"\nstatus = "recalled"\n'
    organ = f'[[organs_at_risk]]\nstructure = "aorta"\n{limits}'
    with pytest.raises(InvalidCaseFile, match="organs_at_risk: .*they cannot freeze, so nothing would be judged"):
        parse_case(HEAD.replace("[simulation]", organ + "[simulation]"))


def test_thermocouples_with_one_label_are_refused() -> None:
    with pytest.raises(InvalidCaseFile, match="thermocouple named twice"):
        parse_case(HEAD.replace("[protocol]", '[[thermocouples]]\nlabel = "TC1"\npoint_mm = [0, 0, 0]\n[protocol]'))
