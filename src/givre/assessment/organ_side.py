"""An organ is read on its own side of gas and of fluids that are held warm: there temperature jumps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.geometry.grid import Grid

Flags = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StandIns:
    """Voxels of the organ that stand in for voxels of gas or fluid beside it, and for tissue on the other side of them.

    Gas conducts thirty times less than tissue: nearly the whole step of temperature lies within it, and the surface
    of the organ is as warm as the voxel behind it. A mean with the gas, or with the ice beyond it, would be colder
    than any part of the organ, and a mean with a fluid that is held warm would be warmer.

    Attributes:
        voxels: flat positions of the voxels that are not read, shape (n,).
        sources: flat positions of the nearest voxels of the organ, shape (n,).
    """

    voxels: npt.NDArray[np.int64]
    sources: npt.NDArray[np.int64]

    def filled(self, field: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """The field with the value of the organ in those voxels; the very same array where there are none."""
        if not self.voxels.size:
            return field
        filled = field.copy()
        filled.ravel()[self.voxels] = filled.ravel()[self.sources]
        return filled


NOBODY = StandIns(voxels=np.empty(0, dtype=np.int64), sources=np.empty(0, dtype=np.int64))


def stand_ins(parts_mm: Array, domain: Grid, jumping: Flags | None, *, share_of_part: float) -> StandIns:
    """Which voxels stand in for those of gas or fluid that touch an organ.

    A voxel belongs to the organ when at least half of it is filled; where that leaves none (a thin nerve), when it
    is touched at all. An organ that is itself gas or fluid is read as it is.

    Args:
        parts_mm: centres of equal parts of the organ inside the domain, LPS, shape (n, 3).
        domain: lattice of the run.
        jumping: voxels of gas or fluid, shape of the domain; None where there are none.
        share_of_part: volume of a part over that of a voxel.
    """
    if jumping is None or not jumping.any() or not len(parts_mm):
        return NOBODY
    at = np.rint(domain.lps_to_index(parts_mm)).astype(np.int64)
    at = np.clip(at, 0, np.array(domain.shape) - 1)
    low = np.maximum(at.min(axis=0) - 2, 0)
    high = np.minimum(at.max(axis=0) + 3, domain.shape)
    window = tuple(slice(first, last) for first, last in zip(low, high, strict=True))
    jumps = jumping[window]
    count = np.bincount(np.ravel_multi_index(tuple((at - low).T), jumps.shape), minlength=jumps.size)
    filled = count.reshape(jumps.shape) * share_of_part
    own = (filled >= 0.5) & ~jumps
    if not own.any():
        own = (filled > 0) & ~jumps
    around = np.ones((3, 3, 3))
    # what lies beyond gas is dammed off from the organ and may be far colder: it is read only where the two touch
    beyond = ndimage.binary_dilation(jumps, structure=around) & ~own & ~ndimage.binary_dilation(own)
    near = (jumps | beyond) & ndimage.binary_dilation(filled > 0, structure=around)
    if not own.any() or not near.any():
        return NOBODY
    nearest = ndimage.distance_transform_edt(
        ~own, sampling=domain.spacing_mm, return_distances=False, return_indices=True
    )
    shift = low[:, None]
    return StandIns(
        voxels=np.ravel_multi_index(tuple(np.array(np.nonzero(near)) + shift), domain.shape).astype(np.int64),
        sources=np.ravel_multi_index(tuple(nearest[:, near] + shift), domain.shape).astype(np.int64),
    )
