"""Orders are fitted, bands are kept or not, and a figure that is not a number never passes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.judging import card_result, fitted_order, judged, refused_rung, rung_of
from givre.verification.result import LadderResult

LEVELS = (2.0, 1.0, 0.5, 0.25)


def ladder_of(*bands: PassBand, error: Callable[[float], float] = lambda h: 0.3 * h**2, floor: float = 0.0) -> Ladder:
    return Ladder(
        name="front", unit="mm", refined="voxel", refined_unit="mm", levels=LEVELS, bands=bands, floor=floor,
        compare=lambda h: Comparison(found=np.array([10.0 + error(h), 10.0]), expected=np.array([10.0, 10.0])),
    )  # fmt: skip


def climbed(ladder: Ladder) -> LadderResult:
    return judged(ladder, tuple(rung_of(ladder, h, ladder.compare(h), wall_s=0.1) for h in ladder.levels))


def test_the_order_of_a_power_law_is_its_exponent() -> None:
    h = np.array(LEVELS)
    for order in (0.5, 1.0, 2.0):
        assert fitted_order(h, 3.0 * h**order)[0] == pytest.approx(order, abs=1e-9)


def test_signs_do_not_disturb_the_order() -> None:
    h = np.array(LEVELS)
    assert fitted_order(h, np.array([1, -1, 1, -1]) * h)[0] == pytest.approx(1.0)


def test_rounding_is_left_out_of_the_fit_and_said() -> None:
    order, over, remark = fitted_order(np.array(LEVELS), np.array([0.16, 0.04, 0.01, 1e-6]), floor=1e-5)
    assert order == pytest.approx(2.0)
    assert over == 3
    assert "1 levels at the rounding floor" in remark


def test_two_points_make_no_order() -> None:
    order, over, remark = fitted_order(np.array([1.0, 0.5]), np.array([0.1, 0.05]))
    assert math.isnan(order)
    assert over == 2
    assert "no order" in remark


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_an_error_that_is_not_finite_makes_no_order(broken: float) -> None:
    assert math.isnan(fitted_order(np.array(LEVELS), np.array([1.0, broken, 0.2, 0.1]))[0])


def test_statistics_keep_the_sign_of_the_worst_error() -> None:
    ladder = ladder_of()
    comparison = Comparison(found=np.array([1.0, 2.0, 2.0]), expected=np.array([2.0, 1.5, 2.0]), scale=10.0)
    rung = rung_of(ladder, 1.0, comparison, wall_s=0.0)
    assert rung.worst == -10.0
    assert rung.mean == pytest.approx(5.0)
    assert rung.bias == pytest.approx(-5 / 3)
    assert rung.rms == pytest.approx(math.sqrt(125 / 3))
    assert (rung.n, rung.points) == (3, ())


def test_one_value_that_is_not_a_number_spoils_the_level_and_the_ladder() -> None:
    band = PassBand(largest_error=1.0, every_level=True, monotone=True, least_order=0.5, source="test")
    ladder = replace(
        ladder_of(band), compare=lambda h: Comparison(found=np.array([np.nan, 0.0]), expected=np.array([0.0, 0.0]))
    )
    result = climbed(ladder)
    assert math.isnan(result.rungs[0].worst)
    assert not result.passed
    assert not any(check.passed for check in result.checks)


def test_a_ladder_inside_its_bands_passes() -> None:
    bands = (
        PassBand(largest_error=0.02, source="a"),
        PassBand(largest_error=0.31, at=1.0, source="b"),
        PassBand(least_order=1.9, most_order=2.1, monotone=True, source="c"),
    )
    result = climbed(ladder_of(*bands))
    assert result.passed
    assert [check.source for check in result.checks] == ["a", "b", "c", "c"]


@pytest.mark.parametrize(
    "band",
    [
        PassBand(largest_error=0.018, source="too large at the finest"),
        PassBand(largest_error=0.29, at=1.0, source="too large at one millimetre"),
        PassBand(largest_error=1.0, every_level=True, source="too large at the coarsest"),
        PassBand(least_order=2.1, source="order too low"),
        PassBand(most_order=1.9, source="order too high"),
    ],
)
def test_a_ladder_outside_one_band_fails(band: PassBand) -> None:
    assert not climbed(ladder_of(band)).passed


def test_an_error_that_does_not_shrink_is_seen() -> None:
    erratic = {2.0: 0.3, 1.0: 0.1, 0.5: 0.2, 0.25: 0.01}
    result = climbed(ladder_of(PassBand(monotone=True, source="test"), error=lambda h: erratic[h]))
    assert not result.passed
    assert result.checks[0].found == pytest.approx(2.0)


def test_errors_that_are_all_rounding_need_no_order() -> None:
    result = climbed(ladder_of(PassBand(least_order=0.9, source="test"), error=lambda _: 1e-7, floor=1e-5))
    assert result.passed
    assert math.isnan(result.order)
    assert "rounding floor" in result.checks[0].asked


def test_a_refused_level_fails_whatever_the_others_say() -> None:
    ladder = ladder_of(PassBand(largest_error=1.0, source="test"))
    rungs = [rung_of(ladder, h, ladder.compare(h), wall_s=0.1) for h in LEVELS[:-1]]
    result = judged(ladder, (*rungs, refused_rung(ladder, LEVELS[-1], "no room", wall_s=0.2)))
    assert not result.passed
    assert result.rungs[-1].refusal == "no room"


def test_a_ladder_that_asks_nothing_has_not_passed() -> None:
    assert not climbed(ladder_of()).passed


def test_numbers_of_numpy_become_plain_ones() -> None:
    comparison = Comparison(
        found=np.zeros(1), expected=np.zeros(1), voxels=int(np.int64(8)), spacing_mm=np.float32(0.5), steps=np.int64(3)
    )
    rung = rung_of(ladder_of(), 1.0, comparison, wall_s=0.0)
    assert {type(rung.voxels), type(rung.steps)} == {int}
    assert {type(value) for value in (rung.level, rung.worst, rung.mean, rung.spacing_mm, rung.step_s)} == {float}


def test_labelled_points_are_kept_with_their_uncertainty() -> None:
    ladder = replace(ladder_of(), refined="", names=("a", "b", "c", "d"))
    comparison = Comparison(
        found=np.array([33.0, 49.0]), expected=np.array([32.0, 50.0]), labels=("one", "two"), uncertainty=(1.0, 2.0)
    )
    rung = rung_of(ladder, 0.5, comparison, wall_s=0.0)
    assert rung.name == "c"
    assert [(point.label, point.error, point.uncertainty) for point in rung.points] == [
        ("one", 1.0, 1.0),
        ("two", -1.0, 2.0),
    ]


@pytest.mark.parametrize("labels", [("only one",), ("a", "b", "c")])
def test_labels_that_do_not_match_the_points_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="labels for 2 points"):
        Comparison(found=np.zeros(2), expected=np.zeros(2), labels=labels)


def test_a_comparison_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        Comparison(found=np.zeros(0), expected=np.zeros(0))


def test_the_tightest_check_is_the_one_farthest_beyond_its_band_and_nan_comes_first() -> None:
    ladders = (
        climbed(ladder_of(PassBand(largest_error=0.1, source="far inside"))),
        climbed(ladder_of(PassBand(largest_error=0.001, source="beyond"))),
    )
    card = Card(
        id="V01", title="t", problem="p", reference=Reference(text="r", standing="own"), ladders=(), source="s.py"
    )
    tightest = card_result(card, ladders).tightest()
    assert tightest is not None
    assert tightest[1].source == "beyond"
    broken = replace(ladders[0], checks=(replace(ladders[0].checks[0], found=math.nan, source="broken"),))
    tightest = card_result(card, (*ladders, broken)).tightest()
    assert tightest is not None
    assert tightest[1].source == "broken"
