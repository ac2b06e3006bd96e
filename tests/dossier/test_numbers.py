"""Numbers are rounded the safe way and written the way each language writes them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from givre.dossier.numbers import NumberStyle
from givre.dossier.words import NARROW_NBSP, NBSP

FRENCH, ENGLISH = NumberStyle(lang="fr"), NumberStyle(lang="en")


def parsed(text: str) -> float:
    number = text.split(NBSP, maxsplit=1)[0].removesuffix("%").replace("\u2212", "-").replace(",", "")
    return float(number)


def test_french_writes_a_comma_and_narrow_spaces():
    assert FRENCH.decimal(-12345.67, 1) == f"\u221212{NARROW_NBSP}345,7"
    assert FRENCH.position((1.0, -2.25, 0.0)) == f"1,0{NBSP}; \u22122,2{NBSP}; 0,0"


def test_english_writes_a_point_and_commas():
    assert ENGLISH.decimal(-12345.67, 1) == "\u221212,345.7"


def test_a_missing_figure_is_said_in_words():
    for style in (FRENCH, ENGLISH):
        shown = [
            style.distance(math.nan),
            style.temperature(math.nan),
            style.volume(math.nan),
            style.percent(math.nan),
            style.duration(math.nan),
            style.position((math.nan, 0.0, 0.0)),
            *style.against(math.nan, 5.0, "mm")[:1],
        ]
        assert set(shown) == {style.missing}


@given(st.floats(-200.0, 200.0))
def test_a_margin_is_never_shown_larger_than_it_is(value_mm):
    assert parsed(ENGLISH.distance(value_mm)) <= value_mm + 1e-5


@given(st.floats(0.0, 1.0))
def test_coverage_reads_complete_only_when_it_is(fraction):
    if 0 < fraction < 0.01:
        assert ENGLISH.percent(fraction) == f"<{NBSP}1%"
        return
    assert parsed(ENGLISH.percent(fraction)) <= 100 * fraction + 1e-5
    assert (ENGLISH.percent(fraction) == "100%") == (fraction >= 1.0 - 1e-8)


@given(st.floats(-60.0, 60.0), st.sampled_from([-40.0, -20.0, 0.0, 2.0, 5.0, 7.3]), st.sampled_from(["mm", "degC"]))
def test_rounding_never_hides_a_goal_reached_by_more_than_a_hundredth(value, limit, unit):
    shown, wanted = ENGLISH.against(value, limit, unit)
    if abs(value - limit) > 0.011:
        assert (parsed(shown) >= parsed(wanted)) == (value >= limit)


def test_days_are_written_out():
    assert FRENCH.date("2026-03-01") == f"1er{NBSP}mars 2026"
    assert ENGLISH.date("2026-11-24") == f"24{NBSP}November 2026"


@pytest.mark.parametrize(("seconds", "shown"), [(90.0, "90 s"), (600.0, "10 min"), (630.0, "10.5 min")])
def test_durations_are_minutes_once_they_are_long(seconds, shown):
    assert ENGLISH.duration(seconds) == shown.replace(" ", NBSP)
