"""Bone along straight paths, read from the CT: how much of it, how much cortex, and whether a drill is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.case.description import TUMOUR
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Mask, Volume
from givre.tissue.hu_thresholds import HuThresholds
from givre.tissue.labelling import BONE_NAMES

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Tool = Literal["needle", "drill"]

SAMPLE_MM = 0.25
COARSE_SAMPLE_MM = 0.75
FEW_PATHS = 50
"""More are read at the coarser spacing."""
_AT_ONCE = 2000
_SHORTEST_MM = 1.0
"""Without a bone mask, shorter stretches of high HU are noise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoneAlong:
    """Bone along n paths; the tumour is not bone, but cortex left in it is cortex.

    Attributes:
        bone_mm: length through bone, shape (n,).
        cortex_mm: length through cortex, shape (n,).
        thickest_cortex_mm: longest unbroken stretch of cortex, shape (n,).
    """

    bone_mm: Array
    cortex_mm: Array
    thickest_cortex_mm: Array

    def tool(self, path: int, *, drill_from_mm: float) -> Tool:
        """Whether one path needs a drill; what is not known needs one."""
        return "needle" if self.thickest_cortex_mm[path] < drill_from_mm else "drill"

    def needs_drill(self, drill_from_mm: float) -> Flags:
        """Whether each path needs a drill, shape (n,)."""
        return ~(self.thickest_cortex_mm < drill_from_mm)


def bone_along(
    ct: Volume, masks: Mapping[str, Mask], starts_mm: Array, ends_mm: Array, *, thresholds: HuThresholds
) -> BoneAlong:
    """Read the bone along n paths.

    With a bone mask bone is what the mask holds; without one, what is as dense as bone for a millimetre or more.
    Cortex is bone at or above `cortical_min_hu`. A cortex thinner than a voxel reads lower than it is.

    Args:
        ct: the planning CT.
        masks: drawn structures by name.
        starts_mm: LPS, shape (n, 3).
        ends_mm: LPS, shape (n, 3).
        thresholds: HU of bone and cortex.
    """
    spacing_mm = SAMPLE_MM if len(starts_mm) <= FEW_PATHS else COARSE_SAMPLE_MM
    bone, tumour = _union(masks, BONE_NAMES), _union(masks, (TUMOUR,))
    parts = [
        _bone_along(
            ct, (bone, tumour), starts_mm[at : at + _AT_ONCE], ends_mm[at : at + _AT_ONCE], thresholds, spacing_mm
        )
        for at in range(0, len(starts_mm), _AT_ONCE)
    ]
    whole = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0))
    return BoneAlong(bone_mm=whole[0], cortex_mm=whole[1], thickest_cortex_mm=whole[2])


def _bone_along(  # noqa: PLR0917 - the same arguments for every part
    ct: Volume,
    drawn_masks: tuple[Mask | None, Mask | None],
    starts_mm: Array,
    ends_mm: Array,
    thresholds: HuThresholds,
    spacing_mm: float,
) -> Array:
    """Length through bone, through cortex and through its thickest stretch [mm], shape (3, n)."""
    length_mm = np.linalg.norm(ends_mm - starts_mm, axis=1)
    longest = float(np.nanmax(length_mm, initial=0.0))
    count = max(2, int(np.ceil(longest / spacing_mm)))
    share = (np.arange(count) + 0.5) / count
    points = starts_mm[:, None, :] + share[None, :, None] * (ends_mm - starts_mm)[:, None, :]
    step_mm = length_mm / count
    hu = sample_at(ct, points)
    drawn, tumour = (_membership(mask, points) for mask in drawn_masks)
    if drawn is None:
        dense = hu >= thresholds.bone_min_hu
        is_bone = _longer_than(dense, np.ceil(_SHORTEST_MM / np.maximum(step_mm, 1e-9)))
    else:
        is_bone = drawn
    is_cortex = is_bone & (hu >= thresholds.cortical_min_hu)
    unknown = np.isnan(length_mm)
    only_bone = is_bone if tumour is None else is_bone & ~tumour
    found = [only_bone.sum(axis=1) * step_mm, is_cortex.sum(axis=1) * step_mm, _longest_run(is_cortex) * step_mm]
    return np.stack([np.where(unknown, np.nan, values) for values in found])


def _union(masks: Mapping[str, Mask], names: tuple[str, ...]) -> Mask | None:
    """The structures of these names as one; None without any."""
    chosen = [mask for name, mask in masks.items() if name.lower().split("_")[0] in names]
    if not chosen:
        return None
    return Mask(grid=chosen[0].grid, inside=np.logical_or.reduce([mask.inside for mask in chosen]), name=names[0])


def _membership(mask: Mask | None, points_mm: Array) -> Flags | None:
    """Whether each point lies in the structure, shape of the points; None without one."""
    if mask is None:
        return None
    index = np.moveaxis(mask.grid.lps_to_index(points_mm), -1, 0)
    inside = ndimage.map_coordinates(
        mask.inside.view(np.uint8), np.nan_to_num(index, nan=-9.0), order=0, mode="constant"
    )
    return np.asarray(inside > 0)


def _longest_run(flags: Flags) -> npt.NDArray[np.int64]:
    """Most flags in a row, for each row of (n, m)."""
    run = np.zeros(flags.shape[0], dtype=np.int64)
    best = run.copy()
    for column in flags.T:
        run = np.where(column, run + 1, 0)
        best = np.maximum(best, run)
    return best


def _longer_than(flags: Flags, least: Array) -> Flags:
    """The flags that stand in runs of at least so many, for each row of (n, m)."""
    result = np.zeros_like(flags)
    for row, line in enumerate(flags):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
        for first, after in zip(edges[::2], edges[1::2], strict=True):
            if after - first >= least[row]:
                result[row, first:after] = True
    return result
