"""The cards: all there, each with a ladder, and the cheap ones converge on their first levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from givre.verification import (
    cooled_wall,
    edges,
    layers,
    linear_diffusion,
    nonlinear,
    perfused_tissue,
    planar_freezing,
    rounding,
    sinks,
)
from givre.verification.card import Ladder
from givre.verification.judging import rung_of
from givre.verification.registry import CARDS, UnknownCard, find_cards
from givre.verification.running import warm_up

ROOT = Path(__file__).resolve().parents[2]


def worst(ladder: Ladder, levels: int) -> list[float]:
    return [abs(rung_of(ladder, level, ladder.compare(level), wall_s=0.0).worst) for level in ladder.levels[:levels]]


def test_every_card_of_the_plan_is_there_once_and_in_order() -> None:
    assert [card.id for card in CARDS] == [f"V{number:02d}" for number in range(1, 19)]


def test_every_card_says_what_it_solves_against_what_and_where() -> None:
    for card in CARDS:
        assert len(card.problem) > 40, card.id
        assert len(card.reference.text) > 20, card.id
        assert (ROOT / card.source).exists(), card.id
        assert (ROOT / card.test).exists(), card.id


def test_every_ladder_that_refines_has_four_levels_and_every_ladder_a_band() -> None:
    for card in CARDS:
        assert card.ladders, card.id
        for ladder in card.ladders:
            assert ladder.bands, (card.id, ladder.name)
            assert all(band.source for band in ladder.bands), (card.id, ladder.name)
            if ladder.refined:
                assert len(ladder.levels) >= 4, (card.id, ladder.name)
                assert sorted(ladder.levels, reverse=True) == list(ladder.levels), (card.id, ladder.name)


def test_cards_are_found_by_their_ids_and_others_refused() -> None:
    assert [card.id for card in find_cards(("v05", "V01"))] == ["V01", "V05"]
    with pytest.raises(UnknownCard, match=r'no card "V99".*V01'):
        find_cards(("V99",))


@pytest.mark.parametrize(
    "ladder",
    [
        *linear_diffusion.CARD.ladders[:2],
        cooled_wall.CARD.ladders[0],
        perfused_tissue.CARD.ladders[1],
        *edges.CARD.ladders[:3],
        layers.CARD.ladders[2],
    ],
    ids=lambda ladder: ladder.name,
)
def test_linear_problems_fall_fourfold_when_the_grid_is_halved(ladder: Ladder) -> None:
    coarse, fine = worst(ladder, 2)
    assert np.log2(coarse / fine) == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize(
    "ladder",
    [planar_freezing.STEFAN_CARD.ladders[0], planar_freezing.NEUMANN_CARD.ladders[1], sinks.CARD.ladders[0]],
    ids=lambda ladder: ladder.name,
)
def test_fronts_come_closer_when_the_grid_is_halved(ladder: Ladder) -> None:
    coarse, fine = worst(ladder, 2)
    assert fine < 0.6 * coarse
    assert fine < 0.25


def test_the_whole_nonlinear_law_converges_to_its_similarity_solution() -> None:
    coarse, fine = worst(nonlinear.CARD.ladders[1], 2)
    assert fine < 0.6 * coarse


def test_two_threads_give_what_one_gives() -> None:
    assert rounding.threads_error(0).errors == pytest.approx(0.0, abs=rounding.LARGEST_C)


def test_warming_up_solves_something_and_complains_about_nothing() -> None:
    warm_up()
