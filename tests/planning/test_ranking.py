"""The order of plans and their scores agree, or a reason is told."""

import math
from dataclasses import replace

from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.planning.placement.ranking import Pool, ranked
from givre.planning.placement.result import FullCheck, PlanGeometry, Proposal, Role, SolvedPlan, verdicts_on
from givre.planning.placement.score import Predicted
from givre.planning.trial.quick_look import PlanFigures

NERVE = OrganAtRisk(structure="nerve", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")
GOALS = Goals(lethal_temp_c=-20.0, margin_mm=5.0, coverage=1.0, source="test", status="assumption")


def plan(name: float, *, probes: int = 2, grown: float = 0.99, nerve_c: float = 5.0, side: float = 0.0) -> SolvedPlan:
    """A checked plan; `name` tells its probes from those of others, `side` turns its approach by so many degrees."""
    figures = PlanFigures(
        ending="done",
        coverage=1.0,
        coverage_with_margin=grown,
        margin_mm=4.0,
        organ_coldest_c={"nerve": nerve_c},
        lethal_ml=9.0,
    )
    turn = math.radians(side)
    geometry = PlanGeometry(
        lengths_mm=(60.0,) * probes,
        zone_gaps_mm=(12.0,) * probes,
        least_zone_gap_mm=12.0,
        least_shaft_gap_mm=12.0,
        approach=(math.sin(turn), -math.cos(turn), 0.0),
        most_tilt_deg=3.0,
        is_skin_seen=(True,) * probes,
        clearances_mm={},
    )
    placements = tuple(
        Placement(label=f"P{n}", model="m", entry_mm=(name, 12.0 * n, 60.0), target_mm=(name, 12.0 * n, 0.0))
        for n in range(probes)
    )
    return SolvedPlan(
        model="m",
        placements=placements,
        protocol=TEMPLATES["10-8-10"],
        geometry=geometry,
        predicted=Predicted(cost=0.0, coverage=1.0, grown_coverage=grown, organs_c={}, geometry_mm=0.0),
        coarse=figures,
        coarse_voxel_mm=2.0,
        full=FullCheck(figures=figures, verdicts=(), voxel_mm=1.5),
        verdicts=verdicts_on(figures, goals=GOALS, organs=(NERVE,), grown_coverage=0.98),
    )


def shown(
    best: SolvedPlan | None, *extra: tuple[Role, SolvedPlan], plans: tuple[SolvedPlan, ...] = ()
) -> tuple[Proposal, ...]:
    return ranked(plans, pool=Pool(best=best, extra=list(extra)), organs=(NERVE,), most=5, ended_early=False)


def test_a_better_scored_rival_takes_the_first_place() -> None:
    first, safer = plan(0.0, nerve_c=1.0), plan(1.0, nerve_c=9.0)
    found = shown(first, ("more_organ_margin", safer))
    assert [(one.role, one.plan) for one in found] == [("best", safer)]


def test_what_was_best_stays_listed_when_it_comes_from_another_side() -> None:
    first, other = plan(0.0, nerve_c=1.0), plan(1.0, nerve_c=9.0, side=60.0)
    found = shown(first, ("other_direction", other))
    assert [(one.role, one.plan) for one in found] == [("best", other), ("other_direction", first)]


def test_a_rival_with_more_probes_does_not_take_the_first_place() -> None:
    first, more = plan(0.0, nerve_c=1.0), plan(1.0, probes=3, nerve_c=30.0)
    assert shown(first, ("other_direction", more))[0].plan is first


def test_alternatives_follow_by_score_and_those_that_miss_a_goal_last() -> None:
    first = plan(0.0, nerve_c=9.0)
    worse, better = plan(1.0, nerve_c=2.0, side=50.0), plan(2.0, nerve_c=6.0, side=-50.0)
    fewer = plan(3.0, probes=1, grown=0.9, nerve_c=20.0)
    found = shown(first, ("fewer_probes", fewer), ("other_direction", worse), ("other_direction", better))
    assert [one.plan for one in found] == [first, better, worse, fewer]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.behind == "" for one in found)


def test_a_higher_score_behind_a_lower_one_tells_why() -> None:
    within = plan(0.0, probes=4, grown=0.6, nerve_c=1.0)
    covering = plan(1.0, probes=1, grown=1.0, nerve_c=-5.0)
    found = shown(None, plans=(within, covering))
    assert [one.role for one in found] == ["within_limits", "covers_most"]
    assert found[1].score > found[0].score
    assert [one.behind for one in found] == ["", "limits_first"]
    unchecked = replace(covering, full=None)
    assert shown(None, plans=(within, unchecked))[1].behind == "limits_first"
