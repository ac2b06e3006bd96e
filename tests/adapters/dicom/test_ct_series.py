"""How one CT series becomes Hounsfield units: sign, bits, padding, grey scale, encodings, other files beside it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from givre.adapters.dicom import read_ct_series
from givre.adapters.dicom.ct_series import series_sha256
from givre.foundation.errors import InputError
from givre.testing.dicom_files import SERIES_UID, ct_series, small_ct_hu, write_dicom, write_series

HU = small_ct_hu()


def codes(folder: Path) -> set[str]:
    return {finding.code for finding in read_ct_series(folder).report.findings}


def test_slices_are_ordered_by_position_whatever_their_names_and_numbers(tmp_path: Path) -> None:
    slices = ct_series()
    for n, one in enumerate(reversed(slices)):
        one.InstanceNumber = 1
        one.SliceLocation = 7.0 * n
        one.SliceThickness = 99
    image = read_ct_series(write_series(slices, tmp_path / "ct"))
    np.testing.assert_array_equal(image.volume.values, HU)
    assert image.volume.grid.spacing_mm == (2.0, 1.0, 1.0)
    assert image.volume.grid.origin_mm == (-10.0, -8.0, 100.0)


def test_rows_and_columns_keep_their_own_spacing(tmp_path: Path) -> None:
    image = read_ct_series(write_series(ct_series(spacing_mm=(3.0, 0.7, 0.9)), tmp_path / "ct"))
    assert image.volume.grid.spacing_mm == (3.0, 0.7, 0.9)


def test_an_oblique_series_keeps_its_voxels_where_they_were_measured(tmp_path: Path) -> None:
    angle = np.radians(20)
    orientation = (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))
    image = read_ct_series(write_series(ct_series(orientation=orientation), tmp_path / "ct"))
    np.testing.assert_array_equal(image.volume.values, HU)
    np.testing.assert_allclose(image.volume.grid.axes[1], (0.0, np.cos(angle), np.sin(angle)), atol=1e-6)
    np.testing.assert_allclose(image.volume.grid.axes[0], (0.0, -np.sin(angle), np.cos(angle)), atol=1e-6)


@pytest.mark.parametrize("orientation", [(0, 1, 0, 0, 0, -1), (1, 0, 0, 0, 0, -1)])
def test_sagittal_and_coronal_series_are_turned_upright(tmp_path: Path, orientation: tuple[float, ...]) -> None:
    image = read_ct_series(write_series(ct_series(orientation=orientation, origin_mm=(5, 6, 7)), tmp_path / "ct"))
    grid = image.volume.grid
    assert grid.letters() == (("F", "H"), ("A", "P"), ("R", "L"))
    row, column = np.array(orientation[:3], dtype=float), np.array(orientation[3:], dtype=float)
    for stored in ((0, 0, 0), (2, 10, 12), (5, 15, 19)):
        point = np.array([5, 6, 7]) + stored[0] * 2 * np.cross(row, column) + stored[1] * column + stored[2] * row
        k, j, i = np.rint(grid.lps_to_index(point)).astype(int)
        assert image.volume.values[k, j, i] == HU[stored]


def signed_twelve_bits(one: Dataset, plane: np.ndarray[tuple[int, int], np.dtype[np.int16]], *, overlay: bool) -> None:
    words = plane.astype(np.int16).view(np.uint16) & 0x0FFF
    if overlay:
        words = words | 0x8000 * (plane > 600).astype(np.uint16)
    one.PixelRepresentation, one.BitsStored, one.HighBit = 1, 12, 11
    one.RescaleIntercept = 0
    one.PixelData = words.astype("<u2").tobytes()


@pytest.mark.parametrize("overlay", [False, True])
def test_twelve_signed_bits_are_read_with_their_sign_and_without_overlays(tmp_path: Path, overlay: bool) -> None:
    slices = ct_series()
    for one, plane in zip(slices, HU, strict=True):
        signed_twelve_bits(one, plane, overlay=overlay)
    folder = write_series(slices, tmp_path / "ct")
    np.testing.assert_array_equal(read_ct_series(folder).volume.values, HU)
    assert ("UNUSED_BITS" in codes(folder)) == overlay


def test_padding_becomes_air_and_is_said_to(tmp_path: Path) -> None:
    slices = ct_series()
    for one in slices:
        words = np.frombuffer(one.PixelData, "<u2").reshape(16, 20).copy()
        words[:2, :2] = 63536
        one.PixelPaddingValue = 63536
        one["PixelPaddingValue"].VR = "US"
        one.PixelData = words.tobytes()
    image = read_ct_series(write_series(slices, tmp_path / "ct"))
    assert (image.volume.values[:, :2, :2] == -1024).all()
    finding = next(finding for finding in image.report.findings if finding.code == "PADDING_TO_AIR")
    assert finding.severity == "assumed"
    assert "24 of 1,920 voxels" in finding.sentence


def test_padding_that_is_not_declared_is_refused_as_implausible(tmp_path: Path) -> None:
    slices = ct_series()
    for one in slices:
        one.PixelData = one.PixelData[:-2] + b"\xff\xff"
    with pytest.raises(InputError, match="highest value is 64511 HU"):
        read_ct_series(write_series(slices, tmp_path / "ct"))


def test_monochrome1_does_not_invert_hounsfield_units(tmp_path: Path) -> None:
    slices = ct_series()
    for one in slices:
        one.PhotometricInterpretation = "MONOCHROME1"
    folder = write_series(slices, tmp_path / "ct")
    np.testing.assert_array_equal(read_ct_series(folder).volume.values, HU)
    assert "MONOCHROME1" in codes(folder)


def test_an_implicit_series_is_the_same(tmp_path: Path) -> None:
    folder = write_series(ct_series(), tmp_path / "ct", syntax=ImplicitVRLittleEndian)
    np.testing.assert_array_equal(read_ct_series(folder).volume.values, HU)


def test_a_big_endian_series_is_the_same(tmp_path: Path) -> None:
    slices = ct_series()
    for one in slices:
        one.PixelData = np.frombuffer(one.PixelData, "<u2").astype(">u2").tobytes()
        one["PixelData"].VR = "OW"
    folder = write_series(slices, tmp_path / "ct", syntax=ExplicitVRBigEndian)
    np.testing.assert_array_equal(read_ct_series(folder).volume.values, HU)


def test_run_length_and_jpeg_2000_without_loss_are_the_same(tmp_path: Path) -> None:
    slices = ct_series()
    for n, one in enumerate(slices):
        write_dicom(one, tmp_path / "plain" / f"{n}.dcm")
        one.compress(RLELossless, generate_instance_uid=False)
    folder = write_series(slices, tmp_path / "a", syntax=RLELossless)
    np.testing.assert_array_equal(read_ct_series(folder).volume.values, HU)
    slices = ct_series()
    for one in slices:
        packed = io.BytesIO()
        pixels = np.frombuffer(one.PixelData, "<u2").reshape(16, 20)
        Image.fromarray(pixels).save(packed, "JPEG2000", irreversible=False, no_jp2=True)
        one.PixelData = encapsulate([packed.getvalue()])
        one["PixelData"].VR = "OB"
        one["PixelData"].is_undefined_length = True
    folder = write_series(slices, tmp_path / "b", syntax=JPEG2000Lossless)
    np.testing.assert_array_equal(read_ct_series(folder).volume.values, HU)


def test_another_series_a_scout_a_report_and_other_files_are_left_out_and_listed(tmp_path: Path) -> None:
    folder = write_series(ct_series(), tmp_path / "ct")
    scout = ct_series(series_uid=f"{SERIES_UID}.5")[0]
    scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    del scout.RescaleSlope
    write_dicom(scout, folder / "scout" / "scout.dcm")
    (folder / "notes.txt").write_text("hello")
    (folder / "empty").write_bytes(b"")
    image = read_ct_series(folder)
    sentences = {finding.code: finding.sentence for finding in image.report.findings}
    assert "1 x CT Image Storage" in sentences["OTHER_OBJECTS"]
    assert "notes.txt" in sentences["NOT_DICOM_FILES"]
    assert image.report.facts["number_of_slices"] == 6


def test_one_slice_alone_is_refused(tmp_path: Path) -> None:
    file = write_dicom(ct_series()[0], tmp_path / "one.dcm")
    with pytest.raises(InputError, match="1 slices at different positions.*give the whole series"):
        read_ct_series(file)


def test_a_missing_path_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_ct_series(tmp_path / "nowhere")
    with pytest.raises(InputError, match="none of the 0 files"):
        read_ct_series(tmp_path)


def test_the_hash_of_a_series_does_not_depend_on_names(tmp_path: Path) -> None:
    first = read_ct_series(write_series(ct_series(), tmp_path / "a")).sha256
    second = read_ct_series(write_series(reversed(ct_series()), tmp_path / "b")).sha256
    assert first == second
    assert first != read_ct_series(write_series(ct_series(HU + np.int16(1)), tmp_path / "c")).sha256
    assert series_sha256(["b", "a"]) == series_sha256(["a", "b"])


@pytest.mark.parametrize(("kind", "answer"), [("ED", "not HU"), ("Z_EFF", "not HU")])
def test_a_series_of_another_quantity_is_refused(tmp_path: Path, kind: str, answer: str) -> None:
    slices = ct_series()
    for one in slices:
        one.RescaleType = kind
    with pytest.raises(InputError, match=answer):
        read_ct_series(write_series(slices, tmp_path / "ct"))


def test_a_report_tells_the_facts_and_no_identity(tmp_path: Path) -> None:
    image = read_ct_series(write_series(ct_series(), tmp_path / "ct"))
    facts = image.report.facts
    assert facts["shape"] == [6, 16, 20]
    assert facts["spacing_mm"] == [2.0, 1.0, 1.0]
    assert facts["size_mm"] == [12.0, 16.0, 20.0]
    assert facts["hu_range"] == [-1000.0, 700.0]
    assert facts["slice_positions_mm"] == [100.0, 110.0]
    assert facts["rescale"] == ["slope 1, intercept -1024"]
    assert facts["assumed"] == []
    assert facts["orientation"] == "k F→H, j A→P, i R→L"
    assert "PHANTOM" not in image.report.as_text()
