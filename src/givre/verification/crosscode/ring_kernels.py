"""The compiled part of the axisymmetric reference: properties, fluxes, Newton's method and its linear solver.

Arrays are indexed (z, r). Rows of the linear system have the potentials Theta of the cells as unknowns and are scaled
to a unit diagonal. It is solved by BiCGStAB, preconditioned by tridiagonal solves along r and then along z, so
that thin cells cost nothing.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

ABSENT, SOLVED, HELD = 0, 1, 2
"""A cell inside the probe, an ordinary cell, a cell that keeps its temperature."""

KINK_STEP_J_M3 = 100.0
"""Where Newton stops beyond a jump of the heat capacity that it meets: 0.04 mK inside a freezing interval."""


@numba.njit(cache=True, inline="always")
def _row(value: float, column: int, table: Array, first: int, last: int) -> int:
    """The interval of a table (rows first to last - 1) that holds a value of an increasing column."""
    low, high = first, last - 1
    while low < high:
        middle = (low + high + 1) // 2
        if table[middle, column] <= value:
            low = middle
        else:
            high = middle - 1
    return low


@numba.njit(cache=True)
def potential_at(temp_c: float, table: Array, first: int, last: int) -> tuple[float, float]:
    """Theta [W/m] and k [W/mK] of one material at a temperature."""
    row = _row(temp_c, 0, table, first, last)
    beyond = temp_c - table[row, 0]
    k = table[row, 5] + beyond * table[row, 6]
    return table[row, 2] + beyond * (table[row, 5] + beyond * table[row, 6] / 2), k


@numba.njit(cache=True)
def update_properties(
    enthalpy: Array, material: Index, kind: Index, table: Array, first: Index, body_c: float, out: Array
) -> None:
    """Fill T, Theta, k, c, blood heat and its derivative (the six planes of `out`) from the enthalpy."""
    for z in range(enthalpy.shape[0]):
        for r in range(enthalpy.shape[1]):
            if kind[z, r] == ABSENT:
                continue
            m = material[z, r]
            row = _row(enthalpy[z, r], 1, table, first[m], first[m + 1])
            gained = enthalpy[z, r] - table[row, 1]
            c0 = table[row, 3]
            beyond = 2 * gained / (c0 + np.sqrt(max(c0 * c0 + 2 * table[row, 4] * gained, 0.0)))
            temp_c = table[row, 0] + beyond
            perfusion = table[row, 7] + beyond * table[row, 8]
            out[0, z, r] = temp_c
            out[1, z, r] = table[row, 2] + beyond * (table[row, 5] + beyond * table[row, 6] / 2)
            out[2, z, r] = table[row, 5] + beyond * table[row, 6]
            out[3, z, r] = c0 + beyond * table[row, 4]
            out[4, z, r] = perfusion * (body_c - temp_c) + table[row, 9] + beyond * table[row, 10]
            out[5, z, r] = table[row, 8] * (body_c - temp_c) - perfusion + table[row, 10]


@numba.njit(cache=True)
def _face(
    g_a: float, g_b: float, a: tuple[float, float], b: tuple[float, float], m_a: int, m_b: int, table: Array,
    first: Index,
) -> tuple[float, float, float]:  # fmt: skip
    """Heat that flows from cell b into cell a [W], and its derivatives by -Theta_a and by Theta_b.

    Args:
        g_a, g_b: conductance from each centre to the face, over k [m].
        a, b: T and Theta of both cells.
        m_a, m_b: their materials; where they differ, the temperature of the face is found by Newton's method.
    """
    if m_a == m_b:
        g = g_a * g_b / (g_a + g_b)
        return g * (b[1] - a[1]), g, g
    low, high = min(a[0], b[0]), max(a[0], b[0])
    temp_c = (a[0] + b[0]) / 2
    theta_a, k_a = potential_at(temp_c, table, first[m_a], first[m_a + 1])
    theta_b, k_b = potential_at(temp_c, table, first[m_b], first[m_b + 1])
    for _ in range(60):
        excess = g_a * (theta_a - a[1]) - g_b * (b[1] - theta_b)
        if excess > 0:
            high = temp_c
        else:
            low = temp_c
        stepped = temp_c - excess / (g_a * k_a + g_b * k_b)
        if not low <= stepped <= high:
            stepped = (low + high) / 2
        moved = abs(stepped - temp_c)
        temp_c = stepped
        theta_a, k_a = potential_at(temp_c, table, first[m_a], first[m_a + 1])
        theta_b, k_b = potential_at(temp_c, table, first[m_b], first[m_b + 1])
        if moved < 1e-10:
            break
    total = g_a * k_a + g_b * k_b
    return g_a * (theta_a - a[1]), g_a * g_b * k_b / total, g_a * g_b * k_a / total


@numba.njit(cache=True)
def _wall(
    g: float, per_k: float, own: tuple[float, float], wall_c: float, table: Array, first: int, last: int
) -> tuple[float, float]:
    """Heat from the probe into a cell [W] and its derivative by -Theta of the cell; `per_k` is contact area / R."""
    if per_k == np.inf:
        theta, _ = potential_at(wall_c, table, first, last)
        return g * (theta - own[1]), g
    low, high = min(wall_c, own[0]), max(wall_c, own[0])
    temp_c = (low + high) / 2
    theta, k = potential_at(temp_c, table, first, last)
    for _ in range(60):
        excess = g * (theta - own[1]) - per_k * (wall_c - temp_c)
        if excess > 0:
            high = temp_c
        else:
            low = temp_c
        stepped = temp_c - excess / (g * k + per_k)
        if not low <= stepped <= high:
            stepped = (low + high) / 2
        moved = abs(stepped - temp_c)
        temp_c = stepped
        theta, k = potential_at(temp_c, table, first, last)
        if moved < 1e-10:
            break
    return per_k * (wall_c - temp_c), per_k * g / (per_k + g * k)


@numba.njit(cache=True)
def _neighbours(
    z: int, r: int, state: Array, material: Index, kind: Index, table: Array, first: Index, halves: Array,
    stencil: Array,
) -> tuple[float, float, float]:  # fmt: skip
    """Heat from the four neighbours of a cell, its derivative by -Theta, and how much came from held cells [W]."""
    gained, slope, from_held = 0.0, 0.0, 0.0
    own = (state[0, z, r], state[1, z, r])
    for n, dz, dr in ((0, 0, -1), (1, 0, 1), (2, -1, 0), (3, 1, 0)):
        zz, rr = z + dz, r + dr
        if zz < 0 or rr < 0 or zz >= kind.shape[0] or rr >= kind.shape[1] or kind[zz, rr] == ABSENT:
            continue
        there = (state[0, zz, rr], state[1, zz, rr])
        heat, by_own, by_other = _face(
            halves[n, z, r], halves[n ^ 1, zz, rr], own, there, material[z, r], material[zz, rr], table, first
        )
        gained += heat
        slope += by_own
        if kind[zz, rr] == SOLVED:
            stencil[n, z, r] = -by_other
        else:
            from_held += heat
    return gained, slope, from_held


@numba.njit(cache=True)
def linearise(
    enthalpy: Array, past: Array, per_step: float, state: Array, material: Index, kind: Index, table: Array,
    first: Index, volume: Array, halves: Array, probe: tuple[float, float, int], stencil: Array, residual: Array,
) -> tuple[float, float, float]:  # fmt: skip
    """Fill residual and stencil, both over the diagonal; return the heat from probe, blood and held cells [W].

    Args:
        enthalpy, past: now, and the weighted sum of the instants before [J/m³].
        per_step: weight of the present over the step [1/s]; `past` is already over the step [W/m³].
        state: from `update_properties`.
        volume: of the cells [m³].
        halves: conductance over k from the centre of each cell to its faces at low r, high r, low z, high z and to
            the probe [m], and the area of the probe that it touches [m²], shape (6, z, r).
        probe: temperature, contact resistance, mode (0 no exchange, 1 takes heat only, 2 both ways).
        stencil: weights of the neighbours at low r, high r, low z, high z, shape (4, z, r).
    """
    nz, nr = enthalpy.shape
    wall_c, resistance, mode = probe
    from_probe, from_blood, from_held = 0.0, 0.0, 0.0
    for z in range(nz):
        for r in range(nr):
            for n in range(4):
                stencil[n, z, r] = 0.0
            residual[z, r] = 0.0
            if kind[z, r] != SOLVED:
                continue
            m = material[z, r]
            k, c = state[2, z, r], state[3, z, r]
            own = (state[0, z, r], state[1, z, r])
            gained = volume[z, r] * state[4, z, r]
            from_blood += gained
            diagonal = volume[z, r] * (per_step * c - state[5, z, r]) / k
            through, slope, held = _neighbours(z, r, state, material, kind, table, first, halves, stencil)
            gained += through
            diagonal += slope
            from_held += held
            if mode > 0 and halves[4, z, r] > 0.0:
                per_k = halves[5, z, r] / resistance if resistance > 0 else np.inf
                heat, by_own = _wall(halves[4, z, r], per_k, own, wall_c, table, first[m], first[m + 1])
                if mode == 2 or heat < 0.0:
                    gained += heat
                    diagonal += by_own
                    from_probe += heat
            residual[z, r] = (volume[z, r] * (per_step * enthalpy[z, r] + past[z, r]) - gained) / diagonal
            for n in range(4):
                stencil[n, z, r] /= diagonal
    return from_probe, from_blood, from_held


@numba.njit(cache=True)
def _times(stencil: Array, x: Array, out: Array) -> None:
    nz, nr = x.shape
    for z in range(nz):
        for r in range(nr):
            total = x[z, r]
            if r > 0:
                total += stencil[0, z, r] * x[z, r - 1]
            if r < nr - 1:
                total += stencil[1, z, r] * x[z, r + 1]
            if z > 0:
                total += stencil[2, z, r] * x[z - 1, r]
            if z < nz - 1:
                total += stencil[3, z, r] * x[z + 1, r]
            out[z, r] = total


@numba.njit(cache=True)
def _factor(stencil: Array, pivot_r: Array, pivot_z: Array) -> None:
    """Reciprocal pivots of the tridiagonal systems along r and along z."""
    nz, nr = pivot_r.shape
    for z in range(nz):
        pivot_r[z, 0] = 1.0
        for r in range(1, nr):
            pivot_r[z, r] = 1.0 / (1.0 - stencil[0, z, r] * stencil[1, z, r - 1] * pivot_r[z, r - 1])
    for r in range(nr):
        pivot_z[0, r] = 1.0
    for z in range(1, nz):
        for r in range(nr):
            pivot_z[z, r] = 1.0 / (1.0 - stencil[2, z, r] * stencil[3, z - 1, r] * pivot_z[z - 1, r])


@numba.njit(cache=True)
def _along_r(stencil: Array, pivot: Array, right: Array, out: Array) -> None:
    """Solve every row as if its neighbours above and below were zero."""
    nz, nr = right.shape
    for z in range(nz):
        out[z, 0] = right[z, 0]
        for r in range(1, nr):
            out[z, r] = right[z, r] - stencil[0, z, r] * pivot[z, r - 1] * out[z, r - 1]
        out[z, nr - 1] *= pivot[z, nr - 1]
        for r in range(nr - 2, -1, -1):
            out[z, r] = (out[z, r] - stencil[1, z, r] * out[z, r + 1]) * pivot[z, r]


@numba.njit(cache=True)
def _add_along_z(stencil: Array, pivot: Array, work: Array, out: Array) -> None:
    """Add the solution along z for what the solve along r left over: its coupling along z."""
    nz, nr = out.shape
    for z in range(nz):
        for r in range(nr):
            left = 0.0
            if z > 0:
                left -= stencil[2, z, r] * (out[z - 1, r] + pivot[z - 1, r] * work[z - 1, r])
            if z < nz - 1:
                left -= stencil[3, z, r] * out[z + 1, r]
            work[z, r] = left
    for z in range(nz - 1, -1, -1):
        for r in range(nr):
            if z < nz - 1:
                work[z, r] -= stencil[3, z, r] * work[z + 1, r]
            work[z, r] *= pivot[z, r]
            out[z, r] += work[z, r]


@numba.njit(cache=True)
def _dot(one: Array, other: Array) -> float:
    total = 0.0
    for z in range(one.shape[0]):
        for r in range(one.shape[1]):
            total += one[z, r] * other[z, r]
    return total


@numba.njit(cache=True)
def _walk(x: Array, rest: Array, share: float, way: Array, image: Array) -> None:
    for z in range(x.shape[0]):
        for r in range(x.shape[1]):
            x[z, r] += share * way[z, r]
            rest[z, r] -= share * image[z, r]


@numba.njit(cache=True)
def solve_linear(stencil: Array, right: Array, x: Array, work: Array, reduce_to: float) -> int:
    """BiCGStAB: fill x, return the iterations; `work` holds ten arrays, the residual falls by `reduce_to`.

    Source: van der Vorst, SIAM J Sci Stat Comput 13 (1992) 631.
    """
    rest, shadow, p, p_hat, v, s_hat, t, pivot_r, pivot_z, line = (
        work[0], work[1], work[2], work[3], work[4], work[5], work[6], work[7], work[8], work[9],
    )  # fmt: skip
    _factor(stencil, pivot_r, pivot_z)
    x[:] = 0.0
    rest[:] = right
    shadow[:] = right
    p[:] = 0.0
    v[:] = 0.0
    rho, alpha, omega = 1.0, 1.0, 1.0
    start = _dot(right, right)
    if start == 0.0:
        return 0
    for iteration in range(1, 201):
        rho_new = _dot(shadow, rest)
        if rho_new == 0.0:
            return iteration
        beta = rho_new / rho * alpha / omega
        rho = rho_new
        for z in range(x.shape[0]):
            for r in range(x.shape[1]):
                p[z, r] = rest[z, r] + beta * (p[z, r] - omega * v[z, r])
        _along_r(stencil, pivot_r, p, p_hat)
        _add_along_z(stencil, pivot_z, line, p_hat)
        _times(stencil, p_hat, v)
        alpha = rho / _dot(shadow, v)
        _walk(x, rest, alpha, p_hat, v)
        if _dot(rest, rest) < reduce_to**2 * start:
            return iteration
        _along_r(stencil, pivot_r, rest, s_hat)
        _add_along_z(stencil, pivot_z, line, s_hat)
        _times(stencil, s_hat, t)
        omega = _dot(t, rest) / _dot(t, t)
        _walk(x, rest, omega, s_hat, t)
        if _dot(rest, rest) < reduce_to**2 * start:
            return iteration
    return 200


@numba.njit(cache=True)
def correct(enthalpy: Array, state: Array, x: Array, material: Index, kind: Index, kinks: Array) -> float:
    """Move the enthalpy by c/k times x, no farther than just beyond a kink; return the largest move [J/m³]."""
    largest = 0.0
    for z in range(enthalpy.shape[0]):
        for r in range(enthalpy.shape[1]):
            if kind[z, r] != SOLVED:
                continue
            old = enthalpy[z, r]
            new = old - state[3, z, r] / state[2, z, r] * x[z, r]
            largest = max(largest, abs(new - old))
            for n in range(kinks.shape[1]):
                kink = kinks[material[z, r], n]
                if old > kink and new < kink - KINK_STEP_J_M3:
                    new = max(new, kink - KINK_STEP_J_M3)
                elif old <= kink and new > kink + KINK_STEP_J_M3:
                    new = min(new, kink + KINK_STEP_J_M3)
            enthalpy[z, r] = new
    return largest
