"""Computing only where the cold has reached must not change what is computed."""

import numpy as np
import pytest

from givre.bioheat.march import March
from givre.bioheat.problem import Recording, ThermalProblem
from givre.bioheat.solve import solve
from givre.bioheat.window import all_voxels, cut, first_window, paste
from givre.bioheat.workspace import open_workspace
from tests.bioheat.scenes import history, scene


def roomy(duration_s: float) -> ThermalProblem:
    return scene(
        size=30,
        duration_s=duration_s,
        surface=history((duration_s, -140.0, "cooling_only")),
        recording=Recording(interval_s=10.0, freeze_windows_s=((0.0, duration_s),)),
    )


def test_the_box_starts_around_the_probe_and_grows_with_the_cold() -> None:
    march = March.start(open_workspace(roomy(120.0)))
    before = march.window.copy()
    for _ in range(40):
        march.step(2.0)
        march.update_temperature()
        march.follow_the_cold()
    assert (before[:, 0] > 1).all()
    assert (march.window[:, 0] < before[:, 0]).all()
    assert (march.window[:, 1] > before[:, 1]).all()


def test_a_run_in_a_box_equals_a_run_everywhere() -> None:
    problem = roomy(180.0)
    boxed = solve(problem)
    everywhere = solve(problem, impose=lambda _: (np.zeros(0, dtype=np.int64), np.zeros(0)))  # holds nothing
    assert np.abs(boxed.coldest_c - everywhere.coldest_c).max() < 0.05
    assert boxed.energy.probes_j == pytest.approx(everywhere.energy.probes_j, rel=1e-4)
    assert boxed.energy.relative_error < 1e-7
    assert everywhere.energy.relative_error < 1e-7


def test_tissue_out_of_reach_stays_at_body_temperature() -> None:
    run = solve(roomy(60.0))
    assert (run.final_c[0] == 37.0).all()
    assert run.status.ending == "done"


def test_a_box_cut_out_and_pasted_back_leaves_the_domain_as_it_was() -> None:
    domain = open_workspace(roomy(60.0))
    window = first_window(domain)
    enthalpy = domain.enthalpy.copy()
    box = cut(domain, window)
    assert box.enthalpy.size < domain.enthalpy.size / 4
    box.enthalpy[1:-1, 1:-1, 1:-1] += 5.0
    paste(box, window, domain)
    changed = domain.enthalpy != enthalpy
    assert changed.sum() == np.prod(window[:, 1] - window[:, 0])
    assert cut(domain, all_voxels(domain)) is domain
