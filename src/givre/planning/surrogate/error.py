"""How far the surrogate is from the solver: on one plan, and over all that both judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.planning.surrogate.learning import Reading
from givre.planning.surrogate.prediction import Surrogate

Array = npt.NDArray[np.float64]

NEAR_EDGE_C = 6.0
"""Points this close in temperature to the edge of the lethal zone tell how far off it is predicted."""


FIRST_ORGAN_ALLOWANCE_C, MOST_ORGAN_ALLOWANCE_C = 0.5, 4.0
"""Degrees that organs are kept above their limits, for the error of the surrogate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurrogateError:
    """How far the surrogate was from the solver, over the plans that both judged.

    Attributes:
        plans: number of plans compared; 0 makes every figure NaN.
        coverage_mean, coverage_max: absolute difference of the coverage of the grown tumour.
        edge_mean_mm, edge_max_mm: distance by which the edge of the lethal zone was predicted wrongly, at the points
            near it.
        organ_mean_c, organ_max_c: absolute difference of the coldest temperature of an organ at risk; over the
            organs that came within 15 °C of their limit, NaN if none did.
    """

    plans: int
    coverage_mean: float
    coverage_max: float
    edge_mean_mm: float
    edge_max_mm: float
    organ_mean_c: float
    organ_max_c: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Surrogate and solver on one plan.

    Attributes:
        coverage: predicted minus solved coverage of the grown tumour.
        edge_mean_mm, edge_max_mm: of the absolute misplacement of the lethal edge; NaN if no point lies near it.
        organs_c: predicted minus solved coldest temperature of each organ.
        limits_c: solved coldest temperature of each organ above its limit.
    """

    coverage: float
    edge_mean_mm: float
    edge_max_mm: float
    organs_c: Mapping[str, float]
    limits_c: Mapping[str, float]


def summed_error(comparisons: Sequence[Comparison]) -> SurrogateError:
    """Mean and largest error over several plans; a NaN in a comparison stays one."""
    coverage = np.abs([found.coverage for found in comparisons])
    organs = np.array(
        [
            abs(found.organs_c[name])
            for found in comparisons
            for name, above_c in found.limits_c.items()
            if not above_c > 15.0
        ]
    )
    edges_mean = np.array([found.edge_mean_mm for found in comparisons if not math.isnan(found.edge_mean_mm)])
    edges_max = np.array([found.edge_max_mm for found in comparisons if not math.isnan(found.edge_max_mm)])
    return SurrogateError(
        plans=len(comparisons),
        coverage_mean=_mean(coverage),
        coverage_max=_max(coverage),
        edge_mean_mm=_mean(edges_mean),
        edge_max_mm=_max(edges_max),
        organ_mean_c=_mean(organs),
        organ_max_c=_max(organs),
    )


def compare(surrogate: Surrogate, reading: Reading, *, limits_c: Mapping[str, float]) -> Comparison:
    """How far the surrogate is from a run, at its own points.

    Args:
        surrogate: as it was before it saw the run.
        reading: of the run.
        limits_c: of the organs at risk.
    """
    points, law = surrogate.points, surrogate.law
    guessed, solved = surrogate.potentials(reading.zones), law.potential(reading.cooling_c)
    needed = surrogate.lethal_potential
    grown = slice(0, points.grown_count)
    coverage = float((guessed[grown] >= needed).mean() - (solved[grown] >= needed).mean())
    guessed_c, solved_c = surrogate.temperature_c(guessed), surrogate.temperature_c(solved)
    near = np.flatnonzero(np.abs(solved_c - surrogate.lethal_c) <= NEAR_EDGE_C)
    gap = np.abs(law.cooling_of(guessed[near]) - reading.cooling_c[near])
    misplaced_mm = gap / np.maximum(reading.steepness_c_mm[near], 0.5)
    organs, above = {}, {}
    for name, (first, last) in points.organs.items():
        if last > first and name in limits_c:
            coldest = float(solved_c[first:last].min())
            organs[name] = float(guessed_c[first:last].min()) - coldest
            above[name] = coldest - limits_c[name]
    return Comparison(
        coverage=coverage if reading.is_known else math.nan,
        edge_mean_mm=_mean(misplaced_mm),
        edge_max_mm=_max(misplaced_mm),
        organs_c=organs,
        limits_c=above,
    )


def organ_allowance_c(seen: Sequence[Comparison]) -> float:
    """Mean error of the coldest temperature of organs near their limit, where the surrogate was too warm."""
    missed_c = [
        max(found.organs_c[name], 0.0)
        for found in seen
        for name, above_c in found.limits_c.items()
        if above_c <= 15.0 and math.isfinite(found.organs_c[name])
    ]
    mean_c = float(np.mean(missed_c)) if missed_c else 0.0
    return min(max(mean_c, FIRST_ORGAN_ALLOWANCE_C), MOST_ORGAN_ALLOWANCE_C)


def _mean(values: Array) -> float:
    return float(values.mean()) if len(values) else math.nan


def _max(values: Array) -> float:
    return float(values.max()) if len(values) else math.nan
