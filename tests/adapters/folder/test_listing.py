"""A folder is listed by what its files hold, and no file of it can stop the listing."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RTStructureSetStorage

from givre.adapters.folder import FolderRefused, list_folder


def _nifti(path: Path, values: np.ndarray) -> None:
    nib.save(nib.Nifti1Image(values, np.eye(4)), path)


def _dicom(path: Path, modality: str, series: str = "1.2.3") -> None:
    data = Dataset()
    data.Modality, data.SeriesInstanceUID = modality, series
    if modality == "RTSTRUCT":
        names = [Dataset(), Dataset()]
        names[0].ROIName, names[1].ROIName = "GTV", "Moelle"
        data.StructureSetROISequence = names
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = CTImageStorage if modality == "CT" else RTStructureSetStorage
    data.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    data.SOPClassUID, data.SOPInstanceUID = data.file_meta.MediaStorageSOPClassUID, "1.2.3.4"
    pydicom.dcmwrite(path, data, enforce_file_format=True)


def test_each_kind_of_file_is_recognised_by_its_content(tmp_path: Path) -> None:
    ct = np.full((6, 6, 6), -1000, np.int16)
    ct[2:4] = 60
    _nifti(tmp_path / "a.nii.gz", ct)
    _nifti(tmp_path / "b.nii.gz", (ct > 0).astype(np.uint8))
    (tmp_path / "c.nrrd").write_bytes(b"NRRD0004")
    (tmp_path / "scan").mkdir()
    for number in range(3):
        _dicom(tmp_path / "scan" / f"IM{number}", "CT")
    _dicom(tmp_path / "rs.dcm", "RTSTRUCT")
    _dicom(tmp_path / "mr.dcm", "MR")
    (tmp_path / "notes.txt").write_text("text")
    found = {(item.path, item.kind, item.slices, item.rois) for item in list_folder(tmp_path)}
    assert found == {
        ("a.nii.gz", "ct", 0, ()),
        ("b.nii.gz", "mask", 0, ()),
        ("c.nrrd", "ct_or_mask", 0, ()),
        ("scan", "dicom_ct", 3, ()),
        ("rs.dcm", "rtstruct", 0, ("GTV", "Moelle")),
    }


def test_a_damaged_file_does_not_stop_the_listing(tmp_path: Path) -> None:
    (tmp_path / "bad.nii.gz").write_bytes(b"\x1f\x8b not gzip")
    (tmp_path / "bad.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    assert [(item.path, item.kind) for item in list_folder(tmp_path)] == [("bad.nii.gz", "ct_or_mask")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list_folder(tmp_path) == ()


def test_an_absent_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderRefused, match="no such folder"):
        list_folder(tmp_path / "none")
