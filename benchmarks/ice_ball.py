"""How fast the ice-ball of three probes in a real vertebra is computed, and what share of the machine that takes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from os import environ

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from benchmarks.ice_ball_cases import three_probes
from benchmarks.limits import multiply_add, triad
from benchmarks.measurement import Measurement
from givre.bioheat.march import March
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.bioheat.smooth_scale import smooth_scale_c
from givre.bioheat.solve import solve
from givre.geometry.surface import isosurface
from givre.geometry.volume import Volume
from givre.verification.crosscode.cases import cross_cases
from givre.verification.crosscode.voxels import voxel_problem

LIMITS_S = {2.0: 0.25, 1.0: 3.0}
SPACINGS_MM = (2.0, 1.5, 1.0, 0.75)
GS1_RADIUS_MM, GS1_VOLUME_ML = 14.80, 32.54
"""Converged answer of the axisymmetric reference, ± 0.01 mm and ± 0.03 mL (card V17)."""


def best_of(problem: ThermalProblem, threads: int, repeats: int = 3) -> tuple[float, ThermalRun]:
    """Shortest time of some runs after a first one that compiles [s], and the last run."""
    run = solve(problem, threads=threads)
    found = []
    for _ in range(repeats):
        started_s = time.perf_counter()
        run = solve(problem, threads=threads)
        found.append(time.perf_counter() - started_s)
    return min(found), run


def measure() -> list[Measurement]:
    """B1, B2 and the sizes around them on one and two cores, GS1, memory and bandwidth."""
    figures = []
    for spacing_mm in SPACINGS_MM:
        problem = three_probes(spacing_mm)
        cells = problem.material.index.size
        for threads in (1, 2):
            repeats = 5 if spacing_mm >= 2 else 2
            seconds, run = best_of(problem, threads, repeats)
            name = {2.0: "B1", 1.0: "B2"}.get(spacing_mm, "three probes")
            figures.append(
                Measurement(
                    name=f"{name}, {spacing_mm:g} mm, {threads} core{'s' if threads > 1 else ''}",
                    value=seconds,
                    unit="s",
                    limit=LIMITS_S.get(spacing_mm, float("nan")) if threads == 2 else float("nan"),
                    note=f"10-8-10, {cells / 1e6:.2f} million voxels, {run.steps} steps, "
                    f"heat lost {100 * run.energy.relative_error:.1g} %",
                )
            )
    return [*figures, *gs1(), peak_memory(), *compile_times(), *machine_limits()]


def gs1() -> list[Measurement]:
    """One 45 mm zone at 133 K in a sphere of tissue, against the converged answer."""
    figures = []
    case = cross_cases()[0]
    for spacing_mm in (2.0, 1.0):
        problem = voxel_problem(case, spacing_mm)
        seconds, run = best_of(problem, 2)
        radius_mm, volume_ml = _mid_plane_radius_mm(problem, run), _volume_ml(problem, run)
        note = f"GS1 at {spacing_mm:g} mm voxels, {run.steps} steps, 2 cores"
        figures += [
            Measurement(name=f"GS1, {spacing_mm:g} mm", value=seconds, unit="s", limit=1.0, note=note),
            Measurement(
                name=f"GS1 radius, worst of 24 directions, {spacing_mm:g} mm",
                value=float(np.abs(radius_mm - GS1_RADIUS_MM).max()),
                unit="mm",
                limit=0.2,
                note=f"0 °C in the middle plane against {GS1_RADIUS_MM} mm",
            ),
            Measurement(
                name=f"GS1 volume, {spacing_mm:g} mm",
                value=abs(100 * (volume_ml / GS1_VOLUME_ML - 1)),
                unit="%",
                limit=2.0,
                note=f"{volume_ml:.2f} mL at or below 0 °C against {GS1_VOLUME_ML} mL",
            ),
        ]
    return figures


def _mid_plane_radius_mm(problem: ThermalProblem, run: ThermalRun) -> npt.NDArray[np.float64]:
    grid, scaled = problem.grid, smooth_scale_c(run.final_c, problem.freezing)
    level = float(smooth_scale_c(0.0, problem.freezing))
    distance_mm = np.arange(5.0, 25.0, 0.02)
    found = []
    for angle in np.linspace(0, np.pi / 2, 24):
        points = np.stack(
            [distance_mm * np.cos(angle), distance_mm * np.sin(angle), np.zeros_like(distance_mm)], axis=1
        )
        sampled = ndimage.map_coordinates(scaled, grid.lps_to_index(points).T, order=1)
        found.append(distance_mm[int(np.argmax(sampled > level))])
    return np.array(found)


def _volume_ml(problem: ThermalProblem, run: ThermalRun) -> float:
    above = smooth_scale_c(run.final_c, problem.freezing) - float(smooth_scale_c(0.0, problem.freezing))
    return isosurface(Volume(grid=problem.grid, values=above, unit="degC"), 0.0).volume_mm3 / 1000


def peak_memory() -> Measurement:
    """What solving B2 adds to a process that has everything imported and compiled."""
    code = (
        "import json, resource, sys; from benchmarks.ice_ball_cases import three_probes; "
        "from givre.bioheat.solve import solve; solve(three_probes(2.5), threads=2); problem = three_probes(1.0); "
        "read = lambda: int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]); "
        "open('/proc/self/clear_refs', 'w').write('5'); before = read(); solve(problem, threads=2); "
        "print(json.dumps((read() - before) / 1024))"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return Measurement(
        name="B2, peak memory", value=float(json.loads(out.stdout.splitlines()[-1])), unit="MiB", limit=300.0,
        note="resident memory that the run adds",
    )  # fmt: skip


def compile_times() -> list[Measurement]:
    """First call in a fresh process with an empty and with a filled store of compiled code."""
    code = (
        "import time; from benchmarks.ice_ball_cases import three_probes; problem = three_probes(2.5); "
        "from givre.bioheat.solve import solve; t = time.perf_counter(); solve(problem, threads=1); "
        "first = time.perf_counter() - t; t = time.perf_counter(); solve(problem, threads=1); "
        "print(first - (time.perf_counter() - t))"
    )
    figures = []
    with tempfile.TemporaryDirectory() as store:
        for name, limit in (("compiling", 15.0), ("loading compiled code", 1.0)):
            out = subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, text=True,
                env={**environ, "NUMBA_CACHE_DIR": store},
            )  # fmt: skip
            figures.append(
                Measurement(
                    name=name,
                    value=float(out.stdout.splitlines()[-1]),
                    unit="s",
                    limit=limit,
                    note="first solve less a second one, fresh process",
                )
            )
    return figures


def machine_limits() -> list[Measurement]:
    """Share of the memory bandwidth that the sweeps of B2 reach, both measured here on one core."""
    problem = replace(three_probes(1.0), duration_s=300.0)
    cell_stages, seconds = _cell_stages(problem)
    bytes_moved = cell_stages["surround"] * 48 + cell_stages["box"] * 110
    flops = cell_stages["surround"] * 33 + cell_stages["box"] * 105
    bandwidth, arithmetic = _bandwidth_b_s(), _arithmetic_flop_s()
    note = "counted over all arrays of every stage, one core, first 300 s of B2"
    return [
        Measurement(name="voxel stages", value=sum(cell_stages.values()) / seconds / 1e9, unit="10⁹/s", note=note),
        Measurement(
            name="share of the memory bandwidth", value=100 * bytes_moved / seconds / bandwidth, unit="%",
            note=f"of {bandwidth / 1e9:.0f} GB/s (a + b c over 256 MB); more than 100 % is what the caches spare",
        ),
        Measurement(
            name="share of the arithmetic limit", value=100 * flops / seconds / arithmetic, unit="%",
            note=f"of {arithmetic / 1e9:.0f} GFlop/s in single precision, measured",
        ),
    ]  # fmt: skip


def _cell_stages(problem: ThermalProblem) -> tuple[dict[str, float], float]:
    counted = {"surround": 0.0, "box": 0.0}
    spent = [0.0]
    original = March.step

    def step(march: March, step_s: float, impose: object = None) -> None:
        box, rows = np.prod(np.array(march.box.size)), int((march.surround.end - march.surround.first).sum())
        before = march.stages_done
        started_s = time.perf_counter()
        original(march, step_s)
        spent[0] += time.perf_counter() - started_s
        counted["surround"] += (march.stages_done[0] - before[0]) * rows * march.domain.size[2]
        counted["box"] += (march.stages_done[1] - before[1]) * float(box)

    March.step = step  # type: ignore[method-assign, assignment]
    try:
        solve(problem, threads=1)
    finally:
        March.step = original  # type: ignore[method-assign]
    return counted, spent[0]


def _timed(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(5):
        started_s = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started_s)
    return best


def _bandwidth_b_s() -> float:
    a, b, c = (np.ones((2000, 10_000), dtype=np.float32) for _ in range(3))
    triad(a, b, c)
    return 3 * a.nbytes / _timed(lambda: triad(a, b, c))


def _arithmetic_flop_s() -> float:
    multiply_add(10)
    count = 400_000
    return count * 256 * 16 / _timed(lambda: multiply_add(count))
