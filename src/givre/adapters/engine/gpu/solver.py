"""The solver on a GPU, timed; refused in words where there is none."""

from __future__ import annotations

import time
from dataclasses import replace

from givre.adapters.engine.gpu.library import find_device
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import Progress, ThermalRun


def solve_on_gpu(problem: ThermalProblem, *, progress: Progress | None = None, device: str | None = None) -> ThermalRun:
    """Solve a problem on a GPU.

    Args:
        problem: what to solve.
        progress: told how far the run is; may stop it.
        device: the first GPU if not given; "cpu" runs the same code on the processor, slowly, to test it.

    Raises:
        MissingExtra: when the library is not installed.
        NoGpu: when there is no such device.
        SimulationError: if a probe does not fit in the domain, or the domain in the memory of the GPU.
    """
    found = find_device(device)
    from givre.adapters.engine.gpu.solving import solve_on  # noqa: PLC0415 - needs the optional library

    started_s = time.perf_counter()
    run = solve_on(found, problem, progress)
    return replace(run, wall_s=time.perf_counter() - started_s)
