"""How far the figures of a plan may be from those of an endlessly fine lattice, from the same plan on two or three.

A lattice errs in two ways. The scheme's error falls with the voxel, about in proportion. Beside it stands what
changes by chance with the place of the voxels: which tissue each of them takes, where a thin organ falls between
them. Two lattices may agree by such a chance, so that the difference of one figure alone says too little. Every
figure is therefore turned into the distance by which the fronts of cold would have to move to change it as much, and
a bar is the largest of three such distances times the figure's own change per millimetre:

- what the figure itself changed between the lattices, extrapolated,
- what all figures of the plan changed, as root mean square, extrapolated,
- a share of the voxel, `LEAST_VOXELS`, that was measured on other plans.

Sources: Roache, Annu Rev Fluid Mech 29 (1997) 123; Celik et al., J Fluids Eng 130 (2008) 078001. The three factors
were chosen on four plans and judged on others: docs/explanation/accuracy.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from givre.assessment.figures import Figure, FigureKey

ASSUMED_ORDER = 1.0
"""Order of the error where it is not observed: a front between voxels, tissues cut to voxels."""

OWN_SAFETY, SHARED_SAFETY, OBSERVED_SAFETY = 1.0, 1.0, 1.25
"""Factors on the extrapolated change of one figure, of all figures, and of one whose order was observed."""

LEAST_VOXELS = 0.25
"""No front is taken to be known better than this share of a voxel."""

LEAST_ORDER, MOST_ORDER = 0.5, 2.5
"""An observed order outside is not believed."""


WhyNot = Literal["", "not_wanted", "too_long", "run_unusable", "coarse_refused", "coarse_unusable", "not_a_number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBar:
    """A figure and how far off its discretisation may put it.

    Attributes:
        value: the figure on the finest lattice.
        half_width: of the bar, in the unit of the figure; NaN where none can be given.
        unit: "mL", "mm", "degC" or "1" (a share).
        order: observed order of the error; NaN where it was assumed.
        reason: why there is no bar; empty where there is one.
    """

    value: float
    half_width: float
    unit: str
    order: float = math.nan
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscretisationError:
    """What discretisation does to the figures of one plan.

    Attributes:
        voxels_mm: voxel edge of each lattice the plan was solved on, finest first.
        edge_mm: how far any front of cold may be off; NaN without an estimate.
        bars: of each figure.
        why_not: why there is no estimate, as a key; empty where there is one.
        reason: the same in a sentence.
    """

    voxels_mm: tuple[float, ...]
    edge_mm: float
    bars: Mapping[FigureKey, ErrorBar] = field(default_factory=dict)
    why_not: WhyNot = ""
    reason: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is an estimate."""
        return math.isfinite(self.edge_mm)

    def half_width(self, key: FigureKey) -> float:
        """Half width of the bar of a figure; NaN where there is none."""
        bar = self.bars.get(key)
        return math.nan if bar is None else bar.half_width


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The figures of one plan on one lattice.

    Attributes:
        voxel_mm: edge of its voxels.
        figures: by key; the same keys on every lattice.
    """

    voxel_mm: float
    figures: Mapping[FigureKey, Figure]


def no_estimate(why_not: WhyNot, reason: str, voxels_mm: tuple[float, ...]) -> DiscretisationError:
    """An estimate that could not be made."""
    return DiscretisationError(voxels_mm=voxels_mm, edge_mm=math.nan, why_not=why_not, reason=reason)


def discretisation_error(levels: Sequence[Level]) -> DiscretisationError:
    """Error bars of the figures on the finest of two or three lattices.

    A figure that is not a number on one of them has no bar, and says so.

    Args:
        levels: finest first, each coarser than the one before.
    """
    voxels_mm = tuple(level.voxel_mm for level in levels)
    if not 2 <= len(levels) <= 3 or list(voxels_mm) != sorted(set(voxels_mm)):
        raise ValueError(f"lattices of {voxels_mm} mm; give two or three, finest first")
    fine = levels[0].figures
    ratio = voxels_mm[1] / voxels_mm[0]
    moved_mm = {key: _moved_mm(levels[0], levels[1], key) for key in fine}
    known_mm = [moved for moved in moved_mm.values() if math.isfinite(moved)]
    if not known_mm:
        return no_estimate("not_a_number", "no figure is a number on both lattices", voxels_mm)
    shared_mm = SHARED_SAFETY * _extrapolated(float(np.sqrt(np.mean(np.square(known_mm)))), ratio, ASSUMED_ORDER)
    edge_mm = max(shared_mm, LEAST_VOXELS * voxels_mm[0])
    return DiscretisationError(
        voxels_mm=voxels_mm, edge_mm=edge_mm, bars={key: _bar(levels, key, edge_mm) for key in fine}
    )


def observed_order(values: tuple[float, float, float], ratios: tuple[float, float]) -> float:
    """Order of the error of a figure on three lattices; NaN when it does not converge or the order is not believed.

    Args:
        values: of the figure, finest lattice first.
        ratios: of the voxels, second to first and third to second.

    >>> round(observed_order((1.01, 1.04, 1.16), (2.0, 2.0)), 6)
    2.0
    """
    (fine, middle, coarse), (first, second) = values, ratios
    step, next_step = middle - fine, coarse - middle
    if not (math.isfinite(step) and math.isfinite(next_step)) or step * next_step <= 0:
        return math.nan

    def missed(order: float) -> float:
        return float(first**order * (second**order - 1) / (first**order - 1) - next_step / step)

    if missed(LEAST_ORDER) * missed(MOST_ORDER) > 0:
        return math.nan
    return float(brentq(missed, LEAST_ORDER, MOST_ORDER, xtol=1e-12))


def _bar(levels: Sequence[Level], key: FigureKey, edge_mm: float) -> ErrorBar:
    values = [level.figures[key].value if key in level.figures else math.nan for level in levels]
    figure = levels[0].figures[key]
    if not np.isfinite(values).all() or not math.isfinite(figure.per_mm):
        return ErrorBar(
            value=figure.value,
            half_width=math.nan,
            unit=figure.unit,
            reason="the figure is not a number on every lattice, or its sensitivity is unknown",
        )
    own, order = _own(values, [level.voxel_mm for level in levels])
    half_width = max(own, figure.per_mm * edge_mm)
    if figure.unit == "1":  # a share cannot leave 0 to 1
        half_width = min(half_width, max(figure.value, 1.0 - figure.value))
    return ErrorBar(value=figure.value, half_width=half_width, unit=figure.unit, order=order)


def _own(values: list[float], voxels_mm: list[float]) -> tuple[float, float]:
    """Extrapolated error of one figure from its own values, and the order observed (NaN where it was assumed)."""
    ratio = voxels_mm[1] / voxels_mm[0]
    change = abs(values[1] - values[0])
    if len(values) == 2:
        return OWN_SAFETY * _extrapolated(change, ratio, ASSUMED_ORDER), math.nan
    order = observed_order((values[0], values[1], values[2]), (ratio, voxels_mm[2] / voxels_mm[1]))
    if math.isnan(order):  # erratic: no less than the spread of the three
        spread = max(values) - min(values)
        return max(OWN_SAFETY * _extrapolated(change, ratio, ASSUMED_ORDER), spread), math.nan
    return OBSERVED_SAFETY * _extrapolated(change, ratio, order), order


def _extrapolated(change: float, ratio: float, order: float) -> float:
    """What remains to an endlessly fine lattice when a change was seen from a coarser one (Richardson)."""
    return float(change / (ratio**order - 1.0))


def _moved_mm(fine: Level, coarse: Level, key: FigureKey) -> float:
    """How far the fronts would have to move to change a figure as much as it changed; NaN where that says nothing."""
    figure = fine.figures[key]
    if key not in coarse.figures or figure.unit not in ("mL", "mm") or not figure.per_mm > 0:
        return math.nan
    return abs(coarse.figures[key].value - figure.value) / figure.per_mm
