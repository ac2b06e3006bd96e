"""Verdicts: met, warning, not met; what is not known is a failure."""

from __future__ import annotations

import math

import pytest

from givre.assessment.verdict import judge_organ, judge_run
from givre.bioheat.run import RunStatus
from givre.case.goals import OrganAtRisk

CORD = OrganAtRisk(structure="cord", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")


@pytest.mark.parametrize(
    ("coldest_c", "status"),
    [
        (37.0, "met"),
        (10.001, "met"),
        (10.0, "warning"),
        (0.001, "warning"),
        (0.0, "not_met"),
        (-40.0, "not_met"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
        (-math.inf, "unknown"),
    ],
)
def test_organ_must_stay_above_its_limit_and_warns_from_its_alarm(coldest_c, status):
    verdict = judge_organ(CORD, coldest_c, is_usable=True)
    assert (verdict.goal, verdict.status, verdict.limit, verdict.unit) == ("organ:cord", status, 0.0, "degC")
    assert verdict.is_failure == (status in ("not_met", "unknown"))


@pytest.mark.parametrize("coldest_c", [37.0, 5.0, -40.0])
def test_nothing_is_known_of_an_organ_when_the_run_is_not_usable(coldest_c):
    assert judge_organ(CORD, coldest_c, is_usable=False).status == "unknown"


@pytest.mark.parametrize(
    ("ending", "is_known", "status"),
    [
        ("done", True, "met"),
        ("done", False, "unknown"),
        ("front_reached_boundary", True, "not_met"),
        ("stopped", True, "not_met"),
        ("diverged", False, "unknown"),
    ],
)
def test_run_is_met_only_when_it_ended_done_with_finite_temperatures(ending, is_known, status):
    verdict = judge_run(RunStatus(ending=ending, sentence="For a test."), is_known=is_known)
    assert (verdict.goal, verdict.status) == ("run", status)
