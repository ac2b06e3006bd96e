"""What the trials of a plan say: distributions of its figures, probability of each goal and of each voxel."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.foundation.errors import SimulationError
from givre.geometry.volume import Volume
from givre.planning.trial.many import RunMany, Told
from givre.planning.uncertainty.fields import SampleFields
from givre.planning.uncertainty.sampled_run import (
    Trial,
    TrialResult,
    UncertainCase,
    lethal_count,
    run_trial,
    trials_of,
)
from givre.planning.uncertainty.sampling import Draw, draw_scores
from givre.planning.uncertainty.spread import Factor

Array = npt.NDArray[np.float64]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles that are given of each figure; the first and the last hold nine in ten."""

CONFIDENCE = 0.95
"""Of the interval of a probability."""

ORGAN = "organ:"
_UNITS = {"coverage": "1", "coverage_with_margin": "1", "margin_mm": "mm", "lethal_ml": "mL"}

AS_PLANNED = -1
"""Number of the trial in which every input has its tabulated value."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FigureSpread:
    """One figure of a plan over all its samples. Of every figure, less is worse.

    Attributes:
        name: "coverage", "coverage_with_margin", "margin_mm", "lethal_ml" or "organ:NAME".
        unit: "1", "mm", "mL" or "C".
        planned: with every input at its tabulated value; NaN if that run failed.
        values: one for each sample, in the order of the draws, shape (n,); NaN for a sample that failed.
    """

    name: str
    unit: str
    planned: float
    values: Array

    def quantile(self, level: float) -> float:
        """The quantile of all samples; those that failed count as worse than any other.

        NaN where the quantile falls among the samples that failed.
        """
        return worst_first_quantile(self.values, level)

    @property
    def quantiles(self) -> dict[float, float]:
        """The quantiles at `LEVELS`."""
        return {level: self.quantile(level) for level in LEVELS}

    @property
    def failed(self) -> int:
        """Samples without a value."""
        return int((~np.isfinite(self.values)).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalChance:
    """In how many samples one goal was met.

    Attributes:
        goal: "coverage", "margin", "organ:NAME" or "all".
        wanted: what must be reached, or stay above for an organ; NaN for all goals together.
        unit: of what is wanted.
        met: samples that met it; a sample that failed did not.
        samples: how many there were.
        planned: whether it is met with every input at its tabulated value.
    """

    goal: str
    wanted: float
    unit: str
    met: int
    samples: int
    planned: bool

    @property
    def probability(self) -> float:
        """Share of the samples that met it."""
        return self.met / self.samples

    @property
    def interval(self) -> tuple[float, float]:
        """Exact binomial interval (Clopper and Pearson) of that share at `CONFIDENCE`.

        It tells what so few samples leave open, as if they were drawn independently; the draws are more even than that.
        It does not tell whether the spreads of the inputs are right.
        """
        found = binomtest(self.met, self.samples).proportion_ci(CONFIDENCE, method="exact")
        return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanUncertainty:
    """How a plan comes out when what is uncertain varies.

    Attributes:
        placements: the probes as planned.
        factors: what is uncertain, in the order of the scores.
        draws: the samples, in order.
        seed: of the draws.
        figures: spread of each figure, by name.
        goals: chance of each goal, all of them together last.
        lethal_probability: share of the samples that killed each voxel of the simulation lattice; samples that failed
            kill nothing.
        fields: what the samples kept of their fields.
        failures: number and reason of each sample that failed.
        planned_failure: why the plan itself could not be simulated; empty if it could.
    """

    placements: tuple[Placement, ...]
    factors: tuple[Factor, ...]
    draws: tuple[Draw, ...]
    seed: int
    figures: Mapping[str, FigureSpread]
    goals: tuple[GoalChance, ...]
    lethal_probability: Volume
    fields: SampleFields
    failures: tuple[tuple[int, str], ...]
    planned_failure: str = ""

    @property
    def samples(self) -> int:
        """Number of samples, those that failed included."""
        return len(self.draws)

    @property
    def scores(self) -> Array:
        """Standard scores, shape (samples, factors)."""
        return np.array([draw.scores for draw in self.draws], dtype=np.float64).reshape(self.samples, -1)


def worst_first_quantile(values: Array, level: float) -> float:
    """Quantile (linear between order statistics) of values of which less is worse; NaN counts as the worst.

    >>> worst_first_quantile(np.array([3.0, 1.0, 2.0]), 0.5)
    2.0
    >>> worst_first_quantile(np.array([3.0, math.nan, 2.0]), 0.25), worst_first_quantile(np.array([2.0, math.nan]), 1.0)
    (nan, 2.0)
    """
    ordered = np.sort(np.where(np.isfinite(values), values, -np.inf))
    place = level * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    if not np.isfinite(low):
        return math.nan
    return float(low + (place - math.floor(place)) * (high - low))


def figure_names(organs: Iterable[str]) -> tuple[str, ...]:
    """The figures of a plan beside some organs at risk.

    >>> figure_names(["skin"])
    ('coverage', 'coverage_with_margin', 'margin_mm', 'lethal_ml', 'organ:skin')
    """
    return (*_UNITS, *(f"{ORGAN}{organ}" for organ in organs))


def figure_of(result: TrialResult, name: str) -> float:
    """One figure of one trial; NaN if it failed."""
    if result.figures is None:
        return math.nan
    if name.startswith(ORGAN):
        return result.figures.organ_coldest_c[name.removeprefix(ORGAN)]
    return float(getattr(result.figures, name))


def figures_of_runs(
    shared: UncertainCase,
    placements: tuple[Placement, ...],
    scores: Array,
    *,
    run_many: RunMany,
    told: Told | None = None,
) -> dict[str, Array]:
    """Each figure of a plan at some rows of scores (n, factors), shape (n,); NaN where a run failed."""
    draws = [Draw(number=number, scores=tuple(row)) for number, row in enumerate(scores.tolist())]
    results = run_many(run_trial, shared, trials_of(placements, draws), told=told)
    names = figure_names(shared.look.organs)
    return {name: np.array([figure_of(result, name) for result in results], dtype=np.float64) for name in names}


def uncertainty_of_plan(
    shared: UncertainCase,
    placements: tuple[Placement, ...],
    *,
    samples: int,
    seed: int,
    run_many: RunMany,
    told: Told | None = None,
) -> PlanUncertainty:
    """Simulate a plan many times, each time with another draw of what is uncertain, and once as planned.

    Args:
        shared: the case and its spreads.
        placements: the probes as planned.
        samples: how many; as many are used, see `sampling.draw_scores`.
        seed: of the draws.
        run_many: runs the simulations.
        told: told after each of the `samples` + 1 simulations.

    Raises:
        InputError: if `samples` or `seed` is out of range.
        Cancelled: if `told` ended the series.
        SimulationError: if every sample failed.
    """
    factors = shared.spread.factors(placements)
    draws = draw_scores(samples, len(factors), seed=seed)
    planned = Trial(placements=placements, draw=Draw(number=AS_PLANNED, scores=(0.0,) * len(factors)))
    results = run_many(run_trial, shared, [planned, *trials_of(placements, draws)], told=told)
    return gathered(shared, placements, draws, results, seed=seed)


def gathered(
    shared: UncertainCase,
    placements: tuple[Placement, ...],
    draws: Sequence[Draw],
    results: Sequence[TrialResult],
    *,
    seed: int,
) -> PlanUncertainty:
    """Put the results of all trials together; their order does not matter.

    Args:
        shared: the case and its spreads.
        placements: the probes as planned.
        draws: of the samples.
        results: one for each draw, and one for the plan as it is (number `AS_PLANNED`).
        seed: of the draws.

    Raises:
        SimulationError: if every sample failed.
    """
    by_number = {result.number: result for result in results}
    planned = by_number[AS_PLANNED]
    drawn = [by_number[draw.number] for draw in sorted(draws, key=lambda draw: draw.number)]
    failures = tuple((result.number, result.failure) for result in drawn if result.figures is None)
    if len(failures) == len(drawn):
        raise SimulationError(f"all {len(drawn)} samples failed; the first says: {failures[0][1]}")
    description = shared.prepared.description
    figures = _figure_spreads(planned, drawn, tuple(shared.look.organs))
    count = lethal_count(drawn, shared.prepared.grid)
    return PlanUncertainty(
        placements=placements,
        factors=shared.spread.factors(placements),
        draws=tuple(sorted(draws, key=lambda draw: draw.number)),
        seed=seed,
        figures=figures,
        goals=_goal_chances(figures, description.goals, description.organs_at_risk),
        lethal_probability=Volume(grid=shared.prepared.grid, values=(count / len(drawn)).astype(np.float32), unit="1"),
        fields=SampleFields.of(shared.reader, [result.kept for result in drawn]),
        failures=failures,
        planned_failure=planned.failure,
    )


def _figure_spreads(
    planned: TrialResult, drawn: Sequence[TrialResult], organs: tuple[str, ...]
) -> dict[str, FigureSpread]:
    return {
        name: FigureSpread(
            name=name,
            unit="C" if name.startswith(ORGAN) else _UNITS[name],
            planned=figure_of(planned, name),
            values=np.array([figure_of(result, name) for result in drawn], dtype=np.float64),
        )
        for name in figure_names(organs)
    }


def _goal_chances(
    figures: Mapping[str, FigureSpread], goals: Goals, organs: Sequence[OrganAtRisk]
) -> tuple[GoalChance, ...]:
    """Chances by the rules of `assessment.verdict`: at least what is wanted, above the limit of an organ."""
    judged = [
        ("coverage", "coverage", goals.coverage, "1", np.greater_equal),
        ("margin", "margin_mm", goals.margin_mm, "mm", np.greater_equal),
        *((f"organ:{o.structure}", f"organ:{o.structure}", o.limit_temp_c, "C", np.greater) for o in organs),
    ]
    found, every, every_planned = [], np.array(True), True
    for goal, name, wanted, unit, better in judged:
        spread = figures[name]
        met, is_planned = better(spread.values, wanted), bool(better(spread.planned, wanted))  # NaN is never better
        every, every_planned = every & met, every_planned and is_planned
        found.append(_chance(goal, wanted, unit, met, is_planned))
    return (*found, _chance("all", math.nan, "1", every, every_planned))


def _chance(goal: str, wanted: float, unit: str, met: npt.NDArray[np.bool_], planned: bool) -> GoalChance:
    return GoalChance(goal=goal, wanted=wanted, unit=unit, met=int(met.sum()), samples=met.size, planned=planned)
