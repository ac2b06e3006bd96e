"""What a sound NIfTI file becomes: scaling, byte order, both versions, masks of other origin."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from givre.adapters.dicom import read_ct_series
from givre.adapters.nifti import read_nifti_image, read_nifti_mask
from givre.foundation.errors import InputError
from givre.geometry.grid import Grid
from givre.testing.dicom_files import ct_series, small_ct_hu, write_series
from givre.testing.nifti_files import nifti_bytes, write_nifti

HU = small_ct_hu()
IN_LPS = HU[:, ::-1, ::-1]


def test_slope_and_intercept_are_applied_and_reported(tmp_path: Path) -> None:
    stored = (HU + 1024) // 2
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(stored.astype(np.int16), scl_slope=2.0, scl_inter=-1024.0))
    image = read_nifti_image(file)
    np.testing.assert_array_equal(image.volume.values, IN_LPS)
    assert image.report.facts["rescale"] == "slope 2, intercept -1024"


def test_a_slope_of_zero_means_unscaled(tmp_path: Path) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, scl_slope=0.0, scl_inter=7.0))
    np.testing.assert_array_equal(read_nifti_image(file).volume.values, IN_LPS)


def test_a_quaternion_factor_of_zero_is_read_as_one(tmp_path: Path) -> None:
    fields = {"sform_code": 0, "qform_code": 1, "pixdim": (0.0, 1, 1, 2, 0, 0, 0, 0)}
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, **fields))
    np.testing.assert_array_equal(read_nifti_image(file).volume.values, IN_LPS)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("order", ["<", ">"])
def test_what_nibabel_writes_is_read_the_same(tmp_path: Path, dtype: type, kind: type, order: str) -> None:
    affine = np.array([[0, -0.8, 0, 12], [0.7, 0, 0, -30], [0, 0, 2.5, 100], [0, 0, 0, 1.0]])
    values = HU.transpose(2, 1, 0).astype(dtype)
    image = kind(values, affine, header=kind.header_class(endianness=order))
    image.header.set_xyzt_units("mm")
    image.set_data_dtype(dtype)
    nib.save(image, tmp_path / "ct.nii.gz")
    ours = read_nifti_image(tmp_path / "ct.nii.gz")
    assert ours.volume.grid.letters() == (("F", "H"), ("A", "P"), ("R", "L"))
    stored = Grid.from_affine_ras(affine, (20, 16, 6))
    for index in [(0, 0, 0), (2, 9, 11), (5, 15, 19)]:
        k, j, i = np.rint(ours.volume.grid.lps_to_index(stored.index_to_lps(index))).astype(int)
        assert ours.volume.values[k, j, i] == HU[index]


def test_a_mask_stored_otherwise_than_a_dicom_ct_lies_at_the_same_place(tmp_path: Path) -> None:
    """Slicer and dcm2niix store masks of a DICOM CT with reversed rows; their header says so."""
    image = read_ct_series(write_series(ct_series(), tmp_path / "ct"))
    bone = (HU > 600).astype(np.uint8)[:, ::-1, :]
    affine = np.array([[-1.0, 0, 0, 10], [0, 1.0, 0, 8 - 15], [0, 0, 2.0, 100], [0, 0, 0, 1]])
    mask = read_nifti_mask(write_nifti(tmp_path / "m.nii.gz", nifti_bytes(bone, affine)), name="bone", onto=image)
    np.testing.assert_array_equal(mask.mask.inside, HU > 600)


def test_whole_labels_stored_as_floats_are_accepted_and_listed(tmp_path: Path) -> None:
    image = read_nifti_image(write_nifti(tmp_path / "ct.nii", nifti_bytes(HU)))
    labels = (np.where(HU > 600, 3.0, 0) + np.where(HU == 50, 7.0, 0)).astype(np.float32)
    file = write_nifti(tmp_path / "labels.nii", nifti_bytes(labels))
    both = read_nifti_mask(file, name="tissue", onto=image, labels=(3, 7))
    assert both.report.facts["labels_present"] == [0, 3, 7]
    assert both.mask.inside.sum() == ((HU > 600) | (HU == 50)).sum()
    np.testing.assert_array_equal(read_nifti_mask(file, name="any", onto=image).mask.inside, both.mask.inside)


def test_arguments_of_other_formats_are_refused(tmp_path: Path) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU))
    with pytest.raises(InputError, match="has no series"):
        read_nifti_image(file, series_uid="1.2.3")
    with pytest.raises(InputError, match="has no contour named"):
        read_nifti_mask(file, name="x", onto=read_nifti_image(file), roi="GTV")
