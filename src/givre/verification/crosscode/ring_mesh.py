"""Graded meshes of rings around a probe: thin cells at its surface and at the ends of its active zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from givre.verification.crosscode.ring_kernels import ABSENT, HELD, SOLVED

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Painter = Callable[[Array, Array], Index]
"""Given r and z of cell centres [m], both of shape (z, r), the material of each."""

EDGE_M = 1e-7
"""Thickness of the outermost cells, which keep their temperature: a held surface to within this distance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingSpec:
    """What to mesh; lengths in m, z along the probe.

    Attributes:
        probe_radius_m: of the cooled cylinder.
        active_m: its ends (low z, high z); a low z of 0 with `mirrored` means the middle of the active zone.
        outer_m: radius of the domain.
        ends_m: low and high z of the domain.
        mirrored: whether z = 0 is a plane of symmetry; if not, the low end is held like all others.
        insulated_shaft: whether an insulated rod of the same radius goes on beyond the ends of the active zone, up to
            the ends of the domain; if not, tissue follows.
        cold_ends: whether those flat ends are cold; if not, no heat passes them.
        layers_m: radii at which the material changes.
        fine_m: radius and height up to which cells stay at most `size_m` long.
        size_m: longest cell there.
        tip_m: shortest cell, at the surface and at the ends of the active zone.
        growth: of the cell length with the distance from there.
    """

    probe_radius_m: float
    active_m: tuple[float, float]
    outer_m: float
    ends_m: tuple[float, float]
    mirrored: bool = True
    insulated_shaft: bool = False
    cold_ends: bool = True
    layers_m: tuple[float, ...] = ()
    fine_m: tuple[float, float] = (0.024, 0.04)
    size_m: float = 1e-3
    tip_m: float = 0.2e-3
    growth: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RingMesh:
    """Cells (z, r) and what the solver needs to know of them.

    Attributes:
        r_edges_m, z_edges_m: edges of the cells.
        kind: ABSENT, SOLVED or HELD.
        material: index of the property table.
        volume_m3: of each ring.
        halves_m: conductances from centres to faces over k, see `ring_kernels.linearise`.
        spec: what was asked for.
    """

    r_edges_m: Array
    z_edges_m: Array
    kind: Index
    material: Index
    volume_m3: Array
    halves_m: Array
    spec: RingSpec

    @property
    def r_m(self) -> Array:
        """Centres, shape (r,)."""
        return np.asarray((self.r_edges_m[1:] + self.r_edges_m[:-1]) / 2)

    @property
    def z_m(self) -> Array:
        """Centres, shape (z,)."""
        return np.asarray((self.z_edges_m[1:] + self.z_edges_m[:-1]) / 2)


def ring_mesh(spec: RingSpec, *, refine: int = 1, paint: Painter | None = None) -> RingMesh:
    """Mesh a spec; each cell is cut into `refine` x `refine` ones, so that meshes of one spec are one family."""
    radius = spec.probe_radius_m
    low, high = spec.active_m
    r_edges = _graded(
        [0.0, radius, *spec.layers_m, spec.fine_m[0], spec.outer_m - EDGE_M, spec.outer_m], [radius], spec, refine,
        fine=(radius, spec.fine_m[0]),
    )  # fmt: skip
    ends = [high] if spec.mirrored else [low, high]
    stops = [spec.ends_m[0], *([] if spec.mirrored else [spec.ends_m[0] + EDGE_M, low]), high]
    stops += [spec.ends_m[1] - EDGE_M, spec.ends_m[1]]
    if high < spec.fine_m[1] < spec.ends_m[1] - EDGE_M:
        stops.append(spec.fine_m[1])
    z_edges = _graded(sorted(stops), ends, spec, refine, fine=(-spec.fine_m[1], spec.fine_m[1]))
    r = (r_edges[1:] + r_edges[:-1])[None, :] / 2
    z = (z_edges[1:] + z_edges[:-1])[:, None] / 2
    inside = (r < radius) & (((z > low) & (z < high)) | spec.insulated_shaft)
    kind = np.where(inside, ABSENT, SOLVED).astype(np.int64)
    kind[:, -1] = HELD
    kind[-1, :] = HELD
    if not spec.mirrored:
        kind[0, :] = HELD
    kind[inside] = ABSENT
    material = np.zeros(kind.shape, dtype=np.int64) if paint is None else paint(r + 0 * z, z + 0 * r)
    ring = np.pi * (r_edges[1:] ** 2 - r_edges[:-1] ** 2)[None, :]
    height = np.diff(z_edges)[:, None]
    halves = np.zeros((6, *kind.shape))
    with np.errstate(divide="ignore"):
        inward = 2 * np.pi * height / np.log(r / r_edges[None, :-1])
    halves[0] = np.where(r_edges[None, :-1] > 0, inward, 0.0)
    halves[1] = 2 * np.pi * height / np.log(r_edges[None, 1:] / r)
    halves[2] = halves[3] = ring / (height / 2)
    _touch_probe(halves, spec, r_edges, z_edges)
    return RingMesh(
        r_edges_m=r_edges, z_edges_m=z_edges, kind=kind, material=material, volume_m3=ring * height,
        halves_m=halves, spec=spec,
    )  # fmt: skip


def _touch_probe(halves: Array, spec: RingSpec, r_edges: Array, z_edges: Array) -> None:
    """Conductance to the probe and area that it touches, in the cells beside it and beyond its ends."""
    low, high = spec.active_m
    column = int(np.argmin(np.abs(r_edges - spec.probe_radius_m)))
    z, height = (z_edges[1:] + z_edges[:-1]) / 2, np.diff(z_edges)
    beside = (z > low) & (z < high)
    halves[4, beside, column] = halves[0, beside, column]
    halves[5, beside, column] = 2 * np.pi * spec.probe_radius_m * height[beside]
    if spec.insulated_shaft or not spec.cold_ends:
        return
    rows = np.flatnonzero(beside)
    for row, face in ((rows[0] - 1, 3), (rows[-1] + 1, 2)):
        if row >= 0:
            halves[4, row, :column] = halves[face, row, :column]
            halves[5, row, :column] = np.pi * np.diff(r_edges**2)[:column]


def _graded(
    stops: list[float], features: list[float], spec: RingSpec, refine: int, *, fine: tuple[float, float]
) -> Array:
    """Edges that contain all stops, with cells as long as the spec asks for."""

    def size_m(x: Array) -> Array:
        near = np.min([spec.tip_m + spec.growth * np.abs(x - feature) for feature in features], axis=0)
        beyond = np.maximum(np.maximum(x - fine[1], fine[0] - x), 0.0)
        return np.asarray(np.minimum(near, spec.size_m + spec.growth * beyond))

    edges = [np.array([stops[0]])]
    for start, end in pairwise(stops):
        if end - start <= 2 * EDGE_M:
            edges.append(np.array([end]))
            continue
        x = np.linspace(start, end, 2001)
        density = 1 / size_m(x)
        count = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(x))])
        parts = max(1, int(np.ceil(count[-1] - 1e-9))) * refine
        inner = np.interp(np.linspace(0, count[-1], parts + 1)[1:], count, x)
        inner[-1] = end
        edges.append(inner)
    return np.concatenate(edges)
