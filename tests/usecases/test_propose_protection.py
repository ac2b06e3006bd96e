"""Protection: layers act as physics says, the thinnest is found, and what does not help is said with its numbers."""

from dataclasses import replace

import numpy as np
import pytest

from givre.planning.protection.combination import ProposalsConflict, taken_of
from givre.planning.protection.layer import layer_room
from givre.planning.protection.proposal import ProtectionProposal, Protections
from givre.planning.protection.search import ProtectionWishes
from givre.planning.protection.shield import LAYER_NAME, with_layers
from givre.planning.protection.tables import epidural_of, load_layer_limits, load_layer_materials, tissues_to_open
from givre.planning.replan.day_plan import Predicted, predict
from givre.planning.trial.prepared import prepare_case
from givre.planning.trial.quick_look import quick_look
from givre.tissue.tissue_map import Tissue
from givre.usecases.propose_protection import propose_protection
from givre.wiring import knowledge, solver
from tests.usecases.day_scene import case, images

COLD = case(bowel_limit_c=8.0, bowel_alarm_c=20.0)
MASKS = {name: imported.mask for name, imported in images().masks.items()}
CT = images().image.volume


def the_plan(voxel_mm: float) -> Predicted:
    prepared = prepare_case(COLD, CT, MASKS, knowledge=knowledge(), voxel_mm=voxel_mm)
    return predict(prepared, quick_look(prepared), COLD.placements, COLD.protocol, solve=solver(threads=1))


@pytest.fixture(scope="module")
def plan() -> Predicted:
    return the_plan(2.5)


def bowel_c(plan: Predicted, thickness_mm: float, material: str, voxel_mm: float = 2.5) -> float:
    """Coldest place of the bowel behind a layer, everything else alike."""
    labels = np.full(CT.grid.shape, int(Tissue.MUSCLE), dtype=np.uint8)
    room = layer_room(
        COLD.organs_at_risk[0],
        MASKS,
        labels,
        plan.run,
        limits=load_layer_limits(),
        tissues=tissues_to_open(epidural=False),
    )
    assert room is not None
    layer = room.layer(thickness_mm, LAYER_NAME)
    assert layer is not None
    prepared = prepare_case(COLD, CT, MASKS, knowledge=knowledge(), voxel_mm=voxel_mm)
    shielded = with_layers(prepared, [(layer, material)])
    after = predict(shielded.prepared, shielded.look, COLD.placements, COLD.protocol, solve=solver(threads=1))
    return after.figures.organ_coldest_c["bowel"]


def test_gas_insulates_and_more_of_it_insulates_more(plan: Predicted) -> None:
    none_c = plan.figures.organ_coldest_c["bowel"]
    found_c = [bowel_c(plan, thickness_mm, "carbon_dioxide") for thickness_mm in (2.5, 5.0, 7.5)]
    assert none_c + 5.0 < found_c[0] < found_c[1] < found_c[2] < 37.0


def test_gas_on_finer_voxels_protects_as_much(plan: Predicted) -> None:
    # the layer is drawn on the CT, so that its staircase on the lattice differs by less than a voxel
    coarse_c, fine_c = bowel_c(plan, 5.0, "carbon_dioxide"), bowel_c(plan, 5.0, "carbon_dioxide", voxel_mm=1.6)
    assert coarse_c == pytest.approx(fine_c, abs=2.0)


def test_warm_fluid_that_flows_keeps_the_organ_warmer_than_fluid_at_rest(plan: Predicted) -> None:
    assert bowel_c(plan, 5.0, "warm_saline") > bowel_c(plan, 5.0, "saline") + 5.0


@pytest.fixture(scope="module")
def found() -> Protections:
    wishes = ProtectionWishes(kinds=("co2", "shorter_freeze", "thermocouple"), voxel_mm=2.5)
    return propose_protection(COLD, images(), knowledge=knowledge(), solve=solver(threads=1), wishes=wishes).found


def proposed(found: Protections, kind: str) -> ProtectionProposal:
    return next(proposal for proposal in found.proposals if proposal.kind == kind)


def test_the_organ_that_gets_too_cold_is_found(found: Protections, plan: Predicted) -> None:
    assert [threat.organ.structure for threat in found.threats] == ["bowel"]
    # the lattices lie differently: at 2.5 mm voxels that alone changes the coldest place by some degrees
    assert found.threats[0].coldest_c == pytest.approx(plan.figures.organ_coldest_c["bowel"], abs=4.0)
    assert found.threats[0].nearest_mm[0] == pytest.approx(19.0, abs=2.5), "the side that faces the probes"


def test_a_layer_of_gas_keeps_the_organ_at_no_cost(found: Protections) -> None:
    gas = proposed(found, "co2")
    assert gas.is_good
    assert gas.layer is not None
    assert gas.layer.volume_ml == pytest.approx(gas.layer.mask.volume_ml)
    assert not (gas.layer.mask.inside & (MASKS["bowel"].inside | MASKS["tumour"].inside)).any()
    assert gas.layer.centre_mm[0] < 19.0, "between ice and bowel, not behind it"
    assert gas.after_c > gas.threat.least_c
    assert found.proposals[0].is_good


def test_a_shorter_freeze_says_what_it_costs(found: Protections) -> None:
    shorter = proposed(found, "shorter_freeze")
    assert shorter.after_c > shorter.threat.coldest_c
    assert shorter.figures.coverage_with_margin <= found.figures.coverage_with_margin


def test_a_thermocouple_lies_at_the_coldest_place_and_protects_nothing(found: Protections) -> None:
    tells = proposed(found, "thermocouple")
    assert tells.way is not None
    assert tells.way.point_mm == tells.threat.nearest_mm
    assert tells.after_c == tells.threat.coldest_c
    assert found.proposals[-1] is tells


def test_proposals_are_taken_by_number_and_carried_out_together() -> None:
    wishes = ProtectionWishes(kinds=("co2", "shorter_freeze", "thermocouple"), voxel_mm=2.5)
    knowing, solve = knowledge(), solver(threads=1)
    done = propose_protection(COLD, images(), knowledge=knowing, solve=solve, wishes=wishes, take=(1, 3))
    assert done.chosen is not None
    assert done.case is not None
    assert [item.kind for item in done.chosen.proposals] == [done.found.proposals[0].kind, "thermocouple"]
    assert done.chosen.voxel_mm == 2.5
    assert done.chosen.full is None, "the case asks for no finer voxels"
    assert done.is_protected == done.chosen.is_good
    assert done.case.thermocouples[0].point_mm == done.found.threats[0].nearest_mm
    with pytest.raises(ProposalsConflict, match="no proposal 9 to take; there are 1 to 3"):
        propose_protection(COLD, images(), knowledge=knowing, solve=solve, wishes=wishes, take=(9,))


def test_two_organs_are_protected_together_and_simulated_as_the_case_asks() -> None:
    """A second bowel loop on the other side: no one layer keeps both."""
    other = replace(COLD.organs_at_risk[0], structure="bowel_left")
    mask = replace(MASKS["bowel"], inside=MASKS["bowel"].inside[:, :, ::-1].copy(), name="bowel_left")
    both = replace(images(), masks={**images().masks, "bowel_left": replace(images().masks["bowel"], mask=mask)})
    two = replace(
        COLD,
        structures=(*COLD.structures, replace(COLD.structures[-1], name="bowel_left")),
        organs_at_risk=(*COLD.organs_at_risk, other),
        settings=replace(COLD.settings, voxel_mm=2.0),
    )
    wishes = ProtectionWishes(kinds=("co2",), voxel_mm=2.5)
    done = propose_protection(two, both, knowledge=knowledge(), solve=solver(threads=1), wishes=wishes)
    assert done.chosen is not None
    assert len(done.found.threats) == 2
    assert {item.threat.organ.structure for item in done.chosen.proposals} == {"bowel", "bowel_left"}
    assert [item.structure.name for item in done.chosen.taken.drawn()] == [LAYER_NAME, f"{LAYER_NAME}_2"]
    assert done.chosen.full is not None
    assert done.chosen.full.voxel_mm == 2.0
    assert not done.chosen.not_kept
    assert done.is_protected
    alone = done.found.proposals[0]
    spared = next(threat for threat in done.found.threats if threat.organ != alone.threat.organ)
    assert alone.figures.organ_coldest_c[spared.organ.structure] < spared.least_c, "one layer alone is not enough"
    assert done.chosen.after_c(spared) > spared.least_c


def test_a_plan_that_hurts_nothing_needs_nothing() -> None:
    found = propose_protection(
        case(bowel_limit_c=-60.0, bowel_alarm_c=-50.0),
        images(),
        knowledge=knowledge(),
        solve=solver(threads=1),
        wishes=ProtectionWishes(voxel_mm=2.5),
    )
    assert found.found.threats == ()
    assert found.is_protected
    assert found.chosen is None


def test_time_that_is_up_is_said_for_each_kind() -> None:
    found = propose_protection(
        COLD,
        images(),
        knowledge=knowledge(),
        solve=solver(threads=1),
        wishes=ProtectionWishes(kinds=("co2", "move"), voxel_mm=2.5),
        go_on=lambda kind, simulations: False,
    )
    assert found.found.ended_early
    assert {missing.reason for missing in found.found.not_found} == {"time"}
    assert not found.is_protected


def test_no_layer_fits_where_all_is_bone(plan: Predicted) -> None:
    labels = np.full(CT.grid.shape, int(Tissue.CORTICAL_BONE), dtype=np.uint8)
    room = layer_room(
        COLD.organs_at_risk[0],
        MASKS,
        labels,
        plan.run,
        limits=load_layer_limits(),
        tissues=tissues_to_open(epidural=True),
    )
    assert room is not None
    assert room.layer(15.0, LAYER_NAME) is None


def test_the_canal_is_never_opened_and_the_cord_only_from_the_epidural_space() -> None:
    assert not epidural_of("spinal_canal").is_allowed
    assert epidural_of("spinal_cord").is_allowed
    assert epidural_of("nerve_root_left").is_allowed
    assert not epidural_of("bowel").is_in_canal
    assert Tissue.CSF not in tissues_to_open(epidural=True)
    assert Tissue.CANAL_CONTENT not in tissues_to_open(epidural=False)


def test_the_case_of_a_layer_declares_its_material(found: Protections) -> None:
    made = taken_of([proposed(found, "co2")], COLD.placements, COLD.protocol).case(COLD)
    assert made.structures[-1].material == load_layer_materials()["co2"].material
    assert made.case_id == "ball-protected"
