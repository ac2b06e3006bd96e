"""A time limit that begins nothing it cannot end, with a clock that the test turns."""

from dataclasses import dataclass

import pytest

from givre.planning.placement.result import SearchStep
from givre.wiring_placement import TimeLimit


@dataclass
class Clock:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def step(work: float = 0.0, ahead: float = 0.0) -> SearchStep:
    return SearchStep(stage="simulate", probes=1, simulations=0, work=work, ahead=ahead)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> TimeLimit:
    return TimeLimit(limit_s=11.0, began_s=0.0, clock=clock)


def test_nothing_begins_that_cannot_end_in_time(limit: TimeLimit, clock: Clock) -> None:
    assert limit(step(work=1.0))
    clock.now_s = 2.0  # a simulation takes two seconds
    assert limit(step())
    clock.now_s = 7.5
    assert limit(step(work=1.0))
    clock.now_s = 9.4
    assert not limit(step(work=1.0)), "it would end after the tenth second, and one is kept to write"


def test_a_search_by_predictions_takes_time_too(limit: TimeLimit, clock: Clock) -> None:
    assert limit(step())
    clock.now_s = 3.0
    assert limit(step())
    clock.now_s = 8.0
    assert not limit(step()), "the one before took five seconds"


def test_time_is_kept_for_the_check_of_the_best_plan(limit: TimeLimit, clock: Clock) -> None:
    assert limit(step(work=1.0, ahead=3.0))
    clock.now_s = 1.0
    assert limit(step())
    clock.now_s = 7.0
    assert not limit(step(work=1.0, ahead=3.0))
    assert limit(step(work=3.0 * 0.9)), "the check itself"


def test_a_run_in_progress_is_stopped_when_time_is_up(limit: TimeLimit, clock: Clock) -> None:
    clock.now_s = 9.0
    assert limit.progress(10.0, 100.0)
    clock.now_s = 10.5
    assert not limit.progress(20.0, 100.0)


def test_without_a_limit_everything_may_begin(clock: Clock) -> None:
    endless = TimeLimit(limit_s=None, began_s=0.0, clock=clock)
    clock.now_s = 1e6
    assert endless(step(work=1e6)) and endless.progress(0.0, 1.0)


def test_what_was_refused_teaches_nothing(limit: TimeLimit, clock: Clock) -> None:
    assert limit(step(work=1.0))
    clock.now_s = 4.0
    assert not limit(step(work=2.0))
    clock.now_s = 4.1
    assert not limit(step(work=2.0)), "it still takes eight seconds"
