"""What a verification card asks: a problem, its reference, the ladders to climb and the bands to stay in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

Standing = Literal["read", "textbook", "recalled", "derived", "own"]
"""How a reference was obtained: read in its source, a closed form of the textbooks, recalled from the literature and
not read again, derived here from the others, or our own code run finer or otherwise."""

Norm = Literal["worst", "rms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What the solver is held against.

    Attributes:
        text: citation.
        standing: how it was obtained.
    """

    text: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """What was found and what was expected, at one level of a ladder, over n points.

    Attributes:
        found, expected: shape (n,), in any common unit.
        scale: what turns their difference into the unit of the ladder.
        labels: a name for each point when every point is to be shown, else nothing.
        uncertainty: of each expected value, in the unit of the ladder, when it was measured; else nothing.
        spacing_mm, step_s: voxel and longest step; NaN where it means nothing.
        voxels, steps: how many voxels and time steps.
        remark: something seen at this level that the reader should know.
    """

    found: Array
    expected: Array
    scale: float = 1.0
    labels: tuple[str, ...] = ()
    uncertainty: tuple[float, ...] = ()
    spacing_mm: float = math.nan
    step_s: float = math.nan
    voxels: int = 0
    steps: int = 0
    remark: str = ""

    def __post_init__(self) -> None:
        if np.shape(self.found) != np.shape(self.expected) or np.size(self.found) == 0:
            raise ValueError(f"{np.shape(self.found)} values found and {np.shape(self.expected)} expected")
        if self.labels and len(self.labels) != np.size(self.found):
            raise ValueError(f"{len(self.labels)} labels for {np.size(self.found)} points")
        if self.uncertainty and len(self.uncertainty) != np.size(self.found):
            raise ValueError(f"{len(self.uncertainty)} uncertainties for {np.size(self.found)} points")

    @property
    def errors(self) -> Array:
        """Found less expected, in the unit of the ladder, shape (n,)."""
        return np.asarray((np.ravel(self.found) - np.ravel(self.expected)) * self.scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassBand:
    """What a ladder must keep to pass.

    Attributes:
        largest_error: the worst error at level `at` must not exceed it, in the unit of the ladder; infinite: not asked.
        at: the level; NaN for the finest one.
        every_level: hold `largest_error` at every level instead.
        least_order, most_order: the fitted order must lie between; NaN: not asked.
        monotone: the worst error must shrink from each level to the next.
        source: where the band comes from.
    """

    largest_error: float = math.inf
    at: float = math.nan
    every_level: bool = False
    least_order: float = math.nan
    most_order: float = math.nan
    monotone: bool = False
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ladder:
    """One quantity, compared on finer and finer levels.

    Attributes:
        name: what is compared, in a few words.
        unit: unit of the errors.
        refined: what is refined ("voxel", "step", ...); empty when the levels are cases and no order makes sense.
        refined_unit: its unit.
        levels: from coarse to fine, or numbers of the cases.
        names: a name for each level, when levels are cases.
        compare: solves one level and compares.
        bands: what must hold.
        norm: the error whose order is fitted.
        floor: errors below it are rounding and left out of the fit, in the unit of the ladder.
        note: what is special here, what is not understood.
    """

    name: str
    unit: str
    refined: str
    refined_unit: str
    levels: tuple[float, ...]
    compare: Callable[[float], Comparison]
    bands: tuple[PassBand, ...]
    names: tuple[str, ...] = ()
    norm: Norm = "worst"
    floor: float = 0.0
    note: str = ""

    def __post_init__(self) -> None:
        if self.names and len(self.names) != len(self.levels):
            raise ValueError(f"{self.name}: {len(self.names)} names for {len(self.levels)} levels")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Card:
    """One verification problem.

    Attributes:
        id: V01 to V18.
        title: in a few words.
        problem: what is solved, with its numbers.
        reference: what it is held against.
        ladders: what is compared.
        source: file of the card.
        test: file of the suite that runs part of it.
        notes: what the card does not show, and what is not understood about its figures.
    """

    id: str
    title: str
    problem: str
    reference: Reference
    ladders: tuple[Ladder, ...]
    source: str
    test: str = "tests/verification/test_cards.py"
    notes: tuple[str, ...] = ()
