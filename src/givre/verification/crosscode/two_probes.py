"""Two parallel probes in three dimensions with scikit-fem: both cylinders resolved, an eighth of space by symmetry.

Hexahedra: a mesh of the plane across the probes, whose lines run around the probe and then along the axes, repeated
along the probes. Same weak form as `finite_elements`; unknowns are steps of the Kirchhoff potential, for which the
system is symmetric, solved by conjugate gradients. BDF2 in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import LinearOperator, cg
from skfem import Basis, BilinearForm, ElementHex1, LinearForm, MeshHex

from givre.foundation.errors import SimulationError
from givre.verification.crosscode.plane_mesh import growing, plane_mesh
from givre.verification.crosscode.property_table import PropertyTable

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

LARGEST_MOVE_C = 5e-3
MOST_ITERATIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoProbes:
    """What is frozen; the probes lie at x = -half and +half, their middles at z = 0.

    Attributes:
        table: properties of the tissue.
        radius_mm, active_mm: of both probes, flat ends cold.
        apart_mm: between their axes.
        outer_mm: distance of the outer surfaces from the middle, held at body temperature.
        probe_c, body_c: temperatures.
        duration_s: of the freeze.
        steps: how many, growing with time.
        side, layers: cells around and away from a probe, see `plane_mesh`.
    """

    table: PropertyTable
    radius_mm: float = 0.75
    active_mm: float = 22.0
    apart_mm: float = 15.0
    outer_mm: float = 46.0
    probe_c: float = -140.0
    body_c: float = 37.0
    duration_s: float = 600.0
    steps: int = 40
    side: int = 8
    layers: int = 18


@BilinearForm  # type: ignore[untyped-decorator]  # scikit-fem ships no types
def _conduction(u: Any, v: Any, _: Any) -> Any:
    return u.grad[0] * v.grad[0] + u.grad[1] * v.grad[1] + u.grad[2] * v.grad[2]


@LinearForm  # type: ignore[untyped-decorator]  # scikit-fem ships no types
def _volume(v: Any, _: Any) -> Any:
    return 1.0 * v


@LinearForm  # type: ignore[untyped-decorator]  # scikit-fem ships no types
def _mean(v: Any, w: Any) -> Any:
    return w.of * v


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EighthOfSpace:
    """Tissue with x, y, z >= 0 and its temperatures at the end.

    Attributes:
        points_mm: nodes, shape (n, 3).
        temp_c: shape (n,).
        slope_c_mm: gradient at the nodes, shape (n, 3).
        edges: two nodes of each edge, shape (m, 2).
        newton, linear: iterations.
    """

    points_mm: Array
    temp_c: Array
    slope_c_mm: Array
    edges: Index
    newton: int
    linear: int

    def surface(self, isotherm_c: float) -> tuple[Array, Array]:
        """Where the edges of the mesh cross an isotherm [mm], and outward unit normals there, shape (n, 3)."""
        cold, warm = self.temp_c[self.edges].T
        crossed = (cold <= isotherm_c) != (warm <= isotherm_c)
        one, other = self.edges[crossed].T
        share = ((isotherm_c - self.temp_c[one]) / (self.temp_c[other] - self.temp_c[one]))[:, None]
        normal = (1 - share) * self.slope_c_mm[one] + share * self.slope_c_mm[other]
        normal /= np.linalg.norm(normal, axis=1)[:, None]
        return self.points_mm[one] + share * (self.points_mm[other] - self.points_mm[one]), normal


def solve_two_probes(case: TwoProbes) -> EighthOfSpace:
    """Solve one case.

    Raises:
        SimulationError: if Newton's method does not converge.
    """
    tissue = _mesh(case)
    basis = Basis(tissue, ElementHex1(), intorder=2)
    conduct, mass = csr_array(_conduction.assemble(basis)), _volume.assemble(basis)
    x, y, z = tissue.p
    outer_m, half_m = case.outer_mm / 1000, case.active_mm / 2000
    cold = (np.hypot(x - case.apart_mm / 2000, y) < case.radius_mm / 1000 + 1e-8) & (z < half_m + 1e-8)
    warm = (x > outer_m - 1e-8) | (y > outer_m - 1e-8) | (z > outer_m - 1e-8)
    free = np.flatnonzero(~cold & ~warm)
    temp_c = np.where(cold, case.probe_c, case.body_c)
    stored = before = case.table.enthalpy_j_m3(temp_c)
    newton, linear, last_s = 0, 0, np.inf
    for step_s in np.diff(case.duration_s * (np.arange(case.steps + 1) / case.steps) ** 2):
        ratio = step_s / last_s
        past = (-(1 + ratio) * stored + ratio**2 / (1 + ratio) * before) / step_s
        weight = (1 + 2 * ratio) / (1 + ratio) / step_s
        temp_c, iterations, inner = _advance(case, (conduct, mass, free), temp_c, past=past, weight=float(weight))
        before, stored, last_s = stored, case.table.enthalpy_j_m3(temp_c), step_s
        newton, linear = newton + iterations, linear + inner
    slopes = basis.interpolate(temp_c).grad
    return EighthOfSpace(
        points_mm=tissue.p.T * 1000,
        temp_c=temp_c,
        slope_c_mm=np.stack([_mean.assemble(basis, of=slope) / mass for slope in slopes], axis=1) / 1000,
        edges=tissue.edges.T,
        newton=newton,
        linear=linear,
    )


def _advance(
    case: TwoProbes, matrices: tuple[Any, Array, Index], temp_c: Array, *, past: Array, weight: float
) -> tuple[Array, int, int]:
    conduct, mass, free = matrices
    counted = [0]

    def count(_: Array) -> None:
        counted[0] += 1

    inner = conduct[free][:, free]
    for iteration in range(1, MOST_ITERATIONS + 1):
        state = case.table.state(temp_c, case.body_c)
        right = mass * (weight * state.enthalpy + past - state.blood) + conduct @ state.potential
        storage = (mass * (weight * state.capacity - state.blood_slope) / state.conductivity)[free]
        matrix = inner + diags_array(storage)
        scale = 1 / matrix.diagonal()
        jacobi = LinearOperator(matrix.shape, matvec=lambda v, scale=scale: scale * v)
        move, _ = cg(matrix, -right[free], rtol=1e-3, M=jacobi, callback=count, maxiter=2000)
        moved_c = temp_c.copy()
        moved_c[free] += move / state.conductivity[free]
        for kink_c in case.table.kinks_c:
            moved_c = np.where((temp_c > kink_c) & (moved_c < kink_c - 0.05), kink_c - 0.05, moved_c)
            moved_c = np.where((temp_c <= kink_c) & (moved_c > kink_c + 0.05), kink_c + 0.05, moved_c)
        change_c = float(np.abs(moved_c - temp_c).max())
        temp_c = moved_c
        if change_c < LARGEST_MOVE_C:
            return temp_c, iteration, counted[0]
    raise SimulationError("two probes in three dimensions: Newton's method does not converge; take more steps")


def _mesh(case: TwoProbes) -> Any:
    """The hexahedra of the tissue in an eighth of space."""
    plane, quads, in_disc = plane_mesh(
        half=case.apart_mm / 2000,
        radius=case.radius_mm / 1000,
        outer=case.outer_mm / 1000,
        side=case.side,
        layers=case.layers,
    )
    half_m, outer_m = case.active_mm / 2000, case.outer_mm / 1000
    below, above = growing(half_m, 0.2e-3, 1.5e-3), growing(outer_m - half_m, 0.2e-3, 4e-3, growth=1.25)
    heights = np.concatenate([half_m - below[::-1], half_m + above[1:]])
    count = plane.shape[1]
    points = np.concatenate([np.vstack([plane, np.full(count, z)]) for z in heights], axis=1)
    a, b, c, d = quads  # anticlockwise; scikit-fem's corners are 000 001 010 100 011 101 110 111 in (x, y, z)
    one = np.stack([a, a + count, d, b, d + count, b + count, c, c + count])
    cells = np.concatenate([one + n * count for n in range(len(heights) - 1)], axis=1)
    middle = np.repeat((heights[1:] + heights[:-1]) / 2, quads.shape[1])
    inside = np.tile(in_disc, len(heights) - 1) & (middle < half_m)
    mesh = MeshHex(np.ascontiguousarray(points), np.ascontiguousarray(cells))
    return mesh.restrict(np.flatnonzero(~inside))
