"""How far a figure still is from what an endlessly fine grid would give, from the same run on three or more grids.

Source: Celik et al., J Fluids Eng 130 (2008) 078001 (grid convergence index);
Roache, Annu Rev Fluid Mech 29 (1997) 123.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

SAFETY, CAREFUL_SAFETY = 1.25, 3.0
"""Factor on the estimated error: where the order was observed, and where it had to be assumed."""

LEAST_ORDER, MOST_ORDER = 0.5, 2.5
"""An observed order outside is not believed: it is then taken as 1, with the larger factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extrapolation:
    """What three grids say about a figure.

    Attributes:
        extrapolated: the figure for an endlessly fine grid, by the order used.
        order: observed order; NaN when the three figures do not converge monotonically or it is not believed.
        error_bar: bound on the error of the finest figure, in its own unit.
    """

    extrapolated: float
    order: float
    error_bar: float


def extrapolate(spacings: tuple[float, ...], values: tuple[float, ...]) -> Extrapolation:
    """Judge the finest value by it and the two next ones.

    Args:
        spacings: from coarse to fine, three or more.
        values: the figure on each grid; all NaN comes back when one of the last three is not finite.

    >>> extrapolate((4.0, 2.0, 1.0), (1.16, 1.04, 1.01)).extrapolated
    1.0
    """
    (coarse, middle, fine), (c, m, f) = spacings[-3:], values[-3:]
    if not np.isfinite((c, m, f)).all():
        return Extrapolation(extrapolated=math.nan, order=math.nan, error_bar=math.nan)
    if f == m == c:
        return Extrapolation(extrapolated=f, order=math.nan, error_bar=0.0)
    order = _observed_order(coarse / middle, middle / fine, c - m, m - f)
    used = 1.0 if math.isnan(order) else order
    change = (m - f) / ((middle / fine) ** used - 1)
    if math.isnan(order):  # erratic: no less than the spread of the three
        bar = CAREFUL_SAFETY * max(abs(change), (max(c, m, f) - min(c, m, f)) / CAREFUL_SAFETY)
    else:
        bar = SAFETY * abs(change)
    return Extrapolation(extrapolated=round(f - change, 12), order=order, error_bar=bar)


def _observed_order(coarse_ratio: float, fine_ratio: float, coarse_step: float, fine_step: float) -> float:
    """The order p with coarse_step / fine_step = (fine_ratio^p (coarse_ratio^p - 1)) / (fine_ratio^p - 1)."""
    if fine_step == 0 or coarse_step / fine_step <= 0:
        return math.nan

    def missed(p: float) -> float:
        return float(fine_ratio**p * (coarse_ratio**p - 1) / (fine_ratio**p - 1) - coarse_step / fine_step)

    if missed(LEAST_ORDER) * missed(MOST_ORDER) > 0:
        return math.nan
    return float(brentq(missed, LEAST_ORDER, MOST_ORDER, xtol=1e-12))
