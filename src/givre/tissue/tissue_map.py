"""Which tissue each voxel is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import GeometryMismatch
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask
from givre.tissue.flow import Flow


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
    CARBON_DIOXIDE = 21
    SALINE = 22
    MOVING_CSF = 23
    STEEL = 24
    COBALT_CHROME = 25
    FLOW = 26


BONE_TISSUES = (Tissue.TRABECULAR_BONE, Tissue.CORTICAL_BONE, Tissue.MARROW, Tissue.BLASTIC_LESION)
"""Tissues whose properties follow HU voxel by voxel."""

JUMPING_TISSUES = (Tissue.AIR, Tissue.CARBON_DIOXIDE, Tissue.FLOW)
"""Gases and fluids held at their temperature: temperature jumps across their surface, so that what lies beside them is
never read as a mean with them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TissueMap:
    """One tissue per voxel, with the CT beneath it.

    Attributes:
        grid: the lattice.
        labels: values of `Tissue`, shape (k, j, i), uint8.
        hu: CT numbers [HU], same shape, float32.
        notes: what was decided and what a person should know, as sentences.
        extrapolated_fraction: share of the voxels that lie outside the CT and repeat its nearest edge.
        flows: fluids that stay at their own temperature; they fill the voxels of `Tissue.FLOW`.
        flow_index: which of them fills each voxel, counted from 1, 0 where none does, shape (k, j, i), uint8; None
            if there are none.
    """

    grid: Grid
    labels: npt.NDArray[np.uint8]
    hu: npt.NDArray[np.float32]
    notes: tuple[str, ...] = ()
    extrapolated_fraction: float = 0.0
    flows: tuple[Flow, ...] = ()
    flow_index: npt.NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        for name, array in (("labels", self.labels), ("HU", self.hu), ("flows", self.flow_index)):
            if array is not None and array.shape != self.grid.shape:
                raise GeometryMismatch(f"tissue {name} have shape {array.shape}, their lattice {self.grid.shape}")
        found = 0 if self.flow_index is None else int(self.flow_index.max(initial=0))
        flowing = np.zeros_like(self.labels) if self.flow_index is None else self.flow_index
        if found > len(self.flows) or ((self.labels == Tissue.FLOW) != (flowing > 0)).any():
            raise GeometryMismatch(
                f"voxels labelled as fluid and the {len(self.flows)} fluids do not agree; label the tissues again"
            )

    def flow_mask(self, *, outside: bool) -> npt.NDArray[np.bool_]:
        """Voxels of the fluids outside the body (the air of the room), or of those inside, shape (k, j, i)."""
        numbers = [number for number, flow in enumerate(self.flows, start=1) if flow.is_outside == outside]
        if self.flow_index is None:
            return np.zeros(self.grid.shape, dtype=bool)
        return np.isin(self.flow_index, numbers)

    @property
    def counts(self) -> dict[Tissue, int]:
        """Number of voxels of each tissue that occurs."""
        numbers, voxels = np.unique(self.labels, return_counts=True)
        return {Tissue(int(number)): int(count) for number, count in zip(numbers, voxels, strict=True)}

    def mask(self, *tissues: Tissue) -> Mask:
        """The voxels of some tissues."""
        name = "+".join(tissue.name.lower() for tissue in tissues)
        return Mask(grid=self.grid, inside=np.isin(self.labels, tissues), name=name)
