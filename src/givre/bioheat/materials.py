"""Materials as columns of numbers, and the maps between temperature and enthalpy.

Volumetric enthalpy H is zero at T_l, the cold end of the freezing interval. Below it the heat capacity is
linear in T, inside it constant (latent heat included), above it constant; all three are inverted exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.tissue.material import ThermalMaterial

Array = npt.NDArray[np.float64]

LEAST_CAPACITY_J_M3K = 1.5e5
"""Gas holds so little heat (1.1 kJ/m³K) that it would set the pace of the whole run. It is given this much instead at
1 mm voxels, 4 % of what tissue holds, twice as much at 2 mm and less at finer ones: what flows through gas is the same,
what it stores stays beside the point. A slab of gas touching the ice changes its volume by 0.2 % at 1.5e5 J/m³K and
0.4 % at 3e5 (2 mm voxels)."""


def least_capacity_j_m3k(spacing_m: float) -> float:
    """Heat capacity that gas is given at a voxel size, between 3e4 and 3e5 J/m³K."""
    return min(max(LEAST_CAPACITY_J_M3K * spacing_m / 1e-3, LEAST_CAPACITY_J_M3K / 5), 2 * LEAST_CAPACITY_J_M3K)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaterialColumns:
    """One number per material in each column, shape (materials,), SI.

    Attributes:
        capacity_cold: heat capacity just below T_l [J/m³K].
        capacity_slope: its slope below T_l [J/m³K²].
        capacity_mushy: heat capacity inside the interval, latent heat included [J/m³K].
        capacity_warm: heat capacity above T_u [J/m³K].
        enthalpy_warm: enthalpy at T_u [J/m³].
        k_unfrozen, k_frozen: weights of A and B for freezing materials, zero for others [W/mK].
        k_plain: conductivity of materials that do not freeze, zero for others [W/mK].
        perfusion: w rho_b c_b [W/m³K].
        metabolism: [W/m³].
        flow_c: temperature of what flows through [°C], NaN where it is the body's.
        present: which materials occur, all unless a domain says otherwise, shape (n,).
    """

    capacity_cold: Array
    capacity_slope: Array
    capacity_mushy: Array
    capacity_warm: Array
    enthalpy_warm: Array
    k_unfrozen: Array
    k_frozen: Array
    k_plain: Array
    perfusion: Array
    metabolism: Array
    flow_c: Array
    present: npt.NDArray[np.integer]


def material_columns(
    materials: tuple[ThermalMaterial, ...], freezing: Freezing, *, least_capacity_j_m3k: float = 0.0
) -> MaterialColumns:
    """The columns for a list of materials and a freezing interval; none holds less heat than is given."""
    width_c = freezing.upper_c - freezing.lower_c

    def column(*values: float) -> Array:
        return np.array(values, dtype=np.float64)

    warm = np.maximum(column(*(m.capacity_unfrozen_j_m3k for m in materials)), least_capacity_j_m3k)
    freezes = np.array([m.freezes for m in materials])
    slope = np.where(freezes, column(*(m.capacity_frozen_slope_j_m3k2 for m in materials)), 0.0)
    frozen_at_20 = column(*(m.capacity_frozen_j_m3k for m in materials))
    cold = np.where(freezes, frozen_at_20 + slope * (freezing.lower_c + 20.0), warm)
    latent = np.where(freezes, column(*(m.latent_j_m3 for m in materials)), 0.0)
    mushy = (cold + warm) / 2 + latent / width_c
    k_warm = column(*(m.conductivity_unfrozen_w_mk for m in materials))
    k_cold = column(*(m.conductivity_frozen_w_mk for m in materials))
    return MaterialColumns(
        capacity_cold=cold,
        capacity_slope=slope,
        capacity_mushy=mushy,
        capacity_warm=warm,
        enthalpy_warm=mushy * width_c,
        k_unfrozen=np.where(freezes, k_warm, 0.0),
        k_frozen=np.where(freezes, k_cold, 0.0),
        k_plain=np.where(freezes, 0.0, k_warm),
        perfusion=column(*(m.perfusion_w_m3k for m in materials)),
        metabolism=column(*(m.metabolic_w_m3 for m in materials)),
        flow_c=column(*(math.nan if m.flow_temp_c is None else m.flow_temp_c for m in materials)),
        present=np.arange(len(materials)),
    )


def enthalpy_j_m3(
    temp_c: Array, material: npt.NDArray[np.integer], columns: MaterialColumns, freezing: Freezing
) -> Array:
    """Volumetric enthalpy [J/m³] of voxels at `temp_c` made of `material`, same shape."""
    below = np.minimum(temp_c - freezing.lower_c, 0.0)
    inside = np.clip(temp_c - freezing.lower_c, 0.0, freezing.upper_c - freezing.lower_c)
    above = np.maximum(temp_c - freezing.upper_c, 0.0)
    cold = (columns.capacity_cold[material] + columns.capacity_slope[material] * below / 2) * below
    return np.asarray(cold + columns.capacity_mushy[material] * inside + columns.capacity_warm[material] * above)


def temperature_c(
    enthalpy: Array, material: npt.NDArray[np.integer], columns: MaterialColumns, freezing: Freezing
) -> Array:
    """Temperature [°C] of voxels holding `enthalpy` [J/m³], same shape; inverse of `enthalpy_j_m3`."""
    warm_from = columns.enthalpy_warm[material]
    below = np.minimum(enthalpy, 0.0)
    inside = np.clip(enthalpy, 0.0, warm_from)
    above = np.maximum(enthalpy - warm_from, 0.0)
    cold = columns.capacity_cold[material]
    root = np.sqrt(np.maximum(cold * cold + 2 * columns.capacity_slope[material] * below, 0.0))
    return np.asarray(
        freezing.lower_c
        + 2 * below / (cold + root)
        + inside / columns.capacity_mushy[material]
        + above / columns.capacity_warm[material]
    )


def conduction_potential(
    temp_c: Array, material: npt.NDArray[np.integer], columns: MaterialColumns, freezing: Freezing
) -> Array:
    """Kirchhoff potential Theta(T) = integral of k dT [W/m] of one material per voxel, same shape as `temp_c`."""
    liquid, solid = freezing.potentials(temp_c)
    return np.asarray(
        columns.k_unfrozen[material] * liquid + columns.k_frozen[material] * solid + columns.k_plain[material] * temp_c
    )


def conductivity_w_mk(
    temp_c: Array, material: npt.NDArray[np.integer], columns: MaterialColumns, freezing: Freezing
) -> Array:
    """Conductivity k(T) [W/mK] of one material per voxel, same shape as `temp_c`."""
    liquid_weight = freezing.liquid_fraction(temp_c)
    inside = (temp_c > freezing.lower_c) & (temp_c < freezing.upper_c)
    if not freezing.linear_mix:
        liquid_weight = np.where(inside, 1 - freezing.mushy_solid_share, liquid_weight)
    ice = np.polynomial.polynomial.polyval(temp_c, np.array(freezing.shape))
    return np.asarray(
        columns.k_unfrozen[material] * liquid_weight
        + columns.k_frozen[material] * (1 - liquid_weight) * ice
        + columns.k_plain[material]
    )
