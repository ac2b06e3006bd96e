"""V11 and V12, where probes lie: turned and shifted against the lattice, far from each other, close together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.media import constant_probe, probe
from givre.verification.probe_runs import COLD_C, RADIUS_MM, box_problem, end_volume_ml, middle_mm
from givre.verification.running import compared, solved

Array = npt.NDArray[np.float64]

SIDE_MM, ACTIVE_MM, FREEZE_S = 54.0, 20.0, 300.0
VOXELS_MM = (3.0, 2.0, 1.5, 1.0)
TURNS_DEG = (0.0, 15.0, 30.0, 45.0)
SHIFTS = ((0.25, 0.25, 0.25), (0.5, 0.5, 0.5), (0.1, 0.4, 0.3))
"""Fractions of a voxel, beside no shift at all."""

LEVELS_C = (0.0, -40.0)
SLANTS = ((1.0, 1.0, 1.0), (1.0, 0.6, 0.4))

FAR_MM, CLOSE_MM, THIN_RADIUS_MM = 54.0, 2.0, 0.5
LONG_ACTIVE_MM = 36.0
CUBE_MM = (SIDE_MM, SIDE_MM, SIDE_MM)
LONG_BOX_MM, TALL_BOX_MM = (SIDE_MM, SIDE_MM + FAR_MM, SIDE_MM), (72.0, SIDE_MM, SIDE_MM)


def _ways() -> list[tuple[Array, Array, str]]:
    """Direction, shift in voxels and name of each placement; the first is the plain one."""
    none = np.zeros(3)
    ways = [
        (np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn)), 0.0]), none, f"turned {turn:g}°")
        for turn in TURNS_DEG
    ]
    ways += [(np.array(slant), none, f"along {slant}") for slant in SLANTS]
    ways += [(np.array([1.0, 0.0, 0.0]), np.array(shift), f"shifted {shift}") for shift in SHIFTS]
    ways += [(np.array(SLANTS[1]), np.array(SHIFTS[2]), "slanted and shifted")]
    return ways


@cache
def placed_volumes_ml(spacing_mm: float) -> tuple[tuple[tuple[float, ...], ...], int]:
    """Volume at or below 0 and -40 °C for each way the probe may lie [mL], and the steps of a run."""
    sources = [
        probe(
            middle_mm(spacing_mm, CUBE_MM) + shift * spacing_mm, direction, active_zone_mm=ACTIVE_MM,
            history=constant_probe(COLD_C, FREEZE_S), radius_mm=RADIUS_MM,
        )
        for direction, shift, _ in _ways()
    ]  # fmt: skip
    runs = (solved(box_problem(spacing_mm, CUBE_MM, (source,), FREEZE_S)) for source in sources)
    found = [(tuple(end_volume_ml(run, isotherm_c) for isotherm_c in LEVELS_C), run.steps) for run in runs]
    return tuple(volumes for volumes, _ in found), found[0][1]


def placement_error(spacing_mm: float, isotherm_c: float) -> Comparison:
    """Volume for each way the probe may lie, against the mean of all, in per cent."""
    volumes, steps = placed_volumes_ml(spacing_mm)
    found = np.array(volumes)[:, LEVELS_C.index(isotherm_c)]
    mean = float(found.mean())
    return Comparison(
        found=found,
        expected=np.full(found.shape, mean),
        scale=100 / mean,
        labels=tuple(name for *_, name in _ways()),
        spacing_mm=spacing_mm,
        step_s=4.0,
        voxels=round(SIDE_MM / spacing_mm) ** 3,
        steps=steps,
        remark=f"mean {mean:.3f} mL",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Parallel probes at some places along j around the middle of a box."""

    box_mm: tuple[float, float, float]
    active_mm: float
    radius_mm: float


def row_run(row: Row, places_mm: tuple[float, ...], spacing_mm: float) -> tuple[ThermalRun, ThermalProblem]:
    """Freeze with the probes of a row; their ice is that of the end."""
    sources = tuple(
        probe(
            middle_mm(spacing_mm, row.box_mm) + np.array([0.0, place_mm, 0.0]), (1.0, 0.0, 0.0),
            active_zone_mm=row.active_mm, history=constant_probe(COLD_C, FREEZE_S), radius_mm=row.radius_mm,
            label=f"P{n}",
        )
        for n, place_mm in enumerate(places_mm)
    )  # fmt: skip
    problem = box_problem(spacing_mm, row.box_mm, sources, FREEZE_S)
    return solved(problem), problem


def far_error(spacing_mm: float) -> Comparison:
    """Ice of two probes far apart against twice that of one alone at the same place, in per cent."""
    row = Row(box_mm=LONG_BOX_MM, active_mm=ACTIVE_MM, radius_mm=RADIUS_MM)
    run, problem = row_run(row, (-FAR_MM / 2, FAR_MM / 2), spacing_mm)
    twice_ml = 2 * end_volume_ml(row_run(row, (-FAR_MM / 2,), spacing_mm)[0], 0.0)
    return compared(run, problem, end_volume_ml(run, 0.0), twice_ml, scale=100 / twice_ml)


def close_error(spacing_mm: float) -> Comparison:
    """Ice of two thin probes side by side against one probe of radius sqrt(radius x distance), in per cent."""
    two = Row(box_mm=TALL_BOX_MM, active_mm=LONG_ACTIVE_MM, radius_mm=THIN_RADIUS_MM)
    run, problem = row_run(two, (-CLOSE_MM / 2, CLOSE_MM / 2), spacing_mm)
    one = replace(two, radius_mm=float(np.sqrt(THIN_RADIUS_MM * CLOSE_MM)))
    one_ml = end_volume_ml(row_run(one, (0.0,), spacing_mm)[0], 0.0)
    return compared(run, problem, end_volume_ml(run, 0.0), one_ml, scale=100 / one_ml)


def _placement(isotherm_c: float) -> Ladder:
    return Ladder(
        name=f"volume at or below {isotherm_c:g} °C",
        unit="%",
        refined="voxel",
        refined_unit="mm",
        levels=VOXELS_MM,
        compare=lambda spacing_mm: placement_error(spacing_mm, isotherm_c),
        bands=(PassBand(largest_error=1.0, at=2.0, source="verification.md V11 and issue: within 1 %"),),
    )


_SOURCE = "src/givre/verification/placement_cards.py"

PLACEMENT_CARD = Card(
    id="V11",
    title="A probe turned and shifted against the lattice",
    problem=f"A 1.5 mm probe, {ACTIVE_MM:g} mm active, {COLD_C:g} °C, {FREEZE_S:g} s, in a cube of {SIDE_MM:g} mm of "
    f"perfused tissue: turned by 0 to 45°, slanted, shifted by fractions of a voxel; volumes to a quarter of a voxel.",
    reference=Reference(
        text="Nothing but the lattice changes, so nothing may change: the mean of all placements", standing="own"
    ),
    ladders=tuple(_placement(isotherm_c) for isotherm_c in LEVELS_C),
    source=_SOURCE,
)

NEIGHBOURS_CARD = Card(
    id="V12",
    title="Two probes: far apart they add up, side by side they merge",
    problem=f"Two 1.5 mm probes as in V11, {FAR_MM:g} mm apart; two probes of {2 * THIN_RADIUS_MM:g} mm and "
    f"{LONG_ACTIVE_MM:g} mm active, {CLOSE_MM:g} mm apart.",
    reference=Reference(
        text="Far: twice one probe alone in the same box. Close: two thin parallel wires at one potential act as one "
        "of radius √(radius × distance), here in the Kirchhoff potential (Smythe, Static and Dynamic Electricity, 4)",
        standing="derived",
    ),
    ladders=(
        Ladder(
            name="far apart, ice",
            unit="%",
            refined="voxel",
            refined_unit="mm",
            levels=VOXELS_MM,
            compare=far_error,
            bands=(PassBand(largest_error=1.0, source="verification.md V12"),),
            note="What is left is physics too: the probes still feel each other through the tissue between.",
        ),
        Ladder(
            name="side by side, ice",
            unit="%",
            refined="voxel",
            refined_unit="mm",
            levels=VOXELS_MM,
            compare=close_error,
            bands=(PassBand(largest_error=1.0, source="verification.md V12"),),
            note="The limit holds for endless wires, not at the ends of an active zone. On coarse lattices the kernels "
            "that stand for the probes (2.5 voxels) overlap and the probes hardly see each other's cold: too much ice.",
        ),
    ),
    source=_SOURCE,
)
