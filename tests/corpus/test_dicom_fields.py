"""Rows B014 to B022: DICOM files whose fields are hostile, unusable, or say that this is no planning CT."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset

from givre.adapters.dicom import read_ct_series
from givre.testing.dicom_files import SERIES_UID, ct_series, write_dicom, write_series


def broken_slice(tmp_path: Path, change: Callable[[Dataset], None]) -> Path:
    slices = ct_series()
    change(slices[3])
    return write_series(slices, tmp_path / "ct")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>^X", "=cmd|' /C calc'!A0", "+SUM^A", "-DUPONT^Jean", "@Jean^D"]
)
def test_b014_b015_the_name_of_the_patient_leaves_nowhere(tmp_path: Path, name: str) -> None:
    slices = ct_series()
    for one in slices:
        one.PatientName = name
        one.PatientID = "HOSP-445566"
        one.SeriesDescription = f"thorax {name.replace('^', ' ')} HOSP-445566"
    folder = write_series(slices, tmp_path / "HOSP-445566")
    image = read_ct_series(folder)
    said = json.dumps(image.report.as_json()) + image.report.as_text()
    words = [name, "HOSP-445566", "Jean", "DUPONT", "script", "calc"]
    assert [word for word in words if word in said] == []
    slices[2].PatientID = "HOSP-778899"
    write_series(slices, tmp_path / "HOSP-445566")
    with pytest.raises(Exception, match="images of two patients") as caught:
        read_ct_series(folder)
    assert not any(word in str(caught.value) for word in [*words, "HOSP-778899"])


def test_b014_descriptions_in_a_list_of_series_are_cleaned(tmp_path: Path, refused: Any) -> None:
    for n in (1, 2):
        slices = ct_series(series_uid=f"{SERIES_UID}.{n}")
        for one in slices:
            one.SeriesDescription = f"GIVRE phantom-1 recon {n}\n"
        write_series(slices, tmp_path / "ct" / str(n))
    error = refused("DICOM_SERIES_CHOICE", rf"{SERIES_UID}.1 \(6 slices", lambda: read_ct_series(tmp_path / "ct"))
    assert "recon 2" in str(error)
    assert "givre" not in str(error).lower()
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "value", [b"nan\\1 ", b"inf\\1 ", b"1e400\\1 ", b"1,5\\1 ", b"\\1", b"0\\1 ", b"-1\\1", b"1\\1\\1 "]
)
@pytest.mark.parametrize(("keyword", "tag"), [("PixelSpacing", b"\x28\x00\x30\x00DS")])
def test_b016_a_number_that_is_none_is_refused_by_field(
    tmp_path: Path, refused: Any, keyword: str, tag: bytes, value: bytes
) -> None:
    slices = ct_series()
    folder = write_series(slices, tmp_path / "ct")
    victim = sorted(folder.iterdir())[1]
    content = victim.read_bytes()
    at = content.index(tag)
    length = struct.unpack_from("<H", content, at + 6)[0]
    padded = value + b" " * (len(value) % 2)
    victim.write_bytes(content[: at + 6] + struct.pack("<H", len(padded)) + padded + content[at + 8 + length :])
    words = "decimal comma" if b"," in value else keyword
    refused("DICOM_BAD_VALUE", words, lambda: read_ct_series(folder))


@pytest.mark.parametrize("slope", [0, -1])
def test_b018_a_slope_that_is_not_positive_is_refused(tmp_path: Path, refused: Any, slope: int) -> None:
    def change(one: Dataset) -> None:
        one.RescaleSlope = slope

    refused(
        "DICOM_RESCALE",
        r"RescaleSlope is .*; it must be positive",
        lambda: read_ct_series(broken_slice(tmp_path, change)),
    )


@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
def test_b019_an_absent_rescale_is_refused(tmp_path: Path, refused: Any, keyword: str) -> None:
    def change(one: Dataset) -> None:
        delattr(one, keyword)

    refused(
        "DICOM_RESCALE", rf"{keyword} is absent.*not Hounsfield", lambda: read_ct_series(broken_slice(tmp_path, change))
    )


def test_b019_stored_values_passed_off_as_hounsfield_are_refused(tmp_path: Path, refused: Any) -> None:
    slices = ct_series()
    for one in slices:
        one.RescaleIntercept = 0
    folder = write_series(slices, tmp_path / "ct")
    refused("NOT_HOUNSFIELD", r"none is negative", lambda: read_ct_series(folder))


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.10008.5.1.4.1.1.2.1", "Enhanced CT Image Storage"),
        ("1.2.840.10008.5.1.4.1.1.2.2", "Legacy Converted Enhanced CT Image Storage"),
    ],
)
def test_b021_multi_frame_ct_is_refused_by_its_class(tmp_path: Path, refused: Any, uid: str, name: str) -> None:
    one = ct_series()[0]
    one.SOPClassUID = uid
    one.NumberOfFrames = 6
    one.PixelData = one.PixelData * 6
    file = write_dicom(one, tmp_path / "enhanced.dcm")
    refused("DICOM_MULTI_FRAME", name, lambda: read_ct_series(file))


def test_b021_several_frames_in_a_classic_ct_are_refused(tmp_path: Path, refused: Any) -> None:
    def change(one: Dataset) -> None:
        one.NumberOfFrames = 3
        one.PixelData = one.PixelData * 3

    refused(
        "DICOM_MULTI_FRAME",
        r"CT Image Storage.*NumberOfFrames 3",
        lambda: read_ct_series(broken_slice(tmp_path, change)),
    )


def test_b022_what_is_no_planning_ct_is_refused(tmp_path: Path, refused: Any) -> None:
    def burned(one: Dataset) -> None:
        one.BurnedInAnnotation = "YES"

    def screen(one: Dataset) -> None:
        one.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"]

    refused("DICOM_NOT_PLANNING_CT", r"burned into", lambda: read_ct_series(broken_slice(tmp_path / "a", burned)))
    refused("DICOM_NOT_PLANNING_CT", r"screen copy", lambda: read_ct_series(broken_slice(tmp_path / "b", screen)))
    copies = ct_series()
    for one in copies:
        one.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    folder = write_series(copies, tmp_path / "c")
    refused("DICOM_NOT_PLANNING_CT", r"6 x Secondary Capture Image Storage", lambda: read_ct_series(folder))
    scouts = ct_series()
    for one in scouts:
        one.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    folder = write_series(scouts, tmp_path / "d")
    refused("DICOM_NOT_PLANNING_CT", r"only localizers", lambda: read_ct_series(folder))
