"""Charts of an uncertain plan: whole, repeatable, and honest about what failed."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from givre.adapters.render.uncertainty_charts import MOST_BARS, draw_distributions, draw_tornado
from givre.dossier.uncertainty_phrasing import uncertainty_phrasing
from givre.planning.trial.many import one_after_another
from givre.planning.uncertainty.probability import uncertainty_of_plan
from givre.planning.uncertainty.sensitivity import FigureSensitivity, sensitivity_of, tornado_bars
from givre.planning.uncertainty.spread import usual_settings
from givre.testing.uncertain_case import small_uncertain_case
from givre.usecases.estimate_uncertainty import UncertaintyResult, UncertaintyWishes


@pytest.fixture(scope="module")
def result() -> UncertaintyResult:
    case = small_uncertain_case()
    found = uncertainty_of_plan(
        case.shared(usual_settings()), case.description.placements, samples=4, seed=0, run_many=one_after_another
    )
    return UncertaintyResult(
        description=case.description,
        wishes=UncertaintyWishes(samples=4),
        grid=case.prepared.grid,
        uncertainty=found,
        sensitivity=sensitivity_of(found, bootstraps=0),
        notes=(),
    )


def with_bars(result: UncertaintyResult, *, failing: bool) -> FigureSensitivity:
    factors = result.uncertainty.factors
    ends = np.linspace(-3.0, 4.0, 2 * len(factors) + 1)
    ends[0] = 1.0
    if failing:
        ends[3] = math.nan
    known = result.sensitivity["margin_mm"]
    return replace(known, bars=tornado_bars(factors, ends), centre=1.0, q2=0.9, why_not="")


def shown(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(imread(io.BytesIO(png)), dtype=np.float64)[..., :3]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_charts_leave_a_white_rim_so_no_word_is_cut(result: UncertaintyResult, lang: str) -> None:
    say = uncertainty_phrasing("fr" if lang == "fr" else "en")
    for png in (draw_distributions(result, say), draw_tornado(result, with_bars(result, failing=False), say)):
        picture = shown(png)
        for rim in (picture[:3], picture[-3:], picture[:, :3], picture[:, -3:]):
            assert (rim > 0.99).all()
        assert (picture < 0.5).any()


def test_the_same_result_gives_the_same_bytes(result: UncertaintyResult) -> None:
    say = uncertainty_phrasing("en")
    assert draw_distributions(result, say) == draw_distributions(result, say)
    moved = with_bars(result, failing=False)
    assert draw_tornado(result, moved, say) == draw_tornado(result, moved, say)


def test_a_bar_whose_simulation_failed_is_said_to_have_failed(result: UncertaintyResult) -> None:
    say = uncertainty_phrasing("en")
    moved = with_bars(result, failing=True)
    assert math.isnan(moved.bars[0].span)
    assert len(moved.bars) > MOST_BARS
    assert draw_tornado(result, moved, say) != draw_tornado(result, with_bars(result, failing=False), say)
