"""Which tissue each voxel is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import GeometryMismatch
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask


class Tissue(IntEnum):
    """The tissues that are told apart; the numbers are stored in files and never change."""

    AIR = 0
    FAT = 1
    MUSCLE = 2
    SKIN = 3
    CORD = 4
    CSF = 5
    NERVE = 6
    DISC = 7
    VESSEL = 8
    TRABECULAR_BONE = 9
    CORTICAL_BONE = 10
    MARROW = 11
    LYTIC_LESION = 12
    BLASTIC_LESION = 13
    CEMENT = 14
    METAL = 15
    CANAL_CONTENT = 16
    LUNG = 17
    BOWEL = 18
    LIVER = 19
    KIDNEY = 20


BONE_TISSUES = (Tissue.TRABECULAR_BONE, Tissue.CORTICAL_BONE, Tissue.MARROW, Tissue.BLASTIC_LESION)
"""Tissues whose properties follow HU voxel by voxel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TissueMap:
    """One tissue per voxel, with the CT beneath it.

    Attributes:
        grid: the lattice.
        labels: values of `Tissue`, shape (k, j, i), uint8.
        hu: CT numbers [HU], same shape, float32.
        notes: what was decided and what a person should know, as sentences.
        extrapolated_fraction: share of the voxels that lie outside the CT and repeat its nearest edge.
    """

    grid: Grid
    labels: npt.NDArray[np.uint8]
    hu: npt.NDArray[np.float32]
    notes: tuple[str, ...] = ()
    extrapolated_fraction: float = 0.0

    def __post_init__(self) -> None:
        for name, array in (("labels", self.labels), ("HU", self.hu)):
            if array.shape != self.grid.shape:
                raise GeometryMismatch(f"tissue {name} have shape {array.shape}, their lattice {self.grid.shape}")

    @property
    def counts(self) -> dict[Tissue, int]:
        """Number of voxels of each tissue that occurs."""
        numbers, voxels = np.unique(self.labels, return_counts=True)
        return {Tissue(int(number)): int(count) for number, count in zip(numbers, voxels, strict=True)}

    def mask(self, *tissues: Tissue) -> Mask:
        """The voxels of some tissues."""
        name = "+".join(tissue.name.lower() for tissue in tissues)
        return Mask(grid=self.grid, inside=np.isin(self.labels, tissues), name=name)
