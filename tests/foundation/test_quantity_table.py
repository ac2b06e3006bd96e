"""Quantities read from table rows."""

import pytest

from givre.foundation.errors import InputError
from givre.foundation.quantity_table import quantity_from, status_from

ROW = {"value": "0.32", "low": "0.3", "high": "0.8", "unit": "W/mK", "source": "Biyikli 1986", "status": "secondary"}


def test_a_whole_row_becomes_a_quantity():
    quantity = quantity_from(ROW, where="table")
    assert (quantity.value, quantity.low, quantity.high, quantity.unit) == (0.32, 0.3, 0.8, "W/mK")
    assert not quantity.is_verified


def test_a_row_without_source_is_refused():
    with pytest.raises(InputError, match="table: no source"):
        quantity_from(ROW | {"source": ""}, where="table")


def test_an_unknown_status_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="use one of verified, secondary"):
        status_from("measured", "table")
