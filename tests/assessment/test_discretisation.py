"""Error bars: exact on sequences of known order, never smaller than a share of a voxel, never a silent number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from givre.assessment.discretisation import (
    LEAST_VOXELS,
    OBSERVED_SAFETY,
    DiscretisationError,
    Level,
    discretisation_error,
    no_estimate,
    observed_order,
)
from givre.assessment.figures import Figure

VOXELS_MM = (1.0, 1.5, 2.25)


def levels(
    *values: float, unit: str = "mm", per_mm: float = 1.0, voxels_mm: tuple[float, ...] = VOXELS_MM
) -> list[Level]:
    """One figure on lattices of these voxels."""
    return [
        Level(voxel_mm=voxel, figures={"figure": Figure(value=value, unit=unit, per_mm=per_mm)})
        for voxel, value in zip(voxels_mm, values, strict=False)
    ]


def half_width(*values: float, unit: str = "mm", per_mm: float = 1.0) -> float:
    return discretisation_error(levels(*values, unit=unit, per_mm=per_mm)).half_width("figure")


def sequence(order: float, *, exact: float = 20.0, error: float = -3.0) -> tuple[float, float, float]:
    """A figure whose error is proportional to the voxel to a power."""
    fine, middle, coarse = (exact + error * voxel**order for voxel in VOXELS_MM)
    return fine, middle, coarse


@pytest.mark.parametrize("order", [0.75, 1.0, 1.5, 2.0])
def test_a_known_order_is_recovered_exactly(order: float) -> None:
    assert observed_order(sequence(order), (1.5, 1.5)) == pytest.approx(order, abs=1e-9)


def test_an_order_is_recovered_on_unequal_ratios() -> None:
    values = tuple(5.0 + 2.0 * voxel**1.5 for voxel in (1.0, 1.3, 2.6))
    assert observed_order((values[0], values[1], values[2]), (1.3, 2.0)) == pytest.approx(1.5, abs=1e-9)


def test_two_lattices_of_first_order_give_the_true_error() -> None:
    fine, middle, _ = sequence(1.0)
    assert half_width(fine, middle) == pytest.approx(3.0)


@pytest.mark.parametrize("order", [1.0, 1.7])
def test_three_lattices_of_known_order_give_the_true_error_with_its_factor(order: float) -> None:
    shared = discretisation_error(levels(*sequence(order)[:2])).edge_mm
    assert half_width(*sequence(order)) == pytest.approx(max(OBSERVED_SAFETY * 3.0, shared))


@given(order=st.floats(0.6, 2.4), error=st.floats(-5.0, 5.0))
def test_the_bar_of_a_converging_figure_contains_its_error(order: float, error: float) -> None:
    # the two-lattice rule takes order 1: it is safe for orders of 1 and above
    values = sequence(order, error=error)
    assert half_width(*values) >= abs(error) or abs(error) < 1e-9
    if order >= 1.0:
        assert half_width(*values[:2]) >= abs(error) * (1 - 1e-9)


@pytest.mark.parametrize("values", [(20.0, 21.0, 20.0), (20.0, 21.0, 20.9), (20.0, 20.1, 23.0), (20.0, 20.0, 22.0)])
def test_an_oscillating_or_stalling_figure_has_no_order_and_a_bar_of_at_least_its_spread(
    values: tuple[float, float, float],
) -> None:
    bar = discretisation_error(levels(*values)).bars["figure"]
    assert math.isnan(bar.order)
    assert bar.half_width >= max(values) - min(values)


def test_lattices_that_agree_by_chance_do_not_make_a_figure_exact() -> None:
    assert half_width(20.0, 20.0) == pytest.approx(LEAST_VOXELS * VOXELS_MM[0])


def test_what_other_figures_changed_counts_for_a_figure_that_did_not() -> None:
    still, moving = Figure(value=5.0, unit="mm", per_mm=1.0), Figure(value=30.0, unit="mL", per_mm=4.0)
    moved = Figure(value=22.0, unit="mL", per_mm=4.0)
    error = discretisation_error(
        [
            Level(voxel_mm=1.0, figures={"still": still, "moving": moving}),
            Level(voxel_mm=1.5, figures={"still": still, "moving": moved}),
        ]
    )
    shared_mm = math.sqrt((0.0**2 + 2.0**2) / 2) / 0.5
    assert error.edge_mm == pytest.approx(shared_mm)
    assert error.half_width("still") == pytest.approx(shared_mm)
    assert error.half_width("moving") == pytest.approx(max(8.0 / 0.5, 4.0 * shared_mm))


def test_temperatures_and_shares_do_not_count_for_others() -> None:
    figures = [
        {"t": Figure(value=value, unit="degC", per_mm=2.0), "m": Figure(value=3.0, unit="mm", per_mm=1.0)}
        for value in (0.0, 9.0)
    ]
    error = discretisation_error([Level(voxel_mm=h, figures=f) for h, f in zip((1.0, 1.5), figures, strict=True)])
    assert error.half_width("m") == pytest.approx(LEAST_VOXELS)
    assert error.half_width("t") == pytest.approx(18.0)


@pytest.mark.parametrize("values", [(math.nan, 1.0), (1.0, math.nan), (1.0, 2.0, math.inf)])
def test_a_figure_that_is_not_a_number_somewhere_has_no_bar_and_says_so(values: tuple[float, ...]) -> None:
    known = {"known": Figure(value=4.0, unit="mm", per_mm=1.0)}
    found = [Level(voxel_mm=level.voxel_mm, figures={**level.figures, **known}) for level in levels(*values)]
    error = discretisation_error(found)
    assert math.isnan(error.half_width("figure"))
    assert "not a number" in error.bars["figure"].reason
    assert error.is_known and math.isfinite(error.half_width("known"))


def test_without_any_number_there_is_no_estimate() -> None:
    error = discretisation_error(levels(math.nan, math.nan))
    assert not error.is_known
    assert error.why_not == "not_a_number" and error.reason


def test_an_unknown_sensitivity_gives_no_bar() -> None:
    error = discretisation_error(
        [
            Level(
                voxel_mm=voxel,
                figures={
                    "share": Figure(value=0.9, unit="1", per_mm=math.nan),
                    "known": Figure(value=4.0, unit="mm", per_mm=1.0),
                },
            )
            for voxel in (1.0, 1.5)
        ]
    )
    assert math.isnan(error.half_width("share")) and error.bars["share"].reason


def test_a_share_cannot_be_off_by_more_than_there_is() -> None:
    known = {"known": Figure(value=4.0, unit="mm", per_mm=1.0)}
    for values, expected in (((0.9, 0.1), 0.9), ((0.2, 0.9), 0.8), ((1.0, 1.0), 0.0)):
        found = [
            Level(voxel_mm=voxel, figures={"share": Figure(value=value, unit="1", per_mm=0.0), **known})
            for voxel, value in zip(VOXELS_MM, values, strict=False)
        ]
        assert discretisation_error(found).half_width("share") == pytest.approx(expected)


def test_a_figure_nobody_estimated_has_no_width() -> None:
    assert math.isnan(no_estimate("not_wanted", "not asked for", (1.5,)).half_width("margin:minimum"))
    assert not DiscretisationError(voxels_mm=(), edge_mm=np.nan).is_known


@pytest.mark.parametrize("voxels_mm", [(1.5, 1.0), (1.0, 1.0), (1.0,), (1.0, 1.2, 1.4, 1.6)])
def test_lattices_in_another_order_are_refused(voxels_mm: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="finest first"):
        discretisation_error(levels(*[1.0] * len(voxels_mm), voxels_mm=voxels_mm))
