"""The compiled solver and its readable twin on the same problems."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from givre.bioheat import cold_kernels, warm_kernels
from givre.bioheat.domain import open_domain
from givre.bioheat.ice import Freezing
from givre.bioheat.march import March
from givre.bioheat.materials import enthalpy_j_m3, material_columns
from givre.bioheat.solve import solve
from givre.bioheat.stability import Stability
from givre.bioheat.team import Team
from givre.bioheat.twin import crossed_temperature_c, crossing, explicit_step, heating_rate_w_m3
from tests.bioheat.scenes import scene, without_metal

FREEZING = {"tissue": Freezing(), "water": Freezing(lower_c=-1.0)}


@pytest.mark.parametrize("freezing", FREEZING.values(), ids=list(FREEZING))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_give_the_same_heating_rate_to_rounding(seed: int, freezing: Freezing) -> None:
    problem = replace(scene(size=12, seed=seed), freezing=freezing)
    temp_c = np.random.default_rng(seed).uniform(-150.0, 40.0, problem.grid.shape)
    problem = replace(
        problem,
        initial_c=temp_c,
        faces_c=((37.0, float("nan")), (20.0, -30.0), (37.0, 25.0)),
        faces_film_w_m2k=((float("inf"), float("inf")), (float("inf"), float("inf")), (float("inf"), 80.0)),
    )
    columns = material_columns(problem.material.materials, problem.freezing)
    enthalpy = enthalpy_j_m3(temp_c, problem.material.index, columns, problem.freezing)
    now_c = crossed_temperature_c(enthalpy, crossing(temp_c, problem), problem)
    expected = heating_rate_w_m3(now_c, problem, 0.5)
    with Team(2) as team:
        march = March.start(open_domain(problem), team)
        march.step(1.0)
    rate = march.domain.block(march.box.fields[cold_kernels.FIRST_RATE])
    # conductivities and potentials are held in single precision: seven digits each
    np.testing.assert_allclose(rate, expected, rtol=0, atol=2e-6 * np.abs(expected).max())


def test_the_surround_gives_the_same_heating_rate_to_rounding() -> None:
    problem = without_metal(scene(size=30))
    with Team(1) as team:
        march = March.start(open_domain(problem), team)
        for _ in range(30):
            march.step(2.0)
        temp_c = march.temp_c.astype(np.float64)
        march.step(2.0)
    domain, box = march.domain, march.box.box
    rate = domain.block(march.surround.fields[warm_kernels.FIRST_RATE] * 1.0)
    capacity = 1 / domain.block(march.surround.fields[warm_kernels.PER_CAPACITY])
    expected = heating_rate_w_m3(temp_c, problem, 61.0) / capacity
    swept = np.zeros(domain.size, dtype=bool)
    rows = np.arange(domain.size[1])
    swept[(rows >= march.surround.first[:, None]) & (rows < march.surround.end[:, None])] = True
    swept[tuple(slice(first, end) for first, end in box)] = False
    inside = domain.block(swept.ravel())
    inside[:, 0] = inside[:, -1] = inside[0] = inside[-1] = False
    assert inside.any()
    edge = ndimage.binary_dilation(~inside)
    np.testing.assert_allclose(rate[~edge], expected[~edge], rtol=0, atol=2e-6 * np.abs(expected[~edge]).max() + 1e-6)


@pytest.mark.parametrize("freezing", FREEZING.values(), ids=list(FREEZING))
def test_both_give_the_same_temperatures_after_a_minute_of_freezing(freezing: Freezing) -> None:
    problem = replace(scene(size=12, duration_s=60.0), freezing=freezing)
    temp_c = np.full(problem.grid.shape, 37.0)
    columns = material_columns(problem.material.materials, problem.freezing)
    enthalpy = enthalpy_j_m3(temp_c, problem.material.index, columns, problem.freezing)
    stability = Stability.of(columns, problem.freezing, problem.spacing_m)
    step_s = 0.9 * stability.limit_s(np.full(3, -140.0), np.arange(3))
    steps = int(np.ceil(60.0 / step_s))
    for n in range(steps):
        enthalpy, temp_c = explicit_step(enthalpy, temp_c, problem, (n + 0.5) * 60.0 / steps, 60.0 / steps)
    run = solve(replace(problem, longest_step_s=0.2))
    assert run.final_c.min() < -40
    assert np.abs(run.final_c - temp_c).max() < 0.35  # two time schemes: largest next to the probe, at the start
    assert np.abs(run.final_c - temp_c).mean() < 0.01
