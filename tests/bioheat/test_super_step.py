"""Runge-Kutta-Legendre stages: consistent, second order, stable up to their stated step."""

import numpy as np
import pytest

from givre.bioheat.super_step import stage_count, stages


def decayed(rate_times_step: float, count: int) -> float:
    """One step of dy/dt = -rate y from 1."""
    plan = stages(count)
    first, before_that = 1.0, 1.0
    before = first - plan[0].rate * rate_times_step * first
    for stage in plan[1:]:
        rest = 1 - stage.mu - stage.nu
        now = stage.mu * before + stage.nu * before_that + rest * first
        now -= rate_times_step * (stage.rate * before + stage.rate_first * first)
        before_that, before = before, now
    return before


@pytest.mark.parametrize("count", [3, 5, 9, 15])
def test_one_step_agrees_with_the_exponential_to_second_order(count: int) -> None:
    errors = [abs(decayed(z, count) - np.exp(-z)) for z in (0.02, 0.01)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("count", [3, 5, 9, 15])
def test_the_step_is_stable_to_its_limit_and_not_far_beyond(count: int) -> None:
    limit = 2.0 * (count**2 + count - 2) / 4  # explicit limit of dy/dt = -rate y is rate * step = 2
    amplified = [abs(decayed(z, count)) for z in np.linspace(0.0, limit, 400)]
    assert max(amplified) <= 1.0 + 1e-9
    assert abs(decayed(1.2 * limit, count)) > 1.0


@pytest.mark.parametrize("ratio", [0.5, 1.0, 7.0, 60.0])
def test_the_stage_count_is_the_smallest_odd_one_that_is_stable(ratio: float) -> None:
    count = stage_count(ratio, 1.0)
    assert count % 2 == 1
    assert (count**2 + count - 2) / 4 >= ratio
    assert count == 3 or ((count - 2) ** 2 + count - 4) / 4 < ratio
