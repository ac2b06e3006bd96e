"""How a plan comes out when its inputs vary, as the dossier tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from givre.geometry.volume import Volume
from givre.planning.uncertainty.probability import ORGAN, GoalChance
from givre.planning.uncertainty.sensitivity import FigureSensitivity
from givre.planning.uncertainty.spread import Factor

MOST_ORGANS = 2
"""Organs at risk whose sensitivity is shown: those whose limit is kept least often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureQuantiles:
    """How one figure comes out over all samples. Of every figure, less is worse.

    Attributes:
        name: "coverage", "coverage_with_margin", "margin_mm", "lethal_ml" or "organ:NAME".
        unit: "1", "mm", "mL" or "C".
        planned: with every input at its tabulated value; NaN if that run failed.
        quantiles: by level, 0 to 1; NaN where the quantile falls among the samples that failed.
    """

    name: str
    unit: str
    planned: float
    quantiles: Mapping[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UncertainPlan:
    """Everything the dossier tells of it.

    Attributes:
        samples: how many draws of the inputs were simulated.
        failed: how many of them gave no figure.
        seed: of the draws.
        voxel_mm: edge of the voxels they were simulated on.
        planned_failure: why the plan as it is could not be simulated; empty if it could.
        factors: what was varied.
        figures: how each figure comes out, by name.
        goals: chance of each goal, all of them together last.
        lethal_probability: share of the samples that killed each voxel.
        confidence: of the intervals of chances and shares.
        least_q2: what an emulator must predict before its shares are believed.
        sensitivity: what moves each figure, by its name.
    """

    samples: int
    failed: int
    seed: int
    voxel_mm: float
    planned_failure: str
    factors: tuple[Factor, ...]
    figures: Mapping[str, FigureQuantiles]
    goals: tuple[GoalChance, ...]
    lethal_probability: Volume
    confidence: float
    least_q2: float
    sensitivity: Mapping[str, FigureSensitivity]

    @property
    def told(self) -> tuple[FigureSensitivity, ...]:
        """Figures whose sensitivity is shown: smallest margin, covered tumour and margin, organs least often spared."""
        chances = {chance.goal: chance.probability for chance in self.goals}
        organs = sorted(
            (name for name in self.sensitivity if name.startswith(ORGAN)), key=lambda name: (chances[name], name)
        )
        wanted = ("margin_mm", "coverage_with_margin", *organs[:MOST_ORGANS])
        return tuple(self.sensitivity[name] for name in wanted if name in self.sensitivity)

    @property
    def drawn(self) -> tuple[FigureSensitivity, ...]:
        """Those of them that have a tornado."""
        return tuple(moved for moved in self.told if moved.bars)


def tornado_key(figure: str) -> str:
    """Name of the picture of a tornado, see `plain_name`.

    >>> tornado_key("organ:spinal_canal")
    'tornado_organ-3a-spinal_canal'
    """
    return f"tornado_{plain_name(figure)}"


def plain_name(figure: str) -> str:
    """A figure as part of a file name: no two alike, whatever a structure is called.

    >>> plain_name("margin_mm"), plain_name("organ:../x")
    ('margin_mm', 'organ-3a--2e--2e--2f-x')
    """
    plain = (letter.isascii() and (letter.isalnum() or letter == "_") for letter in figure)
    return "".join(letter if is_plain else f"-{ord(letter):x}-" for letter, is_plain in zip(figure, plain, strict=True))
