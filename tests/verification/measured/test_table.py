"""Every published number says where it comes from, how sure it is and what is done with it."""

from __future__ import annotations

import pytest

from givre.verification.measured.table import load_measurements

TABLE = load_measurements()


@pytest.mark.parametrize("key", sorted(TABLE))
def test_a_number_has_a_source_a_tag_and_an_uncertainty_or_says_that_none_is_stated(key):
    row = TABLE[key]
    assert row.source
    assert row.unit in ("mm", "%", "C")
    assert row.uncertainty > 0 or row.uncertainty_is
    assert row.note or row.use in ("prediction", "calibration")


def test_what_is_not_compared_says_why():
    left_out = [row for row in TABLE.values() if row.use == "not comparable"]
    assert len(left_out) >= 10
    assert all(len(row.note) > 15 for row in left_out)


def test_a_derived_number_says_so():
    derived = [row for row in TABLE.values() if row.tag == "D"]
    assert {row.id for row in derived} == {"L1c", "L2c", "L3c", "L4c"}
    assert all("derived" in row.note for row in derived)


def test_the_derived_edges_follow_from_diameters_and_area_shares():
    for count in range(1, 5):
        lethal_mm, share = TABLE[f"L{count}a"].value, TABLE[f"L{count}b"].value / 100
        assert TABLE[f"L{count}c"].value == pytest.approx(lethal_mm / share**0.5, abs=0.06)


def test_only_one_probe_is_fitted():
    assert {row.id for row in TABLE.values() if row.use == "calibration"} == {"L1a", "L1b", "L1c"}
