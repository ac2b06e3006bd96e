"""Fields that depend on distance / √time only, for any material of the solver: an ordinary equation, integrated finely.

With eta = r / (2 √t) the heat equation  dH/dt = r^-n d/dr(r^n k dT/dr)  becomes

    d/deta (eta^n q) = -2 eta^(n+1) C(T) T',    q = k(T) T',    n = 0 plane, 1 line, 2 point,

whatever k(T) and C(T) = dH/dT are: ice after Slack, the freezing interval, the slope of the heat capacity. Any solution
of it is an exact solution of the partial equation: one that starts at some eta with some temperature and flux serves.
Source: the transformation of Boltzmann (1894); Crank, The Mathematics of Diffusion (1975), 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq

from givre.bioheat.ice import Freezing
from givre.bioheat.materials import material_columns
from givre.tissue.material import ThermalMaterial

Array = npt.NDArray[np.float64]

TOLERANCE = 1e-11
BESIDE = 1e-10
"""At a kink the table holds both slopes, this far apart [m/√s]."""

FARTHEST = 7.0
"""Integration ends at this many diffusion lengths, where nothing is left to see."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimilarField:
    """A field T(r / (2 √t)), known on a fine table with its slope.

    Attributes:
        eta: increasing, [m/√s].
        temp_c: temperature there.
        slope: dT/deta there; both of them where the material has a kink.
    """

    eta: Array
    temp_c: Array
    slope: Array

    def at(self, distance_m: Array, time_s: float | Array) -> Array:
        """Temperatures [°C] at some distances and instants; constant beyond both ends of the table."""
        eta = np.clip(distance_m / (2 * np.sqrt(time_s)), self.eta[0], self.eta[-1])
        return np.asarray(CubicHermiteSpline(self.eta, self.temp_c, self.slope)(eta))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Law:
    """k(T) and C(T) of one material as plain numbers, so that the integrator need not go through arrays."""

    freezing: Freezing
    cold: float
    cold_slope: float
    mushy: float
    warm: float
    k_unfrozen: float
    k_frozen: float

    def conductivity(self, temp_c: float) -> float:
        lower, upper = self.freezing.lower_c, self.freezing.upper_c
        liquid = min(max((temp_c - lower) / (upper - lower), 0.0), 1.0)
        if not self.freezing.linear_mix and lower < temp_c < upper:
            liquid = 1 - self.freezing.mushy_solid_share
        ice = 0.0
        for coefficient in reversed(self.freezing.shape):
            ice = ice * temp_c + coefficient
        return self.k_unfrozen * liquid + self.k_frozen * (1 - liquid) * ice

    def capacity(self, temp_c: float) -> float:
        if temp_c < self.freezing.lower_c:
            return self.cold + self.cold_slope * (temp_c - self.freezing.lower_c)
        return self.mushy if temp_c < self.freezing.upper_c else self.warm


def _law_of(material: ThermalMaterial, freezing: Freezing) -> _Law:
    columns = material_columns((material,), freezing)
    return _Law(
        freezing=freezing,
        cold=float(columns.capacity_cold[0]),
        cold_slope=float(columns.capacity_slope[0]),
        mushy=float(columns.capacity_mushy[0]),
        warm=float(columns.capacity_warm[0]),
        k_unfrozen=float(columns.k_unfrozen[0]),
        k_frozen=float(columns.k_frozen[0]),
    )


def similar_field(
    material: ThermalMaterial, freezing: Freezing, *, dimensions: int, eta_start: float, start_c: float, body_c: float
) -> SimilarField:
    """The field that is `start_c` at `eta_start` and tends to `body_c` far away.

    Args:
        material: without perfusion and metabolism, which set a time of their own.
        freezing: the freezing law.
        dimensions: 1 plane, 2 line, 3 point.
        eta_start: where the table begins [m/√s]; 0 for a wall.
        start_c: temperature there.
        body_c: temperature far away.
    """
    law = _law_of(material, freezing)
    spread = float(np.sqrt(law.conductivity(body_c) / law.capacity(body_c)))
    end = eta_start + FARTHEST * spread

    def missed(log_flux: float) -> float:
        found = _integrate(law, dimensions, (eta_start, end), (start_c, float(np.exp(log_flux))))
        return float(found.temp_c[-1] - body_c)

    guess = np.log(law.conductivity(start_c) * (body_c - start_c) / spread)
    log_flux = float(brentq(missed, guess - 4, guess + 4, xtol=1e-13, rtol=1e-13))
    flux = float(np.exp(log_flux))
    return _integrate(law, dimensions, (eta_start, end), (start_c, flux), longest=(end - eta_start) / 2000)


def _integrate(
    law: _Law,
    dimensions: int,
    reach: tuple[float, float],
    start: tuple[float, float],
    longest: float = np.inf,
) -> SimilarField:
    """The field from one temperature and flux on; stops at each kink of the material and goes on from there."""
    power = dimensions - 1

    def rates(eta: float, state: Array) -> list[float]:
        temp_c, flux = float(state[0]), float(state[1])
        steep = flux / law.conductivity(temp_c)
        spreading = power / eta * flux if power else 0.0
        return [steep, -2 * eta * law.capacity(temp_c) * steep - spreading]

    eta, temp_c, flux = reach[0], start[0], start[1]
    etas: list[Array] = []
    temps: list[Array] = []
    slopes: list[list[float]] = []
    for level_c in (law.freezing.lower_c, law.freezing.upper_c, np.inf):
        if temp_c >= level_c or eta >= reach[1]:
            continue
        piece = solve_ivp(
            rates, (eta, reach[1]), [temp_c, flux], method="DOP853", rtol=TOLERANCE, atol=TOLERANCE, max_step=longest,
            events=Crossing(level_c),
        )  # fmt: skip
        etas.append(piece.t + len(etas) * BESIDE)
        temps.append(piece.y[0])
        slopes.append([q / law.conductivity(t) for t, q in zip(piece.y[0], piece.y[1], strict=True)])
        eta, temp_c, flux = float(piece.t[-1]), float(piece.y[0][-1]), float(piece.y[1][-1])
        if np.isfinite(level_c) and eta < reach[1]:
            temp_c = level_c
    table = np.array([np.concatenate(etas), np.concatenate(temps), np.concatenate(slopes)])
    table = table[:, np.diff(table[0], prepend=-1.0) > BESIDE / 2]  # an event may fall on the step before it
    return SimilarField(eta=table[0], temp_c=table[1], slope=table[2])


class Crossing:
    """Tells the integrator to stop where the temperature reaches a level."""

    terminal = True
    direction = 1.0

    def __init__(self, level_c: float) -> None:
        self.level_c = level_c

    def __call__(self, _eta: float, state: Array) -> float:
        """Zero at the level."""
        return float(state[0]) - (self.level_c if np.isfinite(self.level_c) else 1e9)
