"""A smaller lattice cut out of a wide one, voxel by voxel the same, with the same points read on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from givre.geometry.grid import Grid, Point
from givre.geometry.volume import Volume
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import PlanFigures, QuickLook, Sampling
from givre.planning.uncertainty.fields import FieldReader

Index = npt.NDArray[np.int64]
Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
"""First and end of some voxels along (k, j, i)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearLattice:
    """The voxels of a wide lattice that the figures of a plan need.

    Attributes:
        start: its first voxel in the wide lattice, (k, j, i).
        look: reads the figures; the organs are those on it.
        reader: keeps a few values of the fields.
        resting_c: coldest place of each organ that the cold does not reach and that is left out [°C].
        hidden_at_most_c: a run may hide as much cooling beyond its edge, see `boundary_drop_c`; as much did a run
            whose figures were compared with those of the wide lattice.
    """

    start: tuple[int, int, int]
    look: QuickLook
    reader: FieldReader
    resting_c: Mapping[str, float]
    hidden_at_most_c: float = 0.0

    @property
    def prepared(self) -> PreparedCase:
        """The case on it."""
        return self.look.prepared

    def whole(self, figures: PlanFigures, organs: Mapping[str, Sampling]) -> PlanFigures:
        """Figures with the organs that are left out, in the order of all organs."""
        coldest_c = {**self.resting_c, **figures.organ_coldest_c}
        return replace(figures, organ_coldest_c={name: coldest_c[name] for name in organs})


def box_around(inside: npt.NDArray[np.bool_], voxels: int) -> Box:
    """The box that holds a mask and so many voxels on each side of it, cut at the edge of the lattice.

    >>> box_around(np.array([[[False, False, True, False]]]), 1)
    ((0, 1), (0, 1), (1, 4))
    """
    spans = []
    for axis in range(3):
        found = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
        first, end = (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)
        spans.append((max(first - voxels, 0), min(end + voxels, inside.shape[axis])))
    return (spans[0], spans[1], spans[2])


def cut_out(look: QuickLook, box: Box, *, resting_c: Mapping[str, float]) -> NearLattice:
    """The part of a case inside a box.

    The points of the tumour and of its margin must lie inside; organs are read at those of theirs that do.

    Args:
        look: of the wide lattice.
        box: the voxels to keep.
        resting_c: the organs to leave out, with the temperature they are given [°C].
    """
    inside = _flat_inside(look.prepared.grid, box)
    prepared = _cut_case(look.prepared, box)
    near = replace(
        look,
        prepared=prepared,
        tumour=_cut_sampling(look.tumour, inside),
        shell=_cut_sampling(look.shell, inside),
        surface=_cut_sampling(look.surface, inside),
        organs={name: _cut_sampling(organ, inside) for name, organ in look.organs.items() if name not in resting_c},
        is_whole=dict.fromkeys(look.organs, True),  # what is left out was seen to be warmer on the wide lattice
    )
    return NearLattice(
        start=(box[0][0], box[1][0], box[2][0]),
        look=near,
        reader=FieldReader.of(near),
        resting_c=dict(resting_c),
    )


def holds_tumour(look: QuickLook, near: NearLattice) -> bool:
    """Whether every point of the tumour and of its margin lies on the smaller lattice."""
    return all(
        len(getattr(near.look, part).points_mm) == len(getattr(look, part).points_mm)
        for part in ("tumour", "shell", "surface")
    )


def _flat_inside(grid: Grid, box: Box) -> Index:
    """Flat indices in the wide lattice of the voxels of a box, in the order of the smaller one."""
    index = np.ix_(*(np.arange(first, end) for first, end in box))
    return np.ravel_multi_index(index, grid.shape).ravel().astype(np.int64)


def _cut_sampling(sampling: Sampling, inside: Index) -> Sampling:
    """The points that are read from voxels inside alone."""
    cut = sampling.weights.tocsc()[:, inside].tocsr()
    kept = np.flatnonzero(np.diff(cut.indptr) == np.diff(sampling.weights.indptr))
    return Sampling(points_mm=sampling.points_mm[kept], weights=sparse.csr_matrix(cut[kept]))


def _cut_case(prepared: PreparedCase, box: Box) -> PreparedCase:
    wide, tissue_map = prepared.grid, prepared.tissue_map
    part = tuple(slice(first, end) for first, end in box)
    corner = wide.index_to_lps(np.array([first for first, _ in box]))
    grid = replace(
        wide,
        shape=(box[0][1] - box[0][0], box[1][1] - box[1][0], box[2][1] - box[2][0]),
        origin_mm=_point(corner),
    )
    flow_index = tissue_map.flow_index
    cut_map = replace(
        tissue_map,
        grid=grid,
        labels=np.ascontiguousarray(tissue_map.labels[part]),
        hu=np.ascontiguousarray(tissue_map.hu[part]),
        flow_index=None if flow_index is None else np.ascontiguousarray(flow_index[part]),
    )
    material = replace(prepared.material, grid=grid, index=np.ascontiguousarray(prepared.material.index[part]))
    return replace(
        prepared,
        ct=Volume(grid=grid, values=cut_map.hu, unit="HU"),
        masks={},
        tissue_map=cut_map,
        material=material,
    )


def _point(position: npt.NDArray[np.float64]) -> Point:
    x, y, z = (float(value) for value in position)
    return (x, y, z)
