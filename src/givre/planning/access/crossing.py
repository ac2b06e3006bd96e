"""How cryoprobes lie to each other: crossings, gaps over their whole shafts, angles, spacing at the tips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InvalidPlacement
from givre.geometry.grid import Point

Array = npt.NDArray[np.float64]

SMALLEST_GAP_MM = 1.0
"""Closer shafts cannot be placed one after the other without touching (assumption)."""
PARALLEL_BELOW_DEG = 10.0
"""Below, two probes are called parallel (assumption)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedShaft:
    """One probe with the part of it that stands out of the skin.

    Attributes:
        label: short name.
        entry_mm: LPS point that gives its direction.
        tip_mm: LPS.
        diameter_mm: of the shaft.
        shaft_mm: from tip to handle; the distance from entry to tip if that is longer.
    """

    label: str
    entry_mm: Point
    tip_mm: Point
    diameter_mm: float
    shaft_mm: float

    def __post_init__(self) -> None:
        numbers = np.array([*self.entry_mm, *self.tip_mm, self.diameter_mm, self.shaft_mm], dtype=float)
        if not np.isfinite(numbers).all() or self.depth_mm <= 0:
            raise InvalidPlacement(f"probe {self.label}: entry {self.entry_mm} and tip {self.tip_mm} mm give no shaft")

    @property
    def depth_mm(self) -> float:
        """Distance from entry to tip [mm]."""
        return float(np.linalg.norm(np.subtract(self.entry_mm, self.tip_mm)))

    @property
    def outward(self) -> Array:
        """Unit vector from tip to entry."""
        return np.asarray(np.subtract(self.entry_mm, self.tip_mm) / self.depth_mm)

    @property
    def handle_mm(self) -> Array:
        """LPS point where the shaft meets the handle."""
        return np.asarray(np.array(self.tip_mm) + max(self.shaft_mm, self.depth_mm) * self.outward)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePair:
    """How two probes lie to each other.

    Attributes:
        labels: of both.
        gap_mm: smallest distance between the surfaces of their whole shafts, negative if they cross.
        from_tip_mm: where on each of them, measured from its tip.
        angle_deg: between their directions.
        tip_spacing_mm: between their tips.
    """

    labels: tuple[str, str]
    gap_mm: float
    from_tip_mm: tuple[float, float]
    angle_deg: float
    tip_spacing_mm: float

    @property
    def is_crossing(self) -> bool:
        """Whether the shafts touch or come too close to be placed; True for a gap that is not known."""
        return not self.gap_mm >= SMALLEST_GAP_MM

    @property
    def is_parallel(self) -> bool:
        """Whether they point the same way within `PARALLEL_BELOW_DEG`."""
        return self.angle_deg <= PARALLEL_BELOW_DEG


def probe_pairs(shafts: Sequence[PlacedShaft]) -> tuple[ProbePair, ...]:
    """Every pair of probes.

    >>> parallel = [PlacedShaft(label=n, entry_mm=(x, 80.0, 0.0), tip_mm=(x, 0.0, 0.0), diameter_mm=1.5, shaft_mm=175.0)
    ...             for n, x in (("P1", 0.0), ("P2", 15.0))]
    >>> probe_pairs(parallel)[0].gap_mm, probe_pairs(parallel)[0].tip_spacing_mm
    (13.5, 15.0)
    """
    return tuple(_pair(one, other) for one, other in combinations(shafts, 2))


def segment_distance_mm(
    starts_a: npt.ArrayLike, ends_a: npt.ArrayLike, starts_b: npt.ArrayLike, ends_b: npt.ArrayLike
) -> tuple[Array, Array, Array]:
    """Exact distance between segments a and b [mm], and where it is on each, 0 at the start and 1 at the end.

    Args:
        starts_a: LPS mm, shape (..., 3); the others likewise.
        ends_a: other ends of a.
        starts_b: starts of b.
        ends_b: other ends of b.

    Source: Ericson, Real-Time Collision Detection (2005), section 5.1.9.
    """
    first, other = np.asarray(starts_a, dtype=float), np.asarray(starts_b, dtype=float)
    a, b, gap = np.asarray(ends_a, dtype=float) - first, np.asarray(ends_b, dtype=float) - other, first - other
    aa, bb, ab = (a * a).sum(-1), (b * b).sum(-1), (a * b).sum(-1)
    ag, bg = (a * gap).sum(-1), (b * gap).sum(-1)
    across = aa * bb - ab * ab
    is_skew = across > 1e-12 * aa * bb
    s = np.where(is_skew, np.clip((ab * bg - ag * bb) / np.where(is_skew, across, 1.0), 0.0, 1.0), 0.0)
    t = (ab * s + bg) / np.where(bb > 0, bb, 1.0)
    s = np.where(t < 0, np.clip(-ag / np.where(aa > 0, aa, 1.0), 0.0, 1.0), s)
    s = np.where(t > 1, np.clip((ab - ag) / np.where(aa > 0, aa, 1.0), 0.0, 1.0), s)
    s = np.where(bb > 0, s, np.clip(-ag / np.where(aa > 0, aa, 1.0), 0.0, 1.0))  # b is a point
    t = np.clip(t, 0.0, 1.0)
    distance = np.linalg.norm(gap + s[..., None] * a - t[..., None] * b, axis=-1)
    return np.asarray(distance), np.asarray(s), np.asarray(t)


def _pair(one: PlacedShaft, other: PlacedShaft) -> ProbePair:
    distance, s, t = segment_distance_mm(one.tip_mm, one.handle_mm, other.tip_mm, other.handle_mm)
    lengths = [float(np.linalg.norm(shaft.handle_mm - np.array(shaft.tip_mm))) for shaft in (one, other)]
    cosine = float(np.clip(one.outward @ other.outward, -1.0, 1.0))
    return ProbePair(
        labels=(one.label, other.label),
        gap_mm=float(distance) - (one.diameter_mm + other.diameter_mm) / 2.0,
        from_tip_mm=(float(s) * lengths[0], float(t) * lengths[1]),
        angle_deg=float(np.degrees(np.arccos(cosine))),
        tip_spacing_mm=float(np.linalg.norm(np.subtract(one.tip_mm, other.tip_mm))),
    )
