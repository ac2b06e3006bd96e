"""V16, the compiled solver in single precision against its readable twin in double, and two threads against one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from givre.bioheat.materials import conductivity_w_mk, enthalpy_j_m3, material_columns, temperature_c
from givre.bioheat.problem import INSULATED, ThermalProblem
from givre.bioheat.solve import solve
from givre.bioheat.twin import heating_rate_w_m3
from givre.tissue.material import MaterialField
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import cubic, probe, stepped_probe, tabled
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

LARGEST_C = 0.05
SIDE, SPACING_MM = 12, 2.0
DURATION_S, COLD_C = 60.0, -140.0
STEPS_S = (2.0, 1.0, 0.5, 0.25, 0.1)
TWIN_SHARE = 0.4
"""Step of the twin over the explicit limit; half of it moves no voxel by more than 0.002 °C."""

TISSUES = ("muscle", "cortical_bone", "lytic_lesion", "cement")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """A small problem that both codes solve."""

    name: str
    problem: ThermalProblem


def _patchy(seed: int) -> MaterialField:
    """Blocks of 2³ voxels of four tissues at random, with a fixed seed."""
    blocks = np.random.default_rng(seed).integers(0, len(TISSUES), size=(SIDE // 2,) * 3)
    index = blocks.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2).astype(np.uint8)
    return MaterialField(
        grid=cubic(index.shape, SPACING_MM), index=index, materials=tuple(tabled(name) for name in TISSUES)
    )


def _probe_problem(*, thaw: bool, film: bool) -> ThermalProblem:
    middle_mm = np.full(3, (SIDE - 1) / 2 * SPACING_MM)
    history = (
        stepped_probe((30.0, COLD_C, "cooling_only"), (45.0, COLD_C, "none"), (DURATION_S, 30.0, "free"))
        if thaw
        else stepped_probe((DURATION_S, COLD_C, "cooling_only"))
    )
    problem = ThermalProblem(
        material=_patchy(1 + thaw),
        probes=(probe(middle_mm, (1.0, 0.4, 0.2), active_zone_mm=8.0, history=history),),
        duration_s=DURATION_S,
    )
    if not film:
        return problem
    films = ((np.inf, 500.0), (np.inf, np.inf), (20.0, np.inf))
    return replace(problem, faces_film_w_m2k=films, faces_c=((INSULATED, 10.0), (37.0, 37.0), (20.0, 37.0)))


def scenes() -> tuple[Scene, ...]:
    """A freeze, a freeze with thaws, a freeze below cold skin."""
    return (
        Scene(name="freeze", problem=_probe_problem(thaw=False, film=False)),
        Scene(name="freeze, thaw and active thaw", problem=_probe_problem(thaw=True, film=False)),
        Scene(name="freeze beside films", problem=_probe_problem(thaw=False, film=True)),
    )


@cache
def twin_final_c(number: int) -> Array:
    """The twin at the end of a scene: Heun's method on the enthalpy, double precision throughout."""
    problem = scenes()[number].problem
    material = problem.material.index
    columns = material_columns(problem.material.materials, problem.freezing)
    enthalpy = enthalpy_j_m3(np.full(problem.grid.shape, problem.body_temp_c), material, columns, problem.freezing)
    steps = int(np.ceil(problem.duration_s / (TWIN_SHARE * _explicit_limit_s(problem))))
    steps = 60 * int(np.ceil(steps / 60))  # every change of the probe falls between two steps
    step_s = problem.duration_s / steps

    def rate(held: Array, time_s: float) -> Array:
        return heating_rate_w_m3(temperature_c(held, material, columns, problem.freezing), problem, time_s)

    for n in range(steps):
        middle_s = (n + 0.5) * step_s
        first = rate(enthalpy, middle_s)
        enthalpy = enthalpy + step_s / 2 * (first + rate(enthalpy + step_s * first, middle_s))
    return temperature_c(enthalpy, material, columns, problem.freezing)


def _explicit_limit_s(problem: ThermalProblem) -> float:
    columns = material_columns(problem.material.materials, problem.freezing)
    every = np.arange(len(problem.material.materials))
    fastest = 0.0
    for temp_c in (COLD_C, problem.freezing.lower_c - 0.01, 37.0):
        temp = np.full(every.shape, temp_c)
        cold = columns.capacity_cold + columns.capacity_slope * (temp_c - problem.freezing.lower_c)
        capacity = cold if temp_c < problem.freezing.lower_c else columns.capacity_warm
        fastest = max(
            fastest, float((conductivity_w_mk(temp, every, columns, problem.freezing).max() / capacity).max())
        )
    return problem.spacing_m**2 / (6 * fastest)


def twin_error(number: int, step_s: float) -> Comparison:
    """Every voxel at the end, compiled less twin [°C]."""
    problem = replace(scenes()[number].problem, longest_step_s=step_s)
    run = solved(problem)
    return compared(run, problem, run.final_c, twin_final_c(number))


def threads_error(number: int) -> Comparison:
    """Every voxel at the end, two threads less one [°C]."""
    problem = scenes()[number].problem
    one, two = solve(problem, threads=1), solve(problem, threads=2)
    return compared(two, problem, two.final_c, one.final_c)


def _against_twin(number: int, scene: Scene) -> Ladder:
    return Ladder(
        name=scene.name,
        unit="°C",
        refined="longest step",
        refined_unit="s",
        levels=STEPS_S,
        compare=lambda step_s: twin_error(number, step_s),
        bands=(PassBand(largest_error=LARGEST_C, source="verification.md V16 and issue: at most 0.05 °C"),),
        note="What the longest steps add is their own error in time; what is left at the shortest is precision.",
    )


_SCENES = scenes()

CARD = Card(
    id="V16",
    title="Single precision, threads and the readable twin",
    problem=f"{SIDE}³ voxels of {SPACING_MM:g} mm of {', '.join(name.replace('_', ' ') for name in TISSUES)} in random "
    f"blocks, an oblique 1.5 mm probe at {COLD_C:g} °C, {DURATION_S:g} s: freeze; freeze, passive and active thaw; "
    f"freeze beside films.",
    reference=Reference(
        text="The readable twin, NumPy in double precision, marched by Heun's method in steps of a fraction of the "
        "explicit limit; for threads the same code with one",
        standing="own",
    ),
    ladders=(
        *(_against_twin(number, scene) for number, scene in enumerate(_SCENES)),
        Ladder(
            name="two threads against one",
            unit="°C",
            refined="",
            refined_unit="",
            levels=tuple(float(n) for n in range(len(_SCENES))),
            names=tuple(scene.name for scene in _SCENES),
            compare=lambda number: threads_error(int(number)),
            bands=(PassBand(largest_error=LARGEST_C, every_level=True, source="verification.md V16"),),
        ),
    ),
    source="src/givre/verification/rounding.py",
    notes=("No graphics card in this card yet.",),
)
