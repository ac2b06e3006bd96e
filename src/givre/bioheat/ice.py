"""How tissue freezes: the freezing interval and how ice conducts.

Below T_l all freezable water is ice, above T_u none is, and in between the solid fraction grows linearly.
Conduction in every freezing material is a mix of two shapes common to all,

    k(T) = k_unfrozen (1 - s(T)) + k_frozen s(T) g(T),    s = solid fraction,  g(-20 °C) = 1,

so its integral, the Kirchhoff potential, is  Theta(T) = k_unfrozen A(T) + k_frozen B(T).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial

from givre.foundation.errors import InputError

Array = npt.NDArray[np.float64]

SLACK_COEFFICIENTS = tuple(
    Polynomial.fit(
        _temp := np.linspace(-196.0, 0.0, 1961), 253.15 / (_temp + 273.15), deg=5, w=(_temp + 273.15) / 253.15
    )
    .convert()
    .coef.tolist()
)
"""k_ice(T)/k_ice(-20 °C) after Slack, 2.22 * 273.15 / T_K (Slack, Phys Rev B 22 (1980) 3065), as a polynomial in °C:
a polynomial integrates exactly and needs no logarithm per voxel. Largest relative deviation 0.5 % from -196 to 0 °C."""


SHARP_WIDTH_C = 1.0
"""Widest freezing interval of water and gels. In tissue the front spreads over some voxels, and the enthalpy method
alone is within 0.1 mm of exact fronts at 1 mm; in water it is 0.15 mm late or early while a voxel freezes through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezing:
    """The freezing interval and the shape of k(T) in ice.

    Attributes:
        lower_c: all freezable water is ice at or below [°C].
        upper_c: no ice at or above [°C].
        shape: coefficients of g(T), increasing powers of T [°C]; g multiplies the frozen conductivity.
        linear_mix: whether conductivity in the interval follows the solid fraction; if not, it is constant there
            (the textbook three-zone problem).
        mushy_solid_share: weight of the frozen conductivity in the interval when it is constant there.
        blood_from_c: temperature at which blood begins to flow, less than T_u; T_l if not given. Its share grows
            linearly up to T_u.

    Validity: equilibrium freezing, no supercooling; -196 to +100 °C.
    Source: interval -0.5 °C (tissue tables) to -8 °C (generic cryosurgery set, Micromachines 2025;16:1321).
    """

    lower_c: float = -8.0
    upper_c: float = -0.5
    shape: tuple[float, ...] = SLACK_COEFFICIENTS
    linear_mix: bool = True
    mushy_solid_share: float = 0.5
    blood_from_c: float | None = None

    def __post_init__(self) -> None:
        if not -60 <= self.lower_c < self.upper_c <= 5:
            raise InputError(
                f"freezing interval {self.lower_c} to {self.upper_c} °C; give two increasing values in -60..5 °C"
            )

        if not 0 <= self.mushy_solid_share <= 1:
            raise InputError(f"share of the frozen conductivity {self.mushy_solid_share}; give a number from 0 to 1")
        if not self.lower_c <= self.blood_flows_from_c < self.upper_c:
            raise InputError(
                f"blood flows from {self.blood_from_c} °C; give {self.lower_c} °C or more, below {self.upper_c} °C"
            )

    @property
    def is_sharp(self) -> bool:
        """Whether the front is thinner than a voxel, so that where it stands inside a voxel matters."""
        return self.upper_c - self.lower_c <= SHARP_WIDTH_C

    @property
    def blood_flows_from_c(self) -> float:
        """Temperature at which blood begins to flow [°C]."""
        return self.lower_c if self.blood_from_c is None else self.blood_from_c

    def _mixes(self) -> tuple[Polynomial, Polynomial]:
        """Liquid and solid weights of the conductivity inside the interval, as polynomials in T."""
        if not self.linear_mix:
            return Polynomial([1 - self.mushy_solid_share]), Polynomial([self.mushy_solid_share])
        width = self.upper_c - self.lower_c
        liquid = Polynomial([-self.lower_c / width, 1 / width])
        return liquid, 1 - liquid

    def mushy_liquid(self) -> Polynomial:
        """A(T) inside the interval, zero at T_u."""
        liquid, _ = self._mixes()
        return _zero_at(liquid.integ(), self.upper_c)

    def mushy_solid(self) -> Polynomial:
        """B(T) inside the interval, zero at T_u."""
        _, solid = self._mixes()
        return _zero_at((solid * Polynomial(self.shape)).integ(), self.upper_c)

    def frozen(self) -> Polynomial:
        """B(T) - B(T_l) below the interval, zero at T_l."""
        return _zero_at(Polynomial(self.shape).integ(), self.lower_c)

    def liquid_fraction(self, temp_c: Array) -> Array:
        """Share of the freezable water that is liquid, 0 to 1, same shape as `temp_c`."""
        return np.asarray(np.clip((temp_c - self.lower_c) / (self.upper_c - self.lower_c), 0.0, 1.0))

    def blood_share(self, temp_c: Array) -> Array:
        """Share of the blood that flows, 0 to 1, same shape as `temp_c`.

        >>> Freezing(blood_from_c=-1.5).blood_share(np.array([-8.0, -1.0, 37.0])).tolist()
        [0.0, 0.5, 1.0]
        """
        start = self.blood_flows_from_c
        return np.asarray(np.clip((temp_c - start) / (self.upper_c - start), 0.0, 1.0))

    def potentials(self, temp_c: Array) -> tuple[Array, Array]:
        """A(T) and B(T) [°C], same shape as `temp_c`.

        >>> a, b = Freezing().potentials(np.array([9.5, -0.5]))
        >>> a.tolist(), b.tolist()
        ([10.0, 0.0], [0.0, 0.0])
        """
        mushy_c = np.clip(temp_c, self.lower_c, self.upper_c)
        liquid = np.maximum(temp_c - self.upper_c, 0.0) + self.mushy_liquid()(mushy_c)
        solid = self.mushy_solid()(mushy_c) + self.frozen()(np.minimum(temp_c, self.lower_c))
        return np.asarray(liquid), np.asarray(solid)


def _zero_at(polynomial: Polynomial, temp_c: float) -> Polynomial:
    return polynomial - polynomial(temp_c)
