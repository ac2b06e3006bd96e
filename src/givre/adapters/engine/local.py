"""The solver on this machine, timed, with its threads set."""

from __future__ import annotations

import os
import time
from dataclasses import replace

from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import Progress, ThermalRun
from givre.bioheat.solve import solve
from givre.foundation.errors import SimulationError


def solve_here(problem: ThermalProblem, *, progress: Progress | None = None, threads: int | None = None) -> ThermalRun:
    """Solve a problem in this process.

    Args:
        problem: what to solve.
        progress: told how far the run is; may stop it.
        threads: how many processor threads to use; all if not given.

    Raises:
        SimulationError: if more threads are asked for than there are.
    """
    available = available_threads()
    wanted = available if threads is None else threads
    if not 1 <= wanted <= available:
        raise SimulationError(f"{wanted} threads asked for; this machine offers 1 to {available}")
    started_s = time.perf_counter()
    run = solve(problem, progress=progress, threads=wanted)
    return replace(run, wall_s=time.perf_counter() - started_s)


def available_threads() -> int:
    """Processor cores this process may use, fewer if NUMBA_NUM_THREADS says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("NUMBA_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isdigit() and int(limit) > 0 else cores
