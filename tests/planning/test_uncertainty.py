"""How a plan comes out: trials, distributions, chances, and what counts as a failure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from givre.assessment.assess import assess_plan
from givre.bioheat.solve import solve
from givre.foundation.errors import InputError, SimulationError
from givre.planning.trial.many import Cancelled, Told, one_after_another
from givre.planning.trial.prepared import plan_problem
from givre.planning.uncertainty.probability import (
    AS_PLANNED,
    LEVELS,
    FigureSpread,
    GoalChance,
    PlanUncertainty,
    figure_of,
    gathered,
    uncertainty_of_plan,
    worst_first_quantile,
)
from givre.planning.uncertainty.sampled_run import LethalVoxels, Trial, TrialResult, UncertainCase, run_trial, trials_of
from givre.planning.uncertainty.sampling import Draw, draw_scores
from givre.planning.uncertainty.spread import SpreadSettings, usual_settings
from givre.testing.uncertain_case import SmallUncertainCase, small_uncertain_case

SAMPLES = 24
FAILING = 5
"""Number of the sample that is made to fail."""


@pytest.fixture(scope="module")
def case() -> SmallUncertainCase:
    return small_uncertain_case()


@pytest.fixture(scope="module")
def shared(case: SmallUncertainCase) -> UncertainCase:
    return case.shared(usual_settings())


@pytest.fixture(scope="module")
def results(case: SmallUncertainCase, shared: UncertainCase) -> list[TrialResult]:
    plan = case.description.placements
    size = shared.spread.size(len(plan))
    planned = Trial(placements=plan, draw=Draw(number=AS_PLANNED, scores=(0.0,) * size))
    trials = [planned, *trials_of(plan, draw_scores(SAMPLES, size, seed=2))]
    return [run_trial(shared, trial) for trial in trials]


def put_together(
    case: SmallUncertainCase, shared: UncertainCase, results: Sequence[TrialResult], draws: Sequence[Draw] | None = None
) -> PlanUncertainty:
    plan = case.description.placements
    made = draws or draw_scores(SAMPLES, shared.spread.size(len(plan)), seed=2)
    return gathered(shared, plan, made, results, seed=2)


def test_no_spread_gives_the_plan_itself_every_time(case: SmallUncertainCase) -> None:
    plan = case.description.placements
    run = solve(plan_problem(case.prepared, plan, only_to_compare=True))
    nominal = case.look.figures(run)
    certain = uncertainty_of_plan(
        case.shared(SpreadSettings.none()), plan, samples=3, seed=1, run_many=one_after_another
    )
    for name, spread in certain.figures.items():
        wanted = figure_of(TrialResult(number=0, figures=nominal), name)
        assert spread.planned == wanted, name
        assert (spread.values == wanted).all(), name
        assert set(spread.quantiles.values()) == {wanted}, name
    # a trial keeps its voxels by the scale that the lethal zone is drawn on: the same but for its rounding
    lethal = run.coldest_c <= case.description.goals.lethal_temp_c
    assert ((certain.lethal_probability.values == 1.0) == lethal).mean() > 0.9999
    assert not certain.failures


def test_a_trial_reads_what_the_full_assessment_reads(case: SmallUncertainCase, shared: UncertainCase) -> None:
    plan = case.description.placements
    draw = draw_scores(4, shared.spread.size(1), seed=5)[3]
    result = run_trial(shared, Trial(placements=plan, draw=draw))
    drawn = shared.spread.drawn(case.prepared, plan, draw.scores)
    run = solve(plan_problem(drawn.prepared, drawn.placements, only_to_compare=True))
    goals = replace(case.description.goals, lethal_temp_c=drawn.lethal_temp_c)
    full = assess_plan(
        run,
        tumour=case.prepared.tumour,
        organs=case.prepared.organs,
        goals=goals,
        organs_at_risk=case.description.organs_at_risk,
    )
    assert result.figures is not None
    assert result.figures.margin_mm == pytest.approx(full.margin.minimum_mm, abs=1e-6)
    assert result.figures.lethal_ml == pytest.approx(full.lethal_ml, rel=1e-9)
    assert result.figures.coverage == pytest.approx(full.coverage, abs=0.01)
    assert result.figures.organ_coldest_c["nerve"] == pytest.approx(full.exposures[0].coldest_c, abs=1e-4)


def test_the_order_of_the_samples_changes_nothing(
    case: SmallUncertainCase, shared: UncertainCase, results: list[TrialResult]
) -> None:
    draws = draw_scores(SAMPLES, shared.spread.size(1), seed=2)
    order = np.random.default_rng(0).permutation(len(results))
    straight = put_together(case, shared, results)
    shuffled = put_together(case, shared, [results[n] for n in order], [draws[n] for n in order if n < SAMPLES])
    assert shuffled.draws == straight.draws
    assert shuffled.goals == straight.goals
    for name, spread in straight.figures.items():
        np.testing.assert_array_equal(spread.values, shuffled.figures[name].values)
    np.testing.assert_array_equal(straight.lethal_probability.values, shuffled.lethal_probability.values)
    np.testing.assert_array_equal(straight.fields.margin_mm, shuffled.fields.margin_mm)


def test_a_failed_sample_misses_every_goal_and_is_never_dropped(
    case: SmallUncertainCase, shared: UncertainCase, results: list[TrialResult]
) -> None:
    whole = put_together(case, shared, results)
    spoilt = [
        TrialResult(number=result.number, figures=None, failure="diverged") if result.number == FAILING else result
        for result in results
    ]
    found = put_together(case, shared, spoilt)
    assert found.samples == SAMPLES
    assert found.failures == ((FAILING, "diverged"),)
    for before, after in zip(whole.goals, found.goals, strict=True):
        assert after.samples == before.samples == SAMPLES
        assert after.met <= before.met
    # this sample killed something, so each of its voxels loses one in SAMPLES
    lost = whole.lethal_probability.values - found.lethal_probability.values
    killed = np.zeros(lost.shape, dtype=np.int32)
    results[FAILING + 1].killed.add_to(killed)
    assert killed.any()
    np.testing.assert_allclose(lost, killed / SAMPLES, atol=1e-6)
    for name, spread in found.figures.items():
        assert spread.failed == 1
        assert spread.quantile(0.5) <= whole.figures[name].quantile(0.5)


def test_a_trial_that_is_refused_is_a_failure_with_its_reason(case: SmallUncertainCase, shared: UncertainCase) -> None:
    short = replace(case.description.placements[0], entry_mm=(0.0, 0.0, 0.0))
    draw = Draw(number=7, scores=(0.0,) * shared.spread.size(1))
    result = run_trial(shared, Trial(placements=(short,), draw=draw))
    assert result.figures is None
    assert "active zone" in result.failure


def test_a_run_that_reaches_the_edge_of_its_domain_is_a_failure(shared: UncertainCase) -> None:
    (planned,) = shared.prepared.description.placements
    shifted = replace(planned, entry_mm=(38.0, 44.0, 0.0), target_mm=(39.0, -14.0, 0.0))
    draw = Draw(number=0, scores=(0.0,) * shared.spread.size(1))
    result = run_trial(shared, Trial(placements=(shifted,), draw=draw))
    assert result.figures is None
    assert "edge of the domain" in result.failure


def test_nothing_is_left_when_every_sample_failed(case: SmallUncertainCase, shared: UncertainCase) -> None:
    draws = draw_scores(2, shared.spread.size(1), seed=0)
    failed = [TrialResult(number=n, figures=None, failure="too bad") for n in (AS_PLANNED, 0, 1)]
    with pytest.raises(SimulationError, match="all 2 samples failed.*too bad"):
        put_together(case, shared, failed, draws)


def test_the_probability_of_a_voxel_is_the_share_of_samples_that_killed_it(
    case: SmallUncertainCase, shared: UncertainCase, results: list[TrialResult]
) -> None:
    found = put_together(case, shared, results).lethal_probability.values
    assert found.min() == 0.0
    assert 0.9 < found.max() <= 1.0
    centre = tuple(length // 2 for length in found.shape)
    counted = 0
    for result in results[1:]:
        one = np.zeros(found.shape, dtype=np.int32)
        result.killed.add_to(one)
        assert set(np.unique(one)) <= {0, 1}
        counted += int(one[centre])
    assert found[centre] == pytest.approx(counted / SAMPLES)


def test_a_hold_is_judged_at_the_threshold_that_was_drawn(case: SmallUncertainCase, shared: UncertainCase) -> None:
    held = replace(case.description, goals=replace(case.description.goals, hold_s=120.0))
    strict = replace(shared, look=replace(shared.look, prepared=replace(shared.prepared, description=held)))
    draw = draw_scores(4, shared.spread.size(1), seed=5)[3]
    plan = case.description.placements
    free, asked = (run_trial(given, Trial(placements=plan, draw=draw)).figures for given in (shared, strict))
    assert free is not None and asked is not None
    assert 0.0 < asked.lethal_ml < free.lethal_ml


def test_packed_voxels_come_back_as_they_were() -> None:
    generator = np.random.default_rng(3)
    for share in (0.0, 0.02, 0.5, 1.0):
        inside = generator.random((5, 7, 6)) < share
        count = np.zeros(inside.shape, dtype=np.int32)
        LethalVoxels.of(inside).add_to(count)
        LethalVoxels.of(inside).add_to(count)
        np.testing.assert_array_equal(count, 2 * inside)


def test_results_stay_small(results: list[TrialResult]) -> None:
    for result in results:
        assert result.killed.bits.nbytes < 500
        assert result.kept is not None and result.kept.margin_mm.nbytes + result.kept.deficit_c.nbytes < 2000


def test_quantiles_put_failures_first() -> None:
    values = np.array([4.0, math.nan, 1.0, 3.0, 2.0])
    assert math.isnan(worst_first_quantile(values, 0.0))
    assert math.isnan(worst_first_quantile(values, 0.1))
    assert worst_first_quantile(values, 0.25) == 1.0
    assert worst_first_quantile(values, 1.0) == 4.0
    whole = np.random.default_rng(1).normal(size=101)
    for level in LEVELS:
        assert worst_first_quantile(whole, level) == pytest.approx(np.quantile(whole, level))


def test_a_chance_has_its_exact_binomial_interval() -> None:
    chance = GoalChance(goal="coverage", wanted=1.0, unit="1", met=180, samples=200, planned=True)
    low, high = chance.interval
    assert chance.probability == 0.9
    # Clopper & Pearson, tabulated: 0.8498 to 0.9378
    assert (low, high) == (pytest.approx(0.8498, abs=1e-4), pytest.approx(0.9378, abs=1e-4))
    never = GoalChance(goal="coverage", wanted=1.0, unit="1", met=0, samples=20, planned=False)
    assert never.interval == (0.0, pytest.approx(0.1684, abs=1e-4))


def test_goals_are_judged_as_verdicts_are(
    case: SmallUncertainCase, shared: UncertainCase, results: list[TrialResult]
) -> None:
    found = put_together(case, shared, results)
    chances = {chance.goal: chance for chance in found.goals}
    assert list(chances) == ["coverage", "margin", "organ:nerve", "all"]
    margins_mm = found.figures["margin_mm"].values
    assert chances["margin"].met == int((margins_mm >= case.description.goals.margin_mm).sum())
    coldest_c = found.figures["organ:nerve"].values
    assert chances["organ:nerve"].met == int((coldest_c > 0.0).sum())
    assert chances["all"].met <= min(chance.met for chance in found.goals[:-1])


def test_seeds_decide_the_samples(case: SmallUncertainCase, shared: UncertainCase) -> None:
    def values(seed: int) -> Any:
        plan = case.description.placements
        found = uncertainty_of_plan(shared, plan, samples=3, seed=seed, run_many=one_after_another)
        return found.figures["lethal_ml"].values.tolist()

    assert values(4) == values(4) != values(5)


def test_no_sample_is_refused(case: SmallUncertainCase, shared: UncertainCase) -> None:
    with pytest.raises(InputError, match="0 samples"):
        uncertainty_of_plan(shared, case.description.placements, samples=0, seed=0, run_many=one_after_another)


def test_progress_counts_every_simulation_and_may_end_them(case: SmallUncertainCase, shared: UncertainCase) -> None:
    seen: list[tuple[int, int]] = []

    def told(done: int, of: int) -> bool:
        seen.append((done, of))
        return done < 2

    with pytest.raises(Cancelled, match="2 of 5"):
        uncertainty_of_plan(
            shared, case.description.placements, samples=4, seed=0, run_many=one_after_another, told=told
        )
    assert seen == [(1, 5), (2, 5)]


def test_an_engine_may_hand_items_out_in_any_order(case: SmallUncertainCase, shared: UncertainCase) -> None:
    def backwards(
        task: Callable[[Any, Any], Any], given: Any, items: Sequence[Any], *, told: Told | None = None
    ) -> list[Any]:
        return one_after_another(task, given, items[::-1], told=told)[::-1]

    plan = case.description.placements
    one = uncertainty_of_plan(shared, plan, samples=3, seed=0, run_many=one_after_another)
    other = uncertainty_of_plan(shared, plan, samples=3, seed=0, run_many=backwards)
    for name, spread in one.figures.items():
        np.testing.assert_array_equal(spread.values, other.figures[name].values)


def test_a_spread_knows_how_many_of_its_values_are_missing() -> None:
    spread = FigureSpread(name="margin_mm", unit="mm", planned=1.0, values=np.array([1.0, math.nan, 3.0]))
    assert spread.failed == 1
    assert spread.quantile(1.0) == 3.0
