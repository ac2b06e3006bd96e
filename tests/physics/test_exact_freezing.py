"""The voxel solver against exact solutions; front errors come with the grid they were found on."""

from dataclasses import replace

import numpy as np
import pytest

from givre.bioheat.exact import (
    FreezingMedium,
    line_sink,
    line_sink_interval,
    planar_interval,
    planar_sharp,
    point_sink,
)
from givre.bioheat.ice import Freezing
from givre.bioheat.problem import INSULATED, Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.verification.media import (
    MUSHY,
    TISSUE,
    WATER,
    WIDE,
    corner_distance_m,
    corner_problem,
    cubic,
    field,
    front_from_ice_m,
    isotherm_radii_m,
    material,
    sharp,
)


def wall_run(medium: FreezingMedium, wall_c: float, spacing_mm: float, freezing: Freezing) -> ThermalRun:
    problem = ThermalProblem(
        material=field(cubic((1, 1, round(80 / spacing_mm)), spacing_mm), material(medium)),
        freezing=freezing,
        duration_s=600.0,
        body_temp_c=medium.initial_c,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (wall_c, medium.initial_c)),
        longest_step_s=1.0,
        recording=Recording(frozen_volume=True),
    )
    return solve(problem)


@pytest.mark.parametrize(
    ("initial_c", "wall_c", "front_mm"), [(10.0, -20.0, 11.2963), (20.0, -40.0, 14.8917), (37.0, -150.0, 25.6872)]
)
def test_the_exact_solutions_reproduce_the_tabulated_fronts(initial_c: float, wall_c: float, front_mm: float) -> None:
    exact = planar_sharp(replace(WATER, initial_c=initial_c), wall_c)
    assert exact.front_at_m(600.0) * 1000 == pytest.approx(front_mm, abs=5e-4)


def test_the_exact_solutions_with_an_interval_reproduce_the_tabulated_fronts() -> None:
    assert planar_interval(WIDE, -100.0).front_at_m(600.0) * 1000 == pytest.approx(20.7413, abs=5e-4)
    assert line_sink(TISSUE, 800.0).front_at_m(600.0) * 1000 == pytest.approx(16.700, abs=1e-3)
    assert line_sink_interval(WIDE, 800.0).front_at_m(600.0) * 1000 == pytest.approx(15.397, abs=1e-3)
    assert point_sink(TISSUE, 20.0).front_at_m(600.0) * 1000 == pytest.approx(15.804, abs=1e-3)


@pytest.mark.parametrize("spacing_mm", [1.0, 0.5])
def test_a_planar_front_is_within_a_tenth_of_a_millimetre(spacing_mm: float) -> None:
    exact = planar_sharp(TISSUE, -150.0)
    freezing = sharp(TISSUE)
    run = wall_run(TISSUE, -150.0, spacing_mm, freezing)
    found = front_from_ice_m(run, (2,))[-1]
    assert found * 1000 == pytest.approx(exact.front_at_m(600.0) * 1000, abs=0.05)


def test_a_planar_freezing_interval_converges_to_both_its_fronts() -> None:
    exact = planar_interval(WIDE, -150.0)
    worst_mm = {}
    for spacing_mm in (2.0, 1.0, 0.5):
        run = wall_run(WIDE, -150.0, spacing_mm, MUSHY)
        depth_m = corner_distance_m(run.grid, (2,))
        worst_mm[spacing_mm] = max(
            abs(float(isotherm_radii_m(run.final_c, depth_m, isotherm_c)[0]) - front_m * np.sqrt(600.0)) * 1000
            for isotherm_c, front_m in ((-8.0, exact.front_m), (-1.0, exact.upper_front_m))
        )
    assert worst_mm[1.0] < 0.2
    assert worst_mm[0.5] < 0.1
    assert worst_mm[0.5] < worst_mm[2.0] / 3


def test_temperatures_away_from_a_planar_front_are_within_half_a_degree() -> None:
    exact = planar_interval(WIDE, -150.0)
    run = wall_run(WIDE, -150.0, 0.5, MUSHY)
    expected_c = exact.temp_c(corner_distance_m(run.grid, (2,)), 600.0)
    assert np.abs(run.final_c - expected_c).max() < 0.5


def test_freezing_around_a_line_that_takes_constant_heat_follows_paterson() -> None:
    exact, freezing, grid = line_sink(TISSUE, 800.0), sharp(TISSUE), cubic((1, 60, 60), 1.0)
    problem, impose = corner_problem(
        exact, TISSUE, grid, (1, 2), freezing=freezing, start_s=60.0, duration_s=540.0, held_m=4e-3, step_s=1.0
    )
    found_mm = front_from_ice_m(solve(problem, impose=impose), (1, 2))[-1] * 1000
    assert found_mm == pytest.approx(exact.front_at_m(600.0) * 1000, abs=0.1)


def test_freezing_around_a_line_with_an_interval_has_both_its_fronts_in_every_direction() -> None:
    exact, grid = line_sink_interval(WIDE, 800.0), cubic((1, 60, 60), 1.0)
    problem, impose = corner_problem(
        exact, WIDE, grid, (1, 2), freezing=MUSHY, start_s=60.0, duration_s=540.0, held_m=4e-3, step_s=1.0
    )
    run = solve(problem, impose=impose)
    radius_m = corner_distance_m(grid, (1, 2))
    for isotherm_c, front_m in ((-8.0, exact.front_m), (-1.0, exact.upper_front_m)):
        error_mm = (isotherm_radii_m(run.final_c, radius_m, isotherm_c) - front_m * np.sqrt(600.0)) * 1000
        assert np.abs(error_mm).max() < 0.3
        assert abs(error_mm.mean()) < 0.15


def test_freezing_around_a_point_in_three_dimensions_follows_paterson() -> None:
    exact, freezing, grid = point_sink(TISSUE, 20.0), sharp(TISSUE), cubic((28, 28, 28), 1.25)
    problem, impose = corner_problem(
        exact, TISSUE, grid, (0, 1, 2), freezing=freezing, start_s=60.0, duration_s=540.0, held_m=4.5e-3, step_s=2.0
    )
    found_mm = front_from_ice_m(solve(problem, impose=impose), (0, 1, 2))[-1] * 1000
    assert found_mm == pytest.approx(exact.front_at_m(600.0) * 1000, abs=0.1)


def test_perfused_tissue_beside_a_cool_wall_reaches_the_steady_profile_of_pennes() -> None:
    perfusion_w_m3k = 20_000.0
    decay_m = np.sqrt(TISSUE.k_unfrozen / perfusion_w_m3k)
    grid = cubic((1, 1, 80), 0.5)
    problem = ThermalProblem(
        material=field(grid, material(TISSUE, perfusion_w_m3k=perfusion_w_m3k)),
        duration_s=1800.0,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (10.0, 37.0)),
    )
    depth_m = corner_distance_m(grid, (2,))
    steady_c = 37.0 - 27.0 * np.exp(-depth_m / decay_m)
    assert np.abs(solve(problem).final_c - steady_c).max() < 0.1
