"""What a check of many straight paths found: allowed or not, and every reason why not, with its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

Reason = Literal[
    "not_finite", "tip_outside_image", "tip_outside_body", "tip_in_gas", "too_long", "too_short", "clearance",
    "returns", "spine_side", "tilt", "flat_on_skin", "bore", "lying_side",
]  # fmt: skip
"""Why a path is blocked. `clearance` names a structure; `returns`: the line or the shaft enters the body again."""

REASONS: tuple[Reason, ...] = (
    "not_finite", "tip_outside_image", "tip_outside_body", "tip_in_gas", "too_long", "too_short", "clearance",
    "returns", "spine_side", "tilt", "flat_on_skin", "bore", "lying_side",
)  # fmt: skip
"""In the order in which the first one is told."""

_UNITS: Mapping[Reason, str] = {
    "too_long": "mm",
    "too_short": "mm",
    "clearance": "mm",
    "returns": "mm",
    "spine_side": "deg",
    "tilt": "deg",
    "flat_on_skin": "deg",
    "bore": "mm",
    "lying_side": "mm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One reason why a path cannot be taken.

    Attributes:
        reason: which.
        structure: name of the structure in the way, empty if none is.
        found: the figure found; NaN where there is none.
        limit: what it would have to keep to; NaN where there is none.
        unit: "mm", "deg" or empty.
        gives_way: the rule holds only while another path exists.
    """

    reason: Reason
    structure: str = ""
    found: float = math.nan
    limit: float = math.nan
    unit: str = ""
    gives_way: bool = False

    @property
    def key(self) -> str:
        """The reason, with the structure when there is one: "clearance aorta".

        >>> Block(reason="clearance", structure="aorta").key
        'clearance aorta'
        """
        return f"{self.reason} {self.structure}".strip()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathChecks:
    """What is found for n paths; anything that is not a number counts as blocked.

    Attributes:
        entries_mm: as given, LPS, shape (n, 3).
        targets_mm: the tips, LPS, shape (n, 3).
        skin_mm: where the axis meets the skin, or the edge of the image, LPS, shape (n, 3).
        is_skin_seen: whether that is skin; otherwise the image ends there and lengths are lower bounds, shape (n,).
        length_mm: from there to the tip, shape (n,).
        tilt_deg: angle to the axial plane, positive when the entry lies towards the head, shape (n,).
        in_plane_deg: direction of the entry in the axial plane: 0 behind the tip, 90 to the patient's left, -90 to
            the right, 180 in front, shape (n,).
        skin_angle_deg: angle between path and the normal of the skin; NaN where no skin is seen, shape (n,).
        clearance_mm: by structure, a lower bound of the distance between it and the surface of the shaft, shape (n,)
            each; at most `FAR_MM` is told apart.
        wanted_mm: clearance asked, by structure.
        gives_way: structures whose rule holds only while another path exists.
        faults: for each reason but `clearance`, whether it blocks, shape (n,) each.
        figures: found and limit of a reason, shape (n,) each.
    """

    entries_mm: Array
    targets_mm: Array
    skin_mm: Array
    is_skin_seen: Flags
    length_mm: Array
    tilt_deg: Array
    in_plane_deg: Array
    skin_angle_deg: Array
    clearance_mm: Mapping[str, Array]
    wanted_mm: Mapping[str, float]
    gives_way: frozenset[str]
    faults: Mapping[Reason, Flags]
    figures: Mapping[Reason, tuple[Array, Array]]

    def __len__(self) -> int:
        return len(self.length_mm)

    @property
    def is_allowed(self) -> Flags:
        """Whether nothing blocks the path, shape (n,)."""
        return self._allowed(spare=frozenset())

    @property
    def is_last_resort(self) -> Flags:
        """Whether only rules that give way when no other path exists block it, shape (n,)."""
        return self._allowed(spare=self.gives_way) & ~self.is_allowed

    @property
    def worst_slack_mm(self) -> Array:
        """Smallest clearance beyond what is asked, over all structures, shape (n,); infinite without structures."""
        slack = [self.clearance_mm[name] - self.wanted_mm[name] for name in self.clearance_mm]
        return np.min(slack, axis=0) if slack else np.full(len(self), np.inf)

    @property
    def missing_mm(self) -> Array:
        """By how much each path misses what is asked: 0 where it is allowed, larger the worse, shape (n,).

        The largest shortfall, a degree weighing as a millimetre; infinite where no figure tells how far off it is.
        For a search that needs to know which way is better.
        """
        missing = np.maximum(-self.worst_slack_mm, 0.0)
        for reason, fault in self.faults.items():
            found, limit = self.figures.get(reason, (None, None))
            over = np.full(len(self), np.inf) if found is None or limit is None else np.abs(found - limit)
            missing = np.where(fault, np.maximum(missing, np.where(np.isfinite(over), over, np.inf)), missing)
        return np.asarray(np.where(self.is_allowed, 0.0, np.where(np.isnan(missing), np.inf, missing)))

    def is_too_close(self, structure: str) -> Flags:
        """Whether the path comes too close to a structure, shape (n,)."""
        return ~(self.clearance_mm[structure] >= self.wanted_mm[structure])

    def blocked_by(self, path: int) -> tuple[Block, ...]:
        """Every reason that blocks one path, in the order of `REASONS`, structures by their shortfall."""
        found = [self._fault(reason, path) for reason in REASONS if reason in self.faults and self.faults[reason][path]]
        close = [name for name in self.clearance_mm if self.is_too_close(name)[path]]
        blocks = [self._too_close(name, path) for name in close]
        found += sorted(blocks, key=lambda block: (block.gives_way, block.found - block.limit))
        return tuple(sorted(found, key=lambda block: REASONS.index(block.reason)))

    def first_reasons(self) -> tuple[str, ...]:
        """For each path the key of the reason told first, "" when it is allowed; as `blocked_by` orders them."""
        first = np.full(len(self), "", dtype=object)
        for reason in reversed(REASONS):
            if reason == "clearance":
                self._tell_clearances(first)
            elif reason in self.faults:
                first[self.faults[reason]] = reason
        return tuple(str(key) for key in first)

    def _tell_clearances(self, first: npt.NDArray[np.object_]) -> None:
        if not self.clearance_mm:
            return
        names = sorted(self.clearance_mm, key=lambda name: name in self.gives_way)
        short = np.stack([self.clearance_mm[name] - self.wanted_mm[name] for name in names])
        short = np.where(np.isnan(short), -1e9, short)
        short[[name in self.gives_way for name in names]] += 1e6 * (short[[n in self.gives_way for n in names]] < 0)
        # a rule that gives way is told only where no other structure is too close
        is_close = np.stack([self.is_too_close(name) for name in names])
        order = np.where(is_close, short, np.inf)
        worst = np.argmin(order, axis=0)
        for path in np.flatnonzero(is_close.any(axis=0)):
            first[path] = f"clearance {names[worst[path]]}"

    def _allowed(self, *, spare: frozenset[str]) -> Flags:
        blocked = np.zeros(len(self), dtype=np.bool_)
        for fault in self.faults.values():
            blocked |= fault
        for name in self.clearance_mm:
            if name not in spare:
                blocked |= self.is_too_close(name)
        return ~blocked

    def _fault(self, reason: Reason, path: int) -> Block:
        found, limit = self.figures.get(reason, (None, None))
        return Block(
            reason=reason,
            found=math.nan if found is None else float(found[path]),
            limit=math.nan if limit is None else float(limit[path]),
            unit=_UNITS.get(reason, ""),
        )

    def _too_close(self, name: str, path: int) -> Block:
        return Block(
            reason="clearance",
            structure=name,
            found=float(self.clearance_mm[name][path]),
            limit=self.wanted_mm[name],
            unit="mm",
            gives_way=name in self.gives_way,
        )
