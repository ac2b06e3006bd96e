"""What a whole run promises: heat is accounted for, endings are told, records are right."""

from dataclasses import replace

import numpy as np
import pytest

from givre.bioheat.domain import open_domain
from givre.bioheat.march import March
from givre.bioheat.problem import Recording, ThermalProblem
from givre.bioheat.run import EnergyBalance
from givre.bioheat.solve import _is_physical, solve
from givre.bioheat.team import Team
from givre.foundation.errors import SimulationError
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField
from tests.bioheat.scenes import history, scene

CYCLES = history(
    (60.0, -140.0, "cooling_only"), (120.0, -140.0, "none"), (180.0, -140.0, "cooling_only"), (240.0, 30.0, "free")
)


def cycles(**changes: object) -> ThermalProblem:
    recording = Recording(
        interval_s=10.0, freeze_windows_s=((0.0, 60.0), (120.0, 180.0)), points_m={"middle": (0.013, 0.013, 0.013)},
        structures={"all": np.arange(14**3, dtype=np.int64)},
    )  # fmt: skip
    problem = scene(surface=CYCLES, duration_s=240.0, recording=recording)
    return replace(problem, **changes) if changes else problem


def test_heat_is_accounted_for_over_freeze_thaw_freeze_and_active_thaw() -> None:
    energy = solve(cycles()).energy
    assert energy.probes_j < -500
    assert energy.relative_error < 1e-7  # fluxes are in single precision


def test_time_below_counts_and_coldest_agree() -> None:
    run = solve(cycles())
    reached = run.coldest_c <= -20.0
    assert reached.any()
    assert ((run.time_below_s[-20.0] > 0) == reached).all()
    assert (run.freezes_below[-20.0].max(), run.freezes_below[0.0].max()) == (2, 2)
    assert (run.freezes_below[-20.0][~reached] == 0).all()
    assert (run.coldest_c <= run.end_of_freeze_c).all()
    assert (run.coldest_c <= run.final_c).all()


def test_a_passive_thaw_takes_no_heat_and_an_active_one_gives_some() -> None:
    past = solve(cycles()).history
    power_w = past.probe_power_w["P1"]
    at = lambda time_s: power_w[np.searchsorted(past.time_s, time_s)]  # noqa: E731
    assert at(30.0) > 5
    assert at(90.0) == 0
    assert at(150.0) > 5
    assert at(235.0) < 0
    assert np.isnan(past.probe_surface_c["P1"][np.searchsorted(past.time_s, 90.0)])


def test_histories_hold_one_value_per_instant() -> None:
    past = solve(cycles()).history
    assert past.time_s[0] == 0
    assert past.time_s[-1] == 240.0
    assert (np.diff(past.time_s) > 0).all()
    for series in (past.volume_below_ml[0.0], past.structure_fraction_below["all"][-20.0], past.point_temp_c["middle"]):
        assert series.shape == past.time_s.shape
        assert np.isfinite(series).all()


def test_a_run_can_be_stopped_and_says_so() -> None:
    run = solve(cycles(), progress=lambda now_s, _: now_s < 45.0)
    assert run.status.ending == "stopped"
    assert not run.status.is_usable
    assert "50 s of 240 s" in run.status.sentence
    assert run.history.time_s[-1] == 50.0


def test_a_run_whose_cold_reaches_the_edge_says_so() -> None:
    run = solve(scene(size=14, duration_s=300.0))
    assert run.status.ending == "front_reached_boundary"
    assert "enlarge the domain margin" in run.status.sentence


def test_a_temperature_that_is_not_a_number_ends_the_run() -> None:
    problem = scene(duration_s=60.0)
    broken = replace(problem, initial_c=np.full(problem.grid.shape, 37.0))
    broken.initial_c[3, 3, 3] = np.nan  # behind the check at the door
    assert solve(broken).status.ending == "diverged"


def test_an_initial_temperature_that_is_not_a_number_is_refused() -> None:
    problem = scene()
    with pytest.raises(SimulationError, match="not finite"):
        replace(problem, initial_c=np.full(problem.grid.shape, np.nan))


def test_a_probe_at_the_edge_of_the_domain_is_refused() -> None:
    problem = scene()
    moved = replace(problem.probes[0], end_m=(0.0, 0.0, 0.0))
    with pytest.raises(SimulationError, match="edge of the domain"):
        solve(replace(problem, probes=(moved,)))


def test_voxels_that_are_not_cubes_are_refused() -> None:
    problem = scene()
    grid = Grid(shape=problem.grid.shape, spacing_mm=(2.0, 2.0, 1.0))
    with pytest.raises(SimulationError, match="not cubic"):
        replace(
            problem,
            material=MaterialField(grid=grid, index=problem.material.index, materials=problem.material.materials),
        )


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_mirroring_the_patient_and_the_probe_mirrors_the_ice(axis: int) -> None:
    problem = scene(duration_s=60.0)
    material, probe = problem.material, problem.probes[0]
    length_m = (problem.grid.shape[axis] - 1) * problem.spacing_m

    def mirrored(point: tuple[float, float, float]) -> tuple[float, float, float]:
        changed = list(point)
        changed[axis] = length_m - changed[axis]
        return (changed[0], changed[1], changed[2])

    other = replace(
        problem,
        material=replace(material, index=np.ascontiguousarray(np.flip(material.index, axis))),
        probes=(replace(probe, start_m=mirrored(probe.start_m), end_m=mirrored(probe.end_m)),),
    )
    difference_c = solve(problem).coldest_c - np.flip(solve(other).coldest_c, axis)
    assert np.abs(difference_c).max() < 1e-3


def test_the_same_problem_gives_the_same_bytes_and_fingerprint() -> None:
    one, other = solve(cycles()), solve(cycles())
    assert one.coldest_c.tobytes() == other.coldest_c.tobytes()
    assert one.problem_hash == other.problem_hash


def test_the_fingerprint_feels_every_part_that_decides_the_result() -> None:
    problem = cycles()
    warmer = replace(problem.probes[0], history=history((240.0, -139.0, "cooling_only")))
    changed = [
        replace(problem, body_temp_c=36.9),
        replace(problem, duration_s=239.0),
        replace(problem, probes=(warmer,)),
        replace(problem, probes=()),
        replace(problem, initial_c=np.full(problem.grid.shape, 36.0)),
        replace(problem, recording=replace(problem.recording, isotherms_c=(0.0,))),
    ]
    prints = {problem.fingerprint(), *(other.fingerprint() for other in changed)}
    assert len(prints) == len(changed) + 1


def test_a_colder_probe_makes_more_ice() -> None:
    volumes = [
        solve(scene(duration_s=60.0, surface=history((60.0, surface_c, "cooling_only")))).history.volume_below_ml[0.0][
            -1
        ]
        for surface_c in (-80.0, -120.0, -160.0)
    ]
    assert volumes[0] < volumes[1] < volumes[2]


def test_much_shorter_steps_change_no_voxel_by_more_than_half_a_degree() -> None:
    problem = scene(duration_s=120.0)
    coarse, fine = solve(problem), solve(replace(problem, longest_step_s=0.5))
    difference_c = np.abs(coarse.final_c - fine.final_c)
    assert difference_c.max() < 0.5  # one voxel that is just freezing through, next to the probe
    assert difference_c.mean() < 0.002


def test_the_run_goes_on_until_the_tissue_around_the_ice_has_stopped_cooling() -> None:
    problem = scene(size=30, duration_s=120.0, recording=Recording(freeze_windows_s=((0.0, 120.0),)))
    cut, followed = solve(problem), solve(replace(problem, tail_s=900.0))
    assert 120.0 + 60.0 <= followed.history.time_s[-1] < 120.0 + 900.0
    around = (cut.coldest_c > 0.0) & (cut.coldest_c < 20.0)
    assert (cut.coldest_c - followed.coldest_c)[around].max() > 0.5
    assert (followed.coldest_c <= cut.coldest_c + 1e-4).all()
    assert (followed.freezes_below[0.0] == cut.freezes_below[0.0]).all()


def test_a_run_that_ends_before_its_first_freeze_shows_the_coldest_reached() -> None:
    run = solve(cycles(), progress=lambda now_s, _: now_s < 30.0)
    assert (run.end_of_freeze_c == run.coldest_c).all()


def test_heat_that_does_not_add_up_is_no_result() -> None:
    problem = scene()
    with Team(1) as team:
        march = March.start(open_domain(problem), team)
    sound = EnergyBalance(stored_j=-1000.0, probes_j=-1000.5, blood_j=0.4, boundary_j=0.1)
    assert _is_physical(problem, march, sound)
    assert not _is_physical(problem, march, replace(sound, probes_j=-990.0))
    march.records.coldest_c[2000] = -145.0
    assert not _is_physical(problem, march, sound)


def test_held_voxels_stay_held_however_many_stages_a_step_has() -> None:
    problem = replace(scene(duration_s=30.0, spacing_mm=0.4), probes=())
    middle = np.array([np.ravel_multi_index(tuple(n // 2 for n in problem.grid.shape), problem.grid.shape)])
    run = solve(problem, impose=lambda time_s: (middle, np.array([-120.0])))
    assert run.final_c.ravel()[middle[0]] == pytest.approx(-120.0, abs=1e-3)
    assert (run.coldest_c < -20.0).sum() > 6
