"""What moves a figure: indices known exactly, intervals, and when nothing is told."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from givre.foundation.errors import InputError
from givre.planning.trial.many import one_after_another
from givre.planning.uncertainty.probability import FigureSpread, PlanUncertainty, figures_of_runs, uncertainty_of_plan
from givre.planning.uncertainty.sampling import draw_scores, shares_of_scores
from givre.planning.uncertainty.sensitivity import (
    FigureSensitivity,
    figure_sensitivity,
    one_at_a_time,
    sensitivity_of,
    tornado_bars,
    with_bars_of_runs,
)
from givre.planning.uncertainty.sensitivity_basis import InputLaw, candidate_powers, score_law, term_values, uniform_law
from givre.planning.uncertainty.sensitivity_emulator import Emulated, fit_emulator
from givre.planning.uncertainty.sensitivity_shares import Share, emulated_shares, main_shares_by_data
from givre.planning.uncertainty.spread import CUT_SCORE, Factor, SplitLaw, SpreadSettings
from givre.testing.uncertain_case import small_uncertain_case

Array = npt.NDArray[np.float64]
RUNS = 200

ISHIGAMI_VARIANCE = 49 / 8 + 0.1 * math.pi**4 / 5 + 0.01 * math.pi**8 / 18 + 1 / 2
ISHIGAMI_MAIN = np.array([(1 + 0.1 * math.pi**4 / 5) ** 2 / 2, 49 / 8, 0.0]) / ISHIGAMI_VARIANCE
ISHIGAMI_TOTAL = ISHIGAMI_MAIN + np.array([1.0, 0.0, 1.0]) * (0.01 * math.pi**8 * (1 / 18 - 1 / 50)) / ISHIGAMI_VARIANCE


def scores(inputs: int, runs: int = RUNS, seed: int = 1) -> Array:
    return np.array([draw.scores for draw in draw_scores(runs, inputs, seed=seed)])


def ishigami() -> tuple[Array, Array]:
    inputs = math.pi * (2.0 * shares_of_scores(scores(3)) - 1.0)
    x, y, z = inputs.T
    return inputs, np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def factors(count: int) -> tuple[Factor, ...]:
    law = SplitLaw(value=0.0, low=-2.0, high=2.0, unit="mm")
    return tuple(
        Factor(what=f"x{n}", group=f"g{n // 2}", law=law, shown_for="x", source="test", status="assumption")
        for n in range(count)
    )


def told(
    inputs: Array, figure: Array, *, bootstraps: int = 0, unit: str = "mm", law: InputLaw | None = None
) -> FigureSensitivity:
    spread = FigureSpread(name="figure", unit=unit, planned=0.0, values=figure)

    def runs(is_known: npt.NDArray[np.bool_]) -> Emulated:
        return Emulated.itself(inputs[is_known], figure[is_known])

    return figure_sensitivity(spread, factors(inputs.shape[1]), runs, seed=0, bootstraps=bootstraps, law=law)


def values(shares: tuple[Share, ...]) -> Array:
    return np.array([share.value for share in shares])


def test_polynomials_are_orthonormal() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(200)
    for law, density in (
        (score_law(), np.exp(-0.5 * (CUT_SCORE * nodes) ** 2)),
        (uniform_law(math.pi), np.ones_like(nodes)),
    ):
        polynomials = law.polynomials(law.reach * nodes, 8)
        share = weights * density / (weights * density).sum()
        np.testing.assert_allclose(polynomials.T * share @ polynomials, np.eye(9), atol=1e-10)


def test_terms_are_products_of_polynomials_and_listed_once() -> None:
    powers = candidate_powers(4, 3, (0, 2, 3))
    assert len({tuple(row) for row in powers.tolist()}) == len(powers)
    assert powers.sum(axis=1).max() == 3
    assert not (powers[:, 1][(powers > 0).sum(axis=1) > 1] > 0).any(), "the second input acts alone"
    law, points = score_law(), scores(4, 8)
    table = term_values(law, points, powers)
    row = powers.tolist().index([1, 0, 2, 0])
    expected = law.polynomials(points[:, 0], 1)[:, 1] * law.polynomials(points[:, 2], 2)[:, 2]
    np.testing.assert_allclose(table[:, row], expected)


def test_the_indices_of_ishigami_are_the_exact_ones() -> None:
    inputs, figure = ishigami()
    runs = Emulated.itself(inputs, figure)
    emulator = fit_emulator(uniform_law(math.pi), runs)
    assert emulator.q2 > 0.9999
    found = emulated_shares(emulator, runs, ["x", "y", "z"], seed=0, bootstraps=0)
    # what is left is the noise of Saltelli's design with 1024 rows
    np.testing.assert_allclose(values(found.main), ISHIGAMI_MAIN, atol=0.015)
    np.testing.assert_allclose(values(found.total), ISHIGAMI_TOTAL, atol=0.015)
    by_data = main_shares_by_data(runs, ["x", "y", "z"], seed=0)
    np.testing.assert_allclose(values(by_data), ISHIGAMI_MAIN, atol=0.08)


def test_the_indices_of_a_linear_function_are_the_squares_of_its_slopes() -> None:
    slopes = np.array([3.0, 2.0, 1.0, 0.5, *np.zeros(16)])
    inputs = scores(20)
    exact = slopes**2 / (slopes**2).sum()
    moved = told(inputs, inputs @ slopes, bootstraps=20)
    assert moved.q2 > 0.999999
    for shares in ([f.main for f in moved.factors], [f.total for f in moved.factors]):
        np.testing.assert_allclose([share.value for share in shares], exact, atol=0.012)
    np.testing.assert_allclose([f.main_by_data.value for f in moved.factors], exact, atol=0.13)
    groups = {share.name: share.total.value for share in moved.groups}
    np.testing.assert_allclose([groups["g0"], groups["g1"]], [exact[:2].sum(), exact[2:4].sum()], atol=0.012)


def test_intervals_hold_the_exact_indices_of_a_noisy_function() -> None:
    """As often as they say, within what 32 trials can tell: at least 80 % of the intervals of 95 %."""
    slopes = np.array([3.0, 2.0, 1.0, 0.0])
    exact = slopes**2 / (slopes**2).sum()
    inside, wide = [], []
    for seed in range(8):
        inputs = scores(4, 100, seed=seed)
        noise = np.random.default_rng(seed).normal(0.0, 1.2, len(inputs))
        moved = told(inputs, inputs @ slopes + noise, bootstraps=50)
        assert moved.is_known
        inside += [f.total.low - 0.01 <= e <= f.total.high + 0.01 for f, e in zip(moved.factors, exact, strict=True)]
        wide += [f.total.high - f.total.low for f in moved.factors[:2]]
    assert np.mean(inside) >= 0.8
    assert np.mean(wide) < 0.2, "so wide an interval would hold anything"


def test_an_interaction_counts_in_the_total_only() -> None:
    inputs = scores(6)
    moved = told(inputs, inputs[:, 0] * inputs[:, 1] + 0.5 * inputs[:, 2])
    main, total = [f.main.value for f in moved.factors], [f.total.value for f in moved.factors]
    # the noise of a main share in Saltelli's design is as large as the whole interaction makes it
    assert main[0] == pytest.approx(0.0, abs=0.05)
    assert total[0] == pytest.approx(total[1], abs=0.05)
    assert total[0] > 0.75
    assert moved.groups[0].main.value > 0.75, "both inputs of the product are in one group"


def test_a_poor_emulator_is_not_believed() -> None:
    inputs, _ = ishigami()
    noise = np.random.default_rng(0).normal(size=len(inputs))
    moved = told(inputs, noise, law=uniform_law(math.pi))
    assert moved.why_not == "poor_q2"
    assert moved.q2 < 0.3
    assert all(math.isnan(f.total.value) and math.isnan(f.main.value) for f in moved.factors)
    assert moved.groups == () and moved.bars == ()
    assert all(math.isfinite(f.main_by_data.value) for f in moved.factors), "what needs no emulator is given"


def test_a_minimum_of_a_field_is_emulated_through_the_field() -> None:
    """The smallest of many smooth values has kinks that a polynomial of the minimum itself misses."""
    inputs = scores(8)
    slopes = np.random.default_rng(4).normal(size=(8, 60))
    fields = inputs @ slopes + 0.1 * inputs[:, :1] ** 2
    figure = fields.min(axis=1)
    through = fit_emulator(
        score_law(), Emulated(inputs=inputs, fields=fields, figure=figure, read=lambda f: f.min(axis=1))
    )
    itself = fit_emulator(score_law(), Emulated.itself(inputs, figure))
    assert through.q2 > 0.99
    assert itself.q2 < through.q2 - 0.05


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda v: np.where(np.arange(len(v)) % 5 == 0, np.nan, v), "too_many_failed"),
        (lambda v: np.where(np.arange(len(v)) < 3, np.nan, 1.0), "constant"),
        (lambda v: v[:15], "too_few_runs"),
    ],
)
def test_what_cannot_be_told_says_why(spoil: Callable[[Array], Array], why: str) -> None:
    figure = spoil(scores(3)[:, 0])
    moved = told(scores(3)[: len(figure)], figure)
    assert moved.why_not == why
    assert not moved.is_known
    assert all(math.isnan(f.total.value) for f in moved.factors)


def test_a_few_failed_samples_are_left_out_and_counted() -> None:
    inputs = scores(3)
    figure = inputs[:, 0].copy()
    figure[[3, 50]] = np.nan
    moved = told(inputs, figure)
    assert moved.is_known
    assert moved.runs == RUNS - 2


def test_the_tornado_of_a_linear_function_is_its_slopes() -> None:
    inputs = scores(4)
    moved = told(inputs, 5.0 + inputs @ np.array([1.0, -3.0, 0.2, 0.0]))
    assert [bar.name for bar in moved.bars[:3]] == ["g0.x1", "g0.x0", "g1.x2"]
    assert moved.centre == pytest.approx(5.0, abs=1e-6)
    longest = moved.bars[0]
    assert (longest.at_low, longest.at_high) == (
        pytest.approx(5 + 3 * 1.96, abs=0.01),
        pytest.approx(5 - 3 * 1.96, abs=0.01),
    )
    assert (longest.input_low, longest.input_high) == (pytest.approx(-2.0), pytest.approx(2.0))


def test_a_bar_reaches_from_the_worst_to_the_best_of_its_three_figures() -> None:
    both_below = np.array([3.0, 1.0, 1.2, 2.0, 4.0])
    bars = tornado_bars(factors(2), both_below)
    assert [bar.span for bar in bars] == [pytest.approx(2.0), pytest.approx(2.0)]
    assert tornado_bars(factors(1), both_below[:3])[0].span == pytest.approx(2.0)


def test_bars_of_failed_runs_come_first() -> None:
    ends = np.array([1.0, 0.0, 2.0, 0.9, math.nan])
    bars = tornado_bars(factors(2), ends)
    assert [bar.name for bar in bars] == ["g0.x1", "g0.x0"]
    assert math.isnan(bars[0].span)


@pytest.fixture(scope="module")
def small() -> PlanUncertainty:
    case = small_uncertain_case()
    settings = replace(SpreadSettings.none(), across_sigma_mm=2.0, threshold_sigma_c=5.0)
    return uncertainty_of_plan(
        case.shared(settings), case.description.placements, samples=48, seed=3, run_many=one_after_another
    )


def test_a_plan_is_moved_by_what_is_uncertain_and_by_nothing_else(small: PlanUncertainty) -> None:
    moved = sensitivity_of(small, bootstraps=0)
    lethal = moved["lethal_ml"]
    assert lethal.is_known
    totals = {f.name: f.total.value for f in lethal.factors}
    assert max(totals, key=totals.__getitem__) == "goal.lethal_temp_c"
    assert {name for name, total in totals.items() if total > 0.02} <= {
        "goal.lethal_temp_c",
        "P1.head_mm",
        "P1.side_mm",
    }
    assert {bar.name for bar in lethal.bars} == {"goal.lethal_temp_c", "P1.head_mm", "P1.side_mm"}
    assert sensitivity_of(small, bootstraps=0) == moved, "the same samples give the same answer"


def test_a_tornado_of_runs_agrees_with_that_of_the_emulator(small: PlanUncertainty) -> None:
    case = small_uncertain_case()
    settings = replace(SpreadSettings.none(), across_sigma_mm=2.0, threshold_sigma_c=5.0)
    wanted = [n for n, factor in enumerate(small.factors) if factor.law.is_spread]
    rows = one_at_a_time(len(small.factors))[[0, *(r for n in wanted for r in (2 * n + 1, 2 * n + 2))]]
    found = figures_of_runs(case.shared(settings), small.placements, rows, run_many=one_after_another)
    shown = [small.factors[n] for n in wanted]
    by_emulator = sensitivity_of(small, bootstraps=0)
    by_runs = with_bars_of_runs(by_emulator, shown, found)
    one, other = by_emulator["lethal_ml"], by_runs["lethal_ml"]
    assert other.bars_from == "runs"
    assert other.centre == small.figures["lethal_ml"].planned
    assert one.bars[0].name == other.bars[0].name == "goal.lethal_temp_c"
    assert one.bars[0].at_low == pytest.approx(other.bars[0].at_low, rel=0.05)
    assert one.bars[0].at_high == pytest.approx(other.bars[0].at_high, rel=0.05)


def test_an_impossible_number_of_bootstraps_is_refused(small: PlanUncertainty) -> None:
    with pytest.raises(InputError, match="3 bootstraps"):
        sensitivity_of(small, bootstraps=3)
