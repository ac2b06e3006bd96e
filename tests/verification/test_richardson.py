"""Error bars of figures whose truth is known."""

from __future__ import annotations

import math

import pytest

from givre.verification.richardson import CAREFUL_SAFETY, SAFETY, extrapolate


@pytest.mark.parametrize("order", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("spacings", [(4.0, 2.0, 1.0), (3.0, 2.0, 1.5, 1.0)])
def test_a_figure_with_one_order_is_extrapolated_to_the_truth(order: float, spacings: tuple[float, ...]) -> None:
    values = tuple(20.0 - 0.3 * h**order for h in spacings)
    outlook = extrapolate(spacings, values)
    assert outlook.order == pytest.approx(order, abs=1e-9)
    assert outlook.extrapolated == pytest.approx(20.0, abs=1e-9)
    assert outlook.error_bar == pytest.approx(SAFETY * abs(values[-1] - 20.0), rel=1e-6)


def test_a_figure_that_jumps_about_gets_at_least_its_own_spread() -> None:
    outlook = extrapolate((2.0, 1.5, 1.0), (10.0, 10.6, 10.2))
    assert math.isnan(outlook.order)
    assert outlook.error_bar >= 0.6
    assert outlook.error_bar >= CAREFUL_SAFETY * 0.4


def test_a_figure_that_does_not_change_has_no_error() -> None:
    assert extrapolate((2.0, 1.5, 1.0), (5.0, 5.0, 5.0)).error_bar == 0.0


@pytest.mark.parametrize("values", [(1.0, float("nan"), 2.0), (1.0, 2.0, float("inf"))])
def test_a_figure_that_is_not_finite_has_no_error_bar(values: tuple[float, float, float]) -> None:
    outlook = extrapolate((2.0, 1.5, 1.0), values)
    assert math.isnan(outlook.error_bar)
    assert math.isnan(outlook.extrapolated)


def test_an_order_beyond_belief_is_not_used() -> None:
    outlook = extrapolate((4.0, 2.0, 1.0), (10.0, 2.0, 1.99))
    assert math.isnan(outlook.order)
