"""Images, masks and label maps: an array and the lattice it lives on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import EmptyMask, GeometryMismatch
from givre.geometry.grid import FloatArray, Grid


def _check_shape(grid: Grid, array: npt.NDArray[np.generic], what: str) -> None:
    if array.shape != grid.shape:
        raise GeometryMismatch(f"{what} has shape {array.shape}, its lattice {grid.shape}; they must agree")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volume:
    """One scalar per voxel.

    Attributes:
        grid: the lattice.
        values: shape (k, j, i).
        unit: "HU", "degC", "1" ...
    """

    grid: Grid
    values: FloatArray
    unit: str

    def __post_init__(self) -> None:
        _check_shape(self.grid, self.values, "the image")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mask:
    """The voxels that belong to one structure.

    Attributes:
        grid: the lattice.
        inside: shape (k, j, i), True inside.
        name: what the structure is ("tumour", "spinal_cord", ...).
    """

    grid: Grid
    inside: npt.NDArray[np.bool_]
    name: str

    def __post_init__(self) -> None:
        _check_shape(self.grid, self.inside, f"mask {self.name}")

    @property
    def is_empty(self) -> bool:
        """Whether no voxel is inside."""
        return not bool(self.inside.any())

    @property
    def volume_ml(self) -> float:
        """Volume [mL]."""
        return float(self.inside.sum()) * self.grid.voxel_volume_mm3 / 1000.0

    def centroid_mm(self) -> npt.NDArray[np.float64]:
        """LPS centre of mass [mm].

        Raises:
            EmptyMask: if no voxel is inside.
        """
        if self.is_empty:
            raise EmptyMask(f"mask {self.name} holds no voxel; draw it or choose another")
        return self.grid.index_to_lps(np.argwhere(self.inside).mean(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelMap:
    """One whole number per voxel, with a name for each.

    Attributes:
        grid: the lattice.
        labels: shape (k, j, i), 0 is background.
        names: name of each label in use.
    """

    grid: Grid
    labels: npt.NDArray[np.integer]
    names: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_shape(self.grid, self.labels, "the label map")

    def mask(self, *labels: int, name: str | None = None) -> Mask:
        """The union of some labels as one mask."""
        chosen = name or "+".join(self.names.get(label, str(label)) for label in labels)
        return Mask(grid=self.grid, inside=np.isin(self.labels, labels), name=chosen)
