"""V02, a half-space whose wall is suddenly cooled, without freezing: the error function."""

from __future__ import annotations

from givre.bioheat.problem import INSULATED, ThermalProblem
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.exact_linear import suddenly_cooled_c
from givre.verification.media import TISSUE, corner_distance_m, cubic, field, material
from givre.verification.running import compared, solved

INITIAL_C, WALL_C = 37.0, 2.0
DEPTH_MM, DURATION_S = 60.0, 600.0


def wall_error(spacing_mm: float, axis: int) -> Comparison:
    """Temperatures after ten minutes, all depths, in per cent of the step."""
    shape = [1, 1, 1]
    shape[axis] = round(DEPTH_MM / spacing_mm)
    grid = cubic((shape[0], shape[1], shape[2]), spacing_mm)
    ends = [(INSULATED, INSULATED)] * 3
    ends[axis] = (WALL_C, INITIAL_C)
    problem = ThermalProblem(
        material=field(grid, material(TISSUE)),
        duration_s=DURATION_S,
        faces_c=(ends[0], ends[1], ends[2]),
        longest_step_s=1.0,
    )
    run = solved(problem)
    expected = suddenly_cooled_c(
        corner_distance_m(grid, (axis,)),
        DURATION_S,
        diffusivity=TISSUE.diffusivity_unfrozen,
        initial_c=INITIAL_C,
        wall_c=WALL_C,
    )
    return compared(run, problem, run.final_c.ravel(), expected.ravel(), scale=100 / (INITIAL_C - WALL_C))


def _along(axis: int) -> Ladder:
    return Ladder(
        name=f"wall across axis {'kji'[axis]}",
        unit="% of the step",
        refined="voxel",
        refined_unit="mm",
        levels=(2.0, 1.0, 0.5, 0.25),
        compare=lambda spacing_mm: wall_error(spacing_mm, axis),
        bands=(
            PassBand(largest_error=0.5, source="verification.md V02"),
            PassBand(least_order=1.8, source="own: second order"),
        ),
    )


CARD = Card(
    id="V02",
    title="Suddenly cooled half-space",
    problem=f"Tissue at {INITIAL_C:g} °C (k 0.5 W/mK, 3.6 MJ/m³K, no blood), wall held at {WALL_C:g} °C from time "
    f"zero, {DURATION_S:g} s, all voxels of a column of {DEPTH_MM:g} mm along each axis of the lattice in turn.",
    reference=Reference(text="erfc(x / 2√(at)), Carslaw & Jaeger 1959, 2.5", standing="textbook"),
    ladders=tuple(_along(axis) for axis in range(3)),
    source="src/givre/verification/cooled_wall.py",
)
"""All three axes: each is a different loop of the kernels."""
