"""The ice-ball that every speed is measured on: three probes in and around a lesion of a real lumbar vertebra."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

import givre
from givre.bioheat.assembly import points_to_follow, thermal_problem
from givre.bioheat.problem import ThermalProblem
from givre.case.description import TUMOUR
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.geometry.grid import Grid
from givre.tissue.labelling import label_tissues
from givre.tissue.thermal import material_field
from givre.tissue.tissue_resampling import resample_tissue
from givre.wiring import knowledge

SAMPLE = "lumbar-vertebra"
EDGE_MM = 100.0
APART_MM = 15.0
ISOTHERMS_C = (0.0, -20.0, -40.0)


@cache
def lumbar_case() -> givre.Case:
    """The sample case, made once."""
    folder = Path(tempfile.mkdtemp()) / "case"
    command = [sys.executable, "-m", "givre.cli.main", "samples", "get", SAMPLE, "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return givre.load_case(folder)


def three_probes(spacing_mm: float) -> ThermalProblem:
    """Three parallel 1.5 mm probes, 15 mm apart, 10-8-10, in a cube of 100 mm around the lesion."""
    case = lumbar_case()
    tables, description = knowledge(), case.description
    masks = {name: imported.mask for name, imported in case.images.masks.items()}
    first = description.placements[0]
    model = find_cryoprobe(tables.catalogue, first.model)
    tip = np.array(masks[TUMOUR].centroid_mm())
    along = np.subtract(first.target_mm, first.entry_mm)
    along /= np.linalg.norm(along)
    across = np.cross(along, (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across)
    upwards = np.cross(across, along)
    tip += along * model.active_zone_mm / 2
    placements = []
    for n, angle in enumerate(np.radians((90, 210, 330))):
        offset = APART_MM / np.sqrt(3) * (np.cos(angle) * across + np.sin(angle) * upwards)
        placements.append(
            Placement(
                label=f"P{n + 1}",
                model=first.model,
                entry_mm=tuple((tip + offset - 80 * along).tolist()),
                target_mm=tuple((tip + offset).tolist()),
            )
        )
    zones = [active_zone(placement, model) for placement in placements]
    centre = np.mean([(np.add(zone.start_mm, zone.end_mm)) / 2 for zone in zones], axis=0)
    ct = case.images.image.volume
    count = round(EDGE_MM / spacing_mm)
    axes = np.array(ct.grid.axes)
    origin = centre - (count - 1) / 2 * spacing_mm * axes.sum(axis=0)
    grid = Grid(shape=(count,) * 3, spacing_mm=(spacing_mm,) * 3, origin_mm=tuple(origin.tolist()), axes=ct.grid.axes)
    labelled = label_tissues(ct, masks, lesion_kind=description.lesion_kind, thresholds=tables.hu_thresholds)
    organs = {organ.structure: masks[organ.structure] for organ in description.organs_at_risk}
    problem = thermal_problem(
        material_field(resample_tissue(labelled, grid), tables.tissues, tables.bone),
        tuple(placements),
        {first.model: model},
        TEMPLATES["10-8-10"],
        body_temp_c=description.settings.body_temp_c,
        structures={TUMOUR: masks[TUMOUR], **organs},
        isotherms_c=ISOTHERMS_C,
        points_mm=points_to_follow(masks[TUMOUR], organs, zones, grid),
    )
    return replace(problem, tail_s=0.0)
