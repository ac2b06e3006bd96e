"""The tissue table: complete, sourced, consistent with itself, and strict about mistakes."""

import numpy as np
import pytest

from givre.foundation.errors import InputError, UnknownTissue
from givre.tissue.table import PROPERTY_UNITS, find_tissue, load_tissue_table, packaged_rows, tissue_table

TABLE = load_tissue_table()
ICE_LATENT_J_KG = 334e3
FREEZING = [name for name, tissue in TABLE.items() if tissue.freezes]


def muscle_rows(**changes: str) -> list[dict[str, str]]:
    """The rows of muscle, with some columns of its density changed."""
    rows = [dict(row) for row in packaged_rows("tissues.csv") if row["tissue"] == "muscle"]
    return [row | changes if row["property"] == "density_kg_m3" else row for row in rows]


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_number_of_a_tissue_has_a_source_and_lies_in_its_range(name):
    for quantity in TABLE[name].quantities().values():
        assert quantity.source
        assert quantity.low <= quantity.value <= quantity.high


@pytest.mark.parametrize("name", FREEZING)
def test_ice_conducts_better_and_stores_less_than_the_water_it_was(name):
    tissue = TABLE[name]
    assert tissue.conductivity_frozen_w_mk.value > tissue.conductivity_unfrozen_w_mk.value
    assert tissue.capacity_frozen_j_kgk.value < tissue.capacity_unfrozen_j_kgk.value


@pytest.mark.parametrize("name", FREEZING)
def test_latent_heat_is_that_of_the_water_the_tissue_holds(name):
    tissue = TABLE[name]
    water_kg_m3 = tissue.density_kg_m3.value * tissue.water_mass_fraction.value
    # four digits are kept in the table; the mixed canal content averages products, not factors
    tolerance = 0.02 if name == "canal_content" else 0.001
    assert 1e6 * tissue.latent_mj_m3.value == pytest.approx(water_kg_m3 * ICE_LATENT_J_KG, rel=tolerance)


@pytest.mark.parametrize("name", ["air", "carbon_dioxide", "cement", "metal"])
def test_materials_without_water_do_not_freeze(name):
    assert not TABLE[name].freezes
    assert TABLE[name].latent_mj_m3.value == 0
    assert TABLE[name].perfusion_ml_min_kg.value == 0


def test_blood_stores_the_heat_the_perfusion_term_counts_on():
    blood = TABLE["blood"]
    assert (blood.density_kg_m3.value, blood.capacity_unfrozen_j_kgk.value) == (1050.0, 3617.0)


def test_conductivity_of_cortical_bone_admits_the_published_span():
    quantity = TABLE["cortical_bone"].conductivity_unfrozen_w_mk
    assert quantity.low <= 0.30
    assert quantity.high >= 0.80


def test_unknown_tissue_is_named_with_those_that_exist():
    with pytest.raises(UnknownTissue, match='"mucsle".*muscle'):
        find_tissue(TABLE, "mucsle")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": " "}, "no source"),
        ({"status": "sure"}, 'status "sure"'),
        ({"value": "1,09"}, "must be numbers"),
        ({"value": "nan"}, "not finite"),
        ({"unit": "g/cm3"}, "give kg/m3"),
        ({"value": "10900", "high": "11000"}, "possible is"),
        ({"value": "900"}, "outside its own range"),
        ({"property": "colour"}, '"colour"'),
    ],
)
def test_a_wrong_row_is_refused_by_name(changes, words):
    with pytest.raises(InputError, match=words):
        tissue_table(muscle_rows(**changes))


def test_a_missing_property_is_refused_by_name():
    with pytest.raises(InputError, match="muscle lacks density_kg_m3"):
        tissue_table([row for row in muscle_rows() if row["property"] != "density_kg_m3"])


def test_a_repeated_property_is_refused():
    with pytest.raises(InputError, match="given twice"):
        tissue_table([*muscle_rows(), *muscle_rows()])


def test_the_table_has_the_properties_the_material_needs():
    assert np.all([set(tissue.quantities()) == set(PROPERTY_UNITS) for tissue in TABLE.values()])
