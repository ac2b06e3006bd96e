"""The GPU engine and the processor's give the same run; the processor stands in for the GPU."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from givre.adapters.engine.gpu import solve_on_gpu
from givre.bioheat.domain import open_domain
from givre.bioheat.ice import Freezing
from givre.bioheat.problem import ProbeSource, Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.foundation.errors import SimulationError
from tests.adapters.engine.gpu.conftest import GpuSolve, nothing_held
from tests.bioheat.scenes import history, scene, without_metal

FREEZE_THAW_FREEZE = (
    (60.0, -140.0, "cooling_only"),
    (90.0, 40.0, "free"),
    (110.0, 0.0, "none"),
    (160.0, -140.0, "cooling_only"),
)
RECORDING = Recording(
    interval_s=10.0,
    structures={
        "here": np.array([700, 701, 1400]),
        "there": np.array([3, 2000]),
        "nowhere": np.zeros(0, dtype=np.int64),
    },
    points_m={"between": (0.0123, 0.0131, 0.0118), "outside": (-1.0, 0.01, 0.01)},
    freeze_windows_s=((0.0, 60.0), (110.0, 160.0)),
)


def freeze_thaw_freeze() -> ThermalProblem:
    return scene(surface=history(*FREEZE_THAW_FREEZE), duration_s=160.0, recording=RECORDING)


def with_second_probe(problem: ThermalProblem) -> ThermalProblem:
    """A probe that touches some of the first one's voxels, behind a contact resistance, and starts later."""
    first = problem.probes[0]
    moved = tuple(tuple(np.add(end, (0.001, 0.003, 0.002)).tolist()) for end in (first.start_m, first.end_m))
    second = ProbeSource(
        label="P2", start_m=moved[0], end_m=moved[1], radius_m=1e-3, contact_resistance_m2k_w=2e-4,
        history=history((20.0, 37.0, "none"), (160.0, -120.0, "cooling_only")),
    )  # fmt: skip
    return replace(problem, probes=(first, second))


def with_faces(problem: ThermalProblem) -> ThermalProblem:
    inf, nan = float("inf"), float("nan")
    return replace(
        problem,
        faces_c=((37.0, nan), (20.0, -30.0), (37.0, 25.0)),
        faces_film_w_m2k=((inf, inf), (inf, inf), (0.0, 80.0)),
    )


def from_a_cold_start(problem: ThermalProblem) -> ThermalProblem:
    temp_c = np.random.default_rng(5).uniform(-60.0, 40.0, problem.grid.shape)
    return replace(problem, initial_c=temp_c)


def with_warm_flow(problem: ThermalProblem) -> ThermalProblem:
    materials = problem.material.materials
    warm = replace(materials[0], flow_temp_c=42.0)
    return replace(problem, material=replace(problem.material, materials=(warm, *materials[1:])))


SCENES = {
    "a freeze, an active thaw, a passive thaw, a freeze": freeze_thaw_freeze,
    "two probes, one behind a resistance": lambda: with_second_probe(freeze_thaw_freeze()),
    "faces held, insulated and under a film": lambda: with_faces(scene()),
    "a cold start": lambda: from_a_cold_start(scene(size=12, duration_s=20.0)),
    "blood that flows late": lambda: replace(scene(), freezing=Freezing(blood_from_c=-1.0)),
    "blood that stops after a freeze": lambda: replace(freeze_thaw_freeze(), stasis_below_c=-5.0),
    "constant properties in the freezing interval": lambda: replace(scene(), freezing=Freezing(linear_mix=False)),
    "a narrow freezing interval": lambda: replace(scene(), freezing=Freezing(lower_c=-2.0, upper_c=-0.5)),
    "a warm flow": lambda: with_warm_flow(scene()),
    "a tail": lambda: replace(without_metal(scene(size=20)), tail_s=240.0),
    "no isotherm": lambda: scene(recording=Recording(interval_s=10.0, isotherms_c=())),
    "no probe": lambda: with_faces(replace(scene(duration_s=30.0), probes=())),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENES)
def test_the_gpu_gives_the_run_of_the_processor(name: str, on_gpu: GpuSolve) -> None:
    problem = SCENES[name]()
    ours, theirs = on_gpu(problem), solve(problem, impose=nothing_held)
    assert ours.steps == theirs.steps
    assert ours.status.ending == solve(problem).status.ending
    for field in ("coldest_c", "end_of_freeze_c", "final_c"):
        assert np.abs(getattr(ours, field) - getattr(theirs, field)).max() < 1e-3, (
            field
        )  # same steps and stages: rounding
    for isotherm in problem.recording.isotherms_c:
        frozen, expected = ours.coldest_c <= isotherm, theirs.coldest_c <= isotherm
        assert abs(int(frozen.sum()) - int(expected.sum())) <= max(1, expected.sum() / 1000)
        assert (ours.freezes_below[isotherm] != theirs.freezes_below[isotherm]).mean() <= 1e-3
        assert (np.abs(ours.time_below_s[isotherm] - theirs.time_below_s[isotherm]) > 1e-3).mean() <= 2e-3
    assert ours.energy.relative_error < 1e-3
    assert ours.energy.probes_j == pytest.approx(theirs.energy.probes_j, rel=1e-4, abs=1e-3)
    assert ours.energy.blood_j == pytest.approx(theirs.energy.blood_j, rel=1e-3, abs=1e-2)
    assert ours.energy.boundary_j == pytest.approx(theirs.energy.boundary_j, rel=1e-3, abs=1e-2)


def test_a_sharp_front_is_refused_in_words(on_gpu: GpuSolve) -> None:
    with pytest.raises(SimulationError, match="from -0.5 to -1 °C is sharp.*processor only"):
        on_gpu(replace(scene(), freezing=Freezing(lower_c=-1.0, upper_c=-0.5)))


@pytest.mark.parametrize("name", ["two probes, one behind a resistance", "a tail"])
def test_histories_are_those_of_the_processor(name: str, on_gpu: GpuSolve) -> None:
    problem = SCENES[name]()
    ours, theirs = on_gpu(problem).history, solve(problem, impose=nothing_held).history
    voxel_ml = problem.grid.voxel_volume_mm3 / 1000
    np.testing.assert_allclose(ours.time_s, theirs.time_s)
    for isotherm in problem.recording.isotherms_c:
        np.testing.assert_allclose(
            ours.volume_below_ml[isotherm], theirs.volume_below_ml[isotherm], rtol=1e-3, atol=voxel_ml
        )
    for name_, values in theirs.structure_coldest_c.items():
        np.testing.assert_allclose(ours.structure_coldest_c[name_], values, atol=0.05)
        for isotherm in problem.recording.isotherms_c:
            np.testing.assert_allclose(
                ours.structure_fraction_below[name_][isotherm], theirs.structure_fraction_below[name_][isotherm]
            )
    for name_, values in theirs.point_temp_c.items():
        np.testing.assert_allclose(ours.point_temp_c[name_], values, atol=0.05)
    for label, values in theirs.probe_power_w.items():
        np.testing.assert_allclose(ours.probe_power_w[label], values, rtol=5e-3, atol=5e-3)
        np.testing.assert_allclose(ours.probe_surface_c[label], theirs.probe_surface_c[label])


def differs(one: ThermalRun, other: ThermalRun) -> bool:
    fields = ("coldest_c", "end_of_freeze_c", "final_c")
    return any(not np.array_equal(getattr(one, f), getattr(other, f)) for f in fields) or one.energy != other.energy


def test_two_runs_agree_to_the_last_bit(on_gpu: GpuSolve) -> None:
    problem = with_second_probe(freeze_thaw_freeze())
    assert not differs(on_gpu(problem), on_gpu(problem))


@pytest.mark.usefixtures("blocks_with_lanes")
def test_blocks_of_many_lanes_give_the_same_run(on_gpu: GpuSolve) -> None:
    problem = with_second_probe(freeze_thaw_freeze())
    runs = [on_gpu(problem), on_gpu(problem)]
    expected = solve(problem, impose=nothing_held)
    assert not differs(*runs)
    assert np.abs(runs[0].coldest_c - expected.coldest_c).max() < 1e-3
    assert runs[0].energy.relative_error < 1e-3
    assert runs[0].energy.blood_j == pytest.approx(expected.energy.blood_j, rel=1e-3)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_value_that_is_not_a_number_shows_in_the_heat_of_the_same_step(frozen: bool, warp: Any) -> None:
    from givre.adapters.engine.gpu.march import DeviceMarch  # noqa: PLC0415 - needs the optional library
    from givre.adapters.engine.gpu.recording import DeviceRecorder  # noqa: PLC0415 - needs the optional library

    temp_c = np.full((12, 12, 12), -30.0 if frozen else 37.0)
    domain = open_domain(replace(scene(size=12), initial_c=temp_c, probes=()))
    recorder = DeviceRecorder.start(domain)
    march = DeviceMarch.start(domain, recorder.wanted, "cpu")
    march.step(1.0, counts_freeze=True)
    assert recorder.keep_row(march)
    held = march.memory.voxels.held.numpy()
    held.reshape(domain.size)[5, 6, 7] = np.nan
    march.memory.voxels.held.assign(held)
    march.step(1.0, counts_freeze=True)
    assert not recorder.keep_row(march)


@pytest.mark.usefixtures("warp")
def test_a_run_stops_when_told() -> None:
    told: list[float] = []
    run = solve_on_gpu(scene(), device="cpu", progress=lambda now_s, _: not told.append(now_s) and now_s < 20)
    assert run.status.ending == "stopped"
    assert all(one < other for one, other in pairwise(told))
    assert told[-1] == pytest.approx(20.0)
