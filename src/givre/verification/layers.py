"""V09, where materials meet: steady layers, two bodies brought together, freezing against a cold body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.bioheat.materials import material_columns
from givre.bioheat.problem import INSULATED, Recording, ThermalProblem
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.exact_ice import freezing_against
from givre.verification.exact_linear import two_bodies_c
from givre.verification.media import TISSUE, cubic, front_from_ice_m, material, sharp, tabled
from givre.verification.running import compared, nothing_held, solved

Array = npt.NDArray[np.float64]

WARM_C, COOL_C = 37.0, 7.0
STACK = ("muscle", "cortical_bone", "red_marrow", "air", "cement", "metal")
"""Neighbours in turn: every jump that a cryoablation of bone may hold."""

LAYER_MM = 4.0
SHIFTS = (0.125, 0.375, 0.625, 0.875)
"""How far the boundaries lie from the faces of the voxels, in voxels."""

PAIRS = (("cortical_bone", "red_marrow"), ("muscle", "cement"), ("muscle", "metal"), ("muscle", "air"))
PAIR_S, PAIR_REACH_MM = 120.0, {"air": 48.0, "metal": 96.0}
COLD_BODIES = {"metal": -60.0, "cement": -100.0, "cortical_bone": -100.0}
CONTACT_S, CONTACT_FROM_S = 300.0, 60.0


def _stack(count: int, spacing_mm: float, shift_mm: float) -> npt.NDArray[np.uint8]:
    centre_mm = (np.arange(count) + 0.5) * spacing_mm - shift_mm
    return np.asarray(np.clip(centre_mm // LAYER_MM, 0, len(STACK) - 1), dtype=np.uint8)


def _unfreezing(name: str) -> ThermalMaterial:
    """A tissue without blood that is never cold enough to freeze here; a tiny heat capacity brings it to rest soon."""
    return replace(tabled(name, bloodless=True), capacity_unfrozen_j_m3k=1e5, capacity_frozen_j_m3k=1e5)


def _capacity_j_m3k(material_: ThermalMaterial) -> float:
    """Heat capacity above freezing as the solver takes it: it gives gases more than they have."""
    return float(material_columns((material_,), Freezing()).capacity_warm[0])


def _column(
    grid_count: int, spacing_mm: float, index: npt.NDArray[np.integer], materials: tuple[ThermalMaterial, ...]
) -> MaterialField:
    grid = cubic((1, 1, grid_count), spacing_mm)
    return MaterialField(grid=grid, index=index.astype(np.uint8).reshape(grid.shape), materials=materials)


def steady_error(spacing_mm: float, shifts: tuple[float, ...]) -> Comparison:
    """Heat flux through each of six layers at rest, in per cent of the exact flux.

    Args:
        spacing_mm: voxel.
        shifts: how far the boundaries lie from the faces of the voxels, in voxels; one run for each.
    """
    materials = tuple(_unfreezing(name) for name in STACK)
    count = round(len(STACK) * LAYER_MM / spacing_mm)
    problems = [_rest_problem(materials, count, spacing_mm, shift) for shift in shifts]
    runs = [solved(problem) for problem in problems]
    found: list[float] = []
    expected: list[float] = []
    for shift, problem, run in zip(shifts, problems, runs, strict=True):
        temp_c = run.final_c.ravel().astype(np.float64)
        fluxes = _layer_fluxes(temp_c, problem.material.index.ravel(), materials, problem.spacing_m)
        found += fluxes
        expected += [_exact_flux(materials, shift * spacing_mm)] * len(fluxes)
    return compared(runs[0], problems[0], found, expected, scale=100 / expected[0])


def _rest_problem(
    materials: tuple[ThermalMaterial, ...], count: int, spacing_mm: float, shift: float
) -> ThermalProblem:
    return ThermalProblem(
        material=_column(count, spacing_mm, _stack(count, spacing_mm, shift * spacing_mm), materials),
        duration_s=900.0,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (COOL_C, WARM_C)),
    )


def _exact_flux(materials: tuple[ThermalMaterial, ...], shift_mm: float) -> float:
    widths_mm = np.full(len(materials), LAYER_MM)
    widths_mm[0] += shift_mm
    widths_mm[-1] -= shift_mm
    conductivity = np.array([m.conductivity_unfrozen_w_mk for m in materials])
    return (WARM_C - COOL_C) / float((widths_mm / 1000 / conductivity).sum())


def _layer_fluxes(
    temp_c: Array, index: npt.NDArray[np.uint8], materials: tuple[ThermalMaterial, ...], spacing_m: float
) -> list[float]:
    """From the first to the last voxel of each layer: over the whole layer rounding of temperatures does not show."""
    fluxes = []
    for n, material_ in enumerate(materials):
        inside = np.flatnonzero(index == n)
        if len(inside) > 1:
            drop_c = float(temp_c[inside[-1]] - temp_c[inside[0]])
            fluxes.append(material_.conductivity_unfrozen_w_mk * drop_c / ((len(inside) - 1) * spacing_m))
    return fluxes


def pair_error(pair: tuple[str, str], spacing_mm: float) -> Comparison:
    """Two half-spaces brought together, all voxels after two minutes, in per cent of the step."""
    one, other = (tabled(name, bloodless=True) for name in pair)
    reach = [PAIR_REACH_MM.get(name, 32.0) for name in pair]
    counts = [round(r / spacing_mm) for r in reach]
    index = np.repeat([0, 1], counts)
    problem = ThermalProblem(
        material=_column(sum(counts), spacing_mm, index, (one, other)),
        duration_s=PAIR_S,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (WARM_C, COOL_C)),
        initial_c=np.where(index == 0, WARM_C, COOL_C).astype(float).reshape(1, 1, -1),
        longest_step_s=0.5,
    )
    run = solved(problem, nothing_held)
    place_m = (np.arange(sum(counts)) + 0.5 - counts[0]) * spacing_mm / 1000
    expected = two_bodies_c(
        place_m, PAIR_S,
        conductivity=(one.conductivity_unfrozen_w_mk, other.conductivity_unfrozen_w_mk),
        capacity=(_capacity_j_m3k(one), _capacity_j_m3k(other)), initial_c=(WARM_C, COOL_C),
    )  # fmt: skip
    return compared(run, problem, run.final_c.ravel(), expected, scale=100 / (WARM_C - COOL_C))


def contact_error(body: str, spacing_mm: float) -> Comparison:
    """Depth of the ice in tissue against a cold body that does not freeze, at every instant after a minute [mm]."""
    found = tabled(body, bloodless=True)
    solid = replace(found, freezes=False, latent_j_m3=0.0)
    cold_c, reach_mm = COLD_BODIES[body], PAIR_REACH_MM.get(body, 40.0)
    counts = [round(reach_mm / spacing_mm), round(48.0 / spacing_mm)]
    index = np.repeat([0, 1], counts)
    freezing: Freezing = sharp(TISSUE)
    problem = ThermalProblem(
        material=_column(sum(counts), spacing_mm, index, (solid, material(TISSUE))),
        freezing=freezing,
        duration_s=CONTACT_S,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (cold_c, TISSUE.initial_c)),
        initial_c=np.where(index == 0, cold_c, TISSUE.initial_c).astype(float).reshape(1, 1, -1),
        longest_step_s=0.5,
        recording=Recording(interval_s=5.0, frozen_volume=True),
    )
    run = solved(problem)
    past = run.history
    late = past.time_s >= CONTACT_FROM_S - 1e-6
    depth_mm = front_from_ice_m(run, (2,))[late] * 1000
    exact = freezing_against(
        TISSUE, body_k=solid.conductivity_unfrozen_w_mk, body_capacity=_capacity_j_m3k(solid), body_c=cold_c
    )
    return compared(run, problem, depth_mm, exact.front_m * np.sqrt(past.time_s[late]) * 1000)


def _pair(pair: tuple[str, str]) -> Ladder:
    return Ladder(
        name=f"{pair[0].replace('_', ' ')} against {pair[1].replace('_', ' ')}, transient",
        unit="% of the step",
        refined="voxel",
        refined_unit="mm",
        levels=(2.0, 1.0, 0.5, 0.25),
        compare=lambda spacing_mm: pair_error(pair, spacing_mm),
        bands=(PassBand(largest_error=1.0, least_order=0.9, source="verification.md V09"),),
    )


def _contact(body: str) -> Ladder:
    return Ladder(
        name=f"tissue freezing against {body.replace('_', ' ')} at {COLD_BODIES[body]:g} °C",
        unit="mm",
        refined="voxel",
        refined_unit="mm",
        levels=(2.0, 1.0, 0.5, 0.25),
        compare=lambda spacing_mm: contact_error(body, spacing_mm),
        bands=(
            PassBand(least_order=0.9, source="verification.md V09"),
            PassBand(largest_error=0.1, at=1.0, source="issue: front at 1 mm"),
        ),
    )


CARD = Card(
    id="V09",
    title="Jumps between materials",
    problem=f"Six layers of {LAYER_MM:g} mm ({', '.join(name.replace('_', ' ') for name in STACK)}) between {COOL_C:g} "
    f"and {WARM_C:g} °C at rest, their boundaries on faces of voxels and then at four places inside voxels; pairs of "
    f"materials at {WARM_C:g} and {COOL_C:g} °C brought together; and tissue at 37 °C that freezes against a cold "
    f"body.",
    reference=Reference(
        text="Resistances in series; two half-spaces in contact, Carslaw & Jaeger 1959, 2.15; freezing against a body, "
        "Schwarz 1931 (Carslaw & Jaeger 11.2)",
        standing="textbook",
    ),
    ladders=(
        Ladder(
            name="flux through six layers, boundaries on faces",
            unit="%",
            refined="voxel",
            refined_unit="mm",
            levels=(2.0, 1.0, 0.5, 0.25),
            compare=lambda spacing_mm: steady_error(spacing_mm, (0.0,)),
            bands=(PassBand(largest_error=1.0, least_order=0.9, source="verification.md V09"),),
            floor=0.1,
            note="Exact up to rounding, since half of the way lies in each material.",
        ),
        Ladder(
            name="flux through six layers, boundaries inside voxels",
            unit="%",
            refined="voxel",
            refined_unit="mm",
            levels=(2.0, 1.0, 0.5, 0.25),
            compare=lambda spacing_mm: steady_error(spacing_mm, SHIFTS),
            bands=(PassBand(largest_error=1.0, least_order=0.9, source="verification.md V09"),),
            norm="rms",
            note="A voxel is made of one material, so a boundary may be up to half a voxel off: the error of the "
            "tissue map, not of the solver.",
        ),
        *(_pair(pair) for pair in PAIRS),
        *(_contact(body) for body in COLD_BODIES),
    ),
    source="src/givre/verification/layers.py",
    notes=(
        "Air has the heat capacity that the solver gives it, in the exact solutions too; a gas has far less.",
        "Bodies that freeze on both sides of a boundary have no closed form that we know of.",
    ),
)
