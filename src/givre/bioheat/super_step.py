"""Runge-Kutta-Legendre super time stepping of second order: many cheap stages make one long explicit step.

Stable for  step <= explicit limit * (s² + s - 2) / 4  with s stages.
Source: Meyer, Balsara, Aslam, J Comput Phys 257 (2014) 594, equations 16-20.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stage:
    """Y_j = mu Y_{j-1} + nu Y_{j-2} + (1 - mu - nu) Y_0 + step (rate F(Y_{j-1}) + rate_first F(Y_0)).

    `time` is the part of the step that has gone by at Y_j.
    """

    mu: float
    nu: float
    rate: float
    rate_first: float
    time: float


def stage_count(step_s: float, explicit_limit_s: float, *, least: int = 3) -> int:
    """Smallest odd number of stages, at least 3, that makes `step_s` stable; 2 do within the explicit limit.

    Args:
        step_s: length of the step.
        explicit_limit_s: longest stable plain step.
        least: 2 allows two stages; an even number damps the shortest waves less.

    >>> stage_count(2.0, 0.16)
    7
    """
    if least == 2 and step_s <= explicit_limit_s:
        return 2
    needed = (math.sqrt(9 + 16 * step_s / explicit_limit_s) - 1) / 2
    count = max(3, math.ceil(needed))
    return count + 1 - count % 2


def stages(count: int) -> tuple[Stage, ...]:
    """The stages of one step, first to last; a count of 3 or more.

    >>> round(sum(stage.rate for stage in stages(3)[:1]), 4)
    0.1333
    """
    b = [1 / 3, 1 / 3] + [(j * j + j - 2) / (2 * j * (j + 1)) for j in range(2, count + 1)]
    w = 4 / (count * count + count - 2)
    found = [Stage(0.0, 0.0, b[1] * w, 0.0, b[1] * w)]
    before, before_that = b[1] * w, 0.0
    for j in range(2, count + 1):
        mu = (2 * j - 1) / j * b[j] / b[j - 1]
        nu = -(j - 1) / j * b[j] / b[j - 2]
        rate, rate_first = mu * w, -(1 - b[j - 1]) * mu * w
        before, before_that = mu * before + nu * before_that + rate + rate_first, before
        found.append(Stage(mu, nu, rate, rate_first, before))
    return tuple(found)


@lru_cache(maxsize=256)
def plan(count: int) -> tuple[Array, Array, Array]:
    """The stages of a step as numbers; each array is shared and must not be written to.

    Returns:
        mu, nu, rate, rate_first of each, shape (count, 4); Y_0 stands for Y_{j-2} in the second, so its nu is 0.
        The time of each as part of the step, shape (count,).
        The weight that what happens in each has in the whole step: a power of each stage brings, over the step,
        the step times the weighted sum.
    """
    found = stages(count)
    table = np.array([(stage.mu, stage.nu, stage.rate, stage.rate_first) for stage in found])
    table[1:2, 1] = 0.0
    weights, before_that = table[0, 2] * np.eye(count)[0], np.zeros(count)
    for j, (mu, nu, rate, rate_first) in enumerate(table[1:].tolist(), start=1):
        now = mu * weights + nu * before_that + rate * np.eye(count)[j] + rate_first * np.eye(count)[0]
        weights, before_that = now, weights
    return table, np.array([stage.time for stage in found]), weights
