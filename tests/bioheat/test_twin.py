"""The compiled solver and its readable twin on the same problems."""

from dataclasses import replace

import numpy as np
import pytest

from givre.bioheat.march import March
from givre.bioheat.solve import solve
from givre.bioheat.twin import explicit_step, heating_rate_w_m3
from givre.bioheat.workspace import explicit_limit_s, open_workspace
from tests.bioheat.scenes import scene


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_give_the_same_heating_rate_to_rounding(seed: int) -> None:
    problem = scene(size=12, seed=seed)
    temp_c = np.random.default_rng(seed).uniform(-150.0, 40.0, problem.grid.shape)
    expected = heating_rate_w_m3(temp_c, problem, 0.5)
    work = open_workspace(problem)
    march = March.start(work, everywhere=True)
    work.temp_c[1:-1, 1:-1, 1:-1] = temp_c
    a, b = problem.freezing.potentials(temp_c)
    work.potential_a[1:-1, 1:-1, 1:-1] = a
    work.potential_b[1:-1, 1:-1, 1:-1] = b
    rate = np.zeros_like(work.temp_c)
    march._rates(1.0, rate)
    # conductivities and potentials are held in single precision: seven digits each
    np.testing.assert_allclose(rate[1:-1, 1:-1, 1:-1], expected, rtol=0, atol=2e-6 * np.abs(expected).max())


def test_both_give_the_same_temperatures_after_a_minute_of_freezing() -> None:
    problem = scene(size=12, duration_s=60.0)
    temp_c = np.full(problem.grid.shape, 37.0)
    step_s = 0.9 * explicit_limit_s(problem, open_workspace(problem).columns, np.full(3, -140.0))
    steps = int(np.ceil(60.0 / step_s))
    for n in range(steps):
        temp_c = explicit_step(temp_c, problem, (n + 0.5) * 60.0 / steps, 60.0 / steps)
    run = solve(replace(problem, longest_step_s=0.2))
    assert run.final_c.min() < -40
    assert np.abs(run.final_c - temp_c).max() < 0.35  # two time schemes: largest next to the probe, at the start
    assert np.abs(run.final_c - temp_c).mean() < 0.01
