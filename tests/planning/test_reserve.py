"""The reserve that plans are aimed at beyond their goals: where it comes from, what it judges, what it refuses."""

import math
from dataclasses import replace

import pytest

from givre.case.goals import OrganAtRisk
from givre.planning.placement.reserve import (
    NO_RESERVE,
    Reserve,
    ReserveRefused,
    load_reserve_quantities,
    reserve_with,
    usual_reserve,
)
from givre.planning.placement.result import reserves_on
from givre.planning.trial.quick_look import PlanFigures

CORD = OrganAtRisk(structure="cord", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")
FIGURES = PlanFigures(
    ending="done",
    coverage=1.0,
    coverage_with_margin=0.99,
    margin_mm=4.0,
    organ_coldest_c={"cord": 2.0},
    lethal_ml=5.0,
)


def kept(figures: PlanFigures, reserve: Reserve, *, covered: float = 0.985) -> dict[str, bool]:
    found = reserves_on(figures, organs=(CORD,), reserve=reserve, grown_coverage=0.98, coverage_with_reserve=covered)
    return {verdict.goal: not verdict.is_failure for verdict in found}


def test_packaged_reserve_says_where_it_comes_from() -> None:
    quantities = load_reserve_quantities()
    assert all(quantity.low <= quantity.value <= quantity.high for quantity in quantities.values())
    assert all("accuracy.md" in quantity.source for quantity in quantities.values())
    assert usual_reserve() == Reserve(temp_c=quantities["temp_c"].value, margin_mm=quantities["margin_mm"].value)


def test_what_is_asked_for_takes_the_place_of_what_is_packaged() -> None:
    assert reserve_with(temp_c=1.0, margin_mm=None) == Reserve(temp_c=1.0, margin_mm=usual_reserve().margin_mm)
    assert reserve_with(temp_c=0.0, margin_mm=0.0) == NO_RESERVE


def test_an_organ_above_its_limit_may_still_lack_the_reserve() -> None:
    assert kept(FIGURES, Reserve(temp_c=3.0, margin_mm=0.0)) == {"reserve:organ:cord": False}
    assert kept(FIGURES, Reserve(temp_c=2.0, margin_mm=0.0)) == {"reserve:organ:cord": True}


def test_margin_reserve_is_judged_by_the_coverage_of_more() -> None:
    reserve = Reserve(temp_c=0.0, margin_mm=0.6)
    assert kept(FIGURES, reserve) == {"reserve:margin": True}
    assert kept(FIGURES, reserve, covered=0.979) == {"reserve:margin": False}


def test_what_is_not_known_keeps_no_reserve() -> None:
    both = Reserve(temp_c=1.0, margin_mm=0.6)
    lost = replace(FIGURES, organ_coldest_c={"cord": math.nan})
    assert kept(lost, both, covered=math.nan) == {"reserve:organ:cord": False, "reserve:margin": False}
    assert kept(replace(FIGURES, ending="diverged"), both)["reserve:organ:cord"] is False


def test_no_reserve_asks_for_nothing() -> None:
    assert kept(FIGURES, NO_RESERVE) == {}


@pytest.mark.parametrize(
    ("temp_c", "margin_mm", "words"),
    [
        (math.nan, 0.5, "temperature reserve nan"),
        (-1.0, 0.5, "temperature reserve -1.0"),
        (99.0, 0.5, "give 0 to 20"),
        (3.0, math.inf, "margin reserve inf"),
    ],
)
def test_a_reserve_that_makes_no_sense_is_refused(temp_c: float, margin_mm: float, words: str) -> None:
    with pytest.raises(ReserveRefused, match=words):
        Reserve(temp_c=temp_c, margin_mm=margin_mm)
