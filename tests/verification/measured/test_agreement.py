"""Bias, mean, worst and limits of agreement."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from givre.verification.measured.agreement import Compared, agreement
from givre.verification.measured.table import load_measurements

TABLE = load_measurements()


def pair(miss: float, key: str = "L2a") -> Compared:
    return Compared(measurement=TABLE[key], predicted=TABLE[key].value + miss)


def test_four_misses_worked_by_hand():
    found = agreement([pair(1.0), pair(-3.0), pair(2.0), pair(0.0)])
    assert (found.n, found.bias, found.mean_absolute, found.worst) == (4, 0.0, 1.5, -3.0)
    assert (found.low, found.high) == (
        pytest.approx(-1.96 * math.sqrt(14 / 3)),
        pytest.approx(1.96 * math.sqrt(14 / 3)),
    )


def test_two_pairs_have_no_limits_and_no_pairs_no_agreement():
    assert math.isnan(agreement([pair(1.0), pair(2.0)]).low)
    with pytest.raises(ValueError, match="at least one pair"):
        agreement([])
    with pytest.raises(ValueError, match="one unit at a time"):
        agreement([pair(1.0), pair(1.0, "L2b")])


def test_a_prediction_that_is_no_number_is_never_hidden_by_the_others():
    found = agreement([pair(1.0), pair(math.nan), pair(0.0)])
    assert math.isnan(found.bias)
    assert math.isnan(found.worst)


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=20), st.floats(-20, 20))
def test_shifting_every_prediction_shifts_the_bias_and_leaves_the_width(misses, shift):
    before, after = agreement(pair(m) for m in misses), agreement(pair(m + shift) for m in misses)
    assert after.bias == pytest.approx(before.bias + shift, abs=1e-9)
    assert after.high - after.low == pytest.approx(before.high - before.low, abs=1e-6)
    assert before.low <= before.bias <= before.high
    assert abs(before.worst) >= before.mean_absolute - 1e-12


def test_a_miss_is_held_against_two_stated_uncertainties():
    assert Compared(measurement=TABLE["H20"], predicted=23 + 5.9).is_within_uncertainty is True
    assert Compared(measurement=TABLE["H20"], predicted=23 - 6.1).is_within_uncertainty is False
    assert pair(1.0).is_within_uncertainty is None
    assert math.isnan(Compared(measurement=TABLE["P50"], predicted=-60.0).miss_percent)
