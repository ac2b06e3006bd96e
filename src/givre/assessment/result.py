"""The figures a tumour board reads, as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from givre.case.goals import OrganAtRisk
from givre.geometry.grid import Point

VerdictStatus = Literal["met", "warning", "not_met", "unknown"]
"""`unknown` is given when a figure is missing or not a number; it counts as a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One goal and whether the plan reaches it.

    Attributes:
        goal: stable key: "coverage", "margin", "organ:<structure>", "run".
        status: met, warning, not_met or unknown.
        value: the figure found.
        limit: the figure wanted.
        unit: of both ("1", "mm", "degC").
    """

    goal: str
    status: VerdictStatus
    value: float
    limit: float
    unit: str

    @property
    def is_failure(self) -> bool:
        """Whether this verdict makes the plan unsafe or insufficient; unknown does."""
        return self.status in ("not_met", "unknown")


def judge_at_least(goal: str, value: float, limit: float, unit: str) -> Verdict:
    """Met when value >= limit; unknown when either is not a number.

    >>> judge_at_least("margin", float("nan"), 5.0, "mm").status
    'unknown'
    """
    if not (math.isfinite(value) and math.isfinite(limit)):
        return Verdict(goal=goal, status="unknown", value=value, limit=limit, unit=unit)
    return Verdict(goal=goal, status="met" if value >= limit else "not_met", value=value, limit=limit, unit=unit)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarginMap:
    """Signed distance from the tumour surface to the edge of the lethal zone.

    Attributes:
        points_mm: vertices of the tumour surface, LPS, shape (n, 3).
        triangles: vertex indices, shape (m, 3).
        margin_mm: at each vertex; positive where the lethal zone reaches beyond the tumour, shape (n,).
        area_weight: share of the surface that each vertex stands for, sums to 1, shape (n,).
        minimum_mm, mean_mm, percentile_5_mm: area-weighted.
        where_minimum_mm: LPS position of the smallest margin.
        where_minimum: that position in words of direction from the tumour centre, letters ("A-L", "H").
    """

    points_mm: npt.NDArray[np.float64]
    triangles: npt.NDArray[np.int64]
    margin_mm: npt.NDArray[np.float64]
    area_weight: npt.NDArray[np.float64]
    minimum_mm: float
    mean_mm: float
    percentile_5_mm: float
    where_minimum_mm: Point
    where_minimum: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one organ at risk goes through.

    Attributes:
        organ: the structure and its limits.
        coldest_c: its coldest voxel over the run [°C]; NaN if it lies outside the domain.
        where_coldest_mm: LPS position of that voxel.
        time_below_limit_s: longest time any of its voxels spends at or below the limit.
        volume_below_limit_ml: its volume that reached the limit.
        distance_to_ice_mm: shortest distance to the ice-ball (coldest <= 0 °C); negative inside it; NaN if unknown.
        distance_to_tumour_mm: shortest distance to the tumour.
        fraction_simulated: share of the structure that lies inside the simulated domain.
        verdict: met, warning (alarm reached), not_met (limit reached) or unknown.
    """

    organ: OrganAtRisk
    coldest_c: float
    where_coldest_mm: Point
    time_below_limit_s: float
    volume_below_limit_ml: float
    distance_to_ice_mm: float
    distance_to_tumour_mm: float
    fraction_simulated: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VolumeBelowCurve:
    """Fraction of a structure whose coldest temperature is at or below T, like a dose-volume histogram.

    Attributes:
        structure: its name.
        temp_c: temperatures, increasing, shape (n,).
        fraction: share of the structure at or below each, shape (n,).
    """

    structure: str
    temp_c: npt.NDArray[np.float64]
    fraction: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assessment:
    """Everything judged about one run.

    Attributes:
        tumour_ml: volume of the tumour mask.
        ice_ball_ml: volume that froze (coldest <= 0 °C).
        lethal_ml: volume of the lethal zone.
        coverage: fraction of the tumour inside the lethal zone.
        coverage_with_margin: fraction of the tumour grown by the wanted margin inside the lethal zone.
        isotherm_ml: volume that reached each isotherm [°C].
        margin: the margin map.
        curves: one for the tumour and one for each organ at risk.
        exposures: one for each organ at risk.
        verdicts: all goals, organs included, run included.
    """

    tumour_ml: float
    ice_ball_ml: float
    lethal_ml: float
    coverage: float
    coverage_with_margin: float
    isotherm_ml: Mapping[float, float]
    margin: MarginMap
    curves: tuple[VolumeBelowCurve, ...]
    exposures: tuple[Exposure, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def is_safe(self) -> bool:
        """Whether no goal failed; a missing figure fails."""
        return not any(verdict.is_failure for verdict in self.verdicts)
