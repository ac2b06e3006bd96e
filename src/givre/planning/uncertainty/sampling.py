"""Draws of the uncertain inputs: a scrambled Sobol sequence, turned into standard scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.stats import qmc

from givre.foundation.errors import InputError
from givre.planning.uncertainty.spread import CUT_SCORE

MOST_DRAWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw of all uncertain inputs.

    Attributes:
        number: its place in the sequence, from 0.
        scores: one standard score for each input, within +-`CUT_SCORE`.
    """

    number: int
    scores: tuple[float, ...]


def draw_scores(count: int, inputs: int, *, seed: int) -> tuple[Draw, ...]:
    """The first draws of a scrambled Sobol sequence; the same arguments give the same draws.

    As many are made as are asked for. A power of two is balanced in every input as a whole; any other number is so
    piece by piece, see `balanced_blocks`. The first draws of a longer sequence of the same seed are those of a shorter
    one.

    Args:
        count: how many.
        inputs: how many scores each has; 0 gives empty ones.
        seed: 0 or more.

    Raises:
        InputError: if a number is out of range.

    Source: Owen, J Complexity 14 (1998) 466, for the scrambling; scipy.stats.qmc.
    """
    if not 1 <= count <= MOST_DRAWS:
        raise InputError(f"{count} samples; give 1 to {MOST_DRAWS}")
    if seed < 0:
        raise InputError(f"seed {seed}; give 0 or more")
    if inputs == 0:
        return tuple(Draw(number=n, scores=()) for n in range(count))
    sequence = qmc.Sobol(inputs, scramble=True, rng=np.random.default_rng(seed))
    shares = sequence.random_base2(max(count - 1, 0).bit_length())[:count]
    return tuple(Draw(number=number, scores=tuple(row)) for number, row in enumerate(scores_of_shares(shares).tolist()))


def balanced_blocks(count: int) -> tuple[int, ...]:
    """Sizes of the pieces of the first `count` draws that are balanced in every input.

    >>> balanced_blocks(200), balanced_blocks(256)
    ((128, 64, 8), (256,))
    """
    return tuple(1 << bit for bit in reversed(range(count.bit_length())) if count >> bit & 1)


def scores_of_shares(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Standard scores at some cumulated shares from 0 to 1, same shape; normal, cut at +-`CUT_SCORE`."""
    tail = special.ndtr(-CUT_SCORE)
    return np.asarray(np.clip(special.ndtri(tail + shares * (1.0 - 2.0 * tail)), -CUT_SCORE, CUT_SCORE))


def shares_of_scores(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Cumulated shares at some standard scores, same shape; the inverse of `scores_of_shares`.

    >>> float(shares_of_scores(np.array(0.0)))
    0.5
    """
    tail = special.ndtr(-CUT_SCORE)
    return np.asarray((special.ndtr(scores) - tail) / (1.0 - 2.0 * tail))
