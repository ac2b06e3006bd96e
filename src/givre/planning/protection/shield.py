"""A prepared case with protective layers in it, on the same lattice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from givre.case.description import StructureReference
from givre.planning.protection.layer import Layer
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import QuickLook, look_again, quick_look
from givre.tissue.labelling import label_tissues
from givre.tissue.thermal import material_field
from givre.tissue.tissue_resampling import resample_tissue

LAYER_NAME = "protective_layer"
"""Name of the first layer of a case; the second is `protective_layer_2`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnLayer:
    """A layer as a structure of a case.

    Attributes:
        layer: where it is.
        structure: its name, its path and its material.
    """

    layer: Layer
    structure: StructureReference


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shielded:
    """A case with layers in it, and the same points to read."""

    prepared: PreparedCase
    look: QuickLook


def drawn(layers: Sequence[tuple[Layer, str]]) -> tuple[DrawnLayer, ...]:
    """Layers, each with its material as a case declares it, under names and paths of their own."""
    found = []
    for number, (layer, material) in enumerate(layers, start=1):
        name = LAYER_NAME if number == 1 else f"{LAYER_NAME}_{number}"
        structure = StructureReference(name=name, path=f"{name}.nii.gz", material=material)
        found.append(DrawnLayer(layer=replace(layer, mask=replace(layer.mask, name=name)), structure=structure))
    return tuple(found)


def with_layers(
    prepared: PreparedCase, layers: Sequence[tuple[Layer, str]], *, look: QuickLook | None = None
) -> Shielded:
    """A prepared case with layers declared in it, on the same lattice.

    Args:
        prepared: the case.
        layers: drawn layers, each with its material as a case declares it; where two overlap, the later one holds.
        look: points of the case; chosen anew unless given.
    """
    added = drawn(layers)
    description = replace(
        prepared.description, structures=(*prepared.description.structures, *(item.structure for item in added))
    )
    masks = {**prepared.masks, **{item.structure.name: item.layer.mask for item in added}}
    knowledge = prepared.knowledge
    labelled = label_tissues(
        prepared.ct,
        masks,
        lesion_kind=description.lesion_kind,
        thresholds=knowledge.hu_thresholds,
        declared=description.declared,
    )
    tissue_map = resample_tissue(labelled, prepared.grid)
    changed = replace(
        prepared,
        description=description,
        masks=masks,
        tissue_map=tissue_map,
        material=material_field(tissue_map, knowledge.tissues, knowledge.bone),
    )
    points = quick_look(changed) if look is None else look_again(look, changed)
    return Shielded(prepared=changed, look=points)
