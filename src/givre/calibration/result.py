"""What a calibration found: numbers with their standard errors, residuals, and what the table does not tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from givre.calibration.choice import Parameter, Reason
from givre.calibration.measured import MeasuredSize

AtBound = Literal["", "low", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedNumber:
    """One number of the probe after the fit.

    Attributes:
        name: which.
        value: after the fit.
        unit: of it.
        before: the catalogue's.
        standard_error: from the slopes; NaN for a number that was kept.
        bounds: where it was allowed to go.
        at_bound: which of them it stayed at.
        kept_because: why it was not fitted; None if it was.
    """

    name: Parameter
    value: float
    unit: str
    before: float
    standard_error: float
    bounds: tuple[float, float]
    at_bound: AtBound
    kept_because: Reason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """One measured size beside the fitted one.

    Attributes:
        size: the measurement.
        uncertainty_mm: that the fit used, stated or assumed.
        fitted_mm: the size of the fitted probe.
    """

    size: MeasuredSize
    uncertainty_mm: float
    fitted_mm: float

    @property
    def is_uncertainty_stated(self) -> bool:
        """Whether the source states it."""
        return math.isfinite(self.size.uncertainty_mm)

    @property
    def miss_mm(self) -> float:
        """Fitted less measured."""
        return self.fitted_mm - self.size.size_mm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """A fitted probe.

    Attributes:
        numbers: surface temperature, contact resistance and active zone.
        fitted: which of them were fitted.
        correlation: between the fitted ones, shape (fitted, fitted).
        residuals: one for each measured size.
        degrees_of_freedom: sizes less fitted numbers.
        chi_squared: sum of squared misses over uncertainties.
        voxels_mm: while searching, and for the residuals.
        lattice_shift_mm: largest change of a size between these two.
        solved: simulations made.
    """

    numbers: Mapping[Parameter, FittedNumber]
    fitted: tuple[Parameter, ...]
    correlation: npt.NDArray[np.float64]
    residuals: tuple[Residual, ...]
    degrees_of_freedom: int
    chi_squared: float
    voxels_mm: tuple[float, float]
    lattice_shift_mm: float
    solved: int

    @property
    def rms_mm(self) -> float:
        """Root of the mean squared miss."""
        return math.sqrt(sum(r.miss_mm**2 for r in self.residuals) / len(self.residuals))

    @property
    def worst_mm(self) -> float:
        """Largest miss, without its sign."""
        return max(abs(r.miss_mm) for r in self.residuals)

    @property
    def at_bounds(self) -> tuple[Parameter, ...]:
        """Fitted numbers that stayed at a bound."""
        return tuple(name for name in self.fitted if self.numbers[name].at_bound)
