"""The cold box: the part of the domain where tissue freezes or soon will, with arrays of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from givre.bioheat import cold_kernels
from givre.bioheat.domain import FACES, OUTSIDE, CoupledProbe, Domain, Number, Size, cell_values
from givre.bioheat.fill_kernels import by_pair
from givre.bioheat.surround import Box, Surround

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Seam:
    """The faces between the box and the surround.

    Attributes:
        outside, inside: voxels on both sides, flat in the domain, shape (n,).
        voxel: those inside, flat in the box.
        conduct: over h² [W/m³K].
        heat: two rows of gains [J/m³] and one of first rates, shape (3, n).
        first: where the faces begin whose lower voxel lies in each plane of the domain, ghosts counted, shape (k + 3,).
    """

    outside: Index
    inside: Index
    voxel: Index
    conduct: Array32
    heat: Array32
    first: Index


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """All samples of all probes, their kernels as dense runs over the voxels that any probe touches.

    Attributes: see `probe_kernels.exchange`.
    """

    first: Index
    voxel: Index
    run_first: Index
    run_voxel: Index
    weight: Array32
    conduct: Array
    two_pi_over_log: Array
    length_m: Array


@dataclass(slots=True, eq=False)
class ColdBox:
    """A box of voxels computed with freezing.

    Attributes:
        box: where it lies in the domain.
        size: with ghosts.
        fields: rows as in `cold_kernels`.
        front: how each voxel freezes while a sharp front crosses it, rows as in `cold_kernels`; None where the freezing
            interval is wide.
        parity: which set of A, B, T is up to date.
        has_ghosts: whether a face of the domain that conducts bounds it.
        seam: its faces to the surround.
        hole: the voxels that the surround leaves out, shape (3, 2); empty if nothing surrounds the box.
        sources: the probes.
    """

    box: Box
    size: Size
    fields: Array32
    front: Array32 | None
    parity: int
    has_ghosts: bool
    seam: Seam
    hole: Box
    sources: Sources

    @property
    def temp_c(self) -> npt.NDArray[np.float32]:
        """Temperatures in the box, shape (k, j, i)."""
        flat: Array32 = self.fields[3 * self.parity + 2]
        return flat.reshape(self.size)[1:-1, 1:-1, 1:-1]


def open_box(domain: Domain, surround: Surround, sources: Sources, box: Box, overlap: int) -> ColdBox:
    """Cut a box out of the domain, whose enthalpy and temperatures must be up to date.

    Args:
        domain: the domain.
        surround: temperatures of all voxels.
        sources: of the domain.
        box: what to cut.
        overlap: how many layers of the box the surround computes too, as a guess.
    """
    size = tuple(int(end - first) + 2 for first, end in box)
    around = tuple(slice(int(first) - 1, int(end) + 1) for first, end in box)
    material = domain.material.reshape(domain.size)[around].copy()
    count = material.dtype.type(len(domain.columns.perfusion) + OUTSIDE)
    for axis in range(3):
        for end, is_open in ((0, box[axis, 0] > 1), (-1, box[axis, 1] < domain.size[axis] - 1)):
            if is_open:
                layer: list[slice | int] = [slice(None)] * 3
                layer[axis] = end
                material[tuple(layer)] = count
    flat = material.ravel()
    rows = cold_kernels.FIELDS_WITH_PLAIN if domain.has_plain else cold_kernels.FIELDS
    fields = np.empty((rows, len(flat)), dtype=np.float32)
    fields.fill(0.0)
    for row in range(7):
        target = cold_kernels.COLD + row if row < 5 else cold_kernels.PERFUSION + row - 5
        fields[target] = cell_values(domain.cells[row], flat)
    if surround.stopped is not None:
        stopped = surround.stopped.reshape(domain.size)[around].ravel()
        fields[cold_kernels.PERFUSION][stopped] = 0.0
        fields[cold_kernels.METABOLISM][stopped] = 0.0
    steps = (1, size[2], size[1] * size[2])
    tables = [(cold_kernels.LIQUID_I, domain.pairs.liquid), (cold_kernels.SOLID_I, domain.pairs.solid)]
    tables += [(cold_kernels.PLAIN_I, domain.pairs.plain)] if domain.has_plain else []
    for first_row, table in tables:
        for axis, step in enumerate(steps):
            by_pair(flat, step, table, fields[first_row + axis])
    fields[cold_kernels.ENTHALPY] = domain.enthalpy.reshape(domain.size)[around].ravel()
    fields[cold_kernels.T0] = surround.u.reshape(domain.size)[around].ravel() + np.float32(domain.problem.body_temp_c)
    cold_kernels.potentials(
        fields[cold_kernels.T0], fields[cold_kernels.A0], fields[cold_kernels.B0], domain.shape, domain.interval
    )
    fields[cold_kernels.A1 : cold_kernels.T1 + 1] = fields[cold_kernels.A0 : cold_kernels.T0 + 1]
    faces = np.ravel(domain.problem.faces_c)
    at_edge = np.ravel([(box[a, 0] == 1, box[a, 1] == domain.size[a] - 1) for a in range(3)])
    return ColdBox(
        box=box,
        size=(size[0], size[1], size[2]),
        fields=fields,
        front=_front(domain, fields, flat),
        parity=0,
        has_ghosts=any(bool(at_edge[n]) and not math.isnan(faces[n]) for n in range(FACES)),
        seam=_seam(domain, surround, box, (size[0], size[1], size[2])),
        hole=_hole(domain, box, overlap),
        sources=_in_box(sources, domain, box, (size[0], size[1], size[2])),
    )


def _front(domain: Domain, fields: Array32, material: npt.NDArray[np.uint16]) -> Array32 | None:
    if domain.fronts is None:
        return None
    front = np.zeros((cold_kernels.FRONT_ROWS, len(material)), dtype=np.float32)
    front[cold_kernels.ICY] = front[cold_kernels.WET] = fields[cold_kernels.MUSHY]
    front[cold_kernels.WARM_UP_FROM] = fields[cold_kernels.WARM_FROM]
    front[cold_kernels.MIDDLE] = fields[cold_kernels.WARM_FROM] / 2
    for n in range(3):
        front[cold_kernels.PER_SOLID + n] = cell_values(domain.fronts[n], material)
    return front


def _hole(domain: Domain, box: Box, overlap: int) -> Box:
    limits = np.array([(1, n - 1) for n in domain.size])
    hole = box + np.where(box == limits, 0, np.array([overlap, -overlap]))
    return np.asarray(hole)


def _seam(domain: Domain, surround: Surround, box: Box, size: Size) -> Seam:
    outside, inside, voxel, conduct = [], [], [], []
    strides = (domain.size[1] * domain.size[2], domain.size[2], 1)
    own_strides = (size[1] * size[2], size[2], 1)
    for axis in range(3):
        for is_high in (False, True):
            if box[axis, 1 if is_high else 0] == (domain.size[axis] - 1 if is_high else 1):
                continue
            spans = [np.arange(first, end) for first, end in box]
            spans[axis] = np.array([box[axis, 1] - 1 if is_high else box[axis, 0]])
            k, j, i = np.meshgrid(*spans, indexing="ij")
            own = (k * strides[0] + j * strides[1] + i).ravel()
            other = own + (strides[axis] if is_high else -strides[axis])
            inside.append(own)
            outside.append(other)
            conduct.append(surround.fields[6 - axis][np.minimum(own, other)])
            near = np.stack([k.ravel(), j.ravel(), i.ravel()], axis=1) - (box[:, 0] - 1)
            voxel.append(near @ np.array(own_strides))
    if not inside:
        empty, planes = np.zeros(0, dtype=np.int64), np.zeros(domain.size[0] + 1, dtype=np.int64)
        return Seam(empty, empty, empty, np.zeros(0, np.float32), np.zeros((3, 0), np.float32), planes)
    own, other = np.concatenate(inside), np.concatenate(outside)
    lower = np.minimum(own, other) // strides[0]
    order = np.argsort(lower, kind="stable")
    return Seam(
        outside=other[order].astype(np.int64),
        inside=own[order].astype(np.int64),
        voxel=np.concatenate(voxel)[order].astype(np.int64),
        conduct=np.concatenate(conduct)[order],
        heat=np.zeros((3, len(own)), dtype=np.float32),
        first=np.searchsorted(lower[order], np.arange(domain.size[0] + 1)).astype(np.int64),
    )


def all_sources(domain: Domain) -> Sources:
    """Dense runs: along each probe, the voxels its kernels touch are put in the order of their distance along it.

    Voxels are counted in the domain; `open_box` counts them in its box.
    """
    voxels, weights, lengths, first = [], [], [], []
    run_voxel: list[int] = []
    run_first: list[int] = [0]
    offset = 0
    for probe in domain.probes:
        touched, matrix = _dense(probe)
        index = np.stack(np.unravel_index(touched, domain.problem.grid.shape), axis=1) + 1
        order = np.argsort(index @ (np.array(probe.source.end_m) - np.array(probe.source.start_m)), kind="stable")
        matrix = matrix[:, order]
        first.append((len(run_voxel), offset))
        voxels.append(np.ravel_multi_index(tuple(index[order].T), domain.size))
        for row in matrix:
            used = np.flatnonzero(row)
            run_voxel.append(offset + used[0])
            weights.append(row[used[0] : used[-1] + 1])
            run_first.append(run_first[-1] + used[-1] + 1 - used[0])
            lengths.append(probe.coupling.length_m)
        offset += len(touched)
    first.append((len(run_voxel), offset))
    return Sources(
        first=np.column_stack([first, [*_groups(voxels), -1]]).astype(np.int64),
        voxel=_joined(voxels, np.int64),
        run_first=np.array(run_first, dtype=np.int64),
        run_voxel=np.array(run_voxel, dtype=np.int64),
        weight=_joined(weights, np.float32),
        conduct=np.concatenate([probe.conduct for probe in domain.probes]) if voxels else np.zeros((0, 3)),
        two_pi_over_log=_joined([2 * math.pi / probe.coupling.log_ratio for probe in domain.probes], np.float64),
        length_m=np.array(lengths, dtype=np.float64),
    )


def _groups(voxels: list[Index]) -> list[int]:
    """A number for each probe, the same for probes that touch common voxels, directly or through others."""
    groups = list(range(len(voxels)))
    for one, other in combinations(range(len(voxels)), 2):
        if groups[one] != groups[other] and np.intersect1d(voxels[one], voxels[other]).size:
            groups = [groups[one] if group == groups[other] else group for group in groups]
    numbers = {group: n for n, group in enumerate(dict.fromkeys(groups))}
    return [numbers[group] for group in groups]


def _in_box(sources: Sources, domain: Domain, box: Box, size: Size) -> Sources:
    index = np.stack(np.unravel_index(sources.voxel, domain.size), axis=1) - (box[:, 0] - 1)
    return replace(sources, voxel=(index @ np.array([size[1] * size[2], size[2], 1])).astype(np.int64))


def _dense(probe: CoupledProbe) -> tuple[Index, Array]:
    """The distinct voxels of a probe's kernels and the weights of each sample over them."""
    coupling = probe.coupling
    touched, column = np.unique(coupling.voxel, return_inverse=True)
    matrix = np.zeros((len(coupling.first) - 1, len(touched)))
    matrix[np.repeat(np.arange(len(matrix)), np.diff(coupling.first)), column] = coupling.weight
    return touched, matrix


def _joined(parts: list[npt.NDArray[Any]], kind: type[Number]) -> npt.NDArray[Number]:
    return np.concatenate(parts).astype(kind) if parts else np.zeros(0, dtype=kind)
