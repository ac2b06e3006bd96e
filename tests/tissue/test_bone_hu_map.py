"""Bone properties from HU: continuous, monotonous, and equal to the pure materials at both ends."""

import numpy as np
import pytest

from givre.foundation.errors import InputError
from givre.tissue.bone_hu_map import bone_hu_map, load_bone_hu_map
from givre.tissue.table import PROPERTY_UNITS, load_tissue_table, packaged_rows

MAP = load_bone_hu_map()


@pytest.mark.parametrize(
    ("name", "rises"),
    [
        ("density_kg_m3", True),
        ("conductivity_unfrozen_w_mk", True),
        ("conductivity_frozen_w_mk", True),
        ("water_mass_fraction", False),
        ("capacity_unfrozen_j_kgk", False),
        ("perfusion_ml_min_kg", False),
    ],
)
def test_denser_bone_is_heavier_drier_and_less_perfused(name, rises):
    mineral = MAP.hu >= -20.0  # below, yellow marrow is drier than the mixture above it
    steps = np.diff(MAP.columns[name][mineral])
    assert np.all(steps >= -1e-9 if rises else steps <= 1e-9)


@pytest.mark.parametrize("name", ["capacity_unfrozen_j_kgk", "conductivity_unfrozen_w_mk", "water_mass_fraction"])
def test_the_dense_end_is_cortical_bone(name):
    cortical = load_tissue_table()["cortical_bone"].quantities()[name].value
    assert MAP.value(name, 3000.0) == pytest.approx(cortical, rel=0.01)


@pytest.mark.parametrize("name", ["density_kg_m3", "capacity_unfrozen_j_kgk", "conductivity_unfrozen_w_mk"])
def test_the_fatty_end_is_yellow_marrow(name):
    yellow = load_tissue_table()["yellow_marrow"].quantities()[name].value
    assert MAP.value(name, -300.0) == pytest.approx(yellow, rel=0.01)


def test_density_follows_schneider_above_100_hu():
    for hu in (150.0, 400.0, 1000.0):
        assert MAP.value("density_kg_m3", hu) == pytest.approx(1017.0 + 0.592 * hu, abs=0.5)


def test_bone_at_400_hu_holds_a_third_of_the_latent_heat_of_muscle():
    muscle = load_tissue_table()["muscle"].latent_mj_m3.value
    assert MAP.value("latent_mj_m3", 400.0) / muscle == pytest.approx(0.33, abs=0.03)


@pytest.mark.parametrize("name", sorted(PROPERTY_UNITS))
def test_every_mapped_number_can_say_its_spread_and_source(name):
    quantity = MAP.quantity(name, 420.0)
    assert quantity.low <= quantity.value <= quantity.high
    assert quantity.source


def test_unsorted_hu_are_refused():
    rows = packaged_rows("bone_hu_map.csv")
    with pytest.raises(InputError, match="must increase"):
        bone_hu_map(rows[::-1], packaged_rows("bone_hu_spread.csv"))


def test_a_missing_spread_is_refused_by_name():
    spread = [row for row in packaged_rows("bone_hu_spread.csv") if row["property"] != "latent_mj_m3"]
    with pytest.raises(InputError, match="no spread for latent_mj_m3"):
        bone_hu_map(packaged_rows("bone_hu_map.csv"), spread)


def test_a_number_that_does_not_parse_is_refused():
    rows = [row | {"density_kg_m3": "heavy"} for row in packaged_rows("bone_hu_map.csv")]
    with pytest.raises(InputError, match="not a number"):
        bone_hu_map(rows, packaged_rows("bone_hu_spread.csv"))
