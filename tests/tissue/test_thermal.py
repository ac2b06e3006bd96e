"""From tissues to materials: units, continuity of bone with HU, gases, and what cannot freeze."""

import numpy as np
import pytest

from givre.foundation.errors import InputError, UnknownTissue
from givre.geometry.grid import Grid
from givre.tissue.bone_hu_map import load_bone_hu_map
from givre.tissue.table import load_tissue_table
from givre.tissue.thermal import material_field, volumetric_blood_capacity_j_m3k
from givre.tissue.tissue_map import Tissue, TissueMap

TABLE, HU_MAP = load_tissue_table(), load_bone_hu_map()


def row_of(tissue: Tissue, hu: np.ndarray) -> TissueMap:
    grid = Grid(shape=(1, 1, len(hu)), spacing_mm=(1.0, 1.0, 1.0))
    labels = np.full(grid.shape, tissue, dtype=np.uint8)
    return TissueMap(grid=grid, labels=labels, hu=hu.reshape(grid.shape).astype(np.float32))


def material_of(tissue: Tissue, hu: float = 0.0):
    field = material_field(row_of(tissue, np.array([hu])), TABLE, HU_MAP)
    return field.materials[int(field.index[0, 0, 0])]


def test_muscle_in_si_by_hand():
    muscle = material_of(Tissue.MUSCLE)
    assert muscle.capacity_unfrozen_j_m3k == pytest.approx(1090 * 3421)
    assert muscle.latent_j_m3 == pytest.approx(269.4e6, rel=1e-3)
    # 37 ml/min/kg = 37e-6 m³ / 60 s per kg, times 1090 kg/m³, times 1050 * 3617 J/m³K
    assert muscle.perfusion_w_m3k == pytest.approx(37e-6 / 60 * 1090 * 1050 * 3617)
    assert muscle.metabolic_w_m3 == pytest.approx(1090 * 0.91)
    assert muscle.capacity_frozen_slope_j_m3k2 == pytest.approx(1090 * 0.74 * 6.89)
    assert muscle.freezes


def test_blood_brings_3_8_mj_per_m3_and_kelvin():
    assert volumetric_blood_capacity_j_m3k(TABLE) == pytest.approx(3.80e6, rel=2e-3)


@pytest.mark.parametrize("tissue", [tissue for tissue in Tissue if tissue != Tissue.FLOW])
def test_every_tissue_has_a_material(tissue):
    assert material_of(tissue, hu=300.0).conductivity_unfrozen_w_mk > 0


@pytest.mark.parametrize("tissue", [Tissue.AIR, Tissue.METAL, Tissue.CEMENT])
def test_what_holds_no_water_does_not_freeze(tissue):
    assert not material_of(tissue).freezes


def test_gas_stores_enough_heat_not_to_force_tiny_time_steps():
    assert material_of(Tissue.AIR).capacity_unfrozen_j_m3k == 1e5
    # diffusivity of air at the floor stays below that of ice near the probe, 5e-6 m²/s
    air = material_of(Tissue.AIR)
    assert air.conductivity_unfrozen_w_mk / air.capacity_unfrozen_j_m3k < 5e-6


def test_bone_properties_follow_hu_without_steps_larger_than_a_bin():
    hu = np.arange(-150.0, 1700.0, 1.0)
    field = material_field(row_of(Tissue.TRABECULAR_BONE, hu), TABLE, HU_MAP, bone_bin_hu=25.0)
    chosen = [field.materials[int(number)] for number in field.index.ravel()]
    for attribute, exact in (
        ("conductivity_frozen_w_mk", "conductivity_frozen_w_mk"),
        ("conductivity_unfrozen_w_mk", "conductivity_unfrozen_w_mk"),
    ):
        values = np.array([getattr(material, attribute) for material in chosen])
        expected = np.array([HU_MAP.value(exact, value) for value in hu])
        steepest_per_hu = np.abs(np.diff(expected)).max()
        # half a bin away at most; 1e-9 for rounding
        assert np.abs(values - expected).max() <= 12.5 * steepest_per_hu + 1e-9


def test_marrow_joins_bone_where_their_hu_meet():
    marrow, bone = material_of(Tissue.MARROW, -20.0), material_of(Tissue.TRABECULAR_BONE, -20.0)
    assert marrow == bone


def test_bins_too_fine_for_one_byte_are_refused():
    tissue_map = row_of(Tissue.CORTICAL_BONE, np.arange(0.0, 1500.0, 1.0))
    with pytest.raises(InputError, match="widen the bins"):
        material_field(tissue_map, TABLE, HU_MAP, bone_bin_hu=5.0)
    with pytest.raises(InputError, match="give more than 0"):
        material_field(tissue_map, TABLE, HU_MAP, bone_bin_hu=0.0)


def test_default_bins_fit_the_whole_range_of_bone_beside_all_tissues():
    hu = np.arange(-1000.0, 3000.0, 5.0)
    field = material_field(row_of(Tissue.CORTICAL_BONE, hu), TABLE, HU_MAP)
    assert len(field.materials) + len(Tissue) <= 256


def test_a_table_without_a_needed_tissue_is_refused():
    with pytest.raises(UnknownTissue, match='"muscle"'):
        material_field(row_of(Tissue.MUSCLE, np.zeros(1)), {"blood": TABLE["blood"]}, HU_MAP)
