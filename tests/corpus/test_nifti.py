"""Rows B035 to B047: NIfTI files whose header or voxels cannot be trusted."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from givre.adapters.nifti import read_nifti_image, read_nifti_mask
from givre.testing.dicom_files import small_ct_hu
from givre.testing.nifti_files import nifti_bytes, write_nifti

NAN = float("nan")
HU = small_ct_hu()
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])
IN_LPS = HU[:, ::-1, ::-1]
"""What a file stored along RAS becomes in LPS."""
NOISE = np.random.default_rng(35).integers(-30, 30, HU.shape).astype(np.int16)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.95])
def test_b035_half_a_gzip_is_refused(tmp_path: Path, refused: Any, keep: float) -> None:
    file = write_nifti(tmp_path / "ct.nii.gz", nifti_bytes(HU + NOISE))
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * keep)])
    with pytest.raises(Exception, match="cut short|neither 348"):
        read_nifti_image(file)


def test_b035_a_gzip_with_wrong_checksum_or_rubbish_behind_is_refused(tmp_path: Path, refused: Any) -> None:
    file = write_nifti(tmp_path / "ct.nii.gz", nifti_bytes(HU))
    content = bytearray(file.read_bytes())
    file.write_bytes(bytes(content) + b"rubbish")
    refused("BROKEN_COMPRESSION", r"damaged", lambda: read_nifti_image(file))
    content[-6] ^= 0xFF
    file.write_bytes(bytes(content))
    refused("BROKEN_COMPRESSION", r"damaged", lambda: read_nifti_image(file))


def test_b035_a_gzip_bomb_stops_at_what_the_header_promises(tmp_path: Path, refused: Any, little_memory: None) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(nifti_bytes(HU)) + packer.flush(zlib.Z_FULL_FLUSH)
    million = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = head + million * 200
    file = tmp_path / "bomb.nii.gz"
    file.write_bytes(packed + packer.flush())
    refused("FILE_SIZE_MISMATCH", r"decompression bomb", lambda: read_nifti_image(file))


def test_b036_too_few_or_too_many_voxels_are_refused(tmp_path: Path, refused: Any) -> None:
    whole = nifti_bytes(HU)
    for content, words in ((whole[: 352 + 100], "452 bytes.*cut short"), (whole + b"\0\0", "dim or datatype is wrong")):
        file = write_nifti(tmp_path / "ct.nii", content)
        refused("FILE_SIZE_MISMATCH", words, lambda file=file: read_nifti_image(file))
        file = write_nifti(tmp_path / "ct.nii.gz", content)
        refused("FILE_SIZE_MISMATCH", "holds|unpacks to more", lambda file=file: read_nifti_image(file))


@pytest.mark.parametrize(
    ("offset", "code", "words"),
    [
        (NAN, "NIFTI_HEADER", "vox_offset"),
        (float("inf"), "NIFTI_HEADER", "vox_offset"),
        (0.0, "NIFTI_HEADER", "vox_offset"),
        (352.5, "NIFTI_HEADER", "vox_offset"),
        (1e30, "NIFTI_HEADER", "vox_offset"),
        (1e6, "FILE_SIZE_MISMATCH", "cut short"),
    ],
)
def test_b037_voxels_cannot_begin_outside_the_file(
    tmp_path: Path, refused: Any, offset: float, code: str, words: str
) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, vox_offset=offset))
    refused(code, words, lambda: read_nifti_image(file))


@pytest.mark.parametrize("name", ["ct.nii", "ct.nii.gz"])
def test_b039_an_impossible_size_is_refused_by_arithmetic(
    tmp_path: Path, refused: Any, little_memory: None, name: str
) -> None:
    content = nifti_bytes(HU, dim=(3, 32767, 32767, 32767, 1, 1, 1, 1))[: 352 + 256]
    file = write_nifti(tmp_path / name, content)
    refused("IMAGE_TOO_LARGE", r"32767 x 32767 x 32767 = 35,181,150,961,663 voxels", lambda: read_nifti_image(file))
    file = write_nifti(tmp_path / name, nifti_bytes(HU, dim=(3, 512, 512, 2000, 1, 1, 1, 1))[: 352 + 256])
    refused("FILE_SIZE_MISMATCH", r"1,048,576,352", lambda: read_nifti_image(file))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"dim": (9, 20, 16, 6, 1, 1, 1, 1)}, r"dim\[0\] is 9"),
        ({"dim": (0, 20, 16, 6, 1, 1, 1, 1)}, r"dim\[0\] is 0"),
        ({"dim": (-3, 20, 16, 6, 1, 1, 1, 1)}, r"dim\[0\] is -3"),
        ({"dim": (2, 20, 96, 1, 1, 1, 1, 1)}, r"dim\[0\] is 2"),
        ({"dim": (3, 20, -16, 6, 1, 1, 1, 1)}, r"dim is .*at least 1"),
        ({"dim": (3, 0, 16, 6, 1, 1, 1, 1)}, r"dim is .*at least 1"),
        ({"datatype": 0}, r"datatype is 0 \(unknown\)"),
        ({"datatype": 1}, r"datatype is 1"),
        ({"datatype": 128, "bitpix": 24}, r"datatype is 128 \(RGB"),
        ({"datatype": 2304, "bitpix": 32}, r"datatype is 2304 \(RGBA"),
        ({"datatype": 32, "bitpix": 64}, r"datatype is 32 \(complex"),
        ({"datatype": 9999}, r"datatype is 9999"),
        ({"bitpix": 8}, r"bitpix is 8"),
        ({"scl_slope": NAN}, r"scl_slope"),
        ({"scl_inter": float("inf")}, r"scl_inter"),
        ({"xyzt_units": 1}, r"xyzt_units says metres"),
    ],
)
def test_b040_a_field_that_cannot_be_used_is_named(
    tmp_path: Path, refused: Any, fields: dict[str, Any], words: str
) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, **fields))
    refused("NIFTI_HEADER", words, lambda: read_nifti_image(file))


@pytest.mark.parametrize("fields", [{"sizeof_hdr": 0}, {"magic": b"ni1\0"}, {"magic": b"abcd"}])
def test_b040_what_is_no_single_file_nifti_is_refused(tmp_path: Path, refused: Any, fields: dict[str, Any]) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, **fields))
    refused("UNKNOWN_FORMAT", r"NIfTI|pair", lambda: read_nifti_image(file))
    (tmp_path / "empty.nii").write_bytes(b"")
    refused("UNKNOWN_FORMAT", r"empty", lambda: read_nifti_image(tmp_path / "empty.nii"))


def test_b042_two_orientations_that_disagree_are_refused_with_both_shown(tmp_path: Path, refused: Any) -> None:
    # the qform, an identity rotation, has its first voxel 5 mm away from that of the sform
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, qform_code=1, qoffset_x=5.0))
    error = refused("NIFTI_ORIENTATION", r"5 voxels apart", lambda: read_nifti_image(file))
    assert "qform [[1.0, 0.0, 0.0, 5.0]" in str(error)
    assert "sform [[1.0, 0.0, 0.0, 0.0]" in str(error)


def test_b042_a_side_swapped_between_both_orientations_is_refused(tmp_path: Path, refused: Any) -> None:
    mirrored = np.diag([-1.0, 1.0, 2.0, 1.0])
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, mirrored, qform_code=1))
    refused("NIFTI_ORIENTATION", r"voxels apart", lambda: read_nifti_image(file))


def test_b042_no_orientation_at_all_is_refused(tmp_path: Path, refused: Any) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, sform_code=0))
    refused("NIFTI_ORIENTATION", r"left and right are unknown", lambda: read_nifti_image(file))


@pytest.mark.parametrize(("codes", "rule"), [((0, 1), "sform"), ((1, 0), "qform"), ((1, 2), r"sform .*agrees")])
def test_b042_the_rule_that_chose_the_orientation_is_reported(
    tmp_path: Path, codes: tuple[int, int], rule: str
) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, qform_code=codes[0], sform_code=codes[1]))
    used = str(read_nifti_image(file).report.facts["orientation_rule"])
    assert used.startswith(rule.split(maxsplit=1)[0])
    assert ("agrees" in used) == ("agrees" in rule)


def test_b042_a_left_handed_file_shows_the_same_body_at_the_same_place(tmp_path: Path) -> None:
    right = read_nifti_image(write_nifti(tmp_path / "right.nii", nifti_bytes(HU, AFFINE)))
    mirrored = np.diag([-1.0, 1.0, 2.0, 1.0])
    mirrored[0, 3] = HU.shape[2] - 1
    left = read_nifti_image(write_nifti(tmp_path / "left.nii", nifti_bytes(HU[:, :, ::-1], mirrored)))
    np.testing.assert_array_equal(left.volume.values, right.volume.values)
    assert left.volume.grid.matches(right.volume.grid)
    assert "left-handed" in str(left.report.facts["stored_axes"])
    assert left.volume.grid.letters() == (("F", "H"), ("A", "P"), ("R", "L"))


def affine_with(row: int, column: int, value: float) -> Any:
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    affine[row, column] = value
    return affine


@pytest.mark.parametrize(
    ("affine", "code", "words"),
    [
        (affine_with(0, 0, 0.0), "INVALID_GEOMETRY", "singular"),
        (affine_with(0, 3, NAN), "NIFTI_HEADER", "srow_x.*not finite"),
        (affine_with(1, 1, float("inf")), "NIFTI_HEADER", "srow_x.*not finite"),
        (affine_with(0, 2, 0.2), "INVALID_GEOMETRY", "sheared"),
        (np.array([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1.0]]), "INVALID_GEOMETRY", "singular"),
    ],
)
def test_b043_a_broken_affine_is_refused(tmp_path: Path, refused: Any, affine: Any, code: str, words: str) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, affine, pixdim=(1.0, 1, 1, 2, 0, 0, 0, 0)))
    refused(code, words, lambda: read_nifti_image(file))


def test_b043_a_broken_quaternion_is_refused(tmp_path: Path, refused: Any) -> None:
    for value in (NAN, 3.0):
        file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, sform_code=0, qform_code=1, quatern_b=value))
        refused("NIFTI_HEADER", r"quatern_b", lambda file=file: read_nifti_image(file))


@pytest.mark.parametrize("step", [0.0, NAN, -1.0, float("inf")])
def test_b044_a_voxel_without_size_is_refused(tmp_path: Path, refused: Any, step: float) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, pixdim=(1.0, 1, step, 2, 0, 0, 0, 0)))
    refused("NIFTI_HEADER", r"pixdim", lambda: read_nifti_image(file))


def test_b044_two_voxel_sizes_that_disagree_are_refused(tmp_path: Path, refused: Any) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, pixdim=(1.0, 1, 1, 3, 0, 0, 0, 0)))
    refused("NIFTI_HEADER", r"pixdim says .*3\.0.*affine .*2\.0", lambda: read_nifti_image(file))


@pytest.mark.parametrize("value", [NAN, float("inf")])
def test_voxels_that_are_not_finite_are_counted_and_refused(tmp_path: Path, refused: Any, value: float) -> None:
    hu = HU.astype(np.float32)
    hu[1, 2, 3:6] = value
    file = write_nifti(tmp_path / "ct.nii.gz", nifti_bytes(hu))
    refused("VOXELS_NOT_FINITE", r"3 of 1,920 voxels", lambda: read_nifti_image(file))


def shifted(x_mm: float) -> Any:
    return affine_with(0, 3, x_mm)


def mask_onto_ct(tmp_path: Path, affine: Any, **options: Any) -> Any:
    image = read_nifti_image(write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, AFFINE)))
    file = write_nifti(tmp_path / "mask.nii.gz", nifti_bytes((HU > 600).astype(np.uint8), affine))
    return read_nifti_mask(file, name="tumour", onto=image, **options)


@pytest.mark.parametrize("affine", [AFFINE, shifted(5e-4), np.diag([1.00002, 1.0, 2.0, 1.0])])
def test_b046_a_mask_within_a_thousandth_of_a_voxel_is_accepted(tmp_path: Path, affine: Any) -> None:
    np.testing.assert_array_equal(mask_onto_ct(tmp_path, affine).mask.inside, IN_LPS > 600)


@pytest.mark.parametrize("affine", [shifted(0.1), shifted(0.5), np.diag([1.01, 1.0, 2.0, 1.0])])
def test_b046_a_mask_on_another_lattice_is_refused_unless_resampling_is_asked_for(
    tmp_path: Path, refused: Any, affine: Any
) -> None:
    refused("GEOMETRY_MISMATCH", r"mm away from the CT", lambda: mask_onto_ct(tmp_path, affine))
    resampled = mask_onto_ct(tmp_path, affine, resample=True)
    finding = next(finding for finding in resampled.report.findings if finding.code == "MASK_RESAMPLED")
    assert finding.severity == "assumed"
    # a shift of exactly half a voxel keeps both edges of this 4 x 6 voxel bone: up to a quarter more
    assert resampled.mask.volume_ml == pytest.approx(float((HU > 600).sum()) * 2e-3, rel=0.25)


@pytest.mark.parametrize(("axis", "letters"), [(0, "L-R"), (1, "P-A"), (2, "F-H")])
@pytest.mark.parametrize("in_place", [False, True])
def test_b046_a_flipped_mask_is_refused_with_the_reason(
    tmp_path: Path, refused: Any, axis: int, letters: str, in_place: bool
) -> None:
    affine = AFFINE.copy()
    affine[axis, axis] *= -1
    if in_place:  # mirrored about the middle of the image: same box, sides swapped
        affine[axis, 3] = AFFINE[axis, axis] * (HU.shape[2 - axis] - 1)
    refused("GEOMETRY_MISMATCH", rf"flipped along {letters}.*swaps sides", lambda: mask_onto_ct(tmp_path, affine))


def test_b046_a_mask_of_other_size_is_refused(tmp_path: Path, refused: Any) -> None:
    image = read_nifti_image(write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, AFFINE)))
    file = write_nifti(tmp_path / "mask.nii", nifti_bytes((HU[:-1] > 600).astype(np.uint8), AFFINE))
    refused("GEOMETRY_MISMATCH", r"5 x 16 x 20 voxels, the CT 6", lambda: read_nifti_mask(file, name="a", onto=image))


@pytest.mark.parametrize("volumes", [2, 30])
def test_b047_several_volumes_are_refused_with_their_number(tmp_path: Path, refused: Any, volumes: int) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, dim=(4, 20, 16, 6, volumes, 1, 1, 1)))
    refused("NIFTI_4D", rf"holds {volumes} volumes .*choose one", lambda: read_nifti_image(file))


def test_b047_a_fourth_dimension_of_one_is_accepted(tmp_path: Path) -> None:
    file = write_nifti(tmp_path / "ct.nii", nifti_bytes(HU, dim=(4, 20, 16, 6, 1, 1, 1, 1)))
    np.testing.assert_array_equal(read_nifti_image(file).volume.values, IN_LPS)


def test_a_second_gzip_member_is_part_of_the_file(tmp_path: Path) -> None:
    content = nifti_bytes(HU)
    (tmp_path / "ct.nii.gz").write_bytes(gzip.compress(content[:1000]) + gzip.compress(content[1000:]) + b"\0" * 8)
    np.testing.assert_array_equal(read_nifti_image(tmp_path / "ct.nii.gz").volume.values, IN_LPS)
