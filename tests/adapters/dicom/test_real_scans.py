"""Real scans: anatomy lies on the side where an anatomist expects it, and two formats of one scan agree."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from givre.adapters.dicom import read_ct_series, read_rtstruct_mask
from givre.adapters.nifti import read_nifti_image, read_nifti_mask
from givre.geometry.resampling import sample_at
from givre.usecases.ports import ImportedImage

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real scans are not beside this repository")

THIGH = DATA / "thigh-sarcoma-ct-mr" / "CT"
PELVIS = DATA / "pelvis-ct-3mm"


@pytest.fixture(scope="module")
def thigh() -> ImportedImage:
    return read_ct_series(THIGH / "dicom" / "image")


@pytest.fixture(scope="module")
def pelvis() -> ImportedImage:
    return read_nifti_image(PELVIS / "example_ct.nii.gz")


def bones_at_mm(image: ImportedImage, k: int) -> list[tuple[float, np.ndarray[tuple[int], np.dtype[np.float64]]]]:
    """Area [pixels] and LPS centre [mm] of each bone of one slice."""
    bone = ndimage.binary_fill_holes(ndimage.binary_closing(image.volume.values[k] > 250, iterations=3))
    numbered, count = ndimage.label(bone)
    found = []
    for number in range(1, count + 1):
        pixels = np.argwhere(numbered == number)
        if len(pixels) > 60:
            centre = image.volume.grid.index_to_lps(np.concatenate([[k], pixels.mean(axis=0)]))
            found.append((float(len(pixels)), centre))
    return sorted(found, key=lambda pair: pair[1][0])


def test_fifty_seven_knee_slices_load_within_three_seconds() -> None:
    start_s = time.process_time()  # processor time: other work on the machine does not count
    image = read_ct_series(DATA / "knee-ct-dicom" / "dicom")
    assert time.process_time() - start_s < 3.0
    assert image.volume.grid.shape == (57, 512, 512)
    assert image.report.facts["hu_range"] == [-1024.0, 1626.0]
    assert len(image.sop_instance_uids) == 57


def test_in_the_knee_the_fibula_is_lateral_and_behind_and_the_patella_in_front_and_above() -> None:
    image = read_ct_series(DATA / "knee-ct-dicom" / "dicom")
    right_fibula, right_tibia, left_tibia, left_fibula = (centre for _, centre in bones_at_mm(image, 0))
    middle_x = (right_tibia[0] + left_tibia[0]) / 2
    assert left_fibula[0] - middle_x > left_tibia[0] - middle_x > 0
    assert right_fibula[0] - middle_x < right_tibia[0] - middle_x < 0
    assert left_fibula[1] > left_tibia[1] + 10  # behind: larger y in LPS
    assert right_fibula[1] > right_tibia[1] + 10
    right_patella, right_femur, left_femur, left_patella = (centre for _, centre in bones_at_mm(image, 56))
    assert right_patella[1] < right_femur[1] - 20  # in front
    assert left_patella[1] < left_femur[1] - 20
    assert right_patella[2] > right_tibia[2]  # the knee cap is above the fibula head


def test_in_the_pelvis_left_is_left_the_head_is_up_and_the_nail_is_in_the_left_femur(pelvis: ImportedImage) -> None:
    def centre(*labels: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        file = PELVIS / "example_seg_fast_force_split.nii.gz"
        return read_nifti_mask(file, name="structure", onto=pelvis, labels=labels).mask.centroid_mm()

    sacrum, left_femur, right_femur, l5, l1, bladder = (centre(label) for label in (25, 75, 76, 27, 31, 21))
    liver, spleen = centre(5), centre(1)
    assert left_femur[0] > sacrum[0] > right_femur[0]
    assert spleen[0] > sacrum[0] > liver[0]
    assert sacrum[1] > bladder[1] + 50
    assert l1[2] > l5[2] > sacrum[2] > left_femur[2]
    metal = pelvis.volume.grid.index_to_lps(np.argwhere(pelvis.volume.values > 2500))
    assert np.linalg.norm(metal.mean(axis=0) - left_femur) < 30
    assert (metal[:, 0] > sacrum[0]).all()


def test_the_thigh_has_the_same_hounsfield_units_at_the_same_points_in_dicom_and_nifti(thigh: ImportedImage) -> None:
    nifti = read_nifti_image(THIGH / "nifti" / "image" / "image.nii.gz")
    assert nifti.volume.grid.matches(thigh.volume.grid)
    np.testing.assert_array_equal(nifti.volume.values, thigh.volume.values)
    points_mm = thigh.volume.grid.index_to_lps(np.random.default_rng(1).uniform(0, [58, 201, 197], (500, 3)))
    np.testing.assert_allclose(sample_at(nifti.volume, points_mm), sample_at(thigh.volume, points_mm), atol=0.5)


def test_the_thigh_contours_fill_the_voxels_of_the_published_mask(thigh: ImportedImage) -> None:
    contours = read_rtstruct_mask(THIGH / "dicom" / "mask" / "RS.dcm", name="tumour", onto=thigh, roi="GTV_Mass_CT")
    published = read_nifti_mask(THIGH / "nifti" / "mask" / "mask.nii.gz", name="tumour", onto=thigh)
    both = np.count_nonzero(contours.mask.inside & published.mask.inside)
    dice = 2 * both / (np.count_nonzero(contours.mask.inside) + np.count_nonzero(published.mask.inside))
    assert dice > 0.999
    assert contours.mask.volume_ml == pytest.approx(365, abs=1)  # as stated with the data
    assert "CONTOURS_OF_OTHER_IMAGES" in {finding.code for finding in contours.report.findings}


def test_the_lumbar_sample_is_turned_upright_with_its_masks() -> None:
    folder = DATA / "lumbar-vertebra-ct-mri" / "sample_ct"
    image = read_nifti_image(folder / "sub-ct_label-22_ct.nii.gz")
    assert image.volume.grid.letters() == (("F", "H"), ("A", "P"), ("R", "L"))
    file = folder / "sub-ct_seg-vert_label-22_msk.nii.gz"
    heights = [read_nifti_mask(file, name="v", onto=image, labels=(n,)).mask.centroid_mm()[2] for n in (21, 22, 23)]
    assert heights[0] > heights[1] > heights[2]  # L2 above L3 above L4
    parts = folder / "sub-ct_seg-subreg_label-22_msk.nii.gz"
    spinous, body = (read_nifti_mask(parts, name="p", onto=image, labels=(n,)).mask.centroid_mm() for n in (42, 50))
    assert spinous[1] > body[1] + 20  # the spinous process is behind the body
