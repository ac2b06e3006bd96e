"""A tumour in even muscle, planned with the real solver on a coarse lattice: small enough to search in a second."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from givre.bioheat.solve import solve
from givre.case.description import CaseDescription, ImageReference, SimulationSettings, StructureReference
from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES, Protocol
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.planning.placement.result import CheckInFull, FullCheck
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.trial.prepared import PreparedCase, plan_problem, prepare_case
from givre.planning.trial.quick_look import QuickLook, quick_look
from givre.wiring import knowledge

MODEL = "icesphere-1.5-cx"
GRID = Grid(shape=(56, 56, 56), spacing_mm=(2.0, 2.0, 2.0), origin_mm=(-55.0, -55.0, -55.0))
MUSCLE_HU = 55.0
REACH_MM = 60.0


def wishes(**changes: object) -> PlacementWishes:
    """Quick wishes: few predictions, no alternatives, no shorter freezes."""
    usual = PlacementWishes(models=(MODEL,), most_probes=2, alternatives=0, effort=60, freeze_shares=(1.0,))
    return replace(usual, **changes)


@lru_cache(maxsize=4)
def scene(
    semi_axes_mm: tuple[float, float, float], *, organ_at_mm: float | None = None, margin_mm: float = 2.0
) -> tuple[PreparedCase, QuickLook]:
    """An ellipsoid at the origin, and perhaps a nerve along z that stands `organ_at_mm` away along x."""
    x, y, z = np.moveaxis(GRID.voxel_centres_mm(), -1, 0)
    tumour = np.sqrt(sum((axis / half) ** 2 for axis, half in zip((x, y, z), semi_axes_mm, strict=True))) <= 1.0
    masks = {"tumour": Mask(grid=GRID, inside=np.asarray(tumour), name="tumour")}
    organs: tuple[OrganAtRisk, ...] = ()
    if organ_at_mm is not None:
        inside = np.asarray((np.hypot(x - organ_at_mm, y) <= 3.0) & (np.abs(z) <= 20.0))
        masks["nerve"] = Mask(grid=GRID, inside=inside, name="nerve")
        organs = (
            OrganAtRisk(structure="nerve", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption"),
        )
    description = CaseDescription(
        case_id="test",
        title="test",
        question="",
        anatomy="",
        lesion_kind="lytic",
        synthetic="all",
        image=ImageReference(path="ct.nii.gz"),
        structures=tuple(StructureReference(name=name, path=f"{name}.nii.gz") for name in masks),
        placements=(Placement(label="P1", model=MODEL, entry_mm=(0.0, 0.0, 100.0), target_mm=(0.0, 0.0, 0.0)),),
        protocol=TEMPLATES["10-8-10"],
        goals=Goals(lethal_temp_c=-20.0, margin_mm=margin_mm, coverage=1.0, source="test", status="assumption"),
        organs_at_risk=organs,
        settings=SimulationSettings(voxel_mm=2.5, domain_margin_mm=40.0),
    )
    ct = Volume(grid=GRID, values=np.full(GRID.shape, MUSCLE_HU, dtype=np.float32), unit="HU")
    prepared = prepare_case(description, ct, masks, knowledge=knowledge(), voxel_mm=2.5, reach_mm=REACH_MM)
    return prepared, quick_look(prepared)


def same_lattice(prepared: PreparedCase, look: QuickLook) -> CheckInFull:
    """A full check on the lattice of the search itself."""

    def check(placements: tuple[Placement, ...], protocol: Protocol) -> FullCheck:
        figures = look.figures(solve(plan_problem(prepared, placements, protocol)))
        return FullCheck(figures=figures, verdicts=(), voxel_mm=prepared.grid.spacing_mm[0], domain_margin_mm=REACH_MM)

    return check
