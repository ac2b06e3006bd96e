"""Voxel arrays from tables by material, compiled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from givre.bioheat.compiled import entry

Array32 = npt.NDArray[np.float32]
Material = npt.NDArray[np.uint16]


@entry
def by_material(material: Material, table: Array32, values: Array32) -> None:  # pragma: no cover - compiled
    """values[n] = table[material[n]], all flat."""
    for n in range(len(material)):
        values[n] = table[material[n]]


@entry
def by_pair(material: Material, step: int, table: Array32, values: Array32) -> None:  # pragma: no cover - compiled
    """values[n] = table[material[n], material[n + step]]; the last `step` stay as they are."""
    for n in range(len(material) - step):
        values[n] = table[material[n], material[n + step]]
