"""Which uncertain input moves which figure of a plan: shares of its variance, and one input at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InputError
from givre.planning.uncertainty.fields import SampleFields
from givre.planning.uncertainty.probability import FigureSpread, PlanUncertainty
from givre.planning.uncertainty.sensitivity_basis import InputLaw, score_law
from givre.planning.uncertainty.sensitivity_emulator import LEAST_RUNS, Emulated, fit_emulator
from givre.planning.uncertainty.sensitivity_shares import (
    NOT_GIVEN,
    Share,
    VarianceShares,
    emulated_shares,
    main_shares_by_data,
)
from givre.planning.uncertainty.spread import RANGE_SCORE, Factor

Array = npt.NDArray[np.float64]

LEAST_Q2 = 0.8
"""Below, the polynomial does not stand for the simulation: neither its shares nor its tornado are given."""

MOST_FAILED = 0.1
"""Largest share of the samples that may lack a figure: they are left out here, and what they would say is not known."""

BOOTSTRAPS = 50

STILL: Mapping[str, float] = {"1": 1e-4, "mm": 1e-3, "mL": 1e-3, "C": 0.01}
"""A figure whose samples differ by no more, in its unit, does not vary: nothing moves it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorShare:
    """What one input, or one group of inputs, does to a figure.

    Attributes:
        name: of the factor, or of the group.
        main: share of the variance it makes alone, from the emulator.
        total: share in which it takes part, interactions included, from the emulator.
        main_by_data: the first from the runs alone, as a check; `NOT_GIVEN` for a group.
    """

    name: str
    main: Share
    total: Share
    main_by_data: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class TornadoBar:
    """A figure with one input at the ends of its range, all others at their tabulated values.

    Attributes:
        name: of the factor.
        input_low, input_high: its 2.5 % and 97.5 % quantiles, in the unit of its law.
        at_low, at_high: the figure there; NaN where that run failed.
        at_value: the figure at its tabulated value; NaN where that is not known.
    """

    name: str
    input_low: float
    input_high: float
    at_low: float
    at_high: float
    at_value: float = math.nan

    @property
    def span(self) -> float:
        """How far apart the figures of the three are: both ends may lie on one side; NaN if an end failed."""
        ends = (self.at_low, self.at_high)
        if any(math.isnan(end) for end in ends):
            return math.nan
        known = ends if math.isnan(self.at_value) else (*ends, self.at_value)
        return max(known) - min(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSensitivity:
    """What moves one figure.

    Attributes:
        figure: its name, see `probability.FigureSpread`.
        unit: its unit.
        runs: samples it rests on; those that failed are left out.
        q2: what the emulator predicts of runs it was not made from; NaN without an emulator.
        why_not: why no shares of the emulator are given: "no_input", "constant", "too_few_runs", "too_many_failed" or
            "poor_q2"; empty if they are.
        factors: one for each factor, in their order.
        groups: one for each group of factors; empty if no shares are given.
        centre: the figure with every input at its tabulated value, as the bars see it.
        bars: the tornado, longest first; empty if there is none.
        bars_from: "emulator", or "runs" for simulations made for it.
    """

    figure: str
    unit: str
    runs: int
    q2: float
    why_not: str
    factors: tuple[FactorShare, ...]
    groups: tuple[FactorShare, ...]
    centre: float
    bars: tuple[TornadoBar, ...]
    bars_from: str = "emulator"

    @property
    def is_known(self) -> bool:
        """Whether the emulator may be believed."""
        return not self.why_not


def sensitivity_of(
    uncertainty: PlanUncertainty,
    *,
    bootstraps: int = BOOTSTRAPS,
    told: Callable[[int, int], bool] | None = None,
) -> dict[str, FigureSensitivity]:
    """What moves each figure of a plan, by the name of the figure; the same samples give the same answer.

    Args:
        uncertainty: the samples.
        bootstraps: behind each interval; 0 gives none.
        told: told how many figures are done and how many there are; its answer is not read.

    Raises:
        InputError: if the number of bootstraps gives no interval.
        MissingExtra: if SALib is not installed.
    """
    if bootstraps != 0 and not 20 <= bootstraps <= 5000:
        raise InputError(f"{bootstraps} bootstraps; give 0 for no intervals, or 20 to 5000")
    found: dict[str, FigureSensitivity] = {}
    for name, spread in uncertainty.figures.items():
        runs = lambda is_known, spread=spread: _emulated(spread, uncertainty, is_known)  # noqa: E731
        found[name] = figure_sensitivity(
            spread, uncertainty.factors, runs, seed=uncertainty.seed, bootstraps=bootstraps
        )
        if told is not None:
            told(len(found), len(uncertainty.figures))
    return found


def figure_sensitivity(
    spread: FigureSpread,
    factors: Sequence[Factor],
    runs: Callable[[npt.NDArray[np.bool_]], Emulated],
    *,
    seed: int,
    bootstraps: int = BOOTSTRAPS,
    law: InputLaw | None = None,
) -> FigureSensitivity:
    """What moves one figure.

    Args:
        spread: the figure of each run.
        factors: the inputs.
        runs: gives what is to be emulated of some of the runs, shape (n,) bool.
        seed: of designs and bootstraps.
        bootstraps: how many.
        law: of the inputs; that of standard scores unless given.
    """
    is_known = np.isfinite(spread.values)
    why_not = _why_not(spread, factors)
    names = [factor.name for factor in factors]
    blank = (NOT_GIVEN,) * len(factors)
    by_data, q2 = blank, math.nan
    if why_not:
        return _without_emulator(spread, factors, by_data, q2, why_not)
    known = runs(is_known)
    by_data = main_shares_by_data(known, names, seed=seed)
    emulator = fit_emulator(law or score_law(), known)
    if not emulator.q2 >= LEAST_Q2:
        return _without_emulator(spread, factors, by_data, emulator.q2, "poor_q2")
    single = emulated_shares(emulator, known, names, seed=seed, bootstraps=bootstraps)
    groups = [factor.group for factor in factors]
    grouped = emulated_shares(emulator, known, names, groups, seed=seed, bootstraps=bootstraps)
    ends = emulator.predict(one_at_a_time(len(factors)))
    return FigureSensitivity(
        figure=spread.name,
        unit=spread.unit,
        runs=int(is_known.sum()),
        q2=emulator.q2,
        why_not="",
        factors=_factor_shares(single, by_data),
        groups=_factor_shares(grouped, (NOT_GIVEN,) * len(grouped.names)),
        centre=float(ends[0]),
        bars=tornado_bars(factors, ends),
    )


def with_bars_of_runs(
    sensitivity: Mapping[str, FigureSensitivity], factors: Sequence[Factor], figures: Mapping[str, Array]
) -> dict[str, FigureSensitivity]:
    """The same with tornados made of simulations, whatever the emulators are worth.

    Args:
        sensitivity: as `sensitivity_of` gives it.
        factors: the inputs.
        figures: each figure at the rows of `one_at_a_time`, shape (2 inputs + 1,), NaN for a run that failed.
    """
    return {
        name: FigureSensitivity(
            figure=found.figure,
            unit=found.unit,
            runs=found.runs,
            q2=found.q2,
            why_not=found.why_not,
            factors=found.factors,
            groups=found.groups,
            centre=float(figures[name][0]),
            bars=tornado_bars(factors, figures[name]),
            bars_from="runs",
        )
        for name, found in sensitivity.items()
    }


def one_at_a_time(inputs: int) -> Array:
    """Scores of the runs of a tornado, shape (2 inputs + 1, inputs): all 0, then each input low, then high.

    >>> one_at_a_time(2).round(2).tolist()
    [[0.0, 0.0], [-1.96, 0.0], [1.96, 0.0], [0.0, -1.96], [0.0, 1.96]]
    """
    rows = np.zeros((2 * inputs + 1, inputs))
    for column in range(inputs):
        rows[2 * column + 1 : 2 * column + 3, column] = (-RANGE_SCORE, RANGE_SCORE)
    return rows


def tornado_bars(factors: Sequence[Factor], values: Array) -> tuple[TornadoBar, ...]:
    """Bars from the figure at the rows of `one_at_a_time`, longest first; those of runs that failed before all."""
    bars = [
        TornadoBar(
            name=factor.name,
            input_low=factor.law.at(-RANGE_SCORE),
            input_high=factor.law.at(RANGE_SCORE),
            at_low=float(values[2 * column + 1]),
            at_high=float(values[2 * column + 2]),
            at_value=float(values[0]),
        )
        for column, factor in enumerate(factors)
        if factor.law.is_spread
    ]
    return tuple(sorted(bars, key=lambda bar: math.inf if math.isnan(bar.span) else bar.span, reverse=True))


def _emulated(spread: FigureSpread, uncertainty: PlanUncertainty, is_known: npt.NDArray[np.bool_]) -> Emulated:
    """The smallest margin and the shares through their fields; every other figure itself."""
    fields, inputs, figure = uncertainty.fields, uncertainty.scores[is_known], spread.values[is_known]
    if spread.name == "margin_mm":
        return Emulated(
            inputs=inputs,
            fields=fields.margin_mm[is_known].astype(np.float64),
            figure=figure,
            read=lambda margin_mm: np.asarray(margin_mm.min(axis=1)),
        )
    if spread.name in ("coverage", "coverage_with_margin"):
        return _emulated_share(spread.name, inputs, figure, fields, is_known)
    return Emulated.itself(inputs, figure)


def _emulated_share(
    name: str, inputs: Array, figure: Array, fields: SampleFields, is_known: npt.NDArray[np.bool_]
) -> Emulated:
    inside = fields.tumour_c.shape[1]
    share = fields.tumour_share if name == "coverage_with_margin" and fields.shell_c.shape[1] else 1.0

    def read(deficit_c: Array) -> Array:
        covered = (deficit_c[:, :inside] <= 0.0).mean(axis=1)
        around = (deficit_c[:, inside:] <= 0.0).mean(axis=1) if share < 1.0 else 0.0
        return np.asarray(share * covered + (1.0 - share) * around)

    whole = fields.tumour_c if share == 1.0 else np.concatenate([fields.tumour_c, fields.shell_c], axis=1)
    return Emulated(inputs=inputs, fields=whole[is_known].astype(np.float64), figure=figure, read=read)


def _why_not(spread: FigureSpread, factors: Sequence[Factor]) -> str:
    known = spread.values[np.isfinite(spread.values)]
    if not factors:
        return "no_input"
    if spread.failed > MOST_FAILED * len(spread.values):
        return "too_many_failed"
    if len(known) < LEAST_RUNS:
        return "too_few_runs"
    return "constant" if float(np.ptp(known)) <= STILL[spread.unit] else ""


def _without_emulator(
    spread: FigureSpread, factors: Sequence[Factor], by_data: tuple[Share, ...], q2: float, why_not: str
) -> FigureSensitivity:
    return FigureSensitivity(
        figure=spread.name,
        unit=spread.unit,
        runs=len(spread.values) - spread.failed,
        q2=q2,
        why_not=why_not,
        factors=tuple(
            FactorShare(name=factor.name, main=NOT_GIVEN, total=NOT_GIVEN, main_by_data=data)
            for factor, data in zip(factors, by_data, strict=True)
        ),
        groups=(),
        centre=spread.planned,
        bars=(),
    )


def _factor_shares(shares: VarianceShares, by_data: tuple[Share, ...]) -> tuple[FactorShare, ...]:
    return tuple(
        FactorShare(name=name, main=main, total=total, main_by_data=data)
        for name, main, total, data in zip(shares.names, shares.main, shares.total, by_data, strict=True)
    )
