"""V06, freezing around a line and a point: similarity solutions in two and three dimensions of the lattice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from givre.bioheat.exact import ExactFreeze, FreezingMedium, line_sink, line_sink_interval, point_sink
from givre.bioheat.ice import Freezing
from givre.bioheat.march import Impose
from givre.bioheat.problem import ThermalProblem
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import (
    MUSHY,
    TISSUE,
    WIDE,
    corner_distance_m,
    corner_problem,
    cubic,
    front_from_ice_m,
    isotherm_radii_m,
    sharp,
)
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

POWER_W_M, AMPLITUDE_C = 800.0, 20.0
START_S, DURATION_S, SETTLED_S = 60.0, 540.0, 60.0
PLANE_MM, SPACE_MM = 60.0, 36.0
HELD_LINE_M, HELD_POINT_M = 4e-3, 4.5e-3


def _corner(
    exact: ExactFreeze, medium: FreezingMedium, freezing: Freezing, spacing_mm: float, axes: tuple[int, ...]
) -> tuple[ThermalProblem, Impose]:
    count = round((PLANE_MM if len(axes) == 2 else SPACE_MM) / spacing_mm)
    grid = cubic((count if 0 in axes else 1, count if 1 in axes else 1, count if 2 in axes else 1), spacing_mm)
    return corner_problem(
        exact, medium, grid, axes, freezing=freezing, start_s=START_S, duration_s=DURATION_S,
        held_m=HELD_LINE_M if len(axes) == 2 else HELD_POINT_M, step_s=1.0,
    )  # fmt: skip


def sharp_front_error(exact: ExactFreeze, spacing_mm: float, axes: tuple[int, ...]) -> Comparison:
    """Radius of the ice at every instant from the first minute on, by the heat that the voxels hold [mm]."""
    problem, impose = _corner(exact, TISSUE, sharp(TISSUE), spacing_mm, axes)
    run = solved(problem, impose)
    found_mm = front_from_ice_m(run, axes) * 1000
    expected_mm = exact.front_m * np.sqrt(START_S + run.history.time_s) * 1000
    late = run.history.time_s >= SETTLED_S - 1e-6
    return compared(run, problem, found_mm[late], expected_mm[late])


def interval_error(spacing_mm: float) -> Comparison:
    """Both ends of the interval around a line, wherever a row of voxels crosses them [mm]."""
    exact = line_sink_interval(WIDE, POWER_W_M)
    problem, impose = _corner(exact, WIDE, MUSHY, spacing_mm, (1, 2))
    run = solved(problem, impose)
    distance_m = corner_distance_m(problem.grid, (1, 2))
    found, expected = [], []
    for isotherm_c, front_m in ((WIDE.lower_c, exact.front_m), (WIDE.upper_c, exact.upper_front_m)):
        radii = isotherm_radii_m(run.final_c, distance_m, isotherm_c) * 1000
        found.append(radii)
        expected.append(np.full(radii.shape, front_m * np.sqrt(START_S + DURATION_S) * 1000))
    return compared(run, problem, np.concatenate(found), np.concatenate(expected))


def _ladder(
    name: str,
    radius_mm: float,
    compare: Callable[[float], Comparison],
    levels: tuple[float, ...],
    *bands: PassBand,
) -> Ladder:
    return Ladder(
        name=name,
        unit="mm",
        refined="voxel",
        refined_unit="mm",
        levels=levels,
        compare=compare,
        bands=(PassBand(largest_error=0.01 * radius_mm, source="verification.md V06: radius within 1 %"), *bands),
    )


def _radius_mm(exact: ExactFreeze) -> float:
    return exact.front_at_m(START_S + DURATION_S) * 1000


CARD = Card(
    id="V06",
    title="Freezing around a line and a point",
    problem=f"The tissue of V05 around a line that takes {POWER_W_M:g} W/m, and around a point whose pull grows like "
    f"the square root of time (amplitude {AMPLITUDE_C:g} °C). A quarter of the plane, an eighth of space; the exact "
    f"field at {START_S:g} s to begin with, voxels within "
    f"{HELD_LINE_M * 1000:g} and {HELD_POINT_M * 1000:g} mm held, until {START_S + DURATION_S:g} s.",
    reference=Reference(
        text="Paterson, Proc Glasgow Math Assoc 1 (1952) 42; Carslaw & Jaeger 1959, 11.6; with an interval Özışık & "
        "Uzzell, J Heat Transfer 101 (1979) 331",
        standing="recalled",
    ),
    ladders=(
        _ladder(
            "line, sharp front",
            _radius_mm(line_sink(TISSUE, POWER_W_M)),
            lambda spacing_mm: sharp_front_error(line_sink(TISSUE, POWER_W_M), spacing_mm, (1, 2)),
            (2.0, 1.0, 0.5, 0.25),
        ),
        _ladder(
            "line, both ends of the interval, all directions",
            _radius_mm(line_sink_interval(WIDE, POWER_W_M)),
            interval_error,
            (2.0, 1.0, 0.5, 0.25),
        ),
        _ladder(
            "point, sharp front",
            _radius_mm(point_sink(TISSUE, AMPLITUDE_C)),
            lambda spacing_mm: sharp_front_error(point_sink(TISSUE, AMPLITUDE_C), spacing_mm, (0, 1, 2)),
            (2.0, 1.5, 1.0, 0.75),
            PassBand(largest_error=0.1, at=1.0, source="issue: front at 1 mm, point sink"),
        ),
    ),
    source="src/givre/verification/sinks.py",
    notes=(
        "The closed forms satisfy their equations and were checked against tabulated radii; the papers were not read.",
    ),
)
