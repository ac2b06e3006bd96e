"""Temperature of tissue that has been at rest with the room for long: Pennes' equation without probes, steady.

Nothing is frozen, so the equation is linear: conduction between voxels, blood, what flows through a material, and
metabolism add up to zero in every voxel. Solved by conjugate gradients, each voxel scaled by its own conductance.

    sum over neighbours of G (T_n - T) + w (T_flow - T) + q_m = 0,   G = k / d²
"""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import DoesNotSettle
from givre.tissue.material import MaterialField

Array = npt.NDArray[np.float64]
Faces = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

SETTLED_C = 1e-6
"""Largest residual, as a temperature of the voxel it stands in, at which the search ends."""

MOST_ROUNDS = 5000
"""Pennes' equation settles in some hundreds."""


def resting_temperature_c(
    material: MaterialField, *, body_temp_c: float, faces_c: Faces, only: npt.NDArray[np.bool_]
) -> Array:
    """Temperature of every voxel at rest [°C], shape (k, j, i).

    Args:
        material: what each voxel is made of; cubic voxels.
        body_temp_c: temperature of the blood.
        faces_c: temperature of the faces of the domain, NaN where no heat passes.
        only: voxels whose fluid has its own temperature; all others that flow are taken at body temperature.

    Raises:
        DoesNotSettle: if no solution is found.

    Validity: unfrozen tissue; the steady state of a patient who has lain there for about half an hour.
    """
    spacing_m = material.grid.spacing_mm[0] / 1000.0
    conductivity = np.array([m.conductivity_unfrozen_w_mk for m in material.materials])[material.index]
    exchange = np.array([m.perfusion_w_m3k for m in material.materials])[material.index]
    source = np.array([m.metabolic_w_m3 for m in material.materials])[material.index]
    flows_c = np.array([body_temp_c if m.flow_temp_c is None else m.flow_temp_c for m in material.materials])
    source = source + exchange * np.where(only, flows_c[material.index] - body_temp_c, 0.0)
    links = [_links(conductivity, axis) / spacing_m**2 for axis in range(3)]
    own = exchange + _to_neighbours(links)
    for axis, end in product(range(3), (0, -1)):
        face_c = faces_c[axis][end]
        if not np.isnan(face_c):
            layer: list[slice | int] = [slice(None)] * 3
            layer[axis] = end
            through = 2 * conductivity[tuple(layer)] / spacing_m**2
            own[tuple(layer)] += through
            source[tuple(layer)] += through * (face_c - body_temp_c)
    if not ((exchange > 0).any() or np.isfinite(np.ravel(faces_c)).any()):
        raise DoesNotSettle("nothing holds the temperature: no blood flows and no face is held; check the materials")
    return body_temp_c + _conjugate_gradients(links, own, source)


def _links(conductivity: Array, axis: int) -> Array:
    """Harmonic mean of neighbours along one axis, one shorter along it."""
    first, second = _pair(conductivity, axis)
    return np.asarray(2 * first * second / (first + second))


def _pair(values: Array, axis: int) -> tuple[Array, Array]:
    """Views of all but the last, and all but the first, along one axis."""
    moved = np.moveaxis(values, axis, 0)
    return np.moveaxis(moved[:-1], 0, axis), np.moveaxis(moved[1:], 0, axis)


def _to_neighbours(links: list[Array]) -> Array:
    shape = (links[0].shape[0] + 1, *links[0].shape[1:])
    total = np.zeros(shape)
    for axis, link in enumerate(links):
        first, second = _pair(total, axis)
        first += link
        second += link
    return total


def _conjugate_gradients(links: list[Array], own: Array, source: Array) -> Array:
    """Solve own T - links T_neighbours = source, preconditioned by `own`."""
    found = source / own
    residual = source - _applied(found, links, own)
    scaled = residual / own
    direction, product_before = scaled.copy(), float((residual * scaled).sum())
    for _ in range(MOST_ROUNDS):
        if float(np.abs(scaled).max()) < SETTLED_C:
            return found
        along = _applied(direction, links, own)
        step = product_before / float((direction * along).sum())
        found += step * direction
        residual -= step * along
        scaled = residual / own
        product_now = float((residual * scaled).sum())
        direction = scaled + product_now / product_before * direction
        product_before = product_now
    raise DoesNotSettle(
        f"the temperature at rest was not found in {MOST_ROUNDS} rounds; check conductivities and perfusion"
    )


def _applied(temp: Array, links: list[Array], own: Array) -> Array:
    result = own * temp
    for axis, link in enumerate(links):
        first, second = _pair(temp, axis)
        into_first, into_second = _pair(result, axis)
        into_first -= link * second
        into_second -= link * first
    return np.asarray(result)
