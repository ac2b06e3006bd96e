"""Judges the error bars: plans on coarse lattices, placed differently, against the same plans on a fine one.

`python -m benchmarks.error_estimate solve` fills build/error_estimate.jsonl (about half an hour on one core; what is
there already is kept), `python -m benchmarks.error_estimate` prints docs/explanation/accuracy.md from it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.error_tables import RUNS, Key, page
from givre import wiring, wiring_cases
from givre.api import Case, load_case
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import Progress, ThermalRun
from givre.case.description import TUMOUR
from givre.geometry.grid import Grid
from givre.usecases.check_plan import check_plan
from givre.usecases.estimate_error import RATIO, PlanReader
from givre.usecases.ports import Solver
from givre.usecases.simulate_plan import lattice_around, simulate_on

REFERENCE_MM = 0.75
VOXELS_MM = (1.5, 2.0)
SHIFTS = ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.31, -0.23, 0.12))
"""By which the voxels are moved, in voxels along (k, j, i)."""

STEP_S = 1.5
"""Longest step of the runs that show what the time step does; 10 s is usual."""

PLANS = (
    "lumbar-vertebra",
    "phantom-vertebra",
    "phantom-iliac",
    "phantom-femur",
    "lumbar-vertebra, one probe moved",
    "phantom-femur, one probe moved",
    "phantom-vertebra, all probes moved",
    "phantom-iliac, all probes moved",
    "thorax-spine",
)
"""The factors of the estimate were set on the first four and not changed when the others were solved."""

MOVES_MM = {"one probe moved": (0.9, -0.6, 0.4), "all probes moved": (-0.5, 0.8, 0.7)}


def main() -> int:
    """Solve what is missing, or print the page."""
    if sys.argv[1:2] == ["solve"]:
        for name in sys.argv[2:] or PLANS:
            _solve_plan(name)
        return 0
    print(page(REFERENCE_MM, VOXELS_MM, PLANS), end="")
    return 0


def _solve_plan(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wiring_cases.get_sample(name.partition(",")[0], Path(folder) / "case")
        case = load_case(Path(folder) / "case" / "case.toml")
    case = _moved(case, name.partition(", ")[2])
    done = {tuple(json.loads(line)["key"]) for line in RUNS.read_text().splitlines()} if RUNS.exists() else set()
    for key in _wanted(name):
        if key in done:
            continue
        RUNS.parent.mkdir(exist_ok=True)
        with RUNS.open("a") as file:
            file.write(json.dumps({"key": key, **_solved(case, key)}) + "\n")


def _wanted(name: str) -> Iterator[Key]:
    yield name, REFERENCE_MM, 0, 10.0
    for voxel_mm, level, shift in product(VOXELS_MM, range(3), range(len(SHIFTS))):
        yield name, voxel_mm * RATIO**level, shift, 10.0
    yield name, VOXELS_MM[-1], 0, STEP_S


def _moved(case: Case, how: str) -> Case:
    if not how:
        return case
    placements = case.description.placements[:1] if how.startswith("one") else case.description.placements
    move = np.array(MOVES_MM[how])
    moved = tuple(
        replace(
            place,
            entry_mm=tuple((np.array(place.entry_mm) + move).tolist()),
            target_mm=tuple((np.array(place.target_mm) + move).tolist()),
        )
        for place in placements
    )
    return replace(case, description=replace(case.description, placements=moved))


def _solved(case: Case, key: Key) -> dict[str, object]:
    _, voxel_mm, shift, step_s = key
    description, ct = case.description, case.images.image.volume
    masks = {name: imported.mask for name, imported in case.images.masks.items()}
    zones = check_plan(description, ct, wiring.knowledge().catalogue)
    grid = _shifted(lattice_around(zones, ct, description, voxel_mm=voxel_mm), SHIFTS[shift])
    done = simulate_on(
        grid,
        description,
        ct,
        masks,
        knowledge=wiring.knowledge(),
        solve=_stepping(step_s),
        only_to_compare=True,
    )
    read = PlanReader(description=description, tumour=masks[TUMOUR], directions=[zone.direction for zone in zones])
    figures = read.figures(done.run, done.assessment)
    return {
        "ending": done.run.status.ending,
        "wall_s": done.run.wall_s,
        "figures": {name: (figure.value, figure.unit, figure.per_mm) for name, figure in figures.items()},
    }


def _shifted(grid: Grid, shift: tuple[float, float, float]) -> Grid:
    x, y, z = (float(value) for value in grid.index_to_lps(np.array(shift)))
    return replace(grid, origin_mm=(x, y, z))


def _stepping(longest_step_s: float) -> Solver:
    solve = wiring.solver()

    def stepping(problem: ThermalProblem, *, progress: Progress | None = None) -> ThermalRun:
        return solve(replace(problem, longest_step_s=longest_step_s), progress=progress)

    return stepping


if __name__ == "__main__":
    sys.exit(main())
