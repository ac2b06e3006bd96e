"""A small plan with results that come from a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from givre.adapters.casefile import parse_case
from givre.adapters.results import ResultsContents
from givre.assessment.assess import assess_plan
from givre.assessment.result import Assessment
from givre.bioheat.run import ThermalRun
from givre.case.description import CaseDescription
from givre.dossier.inputs import ProbeFacts, Provenance
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.geometry.volume import Mask
from givre.testing.runs import analytic_run
from givre.usecases.import_report import Finding, ImportReport

CASE = """\
givre_case = 1
[case]
id = "L3-01"
title = "L3"
anatomy = "L3"
lesion_kind = "lytic"
[image]
path = "/home/someone/ct.nii.gz"
[[structures]]
name = "tumour"
path = "tumour.nii.gz"
[[structures]]
name = "=cord"
path = "cord.nii.gz"
[[structures]]
name = "far"
path = "far.nii.gz"
[[probes]]
label = "P1"
model = "icesphere"
entry_mm = [0, 90, 0]
target_mm = [0, -10, 0]
[protocol]
template = "10-8-10"
[goals]
lethal_temp_c = -40
margin_mm = 1
coverage = 0.9
source = "board"
status = "assumption"
[[organs_at_risk]]
structure = "=cord"
limit_temp_c = 0
alarm_temp_c = 10
source = "board"
status = "assumption"
[[organs_at_risk]]
structure = "far"
limit_temp_c = 0
alarm_temp_c = 10
source = "board"
status = "assumption"
"""


def ball(grid: Grid, centre_mm: tuple[float, float, float], radius_mm: float, name: str) -> Mask:
    distance_mm = np.linalg.norm(grid.voxel_centres_mm() - np.array(centre_mm), axis=-1)
    return Mask(grid=grid, inside=distance_mm <= radius_mm, name=name)


GRID = Grid(shape=(24, 25, 26), spacing_mm=(2.0, 2.0, 2.0), origin_mm=(-25.0, -24.0, -23.0))
MASKS = {
    "tumour": ball(GRID, (0.0, 0.0, 0.0), 5.0, "tumour"),
    "=cord": ball(GRID, (16.0, 0.0, 0.0), 4.0, "=cord"),
    "far": ball(replace(GRID, origin_mm=(400.0, 400.0, 400.0)), (424.0, 424.0, 424.0), 4.0, "far"),
}


@pytest.fixture(scope="session")
def judged() -> Callable[[ThermalRun, CaseDescription], Assessment]:
    """How a run of the small plan is judged."""

    def judge(run: ThermalRun, description: CaseDescription) -> Assessment:
        return assess_plan(
            run,
            tumour=MASKS["tumour"],
            organs={name: mask for name, mask in MASKS.items() if name != "tumour"},
            goals=description.goals,
            organs_at_risk=description.organs_at_risk,
        )

    return judge


@pytest.fixture(scope="session")
def contents(judged: Callable[[ThermalRun, CaseDescription], Assessment]) -> ResultsContents:
    description = parse_case(CASE)
    run = analytic_run(
        GRID,
        [Segment(start_mm=(0.0, -10.0, 0.0), end_mm=(0.0, 10.0, 0.0))],
        structures=MASKS,
        points_mm={"T1": (10.0, 0.0, 0.0)},
    )
    facts = ProbeFacts(
        label="P1",
        model_name="IceSphere",
        diameter_mm=1.5,
        active_length_mm=22.0,
        effective_temp_c=-130.0,
        effective_temp_low_c=-150.0,
        effective_temp_high_c=-110.0,
        source="table",
        status="derived",
    )
    report = ImportReport(
        source="ct.nii.gz",
        kind="CT, NIfTI",
        facts={"spacing_mm": [1.0, 1.0, 1.0], "slope": float("nan")},
        findings=(Finding(code="ORIENTATION", severity="info", sentence="axial"),),
    )
    return ResultsContents(
        description=description,
        run=run,
        assessment=judged(run, description),
        probes=(facts,),
        provenance=Provenance(date="2026-03-05", versions={"givre": "0.1.0"}, hashes={"case": "0" * 64}),
        import_reports=(report,),
        settings={"seed": 0, "threads": None},
    )
