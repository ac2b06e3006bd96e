"""The surrogate: what adds up, what never warms, what it remembers."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.foundation.errors import InputError
from givre.planning.surrogate.error import Comparison, compare, summed_error
from givre.planning.surrogate.kernels import pair_gaps
from givre.planning.surrogate.law import CombinationLaw, load_law_table, usual_law
from givre.planning.surrogate.learning import Reading, fitted_law, learned, plan_distance_mm
from givre.planning.surrogate.prediction import (
    TABLE_ALONG_MM,
    TABLE_AWAY_MM,
    ActiveZones,
    Memory,
    PlanPoints,
    ReachTable,
    Surrogate,
    features_of,
    surrogate_of,
)

Array = npt.NDArray[np.float64]

LAW = CombinationLaw(power=0.9, frozen_share=0.6)
COUNT = 400


def a_table(key: str = "probe") -> ReachTable:
    """Cooling that falls by a third every 6 mm from an active zone 22 mm long."""
    along, away = np.arange(0.0, TABLE_ALONG_MM + 0.5), np.arange(0.0, TABLE_AWAY_MM + 0.5)
    distance = np.hypot(np.maximum(along[:, None] - 11.0, 0.0), away[None])
    return ReachTable(key=key, cooling_c=90.0 * np.exp(-distance / 8.0))


def a_surrogate(law: CombinationLaw = LAW, seed: int = 0) -> Surrogate:
    points = np.random.default_rng(seed).uniform(-30.0, 30.0, (COUNT, 3))
    plan_points = PlanPoints(points_mm=points, tumour_count=100, grown_count=300, organs={"cord": (300, COUNT)})
    return surrogate_of(law, (a_table(),), plan_points, np.zeros(COUNT), lethal_c=-20.0)


def parallel(*at_mm: tuple[float, float]) -> ActiveZones:
    middles = np.array([(x, y, 0.0) for x, y in at_mm])
    return ActiveZones(
        middles_mm=middles,
        directions=np.tile([0.0, 0.0, -1.0], (len(middles), 1)),
        table_of=np.zeros(len(middles), dtype=np.int64),
    )


places = st.tuples(st.floats(-15, 15), st.floats(-15, 15))


@settings(deadline=None)  # the first call compiles
@given(st.lists(places, min_size=1, max_size=5), places)
def test_adding_a_probe_never_warms(at: list[tuple[float, float]], another: tuple[float, float]) -> None:
    surrogate = a_surrogate()
    few, more = surrogate.coldest_c(parallel(*at)), surrogate.coldest_c(parallel(*at, another))
    assert (more <= few + 1e-9).all()


@given(st.floats(-180.0, 37.0), st.floats(0.5, 1.5), st.floats(0.3, 1.5))
def test_a_temperature_comes_back_from_its_potential(temp_c: float, power: float, share: float) -> None:
    law = CombinationLaw(power=power, frozen_share=share)
    assert float(law.temperature_c(law.potential_at(temp_c))) == pytest.approx(temp_c, abs=0.1)
    assert float(law.cooling_of(law.potential_at(temp_c))) == pytest.approx(float(law.cooling_c(temp_c)), abs=1e-6)


def test_one_probe_alone_gives_back_its_table() -> None:
    surrogate = a_surrogate()
    zones = parallel((0.0, 0.0))
    points = surrogate.points.points_mm
    along, away = np.abs(points[:, 2]), np.hypot(points[:, 0], points[:, 1])
    direct = 90.0 * np.exp(-np.hypot(np.maximum(along - 11.0, 0.0), away) / 8.0)
    near = LAW.cooling_of(surrogate.potentials(zones))
    assert np.abs(near - direct).max() < 1.0  # bilinear between entries 1 mm apart


def test_the_compiled_sum_is_that_of_plain_arrays() -> None:
    surrogate = a_surrogate()
    zones = parallel((-6.0, 0.0), (7.0, 2.0))
    stacked = LAW.potential(a_table().cooling_c)
    total = np.zeros(COUNT)
    for middle, direction in zip(zones.middles_mm, zones.directions, strict=True):
        offset = surrogate.points.points_mm - middle
        along = offset @ direction
        away = np.sqrt(np.maximum((offset**2).sum(axis=1) - along**2, 0.0))
        for n, (a, r) in enumerate(zip(np.abs(along), away, strict=True)):
            i, j = int(a), int(r)
            fa, fr = a - i, r - j
            near = stacked[i, j] + fr * (stacked[i, j + 1] - stacked[i, j])
            far = stacked[i + 1, j] + fr * (stacked[i + 1, j + 1] - stacked[i + 1, j])
            total[n] += near + fa * (far - near)
    assert surrogate.potentials(zones) == pytest.approx(total)


def test_a_point_that_is_not_a_number_stays_so() -> None:
    surrogate = a_surrogate()
    points = surrogate.points.points_mm.copy()
    points[7] = np.nan
    spoilt = replace(surrogate, points=replace(surrogate.points, points_mm=points))
    assert np.isnan(spoilt.potentials(parallel((0.0, 0.0)))[7])


def test_what_a_run_taught_is_predicted_exactly_for_the_same_plan() -> None:
    surrogate, zones = a_surrogate(), parallel((-6.0, 0.0), (6.0, 0.0))
    taught = 1.2 * LAW.cooling_of(surrogate.potentials(zones)) + 0.3
    reading = Reading(zones=zones, cooling_c=taught, steepness_c_mm=np.ones(COUNT))
    corrected = learned(surrogate, [reading])
    assert LAW.cooling_of(corrected.potentials(zones)) == pytest.approx(taught, abs=0.7)
    found = compare(corrected, reading, limits_c={"cord": 0.0})
    assert abs(found.coverage) <= 0.01
    assert found.edge_mean_mm < 0.6


def test_a_like_plan_counts_more_than_another() -> None:
    surrogate = a_surrogate()
    near, far = parallel((-6.0, 0.0), (6.0, 0.0)), parallel((-6.0, 25.0), (6.0, 25.0))
    memory = Memory(
        plans=np.stack([features_of(near), features_of(far)]),
        counts=np.array([2, 2]),
        more_mm=np.zeros(2),
        factors=np.stack([np.full(COUNT, 2.0), np.full(COUNT, 0.5)]),
    )
    remembering = surrogate.with_memory(memory)
    assert remembering.factor(near) == pytest.approx(2.0)
    assert remembering.factor(far) == pytest.approx(0.5)
    assert 0.5 < remembering.factor(parallel((-6.0, 12.5), (6.0, 12.5)))[0] < 2.0


def test_nothing_is_learnt_from_values_that_are_not_numbers() -> None:
    surrogate, zones = a_surrogate(), parallel((0.0, 0.0))
    cooling = np.full(COUNT, 10.0)
    cooling[3] = np.nan
    reading = Reading(zones=zones, cooling_c=cooling, steepness_c_mm=np.ones(COUNT))
    assert not reading.is_known
    assert learned(surrogate, [reading]).memory is None
    assert np.isnan(compare(surrogate, reading, limits_c={}).coverage)


def test_the_law_of_a_case_is_found_again() -> None:
    truth = replace(LAW, frozen_share=0.9)
    surrogate, told = a_surrogate(), a_surrogate(truth)
    readings = []
    for zones in (parallel((0.0, 0.0)), parallel((-6.0, 0.0), (6.0, 0.0)), parallel((-8.0, 0.0), (8.0, 0.0), (0, 9.0))):
        cooling = truth.cooling_of(told.potentials(zones))
        readings.append(Reading(zones=zones, cooling_c=cooling, steepness_c_mm=np.ones(COUNT)))
    assert fitted_law(surrogate, readings).frozen_share > LAW.frozen_share + 0.1


def test_the_order_of_probes_does_not_matter_to_the_distance_of_plans() -> None:
    one, other = parallel((-6.0, 0.0), (6.0, 0.0)), parallel((6.0, 1.0), (-6.0, 1.0))
    assert plan_distance_mm(one, other) == pytest.approx(1.0)


def test_errors_are_summed_over_plans_and_a_nan_shows() -> None:
    good = Comparison(coverage=-0.01, edge_mean_mm=0.3, edge_max_mm=1.0, organs_c={"cord": 2.0}, limits_c={"cord": 3.0})
    far = replace(good, coverage=0.03, organs_c={"cord": 9.0}, limits_c={"cord": 30.0})
    error = summed_error([good, far])
    assert (error.plans, error.coverage_max) == (2, 0.03)
    assert error.organ_max_c == 2.0, "organs far from their limit are left out"
    assert np.isnan(summed_error([good, replace(good, coverage=float("nan"))]).coverage_max)
    assert np.isnan(summed_error([]).coverage_mean)


def test_the_packaged_law_says_where_it_comes_from() -> None:
    for quantity in load_law_table().values():
        assert "benchmarks/surrogate.py" in quantity.source
        assert quantity.status == "derived"
    assert usual_law("lytic") != usual_law("mixed")


def test_an_impossible_law_is_refused() -> None:
    with pytest.raises(InputError, match="give 0.3 to 3"):
        CombinationLaw(power=float("nan"), frozen_share=0.5)


@pytest.mark.parametrize(
    ("other", "gap_mm"),
    [
        (((0, 5, 0), (10, 5, 0)), 5.0),  # parallel
        (((5, -5, 3), (5, 5, 3)), 3.0),  # crossing above
        (((13, 0, 4), (20, 0, 4)), 5.0),  # beyond the end
        (((5, 0, 0), (5, 5, 0)), 0.0),  # touching
    ],
)
def test_the_gap_between_segments_is_exact(other: tuple[tuple[float, ...], ...], gap_mm: float) -> None:
    first, second = (np.array(point, dtype=float) for point in other)
    gaps = np.empty((2, 2))
    pair_gaps(np.array([(0.0, 0.0, 0.0), first]), np.array([(10.0, 0.0, 0.0), second]), gaps)
    assert gaps[0, 1] == pytest.approx(gap_mm)
    assert gaps[1, 0] == gaps[0, 1]
