"""The paths of a real case: the path checker, asked for one model of cryoprobe at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.model import CryoprobeModel
from givre.planning.access.needle import Shaft, shafts_of
from givre.planning.access.path_checker import PathChecker
from givre.planning.access.path_checks import PathChecks
from givre.planning.placement.paths import ShaftPaths

Array = npt.NDArray[np.float64]

TOWARDS_ENTRY_MM = 50.0
"""A point this far back along the shaft tells the checker its direction."""

SPARE_MM = 0.15
"""Clearances are sought this much better than asked, since points are written to 0.1 mm."""

NOWHERE_MM = 100.0
"""What a path misses when nothing says by how much: no skin is reached, or the tip lies in gas."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckedPaths:
    """Paths judged by skin, clearances, gantry and the length of the shaft.

    Attributes:
        checker: of the case.
        shafts: the shafts that can be had.
        may_use_last_resort: whether rules that give way when no other path exists are set aside.
        needs_skin: whether a path must leave the body through skin that the image shows; what lies beyond the edge
            of an image is not known.
    """

    checker: PathChecker
    shafts: tuple[Shaft, ...]
    may_use_last_resort: bool = False
    needs_skin: bool = True

    def look(self, tips_mm: Array, directions: Array, model: CryoprobeModel) -> ShaftPaths:
        """Judge n shafts by their tip and direction; see `Paths`."""
        checks = self.checks(tips_mm, directions, model)
        missing_mm = np.where(np.isfinite(checks.missing_mm), checks.missing_mm, NOWHERE_MM)
        missing_mm = np.maximum(missing_mm, SPARE_MM - checks.worst_slack_mm)
        if self.may_use_last_resort:
            missing_mm = np.where(checks.is_last_resort, 0.0, missing_mm)
        needed_mm = model.active_zone_mm + model.tip_offset_mm
        missing_mm = np.maximum(missing_mm, needed_mm + 1.0 - checks.length_mm)  # an image may end before the skin
        if self.needs_skin:
            missing_mm = np.where(checks.is_skin_seen, missing_mm, missing_mm + NOWHERE_MM)
        known = np.isfinite(checks.skin_mm).all(axis=1)
        return ShaftPaths(entries_mm=checks.skin_mm, missing_mm=np.where(known, missing_mm, np.inf))

    def blocked_by(self, tip_mm: Array, direction: Array, model: CryoprobeModel) -> tuple[str, ...]:
        """Every reason against one shaft, the structure named where there is one."""
        blocks = self.checks(tip_mm[None], direction[None], model).blocked_by(0)
        return tuple(f"{block.reason} {block.structure}".strip() for block in blocks)

    def checks(self, tips_mm: Array, directions: Array, model: CryoprobeModel) -> PathChecks:
        """All that the checker says of n shafts."""
        access = replace(
            self.checker.access,
            diameter_mm=model.diameter_mm,
            shaft_mm=shafts_of(model.id, self.shafts)[-1].length_mm,
            least_length_mm=model.active_zone_mm + model.tip_offset_mm,
        )
        checker = replace(self.checker, access=access)
        return checker.check(tips_mm - TOWARDS_ENTRY_MM * directions, tips_mm)


def first_reasons(checks: PathChecks) -> Mapping[str, int]:
    """How many paths each reason blocks first, the most frequent first; "" counts the free ones."""
    names, counts = np.unique(np.array(checks.first_reasons()), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {str(names[n]): int(counts[n]) for n in order}
