"""What each thermocouple should read, and how far a reading may lie from it without contradicting it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat.run import ThermalRun
from givre.case.thermocouple import Thermocouple
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedReading:
    """The course of one thermocouple in a run.

    Attributes:
        thermocouple: which one.
        coldest_c: lowest temperature of its junction; NaN outside the simulated domain.
        coldest_s: when; NaN likewise.
        final_c: at the end of the run; NaN likewise.
        gradient_c_mm: how fast the coldest temperatures change around the junction; NaN likewise.
        uncertainty_c: standard uncertainty of a reading at the coldest instant, from the place of the junction and
            from the instrument, not from the simulation; NaN likewise.
    """

    thermocouple: Thermocouple
    coldest_c: float
    coldest_s: float
    final_c: float
    gradient_c_mm: float
    uncertainty_c: float


def expected_readings(run: ThermalRun, thermocouples: tuple[Thermocouple, ...]) -> tuple[ExpectedReading, ...]:
    """One for each thermocouple, in order."""
    return tuple(_expected(run, thermocouple) for thermocouple in thermocouples)


def _expected(run: ThermalRun, thermocouple: Thermocouple) -> ExpectedReading:
    temp_c = run.history.point_temp_c.get(thermocouple.key)
    if temp_c is None or not np.isfinite(temp_c).all():
        nan = float("nan")
        return ExpectedReading(
            thermocouple=thermocouple, coldest_c=nan, coldest_s=nan, final_c=nan, gradient_c_mm=nan, uncertainty_c=nan
        )
    coldest = int(np.argmin(temp_c))
    gradient = _gradient_c_mm(run, np.array(thermocouple.point_mm))
    return ExpectedReading(
        thermocouple=thermocouple,
        coldest_c=float(temp_c[coldest]),
        coldest_s=float(run.history.time_s[coldest]),
        final_c=float(temp_c[-1]),
        gradient_c_mm=gradient,
        uncertainty_c=thermocouple.uncertainty_c(gradient),
    )


def _gradient_c_mm(run: ThermalRun, point_mm: npt.NDArray[np.float64]) -> float:
    """Steepness of the coldest temperatures, from points a voxel away on both sides along each axis of the lattice."""
    coldest = Volume(grid=run.grid, values=run.coldest_c, unit="degC")
    steps_mm = np.array(run.grid.axes) * np.array(run.grid.spacing_mm)[:, None]
    sides = [sample_at(coldest, point_mm + side * steps_mm) for side in (-1.0, 1.0)]
    here = float(sample_at(coldest, point_mm))
    before, after = (np.where(np.isfinite(side), side, here) for side in sides)
    reach_mm = np.array(run.grid.spacing_mm) * (np.isfinite(sides[0]).astype(int) + np.isfinite(sides[1]).astype(int))
    return float(np.linalg.norm((after - before) / np.maximum(reach_mm, 1e-9)))
