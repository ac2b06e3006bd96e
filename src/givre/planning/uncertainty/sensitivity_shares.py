"""Main and total shares of the variance of an emulated figure: SALib's Sobol indices, with bootstrap intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import MissingExtra
from givre.planning.uncertainty.sensitivity_basis import InputLaw
from givre.planning.uncertainty.sensitivity_emulator import Emulated, Emulator, dealt_again

Array = npt.NDArray[np.float64]

BASE_RUNS = 1024
"""Rows of the first table of Saltelli's design; the emulator is read at (inputs + 2) times as many points. The indices
then miss those of the emulator by about 0.01, see the tests."""

BOOTSTRAP_BASE_RUNS = 256
"""Of the copies, whose changes are what counts: they are read at the same points as the first is."""

_ROWS_AT_ONCE = 4096

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of the variance of a figure, with its interval at `CONFIDENCE`; NaN where it is not given."""

    value: float
    low: float
    high: float


NOT_GIVEN = Share(value=math.nan, low=math.nan, high=math.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceShares:
    """Shares of some inputs, or of some groups of them.

    Attributes:
        names: of the inputs or groups.
        main: what each makes alone.
        total: that in which it takes part, interactions included.
    """

    names: tuple[str, ...]
    main: tuple[Share, ...]
    total: tuple[Share, ...]


def emulated_shares(
    emulator: Emulator,
    runs: Emulated,
    names: Sequence[str],
    groups: Sequence[str] | None = None,
    *,
    seed: int,
    bootstraps: int,
    base_runs: int = BASE_RUNS,
) -> VarianceShares:
    """Main and total shares of an emulated figure.

    Args:
        emulator: made from the runs.
        runs: what it was made from, for the bootstraps.
        names: of the inputs.
        groups: to which each input belongs; None: each stands for itself.
        seed: of the design and of the bootstraps.
        bootstraps: emulators with their misses dealt out again; 0 gives no intervals.
        base_runs: a power of two.

    Raises:
        MissingExtra: if SALib is not installed.

    Source: Saltelli et al., Comput Phys Commun 181 (2010) 259, as SALib has it.
    """
    analyze = _salib("analyze.sobol").analyze
    heads = tuple(dict.fromkeys(names if groups is None else groups))
    problem = _problem(tuple(names), None if groups is None else tuple(groups))
    points = _design(emulator.law, tuple(names), None if groups is None else tuple(groups), base_runs, seed)

    def indices(figure: Array) -> Array:
        if np.ptp(figure) == 0:
            return np.zeros((2, len(heads)))
        found = analyze(problem, figure, calc_second_order=False, num_resamples=2, seed=seed)
        return np.array([found["S1"], found["ST"]], dtype=float)

    whole = np.concatenate(
        [emulator.predict(points[start : start + _ROWS_AT_ONCE]) for start in range(0, len(points), _ROWS_AT_ONCE)]
    )
    few = min(BOOTSTRAP_BASE_RUNS, base_runs) * (len(heads) + 2)
    terms = emulator.terms(points[:few])
    before = indices(whole[:few])
    changes = [indices(copy.figure(terms)) - before for copy in dealt_again(emulator, runs, seed, bootstraps)]
    main, total = _intervals(indices(whole), changes)
    return VarianceShares(names=heads, main=main, total=total)


def _problem(names: tuple[str, ...], groups: tuple[str, ...] | None) -> dict[str, Any]:
    """What SALib wants to know of some inputs: uniform shares, to be turned into each input."""
    problem: dict[str, Any] = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    return problem if groups is None else {**problem, "groups": list(groups)}


@lru_cache(maxsize=4)
def _design(law: InputLaw, names: tuple[str, ...], groups: tuple[str, ...] | None, base_runs: int, seed: int) -> Array:
    """Saltelli's design, the same for every figure, shape (base_runs (heads + 2), inputs); not to be changed."""
    sample = _salib("sample.sobol").sample
    return law.at_shares(sample(_problem(names, groups), base_runs, calc_second_order=False, seed=seed))


def main_shares_by_data(runs: Emulated, names: Sequence[str], *, seed: int) -> tuple[Share, ...]:
    """Main shares from the runs alone, without any emulator: RBD-FAST of SALib, by the rank of each input.

    Its noise with some hundred runs is about 0.1; it is shown beside the emulator's as a check of it. Not given of
    fewer than 52 runs: SALib resamples half of them, and its correction divides by nothing at 2 `HARMONICS` of those,
    and changes sign below.

    Raises:
        MissingExtra: if SALib is not installed.

    Source: Tarantola et al., Reliab Eng Syst Saf 91 (2006) 717; bias: Tissot & Prieur, ibid. 107 (2012) 205.
    """
    if len(runs.figure) < LEAST_RANKED:
        return (NOT_GIVEN,) * len(names)
    problem = {"num_vars": len(names), "names": list(names)}
    rank = _salib("analyze.rbd_fast")
    with np.errstate(invalid="ignore"):  # a resampled figure that does not vary has no shares
        found = rank.analyze(
            problem, runs.inputs, runs.figure, M=HARMONICS, num_resamples=50, conf_level=CONFIDENCE, seed=seed
        )
    return tuple(
        Share(value=float(value), low=float(value - half), high=float(value + half))
        for value, half in zip(found["S1"], found["S1_conf"], strict=True)
    )


HARMONICS = 6
"""That RBD-FAST adds up. Each brings in the noise of few runs; what moves a figure here is far from wavy."""

LEAST_RANKED = 52
"""Runs that RBD-FAST needs for an interval: half of them are resampled, and more than 4 `HARMONICS` must be left."""


def _salib(name: str) -> Any:
    """A module of SALib, which takes seconds to import and ships no types."""
    from importlib import import_module  # noqa: PLC0415

    try:
        return import_module(f"SALib.{name}")
    except ImportError as error:
        raise MissingExtra("sensitivity needs SALib, not installed here; pip install 'givre[uncertainty]'") from error


def _intervals(values: Array, changes: list[Array]) -> tuple[tuple[Share, ...], tuple[Share, ...]]:
    """Main and total shares, each with the range that its changes give; it always holds the value."""
    tail = (1.0 - CONFIDENCE) / 2.0
    blank = np.full_like(values, math.nan)
    low, high = np.quantile(np.stack(changes), [tail, 1.0 - tail], axis=0) if changes else (blank, blank)
    rows = []
    for row in range(2):
        found = zip(values[row], low[row], high[row], strict=True)
        rows.append(tuple(_share(float(value), float(least), float(most)) for value, least, most in found))
    return rows[0], rows[1]


def _share(value: float, least: float, most: float) -> Share:
    if math.isnan(least):
        return Share(value=value, low=math.nan, high=math.nan)
    return Share(value=value, low=value + min(least, 0.0), high=value + max(most, 0.0))
