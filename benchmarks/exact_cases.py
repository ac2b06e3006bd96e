"""Errors of the solver on exact cases and against the fine radial reference: worst, mean and on which grid.

`python -m benchmarks.exact_cases` prints the table of docs/verification; `--quick` leaves out the finest probe.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from givre.bioheat.exact import line_sink, line_sink_interval, planar_interval, planar_sharp, point_sink
from givre.bioheat.ice import Freezing
from givre.bioheat.radial import RadialProblem, crossing_m, solve_radial
from givre.bioheat.solve import solve
from tests.physics.media import (
    TISSUE,
    constant_probe,
    corner_distance_m,
    corner_problem,
    cubic,
    front_from_ice_m,
    isotherm_radii_m,
    sharp,
)
from tests.physics.test_exact_freezing import MUSHY, WIDE, wall_run
from tests.physics.test_probe_coupling import (
    BOUNDARY_MM,
    FREEZE_S,
    ISOTHERMS_C,
    middle_radii_mm,
    perfused,
    slab_run,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: errors of a front or isotherm [mm]."""

    case: str
    grid_mm: float
    exact_mm: float
    errors_mm: tuple[float, ...]

    def as_markdown(self) -> str:
        """The line."""
        worst = max(self.errors_mm, key=abs)
        mean = float(np.mean(self.errors_mm))
        return f"| {self.case} | {self.grid_mm:g} | {self.exact_mm:.3f} | {worst:+.3f} | {mean:+.3f} |"


def planar_rows() -> list[Row]:
    """Half-space, sharp front and freezing interval."""
    rows = []
    exact, wide = planar_sharp(TISSUE, -150.0), planar_interval(WIDE, -150.0)
    for spacing_mm in (2.0, 1.0, 0.5, 0.25):
        run = wall_run(TISSUE, -150.0, spacing_mm, sharp(TISSUE))
        found = front_from_ice_m(run.final_c, run.grid, sharp(TISSUE), (2,)) * 1000
        expected = exact.front_at_m(600.0) * 1000
        rows.append(
            Row(case="plane, sharp front", grid_mm=spacing_mm, exact_mm=expected, errors_mm=(found - expected,))
        )
    for spacing_mm in (2.0, 1.0, 0.5, 0.25):
        run = wall_run(WIDE, -150.0, spacing_mm, MUSHY)
        depth_m = corner_distance_m(run.grid, (2,))
        for isotherm_c, front_m in ((-8.0, wide.front_m), (-1.0, wide.upper_front_m)):
            expected = front_m * np.sqrt(600.0) * 1000
            error = isotherm_radii_m(run.final_c, depth_m, isotherm_c) * 1000 - expected
            rows.append(
                Row(
                    case=f"plane, interval, {isotherm_c:g} °C",
                    grid_mm=spacing_mm,
                    exact_mm=float(expected),
                    errors_mm=tuple(error.tolist()),
                )
            )
    return rows


def sink_rows() -> list[Row]:
    """Line sink in a plane, with and without interval, and point sink in space."""
    rows = []
    for spacing_mm in (2.0, 1.0, 0.5):
        count = round(60 / spacing_mm)
        grid = cubic((1, count, count), spacing_mm)
        exact = line_sink(TISSUE, 800.0)
        problem, impose = corner_problem(
            exact, TISSUE, grid, (1, 2), freezing=sharp(TISSUE), start_s=60.0, duration_s=540.0, held_m=4e-3, step_s=1.0
        )
        found = front_from_ice_m(solve(problem, impose=impose).final_c, grid, sharp(TISSUE), (1, 2)) * 1000
        expected = exact.front_at_m(600.0) * 1000
        rows.append(
            Row(case="line sink, sharp front", grid_mm=spacing_mm, exact_mm=expected, errors_mm=(found - expected,))
        )
        wide = line_sink_interval(WIDE, 800.0)
        problem, impose = corner_problem(
            wide, WIDE, grid, (1, 2), freezing=MUSHY, start_s=60.0, duration_s=540.0, held_m=4e-3, step_s=1.0
        )
        run = solve(problem, impose=impose)
        radius_m = corner_distance_m(grid, (1, 2))
        for isotherm_c, front_m in ((-8.0, wide.front_m), (-1.0, wide.upper_front_m)):
            expected = float(front_m * np.sqrt(600.0) * 1000)
            error = isotherm_radii_m(run.final_c, radius_m, isotherm_c) * 1000 - expected
            rows.append(
                Row(
                    case=f"line sink, interval, {isotherm_c:g} °C, all directions",
                    grid_mm=spacing_mm,
                    exact_mm=expected,
                    errors_mm=tuple(error.tolist()),
                )
            )
    for spacing_mm in (2.0, 1.0):
        count = round(38 / spacing_mm)
        grid = cubic((count, count, count), spacing_mm)
        exact = point_sink(TISSUE, 20.0)
        problem, impose = corner_problem(
            exact, TISSUE, grid, (0, 1, 2), freezing=sharp(TISSUE), start_s=60.0, duration_s=540.0, held_m=4.5e-3,
            step_s=1.0,
        )  # fmt: skip
        found = front_from_ice_m(solve(problem, impose=impose).final_c, grid, sharp(TISSUE), (0, 1, 2)) * 1000
        expected = exact.front_at_m(600.0) * 1000
        rows.append(
            Row(case="point sink, sharp front", grid_mm=spacing_mm, exact_mm=expected, errors_mm=(found - expected,))
        )
    return rows


def probe_rows(*, quick: bool) -> list[Row]:
    """Isotherms of one 1.5 mm probe at -140 °C after 10 minutes, in 72 directions of the middle plane."""
    problem = RadialProblem(
        material=perfused(), freezing=Freezing(lower_c=-8.0, upper_c=-1.0), inner_m=0.75e-3,
        outer_m=BOUNDARY_MM / 1000, cells=600,
    )  # fmt: skip
    radius_m, temp_c = solve_radial(problem, constant_probe(-140.0, FREEZE_S), FREEZE_S)
    rows = []
    for spacing_mm, slices in ((2.0, 36), (1.5, 48), (1.0, 64), *(() if quick else ((0.5, 110),))):
        run, grid = slab_run(spacing_mm, slices)
        for isotherm_c in ISOTHERMS_C:
            expected = crossing_m(radius_m, temp_c, isotherm_c) * 1000
            error = middle_radii_mm(run, grid, isotherm_c) - expected
            rows.append(
                Row(
                    case=f"1.5 mm probe, {isotherm_c:g} °C, all directions",
                    grid_mm=spacing_mm,
                    exact_mm=expected,
                    errors_mm=tuple(error.tolist()),
                )
            )
    return rows


def main() -> None:
    """Print the table."""
    print("| case | voxel (mm) | exact (mm) | worst error (mm) | mean error (mm) |\n|---|---|---|---|---|")
    for rows in (planar_rows(), sink_rows(), probe_rows(quick="--quick" in sys.argv)):
        for row in rows:
            print(row.as_markdown(), flush=True)


if __name__ == "__main__":
    main()
