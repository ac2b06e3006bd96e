"""The arrays a run works on: voxels with one ghost layer, and the probes coupled to them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.bioheat.line_source import LineCoupling, couple_line, share_by_conductivity
from givre.bioheat.materials import MaterialColumns, conductivity_w_mk, enthalpy_j_m3, material_columns
from givre.bioheat.problem import ProbeSource, ThermalProblem

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]

GHOST_CONDUCTIVITY_W_MK = 1e9
"""So high that all resistance between a held face and the voxel behind it lies in that voxel."""


@dataclass(frozen=True, slots=True, eq=False)
class CoupledProbe:
    """A probe, its kernel on the padded lattice and the tissue it touches.

    Attributes:
        source: the probe.
        coupling: its kernel, voxels counted with ghosts.
        conduct: local conductivity weights of each sample (ku, kf, kp), shape (samples, 3).
    """

    source: ProbeSource
    coupling: LineCoupling
    conduct: Array


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """Everything that stays fixed during a run, and room for what moves; shapes with ghosts (k+2, j+2, i+2)."""

    problem: ThermalProblem
    columns: MaterialColumns
    packed: Array32
    polynomials: tuple[Array32, Array32, Array32]
    material: npt.NDArray[np.uint16]
    conductivity: tuple[Array32, Array32, Array32]
    perfusion: Array32
    metabolism: Array32
    probes: tuple[CoupledProbe, ...]
    enthalpy: Array
    temp_c: Array32
    potential_a: Array32
    potential_b: Array32


def open_workspace(problem: ThermalProblem) -> Workspace:
    """Allocate and fill the arrays of a run."""
    columns = replace(
        material_columns(problem.material.materials, problem.freezing), present=np.unique(problem.material.index)
    )
    shape = problem.grid.shape
    padded = (shape[0] + 2, shape[1] + 2, shape[2] + 2)
    material = np.zeros(padded, dtype=np.uint16)
    inner = (slice(1, -1),) * 3
    material[inner] = problem.material.index
    conductivity = tuple(
        _padded_column(column, material[inner], padded)
        for column in (columns.k_unfrozen, columns.k_frozen, columns.k_plain)
    )
    temp_c = np.full(padded, problem.body_temp_c)
    if problem.initial_c is not None:
        temp_c[inner] = problem.initial_c
    enthalpy = np.zeros(padded)
    enthalpy[inner] = enthalpy_j_m3(temp_c[inner], material[inner], columns, problem.freezing)
    _hold_faces(problem, temp_c, conductivity[2])
    potential_a, potential_b = problem.freezing.potentials(temp_c)
    return Workspace(
        problem=problem,
        columns=columns,
        packed=np.stack(
            [
                columns.capacity_cold,
                columns.capacity_slope,
                1 / columns.capacity_mushy,
                1 / columns.capacity_warm,
                columns.enthalpy_warm,
            ]
        ).astype(np.float32),
        polynomials=_padded_polynomials(problem.freezing),
        material=material,
        conductivity=(conductivity[0], conductivity[1], conductivity[2]),
        perfusion=_padded_column(columns.perfusion, material[inner], padded),
        metabolism=_padded_column(columns.metabolism, material[inner], padded),
        probes=tuple(_couple(probe, problem, columns, padded) for probe in problem.probes),
        enthalpy=enthalpy,
        temp_c=temp_c.astype(np.float32),
        potential_a=potential_a.astype(np.float32),
        potential_b=potential_b.astype(np.float32),
    )  # fmt: skip


def explicit_limit_s(problem: ThermalProblem, columns: MaterialColumns, coldest_c: Array) -> float:
    """Longest stable explicit step [s]: h² / 6 over the largest face conductivity to heat capacity ratio.

    Every pair of materials in the domain is taken as neighbours, each at its coldest, at either end of the freezing
    interval or at body temperature, whichever is worst.

    Args:
        problem: the problem.
        columns: its materials.
        coldest_c: coldest temperature of each material, or a held face if colder, shape (materials,).
    """
    freezing = problem.freezing
    present = columns.present
    held_c = float(np.nanmin([*np.ravel(problem.faces_c), freezing.lower_c - 1]))
    states_c = np.stack(
        [
            np.minimum(coldest_c[present], held_c),
            np.full(len(present), freezing.lower_c - 1e-6),
            np.full(len(present), freezing.upper_c + 1e-6),
            np.full(len(present), problem.body_temp_c),
        ]
    )
    temp, material = states_c.ravel(), np.tile(present, len(states_c))
    conduct = conductivity_w_mk(temp, material, columns, freezing)
    capacity = np.where(
        temp < freezing.lower_c,
        columns.capacity_cold[material] + columns.capacity_slope[material] * (temp - freezing.lower_c),
        columns.capacity_warm[material],
    )
    between = 2 * conduct[:, None] * conduct[None, :] / (conduct[:, None] + conduct[None, :])
    fastest = float((between / capacity[:, None]).max())
    return problem.spacing_m**2 / (6 * fastest)


def _padded_column(column: Array, inner: npt.NDArray[np.uint16], padded: tuple[int, int, int]) -> Array32:
    result = np.zeros(padded, dtype=np.float32)
    result[1:-1, 1:-1, 1:-1] = column[inner]
    return result


def _padded_polynomials(freezing: Freezing) -> tuple[Array32, Array32, Array32]:
    found = []
    for polynomial, size in ((freezing.mushy_liquid(), 3), (freezing.mushy_solid(), 8), (freezing.frozen(), 7)):
        coefficients = np.zeros(size, dtype=np.float32)
        coefficients[: len(polynomial.coef)] = polynomial.coef
        found.append(coefficients)
    return found[0], found[1], found[2]


def _hold_faces(problem: ThermalProblem, temp_c: Array, k_plain: Array32) -> None:
    for axis, pair in enumerate(problem.faces_c):
        for end, face_c in zip((0, -1), pair, strict=True):
            if math.isnan(face_c):
                continue
            ghost = [slice(1, -1)] * 3
            ghost[axis] = slice(0, 1) if end == 0 else slice(-1, None)
            temp_c[tuple(ghost)] = face_c
            k_plain[tuple(ghost)] = GHOST_CONDUCTIVITY_W_MK


def _couple(
    probe: ProbeSource, problem: ThermalProblem, columns: MaterialColumns, padded: tuple[int, int, int]
) -> CoupledProbe:
    coupling = couple_line(probe, problem.grid.shape, problem.spacing_m)
    material = problem.material.index.ravel()[coupling.voxel]
    weights = np.stack([columns.k_unfrozen[material], columns.k_frozen[material], columns.k_plain[material]], axis=1)
    conduct = np.add.reduceat(weights * coupling.weight[:, None], coupling.first[:-1], axis=0)
    index = np.stack(np.unravel_index(coupling.voxel, problem.grid.shape)) + 1
    with_ghosts = LineCoupling(
        first=coupling.first,
        voxel=np.ravel_multi_index(tuple(index), padded).astype(np.int64),
        weight=share_by_conductivity(coupling, columns.k_frozen[material] + columns.k_plain[material]),
        length_m=coupling.length_m,
        log_ratio=coupling.log_ratio,
    )
    return CoupledProbe(source=probe, coupling=with_ghosts, conduct=np.ascontiguousarray(conduct))
