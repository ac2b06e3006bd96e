"""What a table can tell of a probe, and refusing more."""

from __future__ import annotations

import pytest

from givre.calibration.choice import choose
from givre.calibration.errors import UnderDetermined
from givre.calibration.measured import Arrangement, MeasuredSize
from givre.foundation.errors import InputError


def size(time_min: float = 10.0, *, isotherm_c: float = 0.0, side: str = "diameter", size_mm: float = 30.0):
    place = Arrangement(medium="agar_gel", medium_temp_c=37.0, probes=1, spacing_mm=0.0, time_s=60 * time_min)
    return MeasuredSize(
        line=2, arrangement=place, isotherm_c=isotherm_c, side=side, size_mm=size_mm, uncertainty_mm=1.0, source="x"
    )


def test_one_diameter_tells_the_surface_temperature_and_the_rest_is_kept_with_its_reason():
    choice = choose([size()])
    assert choice.fitted == ("surface_temp",)
    assert choice.kept == {"active_zone": "no_length", "contact_resistance": "one_time"}


def test_a_length_tells_the_active_zone():
    assert choose([size(), size(side="length", size_mm=45.0)]).fitted == ("surface_temp", "active_zone")


def test_several_times_tell_the_contact_resistance():
    rows = [size(3.0), size(10.0), size(3.0, isotherm_c=-20.0), size(10.0, isotherm_c=-20.0)]
    assert choose(rows).fitted == ("surface_temp", "contact_resistance")
    assert choose([size(3.0), size(10.0)]).kept["contact_resistance"] == "too_few_sizes"


def test_a_lone_length_never_carries_two_numbers():
    choice = choose([size(side="length")])
    assert choice.fitted == ("surface_temp",)
    assert choice.kept["active_zone"] == "too_few_sizes"


def test_more_numbers_than_sizes_are_refused_when_asked_for():
    with pytest.raises(UnderDetermined, match="1 measured size for 2 numbers"):
        choose([size()], ["surface_temp", "contact_resistance"])


def test_an_active_zone_without_a_length_is_refused_when_asked_for():
    with pytest.raises(UnderDetermined, match="no length_mm in the table"):
        choose([size(), size(3.0)], ["surface_temp", "active_zone"])


def test_what_is_asked_is_fitted_in_a_fixed_order_and_the_rest_is_said_not_to_be_asked_for():
    choice = choose([size(), size(side="length")], ["active_zone ", " surface_temp", "active_zone"])
    assert choice.fitted == ("surface_temp", "active_zone")
    assert choice.kept == {"contact_resistance": "not_asked"}


def test_an_unknown_number_is_refused():
    with pytest.raises(InputError, match='"power" cannot be fitted; use one or more of surface_temp'):
        choose([size()], ["power"])
