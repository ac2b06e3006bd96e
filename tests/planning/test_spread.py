"""What is uncertain, and what a draw of it does to a plan."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from givre.cryoprobe.placement import Placement
from givre.foundation.errors import InputError
from givre.planning.trial.prepared import PreparedCase
from givre.planning.uncertainty.sampling import balanced_blocks, draw_scores, scores_of_shares, shares_of_scores
from givre.planning.uncertainty.spread import (
    CUT_SCORE,
    RANGE_SCORE,
    SplitLaw,
    SpreadSettings,
    law_of,
    usual_settings,
    usual_spreads,
)
from givre.planning.uncertainty.spread_placement import ERRORS, misplaced
from givre.planning.uncertainty.spread_plan import spread_of_plans
from givre.planning.uncertainty.spread_tissue import FIELDS
from givre.testing.uncertain_case import small_uncertain_case
from givre.tissue.bone_hu_map import BoneHuMap
from givre.tissue.table import TissueProperties
from givre.tissue.thermal import material_field

PLANNED = Placement(label="P1", model="icesphere-1.5-cx", entry_mm=(10.0, -70.0, 20.0), target_mm=(4.0, 3.0, -5.0))


@pytest.fixture(scope="module")
def prepared() -> PreparedCase:
    return small_uncertain_case().prepared


def test_low_and_high_are_the_quantiles_of_the_law() -> None:
    for law in (
        SplitLaw(value=1.166, low=0.9, high=2.0, unit="W/mK"),
        SplitLaw(value=-140.0, low=-160.0, high=-115.0, unit="C"),
        SplitLaw(value=0.0, low=-5.0, high=5.0, unit="mm"),
    ):
        assert law.at(0.0) == law.value
        assert law.at(-RANGE_SCORE) == pytest.approx(law.low, rel=1e-12)
        assert law.at(RANGE_SCORE) == pytest.approx(law.high, rel=1e-12)
    shares = (np.arange(20000) + 0.5) / 20000
    drawn = np.array([SplitLaw(value=1.166, low=0.9, high=2.0, unit="W/mK").at(s) for s in scores_of_shares(shares)])
    # the cut at three standard scores moves the 2.5 % quantile to the 2.4 % one
    assert np.mean(drawn < 0.9) == pytest.approx(0.0237, abs=2e-4)
    assert np.mean(drawn > 2.0) == pytest.approx(0.0237, abs=2e-4)


@given(score=st.floats(-CUT_SCORE, CUT_SCORE))
def test_a_positive_quantity_stays_positive_and_follows_its_score(score: float) -> None:
    law = SplitLaw(value=30.0, low=9.9, high=135.0, unit="ml/min/kg")
    assert law.at(score) > 0
    assert law.at(score) <= law.at(min(score + 0.1, CUT_SCORE))


def test_a_bound_of_zero_is_reached_and_never_passed() -> None:
    law = SplitLaw(value=80.0, low=0.0, high=250.0, unit="ml/min/kg", least=0.0)
    assert law.at(-RANGE_SCORE) == pytest.approx(0.0, abs=1e-9)
    assert law.at(-CUT_SCORE) == 0.0


@pytest.mark.parametrize("number", [-0.1, math.nan, math.inf, 1000.0])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("along_sigma_mm", "along the probe"),
        ("across_sigma_mm", "across the probe"),
        ("direction_sigma_deg", "direction"),
        ("threshold_sigma_c", "threshold"),
        ("tissue_width", "tissue"),
        ("probe_width", "cryoprobe"),
    ],
)
def test_a_spread_that_cannot_be_is_refused_by_name(name: str, said: str, number: float) -> None:
    with pytest.raises(InputError, match=said):
        replace(usual_settings(), **{name: number})


def test_the_usual_spreads_have_sources() -> None:
    assert set(usual_spreads()) == {"along_sigma_mm", "across_sigma_mm", "direction_sigma_deg", "threshold_sigma_c"}
    assert all(spread.source for spread in usual_spreads().values())
    # -16.1, -20 and -10 °C, the three isotherms of the table's source
    assert usual_spreads()["threshold_sigma_c"].value == pytest.approx(np.std([-16.1, -20.0, -10.0], ddof=1), abs=0.1)


def test_draws_are_the_same_for_a_seed_and_differ_between_seeds() -> None:
    assert draw_scores(33, 5, seed=3) == draw_scores(33, 5, seed=3)
    assert draw_scores(33, 5, seed=3) != draw_scores(33, 5, seed=4)
    assert draw_scores(200, 5, seed=3)[:33] == draw_scores(33, 5, seed=3)


def test_each_piece_of_the_draws_is_balanced_in_every_input() -> None:
    shares = shares_of_scores(np.array([draw.scores for draw in draw_scores(200, 6, seed=1)]))
    start = 0
    for size in balanced_blocks(200):
        piece = shares[start : start + size]
        for column in piece.T:
            assert sorted(np.floor(column * size).astype(int)) == list(range(size)), "one draw in each of n equal parts"
        start += size
    assert start == 200


@pytest.mark.parametrize(("count", "seed", "said"), [(0, 0, "0 samples"), (-5, 0, "-5 samples"), (8, -1, "seed -1")])
def test_impossible_draws_are_refused(count: int, seed: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        draw_scores(count, 3, seed=seed)


def test_a_placement_error_moves_tip_and_direction_as_it_says() -> None:
    tip, entry = np.array(PLANNED.target_mm), np.array(PLANNED.entry_mm)
    inwards = (tip - entry) / PLANNED.depth_mm
    deeper = misplaced(PLANNED, (2.0, 0.0, 0.0, 0.0, 0.0))
    assert np.array(deeper.target_mm) - tip == pytest.approx(2.0 * inwards)
    for errors in ((0.0, 3.0, 0.0, 0.0, 0.0), (0.0, 0.0, 3.0, 0.0, 0.0)):
        moved = misplaced(PLANNED, errors)
        shift = np.array(moved.target_mm) - tip
        assert np.linalg.norm(shift) == pytest.approx(3.0)
        assert shift @ inwards == pytest.approx(0.0, abs=1e-12)
    assert misplaced(PLANNED, (0.0, 3.0, 0.0, 0.0, 0.0)).target_mm[2] > PLANNED.target_mm[2], "towards the head"
    tilted = misplaced(PLANNED, (0.0, 0.0, 0.0, 1.5, -2.0))
    assert tilted.target_mm == pytest.approx(PLANNED.target_mm)
    axis = (np.array(tilted.target_mm) - np.array(tilted.entry_mm)) / tilted.depth_mm
    assert np.degrees(np.arccos(axis @ inwards)) == pytest.approx(2.5)
    assert tilted.depth_mm == pytest.approx(PLANNED.depth_mm)


def test_a_probe_along_the_body_has_directions_across_too() -> None:
    upright = replace(PLANNED, entry_mm=(0.0, 0.0, 90.0), target_mm=(0.0, 0.0, 0.0))
    assert misplaced(upright, (0.0, 1.0, 1.0, 1.0, 1.0)).depth_mm == pytest.approx(90.0)


def test_scores_of_zero_and_spreads_of_zero_give_the_plan_itself(prepared: PreparedCase) -> None:
    placements = prepared.description.placements
    models = [placement.model for placement in placements]
    for settings, score in ((usual_settings(), 0.0), (SpreadSettings.none(), 1.7)):
        spread = spread_of_plans(prepared, models, settings)
        drawn = spread.drawn(prepared, placements, [score] * spread.size(len(placements)))
        assert drawn.placements == placements
        assert drawn.prepared.material.materials == prepared.material.materials
        assert drawn.prepared.knowledge.catalogue == prepared.knowledge.catalogue
        assert drawn.lethal_temp_c == prepared.description.goals.lethal_temp_c


def test_scaled_materials_are_those_of_changed_tables(prepared: PreparedCase) -> None:
    """The readable twin: change the tables, label nothing again, and lay the materials out anew."""
    spread = spread_of_plans(prepared, [PLANNED.model], usual_settings())
    scores = [0.9 * (-1) ** n * (n % 4) for n in range(spread.size(1))]
    by_group = {(f.group, f.what): score for f, score in zip(spread.physical, scores, strict=False)}
    knowledge = prepared.knowledge
    tissues = {
        name: _changed(row, by_group, "lesion" if name == "lytic_lesion" else "soft")
        for name, row in knowledge.tissues.items()
        if name != "blood"
    }
    tissues["blood"] = knowledge.tissues["blood"]  # the heat that a millilitre of blood holds is not uncertain
    slow = material_field(prepared.tissue_map, tissues, _changed_bone(knowledge.bone, by_group))
    fast = spread.drawn(prepared, (PLANNED,), scores).prepared.material
    assert (slow.index == fast.index).all()
    changed = 0
    for one, other, before in zip(slow.materials, fast.materials, prepared.material.materials, strict=True):
        for name in ("capacity_unfrozen_j_m3k", "capacity_frozen_j_m3k", "conductivity_unfrozen_w_mk",
                     "conductivity_frozen_w_mk", "latent_j_m3", "perfusion_w_m3k"):  # fmt: skip
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12), (one.name, name)
            changed += getattr(other, name) != getattr(before, name)
    assert changed >= 15, "the scores must change something to compare anything"


def test_a_colder_probe_is_colder_in_every_form(prepared: PreparedCase) -> None:
    spread = spread_of_plans(prepared, [PLANNED.model], usual_settings())
    scores = [0.0] * spread.size(1)
    scores[len(spread.tissues)] = -1.0
    model = prepared.knowledge.catalogue[PLANNED.model]
    change_c = law_of(model.surface_temp_c).at(-1.0) - model.surface_temp_c.value
    assert change_c < 0
    for planned in (PLANNED, replace(PLANNED, power=0.6), replace(PLANNED, surface_temp_c=-95.0)):
        drawn = spread.drawn(prepared, (planned,), scores)
        (placed,) = drawn.placements
        surface_c = drawn.prepared.knowledge.catalogue[planned.model].surface_temp_c.value
        before_c = planned.plateau_c(model.surface_temp_c.value, body_temp_c=37.0)
        wanted_c = change_c * (planned.power if planned.surface_temp_c is None else 1.0)
        assert placed.plateau_c(surface_c, body_temp_c=37.0) == pytest.approx(before_c + wanted_c)


def test_too_few_scores_and_a_model_without_spread_are_refused(prepared: PreparedCase) -> None:
    spread = spread_of_plans(prepared, [PLANNED.model], usual_settings())
    with pytest.raises(InputError, match="3 scores"):
        spread.drawn(prepared, (PLANNED,), [0.0] * 3)
    with pytest.raises(InputError, match="endocare-2.4, whose spread was not laid out"):
        spread.drawn(prepared, (replace(PLANNED, model="endocare-2.4"),), [0.0] * spread.size(1))


def test_plans_with_more_probes_share_the_first_scores(prepared: PreparedCase) -> None:
    spread = spread_of_plans(prepared, [PLANNED.model], usual_settings())
    two = (PLANNED, replace(PLANNED, label="P2"))
    assert spread.factors(two)[: spread.size(1)] == spread.factors((PLANNED,))
    assert spread.size(2) - spread.size(1) == len(ERRORS)
    scores = draw_scores(1, spread.size(2), seed=0)[0].scores
    assert spread.drawn(prepared, two, scores).placements[0] == spread.drawn(prepared, (PLANNED,), scores).placements[0]


def _changed(row: TissueProperties, by_group: dict[tuple[str, str], float], group: str) -> TissueProperties:
    if not row.freezes:
        return row
    changes = {}
    for what, columns in FIELDS.items():
        score = by_group.get((group, what), 0.0)
        for column in columns:
            quantity = getattr(row, column)
            value = law_of(quantity, least=0.0).at(score)
            changes[column] = replace(
                quantity, value=value, low=min(quantity.low, value), high=max(quantity.high, value)
            )
    return replace(row, **changes)


def _changed_bone(bone: BoneHuMap, by_group: dict[tuple[str, str], float]) -> BoneHuMap:
    columns = dict(bone.columns)
    for what, names in FIELDS.items():
        score = by_group.get(("bone", what), 0.0)
        for name in names:
            law = SplitLaw(value=1.0, low=bone.spread[name].low, high=bone.spread[name].high, unit="1")
            columns[name] = columns[name] * law.at(score)
    return replace(bone, columns=columns)
