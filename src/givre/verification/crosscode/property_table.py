"""Thermal properties as a table in temperature, so that other codes can solve any freezing law, not only givre's.

Between two nodes conductivity, heat capacity (latent heat in it), perfusion and metabolism are linear; each may jump
at a node. Enthalpy and the integral of k are then quadratic between nodes, and exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.tissue.material import ThermalMaterial

Array = npt.NDArray[np.float64]

COLDEST_C, WARMEST_C = -200.0, 100.0
"""Ends of every table."""

SPACING_C = 1.0
"""Distance of the nodes where k or c is curved: linear in between is then within 1e-5 of givre's law for ice."""

PACKED_COLUMNS = 12
"""T, H, Theta at the low end; then value and slope of c, k, perfusion, metabolism; then T at the high end."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableState:
    """A material at some temperatures, SI; all of the shape of the temperatures.

    Attributes:
        enthalpy, capacity: per volume, and its derivative.
        potential, conductivity: integral of k dT, and k.
        blood, blood_slope: heat of perfusion and metabolism per volume, and its derivative.
    """

    enthalpy: Array
    capacity: Array
    potential: Array
    conductivity: Array
    blood: Array
    blood_slope: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PropertyTable:
    """One material, n intervals of temperature, SI per volume.

    Attributes:
        nodes_c: increasing temperatures, shape (n + 1,).
        conductivity: at the low and the high end of each interval [W/mK], shape (n, 2).
        capacity: latent heat included [J/m³K], shape (n, 2).
        perfusion: w rho_b c_b [W/m³K], shape (n, 2).
        metabolism: [W/m³], shape (n, 2).
        kinks_c: temperatures at which the capacity jumps.
    """

    nodes_c: Array
    conductivity: Array
    capacity: Array
    perfusion: Array
    metabolism: Array
    kinks_c: tuple[float, ...]

    def packed(self) -> Array:
        """One row of PACKED_COLUMNS numbers for each interval; enthalpy and potential are zero at the last node."""
        width = np.diff(self.nodes_c)
        rows = np.zeros((len(width), PACKED_COLUMNS))
        rows[:, 0] = self.nodes_c[:-1]
        rows[:, 1] = -_sum_from(self.capacity.mean(axis=1) * width)
        rows[:, 2] = -_sum_from(self.conductivity.mean(axis=1) * width)
        for column, pair in (
            (3, self.capacity),
            (5, self.conductivity),
            (7, self.perfusion),
            (9, self.metabolism),
        ):
            rows[:, column] = pair[:, 0]
            rows[:, column + 1] = (pair[:, 1] - pair[:, 0]) / width
        rows[:, 11] = self.nodes_c[1:]
        return rows

    def _at(self, temp_c: Array) -> tuple[Array, Array]:
        """The packed rows that hold at some temperatures, shape (..., 12), and the distance from their low end."""
        packed = self.packed()
        interval = np.clip(np.searchsorted(self.nodes_c, temp_c, side="right") - 1, 0, len(packed) - 1)
        rows = packed[interval]
        return rows, np.asarray(temp_c - rows[..., 0])

    def enthalpy_j_m3(self, temp_c: Array) -> Array:
        """Enthalpy per volume, zero at the last node, same shape as `temp_c`."""
        rows, beyond = self._at(temp_c)
        return np.asarray(rows[..., 1] + beyond * (rows[..., 3] + beyond * rows[..., 4] / 2))

    def potential_w_m(self, temp_c: Array) -> Array:
        """Integral of k dT [W/m], zero at the last node, same shape."""
        rows, beyond = self._at(temp_c)
        return np.asarray(rows[..., 2] + beyond * (rows[..., 5] + beyond * rows[..., 6] / 2))

    def state(self, temp_c: Array, body_c: float) -> TableState:
        """Everything at some temperatures, in one look-up; blood arrives at `body_c`."""
        rows, beyond = self._at(temp_c)
        value = rows[..., 3:11:2] + beyond[..., None] * rows[..., 4:11:2]
        slope = rows[..., 4:11:2]
        return TableState(
            enthalpy=rows[..., 1] + beyond * (rows[..., 3] + beyond * rows[..., 4] / 2),
            potential=rows[..., 2] + beyond * (rows[..., 5] + beyond * rows[..., 6] / 2),
            capacity=value[..., 0],
            conductivity=value[..., 1],
            blood=value[..., 2] * (body_c - temp_c) + value[..., 3],
            blood_slope=slope[..., 2] * (body_c - temp_c) - value[..., 2] + slope[..., 3],
        )


def _sum_from(parts: Array) -> Array:
    """For each interval, the sum of it and of all warmer ones."""
    return np.asarray(np.cumsum(parts[::-1])[::-1])


def tabulate(nodes_c: Array, kinks_c: tuple[float, ...], laws: dict[str, Callable[[Array], Array]]) -> PropertyTable:
    """A table from functions of temperature, each evaluated just inside both ends of every interval."""
    inside_c = np.stack([nodes_c[:-1] + 1e-9, nodes_c[1:] - 1e-9], axis=1)
    columns: dict[str, Any] = {name: np.asarray(law(inside_c), dtype=np.float64) for name, law in laws.items()}
    return PropertyTable(nodes_c=nodes_c, kinks_c=kinks_c, **columns)


def table_of(material: ThermalMaterial, freezing: Freezing) -> PropertyTable:
    """What givre means by a material and a freezing law, restated: see `Freezing` and `ThermalMaterial`.

    Blood comes at body temperature; materials with a flow of their own temperature are not for these codes.
    """
    lower_c, upper_c = freezing.lower_c, freezing.upper_c
    if not material.freezes:
        return _constant(material)
    cold_nodes = np.arange(COLDEST_C, lower_c, SPACING_C)
    if lower_c - cold_nodes[-1] < SPACING_C / 2:
        cold_nodes = cold_nodes[:-1]
    mushy_nodes = np.union1d(np.linspace(lower_c, upper_c, 9), [freezing.blood_flows_from_c])
    nodes_c = np.concatenate([cold_nodes, mushy_nodes, [WARMEST_C]])
    cold_at_lower = material.capacity_frozen_j_m3k + material.capacity_frozen_slope_j_m3k2 * (lower_c + 20.0)
    mushy = (cold_at_lower + material.capacity_unfrozen_j_m3k) / 2 + material.latent_j_m3 / (upper_c - lower_c)

    def capacity(temp_c: Array) -> Array:
        cold = material.capacity_frozen_j_m3k + material.capacity_frozen_slope_j_m3k2 * (temp_c + 20.0)
        warmer = np.where(temp_c < upper_c, mushy, material.capacity_unfrozen_j_m3k)
        return np.asarray(np.where(temp_c < lower_c, cold, warmer))

    def conductivity(temp_c: Array) -> Array:
        liquid = freezing.liquid_fraction(temp_c)
        if not freezing.linear_mix:
            liquid = np.where((temp_c > lower_c) & (temp_c < upper_c), 1 - freezing.mushy_solid_share, liquid)
        ice = np.polynomial.polynomial.polyval(temp_c, np.array(freezing.shape))
        unfrozen, frozen = material.conductivity_unfrozen_w_mk, material.conductivity_frozen_w_mk
        return np.asarray(unfrozen * liquid + frozen * (1 - liquid) * ice)

    return tabulate(
        nodes_c,
        (lower_c, upper_c),
        {
            "conductivity": conductivity,
            "capacity": capacity,
            "perfusion": lambda temp_c: material.perfusion_w_m3k * freezing.blood_share(temp_c),
            "metabolism": lambda temp_c: material.metabolic_w_m3 * freezing.blood_share(temp_c),
        },
    )


def _constant(material: ThermalMaterial) -> PropertyTable:
    def always(value: float) -> Array:
        return np.full((1, 2), value)

    return PropertyTable(
        nodes_c=np.array([COLDEST_C, WARMEST_C]),
        conductivity=always(material.conductivity_unfrozen_w_mk),
        capacity=always(material.capacity_unfrozen_j_m3k),
        perfusion=always(material.perfusion_w_m3k),
        metabolism=always(material.metabolic_w_m3),
        kinks_c=(),
    )
