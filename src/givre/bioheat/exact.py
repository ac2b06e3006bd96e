"""Exact solutions of freezing problems, to hold the solver against.

All start at a uniform temperature in an endless medium and grow like the square root of time.
Planar: Neumann, in Carslaw & Jaeger, Conduction of Heat in Solids, 11.2. Line sink: Paterson, Proc Glasgow Math
Assoc 1 (1952) 42; Carslaw & Jaeger 11.6; with a freezing interval, Özışık & Uzzell, J Heat Transfer 101 (1979) 331.
Point sink growing like sqrt(t): Paterson 1952.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq, root
from scipy.special import erf, erfc, exp1

Array = npt.NDArray[np.float64]
Field = Callable[[Array, float], Array]
"""Temperature [°C] at distances [m] from the cold plane, line or point, at an instant [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezingMedium:
    """A material with constant properties in each phase, SI.

    Attributes:
        k_frozen, k_unfrozen: conductivity [W/mK].
        capacity_frozen, capacity_unfrozen: heat capacity per volume [J/m³K].
        latent: latent heat per volume [J/m³].
        initial_c: temperature at the start [°C].
        lower_c, upper_c: freezing interval [°C]; equal for a sharp front.
    """

    k_frozen: float
    k_unfrozen: float
    capacity_frozen: float
    capacity_unfrozen: float
    latent: float
    initial_c: float
    lower_c: float
    upper_c: float

    @property
    def diffusivity_frozen(self) -> float:
        """[m²/s]."""
        return self.k_frozen / self.capacity_frozen

    @property
    def diffusivity_unfrozen(self) -> float:
        """[m²/s]."""
        return self.k_unfrozen / self.capacity_unfrozen

    @property
    def k_mushy(self) -> float:
        """Mean conductivity inside the interval [W/mK]."""
        return (self.k_frozen + self.k_unfrozen) / 2

    @property
    def diffusivity_mushy(self) -> float:
        """Inside the interval, latent heat as heat capacity [m²/s]."""
        mean = (self.capacity_frozen + self.capacity_unfrozen) / 2
        return self.k_mushy / (mean + self.latent / (self.upper_c - self.lower_c))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExactFreeze:
    """An exact solution.

    Attributes:
        temp_c: the temperature field.
        front_m: radius or depth of the isotherm T_l (fully frozen) at one second [m]; grows like sqrt(t).
        upper_front_m: the same for T_u (first ice).
    """

    temp_c: Field
    front_m: float
    upper_front_m: float

    def front_at_m(self, time_s: float) -> float:
        """Where the tissue is fully frozen up to [m]."""
        return float(self.front_m * np.sqrt(time_s))


def planar_sharp(medium: FreezingMedium, wall_c: float) -> ExactFreeze:
    """Neumann's problem: the wall is suddenly held at `wall_c`; one freezing temperature."""
    a_s, a_l, melt_c = medium.diffusivity_frozen, medium.diffusivity_unfrozen, medium.upper_c
    ratio = np.sqrt(a_s / a_l)

    def balance(lam: float) -> float:
        frozen = medium.k_frozen * (melt_c - wall_c) / np.sqrt(a_s) * np.exp(-(lam**2)) / erf(lam)
        unfrozen = medium.k_unfrozen * (medium.initial_c - melt_c) / np.sqrt(a_l)
        unfrozen *= np.exp(-((lam * ratio) ** 2)) / erfc(lam * ratio)
        return float(frozen - unfrozen - medium.latent * lam * np.sqrt(np.pi * a_s))

    lam = float(brentq(balance, 1e-6, 3.0, xtol=1e-14))
    front = 2 * lam * np.sqrt(a_s)

    def temp_c(depth_m: Array, time_s: float) -> Array:
        frozen = wall_c + (melt_c - wall_c) * erf(depth_m / (2 * np.sqrt(a_s * time_s))) / erf(lam)
        far = erfc(depth_m / (2 * np.sqrt(a_l * time_s))) / erfc(lam * ratio)
        unfrozen = medium.initial_c - (medium.initial_c - melt_c) * far
        return np.asarray(np.where(depth_m < front * np.sqrt(time_s), frozen, unfrozen))

    return ExactFreeze(temp_c=temp_c, front_m=front, upper_front_m=front)


def planar_interval(medium: FreezingMedium, wall_c: float) -> ExactFreeze:
    """The same with a freezing interval: three zones, properties constant in each, heat flux continuous."""

    def shape(eta: Array, diffusivity: float) -> Array:
        return np.asarray(erf(eta / np.sqrt(diffusivity)))

    def slope(eta: float, diffusivity: float) -> float:
        return float(2 / np.sqrt(np.pi * diffusivity) * np.exp(-(eta**2) / diffusivity))

    return _three_zones(medium, wall_c, shape, slope)


def line_sink(medium: FreezingMedium, power_w_m: float) -> ExactFreeze:
    """A line that takes `power_w_m` per length [W/m] for ever; sharp front."""
    a_s, a_l, melt_c = medium.diffusivity_frozen, medium.diffusivity_unfrozen, medium.upper_c
    above = medium.initial_c - melt_c

    def balance(square: float) -> float:
        outer = square * a_s / a_l
        return float(
            power_w_m / (4 * np.pi) * np.exp(-square)
            - medium.k_unfrozen * above * np.exp(-outer) / exp1(outer)
            - square * a_s * medium.latent
        )

    square = float(brentq(balance, 1e-9, 4.0, xtol=1e-15))
    front = 2 * np.sqrt(square * a_s)

    def temp_c(radius_m: Array, time_s: float) -> Array:
        u = radius_m**2 / (4 * time_s)
        frozen = melt_c - power_w_m / (4 * np.pi * medium.k_frozen) * (exp1(u / a_s) - exp1(square))
        unfrozen = medium.initial_c - above * exp1(u / a_l) / exp1(square * a_s / a_l)
        return np.asarray(np.where(radius_m < front * np.sqrt(time_s), frozen, unfrozen))

    return ExactFreeze(temp_c=temp_c, front_m=front, upper_front_m=front)


def line_sink_interval(medium: FreezingMedium, power_w_m: float) -> ExactFreeze:
    """The same with a freezing interval."""
    a_s, a_m, a_l = medium.diffusivity_frozen, medium.diffusivity_mushy, medium.diffusivity_unfrozen
    interval, above = medium.upper_c - medium.lower_c, medium.initial_c - medium.upper_c

    def balance(logs: Array) -> list[float]:
        u_s, u_l = np.exp(logs[0]), np.exp(logs[0]) + np.exp(logs[1])
        inside = interval / (exp1(u_s / a_m) - exp1(u_l / a_m))
        return [
            float(power_w_m / (4 * np.pi) * np.exp(-u_s / a_s) - medium.k_mushy * inside * np.exp(-u_s / a_m)),
            float(
                medium.k_mushy * inside * np.exp(-u_l / a_m)
                - medium.k_unfrozen * above * np.exp(-u_l / a_l) / exp1(u_l / a_l)
            ),
        ]

    guess = line_sink(medium, power_w_m).front_m ** 2 / 4
    logs = _root(balance, np.log([guess * 0.8, guess * 0.3]))
    u_s, u_l = float(np.exp(logs[0])), float(np.exp(logs[0]) + np.exp(logs[1]))

    def temp_c(radius_m: Array, time_s: float) -> Array:
        u = radius_m**2 / (4 * time_s)
        frozen = medium.lower_c - power_w_m / (4 * np.pi * medium.k_frozen) * (exp1(u / a_s) - exp1(u_s / a_s))
        share = (exp1(u_s / a_m) - exp1(u / a_m)) / (exp1(u_s / a_m) - exp1(u_l / a_m))
        unfrozen = medium.initial_c - above * exp1(u / a_l) / exp1(u_l / a_l)
        return np.asarray(np.where(u < u_s, frozen, np.where(u < u_l, medium.lower_c + interval * share, unfrozen)))

    return ExactFreeze(temp_c=temp_c, front_m=2 * np.sqrt(u_s), upper_front_m=2 * np.sqrt(u_l))


def point_sink(medium: FreezingMedium, amplitude_c: float) -> ExactFreeze:
    """A point whose pull grows like sqrt(t), strength 8 pi k_s amplitude sqrt(a_s t) [W]; sharp front."""
    a_s, a_l, melt_c = medium.diffusivity_frozen, medium.diffusivity_unfrozen, medium.upper_c
    ratio, above = np.sqrt(a_s / a_l), medium.initial_c - melt_c

    def fall(u: Array) -> Array:
        return np.asarray(np.exp(-(u**2)) / u - np.sqrt(np.pi) * erfc(u))

    def balance(lam: float) -> float:
        v = lam * ratio
        frozen = medium.k_frozen * amplitude_c * np.exp(-(lam**2)) / lam**2 / (2 * np.sqrt(a_s))
        unfrozen = medium.k_unfrozen * above * np.exp(-(v**2)) / (v**2 * float(fall(np.array(v))))
        return float(frozen - unfrozen / (2 * np.sqrt(a_l)) - medium.latent * lam * np.sqrt(a_s))

    lam = float(brentq(balance, 1e-3, 3.0, xtol=1e-14))
    front = 2 * lam * np.sqrt(a_s)

    def temp_c(radius_m: Array, time_s: float) -> Array:
        frozen = melt_c - amplitude_c * (fall(radius_m / (2 * np.sqrt(a_s * time_s))) - fall(np.array(lam)))
        far = fall(radius_m / (2 * np.sqrt(a_l * time_s))) / fall(np.array(lam * ratio))
        return np.asarray(np.where(radius_m < front * np.sqrt(time_s), frozen, medium.initial_c - above * far))

    return ExactFreeze(temp_c=temp_c, front_m=front, upper_front_m=front)


def _three_zones(
    medium: FreezingMedium,
    wall_c: float,
    shape: Callable[[Array, float], Array],
    slope: Callable[[float, float], float],
) -> ExactFreeze:
    a_s, a_m, a_l = medium.diffusivity_frozen, medium.diffusivity_mushy, medium.diffusivity_unfrozen
    interval = medium.upper_c - medium.lower_c
    frozen_drop, above = medium.lower_c - wall_c, medium.initial_c - medium.upper_c

    def value(eta: float, diffusivity: float) -> float:
        return float(shape(np.array(eta), diffusivity))

    def balance(logs: Array) -> list[float]:
        eta_s, eta_l = np.exp(logs[0]), np.exp(logs[0]) + np.exp(logs[1])
        inside = interval / (value(eta_l, a_m) - value(eta_s, a_m))
        outside = above / (1 - value(eta_l, a_l))
        frozen = frozen_drop / value(eta_s, a_s)
        return [
            medium.k_frozen * frozen * slope(eta_s, a_s) - medium.k_mushy * inside * slope(eta_s, a_m),
            medium.k_mushy * inside * slope(eta_l, a_m) - medium.k_unfrozen * outside * slope(eta_l, a_l),
        ]

    guess = planar_sharp(medium, wall_c).front_m / 2
    logs = _root(balance, np.log([guess * 0.9, guess * 0.15]))
    eta_s, eta_l = float(np.exp(logs[0])), float(np.exp(logs[0]) + np.exp(logs[1]))

    def temp_c(depth_m: Array, time_s: float) -> Array:
        eta = depth_m / (2 * np.sqrt(time_s))
        frozen = wall_c + frozen_drop * shape(eta, a_s) / value(eta_s, a_s)
        share = (shape(eta, a_m) - value(eta_s, a_m)) / (value(eta_l, a_m) - value(eta_s, a_m))
        unfrozen = medium.initial_c - above * (1 - shape(eta, a_l)) / (1 - value(eta_l, a_l))
        return np.asarray(
            np.where(eta < eta_s, frozen, np.where(eta < eta_l, medium.lower_c + interval * share, unfrozen))
        )

    return ExactFreeze(temp_c=temp_c, front_m=2 * eta_s, upper_front_m=2 * eta_l)


def _root(balance: Callable[[Array], list[float]], start: Array) -> Array:
    found = root(balance, start, method="hybr", options={"xtol": 1e-13})
    if not found.success:
        raise ArithmeticError(f"no exact solution found: {found.message}")
    return np.asarray(found.x)
