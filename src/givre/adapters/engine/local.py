"""The solver on this machine, timed, with its threads set."""

from __future__ import annotations

import os
import time
from dataclasses import replace

# Idle threads sleep instead of spinning: beside other work on the same cores a spinning team is three times slower.
# Read once, when the thread pool starts.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numba

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
    available = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # set when numba loads
    wanted = available if threads is None else threads
    if not 1 <= wanted <= available:
        raise SimulationError(f"{wanted} threads asked for; this machine offers 1 to {available}")
    before = numba.get_num_threads()
    numba.set_num_threads(wanted)
    started_s = time.perf_counter()
    try:
        run = solve(problem, progress=progress)
    finally:
        numba.set_num_threads(before)
    return replace(run, wall_s=time.perf_counter() - started_s)
