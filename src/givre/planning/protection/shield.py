"""A prepared case with a protective layer in it, and its organs read on their own side of the layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.case.description import StructureReference
from givre.geometry.resampling import resample_mask
from givre.planning.protection.layer import Layer
from givre.planning.replan.day_plan import Predicted
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import PlanFigures, QuickLook, quick_look
from givre.tissue.labelling import label_tissues
from givre.tissue.thermal import material_field
from givre.tissue.tissue_resampling import resample_tissue

LAYER_NAME, LAYER_PATH = "protective_layer", "protective_layer.nii.gz"

JUMPING = ("carbon_dioxide", "air", "warm_saline")
"""Materials of layers across whose surface the temperature jumps."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shielded:
    """A case with a layer in it.

    Attributes:
        prepared: on the same lattice as without it.
        look: the same points.
        material: of the layer.
    """

    prepared: PreparedCase
    look: QuickLook
    material: str

    def read(self, plan: Predicted) -> PlanFigures:
        """The figures of a plan, its organs read on their own side of a layer across which temperature jumps.

        Voxels of the layer take the value of the nearest voxel of the organ: without that, points at the surface of
        an organ would be interpolated with gas as cold as the ice, or with fluid held warm. Hardly any heat passes
        there, so that the surface is as cold as the voxel behind it.
        """
        if self.material not in JUMPING:
            return plan.figures
        is_layer, coldest = voxels_of(self.prepared, LAYER_NAME), plan.run.coldest_c
        organs = dict(plan.figures.organ_coldest_c)
        for name in organs:
            own = voxels_of(self.prepared, name) & ~is_layer
            if own.any() and is_layer.any():
                nearest = ndimage.distance_transform_edt(
                    ~own, sampling=self.prepared.grid.spacing_mm, return_indices=True
                )[1]
                filled = np.where(is_layer, coldest[tuple(nearest)], coldest)
                organs[name] = self.look.figures(replace(plan.run, coldest_c=filled)).organ_coldest_c[name]
        return replace(plan.figures, organ_coldest_c=organs)


def with_layer(prepared: PreparedCase, layer: Layer, material: str, *, look: QuickLook | None = None) -> Shielded:
    """A prepared case with a layer of a material declared in it, on the same lattice.

    Args:
        prepared: the case.
        layer: drawn layer.
        material: as a case declares it.
        look: points of the case; chosen anew unless given.
    """
    structure = StructureReference(name=LAYER_NAME, path=LAYER_PATH, material=material)
    description = replace(prepared.description, structures=(*prepared.description.structures, structure))
    masks = {**prepared.masks, LAYER_NAME: layer.mask}
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
    points = quick_look(prepared) if look is None else look
    return Shielded(prepared=changed, look=replace(points, prepared=changed), material=material)


def voxels_of(prepared: PreparedCase, name: str) -> npt.NDArray[np.bool_]:
    """The voxels of the simulation lattice that a structure fills by more than half, shape (k, j, i)."""
    return resample_mask(prepared.masks[name], prepared.grid).inside
