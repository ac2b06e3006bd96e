"""V13 and V14, a probe thinner than a voxel against a fine radial code: one freeze, then thaw and a second freeze."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import ThermalProblem
from givre.bioheat.radial import RadialProblem, crossing_m, solve_radial
from givre.bioheat.run import ThermalRun
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import constant_probe, stepped_probe
from givre.verification.probe_runs import (
    COLD_C,
    INTERVAL,
    ISOTHERMS_C,
    RADIUS_MM,
    middle_plane,
    perfused_tissue,
    plane_radii_mm,
    slab_problem,
)
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

REACH_MM, HEIGHT_MM = 30.0, 54.0
FREEZE_S = 300.0
VOXELS_MM = (3.0, 2.0, 1.5, 1.0)
CELLS = 300
"""Radial cells; with 500 no isotherm moves by more than 0.02 mm."""

FIRST_S, THAW_S, SECOND_S = 180.0, 120.0, 180.0


def cycle() -> SurfaceHistory:
    """Freeze, passive thaw, freeze."""
    return stepped_probe(
        (FIRST_S, COLD_C, "cooling_only"),
        (FIRST_S + THAW_S, COLD_C, "none"),
        (FIRST_S + THAW_S + SECOND_S, COLD_C, "cooling_only"),
    )


@cache
def cycle_field(until_s: float) -> tuple[Array, Array]:
    """Radii [m] and temperatures [°C] of the fine radial code at some instant of the cycle."""
    return radial_field(cycle(), until_s)


def radial_field(history: SurfaceHistory, duration_s: float, cells: int = CELLS) -> tuple[Array, Array]:
    """Radii [m] and temperatures [°C] of the fine radial code."""
    problem = RadialProblem(
        material=perfused_tissue(), freezing=INTERVAL, inner_m=RADIUS_MM / 1000, outer_m=REACH_MM / 1000, cells=cells
    )
    return solve_radial(problem, history, duration_s)


@cache
def freeze_radii_mm() -> dict[float, float]:
    """Radii of the isotherms after the single freeze [mm]."""
    radius_m, temp_c = radial_field(constant_probe(COLD_C, FREEZE_S), FREEZE_S)
    return {isotherm_c: crossing_m(radius_m, temp_c, isotherm_c) * 1000 for isotherm_c in ISOTHERMS_C}


@cache
def freeze_run(spacing_mm: float) -> tuple[ThermalRun, ThermalProblem]:
    """The single freeze on the voxel lattice."""
    problem = slab_problem(
        spacing_mm, constant_probe(COLD_C, FREEZE_S), FREEZE_S, reach_mm=REACH_MM, height_mm=HEIGHT_MM,
        freezes_s=((0.0, FREEZE_S),),
    )  # fmt: skip
    return solved(problem), problem


def radius_error(spacing_mm: float, isotherm_c: float) -> Comparison:
    """Radius of an isotherm in 72 directions of the middle plane, in per cent."""
    run, problem = freeze_run(spacing_mm)
    found = plane_radii_mm(middle_plane(run.final_c), spacing_mm, isotherm_c)
    expected = freeze_radii_mm()[isotherm_c]
    return compared(
        run, problem, found, np.full(found.shape, expected), scale=100 / expected, remark=f"reference {expected:.3f} mm"
    )


@cache
def cycle_run(spacing_mm: float, until_s: float) -> tuple[ThermalRun, ThermalProblem]:
    """Freeze, thaw and freeze on the voxel lattice, until some instant."""
    freezes = ((0.0, FIRST_S), (FIRST_S + THAW_S, FIRST_S + THAW_S + SECOND_S))
    problem = slab_problem(
        spacing_mm, cycle(), until_s, reach_mm=REACH_MM, height_mm=HEIGHT_MM,
        freezes_s=tuple(window for window in freezes if window[1] <= until_s),
    )  # fmt: skip
    return solved(problem), problem


def cycle_error(spacing_mm: float, until_s: float) -> Comparison:
    """Temperature along both axes of the middle plane beyond 3 mm, at some instant of the cycle [°C]."""
    run, problem = cycle_run(spacing_mm, until_s)
    plane = middle_plane(run.final_c)
    row = plane[:, plane.shape[1] // 2 - 1 : plane.shape[1] // 2 + 1]
    radius_m, temp_c = cycle_field(until_s)
    along = np.abs(np.arange(plane.shape[0]) + 0.5 - plane.shape[0] / 2) * spacing_mm / 1000
    distance_m = np.hypot(along, spacing_mm / 2000)
    kept = (distance_m > 3e-3) & (distance_m < 24e-3)
    found = row[kept].ravel()
    expected = np.repeat(np.interp(distance_m[kept], radius_m, temp_c), 2)
    return compared(run, problem, found, expected)


def refreeze_radius_error(spacing_mm: float) -> Comparison:
    """Radii of the 0, -20 and -40 °C isotherms after the second freeze, all directions [mm]."""
    until_s = FIRST_S + THAW_S + SECOND_S
    run, problem = cycle_run(spacing_mm, until_s)
    radius_m, temp_c = cycle_field(until_s)
    found, expected = [], []
    for isotherm_c in ISOTHERMS_C:
        radii = plane_radii_mm(middle_plane(run.final_c), spacing_mm, isotherm_c)
        found.append(radii)
        expected.append(np.full(radii.shape, crossing_m(radius_m, temp_c, isotherm_c) * 1000))
    return compared(run, problem, np.concatenate(found), np.concatenate(expected))


def _radius(isotherm_c: float) -> Ladder:
    return Ladder(
        name=f"radius of {isotherm_c:g} °C, all directions",
        unit="%",
        refined="voxel",
        refined_unit="mm",
        levels=VOXELS_MM,
        compare=lambda spacing_mm: radius_error(spacing_mm, isotherm_c),
        bands=(PassBand(largest_error=3.0, at=2.0, source="verification.md V13: at the clinical grid"),),
    )


_SOURCE = "src/givre/verification/thin_probe.py"
_RADIAL = (
    "A code of one dimension, {cells} radial cells, in double precision, plain explicit steps "
    "(`givre.bioheat.radial`); it shares the material law with the solver, nothing else"
)

FINITE_SLAB = (
    "The active zone must end two voxels from the faces of the slab, so that coarse grids miss some cold at both ends; "
    "the middle plane hardly feels it."
)

THIN_CARD = Card(
    id="V13",
    title="A probe thinner than a voxel",
    problem=f"A 1.5 mm probe at {COLD_C:g} °C through a slab of {HEIGHT_MM:g} mm with insulated faces, perfused tissue "
    f"(2 kW/m³K, -8 to -1 °C, ice after Slack), {FREEZE_S:g} s, held at 37 °C {REACH_MM:g} mm away.",
    reference=Reference(text=_RADIAL.format(cells=CELLS), standing="own"),
    ladders=tuple(_radius(isotherm_c) for isotherm_c in ISOTHERMS_C),
    source=_SOURCE,
    notes=(FINITE_SLAB,),
)

THAW_CARD = Card(
    id="V14",
    title="Thaw and second freeze",
    problem=f"The slab of V13: {FIRST_S:g} s freeze, {THAW_S:g} s passive thaw, {SECOND_S:g} s freeze.",
    reference=Reference(text=_RADIAL.format(cells=CELLS), standing="own"),
    ladders=(
        Ladder(
            name="temperatures at the end of the thaw",
            unit="°C",
            refined="voxel",
            refined_unit="mm",
            levels=VOXELS_MM,
            compare=lambda spacing_mm: cycle_error(spacing_mm, FIRST_S + THAW_S),
            bands=(PassBand(largest_error=0.5, source="own band, set after the first figures: regression, V14"),),
        ),
        Ladder(
            name="isotherms after the second freeze, all directions",
            unit="mm",
            refined="voxel",
            refined_unit="mm",
            levels=VOXELS_MM,
            compare=refreeze_radius_error,
            bands=(PassBand(largest_error=0.3, at=2.0, source="own band: regression, V14"),),
        ),
    ),
    source=_SOURCE,
    notes=(
        "The model knows no hysteresis: tissue freezes and thaws over the same interval, and blood comes back at once.",
    ),
)
