"""How long an explicit step may be: the colder a frozen material, the faster it conducts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
        states = [self.unfrozen[:, present]]
        frozen = present[coldest_c[present] < MAY_FREEZE_BELOW_C]
        if len(frozen):
            column = np.clip((coldest_c[frozen] - COLDEST_C) / BIN_C, 0, self.capacity.shape[1] - 1).astype(np.int64)
            states += [
                self.frozen[:, frozen],
                np.stack([self.conductivity[frozen, column], self.capacity[frozen, column]]),
            ]
        conduct, capacity = np.concatenate(states, axis=1)
        best = conduct.max()
        between = 2 * conduct * best / (conduct + best)
        blood = float((self.perfusion[present] / self.unfrozen[1, present]).max())
        return float(1 / (6 * (between / capacity).max() / self.spacing_m**2 + blood / 2))


def _capacity(temp_c: Array, material: Index, columns: MaterialColumns, freezing: Freezing) -> Array:
    """The smaller of the heat capacities just beside the interval stands for that inside it."""
    below = columns.capacity_cold[material] + columns.capacity_slope[material] * (temp_c - freezing.lower_c)
    return np.where(
        temp_c < freezing.upper_c, np.minimum(below, columns.capacity_cold[material]), columns.capacity_warm[material]
    )
