"""What a run recorded for a temperature threshold, or a refusal that says what it did record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from givre.bioheat.run import ThermalRun
from givre.foundation.errors import ThresholdNotRecorded
from givre.geometry.volume import Volume

Recorded = TypeVar("Recorded")

SAME_THRESHOLD_C = 1e-6


def time_below(run: ThermalRun, threshold_c: float) -> Volume:
    """Time each voxel spent at or below a threshold [s].

    Raises:
        ThresholdNotRecorded: if the run did not record that threshold.
    """
    return Volume(grid=run.grid, values=_recorded(run.time_below_s, threshold_c, "time"), unit="s")


def freezes_below(run: ThermalRun, threshold_c: float) -> Volume:
    """Number of freezes in which each voxel reached a threshold.

    Raises:
        ThresholdNotRecorded: if the run did not record that threshold.
    """
    counts = _recorded(run.freezes_below, threshold_c, "number of freezes")
    return Volume(grid=run.grid, values=counts.astype(float), unit="1")


def _recorded(fields: Mapping[float, Recorded], threshold_c: float, what: str) -> Recorded:
    for level, field in fields.items():
        if abs(level - threshold_c) <= SAME_THRESHOLD_C:
            return field
    known = ", ".join(f"{level:g}" for level in sorted(fields)) or "none"
    raise ThresholdNotRecorded(
        f"the run did not record the {what} below {threshold_c:g} °C, only below {known} °C; "
        f"simulate again with {threshold_c:g} °C among the recorded thresholds"
    )
