"""Plans compared on common draws, and improved by small changes."""

import math
from dataclasses import replace

import numpy as np
import pytest

from givre.cryoprobe.placement import Placement
from givre.foundation.errors import InputError
from givre.planning.trial.many import Told, one_after_another
from givre.planning.uncertainty.probability import worst_first_quantile
from givre.planning.uncertainty.robust import (
    Plan,
    RobustFigures,
    SearchSteps,
    common_draws,
    improve_quantile,
    robust_figures,
)
from givre.planning.uncertainty.sampled_run import Trial, UncertainCase, run_trial
from givre.planning.uncertainty.spread import SpreadSettings, usual_settings
from givre.planning.uncertainty.spread_placement import misplaced
from givre.testing.uncertain_case import small_uncertain_case

PLACING = replace(SpreadSettings.none(), along_sigma_mm=1.5, across_sigma_mm=1.5)


@pytest.fixture(scope="module")
def shared() -> UncertainCase:
    return small_uncertain_case().shared(PLACING)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_uncertain_case().description.placements


def off_centre(plan: Plan, side_mm: float) -> Plan:
    return tuple(misplaced(probe, (0.0, 0.0, side_mm, 0.0, 0.0)) for probe in plan)


def test_figures_are_the_quantiles_of_the_trials(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=2, samples=8, seed=0)
    (found,) = robust_figures(shared, [plan], draws, run_many=one_after_another, level=0.25)
    reached = [run_trial(shared, Trial(placements=plan, draw=draw)).figures for draw in draws]
    margins_mm = np.array([figures.margin_mm for figures in reached if figures is not None])
    assert len(margins_mm) == 8
    assert found.margin_mm == worst_first_quantile(margins_mm, 0.25)
    assert found.margin_mm < margins_mm.mean()
    assert found.failed == 0 and found.draws == 8


def test_plans_of_other_sizes_meet_the_same_draws(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=2, samples=4, seed=1)
    twice = (*plan, replace(off_centre(plan, 8.0)[0], label="P2"))
    alone, both = robust_figures(shared, [plan, twice], draws, run_many=one_after_another)
    assert both.coverage >= alone.coverage
    assert both.is_better_than(alone) == (both.merit > alone.merit)


def test_a_plan_that_fails_is_worse_than_any_other(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=1, samples=2, seed=1)
    short = (replace(plan[0], entry_mm=(0.0, 0.0, 0.0)),)
    good, failed = robust_figures(shared, [plan, short], draws, run_many=one_after_another)
    assert failed.failed == 2
    assert math.isnan(failed.coverage) and failed.organ_excess_c == math.inf
    assert good.is_better_than(failed) and not failed.is_better_than(good)


def test_an_organ_at_risk_comes_before_coverage(shared: UncertainCase, plan: Plan) -> None:
    (some,) = robust_figures(
        shared, [plan], common_draws(shared, probes_at_most=1, samples=2, seed=0), run_many=one_after_another
    )
    harmless = replace(some, organ_excess_c=0.0, coverage_with_margin=0.5)
    harmful = replace(some, organ_excess_c=3.0, coverage_with_margin=1.0)
    assert harmless.is_better_than(harmful) and not harmful.is_better_than(harmless)
    assert not some.is_better_than(some)


def test_the_search_brings_a_probe_back_to_the_tumour(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=1, samples=2, seed=0)
    start = off_centre(plan, 5.0)

    def searched() -> tuple[RobustFigures, RobustFigures]:
        found = improve_quantile(
            shared, start, draws, run_many=one_after_another, is_allowed=lambda _: True,
            steps=SearchSteps(first_mm=4.0, last_mm=4.0, most_rounds=1),
        )  # fmt: skip
        return found.before, found.after

    before, after = searched()
    assert after.is_better_than(before)
    assert abs(after.placements[0].target_mm[0] - plan[0].target_mm[0]) < 3.0
    assert searched() == (before, after), "deterministic"


def test_the_search_never_simulates_what_is_not_allowed(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=1, samples=2, seed=0)
    asked: list[Plan] = []

    def never(candidate: Plan) -> bool:
        asked.append(candidate)
        return False

    found = improve_quantile(
        shared, off_centre(plan, 6.0), draws, run_many=one_after_another, is_allowed=never,
        steps=SearchSteps(first_mm=2.0, last_mm=1.0, most_rounds=5),
    )  # fmt: skip
    assert len(asked) >= 6
    assert found.after == found.before
    assert found.plans_tried == 1 and not found.ended_early


def test_a_probe_of_the_reserve_is_added_under_a_free_label(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=2, samples=2, seed=0)
    start = off_centre(plan, 12.0)
    found = improve_quantile(
        shared, start, draws, run_many=one_after_another,
        is_allowed=lambda candidate: len(candidate) == 2, reserve=[plan[0]], most_probes=2,
        steps=SearchSteps(first_mm=2.0, last_mm=2.0, most_rounds=1),
    )  # fmt: skip
    assert [probe.label for probe in found.after.placements] == ["P1", "P2"]
    assert found.after.is_better_than(found.before)


def test_a_search_that_is_ended_gives_its_best_so_far(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=1, samples=2, seed=0)
    calls = {"all": 0}

    def told(_done: int, _of: int) -> bool:
        calls["all"] += 1
        return calls["all"] < 4

    watch: Told = told
    found = improve_quantile(shared, plan, draws, run_many=one_after_another, is_allowed=lambda _: True, told=watch)
    assert found.ended_early
    assert found.after == found.before


def test_impossible_questions_are_refused(shared: UncertainCase, plan: Plan) -> None:
    draws = common_draws(shared, probes_at_most=1, samples=1, seed=0)
    for level in (0.0, 0.6, math.nan):
        with pytest.raises(InputError, match="quantile"):
            robust_figures(shared, [plan], draws, run_many=one_after_another, level=level)
    with pytest.raises(InputError, match="no draw"):
        robust_figures(shared, [plan], (), run_many=one_after_another)
    with pytest.raises(InputError, match="at most 0 probes"):
        common_draws(shared, probes_at_most=0, samples=4, seed=0)
    with pytest.raises(InputError, match="decreasing"):
        SearchSteps(first_mm=1.0, last_mm=2.0)
    assert isinstance(plan[0], Placement) and usual_settings().tissue_width == 1.0
