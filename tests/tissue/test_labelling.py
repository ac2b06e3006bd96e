"""From HU and masks to tissues: masks win, HU decides elsewhere, noise does not make bone."""

from dataclasses import replace

import numpy as np
import pytest

from givre.foundation.errors import EmptyMask, GeometryMismatch, InputError
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.testing.vertebra_phantom import vertebra_phantom
from givre.tissue.hu_thresholds import hu_threshold_quantities, load_hu_threshold_quantities, load_hu_thresholds
from givre.tissue.labelling import is_known_structure, label_tissues
from givre.tissue.table import packaged_rows
from givre.tissue.tissue_map import Tissue

LIMITS = load_hu_thresholds()
GRID = Grid(shape=(9, 9, 9), spacing_mm=(1.0, 1.0, 1.0))
MIDDLE = (4, 4, 4)


def uniform_ct(hu: float) -> Volume:
    return Volume(grid=GRID, values=np.full(GRID.shape, hu, dtype=np.float32), unit="HU")


def block(name: str, *, low: int = 2, high: int = 7) -> Mask:
    inside = np.zeros(GRID.shape, dtype=bool)
    inside[low:high, low:high, low:high] = True
    return Mask(grid=GRID, inside=inside, name=name)


def labelled(ct: Volume, *masks: Mask, lesion_kind="lytic", limits=LIMITS):
    return label_tissues(ct, {mask.name: mask for mask in masks}, lesion_kind=lesion_kind, thresholds=limits)


@pytest.mark.parametrize(
    ("hu", "tissue"),
    [
        (-1000, Tissue.AIR),
        (-100, Tissue.FAT),
        (50, Tissue.MUSCLE),
        (250, Tissue.TRABECULAR_BONE),
        (1200, Tissue.CORTICAL_BONE),
        (3000, Tissue.METAL),
    ],
)
def test_without_masks_hu_decides(hu, tissue):
    assert labelled(uniform_ct(hu)).counts == {tissue: GRID.shape[0] ** 3}


@pytest.mark.parametrize(
    ("name", "tissue"),
    [
        ("spinal_cord", Tissue.CORD),
        ("disc_L3_L4", Tissue.DISC),
        ("nerve_root_left", Tissue.NERVE),
        ("aorta", Tissue.VESSEL),
        ("skin", Tissue.SKIN),
        ("bowel", Tissue.BOWEL),
        ("cement", Tissue.CEMENT),
        ("metal", Tissue.METAL),
        ("tumour", Tissue.LYTIC_LESION),
        ("lung_left", Tissue.LUNG),
        ("kidney_left", Tissue.KIDNEY),
        ("liver", Tissue.LIVER),
        ("spleen", Tissue.MUSCLE),
    ],
)
def test_a_mask_wins_over_hu(name, tissue):
    assert labelled(uniform_ct(300), block(name)).labels[MIDDLE] == tissue


@pytest.mark.parametrize(
    ("hu", "tissue"), [(-90, Tissue.MARROW), (60, Tissue.TRABECULAR_BONE), (900, Tissue.CORTICAL_BONE)]
)
def test_inside_the_bone_mask_hu_tells_marrow_from_bone(hu, tissue):
    assert labelled(uniform_ct(hu), block("vertebra_L3")).labels[MIDDLE] == tissue


def test_one_noisy_voxel_in_muscle_is_not_bone():
    ct = uniform_ct(50)
    ct.values[MIDDLE] = 400
    found = labelled(ct)
    assert found.labels[MIDDLE] == Tissue.MUSCLE
    assert any("taken as soft tissue" in note for note in found.notes)


def test_one_noisy_voxel_in_muscle_is_not_fat():
    ct = uniform_ct(50)
    ct.values[MIDDLE] = -80
    assert labelled(ct).labels[MIDDLE] == Tissue.MUSCLE


def test_a_piece_of_bone_counts_from_the_smallest_size_on():
    ct = uniform_ct(50)
    ct.values[2:7, 2:7, 2:6] = 400  # 100 mm³
    assert labelled(ct).labels[MIDDLE] == Tissue.TRABECULAR_BONE
    larger = replace(LIMITS, smallest_bone_mm3=101.0)
    assert labelled(ct, limits=larger).labels[MIDDLE] == Tissue.MUSCLE


def test_noise_beside_a_bone_mask_is_not_bone():
    grid = Grid(shape=(30, 30, 30), spacing_mm=(1.5, 1.5, 1.5))
    noise = np.random.default_rng(0).normal(50.0, 65.0, grid.shape)  # as in a low-dose lumbar CT
    bone = np.zeros(grid.shape, dtype=bool)
    bone[:, :, :6] = True
    ct = Volume(grid=grid, values=np.where(bone, 400.0, noise).astype(np.float32), unit="HU")
    found = labelled(ct, Mask(grid=grid, inside=bone, name="bone"))
    called_bone = np.isin(found.labels, (Tissue.TRABECULAR_BONE, Tissue.CORTICAL_BONE))
    assert called_bone[bone].all()
    assert called_bone[~bone].mean() < 0.001
    assert (ct.values[~bone] >= LIMITS.bone_min_hu).mean() > 0.05  # one voxel in twenty would have passed


def test_contrast_taken_for_bone_beside_a_bone_mask_is_said():
    grid = Grid(shape=(30, 30, 30), spacing_mm=(1.0, 1.0, 1.0))
    values = np.full(grid.shape, 50.0, dtype=np.float32)
    values[5:25, 5:25, 8:25] = 220.0  # an enhanced organ of 6.8 mL
    bone = np.zeros(grid.shape, dtype=bool)
    bone[:, :, :4] = True
    ct = Volume(grid=grid, values=values, unit="HU")
    found = labelled(ct, Mask(grid=grid, inside=bone, name="bone"))
    assert any("7 mL outside the bone mask are as dense as bone" in note for note in found.notes)


def test_a_canal_without_its_cord_is_a_mixture_and_says_so():
    found = labelled(uniform_ct(30), block("spinal_canal"))
    assert found.labels[MIDDLE] == Tissue.CANAL_CONTENT
    assert any("half cord, half CSF" in note for note in found.notes)


def test_a_canal_around_its_cord_is_csf():
    found = labelled(uniform_ct(30), block("spinal_canal"), block("spinal_cord", low=4, high=5))
    assert found.labels[MIDDLE] == Tissue.CORD
    assert found.labels[3, 3, 3] == Tissue.CSF
    assert Tissue.CANAL_CONTENT not in found.counts


def test_a_mixed_lesion_is_split_by_hu():
    ct = uniform_ct(40)
    ct.values[MIDDLE] = 500
    found = labelled(ct, block("tumour"), lesion_kind="mixed")
    assert found.labels[MIDDLE] == Tissue.BLASTIC_LESION
    assert found.labels[3, 3, 3] == Tissue.LYTIC_LESION


def test_a_blastic_lesion_is_blastic_throughout():
    assert labelled(uniform_ct(40), block("tumour"), lesion_kind="blastic").labels[MIDDLE] == Tissue.BLASTIC_LESION


def test_a_dense_lesion_called_lytic_is_remarked_upon():
    assert any("call it mixed" in note for note in labelled(uniform_ct(500), block("tumour")).notes)


def test_where_tumour_and_cord_overlap_the_cord_stays():
    found = labelled(uniform_ct(40), block("tumour"), block("spinal_cord", low=4, high=6))
    assert found.labels[MIDDLE] == Tissue.CORD
    assert any("8 voxels are both tumour and cord" in note for note in found.notes)


def test_gas_and_metal_are_seen_inside_any_mask():
    ct = uniform_ct(40)
    ct.values[MIDDLE] = -900
    ct.values[3, 3, 3] = 3071
    found = labelled(ct, block("bowel"))
    assert found.labels[MIDDLE] == Tissue.AIR
    assert found.labels[3, 3, 3] == Tissue.METAL
    assert any("1 voxels of bowel hold gas" in note for note in found.notes)


def test_a_structure_without_material_is_followed_and_said():
    found = labelled(uniform_ct(40), block("gallbladder"))
    assert found.labels[MIDDLE] == Tissue.MUSCLE
    assert any('"gallbladder" is followed' in note for note in found.notes)
    assert not is_known_structure("gallbladder")
    assert is_known_structure("Spinal Cord")


def test_a_ct_that_is_not_finite_is_refused():
    with pytest.raises(InputError, match="not finite"):
        labelled(uniform_ct(float("nan")))


def test_a_mask_on_another_lattice_is_refused():
    other = Grid(shape=GRID.shape, spacing_mm=(1.0, 1.0, 1.1))
    mask = Mask(grid=other, inside=np.ones(GRID.shape, dtype=bool), name="bone")
    with pytest.raises(GeometryMismatch, match="mask bone lies on another lattice"):
        labelled(uniform_ct(40), mask)


def test_an_empty_mask_is_refused():
    with pytest.raises(EmptyMask, match="mask disc holds no voxel"):
        labelled(uniform_ct(40), block("disc", low=3, high=3))


def test_an_unknown_kind_of_lesion_is_refused():
    with pytest.raises(InputError, match="lesion kind"):
        labelled(uniform_ct(40), lesion_kind="malign")


def test_thresholds_out_of_order_are_refused():
    with pytest.raises(InputError, match="must increase"):
        replace(LIMITS, bone_min_hu=-50.0)
    with pytest.raises(InputError, match="marrow"):
        replace(LIMITS, marrow_max_hu=400.0)


def test_every_threshold_is_sourced_and_none_may_be_missing():
    assert all(quantity.source for quantity in load_hu_threshold_quantities().values())
    with pytest.raises(InputError, match="must hold each of"):
        hu_threshold_quantities(packaged_rows("hu_thresholds.csv")[1:])


def test_the_vertebra_phantom_is_labelled_as_it_was_built():
    phantom = vertebra_phantom()
    found = label_tissues(phantom.ct, phantom.masks, lesion_kind="lytic", thresholds=LIMITS)
    for tissue, structure in (
        (Tissue.CORD, "spinal_cord"),
        (Tissue.LYTIC_LESION, "tumour"),
        (Tissue.DISC, "disc"),
        (Tissue.VESSEL, "vessel_aorta"),
    ):
        inside = phantom.masks[structure].inside
        assert (found.labels[inside] == tissue).mean() > 0.99, structure
    bone_only = phantom.masks["bone"].inside & ~phantom.masks["tumour"].inside
    bone_tissues = (Tissue.TRABECULAR_BONE, Tissue.CORTICAL_BONE)
    assert np.isin(found.labels[bone_only], bone_tissues).mean() > 0.99
    skin_rows = phantom.masks["skin"].inside.any(axis=(0, 2))
    behind = int(np.flatnonzero(skin_rows).max()) + 1
    assert (found.labels[:, behind + 2 :, :] == Tissue.AIR).all()
