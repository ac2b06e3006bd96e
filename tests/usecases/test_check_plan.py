"""Plans that nobody could carry out are refused before anything is simulated."""

from dataclasses import replace

import numpy as np
import pytest

from givre.case.description import CaseDescription, ImageReference, SimulationSettings, StructureReference
from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.foundation.errors import InputError, InvalidPlacement, UnknownCryoprobe
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.usecases.check_plan import check_plan

CATALOGUE = load_catalogue()
GOALS = Goals(lethal_temp_c=-20.0, margin_mm=3.0, coverage=1.0, source="test", status="assumption")


def scan() -> Volume:
    """Muscle, with air beyond y = 90 mm (behind the skin)."""
    grid = Grid(shape=(60, 60, 60), spacing_mm=(2.0, 2.0, 2.0))
    hu = np.full(grid.shape, 50.0, dtype=np.float32)
    hu[:, 45:, :] = -1000.0
    return Volume(grid=grid, values=hu, unit="HU")


def probe(label: str = "P1", *, x_mm: float = 60.0, depth_y_mm: float = 40.0) -> Placement:
    return Placement(
        label=label, model="icesphere-1.5-cx", entry_mm=(x_mm, 92.0, 60.0), target_mm=(x_mm, depth_y_mm, 60.0)
    )


def plan(*placements: Placement, **changes: object) -> CaseDescription:
    description = CaseDescription(
        case_id="case-1", title="phantom", question="", anatomy="phantom", lesion_kind="lytic", synthetic="all",
        image=ImageReference(path="ct.nii.gz"), structures=(StructureReference(name="tumour", path="m.nii.gz"),),
        placements=placements, protocol=TEMPLATES["10-8-10"], goals=GOALS, organs_at_risk=(),
        settings=SimulationSettings(),
    )  # fmt: skip
    return replace(description, **changes) if changes else description


def test_a_sound_plan_gives_its_active_zones() -> None:
    zones = check_plan(plan(probe(), probe("P2", x_mm=72.0)), scan(), CATALOGUE)
    assert [round(zone.length_mm) for zone in zones] == [22, 22]


@pytest.mark.parametrize("x_mm", [60.0, 61.0])
def test_probes_that_share_a_place_are_refused(x_mm: float) -> None:
    with pytest.raises(InvalidPlacement, match=r"P1 and P2 come within .* mm"):
        check_plan(plan(probe(), probe("P2", x_mm=x_mm)), scan(), CATALOGUE)


def test_probes_that_cross_are_refused() -> None:
    across = Placement(label="P2", model="icesphere-1.5-cx", entry_mm=(92.0, 50.0, 60.0), target_mm=(45.0, 50.0, 60.0))
    with pytest.raises(InvalidPlacement, match="P1 and P2"):
        check_plan(plan(probe(), across), scan(), CATALOGUE)


def test_an_active_zone_in_air_is_refused() -> None:
    shallow = replace(probe(), entry_mm=(60.0, 112.0, 60.0), target_mm=(60.0, 75.0, 60.0))
    with pytest.raises(InvalidPlacement, match="lies in air"):
        check_plan(plan(shallow), scan(), CATALOGUE)


def test_an_active_zone_outside_the_ct_is_refused() -> None:
    outside = Placement(
        label="P1", model="icesphere-1.5-cx", entry_mm=(60.0, 60.0, 60.0), target_mm=(60.0, 60.0, -20.0)
    )
    with pytest.raises(InvalidPlacement, match="outside the CT"):
        check_plan(plan(outside), scan(), CATALOGUE)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(UnknownCryoprobe, match="did you mean icesphere-1.5-cx"):
        check_plan(plan(replace(probe(), model="icespher-1.5")), scan(), CATALOGUE)


def test_more_freezes_than_the_protocol_has_are_refused() -> None:
    with pytest.raises(InputError, match="3 freezes and protocol 10-8-10 has 2"):
        plan(probe(), goals=replace(GOALS, freezes=3))


def test_an_organ_at_risk_described_twice_is_refused() -> None:
    organ = OrganAtRisk(structure="tumour", limit_temp_c=0.0, alarm_temp_c=5.0, source="test", status="assumption")
    with pytest.raises(InputError, match="organ at risk named twice"):
        plan(probe(), organs_at_risk=(organ, organ))
