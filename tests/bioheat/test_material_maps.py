"""Enthalpy, temperature and potential maps: inverse of each other, monotone, and derivatives as stated."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from givre.bioheat.ice import SLACK_COEFFICIENTS, Freezing
from givre.bioheat.materials import (
    conduction_potential,
    conductivity_w_mk,
    enthalpy_j_m3,
    material_columns,
    temperature_c,
)
from tests.bioheat.scenes import bone, metal, muscle

FREEZING = Freezing()
COLUMNS = material_columns((muscle(), bone(), metal()), FREEZING)
temperatures = st.floats(-190.0, 90.0)
material = st.integers(0, 2)


@given(temperatures, material)
def test_temperature_survives_the_trip_through_enthalpy(temp_c: float, which: int) -> None:
    temp, index = np.array([temp_c]), np.array([which])
    back = temperature_c(enthalpy_j_m3(temp, index, COLUMNS, FREEZING), index, COLUMNS, FREEZING)
    assert abs(back[0] - temp_c) < 1e-9


@given(temperatures, temperatures, material)
def test_warmer_tissue_holds_more_heat_and_a_higher_potential(one_c: float, other_c: float, which: int) -> None:
    temp, index = np.array([min(one_c, other_c), max(one_c, other_c)]), np.array([which, which])
    for function in (enthalpy_j_m3, conduction_potential):
        values = function(temp, index, COLUMNS, FREEZING)
        assert values[1] >= values[0] - 1e-6 * abs(values[0])


def test_the_potential_is_the_integral_of_the_conductivity() -> None:
    temp_c = np.linspace(-180.0, 50.0, 230_001)
    for which in range(3):
        index = np.full(temp_c.shape, which)
        slope = np.gradient(conduction_potential(temp_c, index, COLUMNS, FREEZING), temp_c)
        conductivity = conductivity_w_mk(temp_c, index, COLUMNS, FREEZING)
        assert np.abs(slope - conductivity)[5:-5].max() < 2e-3


def test_the_ice_polynomial_follows_slack_to_half_a_percent() -> None:
    temp_c = np.linspace(-196.0, 0.0, 5000)
    slack = 253.15 / (temp_c + 273.15)
    fitted = np.polynomial.polynomial.polyval(temp_c, np.array(SLACK_COEFFICIENTS))
    assert np.abs(fitted / slack - 1).max() < 0.005


def test_all_latent_heat_lies_in_the_freezing_interval() -> None:
    index = np.array([0, 0])
    held = enthalpy_j_m3(np.array([FREEZING.lower_c, FREEZING.upper_c]), index, COLUMNS, FREEZING)
    sensible = (COLUMNS.capacity_cold[0] + COLUMNS.capacity_warm[0]) / 2 * (FREEZING.upper_c - FREEZING.lower_c)
    assert abs((held[1] - held[0]) - (muscle().latent_j_m3 + sensible)) < 1.0
