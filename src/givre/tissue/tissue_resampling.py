"""A tissue map on the simulation lattice, which often reaches beyond the CT."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.geometry.grid import Grid
from givre.tissue.notes import note
from givre.tissue.tissue_map import BONE_TISSUES, TissueMap


def resample_tissue(tissue_map: TissueMap, grid: Grid) -> TissueMap:
    """The tissue map on another lattice.

    Labels come from the nearest voxel. HU are trilinear; in bone they mix bone voxels only, so that the soft
    tissue beside it does not thin the cortex. Beyond the faces of the CT the nearest edge voxel is repeated, and
    `extrapolated_fraction` says for which share of the lattice that was done.
    """
    if grid == tissue_map.grid:
        return tissue_map
    is_bone = np.isin(tissue_map.labels, BONE_TISSUES)
    weight = is_bone.astype(np.float32)
    weighted = np.where(is_bone, tissue_map.hu, np.float32(0.0)).astype(np.float32)
    labels = np.empty(grid.shape, dtype=np.uint8)
    hu = np.empty(grid.shape, dtype=np.float32)
    flows = None if tissue_map.flow_index is None else np.empty(grid.shape, dtype=np.uint8)
    outside = 0
    rows = np.stack(np.meshgrid(np.arange(grid.shape[1]), np.arange(grid.shape[2]), indexing="ij"), axis=-1)
    for k in range(grid.shape[0]):  # slice by slice, to hold one slice of coordinates at a time
        index = np.concatenate([np.full((*rows.shape[:2], 1), k), rows], axis=-1)
        points_mm = grid.index_to_lps(index)
        outside += int((~tissue_map.grid.contains(points_mm)).sum())
        where = np.moveaxis(tissue_map.grid.lps_to_index(points_mm), -1, 0)
        labels[k] = _sampled(tissue_map.labels, where, order=0)
        if flows is not None and tissue_map.flow_index is not None:
            flows[k] = _sampled(tissue_map.flow_index, where, order=0)
        bone_share = _sampled(weight, where, order=1)
        bone_hu = _sampled(weighted, where, order=1) / np.maximum(bone_share, 1e-6)
        made_of_bone = np.isin(labels[k], BONE_TISSUES) & (bone_share > 1e-6)
        hu[k] = np.where(made_of_bone, bone_hu, _sampled(tissue_map.hu, where, order=1))
    fraction = outside / labels.size
    notes = tissue_map.notes
    if outside:
        notes += (note("outside_ct", share=f"{100 * fraction:.0f}"),)
    return TissueMap(
        grid=grid,
        labels=labels,
        hu=hu,
        notes=notes,
        extrapolated_fraction=fraction,
        flows=tissue_map.flows,
        flow_index=flows,
    )


def _sampled(values: npt.NDArray[np.generic], where: npt.NDArray[np.float64], *, order: int) -> npt.NDArray[np.float64]:
    sampled = ndimage.map_coordinates(values, where, order=order, mode="nearest", prefilter=False, output=np.float64)
    return np.asarray(sampled)
