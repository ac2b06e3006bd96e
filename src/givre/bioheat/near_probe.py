"""Temperatures closer to a probe than its kernel reaches: what spreading its heat has hidden, put back.

The heat of a probe is spread over balls of radius rho (see `line_source`), so that within rho of its axis the solver's
temperatures are warmer than real. What is missing is known: beyond rho a ball acts like a point, within it the
potential of a point that brings q lies above that of the ball by

    q / (4 pi) (1 / d - (1 + 5/4 (1 - x²) - 3/8 (1 - x⁴)) / rho),    x = d / rho,

and zero at d = rho, with its slope. 1 / d is integrated along the piece of the axis that the ball stands for. Where
materials meet, each voxel gets the fall of temperature that this makes in what the kernel averages. This changes no
heat and no step: it is how temperatures are read, at the end of each freeze and whenever the history keeps a row.

Validity: while a probe cools; steady within rho, as the solver's coupling is. Never colder than the wall of the probe.
Source: potential of a ball whose density falls like 1 - x², by Gauss's law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack

from givre.bioheat import cold_kernels
from givre.bioheat.domain import CoupledProbe, Domain
from givre.bioheat.line_source import kernel_radius_m
from givre.bioheat.near_kernels import Near, lowered
from givre.bioheat.probe_kernels import potentials_at

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

COLDEST_C = -196.0
TABLE_STEP_C = 0.2
"""Between two temperatures of which the potential is tabulated; it makes an error of less than 1e-4 °C."""
TABLE_ENTRIES = 4096
"""Of each table of temperatures: errors below 0.001 °C, 0.05 °C where freezing begins."""


@dataclass(frozen=True, slots=True, eq=False)
class NearProbes:
    """The voxels within the balls of any probe.

    Attributes:
        domain: the lattice.
        voxel: flat, of the domain with its ghosts, each once, sorted, shape (n,).
        near: what is hidden there.
    """

    domain: Domain
    voxel: Index
    near: Near

    @classmethod
    def of(cls, domain: Domain) -> NearProbes:
        """From the kernels of the probes."""
        none, probes, columns = np.zeros(0), domain.probes, domain.columns
        voxel = _in_domain(domain, np.unique(np.concatenate([none, *(p.coupling.voxel for p in probes)])))
        counts = [len(probe.coupling.log_ratio) for probe in probes]
        kernels = [_kernel(domain, probe, voxel) for probe in probes]
        hides = [_hides(domain, probe, voxel) for probe in probes]
        present, material = np.unique(domain.material[voxel], return_inverse=True)
        weights = np.stack([columns.k_unfrozen[present], columns.k_frozen[present], columns.k_plain[present]])
        conduct = np.concatenate([np.zeros((0, 3)), *(probe.conduct for probe in probes)])
        per_log = 2 * np.pi / np.concatenate([none, *(probe.coupling.log_ratio for probe in probes)])
        wall_per_k = np.repeat([_wall_per_k(probe) for probe in probes], counts)
        weight = _stacked(kernels, len(voxel))
        hidden = _hidden(_stacked(hides, len(voxel)), conduct, weights[:, material])
        first, per_step, table_c = _tables(domain, weights)
        near = Near(
            sample=np.column_stack([conduct, per_log, wall_per_k, np.repeat(np.arange(len(probes)), counts)]),
            weight=weight.data, weight_of=weight.indices.astype(np.int32), weight_first=weight.indptr.astype(np.int32),
            hidden=hidden.data, hidden_of=hidden.indices.astype(np.int32), hidden_first=hidden.indptr.astype(np.int32),
            voxel=np.column_stack([*np.vstack([weights, first, per_step])[:, material], material * TABLE_ENTRIES]),
            table_c=table_c,
        )  # fmt: skip
        return cls(domain=domain, voxel=voxel, near=near)

    def read_c(self, temp_c: Array32, surface_c: Array) -> Array32:
        """Temperatures of the voxels near probes [°C], never warmer than the solver's, shape (n,).

        A run that has diverged is read as it is.

        Args:
            temp_c: the solver's temperatures here [°C], shape (n,).
            surface_c: of each probe [°C], NaN while it exchanges no heat.
        """
        if not np.isfinite(temp_c).all():
            return temp_c
        domain = self.domain
        around = np.stack([*self._potentials(temp_c), temp_c], axis=1, dtype=np.float64)
        wall = np.array([(*potentials_at(t, domain.shape, domain.interval)[:2], t) for t in surface_c.tolist()])
        heat_w_m, wall_c = np.empty((2, len(self.near.sample)))
        read_c = np.empty(len(temp_c))
        lowered(around, wall, self.near, TABLE_ENTRIES, domain.shape, domain.interval, heat_w_m, wall_c, read_c)
        return np.asarray(read_c, dtype=np.float32)

    def _potentials(self, temp_c: Array32) -> tuple[Array32, Array32]:
        """A and B of some temperatures."""
        a, b = np.empty_like(temp_c), np.empty_like(temp_c)
        cold_kernels.potentials(temp_c, a, b, self.domain.shape, self.domain.interval)
        return a, b


def _tables(domain: Domain, weights: Array) -> tuple[Array, Array, Array]:
    """Temperature over conduction potential of materials of given (ku, kf, kp), shape (3, materials).

    Returns:
        Potential of the first entry and one over the step of each material; all tables one after another.
    """
    freezing = domain.problem.freezing
    temp_c = np.arange(COLDEST_C, max(domain.problem.body_temp_c, 40.0) + 1.0, TABLE_STEP_C)
    temp_c = np.union1d(temp_c, [freezing.lower_c, freezing.upper_c])
    potential = weights.T @ np.stack([*freezing.potentials(temp_c), temp_c])
    tables = [np.interp(np.linspace(p[0], p[-1], TABLE_ENTRIES), p, temp_c) for p in potential]
    per_step = (TABLE_ENTRIES - 1) / (potential[:, -1] - potential[:, 0])
    return potential[:, 0], per_step, np.concatenate([np.zeros(0), *tables])


def _wall_per_k(probe: CoupledProbe) -> float:
    resistance = probe.source.contact_resistance_m2k_w
    return 2 * math.pi * probe.source.radius_m / resistance if resistance > 0 else math.inf


def _in_domain(domain: Domain, voxel: Index) -> Index:
    """Flat voxels of the lattice without ghosts as flat voxels of the domain."""
    index = np.stack(np.unravel_index(voxel.astype(np.int64), domain.problem.grid.shape)) + 1
    return np.asarray(np.ravel_multi_index(tuple(index), domain.size), dtype=np.int64)


def _stacked(parts: list[csr_array], columns: int) -> csr_array:
    return csr_array(vstack(parts)) if parts else csr_array((0, columns))


def _hidden(even: csr_array, conduct: Array, weights: Array) -> csr_array:
    """What samples hide where materials meet: the same fall of temperature in each; heat flows beside gas, not in it.

    Args:
        even: potential hidden per heat per length in tissue all alike, shape (s, n).
        conduct: ku, kf, kp beside each sample, shape (s, 3).
        weights: of each voxel, shape (3, n).
    """
    beside, own = conduct[:, 1] + conduct[:, 2], weights[1] + weights[2]
    return csr_array((even * (1 / beside)[:, None]) * own[None, :]).T.tocsr()


def _kernel(domain: Domain, probe: CoupledProbe, near: Index) -> csr_array:
    """The kernel of each sample of a probe over the voxels near any probe, shape (samples, n)."""
    coupling = probe.coupling
    column = np.searchsorted(near, _in_domain(domain, coupling.voxel))
    return csr_array((coupling.weight, column, coupling.first), shape=(len(coupling.log_ratio), len(near)))


def _hides(domain: Domain, probe: CoupledProbe, near: Index) -> csr_array:
    """Potential that each sample of a probe hides per heat per length, shape (samples, n)."""
    spacing_m, coupling, source = domain.problem.spacing_m, probe.coupling, probe.source
    start, end = np.array(source.start_m), np.array(source.end_m)
    way = (end - start) / np.linalg.norm(end - start)
    place_m = (np.stack(np.unravel_index(near, domain.size), axis=1) - 1) * spacing_m - start
    along_m = place_m @ way
    across_m = np.sqrt(np.maximum((place_m**2).sum(axis=1) - along_m**2, 0.0))
    half_m = coupling.length_m / 2
    from_m = along_m[None, :] - ((np.arange(len(coupling.log_ratio)) + 0.5) * coupling.length_m)[:, None]
    radius_m = kernel_radius_m(source, spacing_m)
    across_m = np.maximum(across_m, source.radius_m)[None, :]
    x = np.sqrt(from_m**2 + across_m**2) / radius_m
    line = np.arcsinh((from_m + half_m) / across_m) - np.arcsinh((from_m - half_m) / across_m)
    ball = 2 * half_m / radius_m * (1 + 1.25 * (1 - x**2) - 0.375 * (1 - x**4))
    return csr_array(np.where(x < 1.0, (line - ball) / (4 * np.pi), 0.0))
