"""Card V18 shows every point with its uncertainty; the page and the JSON say the same."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from givre.bioheat.run import ThermalRun
from givre.calibration.measured import read_measured
from givre.calibration.result import Calibration, FittedNumber, Residual
from givre.foundation.errors import SimulationError
from givre.verification.measured import agar, card, dish
from givre.verification.measured.agreement import Compared, agreement
from givre.verification.measured.page import validation_json, validation_markdown
from givre.verification.measured.report import Study, ValidationReport, _tried
from givre.verification.measured.table import load_measurements

TABLE = load_measurements()


def test_the_card_is_v18_and_asks_something_of_every_ladder():
    assert card.CARD.id == "V18"
    assert [len(ladder.levels) for ladder in card.CARD.ladders] == [3, 3, 1, 3, 3]
    assert all(ladder.bands and ladder.bands[0].source for ladder in card.CARD.ladders)


def test_a_level_shows_its_points_with_their_uncertainties():
    pairs = [
        Compared(measurement=TABLE[key], predicted=20.0, condition="lung_deflated") for key in ("H0", "H20", "H40")
    ]
    level = card.comparison_of(pairs)
    assert level.errors == pytest.approx([-11.0, -3.0, 2.0])
    assert level.uncertainty == (2.0, 3.0, 4.0)
    assert level.labels[1] == "-20 °C diameter, lung deflated"


def test_the_measured_trace_drives_the_dish():
    problem = dish.dish_problem(2.0)
    history = problem.probes[0].history
    assert history.time_s[-1] == 180.0
    assert history.temp_c.min() == pytest.approx(-81.93, abs=0.01)
    assert set(history.modes) == {"cooling_only"}
    assert problem.duration_s == 180.0


def _calibration() -> Calibration:
    sizes = read_measured(agar.one_probe_table()[0], name=agar.TABLE)
    number = FittedNumber(
        name="surface_temp", value=-90.0, unit="C", before=-88.0, standard_error=10.0, bounds=(-190, -40), at_bound="",
        kept_because=None,
    )  # fmt: skip
    return Calibration(
        numbers={"surface_temp": number},
        fitted=("surface_temp",),
        correlation=np.eye(1),
        residuals=tuple(Residual(size=s, uncertainty_mm=1.5, fitted_mm=s.size_mm + 2) for s in sizes),
        degrees_of_freedom=1,
        chi_squared=1.0,
        voxels_mm=(2.0, 1.5),
        lattice_shift_mm=0.1,
        solved=9,
    )


def _report(*studies: Study) -> ValidationReport:
    return ValidationReport(
        calibration=_calibration(), table_sha256="0" * 64, prediction_text="L2a,34.70\n", prediction_sha256="f" * 64,
        studies=studies, not_comparable=tuple(m for m in TABLE.values() if m.use == "not comparable"),
    )  # fmt: skip


def test_the_page_shows_every_pair_its_uncertainty_and_what_is_left_out():
    pairs = tuple(
        Compared(measurement=TABLE[key], predicted=25.0, condition="lung_haemorrhagic") for key in ("H0", "H20", "H40")
    )
    study = Study(key="hinshaw-2010", pairs=pairs, statistics=(("all", agreement(pairs)),))
    page = validation_markdown(_report(study))
    assert page.count("| lung haemorrhagic |") == 3
    assert "± 3 mm (standard deviation, n = 7)" in page
    assert "limits of agreement" in page
    assert "not blind" in page
    assert "not comparable because" in page
    assert "TABLE" not in page
    document = json.dumps(validation_json(_report(study)), allow_nan=False)
    assert json.loads(document)["studies"][0]["points"][0]["miss"] == -6.0


def test_a_bound_is_said_to_be_kept_or_not_never_missed():
    colder, warmer = (Compared(measurement=TABLE["P50"], predicted=t, condition="bone") for t in (-90.0, -20.0))
    page = validation_markdown(
        _report(Study(key="popken-2003", pairs=(colder, warmer), statistics=(), is_plausibility=True))
    )
    assert "| consistent |" in page
    assert "| not consistent |" in page
    assert "Plausibility only" in page


def test_a_study_that_fails_stays_on_the_page_with_its_reason():
    def fails() -> Study:
        raise SimulationError("the dish froze over")

    study = _tried("icesphere-dish", fails)
    assert "**FAILED**: the dish froze over" in validation_markdown(_report(study))
    assert not math.isnan(len(study.pairs))


def test_a_run_without_result_is_refused_by_the_dish():
    def stopped(problem: object) -> ThermalRun:
        from givre.bioheat.solve import solve  # noqa: PLC0415

        return solve(problem, progress=lambda *_: False)

    with pytest.raises(SimulationError, match="the dish: stopped"):
        dish.compare_in_dish(stopped, voxel_mm=2.0)
