"""Computing freezing only where it is cold, and nothing where the cold has not reached, must not change the result."""

from dataclasses import replace

import numpy as np
import pytest

from givre.bioheat.domain import open_domain
from givre.bioheat.march import March
from givre.bioheat.problem import Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.bioheat.team import Team
from tests.bioheat.scenes import history, scene, without_metal

HOLD_NOTHING = (np.zeros(0, dtype=np.int64), np.zeros(0))


def roomy(duration_s: float, *, size: int = 30, spacing_mm: float = 2.0) -> ThermalProblem:
    return scene(
        size=size,
        spacing_mm=spacing_mm,
        duration_s=duration_s,
        surface=history((duration_s, -140.0, "cooling_only")),
        recording=Recording(interval_s=10.0, freeze_windows_s=((0.0, duration_s),)),
    )


def everywhere(problem: ThermalProblem) -> ThermalRun:
    return solve(problem, impose=lambda _: HOLD_NOTHING)


def test_box_and_swept_rows_start_around_the_probe_and_grow_with_the_cold() -> None:
    problem = without_metal(roomy(120.0, size=44, spacing_mm=1.0))
    with Team(1) as team:
        march = March.start(open_domain(problem), team)
        before = march.box.box.copy()
        rows = int((march.surround.end - march.surround.first).sum())
        for _ in range(40):
            march.step(3.0)
    assert (before[:, 0] > 1).all()
    assert (march.box.box[:, 0] < before[:, 0]).all()
    assert (march.box.box[:, 1] > before[:, 1]).all()
    assert rows < int((march.surround.end - march.surround.first).sum()) < 44 * 44


def test_a_run_in_two_regions_equals_a_run_with_freezing_everywhere() -> None:
    problem = without_metal(roomy(240.0))
    split, whole = solve(problem), everywhere(problem)
    difference_c = np.abs(split.coldest_c - whole.coldest_c)
    assert difference_c.max() < 0.08
    assert difference_c.mean() < 0.002
    assert split.energy.probes_j == pytest.approx(whole.energy.probes_j, rel=2e-4)
    assert split.energy.relative_error < 1e-5
    assert whole.energy.relative_error < 1e-6


def test_metal_is_computed_in_the_box_wherever_it_lies() -> None:
    problem = roomy(120.0)
    with Team(1) as team:
        box = March.start(open_domain(problem), team).box.box
    where = np.argwhere(problem.material.index == 2) + 1
    assert (where >= box[:, 0]).all()
    assert (where < box[:, 1]).all()
    assert np.abs(solve(problem).coldest_c - everywhere(problem).coldest_c).max() < 0.08


@pytest.mark.parametrize("longest_step_s", [2.0, 10.0])
def test_fine_voxels_and_long_steps_keep_the_two_regions_stable(longest_step_s: float) -> None:
    problem = replace(without_metal(roomy(120.0, size=40, spacing_mm=0.75)), longest_step_s=longest_step_s)
    split, whole = solve(problem), everywhere(problem)
    assert np.abs(split.coldest_c - whole.coldest_c).max() < 0.12
    assert split.energy.relative_error < 1e-5


def test_tissue_out_of_reach_stays_at_body_temperature() -> None:
    run = solve(without_metal(roomy(60.0)))
    assert (run.final_c[0] == 37.0).all()
    assert run.status.ending == "done"


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_share_the_work_without_changing_the_result(threads: int) -> None:
    problem = without_metal(roomy(60.0, size=24))
    alone, shared = solve(problem), solve(problem, threads=threads)
    assert np.abs(alone.coldest_c - shared.coldest_c).max() < 1e-4
    assert alone.energy.probes_j == pytest.approx(shared.energy.probes_j, rel=1e-7)
    assert (alone.freezes_below[0.0] == shared.freezes_below[0.0]).all()


def test_gas_in_the_surround_leaves_it_stable_and_heat_accounted_for() -> None:
    problem = without_metal(roomy(120.0))
    gas = replace(
        problem.material.materials[2], name="gas", capacity_unfrozen_j_m3k=1150.0, capacity_frozen_j_m3k=1150.0,
        conductivity_unfrozen_w_mk=0.0271, conductivity_frozen_w_mk=0.0271,
    )  # fmt: skip
    index = problem.material.index.copy()
    index[:, :, 22:] = 2
    materials = (*problem.material.materials[:2], gas)
    problem = replace(problem, material=replace(problem.material, index=index, materials=materials))
    split, whole = solve(problem), everywhere(problem)
    assert split.energy.relative_error < 1e-5
    assert np.abs(split.coldest_c - whole.coldest_c).max() < 0.1
