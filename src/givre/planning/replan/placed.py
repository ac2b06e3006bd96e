"""The cryoprobes as they were really placed, matched with the plan, and how far each is from where it should be."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.placement import Placement
from givre.foundation.errors import PlanError
from givre.geometry.grid import Point

Array = npt.NDArray[np.float64]

MOST_PLACED = 25
"""As many probes as a case can hold."""


class PlacedProbesRefused(PlanError):
    """Placed probes that do not belong to the plan, or cannot be where they are said to be."""

    code = "PLACED_PROBES"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedProbe:
    """One probe as the CT of the day shows it.

    Attributes:
        label: that of the plan.
        entry_mm: LPS point where it enters the skin.
        tip_mm: LPS position of its tip.
    """

    label: str
    entry_mm: Point
    tip_mm: Point

    def __post_init__(self) -> None:
        if not self.label.strip():
            raise PlacedProbesRefused("a placed probe has no label; give it that of the plan")
        for what, point in (("entry", self.entry_mm), ("tip", self.tip_mm)):
            if not all(math.isfinite(value) for value in point):
                raise PlacedProbesRefused(
                    f"placed probe {self.label}: {what} {point} is not finite; give x, y, z in mm"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """How far one probe is from the plan.

    Attributes:
        label: of the probe.
        tip_mm: distance between the tips.
        along_mm: of the tip along the planned axis, positive when it is too deep.
        across_mm: of the tip across the planned axis.
        entry_mm: distance between the entries.
        angle_deg: between the axes.
        offset_mm: placed tip less planned tip, LPS.
    """

    label: str
    tip_mm: float
    along_mm: float
    across_mm: float
    entry_mm: float
    angle_deg: float
    offset_mm: Point


def placed_plan(
    planned: Sequence[Placement], placed: Sequence[PlacedProbe], *, left_out: Iterable[str] = ()
) -> tuple[Placement, ...]:
    """The probes of the plan where they were really placed, in the order of the plan.

    Args:
        planned: the plan.
        placed: one for each of its probes.
        left_out: labels of probes that were not placed, on purpose.

    Raises:
        PlacedProbesRefused: if there are none or too many, a label is unknown, repeated or missing.
        InvalidPlacement: if entry and tip of one are the same.
    """
    labels, absent = [probe.label for probe in placed], tuple(left_out)
    known = [placement.label for placement in planned]
    if not placed:
        raise PlacedProbesRefused("no probe was placed; give entry and tip of each")
    if len(placed) > MOST_PLACED:
        raise PlacedProbesRefused(f"{len(placed)} probes placed; a plan has at most {MOST_PLACED}")
    repeated = sorted({label for label in labels if labels.count(label) > 1})
    if repeated:
        raise PlacedProbesRefused(f"placed probes named twice: {', '.join(repeated)}; give each once")
    strange = [label for label in (*labels, *absent) if label not in known]
    if strange:
        raise PlacedProbesRefused(
            f"{', '.join(strange)} not in the plan, which has {', '.join(known)}; check the labels"
        )
    both = [label for label in absent if label in labels]
    if both:
        raise PlacedProbesRefused(f"{', '.join(both)} both placed and left out; say one")
    missing = [label for label in known if label not in labels and label not in absent]
    if missing:
        raise PlacedProbesRefused(
            f"entry and tip of {', '.join(missing)} are not given; add them, or say that the probe was left out"
        )
    found = {probe.label: probe for probe in placed}
    return tuple(
        replace(placement, entry_mm=found[placement.label].entry_mm, target_mm=found[placement.label].tip_mm)
        for placement in planned
        if placement.label in found
    )


def deviations(planned: Sequence[Placement], placed: Sequence[Placement]) -> tuple[Deviation, ...]:
    """How far each placed probe is from the one planned with the same label.

    >>> plan = Placement(label="P1", model="m", entry_mm=(0.0, 0.0, 0.0), target_mm=(0.0, 0.0, 50.0))
    >>> deviations([plan], [replace(plan, target_mm=(3.0, 0.0, 54.0))])[0].along_mm
    4.0
    """
    wanted = {placement.label: placement for placement in planned}
    return tuple(_deviation(wanted[placement.label], placement) for placement in placed)


def axis_of(placement: Placement) -> Array:
    """Unit vector from entry to tip."""
    return np.asarray(np.subtract(placement.target_mm, placement.entry_mm) / placement.depth_mm)


def _deviation(planned: Placement, placed: Placement) -> Deviation:
    offset = np.subtract(placed.target_mm, planned.target_mm)
    axis, other = axis_of(planned), axis_of(placed)
    along = float(offset @ axis)
    sine, cosine = float(np.linalg.norm(np.cross(axis, other))), float(axis @ other)
    return Deviation(
        label=planned.label,
        tip_mm=float(np.linalg.norm(offset)),
        along_mm=along,
        across_mm=float(np.linalg.norm(offset - along * axis)),
        entry_mm=float(np.linalg.norm(np.subtract(placed.entry_mm, planned.entry_mm))),
        angle_deg=math.degrees(math.atan2(sine, cosine)),
        offset_mm=(float(offset[0]), float(offset[1]), float(offset[2])),
    )
