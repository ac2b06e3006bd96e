"""V04, V05 and V07, freezing from a wall: one phase (Stefan), two phases (Neumann), a freezing interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.bioheat.exact import ExactFreeze, FreezingMedium, planar_interval, planar_sharp
from givre.bioheat.ice import Freezing
from givre.bioheat.problem import INSULATED, Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import (
    MUSHY,
    SHARP_WIDTH_C,
    TISSUE,
    WATER,
    WIDE,
    corner_distance_m,
    cubic,
    field,
    front_from_ice_m,
    isotherm_radii_m,
    material,
    sharp,
)
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

DEPTH_MM, DURATION_S, INTERVAL_S, FROM_S = 64.0, 600.0, 5.0, 60.0
"""Fronts are compared every five seconds from the first minute on: before, the ice is one voxel deep."""

VOXELS_MM = (2.0, 1.0, 0.5, 0.25)
MELTING_WATER = replace(WATER, initial_c=WATER.upper_c)
WATER_WALL_C, TISSUE_WALLS_C = -20.0, (-40.0, -150.0)
WIDTHS_C = (6.0, 3.0, 1.5, 0.75, 0.375)
WIDTH_SPACING_MM = 0.25


def wall_problem(medium: FreezingMedium, wall_c: float, spacing_mm: float, freezing: Freezing) -> ThermalProblem:
    """A column that freezes from a wall held from time zero."""
    count = round(DEPTH_MM / spacing_mm)
    return ThermalProblem(
        material=field(cubic((1, 1, count), spacing_mm), material(medium)),
        freezing=freezing,
        duration_s=DURATION_S,
        body_temp_c=medium.initial_c,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (wall_c, medium.initial_c)),
        longest_step_s=1.0,
        recording=Recording(interval_s=INTERVAL_S, frozen_volume=True),
    )


def fronts_m(run: ThermalRun) -> tuple[Array, Array]:
    """Instants [s] from the first minute on and depth of the ice then [m], by the heat that the voxels hold."""
    past = run.history
    late = past.time_s >= FROM_S - 1e-6
    return past.time_s[late], front_from_ice_m(run, (2,))[late]


def front_error(medium: FreezingMedium, wall_c: float, spacing_mm: float) -> Comparison:
    """Depth of the ice at every instant [mm]."""
    problem = wall_problem(medium, wall_c, spacing_mm, sharp(medium))
    run = solved(problem)
    time_s, found_m = fronts_m(run)
    exact = planar_sharp(medium, wall_c)
    return compared(run, problem, found_m * 1000, exact.front_m * np.sqrt(time_s) * 1000)


def temperature_error(medium: FreezingMedium, wall_c: float, spacing_mm: float) -> Comparison:
    """Temperature of every voxel at the end [°C]."""
    problem = wall_problem(medium, wall_c, spacing_mm, sharp(medium))
    run = solved(problem)
    expected = planar_sharp(medium, wall_c).temp_c(corner_distance_m(problem.grid, (2,)), DURATION_S)
    return compared(run, problem, run.final_c.ravel(), expected.ravel())


def interval_error(spacing_mm: float) -> Comparison:
    """Depth of both ends of a freezing interval at the end [mm]."""
    exact, wall_c = planar_interval(WIDE, TISSUE_WALLS_C[1]), TISSUE_WALLS_C[1]
    problem = wall_problem(WIDE, wall_c, spacing_mm, MUSHY)
    run = solved(problem)
    depth_m = corner_distance_m(problem.grid, (2,))
    found = [float(isotherm_radii_m(run.final_c, depth_m, at_c)[0]) for at_c in (WIDE.lower_c, WIDE.upper_c)]
    expected = np.array([exact.front_m, exact.upper_front_m]) * np.sqrt(DURATION_S)
    return compared(run, problem, np.array(found) * 1000, expected * 1000)


def interval_temperature_error(spacing_mm: float) -> Comparison:
    """Temperature of every voxel at the end, with a freezing interval [°C]."""
    wall_c = TISSUE_WALLS_C[1]
    exact: ExactFreeze = planar_interval(WIDE, wall_c)
    problem = wall_problem(WIDE, wall_c, spacing_mm, MUSHY)
    run = solved(problem)
    expected = exact.temp_c(corner_distance_m(problem.grid, (2,)), DURATION_S)
    return compared(run, problem, run.final_c.ravel(), expected.ravel())


def width_error(width_c: float) -> Comparison:
    """Depth of the middle of a narrowing interval against the sharp front, every instant [mm]."""
    wall_c = TISSUE_WALLS_C[0]
    lower_c = TISSUE.upper_c - width_c
    freezing = replace(MUSHY, lower_c=lower_c, upper_c=TISSUE.upper_c)
    problem = wall_problem(replace(TISSUE, lower_c=lower_c), wall_c, WIDTH_SPACING_MM, freezing)
    run = solved(problem)
    time_s, found_m = fronts_m(run)
    expected_m = planar_sharp(TISSUE, wall_c).front_m * np.sqrt(time_s)
    return compared(run, problem, found_m * 1000, expected_m * 1000)


def _front(name: str, medium: FreezingMedium, wall_c: float, *bands: PassBand) -> Ladder:
    exact_mm = planar_sharp(medium, wall_c).front_at_m(DURATION_S) * 1000
    return Ladder(
        name=name,
        unit="mm",
        refined="voxel",
        refined_unit="mm",
        levels=VOXELS_MM,
        compare=lambda spacing_mm: front_error(medium, wall_c, spacing_mm),
        bands=(
            PassBand(largest_error=0.005 * exact_mm, source="verification.md: front within 0.5 % of its depth"),
            PassBand(largest_error=0.1, at=1.0, source="issue: front at 1 mm"),
            *bands,
        ),
        note=f"The exact front is {exact_mm:.3f} mm deep at the end; errors at all instants count.",
    )


def _temperature(name: str, medium: FreezingMedium, wall_c: float) -> Ladder:
    return Ladder(
        name=name,
        unit="°C",
        refined="voxel",
        refined_unit="mm",
        levels=VOXELS_MM,
        compare=lambda spacing_mm: temperature_error(medium, wall_c, spacing_mm),
        bands=(PassBand(largest_error=0.2, source="verification.md V05"),),
        note="The worst voxel is the one that the front is crossing.",
    )


_SOURCE = "src/givre/verification/planar_freezing.py"
_SHARP = f"The sharp front is a freezing interval of {SHARP_WIDTH_C:g} °C on the lattice."

STEFAN_CARD = Card(
    id="V04",
    title="One-phase Stefan problem",
    problem=f"Water at its freezing point (k 2.22 W/mK and 1.762 MJ/m³K as ice, 338 MJ/m³), wall held at "
    f"{WATER_WALL_C:g} °C, {DURATION_S:g} s. {_SHARP}",
    reference=Reference(text="s = 2λ√(at), λ exp(λ²) erf λ = Ste/√π; Carslaw & Jaeger 1959, 11.2", standing="textbook"),
    ladders=(_front("front", MELTING_WATER, WATER_WALL_C, PassBand(least_order=0.9, source="verification.md V04")),),
    source=_SOURCE,
)

NEUMANN_CARD = Card(
    id="V05",
    title="Two-phase Neumann problem",
    problem=f"Tissue at 37 °C that freezes at -1 °C (k 2/0.5 W/mK, 1.80/3.6 MJ/m³K, 250 MJ/m³), wall held at "
    f"{TISSUE_WALLS_C[0]:g} and {TISSUE_WALLS_C[1]:g} °C, {DURATION_S:g} s. {_SHARP}",
    reference=Reference(text="Neumann's solution, Carslaw & Jaeger 1959, 11.2", standing="textbook"),
    ladders=(
        *(_front(f"front, wall {wall_c:g} °C", TISSUE, wall_c) for wall_c in TISSUE_WALLS_C),
        *(_temperature(f"temperature, wall {wall_c:g} °C", TISSUE, wall_c) for wall_c in TISSUE_WALLS_C),
    ),
    source=_SOURCE,
)

INTERVAL_CARD = Card(
    id="V07",
    title="Freezing interval, and its sharp limit",
    problem=f"The tissue of V05, latent heat between -8 and -1 °C, wall at {TISSUE_WALLS_C[1]:g} °C; then intervals "
    f"that narrow from {WIDTHS_C[0]:g} to {WIDTHS_C[-1]:g} °C below -1 °C against the sharp front, wall at "
    f"{TISSUE_WALLS_C[0]:g} °C, voxels of {WIDTH_SPACING_MM:g} mm.",
    reference=Reference(
        text="Three zones joined by their heat fluxes (Özışık & Uzzell 1979, planar form); Neumann's solution as the "
        "limit",
        standing="derived",
    ),
    ladders=(
        Ladder(
            name="both ends of the interval",
            unit="mm",
            refined="voxel",
            refined_unit="mm",
            levels=VOXELS_MM,
            compare=interval_error,
            bands=(PassBand(least_order=0.9, monotone=True, source="verification.md V07: converges monotonically"),),
        ),
        Ladder(
            name="temperature with an interval",
            unit="°C",
            refined="voxel",
            refined_unit="mm",
            levels=VOXELS_MM,
            compare=interval_temperature_error,
            bands=(PassBand(largest_error=0.2, source="as V05"),),
        ),
        Ladder(
            name="narrowing interval against the sharp front",
            unit="mm",
            refined="interval",
            refined_unit="°C",
            levels=WIDTHS_C,
            compare=width_error,
            bands=(PassBand(monotone=True, source="verification.md V07: converges monotonically"),),
            note="What shrinks here is the physics, not the grid: the ice in a wide interval is spread over its mush.",
        ),
    ),
    source=_SOURCE,
)
