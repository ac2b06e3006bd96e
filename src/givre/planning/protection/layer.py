"""A layer of gas or fluid drawn between the ice and an organ, on the lattice of the CT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.bioheat.run import ThermalRun
from givre.case.goals import OrganAtRisk
from givre.geometry.grid import Grid, Point
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Mask, Volume
from givre.planning.protection.tables import LayerLimits
from givre.tissue.tissue_map import Tissue

Flags = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]

FREE_NAMES = ("body", "muscle", "iliopsoas", "psoas", "autochthon", "gluteus", "fat")
"""Drawn structures that a layer may lie in; every other drawn structure is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """A layer.

    Attributes:
        mask: on the lattice of the CT.
        thickness_mm: from the organ.
        centre_mm: LPS point of it nearest to its centre of mass.
        volume_ml: of it.
        open_share: share of the place it should take that tissue lets it take; the rest is bone or another structure.
    """

    mask: Mask
    thickness_mm: float
    centre_mm: Point
    volume_ml: float
    open_share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerRoom:
    """Where a layer beside one organ could lie; everything that does not depend on its thickness.

    Attributes:
        grid: lattice of the CT.
        window: part of it that is looked at.
        distance_mm: of each voxel of the window to the cold part of the organ, from surface to surface.
        is_faced: whether a voxel lies on the ice side, outside the organ.
        is_open: whether tissue lets a layer in there.
    """

    grid: Grid
    window: tuple[slice, slice, slice]
    distance_mm: Array
    is_faced: Flags
    is_open: Flags

    def layer(self, thickness_mm: float, name: str) -> Layer | None:
        """The layer of a thickness; None where there is no room for any of it."""
        wanted = self.is_faced & (self.distance_mm <= thickness_mm)
        inside = wanted & self.is_open
        inside = _largest_piece(inside)
        if not inside.any():
            return None
        whole = np.zeros(self.grid.shape, dtype=np.bool_)
        whole[self.window] = inside
        mask = Mask(grid=self.grid, inside=whole, name=name)
        points = self.grid.index_to_lps(np.argwhere(whole))
        centre = points[int(np.argmin(np.linalg.norm(points - points.mean(axis=0), axis=1)))]
        return Layer(
            mask=mask,
            thickness_mm=thickness_mm,
            centre_mm=(float(centre[0]), float(centre[1]), float(centre[2])),
            volume_ml=mask.volume_ml,
            open_share=float(inside.sum() / wanted.sum()),
        )


def layer_room(
    organ: OrganAtRisk,
    masks: Mapping[str, Mask],
    labels: npt.NDArray[np.uint8],
    run: ThermalRun,
    *,
    limits: LayerLimits,
    tissues: tuple[Tissue, ...],
) -> LayerRoom | None:
    """Where a layer beside an organ could lie.

    It covers the organ where it gets cold, and `around_mm` around that, on the side that gets colder than the organ.

    Args:
        organ: to be protected.
        masks: structures by name, on the lattice of the CT.
        labels: tissue of each voxel of that lattice.
        run: of the plan without protection.
        limits: of a layer.
        tissues: that it may take the place of.

    Returns:
        None where no part of the organ gets that cold.
    """
    mask = masks[organ.structure]
    grid, spacing = mask.grid, np.array(mask.grid.spacing_mm)
    coldest = Volume(grid=run.grid, values=run.coldest_c, unit="degC")
    inside = np.argwhere(mask.inside)
    organ_c = sample_at(coldest, grid.index_to_lps(inside), outside=37.0)
    cold = inside[organ_c <= organ.alarm_temp_c + limits.beyond_alarm_c]
    if not len(cold):
        return None
    border = np.ceil((limits.most_thickness_mm + limits.around_mm) / spacing).astype(int) + 2
    low = np.maximum(cold.min(axis=0) - border, 0)
    high = np.minimum(cold.max(axis=0) + border + 1, grid.shape)
    window = (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))
    organ_here = mask.inside[window]
    core = np.zeros(organ_here.shape, dtype=np.bool_)
    core[tuple((cold - low).T)] = True
    near = ndimage.distance_transform_edt(~core, sampling=spacing) <= limits.around_mm
    covered = core | (near & organ_here)
    centres_mm, nearest = ndimage.distance_transform_edt(~covered, sampling=spacing, return_indices=True)
    points = grid.index_to_lps(np.moveaxis(np.indices(organ_here.shape), 0, -1).reshape(-1, 3) + low)
    here_c = sample_at(coldest, points, outside=37.0).reshape(organ_here.shape)
    colder = here_c <= here_c[tuple(nearest)] + 0.5
    is_open = np.isin(labels[window], np.array([int(tissue) for tissue in tissues], dtype=np.uint8))
    for name, other in masks.items():
        if not any(name == free or name.startswith(f"{free}_") for free in FREE_NAMES):
            is_open &= ~other.inside[window]
    return LayerRoom(
        grid=grid,
        window=window,
        distance_mm=np.asarray(centres_mm - spacing.min() / 2.0),
        is_faced=~organ_here & colder,
        is_open=is_open & ~organ_here,
    )


def _largest_piece(inside: Flags) -> Flags:
    """One injection fills one piece."""
    pieces, count = ndimage.label(inside, structure=np.ones((3, 3, 3)))
    if count <= 1:
        return inside
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray(pieces == int(np.argmax(sizes)))
