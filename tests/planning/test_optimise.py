"""Automatic placement on cases whose answer is known: where probes go, how few, and what is said when it cannot be."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from givre.foundation.errors import GivreError, UnknownCryoprobe
from givre.planning.placement.baselines import SMALL_ELLIPSOID_MM, ellipsoid_union
from givre.planning.placement.optimise import TumourUnreachable, propose_placements
from givre.planning.placement.paths import OpenPaths, ShaftPaths
from givre.planning.placement.result import PlacementResult, SearchStep
from givre.planning.placement.wishes import PlacementRefused, PlacementWishes, shortened
from givre.planning.trial.many import one_after_another
from givre.planning.trial.quick_look import PlanFigures
from tests.planning.placing_scenes import MODEL, same_lattice, scene, wishes

SMALL_BALL = (6.0, 6.0, 6.0)
LONG_BALL = (5.0, 5.0, 19.0)


def planned(semi_axes_mm: tuple[float, float, float], asked: PlacementWishes, **more: object) -> PlacementResult:
    prepared, look = scene(semi_axes_mm, organ_at_mm=more.pop("organ_at_mm", None))
    return propose_placements(
        prepared, OpenPaths(), asked, look=look, check_in_full=same_lattice(prepared, look), **more
    )


@pytest.fixture(scope="module")
def ball() -> PlacementResult:
    return planned(SMALL_BALL, wishes(alternatives=1))


def test_a_small_ball_gets_one_probe_through_its_centre(ball: PlacementResult) -> None:
    first = ball.proposals[0]
    assert ball.is_feasible
    assert (first.role, first.plan.count) == ("best", 1)
    placement = first.plan.placements[0]
    entry, tip = np.array(placement.entry_mm), np.array(placement.target_mm)
    direction = (tip - entry) / np.linalg.norm(tip - entry)
    middle = tip - (11.0 + 3.0) * direction
    assert np.linalg.norm(middle) < 3.0, "the active zone is centred in the tumour"


def test_every_goal_met_means_met_by_the_solver(ball: PlacementResult) -> None:
    plan = ball.proposals[0].plan
    assert plan.full is not None
    assert plan.meets_goals
    assert plan.full.figures.coverage_with_margin >= ball.wishes.grown_coverage
    assert plan.full.figures.coverage >= ball.goals.coverage


def test_a_score_is_what_its_parts_leave(ball: PlacementResult) -> None:
    first = ball.proposals[0]
    assert first.score == pytest.approx(100.0 - sum(part.points for part in first.parts))
    assert {part.what for part in first.parts} == {"goals", "coverage", "organs", "probes", "length", "spread"}


def test_the_same_seed_gives_the_same_plans() -> None:
    one, again = planned(SMALL_BALL, wishes(seed=3)), planned(SMALL_BALL, wishes(seed=3))
    assert [p.plan.placements for p in one.proposals] == [p.plan.placements for p in again.proposals]
    assert one.proposals[0].plan.figures == again.proposals[0].plan.figures


def test_a_long_tumour_is_followed_or_shared() -> None:
    result = planned(LONG_BALL, wishes())
    plan = result.proposals[0].plan
    assert result.is_feasible
    middles = [np.array(p.target_mm) - 14.0 * np.array(plan.geometry.approach) for p in plan.placements]
    along = abs(plan.geometry.approach[2])
    assert (plan.count == 1 and along > 0.8) or (plan.count == 2 and np.ptp([m[2] for m in middles]) > 5.0)
    if plan.count == 2:
        assert 9.99 <= plan.geometry.least_zone_gap_mm <= 20.01
        assert plan.geometry.least_shaft_gap_mm >= 3.99
        assert not any(t.meets_goals for t in result.tried if t.probes == 1), "one probe was not enough"


def test_a_limit_in_the_way_is_named_with_how_much_is_missing() -> None:
    result = planned(SMALL_BALL, wishes(most_probes=1, alternatives=1), organ_at_mm=8.0)
    assert not result.is_feasible
    assert any(binding.goal == "organ:nerve" and binding.missing > 1.0 for binding in result.bindings)
    organ = next(binding for binding in result.bindings if binding.goal == "organ:nerve")
    assert "°C below its limit of 0 °C when coverage with margin is" in organ.sentence
    assert result.error.plans >= 1, "the error of the prediction comes with the result"
    assert 0.0 <= result.error.coverage_mean <= result.error.coverage_max < 0.2
    assert 0.0 <= result.error.edge_mean_mm <= result.error.edge_max_mm < 6.0
    for proposal in result.proposals:
        if proposal.role == "within_limits":
            assert proposal.plan.figures.organ_coldest_c["nerve"] > 0.0
        assert not proposal.plan.meets_goals


def test_a_search_ended_at_once_still_says_what_it_has() -> None:
    def after(simulations: int) -> Callable[[SearchStep], bool]:
        return lambda step: step.simulations < simulations

    nothing = planned(LONG_BALL, wishes(), go_on=after(0))
    assert nothing.ended_early and not nothing.is_feasible and nothing.proposals == ()
    some = planned(LONG_BALL, wishes(), go_on=after(2))
    assert some.ended_early and not some.is_feasible
    assert some.proposals[0].role == "best_so_far"
    assert some.proposals[0].plan.full is None


def test_the_best_plan_of_a_search_that_was_ended_is_checked_where_there_is_time() -> None:
    def go_on(step: SearchStep) -> bool:
        return step.stage == "check" or step.simulations < 1

    found = planned(LONG_BALL, wishes(most_probes=3), go_on=go_on)
    first = found.proposals[0]
    assert found.ended_early and not found.is_feasible
    assert (first.role, found.full_checks) == ("best_so_far", 1)
    assert first.plan.full is not None


def test_steps_tell_what_they_cost_and_what_must_follow() -> None:
    seen: list[SearchStep] = []

    def go_on(step: SearchStep) -> bool:
        seen.append(step)
        return True

    planned(SMALL_BALL, wishes(most_probes=1), go_on=go_on)
    assert next(step.work for step in seen if step.stage == "simulate") == 1.0
    check = next(step for step in seen if step.stage == "check")
    assert check.work == 1.0, "the full check of this scene is on the lattice of the search"
    assert all(step.ahead == check.work for step in seen[: seen.index(check) + 1])


def test_covering_most_is_no_worse_than_a_union_of_ellipsoids() -> None:
    asked = wishes(most_probes=2, alternatives=1)
    prepared, look = scene(LONG_BALL, organ_at_mm=8.0)
    found = planned(LONG_BALL, asked, organ_at_mm=8.0)
    grown_mm = np.concatenate([look.tumour.points_mm, look.shell.points_mm])
    model = prepared.knowledge.catalogue[MODEL]
    rule = ellipsoid_union(grown_mm, model, OpenPaths(), asked, semi_axes_mm=SMALL_ELLIPSOID_MM)
    by_rule = same_lattice(prepared, look)(rule, prepared.description.protocol).figures.coverage_with_margin
    assert not found.is_feasible
    most = max(proposal.plan.figures.coverage_with_margin for proposal in found.proposals)
    assert most >= min(by_rule, asked.grown_coverage) - 0.005


def test_values_that_are_not_numbers_never_make_a_good_plan() -> None:
    def spoilt(task, shared, items: Sequence, *, told=None):
        found = one_after_another(task, shared, items, told=told)
        return [
            (as_nothing(figures), replace(run, coldest_c=run.coldest_c * np.float32("nan"))) for figures, run in found
        ]

    def as_nothing(figures: PlanFigures) -> PlanFigures:
        return replace(figures, coverage=math.nan, coverage_with_margin=math.nan, margin_mm=math.nan)

    result = planned(SMALL_BALL, wishes(most_probes=1), run_many=spoilt)
    assert not result.is_feasible
    assert all(not proposal.plan.meets_goals for proposal in result.proposals)


class _Walled(OpenPaths):
    """Paths that lead nowhere."""

    def look(self, tips_mm, directions, model) -> ShaftPaths:
        return ShaftPaths(entries_mm=tips_mm - 100.0 * directions, missing_mm=np.full(len(tips_mm), 7.0))


def test_a_tumour_that_no_path_reaches_is_refused() -> None:
    prepared, look = scene(SMALL_BALL)
    with pytest.raises(TumourUnreachable, match="no straight path leads to the middle of the tumour"):
        propose_placements(prepared, _Walled(), wishes(), look=look, check_in_full=same_lattice(prepared, look))


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(UnknownCryoprobe, match="icesphere-1.5-cx"):
        planned(SMALL_BALL, wishes(models=("icesphere-1.5-c",)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fewest_probes": 0}, "0 to 2 probes asked for; give 1 to 8"),
        ({"most_probes": 40}, "1 to 40 probes asked for"),
        ({"fewest_probes": 3, "most_probes": 2}, "give the smaller first"),
        ({"models": ()}, "no cryoprobe model is allowed"),
        ({"grown_coverage": float("nan")}, "coverage nan"),
        ({"grown_coverage": 1.2}, "coverage 1.2"),
        ({"least_spacing_mm": float("nan")}, "spacing nan"),
        ({"least_spacing_mm": 25.0}, "two increasing values"),
        ({"least_shaft_gap_mm": 0.0}, "shafts 0.0 mm apart"),
        ({"freeze_shares": (1.0, 0.0)}, "give shares from 0.1 to 2"),
        ({"alternatives": -1}, "alternatives -1"),
        ({"seed": -1}, "seed -1"),
        ({"effort": 0}, "effort 0"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(PlacementRefused, match=words):
        wishes(**changes)


def test_only_freezes_are_shortened() -> None:
    protocol = scene(SMALL_BALL)[0].description.protocol
    shorter = shortened(protocol, 0.6)
    assert [phase.duration_s for phase in shorter.phases] == [360.0, 480.0, 360.0]
    assert shortened(protocol, 1.0) is protocol
    with pytest.raises(GivreError, match="give a share above 0"):
        shortened(protocol, float("nan"))
