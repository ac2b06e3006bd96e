"""Rows B023 to B033: series whose slices do not make one volume, and patients lying otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from givre.adapters.dicom import read_ct_series, read_rtstruct_mask
from givre.testing.dicom_files import (
    PRONE_FEET_FIRST,
    PRONE_HEAD_FIRST,
    SUPINE_FEET_FIRST,
    SUPINE_HEAD_FIRST,
    ct_series,
    small_ct_hu,
    structure_set,
    write_dicom,
    write_series,
)


def series_with(tmp_path: Path, change: Callable[[list[Dataset]], object]) -> Path:
    slices = ct_series()
    change(slices)
    return write_series(slices, tmp_path / "ct")


def test_b023_a_missing_slice_is_named_and_refused(tmp_path: Path, refused: Any) -> None:
    folder = series_with(tmp_path, lambda slices: slices.pop(3))
    refused(
        "DICOM_MISSING_SLICES", r"1 slices are missing: 1 between 104.00 and 108.00 mm", lambda: read_ct_series(folder)
    )


def test_b023_a_missing_slice_is_interpolated_only_on_request(tmp_path: Path) -> None:
    folder = series_with(tmp_path, lambda slices: slices.pop(3))
    image = read_ct_series(folder, resample_gaps=True)
    assert image.volume.grid.spacing_mm[0] == pytest.approx(2.0)
    expected = small_ct_hu().astype(np.float32)
    np.testing.assert_allclose(image.volume.values[3], (expected[2] + expected[4]) / 2)
    finding = next(finding for finding in image.report.findings if finding.code == "GAPS_RESAMPLED")
    assert finding.severity == "assumed"
    assert "104.00 and 108.00 mm" in finding.sentence


def test_b023_three_missing_slices_in_a_row_are_never_invented(tmp_path: Path, refused: Any) -> None:
    slices = ct_series(small_ct_hu((10, 16, 20)))
    folder = write_series(slices[:3] + slices[6:], tmp_path / "ct")
    refused("DICOM_MISSING_SLICES", r"at most 2 slices in a row", lambda: read_ct_series(folder, resample_gaps=True))


def test_b025_slices_all_at_one_place_are_refused(tmp_path: Path, refused: Any) -> None:
    def change(slices: list[Dataset]) -> None:
        for one in slices:
            one.ImagePositionPatient = [-10.0, -8.0, 0.0]

    folder = series_with(tmp_path, change)
    refused("DICOM_DUPLICATE_POSITION", r"at the same place", lambda: read_ct_series(folder))


def test_b025_a_slice_there_twice_is_dropped_when_identical_and_refused_otherwise(tmp_path: Path, refused: Any) -> None:
    slices = ct_series()
    folder = write_series(slices, tmp_path / "ct")
    twin = ct_series()[2]
    twin.SOPInstanceUID = f"{twin.SOPInstanceUID}.7"
    write_dicom(twin, folder / "twin.dcm")
    image = read_ct_series(folder)
    assert image.volume.grid.shape == (6, 16, 20)
    assert "DUPLICATE_SLICES" in image.report.facts["assumed"]  # type: ignore[operator]  # a list of codes
    twin.PixelData = bytes(640)
    write_dicom(twin, folder / "twin.dcm")
    refused("DICOM_DUPLICATE_POSITION", r"different pixels", lambda: read_ct_series(folder))


def tilted(tmp_path: Path, shift_per_slice_mm: float = 0.5) -> Path:
    """A body whose slices are displaced along j, as a tilted gantry leaves them."""
    slices = ct_series()
    for k, one in enumerate(slices):
        x, y, z = one.ImagePositionPatient
        one.ImagePositionPatient = [float(x), float(y) + k * shift_per_slice_mm, float(z)]
    return write_series(slices, tmp_path / "tilt")


def test_b026_a_tilted_gantry_is_refused_with_its_angle(tmp_path: Path, refused: Any) -> None:
    folder = tilted(tmp_path)
    # 0.5 mm sideways for 2 mm along: atan(0.25) = 14.0 degrees
    refused("DICOM_GANTRY_TILT", r"tilted by 14.0°: slices drift sideways by 2.5 mm", lambda: read_ct_series(folder))


def test_b026_a_tilted_gantry_is_sheared_upright_on_request(tmp_path: Path) -> None:
    image = read_ct_series(tilted(tmp_path, 2.0), resample_tilt=True)
    body = small_ct_hu()
    assert image.volume.grid.shape == (6, 16 + 10, 20)
    for k in range(6):  # 2 mm per slice is two whole pixels, so values are only moved
        np.testing.assert_allclose(image.volume.values[k, 2 * k : 2 * k + 16], body[k], atol=1e-3)
        assert (image.volume.values[k, : 2 * k] == -1024).all()
    assert any(finding.code == "GANTRY_TILT_RESAMPLED" for finding in image.report.findings)


def test_b026_positions_that_wander_are_refused_even_when_tilt_is_allowed(tmp_path: Path, refused: Any) -> None:
    def change(slices: list[Dataset]) -> None:
        slices[2].ImagePositionPatient[0] = -4.0

    folder = series_with(tmp_path, change)
    refused("DICOM_GANTRY_TILT", r"not along a straight line", lambda: read_ct_series(folder, resample_tilt=True))


def set_spacing(one: Dataset) -> None:
    one.PixelSpacing = [1.0, 1.05]


def set_orientation(one: Dataset) -> None:
    one.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 0.0, -1.0]


def set_size(one: Dataset) -> None:
    one.Rows, one.Columns = 20, 16


def set_frame(one: Dataset) -> None:
    one.FrameOfReferenceUID = "1.2.3.4.5.6"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_spacing, "PixelSpacing"),
        (set_orientation, "ImageOrientationPatient"),
        (set_size, "size"),
        (set_frame, "FrameOfReferenceUID"),
    ],
)
def test_b028_slices_that_differ_are_refused(
    tmp_path: Path, refused: Any, change: Callable[[Dataset], None], words: str
) -> None:
    folder = series_with(tmp_path, lambda slices: change(slices[4]))
    refused("DICOM_MIXED_SERIES", words, lambda: read_ct_series(folder))


def test_b028_uneven_steps_are_refused(tmp_path: Path, refused: Any) -> None:
    def change(slices: list[Dataset]) -> None:
        slices[5].ImagePositionPatient[2] = 111.0

    folder = series_with(tmp_path, change)
    refused("DICOM_UNEVEN_SPACING", r"not evenly spaced", lambda: read_ct_series(folder))


def test_b028_a_slice_far_away_is_refused_without_taking_memory(
    tmp_path: Path, refused: Any, little_memory: None
) -> None:
    def change(slices: list[Dataset]) -> None:
        slices[5].ImagePositionPatient[2] = 1e12

    folder = series_with(tmp_path, change)
    refused("DICOM_UNEVEN_SPACING", r"a slice is misplaced", lambda: read_ct_series(folder, resample_gaps=True))


def test_b029_each_slice_keeps_its_own_rescale(tmp_path: Path) -> None:
    def change(slices: list[Dataset]) -> None:
        for k, one in enumerate(slices):
            slope = 0.5 if k % 2 else 2.0
            stored = np.rint((small_ct_hu()[k] + 1024.0) / slope).astype("<u2")
            one.RescaleSlope, one.PixelData = slope, stored.tobytes()

    image = read_ct_series(series_with(tmp_path, change))
    np.testing.assert_allclose(image.volume.values, small_ct_hu(), atol=1.0)  # half a stored unit of slope 2
    assert len(image.report.facts["rescale"]) == 2  # type: ignore[arg-type]  # a list of texts


@pytest.mark.parametrize(
    ("keyword", "value"), [("PatientID", "OTHER-2"), ("PatientName", "SMITH^A"), ("PatientBirthDate", "19500101")]
)
def test_b030_two_patients_in_one_series_are_refused(tmp_path: Path, refused: Any, keyword: str, value: str) -> None:
    folder = series_with(tmp_path, lambda slices: setattr(slices[1], keyword, value))
    error = refused("PATIENT_MISMATCH", rf"2 different values of {keyword}", lambda: read_ct_series(folder))
    assert value not in str(error)


def test_b030_two_patients_in_two_series_are_refused_until_one_is_named(tmp_path: Path, refused: Any) -> None:
    other = ct_series(series_uid="1.2.3.4.5.77")
    for one in other:
        one.PatientID = "OTHER-2"
    folder = write_series(ct_series(), tmp_path / "ct")
    write_series(other, tmp_path / "ct" / "b")
    refused("PATIENT_MISMATCH", r"images of two patients", lambda: read_ct_series(folder))
    image = read_ct_series(folder, series_uid="1.2.3.4.5.77")
    assert any(finding.code == "OTHER_PATIENT_IN_FOLDER" for finding in image.report.findings)
    refused("DICOM_SERIES_CHOICE", r"is not in the folder", lambda: read_ct_series(folder, series_uid="1.2.3"))


def test_b032_contours_of_another_frame_of_reference_are_refused(tmp_path: Path, refused: Any) -> None:
    image = read_ct_series(write_series(ct_series(), tmp_path / "ct"))
    square = [[-5, -5, 102], [5, -5, 102], [5, 5, 102], [-5, 5, 102]]
    file = write_dicom(structure_set({"GTV": [square]}, frame_uid="1.2.3.4.5.6"), tmp_path / "rs.dcm")
    refused(
        "FRAME_OF_REFERENCE_MISMATCH",
        r"without a registration",
        lambda: read_rtstruct_mask(file, name="tumour", onto=image),
    )


@pytest.mark.parametrize(
    ("orientation", "position"),
    [
        (SUPINE_HEAD_FIRST, "HFS"),
        (PRONE_HEAD_FIRST, "HFP"),
        (SUPINE_FEET_FIRST, "FFS"),
        (PRONE_FEET_FIRST, "FFP"),
    ],
)
def test_b033_left_back_and_head_stay_so_however_the_patient_lies(
    tmp_path: Path, orientation: tuple[float, ...], position: str
) -> None:
    """The bone of the phantom is at high row, column and slice; its patient side follows from the orientation."""
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    normal = np.cross(row, column)
    corner = -(9.5 * row + 7.5 * column + 5.0 * normal)  # the phantom is centred on the origin
    folder = write_series(
        ct_series(orientation=orientation, position=position, origin_mm=tuple(corner)), tmp_path / position
    )
    image = read_ct_series(folder)
    assert image.volume.grid.letters() == (("F", "H"), ("A", "P"), ("R", "L"))
    bone = image.volume.grid.index_to_lps(np.argwhere(image.volume.values > 600).mean(axis=0))
    stored = np.argwhere(small_ct_hu() > 600).mean(axis=0)
    expected = corner + stored[0] * 2.0 * normal + stored[1] * column + stored[2] * row
    np.testing.assert_allclose(bone, expected, atol=1e-6)
    assert np.sign(bone[0]) == row[0]  # head-first supine: the bone is on the left; prone or feet-first mirrors it
    assert np.sign(bone[1]) == column[1]
    assert np.sign(bone[2]) == normal[2]
