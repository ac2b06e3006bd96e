"""Volume-below-temperature curves: how much of a structure got how cold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.assessment.result import VolumeBelowCurve

Array = npt.NDArray[np.float64]

CURVE_TEMPS_C: Array = np.arange(-150.0, 41.0)
"""Temperatures of the curves: from colder than any cryoprobe to warmer than any patient, by 1 °C."""


def volume_below_curve(structure: str, coldest_c: npt.ArrayLike, *, temp_c: Array = CURVE_TEMPS_C) -> VolumeBelowCurve:
    """Fraction of a structure at or below each temperature.

    Args:
        structure: its name.
        coldest_c: coldest temperature at points of equal volume [°C], shape (n,); infinite where it is taken
            to stay warm. One NaN, or no point, makes the whole curve NaN.
        temp_c: temperatures of the curve, increasing [°C].
    """
    samples_c = np.sort(np.asarray(coldest_c, dtype=float))
    if samples_c.size == 0 or np.isnan(samples_c[-1]):  # NaN sorts last
        return VolumeBelowCurve(structure=structure, temp_c=temp_c, fraction=np.full(temp_c.size, np.nan))
    fraction = np.searchsorted(samples_c, temp_c, side="right") / samples_c.size
    return VolumeBelowCurve(structure=structure, temp_c=temp_c, fraction=fraction)
