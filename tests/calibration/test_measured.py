"""Measured tables: what is read, and what is refused with its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.calibration.errors import BadMeasuredTable, UnknownMedium
from givre.calibration.measured import COLUMNS, read_measured
from givre.foundation.errors import InputError

HEADER = ",".join(COLUMNS)
GOOD = {
    "medium": "agar_gel", "medium_temp_c": "37", "probes": "1", "spacing_mm": "", "time_min": "10", "isotherm_c": "0",
    "diameter_mm": "30", "length_mm": "45", "uncertainty_mm": "1.5", "source": "bench",
}  # fmt: skip


def table(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> list[str]:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().splitlines()


def test_a_row_with_a_diameter_and_a_length_gives_two_sizes():
    across, along = read_measured(table(GOOD), name="t.csv")
    assert (across.side, across.size_mm, along.side, along.size_mm) == ("diameter", 30.0, "length", 45.0)
    assert across.arrangement.time_s == 600.0
    assert across.arrangement.spacing_mm == 0.0
    assert across.line == 2


def test_an_uncertainty_that_is_not_stated_stays_unknown():
    size = read_measured(table(GOOD | {"uncertainty_mm": "", "length_mm": ""}), name="t.csv")[0]
    assert size.uncertainty_mm != size.uncertainty_mm


def test_columns_may_stand_in_any_order_beside_others_and_empty_lines_are_passed_over():
    lines = table(GOOD | {"remark": "x"}, columns=("remark", *COLUMNS[::-1]))
    assert len(read_measured([*lines, "", "," * 10], name="t.csv")) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"diameter_mm": "-12"}, "line 2: diameter_mm is -12; give 1 to 200 mm"),
        ({"diameter_mm": "nan"}, "diameter_mm is nan; give a finite number"),
        ({"diameter_mm": "inf"}, "finite"),
        ({"diameter_mm": "33,3"}, "use a decimal point, not a comma"),
        ({"diameter_mm": "3 cm"}, 'diameter_mm is "3 cm"'),
        ({"diameter_mm": "", "length_mm": ""}, "neither diameter_mm nor length_mm"),
        ({"isotherm_c": "40"}, "an isotherm of 40 °C in a medium at 37 °C"),
        ({"isotherm_c": "37"}, "colder than its medium"),
        ({"isotherm_c": "-196"}, "-190 °C or warmer"),
        ({"medium_temp_c": "310"}, "medium_temp_c is 310"),
        ({"probes": "5"}, "give 1 to 4 probes"),
        ({"probes": "1.5"}, "give a whole number"),
        ({"probes": "3"}, "spacing_mm is empty; 3 probes need"),
        ({"probes": "2", "spacing_mm": "0"}, "spacing_mm is 0"),
        ({"time_min": "0"}, "time_min is 0"),
        ({"time_min": "900"}, "give 0.5 to 60 min"),
        ({"uncertainty_mm": "0"}, "leave it empty where none is stated"),
        ({"source": ""}, "no source"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line_and_what_would_be_right(changes, words):
    with pytest.raises(BadMeasuredTable, match=words):
        read_measured(table(GOOD | changes), name="t.csv")


def test_an_unknown_medium_is_refused_with_the_closest_names():
    with pytest.raises(UnknownMedium, match=r"t\.csv, line 2: medium \"agar gell\" is unknown; did you mean agar_gel"):
        read_measured(table(GOOD | {"medium": "agar gell"}), name="t.csv")
    with pytest.raises(UnknownMedium, match="use one of"):
        read_measured(table(GOOD | {"medium": "§"}), name="t.csv")


def test_an_unquoted_decimal_comma_is_seen_by_the_cells_it_splits():
    line = "agar_gel,37,1,,10,0,33,3,45,1.5,bench"
    with pytest.raises(BadMeasuredTable, match="more cells than the header; a decimal comma"):
        read_measured([HEADER, line], name="t.csv")


def test_semicolons_missing_columns_and_empty_tables_are_refused():
    with pytest.raises(BadMeasuredTable, match="separated by semicolons"):
        read_measured([HEADER.replace(",", ";"), "x"], name="t.csv")
    with pytest.raises(BadMeasuredTable, match="columns missing: length_mm, source"):
        read_measured([",".join(c for c in COLUMNS if c not in ("length_mm", "source"))], name="t.csv")
    with pytest.raises(BadMeasuredTable, match="columns missing"):
        read_measured([], name="t.csv")
    with pytest.raises(BadMeasuredTable, match="holds no measured size"):
        read_measured([HEADER], name="t.csv")


def test_a_colder_isotherm_cannot_be_larger_than_a_warmer_one():
    colder = GOOD | {"isotherm_c": "-40", "diameter_mm": "31", "length_mm": ""}
    with pytest.raises(BadMeasuredTable, match=r"line 3: the -40 °C isotherm .* is larger than that of 0 °C"):
        read_measured(table(GOOD, colder), name="t.csv")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), st.text(max_size=12), max_size=4), max_size=3))
def test_whatever_a_table_holds_it_is_read_or_refused_never_a_fault(spoilt):
    try:
        sizes = read_measured(table(*(GOOD | changes for changes in spoilt)), name="t.csv")
    except InputError:
        return
    assert all(1.0 <= size.size_mm <= 200.0 and size.isotherm_c < size.arrangement.medium_temp_c for size in sizes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=40), max_size=6))
def test_any_lines_at_all_are_read_or_refused(lines):
    try:
        read_measured([line.replace("\n", " ").replace("\r", " ") for line in lines], name="t.csv")
    except InputError:
        return
    raise AssertionError("text without the header was read as a table")
