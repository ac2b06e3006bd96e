"""Thermal properties of one material, and the lattice that says where each material is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import GeometryMismatch, InputError, InvalidMaterial
from givre.geometry.grid import Grid

MOST_CONDUCTIVE_W_MK = 500.0
"""Anything above is a typing error, and would make the steps endlessly short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalMaterial:
    """What the bioheat equation needs to know of one material, SI, per volume of unfrozen tissue.

    Attributes:
        name: tissue name, with the HU bin for bone ("bone 400 HU").
        capacity_unfrozen_j_m3k: volumetric heat capacity above the freezing interval.
        capacity_frozen_j_m3k: volumetric heat capacity of the frozen material at -20 °C.
        capacity_frozen_slope_j_m3k2: its change per °C (ice: c falls as it gets colder), >= 0.
        conductivity_unfrozen_w_mk: thermal conductivity above the freezing interval.
        conductivity_frozen_w_mk: thermal conductivity of the frozen material at -20 °C.
        latent_j_m3: latent heat released over the whole freezing interval, 0 if it does not freeze.
        perfusion_w_m3k: blood perfusion times blood heat capacity (w rho_b c_b).
        metabolic_w_m3: metabolic heat.
        freezes: whether it holds water that freezes. If not, the unfrozen values hold at every temperature.
        flow_temp_c: temperature of what flows through it; None means blood at body temperature. Other for warmed
            saline, say.
    """

    name: str
    capacity_unfrozen_j_m3k: float
    capacity_frozen_j_m3k: float
    capacity_frozen_slope_j_m3k2: float
    conductivity_unfrozen_w_mk: float
    conductivity_frozen_w_mk: float
    latent_j_m3: float
    perfusion_w_m3k: float
    metabolic_w_m3: float
    freezes: bool
    flow_temp_c: float | None = None

    def __post_init__(self) -> None:
        positive = (
            self.capacity_unfrozen_j_m3k,
            self.capacity_frozen_j_m3k,
            self.conductivity_unfrozen_w_mk,
            self.conductivity_frozen_w_mk,
        )
        not_negative = (
            self.capacity_frozen_slope_j_m3k2,
            self.latent_j_m3,
            self.perfusion_w_m3k,
            self.metabolic_w_m3,
        )
        if not (all(0 < v < np.inf for v in positive) and all(0 <= v < np.inf for v in not_negative)):
            raise InvalidMaterial(
                f"material {self.name}: capacities and conductivities must be positive and finite, "
                f"latent heat, perfusion and metabolic heat not negative; found {positive + not_negative}"
            )
        if max(self.conductivity_unfrozen_w_mk, self.conductivity_frozen_w_mk) > MOST_CONDUCTIVE_W_MK:
            raise InvalidMaterial(
                f"material {self.name}: conductivity {self.conductivity_unfrozen_w_mk:g} and "
                f"{self.conductivity_frozen_w_mk:g} W/mK; silver has 430, give at most {MOST_CONDUCTIVE_W_MK:g} W/mK"
            )
        if self.flow_temp_c is not None and not 0 <= self.flow_temp_c <= 60:
            raise InvalidMaterial(
                f"material {self.name}: what flows through it has {self.flow_temp_c} °C; give 0 to 60 °C"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaterialField:
    """Which material each voxel is made of.

    Attributes:
        grid: the lattice.
        index: position in `materials`, shape (k, j, i), uint8.
        materials: at most 256.
    """

    grid: Grid
    index: npt.NDArray[np.uint8]
    materials: tuple[ThermalMaterial, ...]

    def __post_init__(self) -> None:
        if self.index.shape != self.grid.shape:
            raise GeometryMismatch(f"material index has shape {self.index.shape}, its lattice {self.grid.shape}")
        if not 0 < len(self.materials) <= 256:
            raise InputError(f"{len(self.materials)} materials; between 1 and 256 fit one byte per voxel")
        if int(self.index.max()) >= len(self.materials):
            raise InputError(f"voxel refers to material {int(self.index.max())} of {len(self.materials)}")
