"""Polynomials that stand for a figure of a plan as a function of what is uncertain, and how well they predict it.

A figure is either emulated itself, or read from an emulated field: the field is summed up in a few modes, each mode is
a sparse polynomial chaos expansion, and the figure (a minimum, a share of points) is read from the field they make.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import InputError
from givre.planning.uncertainty.sensitivity_basis import (
    HIGHEST_DEGREE,
    MOST_TERMS,
    MOST_TOGETHER,
    InputLaw,
    Powers,
    candidate_count,
    candidate_powers,
    chosen_terms,
    term_values,
)

Array = npt.NDArray[np.float64]
ReadFigure = Callable[[Array], Array]
"""From fields, shape (n, m), to a figure of each, shape (n,)."""

LEAST_RUNS = 20
FOLDS = 5
MOST_MODES = 8
MODES_SHARE = 0.999
"""Share of the variance of a field that its modes must hold, unless there would be more than `MOST_MODES`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emulated:
    """What is to be emulated: the runs.

    Attributes:
        inputs: shape (n, d).
        fields: what is emulated of each run, shape (n, m); m is 1 for a figure emulated itself.
        figure: the figure of each run, shape (n,).
        read: from emulated fields to the figure.
    """

    inputs: Array
    fields: Array
    figure: Array
    read: ReadFigure

    def __post_init__(self) -> None:
        if len(self.figure) < LEAST_RUNS:
            raise InputError(f"{len(self.figure)} runs; an emulator needs at least {LEAST_RUNS}: ask for more samples")
        if not all(np.isfinite(values).all() for values in (self.inputs, self.fields, self.figure)):
            raise InputError("a run of the emulator holds a value that is not finite; leave that run out")

    @classmethod
    def itself(cls, inputs: Array, figure: Array) -> Emulated:
        """A figure that is emulated itself."""
        return cls(inputs=inputs, fields=figure[:, None], figure=figure, read=lambda fields: fields[:, 0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Emulator:
    """Orthonormal polynomial terms of independent inputs.

    Attributes:
        law: of every input.
        powers: degree of each term in each input, shape (terms, d).
        coefficients: of each term in each mode of the field, shape (terms, modes).
        shapes: the modes, orthonormal, shape (modes, m).
        mean: of the field, shape (m,).
        read: from fields to the figure.
        degree: highest degree that was allowed.
        q2: share of the variance of the figure that is predicted for runs it was not made from: each fold of `FOLDS`
            in turn, its modes and terms chosen anew; 1 is perfect, 0 no better than the mean.
        misses: of the fields of those runs, shape (n, m).
    """

    law: InputLaw
    powers: Powers
    coefficients: Array
    shapes: Array
    mean: Array
    read: ReadFigure
    degree: int
    q2: float
    misses: Array

    def terms(self, inputs: Array) -> Array:
        """Each term at each row of inputs (n, d), shape (n, terms)."""
        return term_values(self.law, inputs, self.powers)

    def figure(self, terms: Array) -> Array:
        """The figure from the terms, shape (n,)."""
        return self.read(terms @ self.coefficients @ self.shapes + self.mean)

    def predict(self, inputs: Array) -> Array:
        """The figure at each row of inputs (n, d), shape (n,)."""
        return self.figure(self.terms(inputs))


def fit_emulator(law: InputLaw, runs: Emulated) -> Emulator:
    """The polynomials that predict runs best, their degree chosen by cross-validation.

    Args:
        law: of every input.
        runs: what to emulate.
    """
    inputs = runs.inputs.shape[1]
    found: list[tuple[float, int, Array]] = []
    for degree in _degrees(inputs):
        q2, misses = _cross_validated(law, runs, degree)
        found.append((q2, degree, misses))
        if len(found) > _WORSE and all(q2 < earlier[0] for earlier in found[-_WORSE - 1 : -1]):
            break
    q2, degree, misses = max(found, key=lambda entry: (entry[0], -entry[1]))
    fit = _fitted(law, runs.inputs, runs.fields, degree)
    return Emulator(
        law=law,
        powers=fit.powers,
        coefficients=fit.coefficients,
        shapes=fit.shapes,
        mean=fit.mean,
        read=runs.read,
        degree=degree,
        q2=q2,
        misses=misses,
    )


_WORSE = 2
"""So many degrees must have been better for a higher one not to be tried."""


def dealt_again(emulator: Emulator, runs: Emulated, seed: int, count: int) -> list[Emulator]:
    """Emulators of the same terms, fitted to what the first predicts plus its misses dealt out again.

    The misses are those of cross-validation, so they hold what the choice of terms gets wrong. Drawing runs with
    repeats instead would let a polynomial be tried on the runs it was made from.
    """
    generator = np.random.default_rng(seed)
    inverse = np.linalg.pinv(emulator.terms(runs.inputs))
    misses = (emulator.misses - emulator.misses.mean(axis=0)) @ emulator.shapes.T
    return [
        replace(
            emulator,
            coefficients=emulator.coefficients + inverse @ misses[generator.integers(len(misses), size=len(misses))],
        )
        for _ in range(count)
    ]


def _degrees(inputs: int) -> list[int]:
    """Degrees to try: up to the one with too many terms."""
    found = [1]
    for degree in range(2, HIGHEST_DEGREE + 1):
        if candidate_count(inputs, degree) > MOST_TERMS:
            break
        found.append(degree)
    return found


def _cross_validated(law: InputLaw, runs: Emulated, degree: int) -> tuple[float, Array]:
    """Q² of the figure and misses of the fields, over folds of every fifth run: the draws fill space evenly."""
    predicted = np.empty_like(runs.fields)
    for fold in range(FOLDS):
        held = np.arange(len(runs.inputs)) % FOLDS == fold
        fit = _fitted(law, runs.inputs[~held], runs.fields[~held], degree)
        terms = term_values(law, runs.inputs[held], fit.powers)
        predicted[held] = terms @ fit.coefficients @ fit.shapes + fit.mean
    missed = runs.figure - runs.read(predicted)
    spread = float(((runs.figure - runs.figure.mean()) ** 2).sum())
    return (1.0 - float((missed**2).sum()) / spread if spread > 0 else 0.0), runs.fields - predicted


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fit:
    """Terms, their coefficients in each mode, the modes and the mean of the field."""

    powers: Powers
    coefficients: Array
    shapes: Array
    mean: Array


def _fitted(law: InputLaw, inputs: Array, fields: Array, degree: int) -> _Fit:
    mean = fields.mean(axis=0)
    courses, shapes = _modes(fields - mean)
    modes = len(shapes)
    alone = candidate_powers(inputs.shape[1], degree, ())
    table = term_values(law, inputs, alone)
    found: dict[tuple[int, ...], Array] = {(0,) * inputs.shape[1]: np.zeros(modes)}
    for mode in range(modes):
        powers, coefficients = _mode_terms(law, inputs, courses[:, mode], degree, (alone, table))
        for power, coefficient in zip(powers.tolist(), coefficients, strict=True):
            found.setdefault(tuple(power), np.zeros(modes))[mode] = coefficient
    return _Fit(
        powers=np.array(list(found), dtype=np.int64),
        coefficients=np.array(list(found.values())),
        shapes=shapes,
        mean=mean,
    )


def _modes(changes: Array) -> tuple[Array, Array]:
    """What fields do over the runs, shape (n, modes), and the modes, orthonormal, shape (modes, m)."""
    powers, runs = np.linalg.eigh(changes @ changes.T)  # few runs, many points: far faster than to take them apart
    powers, runs = powers[::-1], runs[:, ::-1]
    share = np.cumsum(powers) / max(float(powers.sum()), 1e-300)
    rank = max(int((powers > 1e-12 * max(float(powers[0]), 1e-300)).sum()), 1)
    count = min(int(np.searchsorted(share, MODES_SHARE)) + 1, MOST_MODES, rank)
    sizes = np.sqrt(np.maximum(powers[:count], 1e-300))
    courses = runs[:, :count] * sizes
    return courses, courses.T @ changes / sizes[:, None] ** 2


def _mode_terms(
    law: InputLaw, inputs: Array, outputs: Array, degree: int, alone: tuple[Powers, Array]
) -> tuple[Powers, Array]:
    """The terms of one mode: first of each input alone, then with products of those that matter most."""
    powers, table = alone
    kept, coefficients = chosen_terms(table, outputs)
    if degree == 1:
        return powers[kept], coefficients
    weight = ((powers[kept] > 0) * coefficients[:, None] ** 2).sum(axis=0)
    together = np.argsort(-weight, kind="stable")[:MOST_TOGETHER]
    powers = candidate_powers(inputs.shape[1], degree, [int(column) for column in together])
    kept, coefficients = chosen_terms(term_values(law, inputs, powers), outputs)
    return powers[kept], coefficients
