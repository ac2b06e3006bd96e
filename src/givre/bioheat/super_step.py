"""Runge-Kutta-Legendre super time stepping of second order: many cheap stages make one long explicit step.

Stable for  step <= explicit limit * (s² + s - 2) / 4  with s stages.
Source: Meyer, Balsara, Aslam, J Comput Phys 257 (2014) 594, equations 16-20.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


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


def stage_count(step_s: float, explicit_limit_s: float) -> int:
    """Smallest odd number of stages, at least 3, that makes `step_s` stable.

    >>> stage_count(2.0, 0.16)
    7
    """
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
