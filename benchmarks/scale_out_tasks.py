"""What the benchmark of the engines gives to workers: tasks at the top of a module, so that workers can import them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from givre.bioheat.solve import solve
from givre.planning.trial.prepared import PreparedCase, plan_problem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bench:
    """A case on a lattice of 2 mm, and the threads of each solve."""

    prepared: PreparedCase
    threads: int


def nothing(_: object, item: int) -> int:
    """The least a task can be."""
    return item


def shifted(shared: Bench, shift_mm: float) -> float:
    """Simulate the plan of the case with its probes moved; the coldest temperature, to see that it was done."""
    placements = tuple(
        replace(
            placement,
            entry_mm=(placement.entry_mm[0] + shift_mm, *placement.entry_mm[1:]),
            target_mm=(placement.target_mm[0] + shift_mm, *placement.target_mm[1:]),
        )
        for placement in shared.prepared.description.placements
    )
    return float(solve(plan_problem(shared.prepared, placements), threads=shared.threads).coldest_c.min())


def large(_: object, megabytes: int) -> npt.NDArray[np.float64]:
    """A result of that size."""
    return np.zeros(megabytes * 131_072)


def peak_mib(_: object, __: int) -> tuple[str, float]:
    """The process, and the most memory it ever had [MiB]."""
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines() if ":" in line
    )
    return status["Pid"].strip(), int(status["VmHWM"].split()[0]) / 1024
