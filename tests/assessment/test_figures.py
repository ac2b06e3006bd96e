"""The figures people read, their change per millimetre against what a moved front really does, the size of the ice."""

from __future__ import annotations

import math

import numpy as np
import pytest

from givre.assessment.assess import assess_plan
from givre.assessment.figures import Figure, read_figures
from givre.assessment.ice_ball import ice_ball
from givre.assessment.ice_size import ice_size, mean_direction
from givre.assessment.lethal import lethal_zone
from givre.case.goals import Goals, OrganAtRisk
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.geometry.shape import smooth_shape
from givre.geometry.surface import EMPTY_SURFACE
from givre.testing.runs import analytic_run
from givre.testing.spheres import sphere_mask

GRID = Grid(shape=(48, 48, 48), spacing_mm=(1.5, 1.5, 1.5), origin_mm=(-35.0, -35.0, -35.0))
PROBE = Segment(start_mm=(0.0, 0.0, -9.0), end_mm=(0.0, 0.0, 9.0))
GOALS = Goals(lethal_temp_c=-20.0, margin_mm=3.0, coverage=1.0, source="test", status="assumption")
NERVE = OrganAtRisk(structure="nerve", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")


def figures(ice_radius_mm: float, *, tumour_radius_mm: float = 9.0) -> dict[str, Figure]:
    run = analytic_run(GRID, [PROBE], ice_radius_mm=ice_radius_mm)
    tumour, nerve = sphere_mask(GRID, (0.0, 0.0, 0.0), tumour_radius_mm), sphere_mask(GRID, (22.0, 0.0, 0.0), 3.0)
    assessment = assess_plan(run, tumour=tumour, organs={"nerve": nerve}, goals=GOALS, organs_at_risk=(NERVE,))
    ball = ice_ball(run, freezing_c=0.0)
    assert ball is not None
    return read_figures(
        run,
        assessment,
        size=ice_size(ball.surface, [PROBE.direction]),
        zone=lethal_zone(run, lethal_temp_c=-20.0),
        tumour=smooth_shape(tumour, reach_mm=3.0),
        wanted_margin_mm=3.0,
    )


@pytest.fixture(scope="module")
def smaller() -> dict[str, Figure]:
    return figures(14.0)


@pytest.fixture(scope="module")
def larger() -> dict[str, Figure]:
    return figures(15.0)


@pytest.mark.parametrize("key", ["volume:0", "ice:radius", "ice:along", "ice:widest", "organ:nerve:to_ice"])
def test_the_change_per_millimetre_is_what_a_front_moved_by_a_millimetre_changes(
    key: str, smaller: dict[str, Figure], larger: dict[str, Figure]
) -> None:
    changed = abs(larger[key].value - smaller[key].value)
    assert changed == pytest.approx((smaller[key].per_mm + larger[key].per_mm) / 2, rel=0.1)


def test_the_coldest_temperature_of_an_organ_changes_with_its_slope(
    smaller: dict[str, Figure], larger: dict[str, Figure]
) -> None:
    key = "organ:nerve:coldest"
    assert smaller[key].value - larger[key].value == pytest.approx(smaller[key].per_mm, rel=0.35)


def test_coverage_is_not_in_doubt_while_the_zone_lies_clear_of_the_tumour() -> None:
    clear = figures(15.0, tumour_radius_mm=6.0)
    assert clear["coverage"].value == 1.0
    assert clear["coverage"].per_mm == 0.0


def test_coverage_is_in_doubt_where_the_edge_of_the_zone_cuts_the_tumour() -> None:
    small, large = figures(12.0, tumour_radius_mm=15.0), figures(12.5, tumour_radius_mm=15.0)
    assert small["coverage"].value < 1.0
    # the lethal edge moves by less than the ice: 10 % of the ice radius in each, so compare with the lethal volume
    shell = (large["lethal"].value - small["lethal"].value) / small["lethal"].per_mm
    changed = large["coverage"].value - small["coverage"].value
    assert changed == pytest.approx(small["coverage"].per_mm * shell, rel=0.25)


def test_an_ice_ball_is_measured_along_and_across_its_probe(larger: dict[str, Figure]) -> None:
    assert larger["ice:along"].value == pytest.approx(18.0 + 2 * 15.0, abs=0.3)
    assert larger["ice:widest"].value == pytest.approx(30.0, abs=0.3)
    assert larger["ice:narrowest"].value == pytest.approx(30.0, abs=0.3)


def test_without_ice_there_is_no_size() -> None:
    size = ice_size(EMPTY_SURFACE, [(0.0, 0.0, 1.0)])
    assert math.isnan(size.equivalent_radius_mm) and math.isnan(size.along_mm) and math.isnan(size.widest_mm)


def test_probes_that_point_opposite_ways_share_a_direction() -> None:
    direction = mean_direction([(1.0, 0.1, 0.0), (-1.0, 0.1, 0.0)])
    assert np.abs(direction) == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)
