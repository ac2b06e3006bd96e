"""A calibrated entry carries its origin, reads back, and says what the table did not tell."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from givre.adapters.calibration import entry_text, residuals_csv
from givre.calibration.entry import TableOrigin, calibrated_model, refuse_bad_id, remarks
from givre.calibration.measured import Arrangement, MeasuredSize
from givre.calibration.result import Calibration, FittedNumber, Residual
from givre.cryoprobe.catalogue import load_catalogue, read_catalogue, read_toml_catalogue
from givre.foundation.errors import InputError

BASE = load_catalogue()["icesphere-1.5-cx"]
ORIGIN = TableOrigin(file="bench.csv", sha256="a" * 64, date="2026-03-05")


def number(name: str, value: float, **changes: object) -> FittedNumber:
    units = {"surface_temp": "C", "contact_resistance": "m2K/W", "active_zone": "mm"}
    usual: dict[str, object] = {
        "name": name, "value": value, "unit": units[name], "before": value + 1, "standard_error": 2.0,
        "bounds": (-190.0, 70.0), "at_bound": "", "kept_because": None,
    }  # fmt: skip
    return FittedNumber(**(usual | changes))


def calibration(**changes: object) -> Calibration:
    place = Arrangement(medium="agar_gel", medium_temp_c=37.0, probes=1, spacing_mm=0.0, time_s=600.0)
    sizes = [
        MeasuredSize(
            line=line, arrangement=place, isotherm_c=isotherm_c, side="diameter", size_mm=size_mm,
            uncertainty_mm=uncertainty_mm, source="=bench, \"May\"",
        )
        for line, isotherm_c, size_mm, uncertainty_mm in ((2, 0.0, 30.0, 1.0), (3, -20.0, 20.0, math.nan))
    ]  # fmt: skip
    usual: dict[str, object] = {
        "numbers": {
            "surface_temp": number("surface_temp", -118.04),
            "contact_resistance": number(
                "contact_resistance", 0.0, standard_error=math.nan, kept_because="one_time", before=0.0
            ),
            "active_zone": number("active_zone", 21.26),
        },
        "fitted": ("surface_temp", "active_zone"),
        "correlation": np.array([[1.0, 0.4], [0.4, 1.0]]),
        "residuals": (
            Residual(size=sizes[0], uncertainty_mm=1.0, fitted_mm=30.6),
            Residual(size=sizes[1], uncertainty_mm=1.0, fitted_mm=19.2),
        ),
        "degrees_of_freedom": 0,
        "chi_squared": 1.0,
        "voxels_mm": (2.0, 1.5),
        "lattice_shift_mm": 0.1,
        "solved": 9,
    }
    return Calibration(**(usual | changes))


def test_fitted_numbers_go_into_the_entry_with_two_standard_errors_of_range():
    model = calibrated_model(calibration(), BASE, ORIGIN, model_id="site-1.5", name="Site 1.5")
    assert (model.id, model.name, model.active_zone_mm, model.active_zone_status) == (
        "site-1.5", "Site 1.5", 21.3, "derived"
    )  # fmt: skip
    surface = model.surface_temp_c
    assert (surface.value, surface.low, surface.high, surface.status) == (-118.0, -122.0, -114.0, "derived")
    assert "calibrated on bench.csv" in surface.source
    assert model.contact_resistance_m2k_w == BASE.contact_resistance_m2k_w
    assert model.diameter_mm == BASE.diameter_mm


def test_the_origin_tells_file_hash_day_sources_and_misses():
    origin = calibrated_model(calibration(), BASE, ORIGIN).calibration
    assert origin is not None
    assert (origin.file, origin.sha256, origin.date, origin.sizes) == ("bench.csv", "a" * 64, "2026-03-05", 2)
    assert origin.rms_mm == pytest.approx(math.sqrt((0.6**2 + 0.8**2) / 2), abs=0.005)
    assert origin.worst_mm == 0.8
    assert '=bench, "May"' in origin.source
    assert "calibrated 2026-03-05 on 2 sizes of bench.csv" in origin.sentence


def test_what_the_table_does_not_tell_is_said_in_the_entry():
    told = remarks(calibration())
    assert told == [
        "contact resistance kept at 0: the table holds one time",
        "as many numbers as sizes: the misses say nothing",
        "uncertainty not stated for 1 of 2 sizes",
    ]
    stuck = calibration()
    numbers = dict(stuck.numbers) | {"surface_temp": number("surface_temp", -190.0, at_bound="low")}
    assert "surface temperature stayed at its bound, -190" in remarks(replace(stuck, numbers=numbers))


@pytest.mark.parametrize("ending", [".toml", ".csv"])
def test_an_entry_reads_back_as_it_was_written(ending):
    model = calibrated_model(calibration(), BASE, ORIGIN, model_id="site-1.5")
    text = entry_text(model, calibration(), ending=ending)
    read = read_toml_catalogue(text, name="e") if ending == ".toml" else read_catalogue(text.splitlines(), name="e")
    assert read == {"site-1.5": model}


def test_a_residual_table_opens_safely_in_a_spreadsheet():
    lines = residuals_csv(calibration()).splitlines()
    assert lines[0].startswith("line,medium,")
    assert len(lines) == 3
    assert '"\'=bench, ""May"""' in lines[1]
    assert ",1,yes,30.6,0.6,2," in lines[1]
    assert ",1,no,19.2," in lines[2]


def test_ids_that_a_case_file_could_not_name_and_days_that_are_none_are_refused():
    refuse_bad_id("site-1.7")
    for bad in ("", "Site", "a b", "../x", "x" * 80):
        with pytest.raises(InputError, match="use small letters"):
            refuse_bad_id(bad)
    with pytest.raises(InputError, match='date is "5 March"; give it like 2026-03-05'):
        TableOrigin(file="t.csv", sha256="a" * 64, date="5 March")
