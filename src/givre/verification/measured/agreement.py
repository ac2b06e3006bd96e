"""A predicted number beside a measured one, and what many such pairs say: bias, mean, worst, limits of agreement."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from givre.verification.measured.table import Measurement

LIMITS = 1.96
"""Standard deviations on each side of the bias that hold 95 % of normal differences (Bland and Altman, Lancet 1986)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One pair.

    Attributes:
        measurement: what was measured.
        predicted: what the model gives, in its unit.
        condition: which of several assumed conditions, where the publication does not tell.
    """

    measurement: Measurement
    predicted: float
    condition: str = ""

    @property
    def miss(self) -> float:
        """Predicted less measured."""
        return self.predicted - self.measurement.value

    @property
    def miss_percent(self) -> float:
        """Miss over the measured value; NaN for temperatures, whose zero is arbitrary."""
        if self.measurement.unit == "C" or self.measurement.value == 0:
            return math.nan
        return 100 * self.miss / self.measurement.value

    @property
    def is_within_uncertainty(self) -> bool | None:
        """Whether the miss is within two stated uncertainties; None when none is stated."""
        if not math.isfinite(self.measurement.uncertainty):
            return None
        return abs(self.miss) <= 2 * self.measurement.uncertainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What pairs of one unit say together.

    Attributes:
        n: how many.
        bias: mean miss.
        mean_absolute: mean miss without its sign.
        worst: largest miss, with its sign.
        low, high: limits of agreement, bias -+ 1.96 standard deviations; NaN below three pairs.
        unit: of all.
    """

    n: int
    bias: float
    mean_absolute: float
    worst: float
    low: float
    high: float
    unit: str


def agreement(pairs: Iterable[Compared]) -> Agreement:
    """Bias, mean, worst and limits of agreement; not a number as soon as one prediction is none.

    Raises:
        ValueError: for no pair, or pairs of several units.
    """
    compared = tuple(pairs)
    units = {pair.measurement.unit for pair in compared}
    if len(units) != 1:
        raise ValueError(f"pairs in {sorted(units) or 'no unit'}; compare one unit at a time, at least one pair")
    misses = np.array([pair.miss for pair in compared])
    spread = float(misses.std(ddof=1)) if len(misses) > 2 else math.nan
    finite = bool(np.isfinite(misses).all())
    return Agreement(
        n=len(misses),
        bias=float(misses.mean()),
        mean_absolute=float(np.abs(misses).mean()),
        worst=float(misses[int(np.argmax(np.abs(misses)))]) if finite else math.nan,
        low=float(misses.mean()) - LIMITS * spread,
        high=float(misses.mean()) + LIMITS * spread,
        unit=units.pop(),
    )
