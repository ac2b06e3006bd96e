"""Contours, gaps, property tables, givre's side of the comparison, and what happens without scikit-fem."""

from __future__ import annotations

import numpy as np
import pytest

from givre.bioheat.ice import Freezing
from givre.bioheat.materials import conduction_potential, enthalpy_j_m3, material_columns
from givre.foundation.errors import SimulationError
from givre.geometry.grid import Grid
from givre.verification.crosscode import cryobench
from givre.verification.crosscode.cases import cross_cases, gs1_material, gs1_table
from givre.verification.crosscode.contours import contour
from givre.verification.crosscode.gaps import isotherm_gaps_mm, ring_sampler, voxel_sampler
from givre.verification.crosscode.property_table import table_of
from givre.verification.crosscode.references import by_rings
from givre.verification.crosscode.voxels import voxel_problem
from givre.verification.media import tabled
from givre.verification.running import solved

CASES = {case.name: case for case in cross_cases()}
AXIS_M = (np.arange(160) + 0.5) * 0.25e-3


def ball_c(radius_mm: float) -> np.ndarray:
    """A field (z, r) whose zero is a sphere."""
    return np.hypot(AXIS_M[:, None], AXIS_M[None, :]) * 1000 - radius_mm


def test_a_contour_encloses_the_volume_of_its_sphere() -> None:
    curve = contour(AXIS_M, AXIS_M, ball_c(12.0), 0.0, mirrored=True)
    assert curve.volume_ml == pytest.approx(4 / 3 * np.pi * 1.2**3, rel=1e-3)
    assert curve.radius_at_mm(0.0) == pytest.approx(12.0, abs=0.01)
    assert curve.ends_mm == pytest.approx((-12.0, 12.0), abs=0.02)


def test_a_contour_of_nothing_is_empty() -> None:
    curve = contour(AXIS_M, AXIS_M, ball_c(12.0), -50.0, mirrored=True)
    assert curve.volume_ml == 0.0
    assert np.isnan(curve.largest_radius_mm)


def test_gaps_have_the_sign_and_size_of_the_difference() -> None:
    curve = contour(AXIS_M, AXIS_M, ball_c(12.0), 0.0, mirrored=True)
    larger = ring_sampler(AXIS_M, AXIS_M, ball_c(12.7), mirrored=True)
    assert isotherm_gaps_mm(curve, larger, 0.0) == pytest.approx(0.7, abs=0.01)


def test_gaps_see_a_ball_that_lies_beside_its_place() -> None:
    curve = contour(AXIS_M, AXIS_M, ball_c(10.0), 0.0, mirrored=True)
    grid = Grid(shape=(60, 60, 60), spacing_mm=(0.5,) * 3, origin_mm=(-14.75,) * 3)
    shifted = np.linalg.norm(grid.voxel_centres_mm() - np.array([0.5, 0.0, 0.0]), axis=-1) - 10.0
    gaps_mm = isotherm_gaps_mm(curve, voxel_sampler(grid, shifted), 0.0)
    assert np.abs(gaps_mm).max() == pytest.approx(0.5, abs=0.03)
    assert abs(gaps_mm.mean()) < 0.03


def test_an_isotherm_that_is_too_far_away_is_not_a_number() -> None:
    curve = contour(AXIS_M, AXIS_M, ball_c(12.0), 0.0, mirrored=True)
    far = ring_sampler(AXIS_M, AXIS_M, ball_c(20.0), mirrored=True)
    assert np.isnan(isotherm_gaps_mm(curve, far, 0.0)).all()


@pytest.mark.parametrize("name", ["muscle", "cortical_bone", "lytic_lesion", "metal"])
def test_a_table_says_what_the_material_says(name: str) -> None:
    tissue, freezing = tabled(name), Freezing()
    columns, table = material_columns((tissue,), freezing), table_of(tissue, freezing)
    temp_c = np.linspace(-150, 60, 173)
    index = np.zeros(temp_c.shape, dtype=np.int64)
    enthalpy = enthalpy_j_m3(temp_c, index, columns, freezing)
    potential = conduction_potential(temp_c, index, columns, freezing)
    found_j, found_w = table.state(temp_c, 37.0).enthalpy, table.state(temp_c, 37.0).potential
    assert found_j - found_j[-1] == pytest.approx(enthalpy - enthalpy[-1], rel=1e-6, abs=10.0)
    assert found_w - found_w[-1] == pytest.approx(potential - potential[-1], rel=1e-4, abs=1e-3)


def test_gs1_in_the_words_of_givre_holds_the_same_heat() -> None:
    exact, own = gs1_table(), table_of(gs1_material(), CASES["GS1"].freezing)
    ends_c = np.array([-140.0, -8.15, -1.15, 37.0])
    steps = [np.diff(table.state(ends_c, 37.0).enthalpy) for table in (exact, own)]
    assert steps[0] == pytest.approx(steps[1], rel=1e-9)


@pytest.mark.parametrize("name", ["22 mm zone", "warm plane"])
def test_two_millimetre_voxels_come_near_the_reference(name: str) -> None:
    case = CASES[name]
    reference = by_rings(case, size_mm=0.6, tip_mm=0.15)
    problem = voxel_problem(case, 2.0)
    sample = voxel_sampler(problem.grid, solved(problem).final_c)
    for isotherm_c, curve in reference.contours.items():
        gaps_mm = isotherm_gaps_mm(curve, sample, isotherm_c)
        assert np.abs(gaps_mm).mean() < 0.3
        assert np.abs(gaps_mm).max() < 1.0


def test_without_scikit_fem_the_card_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cryobench, "find_spec", lambda _: None)
    monkeypatch.setattr(cryobench, "_elements", cryobench._elements.__wrapped__)
    with pytest.raises(SimulationError, match="pip install scikit-fem"):
        cryobench._elements("22 mm zone")


def test_the_card_asks_every_code_about_every_case_it_can() -> None:
    card = cryobench.card()
    assert card.id == "V17"
    assert len(CASES) >= 6
    assert {ladder.names for ladder in card.ladders[:3]} == {tuple(CASES)}
