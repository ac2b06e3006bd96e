"""A cheap version of benchmarks/uncertainty.py: 90 % intervals hold nine truths in ten, and only theirs."""

import pytest

from benchmarks.uncertainty import held_by, intervals_of, patient
from givre.planning.uncertainty.probability import PlanUncertainty
from givre.planning.uncertainty.spread import usual_settings

NAMES = ("margin_mm", "lethal_ml", "organ:nerve")


@pytest.fixture(scope="module")
def intervals() -> PlanUncertainty:
    return intervals_of("one probe", usual_settings(), samples=48, seed=11)


def share_held(intervals: PlanUncertainty, *, width: float, patients: int) -> float:
    truths = [patient("one probe", usual_settings(), width=width, number=number) for number in range(patients)]
    held = held_by(intervals, truths, plan="one probe", width=width, names=NAMES)
    return sum(one.inside for one in held) / sum(one.patients for one in held)


def test_intervals_hold_patients_drawn_from_the_same_spreads(intervals: PlanUncertainty) -> None:
    # three truths of each of 16 patients, not independent: 90 % may come out as 75 % or 100 % by luck alone
    assert share_held(intervals, width=1.0, patients=16) >= 0.75


def test_intervals_miss_patients_drawn_from_wider_spreads(intervals: PlanUncertainty) -> None:
    assert share_held(intervals, width=2.5, patients=12) < 0.7
