"""V15, the edges of the domain: skin that loses heat through a film, and a domain that is large enough."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import INSULATED, ThermalProblem
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.exact_linear import film_cooled_c, film_mode_c
from givre.verification.media import TISSUE, constant_probe, corner_distance_m, cubic, field, material, probe
from givre.verification.probe_runs import COLD_C, RADIUS_MM, box_problem, end_volume_ml, middle_mm
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

BODY_C, AIR_C, SALINE_C = 37.0, 20.0, 5.0
AIR_FILM, SALINE_FILM = 10.0, 500.0
"""W/m²K: still air on skin with some radiation; cold saline that flows."""

DEPTH_MM, DURATION_S = 60.0, 600.0
SLAB_MM, SLAB_S, AMPLITUDE_C = 20.0, 400.0, 10.0
HELD = math.inf
VOXELS_MM = (2.0, 1.0, 0.5, 0.25)

MARGINS_MM, FAR_MARGIN_MM = (20.0, 24.0, 30.0, 40.0), 56.0
"""From the active zone to the edge of the domain; a case file may ask for 20 mm and takes 40 by default."""

ZONE_MM, MARGIN_VOXEL_MM, FREEZE_S = 20.0, 2.0, 600.0


def film_error(spacing_mm: float, film: float, air_c: float) -> Comparison:
    """Tissue at body temperature that loses heat through a film for ten minutes, all depths, % of the step."""
    grid = cubic((1, 1, round(DEPTH_MM / spacing_mm)), spacing_mm)
    problem = ThermalProblem(
        material=field(grid, material(TISSUE)),
        duration_s=DURATION_S,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (air_c, BODY_C)),
        faces_film_w_m2k=((HELD, HELD), (HELD, HELD), (film, HELD)),
        longest_step_s=1.0,
    )
    run = solved(problem)
    expected = film_cooled_c(
        corner_distance_m(grid, (2,)), DURATION_S, conductivity=TISSUE.k_unfrozen, capacity=TISSUE.capacity_unfrozen,
        film=film, initial_c=BODY_C, air_c=air_c,
    )  # fmt: skip
    return compared(run, problem, run.final_c, expected, scale=100 / (BODY_C - air_c))


def mode_error(spacing_mm: float, axis: int) -> Comparison:
    """A slab, insulated on one side, that cools through a film on the other, all voxels, % of the amplitude."""
    shape = [1, 1, 1]
    shape[axis] = round(SLAB_MM / spacing_mm)
    grid = cubic((shape[0], shape[1], shape[2]), spacing_mm)
    depth_m = corner_distance_m(grid, (axis,))

    def exact_c(time_s: float) -> Array:
        return film_mode_c(
            depth_m, time_s, width_m=SLAB_MM / 1000, conductivity=TISSUE.k_unfrozen,
            capacity=TISSUE.capacity_unfrozen, film=SALINE_FILM, air_c=AIR_C, amplitude_c=AMPLITUDE_C,
        )  # fmt: skip

    ends, films = [(INSULATED, INSULATED)] * 3, [(HELD, HELD)] * 3
    ends[axis], films[axis] = (INSULATED, AIR_C), (HELD, SALINE_FILM)
    problem = ThermalProblem(
        material=field(grid, material(TISSUE)),
        duration_s=SLAB_S,
        faces_c=(ends[0], ends[1], ends[2]),
        faces_film_w_m2k=(films[0], films[1], films[2]),
        initial_c=exact_c(0.0),
        longest_step_s=1.0,
    )
    run = solved(problem)
    return compared(run, problem, run.final_c, exact_c(SLAB_S), scale=100 / AMPLITUDE_C)


@cache
def _ice_ml(margin_mm: float) -> tuple[float, int, int]:
    """Ice of one probe in a box with that margin [mL], voxels and steps."""
    across = 2 * margin_mm
    box_mm = (across + ZONE_MM, across, across)
    source = probe(
        middle_mm(MARGIN_VOXEL_MM, box_mm), (1.0, 0.0, 0.0), active_zone_mm=ZONE_MM,
        history=constant_probe(COLD_C, FREEZE_S), radius_mm=RADIUS_MM,
    )  # fmt: skip
    problem = box_problem(MARGIN_VOXEL_MM, box_mm, (source,), FREEZE_S)
    run = solved(problem)
    return end_volume_ml(run, 0.0), int(np.prod(problem.grid.shape)), run.steps


def margin_error(margin_mm: float) -> Comparison:
    """Ice in a small domain against that in a large one, in per cent."""
    found_ml, voxels, steps = _ice_ml(margin_mm)
    expected_ml, _, _ = _ice_ml(FAR_MARGIN_MM)
    return Comparison(
        found=np.array([found_ml]), expected=np.array([expected_ml]), scale=100 / expected_ml,
        spacing_mm=MARGIN_VOXEL_MM, voxels=voxels, steps=steps,
    )  # fmt: skip


def _film(name: str, film: float, air_c: float) -> Ladder:
    return Ladder(
        name=name,
        unit="% of the step",
        refined="voxel",
        refined_unit="mm",
        levels=VOXELS_MM,
        compare=lambda spacing_mm: film_error(spacing_mm, film, air_c),
        bands=(
            PassBand(largest_error=0.5, source="verification.md V15"),
            PassBand(least_order=1.8, source="own: second order"),
        ),
        floor=1e-4,
    )


def _mode(axis: int) -> Ladder:
    return Ladder(
        name=f"slab with a film across axis {'kji'[axis]}",
        unit="% of the amplitude",
        refined="voxel",
        refined_unit="mm",
        levels=VOXELS_MM,
        compare=lambda spacing_mm: mode_error(spacing_mm, axis),
        bands=(
            PassBand(largest_error=0.5, source="verification.md V15"),
            PassBand(least_order=1.8, source="own: second order"),
        ),
    )


CARD = Card(
    id="V15",
    title="Skin with a film, and the size of the domain",
    problem=f"Tissue at {BODY_C:g} °C that loses heat through {AIR_FILM:g} W/m²K to air at {AIR_C:g} °C and through "
    f"{SALINE_FILM:g} W/m²K to saline at {SALINE_C:g} °C; a slab of {SLAB_MM:g} mm that cools through a film; and the "
    f"ice of one probe at {COLD_C:g} °C after {FREEZE_S:g} s in domains that end 20 to 40 mm from its active zone.",
    reference=Reference(
        text="Half-space and slab with a film, Carslaw & Jaeger 1959, 2.7 and 3.9; a domain that ends "
        f"{FAR_MARGIN_MM:g} mm away",
        standing="textbook",
    ),
    ladders=(
        _film("air on skin", AIR_FILM, AIR_C),
        _film("saline on skin", SALINE_FILM, SALINE_C),
        *(_mode(axis) for axis in range(3)),
        Ladder(
            name="margin around the active zone, ice",
            unit="%",
            refined="",
            refined_unit="",
            levels=MARGINS_MM,
            names=tuple(f"{margin_mm:g} mm" for margin_mm in MARGINS_MM),
            compare=margin_error,
            bands=(PassBand(largest_error=0.5, source="verification.md V15: big domain"),),
            note=f"Held at 37 °C at its edge; voxels of {MARGIN_VOXEL_MM:g} mm; the band is for the "
            "default margin, the last one. A run whose domain was too small says so.",
        ),
    ),
    source="src/givre/verification/edges.py",
)
