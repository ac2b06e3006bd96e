"""Structures that reach the edge of their image may go on beyond it: what is judged of them may be too good."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.assessment.ice_ball import coldest_map
from givre.bioheat.run import ThermalRun
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Mask


def edge_voxels(mask: Mask) -> npt.NDArray[np.int64]:
    """Indices (k, j, i) of the voxels of a mask that lie on a face of its lattice, shape (n, 3)."""
    index = np.argwhere(mask.inside)
    last = np.array(mask.grid.shape) - 1
    has_depth = last > 0
    on_face = ((index == 0) | (index == last)) & has_depth
    return np.asarray(index[on_face.any(axis=1)])


def is_cut(mask: Mask) -> bool:
    """Whether a mask reaches a face of its lattice."""
    return len(edge_voxels(mask)) > 0


def coldest_at_cut_c(mask: Mask, run: ThermalRun) -> float:
    """Lowest temperature where a mask is cut by the edge of its image [°C]; infinite where it is not or not simulated.

    Beyond the edge the structure may come closer to the ice than anything that was drawn of it.
    """
    index = edge_voxels(mask)
    if len(index) == 0:
        return float("inf")
    coldest_c = sample_at(coldest_map(run), mask.grid.index_to_lps(index), outside=np.inf)
    return float(coldest_c.min())
