"""One probe is fitted, the others are predicted without a look at them."""

from __future__ import annotations

import dataclasses

import pytest

from givre.bioheat.solve import solve
from givre.calibration.forward import ForwardModel, numbers_of
from givre.calibration.measured import read_measured
from givre.cryoprobe.catalogue import load_catalogue
from givre.verification.measured import agar

CATALOGUE = load_catalogue()
CALIBRATED = {"endocare-2.4"}


def test_the_fitted_table_holds_one_probe_only():
    lines, _ = agar.one_probe_table()
    sizes = read_measured(lines, name=agar.TABLE)
    assert [(size.arrangement.probes, size.isotherm_c, size.size_mm) for size in sizes] == [(1, -30, 12), (1, 0, 33.3)]


def test_several_probes_are_predicted_without_reading_what_was_measured(monkeypatch):
    def looked(*_: object) -> None:
        raise AssertionError("the prediction looked at the measurements")

    with monkeypatch.context() as closed:
        closed.setattr(agar, "load_measurements", looked)
        closed.setattr(agar, "one_probe_table", looked)
        prediction = agar.predict(numbers_of(CATALOGUE["endocare-2.4"]), solve, voxel_mm=3.0)
    ice = [prediction[f"L{count}c mean"] for count in (1, 2, 3, 4)]
    assert ice == sorted(ice)
    assert prediction["L2a"] > 20.0
    assert prediction["L5a"] < 100.0
    compared = agar.compare(prediction)
    assert {pair.measurement.id for pair in compared} == {key for key in prediction if not key.endswith(" mean")}
    assert len(compared) == 14


def test_what_was_predicted_is_told_by_its_hash():
    one, other = {"L1a": 14.3, "L2a": 34.712}, {"L2a": 34.7119, "L1a": 14.3}
    assert agar.prediction_sha256(one) == agar.prediction_sha256(other)
    assert agar.prediction_sha256(one) != agar.prediction_sha256(one | {"L2a": 34.72})


def test_the_packaged_calibration_names_the_packaged_table():
    origin = CATALOGUE["endocare-2.4"].calibration
    assert origin is not None
    assert (origin.file, origin.sha256) == (agar.TABLE, agar.one_probe_table()[1])
    assert origin.fitted == ("surface_temp",)


def test_the_packaged_calibration_still_misses_by_what_it_says():
    model = CATALOGUE["endocare-2.4"]
    sizes = read_measured(agar.one_probe_table()[0], name=agar.TABLE)
    found = ForwardModel(model=model, solve=solve).sizes(
        sizes[0].arrangement, numbers_of(model), [size.isotherm_c for size in sizes], voxel_mm=2.0
    )
    misses = [found[size.isotherm_c].mean_diameter_mm - size.size_mm for size in sizes]
    assert model.calibration is not None
    assert max(abs(miss) for miss in misses) == pytest.approx(model.calibration.worst_mm, abs=0.4)
    assert misses[0] * misses[1] < 0  # one too large, one too small: the best that one temperature can do


def test_no_other_probe_claims_to_be_calibrated():
    assert {key for key, model in CATALOGUE.items() if model.calibration is not None} == CALIBRATED


def test_the_probe_to_fit_does_not_carry_an_earlier_calibration():
    assert agar.uncalibrated_probe().calibration is None
    assert dataclasses.replace(agar.uncalibrated_probe()).diameter_mm == 2.4
