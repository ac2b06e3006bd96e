"""Three reference plans on four grids: what discretisation does to the figures that people read.

Nothing is exact here. Synthetic scenes: a lytic lesion in bone with one, two and three probes and a nerve nearby.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.bioheat.problem import Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.tissue.material import MaterialField
from givre.verification.media import cubic, probe, stepped_probe, tabled
from givre.verification.probe_runs import volume_ml
from givre.verification.running import solved

Array = npt.NDArray[np.float64]

VOXELS_MM = (3.0, 2.0, 1.5, 1.0)
SIDE_MM = 72.0
LESION_MM, MARGIN_MM = 10.0, 5.0
NERVE_MM = (0.0, 17.0, 0.0)
"""From the middle of the lesion: 7 mm from its edge."""

BONE_EDGE_MM = 12.0
"""Bone ends here, on a face of the voxels of every grid; muscle beyond."""

FREEZE_S, THAW_S = 300.0, 240.0
COLD_C, LETHAL_C, COVERED = -140.0, -40.0, 0.95
TISSUES = ("muscle", "trabecular_bone", "lytic_lesion")
QUANTITIES = (
    ("ice radius beside the lesion", "mm"),
    ("volume at or below -40 °C", "mL"),
    ("coldest temperature of the nerve", "°C"),
    ("time until 95 % of the lesion lies within 0 °C", "s"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanStudy:
    """One reference plan.

    Attributes:
        name: what it is.
        levels: voxels [mm], coarse to fine.
        quantities: name and unit of each figure.
        measure: the figures on one grid, in that order.
    """

    name: str
    levels: tuple[float, ...]
    quantities: tuple[tuple[str, str], ...]
    measure: Callable[[float], tuple[float, ...]]


def plan_problem(spacing_mm: float, places_mm: tuple[tuple[float, float], ...]) -> ThermalProblem:
    """Probes along k at some places (j, i) around the middle of a lesion in cancellous bone, muscle behind it."""
    count = 2 * round(SIDE_MM / spacing_mm / 2)
    grid = cubic((count, count, count), spacing_mm)
    away_mm = (np.indices(grid.shape) - (count - 1) / 2) * spacing_mm
    index = np.where(away_mm[1] > BONE_EDGE_MM, 0, 1)
    lesion = np.sqrt((away_mm**2).sum(axis=0)) <= LESION_MM
    index[lesion] = 2
    middle_mm = np.full(3, (count - 1) / 2 * spacing_mm)
    history = stepped_probe(
        (FREEZE_S, COLD_C, "cooling_only"),
        (FREEZE_S + THAW_S, COLD_C, "none"),
        (2 * FREEZE_S + THAW_S, COLD_C, "cooling_only"),
    )
    end_s = 2 * FREEZE_S + THAW_S
    nerve = (middle_mm + np.array(NERVE_MM)) / 1000
    return ThermalProblem(
        material=MaterialField(
            grid=grid, index=index.astype(np.uint8), materials=tuple(tabled(name) for name in TISSUES)
        ),
        freezing=Freezing(),
        probes=tuple(
            probe(
                middle_mm + np.array([0.0, *place]),
                (1.0, 0.0, 0.0),
                active_zone_mm=24.0,
                history=history,
                label=f"P{n + 1}",
            )
            for n, place in enumerate(places_mm)
        ),
        duration_s=end_s,
        recording=Recording(
            interval_s=5.0,
            isotherms_c=(0.0, LETHAL_C),
            points_m={"nerve": (float(nerve[0]), float(nerve[1]), float(nerve[2]))},
            structures={"lesion": np.flatnonzero(lesion)},
            freeze_windows_s=((0.0, FREEZE_S), (FREEZE_S + THAW_S, end_s)),
        ),
    )


def figures(run: ThermalRun, spacing_mm: float) -> tuple[float, ...]:
    """The four figures of one run."""
    past = run.history
    count = run.grid.shape[0]
    ray = run.coldest_c[(count - 1) // 2 : count // 2 + 1, count // 2 :, (count - 1) // 2 : count // 2 + 1]
    profile = ray.astype(np.float64).mean(axis=(0, 2))
    covered = past.structure_fraction_below["lesion"][0.0]
    return (
        _crossing_mm(profile, spacing_mm),
        volume_ml(run.coldest_c, run.grid, LETHAL_C),
        float(past.point_temp_c["nerve"].min()),
        _instant_s(past.time_s, covered, COVERED),
    )


def _crossing_mm(profile_c: Array, spacing_mm: float) -> float:
    """Distance from the middle at which a profile of voxels, the first half a voxel away, crosses 0 °C."""
    below = np.flatnonzero(profile_c <= 0.0)
    if len(below) == 0 or below[-1] + 1 >= len(profile_c):
        return float("nan")
    n = int(below[-1])
    share = -profile_c[n] / (profile_c[n + 1] - profile_c[n])
    return float((n + 0.5 + share) * spacing_mm)


def _instant_s(time_s: Array, covered: Array, share: float) -> float:
    """When a growing share is first reached, linear between records; NaN when it never is."""
    reached = np.flatnonzero(covered >= share)
    if len(reached) == 0 or reached[0] == 0:
        return float("nan")
    n = int(reached[0])
    part = (share - covered[n - 1]) / (covered[n] - covered[n - 1])
    return float(time_s[n - 1] + part * (time_s[n] - time_s[n - 1]))


def _study(name: str, places_mm: tuple[tuple[float, float], ...]) -> PlanStudy:
    return PlanStudy(
        name=name,
        levels=VOXELS_MM,
        quantities=QUANTITIES,
        measure=lambda spacing_mm: figures(solved(plan_problem(spacing_mm, places_mm)), spacing_mm),
    )


STUDIES: tuple[PlanStudy, ...] = (
    _study("one probe", ((0.0, 0.0),)),
    _study("two probes 10 mm apart", ((-5.0, 0.0), (5.0, 0.0))),
    _study("three probes 15 mm apart", ((-4.33, -7.5), (-4.33, 7.5), (8.66, 0.0))),
)
