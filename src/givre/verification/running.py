"""Solving a problem for a card: refuses runs that did not end well and says what was run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.bioheat.march import Impose
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.foundation.errors import SimulationError
from givre.verification.card import Comparison
from givre.verification.media import TISSUE, constant_probe, cubic, field, material, probe_along_k, sharp

Array = npt.NDArray[np.float64]


def solved(problem: ThermalProblem, impose: Impose | None = None) -> ThermalRun:
    """The product's own solver.

    Exact cases have cold faces and small domains on purpose, so a front at the boundary is accepted.

    Raises:
        SimulationError: if the run diverged or stopped.
    """
    run = solve(problem, impose=impose)
    if run.status.ending not in ("done", "front_reached_boundary"):
        raise SimulationError(f"the run ended as {run.status.ending}: {run.status.sentence}")
    return run


def nothing_held(_time_s: float) -> tuple[npt.NDArray[np.int64], Array]:
    """Hold no voxel.

    A closed problem exchanges no heat, so that rounding would look like a large share of it: with this the run leaves
    the judgement of its heat balance to the card.
    """
    return np.empty(0, dtype=np.int64), np.empty(0)


def compared(
    run: ThermalRun,
    problem: ThermalProblem,
    found: npt.ArrayLike,
    expected: npt.ArrayLike,
    *,
    scale: float = 1.0,
    labels: tuple[str, ...] = (),
    remark: str = "",
) -> Comparison:
    """A comparison that knows the voxel, the longest step and the size of its run."""
    return Comparison(
        found=np.ravel(np.asarray(found, dtype=float)),
        expected=np.ravel(np.asarray(expected, dtype=float)),
        scale=scale,
        labels=labels,
        spacing_mm=problem.spacing_m * 1000,
        step_s=problem.longest_step_s,
        voxels=int(np.prod(problem.grid.shape)),
        steps=run.steps,
        remark=remark,
    )


def warm_up() -> None:
    """Solve two tiny problems, so that compiling is not part of any measured time."""
    grid = cubic((12, 12, 12), 2.0)
    source = probe_along_k(grid, active_zone_mm=8.0, history=constant_probe(-100.0, 2.0))
    problem = ThermalProblem(
        material=field(grid, material(TISSUE)), freezing=sharp(TISSUE), probes=(source,), duration_s=2.0
    )
    solve(problem)
    solve(ThermalProblem(material=problem.material, duration_s=1.0), impose=lambda _: (np.array([0]), np.array([20.0])))
