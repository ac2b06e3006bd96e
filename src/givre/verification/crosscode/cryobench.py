"""V17, cryobench: givre, axisymmetric finite volumes and scikit-fem on the same freezes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.bioheat.smooth_scale import smooth_scale_c
from givre.foundation.errors import SimulationError
from givre.geometry.grid import Grid
from givre.geometry.surface import isosurface
from givre.geometry.volume import Volume
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.crosscode.cases import FREEZE_S, PROBE_C, CrossCase, cross_cases
from givre.verification.crosscode.gaps import isotherm_gaps_mm, surface_gaps_mm, voxel_sampler
from givre.verification.crosscode.property_table import table_of
from givre.verification.crosscode.references import RingAnswer, by_elements, by_rings
from givre.verification.crosscode.voxels import voxel_problem, voxel_problem_of_two
from givre.verification.media import constant_probe, tabled
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

MISSING = "scikit-fem is not installed; install it with  pip install scikit-fem  and run again"

NOT_BY_ELEMENTS = ("GS1 in givre's law", "45 mm zone", "10-8")
"""Cases that scikit-fem leaves out, to keep the whole card near two minutes: each is close to another one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoxelRun:
    """What givre says about one case, and what is needed of its run.

    Attributes:
        grid, temp_c: lattice and temperatures at the end; at the end of a freeze those that users read, with what the
            probe's kernel hides put back.
        steps: how many.
        relative_error: heat that is not accounted for.
    """

    grid: Grid
    temp_c: npt.NDArray[np.float32]
    steps: int
    relative_error: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodeAnswer:
    """One code on one case, against the reference.

    Attributes:
        gaps_mm: for each isotherm [°C], its distance along the normals of the reference, positive: more ice.
        volume_error: for each isotherm, volume over that of the reference, less one.
        unknowns, steps: how many.
        spacing_mm: voxel; NaN for other codes.
    """

    gaps_mm: dict[float, Array]
    volume_error: dict[float, float]
    unknowns: int
    steps: int = 0
    spacing_mm: float = float("nan")


@cache
def _cases() -> dict[str, CrossCase]:
    return {case.name: case for case in cross_cases()}


@cache
def _reference(name: str) -> RingAnswer:
    return by_rings(_cases()[name])


@cache
def _elements(name: str) -> RingAnswer:
    if find_spec("skfem") is None:
        raise SimulationError(MISSING)
    return by_elements(_cases()[name])


@cache
def _voxels(name: str, spacing_mm: float) -> VoxelRun:
    case = _cases()[name]
    run = solved(voxel_problem(case, spacing_mm))
    is_freezing = case.history.mode_at(case.duration_s - 1.0) != "none"
    temp_c = run.end_of_freeze_c if is_freezing else run.final_c
    return VoxelRun(grid=run.grid, temp_c=temp_c, steps=run.steps, relative_error=run.energy.relative_error)


def answer_of_voxels(name: str, spacing_mm: float) -> CodeAnswer:
    """givre on one case.

    Raises:
        SimulationError: if its run does not end well.
    """
    reference, run = _reference(name), _voxels(name, spacing_mm)
    freezing = _cases()[name].freezing
    scaled = smooth_scale_c(run.temp_c, freezing).astype(np.float32)
    sample, field = voxel_sampler(run.grid, scaled), Volume(grid=run.grid, values=scaled, unit="degC")

    def level(isotherm_c: float) -> float:
        return float(smooth_scale_c(isotherm_c, freezing))

    return CodeAnswer(
        gaps_mm={c: isotherm_gaps_mm(curve, sample, level(c)) for c, curve in reference.contours.items()},
        volume_error={
            c: isosurface(field, level(c)).volume_mm3 / 1000 / curve.volume_ml - 1
            for c, curve in reference.contours.items()
        },
        unknowns=int(np.prod(run.grid.shape)),
        steps=run.steps,
        spacing_mm=spacing_mm,
    )


def answer_of_elements(name: str) -> CodeAnswer:
    """scikit-fem on one case.

    Raises:
        SimulationError: if it is not installed.
    """
    reference, answer = _reference(name), _elements(name)
    return CodeAnswer(
        gaps_mm={c: isotherm_gaps_mm(curve, answer.sample, c) for c, curve in reference.contours.items()},
        volume_error={c: answer.contours[c].volume_ml / curve.volume_ml - 1 for c, curve in reference.contours.items()},
        unknowns=answer.cells,
    )


@cache
def _two_probes() -> dict[float, tuple[Array, Array]]:
    """Points and normals of scikit-fem's isotherms around two probes."""
    if find_spec("skfem") is None:
        raise SimulationError(MISSING)
    module = import_module("givre.verification.crosscode.two_probes")  # not at the top: scikit-fem is optional
    answer = module.solve_two_probes(module.TwoProbes(table=table_of(tabled("muscle"), Freezing())))
    return {c: answer.surface(c) for c in (0.0, -20.0, -40.0)}


def two_probes_compared(spacing_mm: float) -> Comparison:
    """givre with two probes 15 mm apart against scikit-fem in three dimensions.

    Raises:
        SimulationError: if scikit-fem is not installed.
    """
    surfaces = _two_probes()
    problem = voxel_problem_of_two(
        tabled("muscle"), apart_mm=15.0, active_mm=22.0, outer_mm=46.0, history=constant_probe(PROBE_C, FREEZE_S),
        duration_s=FREEZE_S, spacing_mm=spacing_mm,
    )  # fmt: skip
    run = solved(problem)
    sample = voxel_sampler(problem.grid, run.end_of_freeze_c)
    gaps_mm = {c: surface_gaps_mm(points, normals, sample, c) for c, (points, normals) in surfaces.items()}
    found = np.concatenate(list(gaps_mm.values()))
    means = ", ".join(f"{np.abs(g).mean():.3f} mm at {c:g} °C" for c, g in gaps_mm.items())
    return compared(run, problem, found, np.zeros(len(found)), remark=f"means {means}")


def _balance(relative_error: float, *, unknowns: int, steps: int = 0, spacing_mm: float = float("nan")) -> Comparison:
    return Comparison(
        found=np.array([relative_error]), expected=np.zeros(1), scale=100.0, voxels=unknowns, steps=steps,
        spacing_mm=spacing_mm,
    )  # fmt: skip


def _balance_of_rings(name: str) -> Comparison:
    answer = _reference(name)
    return _balance(answer.relative_error, unknowns=answer.cells)


def _balance_of_voxels(name: str, spacing_mm: float) -> Comparison:
    run = _voxels(name, spacing_mm)
    return _balance(run.relative_error, unknowns=int(np.prod(run.grid.shape)), steps=run.steps, spacing_mm=spacing_mm)


def _volumes_of_elements(name: str) -> Comparison:
    answer, reference = _elements(name), _reference(name)
    curves = reference.contours
    return Comparison(
        found=np.array([answer.contours[c].volume_ml / curves[c].volume_ml - 1 for c in curves]),
        expected=np.zeros(len(curves)),
        scale=100.0,
        labels=tuple(f"volume at {c:g} °C" for c in curves),
        voxels=answer.cells,
    )


def _by_case(
    name: str, unit: str, names: tuple[str, ...], compare: Callable[[str], Comparison], band: PassBand, *,
    note: str = "",
) -> Ladder:  # fmt: skip
    return Ladder(
        name=name, unit=unit, refined="", refined_unit="", levels=tuple(float(n) for n in range(len(names))),
        names=names, compare=lambda level: compare(names[int(level)]), bands=(band,), note=note,
    )  # fmt: skip


def _compared(answer: CodeAnswer, *, means: bool) -> Comparison:
    gaps = answer.gaps_mm
    found = np.array([np.abs(g).mean() for g in gaps.values()]) if means else np.concatenate(list(gaps.values()))
    volumes = ", ".join(f"{100 * error:+.1f} % at {c:g} °C" for c, error in answer.volume_error.items())
    return Comparison(
        found=found,
        expected=np.zeros(len(found)),
        labels=tuple(f"mean at {c:g} °C" for c in gaps) if means else (),
        spacing_mm=answer.spacing_mm,
        voxels=answer.unknowns,
        steps=answer.steps,
        remark=f"volumes {volumes}",
    )


def _ladders(who: str, names: tuple[str, ...], answer: Callable[[str], CodeAnswer]) -> tuple[Ladder, ...]:
    def ladder(what: str, largest_mm: float, *, means: bool) -> Ladder:
        return _by_case(
            f"{who}: {what}", "mm", names, lambda name: _compared(answer(name), means=means),
            PassBand(largest_error=largest_mm, every_level=True, source="verification.md V17"),
        )  # fmt: skip

    return (
        ladder("isotherm distance, every point", 1.0, means=False),
        ladder("isotherm distance, mean of each isotherm", 0.3, means=True),
    )


def _solved_once(names: tuple[str, ...], by_skfem: tuple[str, ...]) -> tuple[Ladder, ...]:
    """Each code alone: the time of these ladders is that of the codes, in one run; the others only measure."""
    adds_up = PassBand(largest_error=0.1, every_level=True, source="verification.md V10")
    alike = PassBand(largest_error=2.0, every_level=True, source="own: mesh error of both codes together")
    time = "the times of this ladder are those of solving"
    return (
        _by_case("axisymmetric reference: heat that went missing", "%", names, _balance_of_rings, adds_up, note=time),
        _by_case(
            "givre, 1 mm voxels: heat that went missing", "%", names, lambda n: _balance_of_voxels(n, 1.0), adds_up,
            note=time,
        ),
        _by_case(
            "givre, 2 mm voxels: heat that went missing", "%", names, lambda n: _balance_of_voxels(n, 2.0), adds_up,
            note=time,
        ),
        _by_case("scikit-fem: volumes", "%", by_skfem, _volumes_of_elements, alike, note=time),
    )  # fmt: skip


def card() -> Card:
    """The card; building it reads the tissue table, solving is left to its ladders."""
    names = tuple(_cases())
    by_skfem = tuple(name for name in names if name not in NOT_BY_ELEMENTS)
    titles = "; ".join(f"{case.name}: {case.title}" for case in _cases().values())
    return Card(
        id="V17",
        title="cryobench: other codes on the same freezes",
        problem="One probe of 1.5 mm, its side and flat ends held at one temperature (-140 °C unless GS1), blood and "
        f"metabolism on, k(T) of ice after Slack unless GS1. {titles}. Distances along the normals of the reference's "
        "0, -20 and -40 °C isotherms, points 0.5 mm apart in 16 planes; positive: more ice than the reference.",
        reference=Reference(
            text="own axisymmetric finite volumes that resolve the probe (cells from 0.1 mm at it to 0.4 mm), "
            "implicit, shown to converge; scikit-fem against the same",
            standing="own",
        ),
        ladders=(
            *_solved_once(names, by_skfem),
            *_ladders("givre, 1 mm voxels", names, lambda name: answer_of_voxels(name, 1.0)),
            *_ladders("givre, 2 mm voxels", names, lambda name: answer_of_voxels(name, 2.0)),
            *_ladders("scikit-fem", by_skfem, answer_of_elements),
            Ladder(
                name="givre, two probes 15 mm apart, against scikit-fem in three dimensions",
                unit="mm",
                refined="",
                refined_unit="",
                levels=(2.0, 1.0),
                names=("2 mm voxels", "1 mm voxels"),
                compare=two_probes_compared,
                bands=(PassBand(largest_error=1.0, every_level=True, source="verification.md V17"),),
                note="34 000 nodes, cells of 1 mm where the outer isotherms lie: its own error there is about 0.2 mm",
            ),
        ),
        source="src/givre/verification/crosscode/cryobench.py",
        test="tests/verification/crosscode/",
        notes=(
            (
                "The cylinder of the reference has cold flat ends and tissue beyond. With insulated ends a 22 mm zone "
                "makes 2.3 % less ice at 0 °C and 3.2 % less at -40 °C, with an insulated shaft beyond both ends "
                "2.9 and 3.8 %; a real probe has a tip and a shaft."
            ),
            "Where the cortical shell crosses voxels, part of the difference is its staircase.",
            "The reference's own error on these meshes: at most 0.03 mm and 0.3 % of volume, 0.06 mm and 0.5 % in GS1.",
        ),
    )
