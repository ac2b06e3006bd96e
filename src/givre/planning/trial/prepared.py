"""A case laid out once on one lattice, so that many plans can be simulated and compared on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from givre.bioheat.assembly import thermal_problem
from givre.bioheat.problem import ThermalProblem
from givre.case.description import TUMOUR, CaseDescription
from givre.case.knowledge import Knowledge
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import EmptyMask, MissingStructure
from givre.geometry.grid import Grid
from givre.geometry.resampling import cubic_grid_around
from givre.geometry.shape import box_corners_mm
from givre.geometry.volume import Mask, Volume
from givre.tissue.labelling import label_tissues
from givre.tissue.material import MaterialField
from givre.tissue.thermal import material_field
from givre.tissue.tissue_map import TissueMap
from givre.tissue.tissue_resampling import resample_tissue


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedCase:
    """One case on one lattice around its tumour, whatever the probes.

    Attributes:
        description: the case; its placements are those drafted, not those being tried.
        ct: the planning CT.
        masks: structures by name, on the lattice of the CT.
        knowledge: catalogue and property tables.
        tissue_map: tissues on the simulation lattice.
        material: thermal properties on the simulation lattice.
    """

    description: CaseDescription
    ct: Volume
    masks: Mapping[str, Mask]
    knowledge: Knowledge
    tissue_map: TissueMap
    material: MaterialField

    @property
    def grid(self) -> Grid:
        """The simulation lattice."""
        return self.tissue_map.grid

    @property
    def tumour(self) -> Mask:
        """The mask to be covered."""
        return self.masks[TUMOUR]

    @property
    def organs(self) -> dict[str, Mask]:
        """The masks to be spared, by name."""
        return {organ.structure: self.masks[organ.structure] for organ in self.description.organs_at_risk}

    def with_material(self, material: MaterialField) -> PreparedCase:
        """The same case with other thermal properties on the same lattice."""
        return replace(self, material=material)


def prepare_case(
    description: CaseDescription,
    ct: Volume,
    masks: Mapping[str, Mask],
    *,
    knowledge: Knowledge,
    voxel_mm: float,
    reach_mm: float | None = None,
) -> PreparedCase:
    """Lay out tissues and materials once, on cubic voxels that hold the tumour and `reach_mm` around it.

    Args:
        description: the case; its probes are not looked at.
        ct: the planning CT.
        masks: structures by name.
        knowledge: catalogue and property tables.
        voxel_mm: edge of the voxels.
        reach_mm: from the tumour to the edge of the lattice; the domain margin of the case unless given.

    Raises:
        MissingStructure: if the tumour or an organ at risk has no mask.
        EmptyMask: if the tumour holds no voxel.
    """
    wanted = (TUMOUR, *(organ.structure for organ in description.organs_at_risk))
    missing = [name for name in wanted if name not in masks]
    if missing:
        raise MissingStructure(f"no mask of {missing}; found {sorted(masks) or 'none'}: add it under structures")
    if masks[TUMOUR].is_empty:
        raise EmptyMask("the tumour mask holds no voxel; draw it before planning")
    labelled = label_tissues(
        ct,
        masks,
        lesion_kind=description.lesion_kind,
        thresholds=knowledge.hu_thresholds,
        declared=description.declared,
    )
    reach = description.settings.domain_margin_mm if reach_mm is None else reach_mm
    grid = cubic_grid_around(box_corners_mm(masks[TUMOUR]), ct.grid, spacing_mm=voxel_mm, margin_mm=reach)
    tissue_map = resample_tissue(labelled, grid)
    return PreparedCase(
        description=description,
        ct=ct,
        masks=masks,
        knowledge=knowledge,
        tissue_map=tissue_map,
        material=material_field(tissue_map, knowledge.tissues, knowledge.bone),
    )


def plan_problem(
    prepared: PreparedCase,
    placements: tuple[Placement, ...],
    protocol: Protocol | None = None,
    *,
    only_to_compare: bool = False,
) -> ThermalProblem:
    """The thermal problem of some probes in a prepared case, recording only what a plan is judged by.

    Args:
        prepared: the case on its lattice.
        placements: the probes to try.
        protocol: what they go through; that of the case unless given.
        only_to_compare: the figures are compared and never shown: no lattice is too coarse.

    Raises:
        UnknownCryoprobe: if a model is not in the catalogue.
        InvalidPlacement: if a path is too short for its active zone.
        GridTooCoarse: if the lattice loses a probe.
    """
    description = prepared.description
    limits = {organ.limit_temp_c for organ in description.organs_at_risk}
    return thermal_problem(
        prepared.material,
        placements,
        {p.model: find_cryoprobe(prepared.knowledge.catalogue, p.model) for p in placements},
        protocol or description.protocol,
        body_temp_c=description.settings.body_temp_c,
        structures={},
        isotherms_c=sorted({description.goals.lethal_temp_c, *limits}),
        points_mm={},
        room=prepared.tissue_map.flow_mask(outside=True),
        stasis_below_c=description.settings.stasis_below_c,
        only_to_compare=only_to_compare,
    )
