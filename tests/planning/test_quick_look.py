"""The quick look reads the same figures as the full assessment, on a lattice laid out once."""

import math
from dataclasses import replace

import numpy as np
import pytest

from givre.assessment.assess import assess_plan
from givre.case.description import CaseDescription, ImageReference, SimulationSettings, StructureReference
from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.protocol import TEMPLATES
from givre.foundation.errors import EmptyMask, MissingStructure
from givre.geometry.volume import Mask
from givre.planning.trial.prepared import PreparedCase, plan_problem, prepare_case
from givre.planning.trial.quick_look import quick_look
from givre.testing.phantoms import Phantom
from givre.testing.runs import analytic_run
from givre.testing.vertebra_phantom import vertebra_phantom
from givre.wiring import knowledge

GOALS = Goals(lethal_temp_c=-20.0, margin_mm=3.0, coverage=1.0, source="test", status="assumption")


def an_organ(name: str) -> OrganAtRisk:
    return OrganAtRisk(structure=name, limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")


def described(phantom: Phantom, organs: tuple[str, ...]) -> CaseDescription:
    return CaseDescription(
        case_id="test",
        title="test",
        question="",
        anatomy="",
        lesion_kind="lytic",
        synthetic="all",
        image=ImageReference(path="ct.nii.gz"),
        structures=tuple(StructureReference(name=name, path=f"{name}.nii.gz") for name in phantom.masks),
        placements=phantom.placements,
        protocol=TEMPLATES["10-8-10"],
        goals=GOALS,
        organs_at_risk=tuple(an_organ(name) for name in organs),
        settings=SimulationSettings(voxel_mm=2.0),
    )


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return vertebra_phantom()


@pytest.fixture(scope="module")
def prepared(phantom: Phantom) -> PreparedCase:
    case = described(phantom, ("spinal_canal", "nerve_root_left"))
    return prepare_case(case, phantom.ct, phantom.masks, knowledge=knowledge(), voxel_mm=2.0)


def test_figures_are_those_of_the_full_assessment(prepared: PreparedCase) -> None:
    model = prepared.knowledge.catalogue
    look = quick_look(prepared, spacing_mm=0.5)
    for count in (1, 2):
        placements = prepared.description.placements[:count]
        run = analytic_run(
            prepared.grid, [active_zone(p, model[p.model]) for p in placements], thresholds_c=(0.0, -20.0)
        )
        quick = look.figures(run)
        full = assess_plan(
            run,
            tumour=prepared.tumour,
            organs=prepared.organs,
            goals=GOALS,
            organs_at_risk=prepared.description.organs_at_risk,
        )
        assert quick.coverage == pytest.approx(full.coverage, abs=1e-12)
        assert quick.coverage_with_margin == pytest.approx(full.coverage_with_margin, abs=1e-12)
        assert quick.margin_mm == pytest.approx(full.margin.minimum_mm, abs=1e-9)
        assert quick.lethal_ml == pytest.approx(full.lethal_ml)
        for exposure in full.exposures:
            assert quick.organ_coldest_c[exposure.organ.structure] == pytest.approx(exposure.coldest_c, abs=1e-4)


def test_a_coarser_quick_look_stays_within_a_percent(prepared: PreparedCase) -> None:
    zones = [active_zone(p, prepared.knowledge.catalogue[p.model]) for p in prepared.description.placements]
    run = analytic_run(prepared.grid, zones[:1], ice_radius_mm=11.0, thresholds_c=(0.0, -20.0))
    coarse, fine = quick_look(prepared).figures(run), quick_look(prepared, spacing_mm=0.5).figures(run)
    assert 0.2 < fine.coverage < 0.98, "the case must be partly covered to compare anything"
    assert coarse.coverage == pytest.approx(fine.coverage, abs=0.01)


def test_values_that_are_not_numbers_make_every_figure_unknown(prepared: PreparedCase) -> None:
    zones = [active_zone(p, prepared.knowledge.catalogue[p.model]) for p in prepared.description.placements]
    run = analytic_run(prepared.grid, zones, thresholds_c=(0.0, -20.0))
    spoilt = run.coldest_c.copy()
    spoilt[3, 3, 3] = np.nan
    figures = quick_look(prepared).figures(replace(run, coldest_c=spoilt))
    assert math.isnan(figures.coverage)
    assert math.isnan(figures.margin_mm)
    assert all(math.isnan(coldest_c) for coldest_c in figures.organ_coldest_c.values())


def test_the_problem_of_a_plan_lies_on_the_lattice_of_the_case(prepared: PreparedCase) -> None:
    problem = plan_problem(prepared, prepared.description.placements)
    assert problem.grid == prepared.grid
    assert [probe.label for probe in problem.probes] == [p.label for p in prepared.description.placements]


def test_an_organ_without_a_mask_is_refused(phantom: Phantom) -> None:
    case = described(phantom, ("spinal_canal",))
    masks = {name: mask for name, mask in phantom.masks.items() if name != "spinal_canal"}
    with pytest.raises(MissingStructure, match="spinal_canal"):
        prepare_case(case, phantom.ct, masks, knowledge=knowledge(), voxel_mm=2.0)


def test_an_empty_tumour_is_refused(phantom: Phantom) -> None:
    nothing = Mask(grid=phantom.ct.grid, inside=np.zeros(phantom.ct.grid.shape, dtype=np.bool_), name="tumour")
    with pytest.raises(EmptyMask, match="no voxel"):
        prepare_case(
            described(phantom, ()),
            phantom.ct,
            {**phantom.masks, "tumour": nothing},
            knowledge=knowledge(),
            voxel_mm=2.0,
        )
