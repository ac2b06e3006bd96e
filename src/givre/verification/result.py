"""How a card was answered: plain figures, frozen, ready to be written down."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One compared value of a level that shows them all.

    Attributes:
        label: which one.
        found, expected: in their own unit.
        error: in the unit of the ladder.
        uncertainty: of the expected value, in the unit of the ladder; NaN when it was not measured.
    """

    label: str
    found: float
    expected: float
    error: float
    uncertainty: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One level of a ladder. Errors are in the unit of the ladder; NaN means that the level failed.

    Attributes:
        level: voxel, step or number of the case.
        name: name of the case, else empty.
        spacing_mm, step_s: voxel and longest step.
        voxels, steps: how many.
        n: compared points.
        worst: error of largest magnitude, with its sign.
        p95: 95th percentile of the magnitudes.
        mean: mean of the magnitudes.
        bias: mean of the errors with their signs.
        rms: root of the mean square.
        wall_s: time it took.
        remark: something seen at this level.
        refusal: why it gave nothing, else empty.
        points: every compared value, where the level shows them.
    """

    level: float
    name: str = ""
    spacing_mm: float = math.nan
    step_s: float = math.nan
    voxels: int = 0
    steps: int = 0
    n: int = 0
    worst: float = math.nan
    p95: float = math.nan
    mean: float = math.nan
    bias: float = math.nan
    rms: float = math.nan
    wall_s: float = math.nan
    remark: str = ""
    refusal: str = ""
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing asked of a ladder.

    Attributes:
        asked: in words.
        found: the figure it was judged on.
        limit: the bound, for ratios between cards; NaN when there is none.
        unit: of both.
        source: where the band comes from.
        passed: whether it held; a figure that is not a number never does.
    """

    asked: str
    found: float
    limit: float
    unit: str
    source: str
    passed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderResult:
    """What one ladder gave.

    Attributes:
        name, unit, refined, refined_unit, norm, note: of the ladder.
        rungs: its levels.
        order: slope of log error against log of what is refined; NaN when not fitted.
        order_over: how many levels it was fitted over.
        order_remark: why it was not fitted, or over which levels.
        checks: what was asked.
    """

    name: str
    unit: str
    refined: str
    refined_unit: str
    norm: str
    note: str
    rungs: tuple[Rung, ...]
    order: float
    order_over: int
    order_remark: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check held; a ladder that asks nothing has not passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardResult:
    """What one card gave.

    Attributes:
        id, title, problem, reference, standing, source, test, notes: of the card.
        ladders: what each ladder gave.
    """

    id: str
    title: str
    problem: str
    reference: str
    standing: str
    source: str
    test: str
    notes: tuple[str, ...]
    ladders: tuple[LadderResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every ladder passed."""
        return bool(self.ladders) and all(ladder.passed for ladder in self.ladders)

    @property
    def wall_s(self) -> float:
        """Time of all levels [s]."""
        return sum(rung.wall_s for ladder in self.ladders for rung in ladder.rungs)

    @property
    def points(self) -> int:
        """Compared points, all levels together."""
        return sum(rung.n for ladder in self.ladders for rung in ladder.rungs)

    def tightest(self) -> tuple[LadderResult, Check] | None:
        """The bounded check that came closest to its bound, or went farthest beyond it; a NaN comes first."""
        bounded = [
            (ladder, check)
            for ladder in self.ladders
            for check in ladder.checks
            if math.isfinite(check.limit) and check.limit > 0
        ]
        if not bounded:
            return None
        return max(bounded, key=lambda pair: _use_of(pair[1]))


def _use_of(check: Check) -> float:
    """Found over limit; infinite for a figure that is not a number."""
    share = abs(check.found) / check.limit
    return math.inf if math.isnan(share) else share
