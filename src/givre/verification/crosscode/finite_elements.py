"""The same cases by finite elements, with scikit-fem: temperatures at nodes, enthalpy in the time derivative.

Axisymmetric weak form (weight r) on quadrilaterals. In each material the Kirchhoff potential and the enthalpy are
functions of the nodal temperature, interpolated by the elements (product approximation); storage and blood are lumped
at the nodes, for else a sudden cold wall warms its neighbours. BDF2 in time, Newton's method with a sparse LU
factorisation in each step. Shared with the finite volumes: property tables, mesh lines and the lengths of the steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import splu
from skfem import Basis, BilinearForm, ElementQuad1, ElementQuad2, FacetBasis, LinearForm, MeshQuad

from givre.foundation.errors import SimulationError
from givre.verification.crosscode.axisymmetric import RingProblem, steps_of
from givre.verification.crosscode.property_table import PropertyTable
from givre.verification.crosscode.ring_kernels import ABSENT
from givre.verification.crosscode.ring_mesh import EDGE_M

Array = npt.NDArray[np.float64]

LARGEST_MOVE_C = 1e-3
"""Newton ends when no nodal temperature moves more."""

MOST_ITERATIONS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ElementRun:
    """What comes out: nodal temperatures on the lines of the mesh.

    Attributes:
        r_m, z_m: coordinates of the lines.
        temp_c: shape (z, r), that of the probe inside it.
        unknowns: how many.
        steps, newton: numbers of steps and of iterations.
    """

    r_m: Array
    z_m: Array
    temp_c: Array
    unknowns: int
    steps: int
    newton: int


@BilinearForm  # type: ignore[untyped-decorator]  # scikit-fem ships no types
def _conduction(u: Any, v: Any, w: Any) -> Any:
    return w.x[0] * w.own * (u.grad[0] * v.grad[0] + u.grad[1] * v.grad[1])


@LinearForm  # type: ignore[untyped-decorator]  # scikit-fem ships no types
def _weight(v: Any, w: Any) -> Any:
    return w.x[0] * w.own * v


@BilinearForm  # type: ignore[untyped-decorator]  # scikit-fem ships no types
def _contact(u: Any, v: Any, w: Any) -> Any:
    return w.x[0] * u * v


def solve_elements(problem: RingProblem, *, quadratic: bool = False) -> ElementRun:
    """Solve one problem on the lines of its mesh.

    Args:
        problem: as for the finite volumes; a probe that only cools is taken to be colder than the tissue throughout.
        quadratic: quadratic elements instead of bilinear ones.

    Raises:
        SimulationError: if Newton's method does not converge.
    """
    domain = _Domain.of(problem, quadratic=quadratic)
    body_c = problem.body_temp_c
    temp_c = np.full(domain.basis.N, body_c)
    stored = domain.stored_j(temp_c)
    before = stored
    time_s, last_s, steps, newton = 0.0, 0.0, 0, 0
    for step_s, fresh in steps_of(problem):
        ratio = 0.0 if fresh else step_s / last_s
        weight = (1 + 2 * ratio) / (1 + ratio) / step_s
        past = (-(1 + ratio) * stored + ratio**2 / (1 + ratio) * before) / step_s
        on = problem.history.mode_at(time_s + step_s / 2) != "none"
        time_s, last_s = time_s + step_s, step_s
        wall_c = problem.history.temp_at_c(time_s)
        temp_c, iterations = _advance(domain, problem, temp_c, past=past, weight=weight, wall_c=wall_c if on else None)
        if iterations == 0:
            raise SimulationError(f"the finite elements do not converge at {time_s:.3f} s; shorten the steps")
        before, stored = stored, domain.stored_j(temp_c)
        steps, newton = steps + 1, newton + iterations
    return domain.on_lines(temp_c, problem, steps, newton)


def _advance(
    domain: _Domain, problem: RingProblem, temp_c: Array, *, past: Array, weight: float, wall_c: float | None
) -> tuple[Array, int]:
    """Temperatures after one step and the iterations it took, 0 if it did not converge."""
    resistance = problem.contact_resistance_m2k_w
    temp_c = temp_c.copy()
    held = domain.held
    if wall_c is not None and resistance == 0:
        temp_c[domain.wall] = wall_c
        held = np.union1d(held, domain.wall)
    free = np.setdiff1d(np.arange(domain.basis.N), held)
    for iteration in range(1, MOST_ITERATIONS + 1):
        right, matrix = domain.linearised(temp_c, weight, problem.body_temp_c)
        right = right + past
        if wall_c is not None and resistance > 0:
            matrix = matrix + domain.contact / resistance
            right = right + domain.contact @ (temp_c - wall_c) / resistance
        move = splu(matrix[free][:, free].tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0).solve(
            -right[free]
        )
        temp_c[free] = _limited(temp_c[free], move, domain.kinks_c)
        if np.abs(move).max() < LARGEST_MOVE_C:
            return temp_c, iteration
    return temp_c, 0


def _limited(temp_c: Array, move: Array, kinks_c: tuple[float, ...]) -> Array:
    """Moved temperatures, none farther than just beyond a temperature at which the heat capacity jumps."""
    moved = temp_c + move
    for kink_c in kinks_c:
        moved = np.where((temp_c > kink_c) & (moved < kink_c - 0.05), np.maximum(moved, kink_c - 0.05), moved)
        moved = np.where((temp_c <= kink_c) & (moved > kink_c + 0.05), np.minimum(moved, kink_c + 0.05), moved)
    return np.asarray(moved)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Domain:
    """Mesh, elements and who is held at what."""

    basis: Any
    masses: tuple[Array, ...]
    conducts: tuple[Any, ...]
    tables: tuple[PropertyTable, ...]
    kinks_c: tuple[float, ...]
    held: npt.NDArray[np.int64]
    wall: npt.NDArray[np.int64]
    contact: Any
    lines_m: tuple[Array, Array]

    @classmethod
    def of(cls, problem: RingProblem, *, quadratic: bool) -> _Domain:
        rings = problem.mesh
        spec = rings.spec
        r, z = _without_edges(rings.r_edges_m), _without_edges(rings.z_edges_m)
        whole = MeshQuad.init_tensor(r, z)
        middle = whole.p[:, whole.t].mean(axis=1)
        row = np.searchsorted(rings.z_edges_m, middle[1]) - 1
        column = np.searchsorted(rings.r_edges_m, middle[0]) - 1
        kept = np.flatnonzero(rings.kind[row, column] != ABSENT)
        mesh = whole.restrict(kept)
        element = ElementQuad2() if quadratic else ElementQuad1()
        basis = Basis(mesh, element, intorder=4 if quadratic else 3)
        low, high = spec.active_m
        tiny = 1e-9

        def share_of(points: Any, n: int) -> Array:
            return np.broadcast_to((material == n)[:, None], points.dx.shape).astype(float)

        def on_probe(x: Array) -> Array:
            side = (np.abs(x[0] - spec.probe_radius_m) < tiny) & (x[1] > low) & (x[1] < high)
            ends = (x[0] < spec.probe_radius_m) & (np.minimum(abs(x[1] - low), abs(x[1] - high)) < tiny)
            return np.asarray(side | ends if spec.cold_ends and not spec.insulated_shaft else side)

        def on_edge(x: Array) -> Array:
            edge = (x[0] > r[-1] - tiny) | (x[1] > z[-1] - tiny)
            return np.asarray(edge if spec.mirrored else edge | (x[1] < z[0] + tiny))

        material = rings.material[row[kept], column[kept]]
        nodal = Basis(mesh, element, quadrature=_nodal_points(quadratic=quadratic))
        probe_facets = mesh.facets_satisfying(on_probe, boundaries_only=True)
        return cls(
            basis=basis,
            masses=tuple(_weight.assemble(nodal, own=share_of(nodal, n)) for n in range(len(problem.tables))),
            conducts=tuple(
                csr_array(_conduction.assemble(basis, own=share_of(basis, n))) for n in range(len(problem.tables))
            ),
            tables=problem.tables,
            kinks_c=tuple(sorted({kink for table in problem.tables for kink in table.kinks_c})),
            held=basis.get_dofs(mesh.facets_satisfying(on_edge, boundaries_only=True)).flatten(),
            wall=basis.get_dofs(probe_facets).flatten(),
            contact=_contact.assemble(FacetBasis(mesh, element, facets=probe_facets)),
            lines_m=(r, z),
        )

    def stored_j(self, temp_c: Array) -> Array:
        """Enthalpy that each node stands for, over 2 pi, shape (nodes,)."""
        return np.asarray(sum(m * t.state(temp_c, 0.0).enthalpy for m, t in zip(self.masses, self.tables, strict=True)))

    def linearised(self, temp_c: Array, weight: float, body_c: float) -> tuple[Array, Any]:
        """Enthalpy over the step less the heat that each node gets, over 2 pi, and its derivative by temperature."""
        right, matrix = np.zeros(len(temp_c)), None
        for mass, conduct, table in zip(self.masses, self.conducts, self.tables, strict=True):
            state = table.state(temp_c, body_c)
            right += mass * (weight * state.enthalpy - state.blood) + conduct @ state.potential
            own = diags_array(mass * (weight * state.capacity - state.blood_slope))
            part = own + conduct @ diags_array(state.conductivity)
            matrix = part if matrix is None else matrix + part
        return right, matrix

    def on_lines(self, temp_c: Array, problem: RingProblem, steps: int, newton: int) -> ElementRun:
        """Nodal temperatures as an array over the lines of the mesh."""
        r, z = self.lines_m
        mesh = self.basis.mesh
        inside_c = problem.history.temp_at_c(problem.duration_s)
        field = np.full((len(z), len(r)), inside_c)
        corner = self.basis.nodal_dofs[0]
        field[np.searchsorted(z, mesh.p[1] - 1e-9), np.searchsorted(r, mesh.p[0] - 1e-9)] = temp_c[corner]
        return ElementRun(r_m=r, z_m=z, temp_c=field, unknowns=self.basis.N, steps=steps, newton=newton)


def _nodal_points(*, quadratic: bool) -> tuple[Array, Array]:
    """Quadrature whose points are the nodes of the element, so that what a node stores depends on it alone."""
    one, weight = (
        (np.array([0.0, 0.5, 1.0]), np.array([1, 4, 1]) / 6)
        if quadratic
        else (np.array([0.0, 1.0]), np.array([0.5, 0.5]))
    )
    x, y = np.meshgrid(one, one, indexing="ij")
    return np.stack([x.ravel(), y.ravel()]), np.outer(weight, weight).ravel()


def _without_edges(edges_m: Array) -> Array:
    """Mesh lines without the thin cells that the finite volumes need to hold a surface."""
    kept = np.concatenate([[True], np.diff(edges_m) > 2 * EDGE_M])
    lines = edges_m[kept]
    if edges_m[1] - edges_m[0] < 2 * EDGE_M:
        lines = np.concatenate([[edges_m[0]], lines[lines > edges_m[1]]])
    lines[-1] = edges_m[-1] if edges_m[-1] - lines[-1] < 2 * EDGE_M else lines[-1]
    return np.asarray(lines)
