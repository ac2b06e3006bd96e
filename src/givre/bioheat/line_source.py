"""A cryoprobe thinner than a voxel: a line source spread by a kernel, exchanging heat through a logarithm.

Around a thin probe the conduction potential is logarithmic in the distance to its axis. The heat that the probe
brings per length, q', is spread over the voxels by a smooth kernel of radius rho. Averaging the potential with
the same kernel gives what a thin cylinder of radius r_eff would have at its wall, so that

    q' = 2 pi (Theta(T_surface) - <Theta>) / ln(r_eff / r_probe),
    ln r_eff = double integral of kernel(x) kernel(y) ln|x - y|   over the plane across the probe.

For the kernel 1 - (r/rho)² in space, r_eff = 0.5835 rho whatever the place and direction of the probe between
the voxels. On a lattice of spacing h the average comes out slightly too cold, because differences over h smooth
less than derivatives; to leading order ln r_eff is smaller by  0.2604 m4 (h/rho)²,  m4 being the mean of
k_x⁴ + k_y⁴ + k_z⁴ over unit vectors across the probe (3/4 along an axis, 1/2 along a space diagonal).
The kernel's weights add up to one, so no heat is lost.

Where materials meet at the probe, each voxel takes part in proportion to how well it conducts when frozen, both in
the average and in the heat it gives: gas beside the probe neither feeds it nor freezes.

Validity: k(T) near the probe is a local average; time since start > r_eff² / diffusivity,
a few seconds; temperatures closer to the axis than rho are warmer than real, none of them warmer than at rho.
Source: Peaceman, SPE J 18 (1978) 183 (well index); Koch et al., J Comput Phys 410 (2020) 109369 (line sources).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import ProbeSource
from givre.foundation.errors import SimulationError

Array = npt.NDArray[np.float64]

KERNEL_RADIUS_VOXELS = 2.5
"""Kernel radius in voxels: wide enough that the answer does not feel where the probe lies between voxels."""

KERNEL_RADIUS_PROBES = 3.0
"""Least kernel radius in probe radii. The middle of the kernel is as cold as the wall of a cylinder of 0.43 rho, less
what the lattice adds: at three radii it stays warmer than the probe."""

LOG_EFFECTIVE_RADIUS = -0.5387056627590474
"""ln(r_eff / rho) of the kernel 1 - (r/rho)² integrated along the probe, by quadrature."""

LATTICE_CORRECTION = 25 / 96
"""2 pi h²/12 times the integral of the squared kernel across the probe, 25 / (16 pi rho²), over (h/rho)²."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LineCoupling:
    """How one probe touches the voxels: n samples along it, each with its kernel weights (a sparse matrix).

    Attributes:
        first: where each sample's weights begin, shape (n + 1,).
        voxel: flat voxel index of each weight.
        weight: kernel weights; those of one sample add up to 1.
        length_m: length of probe that each sample stands for.
        log_ratio: ln(r_eff / r_probe) for each sample, smaller near the ends of the active zone, shape (n,).
    """

    first: npt.NDArray[np.int64]
    voxel: npt.NDArray[np.int64]
    weight: Array
    length_m: float
    log_ratio: Array


def kernel_radius_m(probe: ProbeSource, spacing_m: float) -> float:
    """Radius of the balls over which the heat of a probe is spread [m]."""
    return max(KERNEL_RADIUS_VOXELS * spacing_m, KERNEL_RADIUS_PROBES * probe.radius_m)


def couple_line(probe: ProbeSource, shape: tuple[int, int, int], spacing_m: float) -> LineCoupling:
    """The kernel weights of one probe on a lattice.

    Raises:
        SimulationError: if the kernel reaches beyond the lattice.
    """
    start, end = np.array(probe.start_m), np.array(probe.end_m)
    length_m = float(np.linalg.norm(end - start))
    samples = max(2, round(2 * length_m / spacing_m))
    along = (np.arange(samples) + 0.5) / samples
    centres = start + along[:, None] * (end - start)
    radius_m = kernel_radius_m(probe, spacing_m)
    reach = int(np.ceil(radius_m / spacing_m)) + 1
    offsets = np.stack(np.meshgrid(*([np.arange(-reach, reach + 1)] * 3), indexing="ij"), axis=-1).reshape(-1, 3)
    counts, voxels, weights = [0], [], []
    for centre in centres:
        index = np.rint(centre / spacing_m).astype(np.int64) + offsets
        squared = ((index * spacing_m - centre) ** 2).sum(axis=1) / radius_m**2
        near = squared < 1
        index, weight = index[near], 1 - squared[near]
        if (index < 0).any() or (index >= np.array(shape)).any():
            raise SimulationError(
                f"probe {probe.label}: its active zone comes within {radius_m * 1000:.1f} mm of the edge of the "
                "domain; enlarge the domain margin"
            )
        voxels.append(np.ravel_multi_index(tuple(index.T), shape))
        weights.append(weight / weight.sum())
        counts.append(counts[-1] + len(weight))
    return LineCoupling(
        first=np.array(counts, dtype=np.int64),
        voxel=np.concatenate(voxels).astype(np.int64),
        weight=np.concatenate(weights),
        length_m=length_m / samples,
        log_ratio=_log_ratio(probe, along * length_m, length_m, radius_m)
        - LATTICE_CORRECTION * _fourth_moment((end - start) / length_m) * (spacing_m / radius_m) ** 2,
    )


def share_by_conductivity(coupling: LineCoupling, conductivity_w_mk: Array) -> Array:
    """The kernel weights, each times the conductivity of its voxel, adding up to 1 for each sample again.

    Args:
        coupling: the kernel.
        conductivity_w_mk: of the voxel of each weight, frozen, same shape as `coupling.weight`.
    """
    weighted = coupling.weight * conductivity_w_mk
    per_sample = np.add.reduceat(weighted, coupling.first[:-1])
    return np.asarray(weighted / np.repeat(per_sample, np.diff(coupling.first)))


def _log_ratio(probe: ProbeSource, along_m: Array, length_m: float, radius_m: float) -> Array:
    """ln(r_eff / r_probe) for samples at given distances from one end [m]: half of it comes from each side.

    The potential of a line seen at a distance r, less that seen at r_eff, is 1/(4 pi) times the integral of
    1/sqrt(s² + r²) - 1/sqrt(s² + r_eff²) over the line, an asinh that reaches ln(r_eff / r) / (4 pi) on each side only
    where the line goes on for several r_eff.
    """
    effective_m = radius_m * np.exp(LOG_EFFECTIVE_RADIUS)

    def one_side(reach_m: Array) -> Array:
        return np.asarray(np.arcsinh(reach_m / probe.radius_m) - np.arcsinh(reach_m / effective_m))

    return np.asarray((one_side(along_m) + one_side(length_m - along_m)) / 2)


def _fourth_moment(direction: Array) -> float:
    """Mean of k_x⁴ + k_y⁴ + k_z⁴ over unit vectors perpendicular to `direction`.

    >>> round(_fourth_moment(np.array([1.0, 0.0, 0.0])), 6)
    0.75
    """
    helper = np.eye(3)[int(np.argmin(np.abs(direction)))]
    one = np.cross(direction, helper)
    one /= np.linalg.norm(one)
    other = np.cross(direction, one)
    angle = np.arange(16) * np.pi / 16
    across = np.cos(angle)[:, None] * one + np.sin(angle)[:, None] * other
    return float((across**4).sum(axis=1).mean())
