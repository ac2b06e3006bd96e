"""Orthonormal polynomials of independent inputs, and the choice of the few that describe a table of runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from givre.planning.uncertainty.sampling import scores_of_shares
from givre.planning.uncertainty.spread import CUT_SCORE

Array = npt.NDArray[np.float64]
Powers = npt.NDArray[np.int64]

MOST_TOGETHER = 10
"""Inputs that may act together: those that matter most alone. Products of all of them would outnumber the runs."""

MOST_TERMS = 600
HIGHEST_DEGREE = 12

_NODES = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InputLaw:
    """The law of one input, as orthonormal polynomials see it: a density over [-1, 1] times `reach`.

    Attributes:
        reach: largest distance from 0.
        mixing: coefficients of the orthonormal polynomials (rows) in those of Legendre, shape (degrees, degrees).
        is_uniform: whether it is uniform; if not, it is that of standard scores.
    """

    reach: float
    mixing: Array
    is_uniform: bool

    def at_shares(self, shares: Array) -> Array:
        """The input at some cumulated shares from 0 to 1, same shape."""
        return self.reach * (2.0 * shares - 1.0) if self.is_uniform else scores_of_shares(shares)

    def polynomials(self, inputs: Array, degree: int) -> Array:
        """Orthonormal polynomials of degree 0 to `degree` at each input, shape (n, degree + 1)."""
        legendre = np.polynomial.legendre.legvander(inputs / self.reach, degree)
        return np.asarray(legendre @ self.mixing[: degree + 1, : degree + 1].T)


@lru_cache(maxsize=1)
def score_law() -> InputLaw:
    """The law of standard scores: normal, cut at +-`CUT_SCORE`."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return _law(CUT_SCORE, nodes, weights * np.exp(-0.5 * (CUT_SCORE * nodes) ** 2), is_uniform=False)


def uniform_law(reach: float) -> InputLaw:
    """Uniform between -reach and reach."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return _law(reach, nodes, weights, is_uniform=True)


def _law(reach: float, nodes: Array, weights: Array, *, is_uniform: bool) -> InputLaw:
    table = np.polynomial.legendre.legvander(nodes, HIGHEST_DEGREE)
    _, triangle = np.linalg.qr(table * np.sqrt(weights / weights.sum())[:, None])
    mixing = np.linalg.inv(triangle).T
    return InputLaw(reach=reach, mixing=mixing * np.sign(np.diag(mixing))[:, None], is_uniform=is_uniform)


def candidate_powers(inputs: int, degree: int, together: Sequence[int]) -> Powers:
    """Degrees of each candidate term in each input, the constant first, shape (terms, inputs).

    Every input alone up to the degree, and products of the inputs that may act together up to that total degree.

    >>> candidate_powers(3, 2, (0, 2)).tolist()
    [[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0], [0, 2, 0], [0, 0, 1], [0, 0, 2], [1, 0, 1]]
    """
    found: list[tuple[tuple[int, int], ...]] = [()]
    found += [((column, power),) for column in range(inputs) for power in range(1, degree + 1)]
    found += [
        tuple(zip(columns, powers, strict=True))
        for size in range(2, degree + 1)
        for columns in combinations(sorted(together), size)
        for powers in _splits(degree, size)
    ]
    table = np.zeros((len(found), inputs), dtype=np.int64)
    for row, term in enumerate(found):
        for column, power in term:
            table[row, column] = power
    return table


def candidate_count(inputs: int, degree: int) -> int:
    """Terms of `candidate_powers` with `MOST_TOGETHER` inputs that act together, or all if there are fewer.

    >>> candidate_count(3, 2)
    10
    """
    together = min(inputs, MOST_TOGETHER)
    return math.comb(together + degree, degree) + (inputs - together) * degree


def _splits(degree: int, size: int) -> Iterator[tuple[int, ...]]:
    """Every way to give each of some inputs a degree of at least 1, in total at most `degree`."""
    if size == 0:
        yield ()
        return
    for first in range(1, degree - size + 2):
        for rest in _splits(degree - first, size - 1):
            yield (first, *rest)


def term_values(law: InputLaw, inputs: Array, powers: Powers) -> Array:
    """Each term at each row of inputs (n, d), shape (n, terms)."""
    values = np.ones((len(inputs), len(powers)))
    highest = int(powers.max(initial=0))
    for column in range(inputs.shape[1]):
        used = np.flatnonzero(powers[:, column])
        if len(used):
            values[:, used] *= law.polynomials(inputs[:, column], highest)[:, powers[used, column]]
    return values


def chosen_terms(table: Array, outputs: Array) -> tuple[npt.NDArray[np.int64], Array]:
    """The terms that describe outputs best when each is left out in turn, and their coefficients.

    Orthogonal matching pursuit: the term most like what is left is added, all coefficients are fitted again, and the
    number of terms with the least corrected error of leaving one out is kept. The constant (first column) is always in.

    Args:
        table: each candidate term at each run, shape (n, terms).
        outputs: shape (n,).

    Source: Blatman & Sudret, J Comput Phys 230 (2011) 2345, for the corrected error; Chapelle et al. (2002).
    """
    count, terms = table.shape
    most = max(1, min(terms, count // 2))
    basis, inverse = np.zeros((count, most)), np.zeros((most, most))
    chosen: list[int] = []
    left, leverage = np.array(outputs, dtype=np.float64), np.zeros(count)
    norms = np.maximum(np.linalg.norm(table, axis=0), 1e-12)
    best_error, best_size, trace = np.inf, 1, 0.0
    for size in range(1, most + 1):
        pick = 0 if size == 1 else _most_alike(table, norms, left, chosen)
        known = basis[:, : size - 1]
        overlap = known.T @ table[:, pick]
        direction = table[:, pick] - known @ overlap
        length = float(np.linalg.norm(direction))
        if length <= _DEPENDENT * norms[pick]:
            break
        basis[:, size - 1] = direction / length
        chosen.append(pick)
        inverse[: size - 1, size - 1] = -inverse[: size - 1, : size - 1] @ overlap / length
        inverse[size - 1, size - 1] = 1.0 / length
        trace += float((inverse[:size, size - 1] ** 2).sum())
        left -= basis[:, size - 1] * float(basis[:, size - 1] @ left)
        leverage += basis[:, size - 1] ** 2
        correction = count / (count - size) * (1.0 + trace)
        error = float(np.mean((left / np.maximum(1.0 - leverage, 1e-6)) ** 2)) * correction
        if error < best_error:
            best_error, best_size = error, size
        if size > best_size + _PATIENCE:
            break
    kept = np.array(chosen[:best_size], dtype=np.int64)
    weights = basis[:, :best_size].T @ outputs
    return kept, np.asarray(inverse[:best_size, :best_size] @ weights)


_PATIENCE = 8
"""Terms that are tried after the best number so far."""

_DEPENDENT = 1e-3
"""A term of which so little is new beside those chosen ends the search: rounding would decide its coefficient."""


def _most_alike(table: Array, norms: Array, left: Array, chosen: list[int]) -> int:
    likeness = np.abs(left @ table) / norms
    likeness[chosen] = -1.0
    return int(np.argmax(likeness))
