"""Fits recover probes that are known, and say when a table does not tell them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from givre.bioheat.radial import RadialProblem, crossing_m, solve_radial
from givre.bioheat.solve import solve
from givre.calibration.errors import BadMeasuredTable, UnderDetermined
from givre.calibration.fit import BOUNDS, FitSettings, fit_probe, size_of_mm
from givre.calibration.forward import ForwardModel, ProbeNumbers, smallest_resolved_mm
from givre.calibration.measured import Arrangement, MeasuredSize
from givre.calibration.media import find_medium
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.history import surface_history
from givre.cryoprobe.protocol import single_freeze
from givre.foundation.quantity import Quantity

ICESPHERE = load_catalogue()["icesphere-1.5-cx"]
LONG = replace(ICESPHERE, active_zone_mm=45.0)
"""So long that its middle is a piece of an endless cylinder for three minutes."""


def place(time_s: float, medium: str = "muscle") -> Arrangement:
    return Arrangement(medium=medium, medium_temp_c=37.0, probes=1, spacing_mm=0.0, time_s=time_s)


def measured(arrangement: Arrangement, isotherm_c: float, size_mm: float, side: str = "diameter") -> MeasuredSize:
    return MeasuredSize(
        line=2,
        arrangement=arrangement,
        isotherm_c=isotherm_c,
        side=side,
        size_mm=size_mm,
        uncertainty_mm=0.5,
        source="s",
    )


def endless_cylinder_mm(surface_c: float, time_s: float, isotherms_c: tuple[float, ...]) -> list[float]:
    """Diameters around an endless probe, by the independent radial code."""
    medium = find_medium("muscle")
    problem = RadialProblem(
        material=medium.material, freezing=medium.freezing, inner_m=0.75e-3, outer_m=0.04, cells=200
    )
    history = surface_history(LONG, single_freeze(time_s / 60), start_s=0.0, body_temp_c=37.0, plateau_c=surface_c)
    radius_m, temp_c = solve_radial(problem, history, time_s)
    return [2000 * crossing_m(radius_m, temp_c, isotherm_c) for isotherm_c in isotherms_c]


def own_sizes(numbers: ProbeNumbers, wanted: list[tuple[Arrangement, float, str]], voxel_mm: float):
    """Sizes by the product's solver on other voxels than the fit uses."""
    forward = ForwardModel(model=ICESPHERE, solve=solve)
    rows = []
    for arrangement, isotherm_c, side in wanted:
        row = measured(arrangement, isotherm_c, 1.0, side)
        size = forward.sizes(arrangement, numbers, (isotherm_c,), voxel_mm=voxel_mm)[isotherm_c]
        rows.append(replace(row, size_mm=size_of_mm(row, size)))
    return rows


def test_the_surface_temperature_behind_an_independent_radial_solution_is_recovered():
    isotherms = (0.0, -20.0, -40.0)
    rows = [
        measured(place(180.0), isotherm_c, size_mm)
        for isotherm_c, size_mm in zip(isotherms, endless_cylinder_mm(-120.0, 180.0, isotherms), strict=True)
    ]
    found = fit_probe(rows, LONG, solve=solve, settings=FitSettings(voxel_mm=1.5, refinement=1.0))
    assert found.fitted == ("surface_temp",)
    assert found.numbers["surface_temp"].value == pytest.approx(-120.0, abs=4.0)
    assert found.worst_mm < 0.35
    assert found.degrees_of_freedom == 2
    assert 0.1 < found.numbers["surface_temp"].standard_error < 6.0


def test_temperature_and_active_zone_are_recovered_from_diameters_and_a_length():
    truth = ProbeNumbers(surface_temp_c=-105.0, contact_resistance_m2k_w=0.0, active_zone_mm=17.0)
    wanted = [(place(150.0), 0.0, "diameter"), (place(150.0), -20.0, "diameter"), (place(150.0), 0.0, "length")]
    found = fit_probe(own_sizes(truth, wanted, 1.4), ICESPHERE, solve=solve)
    assert found.fitted == ("surface_temp", "active_zone")
    assert found.numbers["surface_temp"].value == pytest.approx(-105.0, abs=5.0)
    assert found.numbers["active_zone"].value == pytest.approx(17.0, abs=0.7)
    assert abs(found.correlation[0, 1]) < 0.9
    assert found.numbers["contact_resistance"].kept_because == "one_time"


def test_a_probe_colder_than_any_stays_at_its_bound_and_says_so():
    found = fit_probe([measured(place(120.0), 0.0, 60.0)], ICESPHERE, solve=solve, settings=FitSettings(voxel_mm=2.5))
    assert found.numbers["surface_temp"].value == pytest.approx(BOUNDS["surface_temp"][0], abs=0.2)
    assert found.at_bounds == ("surface_temp",)


def test_numbers_that_a_table_does_not_tell_apart_are_kept_or_refused():
    rows = [measured(place(t), c, d) for t, c, d in ((60.0, 0.0, 9.6), (61.0, 0.0, 9.65))]
    rows += [measured(place(t), c, d) for t, c, d in ((60.0, -20.0, 7.1), (61.0, -20.0, 7.15))]
    found = fit_probe(rows, ICESPHERE, solve=solve, settings=FitSettings(voxel_mm=1.4, refinement=1.0))
    assert found.fitted == ("surface_temp",)
    assert found.numbers["contact_resistance"].kept_because == "not_told_apart"
    with pytest.raises(UnderDetermined, match="does not tell surface_temp from contact_resistance"):
        fit_probe(
            rows,
            ICESPHERE,
            solve=solve,
            asked=("surface_temp", "contact_resistance"),
            settings=FitSettings(voxel_mm=1.4, refinement=1.0),
        )


def test_an_isotherm_closer_than_the_model_sees_is_refused():
    thick = replace(ICESPHERE, diameter_mm=3.4)
    assert smallest_resolved_mm(3.4, 1.0) == pytest.approx(10.2)
    with pytest.raises(BadMeasuredTable, match="around a probe of 3.4 mm"):
        fit_probe([measured(place(120.0), -40.0, 7.0)], thick, solve=solve)


def test_a_number_that_is_not_fitted_keeps_what_the_catalogue_says():
    resistive = replace(
        ICESPHERE,
        contact_resistance_m2k_w=Quantity(value=1e-4, low=0, high=2e-4, unit="m2K/W", source="t", status="assumption"),
    )
    truth = ProbeNumbers(surface_temp_c=-130.0, contact_resistance_m2k_w=1e-4, active_zone_mm=22.0)
    rows = own_sizes(truth, [(place(180.0), 0.0, "diameter")], 2.0)
    found = fit_probe(rows, resistive, solve=solve, settings=FitSettings(voxel_mm=2.0, refinement=1.0))
    assert found.numbers["contact_resistance"].value == 1e-4
    assert found.numbers["surface_temp"].value == pytest.approx(-130.0, abs=1.5)
    assert found.degrees_of_freedom == 0


def test_a_pair_of_probes_is_fitted_by_its_longest_diameter():
    pair = replace(place(120.0), probes=2, spacing_mm=10.0)
    truth = ProbeNumbers(surface_temp_c=-110.0, contact_resistance_m2k_w=0.0, active_zone_mm=22.0)
    rows = own_sizes(truth, [(pair, 0.0, "diameter")], 1.6)
    assert rows[0].size_mm > 20.0  # ten millimetres between the probes and the ice around both
    found = fit_probe(rows, ICESPHERE, solve=solve, settings=FitSettings(voxel_mm=2.0, refinement=0.9))
    assert found.numbers["surface_temp"].value == pytest.approx(-110.0, abs=8.0)


def test_a_fit_can_be_stopped():
    with pytest.raises(KeyboardInterrupt):
        fit_probe([measured(place(60.0), 0.0, 12.0)], ICESPHERE, solve=solve, told=lambda *_: False)


def test_sizes_that_no_probe_changes_are_refused():
    with pytest.raises(UnderDetermined, match="no size of this table changes with surface_temp"):
        fit_probe([measured(place(60.0), -185.0, 20.0)], ICESPHERE, solve=solve)
