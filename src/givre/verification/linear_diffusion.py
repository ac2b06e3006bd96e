"""V01, linear diffusion: decaying cosines in one, two and three dimensions, orders in space and time.

The solver has no source term, and needs none here: products of cosines (insulated faces) and sines (held faces) are
exact solutions of the linear heat equation, so nothing is manufactured. The order in time is measured against the exact
solution of the equations on the lattice, whose decay rates are known in closed form, so space adds no error.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import INSULATED, ThermalProblem
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import TISSUE, cubic, field, material, solid_matter
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

MEAN_C, AMPLITUDE_C = 25.0, 15.0
SIDE_MM, DURATION_S = 24.0, 240.0
HELD_AXIS = 2
"""Its faces are held at the mean temperature and its mode is a sine; along the others, insulated, (1 + cosine) / 2."""

CONDUCTOR = solid_matter("conductor", 10.0, 2e6)
STEP_SIDE, STEP_SPACING_MM, STEP_MODE, STEP_DURATION_S = 16, 5.0, 3, 30.0


def mode_error(spacing_mm: float, axes: tuple[int, ...]) -> Comparison:
    """One mode along each of some axes, after four minutes, all voxels."""
    count = round(SIDE_MM / spacing_mm)
    grid = cubic((count if 0 in axes else 1, count if 1 in axes else 1, count if 2 in axes else 1), spacing_mm)
    decay = float(np.exp(-TISSUE.diffusivity_unfrozen * (np.pi / (SIDE_MM / 1000)) ** 2 * DURATION_S))
    before, after = np.ones(grid.shape), np.ones(grid.shape)
    for axis in axes:
        phase = np.pi * (np.indices(grid.shape)[axis] + 0.5) / count
        if axis == HELD_AXIS:
            before, after = before * np.sin(phase), after * np.sin(phase) * decay
        else:
            before, after = before * (1 + np.cos(phase)) / 2, after * (1 + np.cos(phase) * decay) / 2
    ends = tuple((MEAN_C, MEAN_C) if axis == HELD_AXIS else (INSULATED, INSULATED) for axis in range(3))
    problem = ThermalProblem(
        material=field(grid, material(TISSUE)),
        duration_s=DURATION_S,
        faces_c=(ends[0], ends[1], ends[2]),
        initial_c=MEAN_C + AMPLITUDE_C * before,
        longest_step_s=1.0,
    )
    run = solved(problem)
    return compared(run, problem, run.final_c.ravel(), (MEAN_C + AMPLITUDE_C * after).ravel())


def step_error(step_s: float) -> Comparison:
    """One mode in a good conductor against the exact solution on the lattice, after 30 s."""
    grid = cubic((1, 1, STEP_SIDE), STEP_SPACING_MM)
    place = (np.arange(STEP_SIDE) + 0.5) / STEP_SIDE
    shape = np.sin(STEP_MODE * np.pi * place)[None, None, :]
    diffusivity = CONDUCTOR.conductivity_unfrozen_w_mk / CONDUCTOR.capacity_unfrozen_j_m3k
    rate = 4 * diffusivity / (STEP_SPACING_MM / 1000) ** 2 * np.sin(STEP_MODE * np.pi / (2 * STEP_SIDE)) ** 2
    problem = ThermalProblem(
        material=field(grid, CONDUCTOR),
        duration_s=STEP_DURATION_S,
        faces_c=((INSULATED, INSULATED), (INSULATED, INSULATED), (MEAN_C, MEAN_C)),
        initial_c=MEAN_C + AMPLITUDE_C * shape,
        longest_step_s=step_s,
    )
    run = solved(problem)
    expected = MEAN_C + AMPLITUDE_C * np.exp(-rate * STEP_DURATION_S) * shape
    return compared(run, problem, run.final_c.ravel(), expected.ravel())


def _in_space(axes: tuple[int, ...], levels: tuple[float, ...]) -> Ladder:
    return Ladder(
        name=f"space, {len(axes)}-D",
        unit="°C",
        refined="voxel",
        refined_unit="mm",
        levels=levels,
        compare=lambda spacing_mm: mode_error(spacing_mm, axes),
        bands=(
            PassBand(least_order=1.9, most_order=2.1, source="verification.md V01"),
            PassBand(largest_error=0.05, source="own ceiling: 0.3 % of the amplitude"),
        ),
        norm="rms",
    )


CARD = Card(
    id="V01",
    title="Linear diffusion, 1-D, 2-D and 3-D",
    problem=f"A cosine or sine of ±{AMPLITUDE_C:g} °C around {MEAN_C:g} °C in a cube of {SIDE_MM:g} mm of unfrozen "
    f"tissue (k 0.5 W/mK, 3.6 MJ/m³K) decays for {DURATION_S:g} s; two faces are held, the others insulated. For the "
    f"order in time, mode {STEP_MODE} of a bar of {STEP_SIDE} voxels of a conductor (10 W/mK, 2 MJ/m³K) for "
    f"{STEP_DURATION_S:g} s.",
    reference=Reference(
        text="Separated solutions of the heat equation (Carslaw & Jaeger 1959, 3.3); in time, the eigenvalues of the "
        "second difference",
        standing="textbook",
    ),
    ladders=(
        _in_space((2,), (4.0, 2.0, 1.0, 0.5)),
        _in_space((1, 2), (4.0, 2.0, 1.0, 0.5)),
        _in_space((0, 1, 2), (4.0, 3.0, 2.0, 1.0)),
        Ladder(
            name="time, 1-D",
            unit="°C",
            refined="longest step",
            refined_unit="s",
            levels=(1.0, 0.5, 0.25, 0.125),
            compare=step_error,
            bands=(
                PassBand(least_order=1.9, most_order=2.1, source="verification.md V01, design order 2"),
                PassBand(largest_error=0.01, source="own ceiling"),
            ),
            norm="rms",
            floor=2e-5,
            note="Steps begin at a tenth of a second and grow to the longest, so that the coarsest level takes "
            "somewhat shorter steps than its name says.",
        ),
    ),
    source="src/givre/verification/linear_diffusion.py",
    notes=("The solver has no source term, so that no manufactured source is used: the fields are exact solutions.",),
)
