"""What the edge of the image cuts is not called safe."""

import numpy as np

from givre.assessment.assess import assess_plan
from givre.assessment.cut import coldest_at_cut_c, is_cut
from givre.case.goals import Goals, OrganAtRisk
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.testing.runs import run_from_coldest

GRID = Grid(shape=(40, 40, 40), spacing_mm=(1.0, 1.0, 1.0))
GOALS = Goals(lethal_temp_c=-20.0, margin_mm=2.0, coverage=1.0, source="test", status="assumption")


def ball(centre: tuple[float, float, float], radius: float, name: str, first_k: int = 0) -> Mask:
    """A ball of voxels; with `first_k` the image begins there and cuts it."""
    index = np.indices(GRID.shape)
    inside = sum((index[axis] - centre[axis]) ** 2 for axis in range(3)) <= radius**2
    grid = Grid(shape=(40 - first_k, 40, 40), spacing_mm=GRID.spacing_mm, origin_mm=(0.0, 0.0, float(first_k)))
    return Mask(grid=grid, inside=np.asarray(inside)[first_k:], name=name)


def cold_ball(radius_of_0_c: float = 14.0) -> Volume:
    index = np.indices(GRID.shape)
    distance = np.sqrt(sum((index[axis] - 20.0) ** 2 for axis in range(3)))
    return Volume(
        grid=GRID, values=np.clip(8.0 * (distance - radius_of_0_c), -120.0, 37.0).astype(np.float32), unit="degC"
    )


def status_of(goal: str, tumour: Mask, organ: Mask) -> str:
    at_risk = OrganAtRisk(structure="cord", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")
    run = run_from_coldest(cold_ball(), thresholds_c=(0.0, 10.0, -20.0))
    found = assess_plan(run, tumour=tumour, organs={"cord": organ}, goals=GOALS, organs_at_risk=(at_risk,))
    return next(verdict.status for verdict in found.verdicts if verdict.goal == goal)


FAR_ORGAN = ball((20.0, 20.0, 37.0), 1.5, "cord")


def test_a_whole_tumour_is_judged() -> None:
    tumour = ball((20.0, 20.0, 20.0), 6.0, "tumour")
    assert not is_cut(tumour)
    assert status_of("coverage", tumour, FAR_ORGAN) == "met"


def test_a_tumour_cut_by_the_edge_of_the_ct_is_not_called_covered() -> None:
    tumour = ball((20.0, 20.0, 20.0), 6.0, "tumour", first_k=20)
    assert is_cut(tumour)
    assert status_of("coverage", tumour, FAR_ORGAN) == "unknown"
    assert status_of("margin", tumour, FAR_ORGAN) == "unknown"
    assert status_of("organ:cord", tumour, FAR_ORGAN) == "met"


def test_an_organ_cut_far_from_the_ice_is_judged_and_one_cut_where_it_is_cold_is_not() -> None:
    tumour = ball((20.0, 20.0, 20.0), 6.0, "tumour")
    warm = ball((20.0, 20.0, 38.5), 2.0, "cord")
    assert is_cut(warm)
    assert status_of("organ:cord", tumour, warm) == "met"
    cold = ball((20.0, 20.0, 35.2), 0.9, "cord", first_k=20)  # its lowest slice is the first of the image
    assert is_cut(cold)
    assert coldest_at_cut_c(cold, run_from_coldest(cold_ball(), thresholds_c=(0.0,))) < 10.0
    assert status_of("organ:cord", tumour, cold) == "unknown"
