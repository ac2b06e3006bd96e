"""Samples as case folders: complete, consistent, honest about what is synthetic."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from givre.adapters.samples import (
    DestinationTaken,
    SampleUnreachable,
    UnknownSample,
    WrittenSample,
    get_demo_sample,
    get_sample,
    list_samples,
)
from givre.adapters.samples.clinical_limits import organ_at_risk
from givre.adapters.samples.french import FRENCH
from givre.adapters.samples.images import read_nifti, write_mask
from givre.adapters.samples.packages import ScanPackage
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.catalogue import load_catalogue
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.geometry.volume import Mask
from givre.tissue.synthetic_lesion import breached_fraction

CATALOGUE = load_catalogue()
PHANTOMS = [sample.name for sample in list_samples() if not sample.needs_download]


def write_title(description, path: Path) -> None:
    """Stands for the adapter that owns the case format: what is written does not matter here."""
    path.write_text(description.title, encoding="utf-8")


def no_network(package: ScanPackage, into: Path) -> None:
    raise SampleUnreachable(f"{package.name} could not be fetched: no network in this test")


def fetched(name: str, tmp_path_factory) -> WrittenSample:
    """A real sample, or a skip where the package index itself cannot be reached."""
    folder = tmp_path_factory.mktemp(name)
    try:
        return get_sample(name, folder / "case", write_case=write_title, cache=folder / "cache")
    except SampleUnreachable as error:
        pytest.skip(f"no package index answers here: {error}")


@pytest.fixture(scope="module")
def lumbar(tmp_path_factory) -> WrittenSample:
    return fetched("lumbar-vertebra", tmp_path_factory)


@pytest.fixture(scope="module")
def thorax(tmp_path_factory) -> WrittenSample:
    return fetched("thorax-spine", tmp_path_factory)


def masks_of(written: WrittenSample) -> dict[str, Mask]:
    found = {}
    for structure in written.description.structures:
        grid, values = read_nifti(written.folder / structure.path)
        found[structure.name] = Mask(grid=grid, inside=values != 0, name=structure.name)
    return found


def check_case(written: WrittenSample) -> None:
    """What every sample must fulfil."""
    masks = masks_of(written)
    grid, hu = read_nifti(written.folder / written.description.image.path)
    assert all(mask.grid.matches(grid) for mask in masks.values())
    assert not any(mask.is_empty for mask in masks.values())
    assert -1100 <= hu.min() < hu.max() <= 3071
    assert 20 <= hu[masks["tumour"].inside].mean() <= 70
    assert breached_fraction(masks["tumour"], masks["bone"]) > 0.02
    for placement in written.description.placements:
        assert grid.contains([placement.entry_mm, placement.target_mm]).all()
        zone = active_zone(placement, CATALOGUE[placement.model])
        assert zone.distance_mm(masks["tumour"].centroid_mm()) < 10
        path = Segment(start_mm=placement.entry_mm, end_mm=placement.target_mm)
        for name, mask in masks.items():
            if name.startswith(("spinal", "nerve", "vessel", "aorta", "bowel", "kidney", "lung")):
                nearest_mm = path.distance_mm(grid.index_to_lps(np.argwhere(mask.inside))).min()
                assert nearest_mm > 3, (placement.label, name)
    assert "synthetic" in (written.folder / "README.md").read_text(encoding="utf-8").lower()
    assert written.description.synthetic
    assert {organ.structure for organ in written.description.organs_at_risk} <= set(masks)


@pytest.mark.parametrize("name", PHANTOMS)
def test_a_phantom_needs_nothing_and_is_a_whole_case(name, tmp_path):
    written = get_sample(name, tmp_path / "case", write_case=write_title, fetch=no_network)
    check_case(written)
    assert written.description.synthetic.startswith("everything")
    assert (written.folder / "case.toml").read_text(encoding="utf-8") == written.sample.title


def test_the_lumbar_case_is_whole(lumbar):
    check_case(lumbar)
    assert "carved" in lumbar.description.synthetic


def test_the_lumbar_lesion_stays_out_of_the_canal_but_near_it(lumbar):
    masks = masks_of(lumbar)
    grid = masks["tumour"].grid
    canal = grid.index_to_lps(np.argwhere(masks["spinal_canal"].inside))
    tumour = grid.index_to_lps(np.argwhere(masks["tumour"].inside))
    nearest_mm = min(np.linalg.norm(canal - point, axis=-1).min() for point in tumour)
    assert 5 < nearest_mm < 15


def test_the_derived_canal_runs_behind_the_bodies_and_holds_no_bone(lumbar):
    masks = masks_of(lumbar)
    canal, grid = masks["spinal_canal"], masks["spinal_canal"].grid
    assert not (canal.inside & masks["bone"].inside).any()
    x, y, _ = canal.centroid_mm()
    body_x, body_y, _ = masks["vertebra_L3"].centroid_mm()
    assert abs(x - body_x) < 4
    assert y > body_y
    heights = grid.index_to_lps(np.argwhere(canal.inside))[:, 2]
    area_mm2 = canal.volume_ml * 1000 / (heights.max() - heights.min() + grid.spacing_mm[0])
    assert 200 < area_mm2 < 450  # adult lumbar canals


def test_the_lumbar_ct_differs_from_the_real_one_in_the_lesion_only(lumbar):
    real = Path(__file__).parents[4] / "shared/data/lumbar-vertebra-ct-mri/sample_ct/sub-ct_label-22_ct.nii.gz"
    if not real.exists():
        pytest.skip("the original scan is not beside this repository")
    (grid, before), (after_grid, after) = read_nifti(real), read_nifti(lumbar.folder / "ct.nii.gz")
    assert after_grid.matches(grid)
    changed = Mask(grid=grid, inside=np.asarray(before != after), name="changed")
    centre = masks_of(lumbar)["tumour"].centroid_mm()
    distance_mm = np.linalg.norm(grid.index_to_lps(np.argwhere(changed.inside)) - centre, axis=-1)
    assert distance_mm.max() < 16
    assert 0.9 < changed.volume_ml / masks_of(lumbar)["tumour"].volume_ml < 2.0


@pytest.mark.slow
def test_the_thorax_case_is_whole_and_brings_its_dicom_series(thorax):
    check_case(thorax)
    assert len(list((thorax.folder / "dicom-series").glob("*.dcm"))) == 133
    masks = masks_of(thorax)
    assert {"spinal_cord", "kidney_left", "aorta", "bone", "tumour"} <= set(masks)


def test_the_demo_falls_back_on_the_phantom_and_says_so(tmp_path):
    written = get_demo_sample(tmp_path / "case", write_case=write_title, cache=tmp_path / "cache", fetch=no_network)
    assert written.sample.name == "phantom-vertebra"
    assert "embedded phantom, not the real lumbar CT" in written.notice
    assert "no network in this test" in written.notice


def test_an_unknown_sample_is_refused_with_the_list(tmp_path):
    with pytest.raises(UnknownSample, match='"lombaire".*lumbar-vertebra'):
        get_sample("lombaire", tmp_path / "case", write_case=write_title)


def test_a_folder_that_holds_something_is_not_touched(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(DestinationTaken, match="already holds something"):
        get_sample("phantom-femur", tmp_path, write_case=write_title)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_case_that_cannot_be_written_leaves_nothing(tmp_path):
    def full_disk(description, path):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        get_sample("phantom-femur", tmp_path / "case", write_case=full_disk)
    assert not list(tmp_path.iterdir())


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "case").mkdir()
    get_sample("phantom-femur", tmp_path / "case", write_case=write_title)
    assert (tmp_path / "case" / "ct.nii.gz").exists()


def test_a_sample_is_the_same_every_time(tmp_path):
    first = get_sample("phantom-iliac", tmp_path / "a", write_case=write_title)
    second = get_sample("phantom-iliac", tmp_path / "b", write_case=write_title)
    assert first.description == second.description  # holds the hash of every file


def test_every_sample_says_origin_licence_and_size():
    for sample in list_samples():
        assert sample.origin
        assert sample.licence
        assert sample.attribution
        assert sample.synthetic
        assert sample.needs_download == (sample.download_mb > 0)


def test_every_sample_is_told_in_french_whole():
    assert set(FRENCH) == {sample.name for sample in list_samples()}
    for words in FRENCH.values():
        assert words.lang == "fr"
        assert all([words.title, words.question, words.anatomy, words.synthetic])


@pytest.mark.parametrize("structure", ["spinal_cord", "nerve_root_left", "skin", "bowel"])
def test_sample_limits_are_called_assumptions_with_their_reason(structure):
    organ = organ_at_risk(structure)
    assert organ.status == "assumption"
    assert organ.source.startswith("assumption")


def test_images_keep_their_place_in_the_patient(tmp_path):
    grid = Grid(
        shape=(2, 3, 4),
        spacing_mm=(2.0, 1.5, 1.0),
        origin_mm=(10.0, -20.0, 30.0),
        axes=((-1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)),
    )
    inside = np.zeros(grid.shape, dtype=bool)
    inside[1, 2, 3] = True
    write_mask(tmp_path / "m.nii.gz", Mask(grid=grid, inside=inside, name="corner"))
    back, values = read_nifti(tmp_path / "m.nii.gz")
    assert back.matches(grid)
    np.testing.assert_array_equal(values != 0, inside)
    image = nib.load(tmp_path / "m.nii.gz")
    x, y, z = nib.affines.apply_affine(image.affine, (3, 2, 1))
    np.testing.assert_allclose((-x, -y, z), grid.index_to_lps((1, 2, 3)), atol=1e-4)
