"""Fluids that stay at their own temperature and warm or cool what they touch through a film: blood, saline, air.

Such a fluid obeys  q = h (T_fluid - T_surface)  at its surface, a Robin condition. Here it fills voxels. Each is tied
to the temperature of the fluid by a strong exchange g [W/m³K] and conducts so badly (k) that the half voxel between
its centre and the surface is the film:

    1 / h = (d / 2) / k + 1 / (g d),   d the voxel edge, g = 50 h / d

so h does not depend on the voxels. A surface oblique to the lattice is a staircase with more faces than area, by
a = |n_x| + |n_y| + |n_z|; there the film of each face is h / a.

Validity: the fluid brings more heat than the tissue draws, as blood does in vessels wider than about 3 mm; it neither
freezes nor stops. Over frozen tissue the film conducts as ice does, better the colder: h grows by up to a third at
-80 °C. Bodies less than two voxels wide have surfaces that the lattice cannot tell.
Source: Incropera & DeWitt, Fundamentals of Heat and Mass Transfer (recalled); tested against the exact solution of a
half-space behind a film (Carslaw & Jaeger, section 2.7).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.foundation.errors import InputError
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from
from givre.tissue.material import ThermalMaterial
from givre.tissue.table import packaged_rows

FlowKind = Literal["large_vessel", "warm_saline", "saline_glove", "room_air"]

NODE_OVER_FILM = 50.0
"""Exchange with the fluid over that through the film: the voxel stays within 1/50 of the fluid's temperature."""

NODE_PER_S = 0.5
"""Rate at which a voxel follows its fluid [1/s]; its heat capacity follows from it and is book-keeping only."""

SURFACE_STEP = 0.1
"""Step between the excesses of faces over area that have a material of their own, from 1 to 1.7."""

SMOOTHING_VOXELS = 1.5
"""Width of the smoothing that tells which way a surface faces."""

FILM_BOUNDS_W_M2K = (0.5, 5000.0)
FLOW_BOUNDS_C = (0.0, 45.0)
"""What a fluid in or on a patient can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One fluid that fills a structure, or all that lies outside it.

    Attributes:
        structure: name of its mask.
        kind: what flows.
        film: heat transfer coefficient at its surface [W/m²K].
        temp: its temperature [°C]; None is that of the body.
        is_outside: whether it fills what lies outside the mask (a room around a body).
    """

    structure: str
    kind: FlowKind
    film: Quantity
    temp: Quantity | None
    is_outside: bool = False

    def __post_init__(self) -> None:
        low, high = FILM_BOUNDS_W_M2K
        if not low <= self.film.value <= high:
            raise InputError(
                f"{self.structure}: film coefficient {self.film.value:g} W/m²K; give {low:g} to {high:g} W/m²K"
            )
        low, high = FLOW_BOUNDS_C
        if self.temp is not None and not low <= self.temp.value <= high:
            raise InputError(f"{self.structure}: fluid of {self.temp.value:g} °C; give {low:g} to {high:g} °C")


def flow_of(
    structure: str,
    kind: FlowKind,
    *,
    temp_c: float | None = None,
    film_w_m2k: float | None = None,
) -> Flow:
    """A fluid with the packaged numbers of its kind, or those of the case.

    >>> flow_of("aorta", "large_vessel").film.value
    300.0
    """
    table = load_flow_table()
    return Flow(
        structure=structure,
        kind=kind,
        film=table[kind, "film_w_m2k"] if film_w_m2k is None else _of_the_case(film_w_m2k, "W/m2K"),
        temp=table.get((kind, "temp_c")) if temp_c is None else _of_the_case(temp_c, "C"),
        is_outside=kind == "room_air",
    )


def load_flow_table() -> Mapping[tuple[str, str], Quantity]:
    """The packaged numbers by kind of fluid and quantity, with source and status."""
    rows = packaged_rows("flows.csv")
    unknown = {row["flow"] for row in rows} - set(get_args(FlowKind))
    if unknown:
        raise InputError(f"table of flows: {sorted(unknown)} are not known; use {', '.join(get_args(FlowKind))}")
    return {(row["flow"], row["quantity"]): quantity_from(row, where=f"flows, {row['flow']}") for row in rows}


def flow_material(flow: Flow, spacing_mm: float, *, faces_per_area: float = 1.0) -> ThermalMaterial:
    """The material of the voxels of a fluid whose surface has that many faces per area.

    Args:
        flow: the fluid.
        spacing_mm: voxel edge.
        faces_per_area: area of the staircase over that of the surface, 1 to sqrt(3).
    """
    film, edge_m = flow.film.value / faces_per_area, spacing_mm / 1000.0
    exchange = NODE_OVER_FILM * film / edge_m
    conductivity = edge_m / 2 / (1 / film - 1 / (exchange * edge_m))
    capacity = exchange / NODE_PER_S
    return ThermalMaterial(
        name=f"{flow.kind} {flow.structure} {faces_per_area:.1f}",
        capacity_unfrozen_j_m3k=capacity,
        capacity_frozen_j_m3k=capacity,
        capacity_frozen_slope_j_m3k2=0.0,
        conductivity_unfrozen_w_mk=conductivity,
        conductivity_frozen_w_mk=conductivity,
        latent_j_m3=0.0,
        perfusion_w_m3k=exchange,
        metabolic_w_m3=0.0,
        freezes=False,
        flow_temp_c=None if flow.temp is None else flow.temp.value,
    )


def faces_per_area(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Area of the staircase over that of the surface at every voxel, shape (k, j, i); 1 where no surface is near.

    From the direction in which the smoothed body changes fastest.
    """
    body = inside.astype(np.float32)
    slopes = [
        ndimage.gaussian_filter(body, SMOOTHING_VOXELS, order=order, mode="nearest")
        for order in ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    ]
    steepness = np.sqrt(sum(slope**2 for slope in slopes))
    excess = sum(np.abs(slope) for slope in slopes) / np.maximum(steepness, 1e-12)
    return np.where(steepness > 1e-3, np.clip(excess, 1.0, math.sqrt(3.0)), 1.0).astype(np.float64)


def surface_steps(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """`faces_per_area` in steps of `SURFACE_STEP`, so that few materials stand for all."""
    return np.round(faces_per_area(inside) / SURFACE_STEP) * SURFACE_STEP


def _of_the_case(value: float, unit: str) -> Quantity:
    if not math.isfinite(value):
        raise InputError(f"a fluid has {value} {unit}; give a finite number")
    return Quantity(value=value, low=value, high=value, unit=unit, source="case file", status="assumption")
