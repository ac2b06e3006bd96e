"""A ball of tumour in a block of muscle with two cryoprobes and a bowel beside it, for tests of the day."""

from __future__ import annotations

from functools import cache

import numpy as np

from givre.case.description import CaseDescription, ImageReference, SimulationSettings, StructureReference
from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import single_freeze
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.usecases.import_case import CaseImages
from givre.usecases.import_report import ImportReport
from givre.usecases.ports import ImportedImage, ImportedMask

SPACING_MM = 2.5
BODY_MM = 60.0


def a_probe(label: str, x_mm: float, y_mm: float = 14.0) -> Placement:
    return Placement(label=label, model="icesphere-1.5-cx", entry_mm=(x_mm, -BODY_MM, 0.0), target_mm=(x_mm, y_mm, 0.0))


@cache
def images() -> CaseImages:
    count = 56
    first = -(count - 1) / 2 * SPACING_MM
    grid = Grid(
        shape=(count, count, count),
        spacing_mm=(SPACING_MM,) * 3,
        origin_mm=(first,) * 3,
        axes=((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    )
    points = grid.index_to_lps(np.argwhere(np.ones(grid.shape, dtype=bool))).reshape(*grid.shape, 3)
    x, y, z = np.moveaxis(points, -1, 0)
    in_body = (np.abs(points) < BODY_MM).all(axis=-1)
    hu = np.where(in_body, 50.0, -1000.0).astype(np.float32)
    hu[(np.abs(x - 30) < 6) & (np.abs(y - 30) < 6) & (np.abs(z - 30) < 6)] = -900.0  # a pocket of gas
    shapes = {
        "tumour": x**2 + y**2 + z**2 < 10.0**2,
        "bowel": (x > 19) & (x < 29) & (np.abs(y) < 15) & (np.abs(z) < 15),
    }
    report = ImportReport(source="test", kind="CT, test")
    return CaseImages(
        image=ImportedImage(volume=Volume(grid=grid, values=hu, unit="HU"), report=report),
        masks={
            name: ImportedMask(mask=Mask(grid=grid, inside=inside, name=name), report=report)
            for name, inside in shapes.items()
        },
    )


def case(*, bowel_limit_c: float = -30.0, bowel_alarm_c: float = -20.0, margin_mm: float = 1.0) -> CaseDescription:
    return CaseDescription(
        case_id="ball",
        title="ball",
        question="",
        anatomy="",
        lesion_kind="lytic",
        synthetic="everything",
        image=ImageReference(path="ct.nii.gz"),
        structures=tuple(StructureReference(name=name, path=f"{name}.nii.gz") for name in images().masks),
        placements=(a_probe("P1", -6.0), a_probe("P2", 6.0)),
        protocol=single_freeze(10),
        goals=Goals(lethal_temp_c=-20.0, margin_mm=margin_mm, coverage=1.0, source="test", status="assumption"),
        organs_at_risk=(
            OrganAtRisk(
                structure="bowel",
                limit_temp_c=bowel_limit_c,
                alarm_temp_c=bowel_alarm_c,
                source="test",
                status="assumption",
            ),
        ),
        settings=SimulationSettings(voxel_mm=2.5, domain_margin_mm=46.0),
    )
