"""How long an explicit step may be: the colder a frozen material, the faster it conducts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat.compiled import entry
from givre.bioheat.ice import Freezing
from givre.bioheat.materials import MaterialColumns, conductivity_w_mk

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

COLDEST_C, BIN_C = -200.0, 5.0
MAY_FREEZE_BELOW_C = 25.0
"""A material whose coldest voxel is no warmer may freeze within a step."""


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """Conductivity and heat capacity of each material in steps of 5 °C, and where its freezing begins and ends.

    Attributes:
        spacing_m: voxel edge.
        conductivity: [W/mK], shape (materials, bins).
        capacity: [J/m³K], same shape.
        frozen: the same two just below T_l, shape (2, materials).
        unfrozen: the same two just above T_u.
        perfusion: [W/m³K], shape (materials,).
    """

    spacing_m: float
    conductivity: Array
    capacity: Array
    frozen: Array
    unfrozen: Array
    perfusion: Array

    @classmethod
    def of(cls, columns: MaterialColumns, freezing: Freezing, spacing_m: float) -> Stability:
        """The tables for a list of materials."""
        bins_c = np.arange(COLDEST_C, 100.0, BIN_C)
        materials = np.arange(len(columns.perfusion))
        temp_c, material = np.broadcast_arrays(bins_c[None, :], materials[:, None])
        ends_c = np.array([[freezing.lower_c - 1e-6], [freezing.upper_c + 1e-6]])
        at_ends = np.broadcast_to(ends_c, (2, len(materials)))
        k_ends = conductivity_w_mk(at_ends, np.tile(materials, (2, 1)), columns, freezing)
        return cls(
            spacing_m=spacing_m,
            conductivity=conductivity_w_mk(temp_c, material, columns, freezing),
            capacity=_capacity(temp_c, material, columns, freezing),
            frozen=np.stack([k_ends[0], columns.capacity_cold]),
            unfrozen=np.stack([k_ends[1], columns.capacity_warm]),
            perfusion=columns.perfusion,
        )

    def limit_s(self, coldest_c: Array, present: npt.NDArray[np.integer]) -> float:
        """Longest stable explicit step [s], every material taken as a neighbour of the best conductor there is.

        Args:
            coldest_c: coldest temperature of each material, shape (materials,).
            present: which materials may be that cold.
        """
        fastest, blood = _fastest(
            self.conductivity, self.capacity, self.frozen, self.unfrozen, self.perfusion, coldest_c, present
        )
        return 1 / (6 * fastest / self.spacing_m**2 + blood / 2)


@entry
def _fastest(
    conductivity: Array, capacity: Array, frozen: Array, unfrozen: Array, perfusion: Array, coldest_c: Array,
    present: npt.NDArray[np.integer],
) -> tuple[float, float]:  # pragma: no cover - compiled  # fmt: skip
    """Largest diffusivity between a material and the best conductor [m²/s]; largest perfusion over capacity [1/s]."""
    conduct, store = np.empty((len(present), 3)), np.empty((len(present), 3))
    best, blood = 0.0, 0.0
    for n in range(len(present)):
        m = present[n]
        blood = max(blood, perfusion[m] / unfrozen[1, m])
        conduct[n, :], store[n, :] = unfrozen[0, m], unfrozen[1, m]
        if coldest_c[m] < MAY_FREEZE_BELOW_C:
            column = min(max(int((coldest_c[m] - COLDEST_C) / BIN_C), 0), capacity.shape[1] - 1)
            conduct[n, 1], store[n, 1] = frozen[0, m], frozen[1, m]
            conduct[n, 2], store[n, 2] = conductivity[m, column], capacity[m, column]
        for state in range(3):
            best = max(best, conduct[n, state])
    fastest = 0.0
    for n in range(len(present)):
        for state in range(3):
            between = 2 * conduct[n, state] * best / (conduct[n, state] + best)
            fastest = max(fastest, between / store[n, state])
    return fastest, blood


def _capacity(temp_c: Array, material: Index, columns: MaterialColumns, freezing: Freezing) -> Array:
    """The smaller of the heat capacities just beside the interval stands for that inside it."""
    below = columns.capacity_cold[material] + columns.capacity_slope[material] * (temp_c - freezing.lower_c)
    return np.where(
        temp_c < freezing.upper_c, np.minimum(below, columns.capacity_cold[material]), columns.capacity_warm[material]
    )
