"""Exact solutions of linear heat problems: suddenly cooled walls, films, two bodies in contact, perfused tissue.

Half-spaces and films: Carslaw & Jaeger, Conduction of Heat in Solids (1959), 2.5, 2.7 and 2.15 (two media).
Steady and transient Pennes: the same with a sink proportional to temperature, 4.14 and 7.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import erf, erfc, erfcx, k0

Array = npt.NDArray[np.float64]


def suddenly_cooled_c(depth_m: Array, time_s: float, *, diffusivity: float, initial_c: float, wall_c: float) -> Array:
    """A half-space whose wall is suddenly held at another temperature."""
    return np.asarray(initial_c + (wall_c - initial_c) * erfc(depth_m / (2 * np.sqrt(diffusivity * time_s))))


def film_cooled_c(
    depth_m: Array, time_s: float, *, conductivity: float, capacity: float, film: float, initial_c: float, air_c: float
) -> Array:
    """A half-space that suddenly loses heat through a film [W/m²K] to air."""
    spread = np.sqrt(conductivity / capacity * time_s)
    eta, biot = depth_m / (2 * spread), film / conductivity * spread
    # exp(hx/k + biot²) erfc(eta + biot) without overflow
    lost = erfc(eta) - erfcx(eta + biot) * np.exp(-(eta**2))
    return np.asarray(initial_c + (air_c - initial_c) * lost)


def film_mode_c(
    depth_m: Array, time_s: float, *, width_m: float, conductivity: float, capacity: float, film: float,
    air_c: float, amplitude_c: float,
) -> Array:  # fmt: skip
    """The slowest decaying mode of a slab, insulated at depth 0, with a film at its other face: cos(mu x/width)."""
    biot = film * width_m / conductivity
    mu = float(brentq(lambda m: m * np.sin(m) - biot * np.cos(m), 1e-9, np.pi / 2, xtol=1e-15))
    decay = np.exp(-conductivity / capacity * (mu / width_m) ** 2 * time_s)
    return np.asarray(air_c + amplitude_c * np.cos(mu * depth_m / width_m) * decay)


def two_bodies_c(
    place_m: Array, time_s: float, *, conductivity: tuple[float, float], capacity: tuple[float, float],
    initial_c: tuple[float, float],
) -> Array:  # fmt: skip
    """Two half-spaces brought together at place 0: the first where place < 0, the second where place > 0."""
    effusivity = np.sqrt(np.array(conductivity) * np.array(capacity))
    contact_c = float((effusivity * np.array(initial_c)).sum() / effusivity.sum())
    spread = 2 * np.sqrt(np.array(conductivity) / np.array(capacity) * time_s)
    left = contact_c + (initial_c[0] - contact_c) * erf(-place_m / spread[0])
    right = contact_c + (initial_c[1] - contact_c) * erf(place_m / spread[1])
    return np.asarray(np.where(place_m < 0, left, right))


def perfused_wall_steady_c(
    depth_m: Array, *, conductivity: float, perfusion: float, body_c: float, wall_c: float, width_m: float
) -> Array:
    """Steady Pennes between a wall at depth 0 and body temperature at depth `width_m`."""
    decay = np.sqrt(conductivity / perfusion)
    return np.asarray(body_c + (wall_c - body_c) * np.sinh((width_m - depth_m) / decay) / np.sinh(width_m / decay))


def perfused_wall_c(
    depth_m: Array, time_s: float, *, conductivity: float, capacity: float, perfusion: float, body_c: float,
    wall_c: float,
) -> Array:  # fmt: skip
    """Transient Pennes in a half-space whose wall is suddenly held at another temperature."""
    spread, rate = np.sqrt(conductivity / capacity * time_s), np.sqrt(perfusion / capacity * time_s)
    eta, decay = depth_m / (2 * spread), np.sqrt(conductivity / perfusion)
    share = np.exp(-depth_m / decay) * erfc(eta - rate) + np.exp(depth_m / decay) * erfc(eta + rate)
    return np.asarray(body_c + (wall_c - body_c) * share / 2)


def perfused_line_steady_c(
    radius_m: Array, *, conductivity: float, perfusion: float, body_c: float, edge_c: float, edge_m: float
) -> Array:
    """Steady Pennes around a cylinder of radius `edge_m` at `edge_c`, endless tissue."""
    decay = np.sqrt(conductivity / perfusion)
    return np.asarray(body_c + (edge_c - body_c) * k0(radius_m / decay) / k0(edge_m / decay))


def perfused_point_steady_c(
    radius_m: Array, *, conductivity: float, perfusion: float, body_c: float, edge_c: float, edge_m: float
) -> Array:
    """Steady Pennes around a sphere of radius `edge_m` at `edge_c`, endless tissue."""
    decay = np.sqrt(conductivity / perfusion)
    return np.asarray(body_c + (edge_c - body_c) * edge_m / radius_m * np.exp((edge_m - radius_m) / decay))
