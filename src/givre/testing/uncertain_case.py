"""A case so small that a plan is simulated in tens of milliseconds, for tests of what needs many simulations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from givre.case.description import CaseDescription, ImageReference, SimulationSettings, StructureReference
from givre.case.goals import Goals, OrganAtRisk
from givre.case.knowledge import Knowledge
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import single_freeze
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.planning.trial.prepared import PreparedCase, prepare_case
from givre.planning.trial.quick_look import QuickLook, quick_look
from givre.planning.uncertainty.sampled_run import UncertainCase, light_case
from givre.planning.uncertainty.spread import SpreadSettings
from givre.planning.uncertainty.spread_plan import spread_of_plans
from givre.testing.phantoms import MUSCLE_HU, TRABECULAR_HU, mask_of
from givre.testing.shapes import sphere
from givre.tissue.bone_hu_map import load_bone_hu_map
from givre.tissue.hu_thresholds import load_hu_thresholds
from givre.tissue.table import load_tissue_table

LESION_HU = 45.0
REACH_MM = 44.0
_HALF_MM = 46.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmallUncertainCase:
    """A lytic ball in a ball of bone in muscle, a nerve beside it, one cryoprobe, one short freeze.

    Attributes:
        description: the case.
        ct: its CT.
        masks: its structures.
        knowledge: the packaged tables.
        prepared: laid out on voxels of 3 mm.
        look: reads its figures.
    """

    description: CaseDescription
    ct: Volume
    masks: dict[str, Mask]
    knowledge: Knowledge
    prepared: PreparedCase
    look: QuickLook

    def shared(self, settings: SpreadSettings) -> UncertainCase:
        """What its trials share."""
        models = [placement.model for placement in self.description.placements]
        spread = spread_of_plans(self.prepared, models, settings)
        return light_case(self.look, spread, only_to_compare=True)


@lru_cache(maxsize=2)
def small_uncertain_case(voxel_mm: float = 3.0) -> SmallUncertainCase:
    """The case; the same object each time, to be left as it is."""
    ct, masks = _images()
    description = _description(tuple(masks))
    knowledge = Knowledge(
        catalogue=load_catalogue(),
        tissues=load_tissue_table(),
        bone=load_bone_hu_map(),
        hu_thresholds=load_hu_thresholds(),
    )
    prepared = prepare_case(description, ct, masks, knowledge=knowledge, voxel_mm=voxel_mm, reach_mm=REACH_MM)
    return SmallUncertainCase(
        description=description,
        ct=ct,
        masks=masks,
        knowledge=knowledge,
        prepared=prepared,
        look=quick_look(prepared),
    )


def _images() -> tuple[Volume, dict[str, Mask]]:
    size = round(2 * _HALF_MM / 2.0)
    grid = Grid(shape=(size, size, size), spacing_mm=(2.0, 2.0, 2.0), origin_mm=(-_HALF_MM,) * 3)
    points = grid.voxel_centres_mm()
    solids = {
        "tumour": sphere(points, (0.0, 0.0, 0.0), 7.0),
        "bone": sphere(points, (0.0, 2.0, 0.0), 18.0),
        "nerve": sphere(points, (0.0, -19.0, 3.0), 3.0),
    }
    hu = np.full(grid.shape, MUSCLE_HU)
    hu[solids["bone"] <= 0] = TRABECULAR_HU
    hu[solids["tumour"] <= 0] = LESION_HU
    return (
        Volume(grid=grid, values=hu.astype(np.float32), unit="HU"),
        {name: mask_of(grid, solid, name) for name, solid in solids.items()},
    )


def _description(structures: tuple[str, ...]) -> CaseDescription:
    return CaseDescription(
        case_id="small",
        title="A ball in a ball",
        question="",
        anatomy="phantom",
        lesion_kind="lytic",
        synthetic="everything",
        image=ImageReference(path="ct.nii.gz"),
        structures=tuple(StructureReference(name=name, path=f"{name}.nii.gz") for name in structures),
        placements=(
            Placement(label="P1", model="icesphere-1.5-cx", entry_mm=(0.0, 44.0, 0.0), target_mm=(1.0, -14.0, 0.0)),
        ),
        protocol=single_freeze(5.0),
        goals=Goals(lethal_temp_c=-20.0, margin_mm=1.0, coverage=0.95, source="test", status="assumption"),
        organs_at_risk=(
            OrganAtRisk(structure="nerve", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption"),
        ),
        settings=SimulationSettings(voxel_mm=2.5, domain_margin_mm=REACH_MM),
    )
