"""V08, the whole nonlinear law: ice after Slack, sloping heat capacity, latent heat over the interval, 1-D to 3-D."""

from __future__ import annotations

from functools import cache

import numpy as np

from givre.bioheat.ice import Freezing
from givre.bioheat.problem import INSULATED, Recording, ThermalProblem
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import corner_distance_m, cubic, field, tabled
from givre.verification.running import compared, solved
from givre.verification.similarity import SimilarField, similar_field

BODY_C = 37.0
START_S, DURATION_S, INTERVAL_S = 60.0, 240.0, 5.0
STEP_PER_MM_S = 0.2
"""Longest step over the voxel [s/mm]: steps shrink with the voxels, since latent heat makes the error in time "
"visible."""

LAW = Freezing()
TISSUES = ("muscle", "cortical_bone")
HELD_MM = {1: 0.0, 2: 4.0, 3: 5.0}
"""Voxels nearer than that to the line or point are held at the exact field; the wall itself has a constant "
"temperature."""

REACH_MM = {1: 48.0, 2: 40.0, 3: 32.0}
START_C = -120.0
START_ETA_MM = {1: 0.0, 2: 0.05, 3: 0.1}
"""Where the table begins, in mm/√s; at one minute 15 times as many mm."""


@cache
def exact_field(tissue: str, dimensions: int) -> SimilarField:
    """The similarity solution of one tissue of the packaged table."""
    return similar_field(
        tabled(tissue, bloodless=True), LAW, dimensions=dimensions, eta_start=START_ETA_MM[dimensions] / 1000,
        start_c=START_C, body_c=BODY_C,
    )  # fmt: skip


def nonlinear_error(tissue: str, dimensions: int, spacing_mm: float) -> Comparison:
    """Temperature of every voxel that is not held [°C]: at the end, and in 1-D at every instant of the second half."""
    axes = tuple(range(3 - dimensions, 3))
    count = round(REACH_MM[dimensions] / spacing_mm)
    grid = cubic((count if 0 in axes else 1, count if 1 in axes else 1, count), spacing_mm)
    exact, distance_m = exact_field(tissue, dimensions), corner_distance_m(grid, axes)
    held = np.flatnonzero(distance_m < HELD_MM[dimensions] / 1000)
    near_c = START_C if dimensions == 1 else INSULATED
    far = tuple((near_c, BODY_C) if axis in axes else (INSULATED, INSULATED) for axis in range(3))
    problem = ThermalProblem(
        material=field(grid, tabled(tissue, bloodless=True)),
        freezing=LAW,
        duration_s=DURATION_S,
        faces_c=(far[0], far[1], far[2]),
        initial_c=exact.at(distance_m, START_S),
        longest_step_s=STEP_PER_MM_S * spacing_mm,
        recording=Recording(
            interval_s=INTERVAL_S,
            points_m={f"{n:04d}": (0.0, 0.0, n * spacing_mm / 1000) for n in range(count if dimensions == 1 else 0)},
        ),
    )
    run = solved(problem, lambda time_s: (held, exact.at(distance_m.ravel()[held], START_S + time_s)))
    if dimensions == 1:
        past = run.history
        late = past.time_s >= DURATION_S / 2
        found_c = np.stack([past.point_temp_c[name][late] for name in sorted(past.point_temp_c)])
        instants_s = START_S + past.time_s[late]
        return compared(run, problem, found_c, exact.at(distance_m.reshape(-1, 1), instants_s))
    free = distance_m >= HELD_MM[dimensions] / 1000
    return compared(run, problem, run.final_c[free], exact.at(distance_m[free], START_S + DURATION_S))


def _ladder(tissue: str, dimensions: int, levels: tuple[float, ...]) -> Ladder:
    return Ladder(
        name=f"{tissue.replace('_', ' ')}, {dimensions}-D",
        unit="°C",
        refined="voxel",
        refined_unit="mm",
        levels=levels,
        compare=lambda spacing_mm: nonlinear_error(tissue, dimensions, spacing_mm),
        bands=(PassBand(least_order=1.8, source="verification.md V08"),),
        norm="rms",
    )


NO_SOURCE = (
    "In place of a manufactured source: these fields are exact for the material as it is, so that nothing is added to "
    "the solver for its own test."
)
KINKS = (
    "The heat capacity jumps at both ends of the interval, so that the second derivative of the field jumps there: "
    "second order is not a matter of course."
)

CARD = Card(
    id="V08",
    title="Nonlinear k(T) and c(T) with latent heat",
    problem=f"Muscle and cortical bone of the packaged table with the product's own law (interval {LAW.lower_c:g} to "
    f"{LAW.upper_c:g} °C, ice after Slack, heat capacity that falls with temperature), freezing from a wall, a line "
    f"and a point; exact field at {START_S:g} s to begin with, compared at {START_S + DURATION_S:g} s in every voxel, "
    f"around the line and the point beyond {HELD_MM[2]:g} and {HELD_MM[3]:g} mm. Steps of {STEP_PER_MM_S:g} s per mm "
    f"of voxel.",
    reference=Reference(
        text="Similarity solution in r/√t (Boltzmann 1894; Crank 1975, 7) of the full nonlinear equation, integrated "
        "to 1e-11",
        standing="derived",
    ),
    ladders=(
        *(_ladder(tissue, 1, (1.0, 0.5, 0.25, 0.125)) for tissue in TISSUES),
        _ladder("muscle", 2, (2.0, 1.0, 0.5, 0.25)),
        _ladder("muscle", 3, (2.0, 1.5, 1.0, 0.75)),
    ),
    source="src/givre/verification/nonlinear.py",
    notes=(NO_SOURCE, KINKS),
)
