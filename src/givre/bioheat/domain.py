"""What stays fixed during a run: the lattice with its ghosts, materials as tables, probes on the lattice.

Voxel arrays are flat, i fastest, with one ghost layer around. Each face of the domain has a ghost material of its own,
so that conduction between any two neighbours, or through a face, is one look in a table of pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from givre.bioheat.fill_kernels import by_material
from givre.bioheat.ice import Freezing
from givre.bioheat.line_source import LineCoupling, couple_line, share_by_conductivity
from givre.bioheat.materials import MaterialColumns, enthalpy_j_m3, least_capacity_j_m3k, material_columns
from givre.bioheat.problem import ProbeSource, ThermalProblem

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Size = tuple[int, int, int]
Number = TypeVar("Number", bound=np.generic)

FACES = 6
OUTSIDE = 6
"""The ghost material, after those of the six faces, through which nothing passes."""


@dataclass(frozen=True, slots=True, eq=False)
class PairTables:
    """Conductivity between two materials over h² [W/m³K], by potential: A, B and T; shape (materials + 7,) * 2."""

    liquid: Array32
    solid: Array32
    plain: Array32


@dataclass(frozen=True, slots=True, eq=False)
class CoupledProbe:
    """A probe, its kernel on the lattice without ghosts and the tissue it touches.

    Attributes:
        source: the probe.
        coupling: its kernel.
        conduct: local conductivity weights of each sample (ku, kf, kp), shape (samples, 3).
    """

    source: ProbeSource
    coupling: LineCoupling
    conduct: Array


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """The whole lattice.

    Attributes:
        problem: what is solved.
        columns: its materials.
        size: of the lattice with ghosts, (k + 2, j + 2, i + 2).
        material: of each voxel, ghosts included, flat.
        pairs: conduction between neighbours.
        cells: what `cold_kernels` needs of each material: 1/c, 2c'/c², 1/c_mushy, 1/c_warm, H(T_u), w, w T_r + q_m;
            shape (7, materials + 7).
        fronts: where the freezing interval is sharp, per_solid, width and ratio of `formulas.crossing` of each
            material, shape (3, materials + 7).
        probes: the probes.
        enthalpy: [J/m³], flat.
        shape, interval: coefficients of A and B; T_l, T_u, T_b where blood begins to flow, 1 / (T_u - T_b), and half
            of what lies between T_u and the temperature of the body: no voxel is let freeze from further above.
    """

    problem: ThermalProblem
    columns: MaterialColumns
    size: Size
    material: npt.NDArray[np.uint16]
    pairs: PairTables
    cells: Array32
    fronts: Array32 | None
    probes: tuple[CoupledProbe, ...]
    enthalpy: Array
    shape: Array32
    interval: Array32

    @property
    def has_plain(self) -> bool:
        """Whether somewhere two neighbours are both of a material that does not freeze, or a film covers a face."""
        return bool(self.pairs.plain.any())

    def block(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """A flat array as a view of shape (k, j, i), ghosts left out."""
        return values.reshape(self.size)[1:-1, 1:-1, 1:-1]


def open_domain(problem: ThermalProblem) -> Domain:
    """Lay out a problem."""
    columns = replace(
        material_columns(
            problem.material.materials,
            problem.freezing,
            least_capacity_j_m3k=least_capacity_j_m3k(problem.spacing_m),
        ),
        present=np.unique(problem.material.index).astype(np.int64),
    )
    count = len(problem.material.materials)
    size = (problem.grid.shape[0] + 2, problem.grid.shape[1] + 2, problem.grid.shape[2] + 2)
    material = np.full(size, count + OUTSIDE, dtype=np.uint16)
    material[1:-1, 1:-1, 1:-1] = problem.material.index
    for face in range(FACES):
        ghost: list[slice] = [slice(1, -1)] * 3
        ghost[face // 2] = slice(0, 1) if face % 2 == 0 else slice(-1, None)
        material[tuple(ghost)] = count + face
    enthalpy = np.zeros(size)
    inner = enthalpy[1:-1, 1:-1, 1:-1]
    if problem.initial_c is None:
        uniform = np.full(count, problem.body_temp_c)
        inner[:] = enthalpy_j_m3(uniform, np.arange(count), columns, problem.freezing)[problem.material.index]
    else:
        inner[:] = enthalpy_j_m3(problem.initial_c, problem.material.index, columns, problem.freezing)
    freezing = problem.freezing
    return Domain(
        problem=problem,
        columns=columns,
        size=size,
        material=material.ravel(),
        pairs=_pair_tables(problem, columns),
        cells=_cell_table(columns, problem.body_temp_c),
        fronts=_front_table(columns, problem) if freezing.is_sharp else None,
        probes=tuple(_couple(probe, problem, columns) for probe in problem.probes),
        enthalpy=enthalpy.ravel(),
        shape=_padded_polynomials(freezing),
        interval=np.array(
            [
                freezing.lower_c,
                freezing.upper_c,
                freezing.blood_flows_from_c,
                1 / (freezing.upper_c - freezing.blood_flows_from_c),
                max(problem.body_temp_c - freezing.upper_c, 0.0) / 2,
            ],
            dtype=np.float32,
        ),
    )


def initial_temperature_c(domain: Domain) -> Array32:
    """Temperature at the start of every voxel, ghosts included: those of a held face hold its temperature."""
    problem = domain.problem
    temp_c = np.full(domain.size, problem.body_temp_c, dtype=np.float32)
    if problem.initial_c is not None:
        temp_c[1:-1, 1:-1, 1:-1] = problem.initial_c
    for face, face_c in enumerate(np.ravel(problem.faces_c)):
        if not math.isnan(face_c):
            ghost: list[slice] = [slice(1, -1)] * 3
            ghost[face // 2] = slice(0, 1) if face % 2 == 0 else slice(-1, None)
            temp_c[tuple(ghost)] = face_c
    return temp_c.ravel()


def cell_values(of_material: Array32, material: npt.NDArray[np.uint16]) -> Array32:
    """A number per material, as one row of `cells`, for voxels of given materials."""
    values = np.empty(len(material), dtype=np.float32)
    by_material(material, of_material, values)
    return values


def _pair_tables(problem: ThermalProblem, columns: MaterialColumns) -> PairTables:
    """Between two voxels half of the way lies in each; to a held face, the half voxel alone, and its film if any."""
    count = len(columns.k_unfrozen)
    liquid, solid, plain = (np.zeros((count + 7, count + 7)) for _ in range(3))
    freezes = columns.k_plain == 0.0
    k_liquid = np.where(freezes, columns.k_unfrozen, columns.k_plain)
    k_solid = np.where(freezes, columns.k_frozen, columns.k_plain)
    either = freezes[:, None] | freezes[None, :]
    inner = (slice(count), slice(count))
    liquid[inner] = np.where(either, _series(k_liquid), 0.0)
    solid[inner] = np.where(either, _series(k_solid), 0.0)
    plain[inner] = np.where(either, 0.0, _series(columns.k_plain))
    films, faces = np.ravel(problem.faces_film_w_m2k), np.ravel(problem.faces_c)
    for face in range(FACES):
        ghost = count + face
        if math.isnan(faces[face]):
            continue
        if math.isinf(films[face]):
            liquid[:count, ghost] = liquid[ghost, :count] = np.where(freezes, 2 * columns.k_unfrozen, 0.0)
            solid[:count, ghost] = solid[ghost, :count] = np.where(freezes, 2 * columns.k_frozen, 0.0)
            plain[:count, ghost] = plain[ghost, :count] = 2 * columns.k_plain
        else:
            film = films[face] * problem.spacing_m
            plain[:count, ghost] = plain[ghost, :count] = 1 / (0.5 / k_liquid + (1 / film if film > 0 else math.inf))
    per_area = 1 / problem.spacing_m**2
    return PairTables(
        liquid=(liquid * per_area).astype(np.float32),
        solid=(solid * per_area).astype(np.float32),
        plain=(plain * per_area).astype(np.float32),
    )


def _series(conductivity: Array) -> Array:
    """Harmonic mean of every two."""
    total = conductivity[:, None] + conductivity[None, :]
    return np.asarray(2 * conductivity[:, None] * conductivity[None, :] / np.where(total == 0.0, 1.0, total))


def _cell_table(columns: MaterialColumns, body_temp_c: float) -> Array32:
    table = np.zeros((7, len(columns.perfusion) + 7), dtype=np.float32)
    flow_c = np.where(np.isnan(columns.flow_c), body_temp_c, columns.flow_c)
    rows = (
        1 / columns.capacity_cold,
        2 * columns.capacity_slope / columns.capacity_cold**2,
        1 / columns.capacity_mushy,
        1 / columns.capacity_warm,
        columns.enthalpy_warm,
        columns.perfusion,
        columns.perfusion * flow_c + columns.metabolism,
    )
    for row, values in zip(table, rows, strict=True):
        row[:-7] = values
    return table


def _front_table(columns: MaterialColumns, problem: ThermalProblem) -> Array32:
    freezes = columns.k_plain == 0.0
    k_frozen, k_unfrozen = (np.where(freezes, k, 1.0) for k in (columns.k_frozen, columns.k_unfrozen))
    liquid_c, solid_c = problem.freezing.potentials(np.array(problem.freezing.lower_c))
    table = np.zeros((3, len(freezes) + 7), dtype=np.float32)
    table[0, :-7] = np.where(freezes, problem.spacing_m**2 / k_frozen, 0.0)
    table[1, :-7] = np.where(freezes, -(k_unfrozen * liquid_c + k_frozen * solid_c) / k_frozen, 0.0)
    table[2, :-7] = np.where(freezes, k_frozen / k_unfrozen, 0.0)
    return table


def _padded_polynomials(freezing: Freezing) -> Array32:
    found = []
    for polynomial, size in ((freezing.mushy_liquid(), 3), (freezing.mushy_solid(), 8), (freezing.frozen(), 7)):
        coefficients = np.zeros(size, dtype=np.float32)
        coefficients[: len(polynomial.coef)] = polynomial.coef
        found.append(coefficients)
    return np.concatenate(found)


def _couple(probe: ProbeSource, problem: ThermalProblem, columns: MaterialColumns) -> CoupledProbe:
    coupling = couple_line(probe, problem.grid.shape, problem.spacing_m)
    material = problem.material.index.ravel()[coupling.voxel]
    weights = np.stack([columns.k_unfrozen[material], columns.k_frozen[material], columns.k_plain[material]], axis=1)
    conduct = np.add.reduceat(weights * coupling.weight[:, None], coupling.first[:-1], axis=0)
    shared = share_by_conductivity(coupling, columns.k_frozen[material] + columns.k_plain[material])
    return CoupledProbe(source=probe, coupling=replace(coupling, weight=shared), conduct=np.ascontiguousarray(conduct))
