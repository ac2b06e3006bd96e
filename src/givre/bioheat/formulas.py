"""The physics of one voxel or one face as plain functions of numbers: compiled for the processor and for a GPU alike.

Nothing here knows which compiler will read it, so the functions keep to what numba and Warp both understand: no call
from one to another, constants of the same type as the first argument, and comparisons written so that a value that is
not a number stays one. `shape` and `interval` may be anything that is indexed: tuples for numba, arrays for Warp.

    shape     3 coefficients of A inside the freezing interval, 8 of B there, 7 of B below it (see `Freezing`)
    interval  T_l, T_u, then what `bioheat.domain` adds
"""

from __future__ import annotations

import math
from typing import Any

Number = Any
"""A number: single precision in both compilers, double when called from plain Python."""
Numbers = Any


def temperature_c(
    enthalpy: Number, cold: Number, slope: Number, mushy: Number, warm: Number, warm_from: Number, interval: Numbers
) -> Number:
    """Temperature [°C] of a voxel from its enthalpy [J/m³].

    Args:
        enthalpy: zero at T_l.
        cold, slope: 1/c and 2 c'/c² just below T_l, c' being the slope of the heat capacity.
        mushy, warm: 1/c inside and above the interval.
        warm_from: enthalpy at T_u.
        interval: T_l first.
    """
    zero, one = type(enthalpy)(0.0), type(enthalpy)(1.0)
    below = zero if enthalpy > zero else enthalpy
    inside = zero if enthalpy < zero else enthalpy
    inside = warm_from if inside > warm_from else inside
    above = enthalpy - warm_from
    above = zero if above < zero else above
    under = one + slope * below
    root = math.sqrt(zero if under < zero else under)
    return interval[0] + (below + below) * cold / (one + root) + inside * mushy + above * warm


def crossed_temperature_c(
    enthalpy: Number, cold: Number, slope: Number, icy: Number, wet: Number, warm: Number, frozen_to: Number,
    middle: Number, warm_from: Number, interval: Numbers,
) -> Number:  # fmt: skip
    """The same of a voxel that freezes while the front crosses it (see `crossing`).

    Args:
        enthalpy: zero at T_l.
        cold, slope, warm, interval: see `temperature_c`.
        icy, wet: 1/c in the colder and in the warmer half of the latent heat.
        frozen_to, middle, warm_from: enthalpy where the voxel is frozen through, half frozen, and not frozen at all.
    """
    zero, one = type(enthalpy)(0.0), type(enthalpy)(1.0)
    below = frozen_to if enthalpy > frozen_to else enthalpy
    half = middle if enthalpy > middle else enthalpy
    all_of_it = warm_from if enthalpy > warm_from else enthalpy
    under = one + slope * below
    root = math.sqrt(zero if under < zero else under)
    frozen_c = interval[0] + (below + below) * cold / (one + root)
    return frozen_c + (half - below) * icy + (all_of_it - half) * wet + (enthalpy - all_of_it) * warm


def crossing(
    span: Number, per_solid: Number, width: Number, ratio: Number, cold: Number, slope: Number, warm: Number,
    middle: Number, interval: Numbers,
) -> Any:  # fmt: skip
    """How a voxel freezes while the front crosses it.

    The front is somewhere inside for as long as it takes to freeze all of the voxel. Meanwhile the potential in the
    middle falls, by as much as it differs between both sides, in step with the frozen part: the mean of a step over
    the width of a voxel. Together with the freezing interval, like two spreads, sqrt(interval² + span²).

    Args:
        span: difference of the potential from side to side, over h² [W/m³].
        per_solid: h² / k_frozen; zero for what does not freeze.
        width: difference of the potential across the freezing interval over k_frozen [°C].
        ratio: k_frozen / k_unfrozen.
        cold, slope, warm: see `temperature_c`.
        middle: enthalpy when half frozen.
        interval: T_l, T_u; the last is how far T_u may be moved.

    Returns:
        frozen_to, warm_from, icy and wet of `crossed_temperature_c`.
    """
    zero, half, one = type(span)(0.0), type(span)(0.5), type(span)(1.0)
    across = span * per_solid
    under = half * (math.sqrt(width * width + across * across) - width)
    over = under * ratio
    over = interval[4] if over > interval[4] else over
    per_cold = cold if cold > zero else one
    per_warm = warm if warm > zero else one
    inner = half * (interval[1] - interval[0])
    frozen_to = -under * (one - half * half * under * slope / per_cold) / per_cold
    warm_from = middle + middle + over / per_warm
    below, above = middle - frozen_to, warm_from - middle
    icy = (inner + under) / (below if below > zero else one)
    wet = (inner + over) / (above if above > zero else one)
    return frozen_to, warm_from, icy, wet


def liquid_potential_c(temp_c: Number, shape: Numbers, interval: Numbers) -> Number:
    """A(T) [°C]: the potential that unfrozen conductivity goes with."""
    low, high, zero = interval[0], interval[1], type(temp_c)(0.0)
    x = low if temp_c < low else temp_c
    x = high if x > high else x
    above = temp_c - high
    above = zero if above < zero else above
    return above + (shape[0] + x * (shape[1] + x * shape[2]))


def solid_potential_c(temp_c: Number, shape: Numbers, interval: Numbers) -> Number:
    """B(T) [°C]: the potential that frozen conductivity goes with."""
    low, high = interval[0], interval[1]
    x = low if temp_c < low else temp_c
    x = high if x > high else x
    y = low if temp_c > low else temp_c
    mushy = shape[7] + x * (shape[8] + x * (shape[9] + x * shape[10]))
    mushy = shape[3] + x * (shape[4] + x * (shape[5] + x * (shape[6] + x * mushy)))
    frozen = shape[14] + y * (shape[15] + y * (shape[16] + y * shape[17]))
    return mushy + (shape[11] + y * (shape[12] + y * (shape[13] + y * frozen)))


def flux_w_m3(liquid: Number, solid: Number, own_a: Number, other_a: Number, own_b: Number, other_b: Number) -> Number:
    """Heat from a neighbour, or through a face of the domain [W/m³].

    Args:
        liquid, solid: conductivities between both over h² [W/m³K].
        own_a, other_a, own_b, other_b: A and B on both sides.
    """
    return liquid * (other_a - own_a) + solid * (other_b - own_b)


def share_between(temp_c: Number, low_c: Number, high_c: Number, per_width: Number) -> Number:
    """Share of the blood that flows: none below `low_c`, all above `high_c`; `per_width` is 1 / (high - low)."""
    x = low_c if temp_c < low_c else temp_c
    x = high_c if x > high_c else x
    return (x - low_c) * per_width


def gain_j_m3(before: Number, before_that: Number, rate: Number, first_rate: Number, plan: Numbers) -> Number:
    """Enthalpy gained since the start of the step after one more stage [J/m³].

    Args:
        before, before_that: after the stage before, and the one before that.
        rate, first_rate: heating now and at the start of the step [W/m³].
        plan: mu, nu, step * rate, step * rate_first of the stage (see `super_step.Stage`).
    """
    return plan[0] * before + plan[1] * before_that + plan[2] * rate + plan[3] * first_rate
