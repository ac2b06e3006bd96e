"""What a case declares to protect organs does protect them: air of the room, saline, gas, vessels, stasis, power."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import givre
from givre.adapters.results.document import ResultsContents, results_document
from givre.case.description import CaseDescription
from givre.cryoprobe.protocol import Phase, Protocol
from givre.dossier.inputs import Provenance
from givre.usecases.simulate_plan import PlanResult

SPACING_MM, SIZE = 2.0, 48
SKIN_MM, PROBE_Y_MM = 72.0, 56.0
AFFINE = np.diag([-SPACING_MM, -SPACING_MM, SPACING_MM, 1.0])
SHORT = Protocol(name="short", phases=(Phase(kind="freeze", duration_s=240.0),))
SETTINGS = givre.SimulationSettings(voxel_mm=2.5, domain_margin_mm=40.0)


def structures() -> dict[str, np.ndarray]:
    """A tumour round the probe, a nerve 8 mm below it, a layer between them, the body, and a glove on its skin."""
    x, y, z = (np.arange(SIZE) * SPACING_MM for _ in range(3))
    x, y, z = np.meshgrid(x, y, z, indexing="ij")
    beside = (np.abs(x - 46) < 16) & (np.abs(y - PROBE_Y_MM) < 14)
    return {
        "tumour": (x - 46) ** 2 + (y - PROBE_Y_MM) ** 2 + (z - 46) ** 2 < 36,
        "nerve": beside & (np.abs(z - 32) <= 2),
        "layer": beside & (np.abs(z - 38) <= 2),
        "body": y <= SKIN_MM,
        "glove": (y > SKIN_MM) & (y < SKIN_MM + 12),
    }


@cache
def simulated(
    *names: str,
    materials: tuple[tuple[str, str], ...] = (),
    settings: givre.SimulationSettings = SETTINGS,
    probe: tuple[tuple[str, float], ...] = (),
    protocol: Protocol = SHORT,
) -> PlanResult:
    masks = structures()
    hu = np.where(masks["body"], 50.0, -1000.0).astype(np.float32)
    case = givre.case_from_arrays(
        ct=(hu, AFFINE),
        masks={name: (masks[name].astype(np.uint8), AFFINE) for name in ("tumour", "nerve", *names)},
        probes=[
            givre.Placement(
                label="P1", model="icesphere-1.5-cx", entry_mm=(10.0, PROBE_Y_MM, 46.0),
                target_mm=(58.0, PROBE_Y_MM, 46.0), **dict(probe),
            )
        ],
        protocol=protocol,
        organs_at_risk=[
            givre.OrganAtRisk(
                structure="nerve", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption"
            )
        ],
        settings=settings,
        materials=dict(materials),
        thermocouples=[
            givre.Thermocouple(label="TC1", point_mm=(46.0, PROBE_Y_MM, 58.0)),
            givre.Thermocouple(label="far", point_mm=(46.0, 2.0, 46.0)),
            givre.Thermocouple(label="skin", point_mm=(46.0, SKIN_MM - 1.0, 46.0)),
        ],
    )  # fmt: skip
    return givre.simulate(case, threads=1, estimate_error=False)


def coldest_c(result: PlanResult, structure: str = "nerve") -> float:
    return float(result.run.history.structure_coldest_c[structure].min())


def skin_c(result: PlanResult) -> tuple[float, float]:
    """Temperature of the skin over the probe, at first and at its coldest."""
    series = result.run.history.point_temp_c["thermocouple skin"]
    return float(series[0]), float(series.min())


def tissue_share(result: PlanResult, name: str) -> float:
    return result.tissue_shares.get(name, 0.0)


@pytest.mark.parametrize("material", ["carbon_dioxide", "warm_saline"])
def test_a_layer_between_probe_and_nerve_keeps_the_nerve_warmer(material):
    bare, protected = simulated(), simulated("layer", materials=(("layer", material),))
    assert coldest_c(protected) > coldest_c(bare) + 5.0
    assert coldest_c(protected) < 38.5
    if material == "warm_saline":
        assert "layer is held at its own temperature" in " ".join(protected.tissue_map.notes)


@pytest.mark.parametrize("metal", ["titanium", "steel", "cobalt_chrome"])
def test_a_metal_implant_reaches_what_its_conductivity_says(metal):
    found = simulated("layer", materials=(("layer", metal),))
    assert tissue_share(found, "metal" if metal == "titanium" else metal) > 0
    assert abs(coldest_c(found) - coldest_c(simulated())) > 0.3  # far more than rounding


def test_stirred_csf_brings_more_heat_than_csf_at_rest_would():
    stirred = simulated("layer", materials=(("layer", "moving_csf"),))
    still = simulated("layer", materials=(("layer", "saline"),))
    assert tissue_share(stirred, "moving_csf") > 0
    assert coldest_c(stirred) != pytest.approx(coldest_c(still), abs=0.05)


def test_a_large_vessel_stays_warm_and_keeps_what_lies_behind_it_warm():
    behind = simulated("layer", materials=(("layer", "large_vessel"),))
    assert coldest_c(behind) > coldest_c(simulated()) + 5.0
    flow = behind.tissue_map.flow_mask(outside=False)
    assert behind.run.coldest_c[flow].min() > 35.0
    facts = [fact for fact in behind.properties if fact.tissue == "large_vessel layer"]
    assert [(fact.quantity, fact.value, fact.unit) for fact in facts] == [("film_w_m2k", 300.0, "W/m2K")]


def test_skin_in_a_room_starts_cooler_and_a_saline_glove_keeps_it_warm():
    in_room = replace(SETTINGS, room_temp_c=22.0)
    bare, room = simulated(), simulated("body", settings=in_room)
    glove = simulated("body", "glove", settings=in_room, materials=(("glove", "saline_glove"),))
    (bare_first_c, bare_c), (first_c, room_c), (_, glove_c) = skin_c(bare), skin_c(room), skin_c(glove)
    assert bare_first_c == pytest.approx(37.0, abs=0.01)
    assert 32.0 < first_c < 35.5
    assert room_c < bare_c - 1.0
    assert glove_c > room_c + 5.0
    assert room.run.status.ending == glove.run.status.ending == "done"
    assert room.run.energy.relative_error < 1e-3


def test_tissue_without_blood_after_the_first_freeze_thaws_more_slowly():
    twice = Protocol(
        name="twice",
        phases=(
            Phase(kind="freeze", duration_s=180.0),
            Phase(kind="passive_thaw", duration_s=240.0),
            Phase(kind="freeze", duration_s=180.0),
        ),
    )
    flowing = simulated(protocol=twice)
    stopped = simulated(protocol=twice, settings=replace(SETTINGS, stasis_below_c=0.0))
    assert stopped.assessment.ice_ball_ml > flowing.assessment.ice_ball_ml
    assert "without blood flow" in " ".join(stopped.tissue_map.notes)


def test_less_power_makes_less_ice_and_is_said_to_be_an_assumption():
    full, half, told = simulated(), simulated(probe=(("power", 0.6),)), simulated(probe=(("surface_temp_c", -80.0),))
    assert half.assessment.ice_ball_ml < full.assessment.ice_ball_ml
    assert told.probes[0].effective_temp_c == -80.0
    assert half.probes[0].status == "assumption"
    assert min(half.run.history.probe_surface_c["P1"][1:-1]) > full.probes[0].effective_temp_c + 10


def test_a_probe_that_takes_part_in_one_freeze_of_two_rests_in_the_second():
    twice = Protocol(
        name="twice", phases=(Phase(kind="freeze", duration_s=120.0), Phase(kind="freeze", duration_s=120.0))
    )
    once = simulated(probe=(("freezes", 1),), protocol=twice)
    power_w, time_s = once.run.history.probe_power_w["P1"], once.run.history.time_s
    assert power_w[(time_s > 60) & (time_s < 115)].min() > 1.0
    assert np.abs(power_w[time_s > 125]).max() == 0.0


def test_thermocouples_are_reported_with_their_uncertainty_and_null_where_nothing_is_simulated():
    result = simulated()
    document = results_document(_contents(result), files=[], absent=[])
    readings = document["thermocouples"]
    assert isinstance(readings, list)
    near, far, _ = (dict(reading) for reading in readings)
    series = result.run.history.point_temp_c[str(near["curve"])]
    assert near["coldest_c"] == pytest.approx(float(series.min()))
    assert near["uncertainty_c"] == pytest.approx(np.hypot(0.5, 0.5 * float(str(near["gradient_c_mm"]))), rel=1e-3)
    assert 1.0 < float(str(near["gradient_c_mm"])) < 6.0
    assert far["coldest_c"] is None
    assert isinstance(far["null_because"], Mapping)


def _contents(result: PlanResult) -> ResultsContents:
    description: CaseDescription = result.description
    return ResultsContents(
        description=description, run=result.run, assessment=result.assessment, probes=result.probes,
        provenance=Provenance(date="2026-01-01"),
    )  # fmt: skip
