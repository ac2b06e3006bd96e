"""Exact solutions with ice beyond `givre.bioheat.exact`: steady ice in blood, freezing against another body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import erf, erfc, k0, k1

from givre.bioheat.exact import FreezingMedium

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyIceCylinder:
    """Ice around a cold cylinder that perfusion keeps from growing.

    Attributes:
        front_m: radius of the ice.
        temp_c: temperature against radius [m].
    """

    front_m: float
    temp_c: Callable[[Array], Array]


def steady_ice_cylinder(
    medium: FreezingMedium, *, perfusion_w_m3k: float, inner_m: float, inner_c: float
) -> SteadyIceCylinder:
    """Logarithm in the ice, K0 in the perfused tissue, the same heat flux on both sides of the front."""
    decay = np.sqrt(medium.k_unfrozen / perfusion_w_m3k)
    melt_c, body_c = medium.upper_c, medium.initial_c

    def balance(front: float) -> float:
        inside = medium.k_frozen * (melt_c - inner_c) / (front * np.log(front / inner_m))
        outside = medium.k_unfrozen * (body_c - melt_c) / decay * k1(front / decay) / k0(front / decay)
        return float(inside - outside)

    front = float(brentq(balance, 1.0001 * inner_m, 0.5, xtol=1e-14))

    def temp_c(radius_m: Array) -> Array:
        radius = np.maximum(radius_m, 1e-4)
        inside = inner_c + (melt_c - inner_c) * np.log(radius / inner_m) / np.log(front / inner_m)
        outside = body_c + (melt_c - body_c) * k0(radius / decay) / k0(front / decay)
        return np.asarray(np.where(radius < front, np.maximum(inside, inner_c), outside))

    return SteadyIceCylinder(front_m=front, temp_c=temp_c)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFreeze:
    """Tissue that freezes against a colder body.

    Attributes:
        front_m: depth of the ice after one second; it grows like the square root of time.
        contact_c: temperature where the bodies touch.
        temp_c: temperature against place [m] (the cold body where it is negative) at an instant [s].
    """

    front_m: float
    contact_c: float
    temp_c: Callable[[Array, float], Array]


def freezing_against(medium: FreezingMedium, *, body_k: float, body_capacity: float, body_c: float) -> ContactFreeze:
    """Schwarz's solution: a half-space that freezes in contact with another half-space, which stays as it is.

    Source: Schwarz 1931; Carslaw & Jaeger 1959, 11.2 (v).
    """
    a_b, a_s, a_l = body_k / body_capacity, medium.diffusivity_frozen, medium.diffusivity_unfrozen
    effusive_b = np.sqrt(body_k * body_capacity)
    effusive_s = np.sqrt(medium.k_frozen * medium.capacity_frozen)
    melt_c, ratio = medium.upper_c, np.sqrt(a_s / a_l)

    def contact(lam: float) -> float:
        # what leaves the ice enters the body: effusive_s (melt - contact) / erf(lam) = effusive_b (contact - body)
        warm = effusive_s / erf(lam)
        return float((warm * melt_c + effusive_b * body_c) / (warm + effusive_b))

    def balance(lam: float) -> float:
        frozen = medium.k_frozen * (melt_c - contact(lam)) / np.sqrt(a_s) * np.exp(-(lam**2)) / erf(lam)
        unfrozen = medium.k_unfrozen * (medium.initial_c - melt_c) / np.sqrt(a_l)
        unfrozen *= np.exp(-((lam * ratio) ** 2)) / erfc(lam * ratio)
        return float(frozen - unfrozen - medium.latent * lam * np.sqrt(np.pi * a_s))

    lam = float(brentq(balance, 1e-6, 3.0, xtol=1e-14))
    contact_c, front = contact(lam), 2 * lam * np.sqrt(a_s)

    def temp_c(place_m: Array, time_s: float) -> Array:
        body = contact_c + (body_c - contact_c) * erf(-place_m / (2 * np.sqrt(a_b * time_s)))
        frozen = contact_c + (melt_c - contact_c) * erf(place_m / (2 * np.sqrt(a_s * time_s))) / erf(lam)
        far = erfc(place_m / (2 * np.sqrt(a_l * time_s))) / erfc(lam * ratio)
        unfrozen = medium.initial_c - (medium.initial_c - melt_c) * far
        ice = np.where(place_m < front * np.sqrt(time_s), frozen, unfrozen)
        return np.asarray(np.where(place_m < 0, body, ice))

    return ContactFreeze(front_m=front, contact_c=contact_c, temp_c=temp_c)
