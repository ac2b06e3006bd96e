"""Which reader opens a path."""

from pathlib import Path

import pytest

from givre import wiring
from givre.foundation.errors import UnknownFormat, UnreadableFile
from givre.testing.dicom_files import ct_series, structure_set, write_dicom, write_series


def test_contours_in_a_file_named_by_its_uid_are_read_as_dicom(tmp_path: Path) -> None:
    slices = ct_series()
    image = wiring.read_image(write_series(slices, tmp_path / "ct"))
    square = [(-3.0, -3.0, 104.0), (3.0, -3.0, 104.0), (3.0, 3.0, 104.0), (-3.0, 3.0, 104.0)]
    contours = structure_set({"tumour": [square]}, image_uids=[str(s.SOPInstanceUID) for s in slices])
    path = write_dicom(contours, tmp_path / "1.2.840.10008.5.1.4.1")
    assert not wiring.read_mask(path, name="tumour", onto=image, roi="tumour").mask.is_empty


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "scan.jpeg"
    path.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(UnknownFormat, match=r"\.jpeg.*\.nii\.gz"):
        wiring.read_image(path)


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="does not exist"):
        wiring.read_image(tmp_path / "absent.nii.gz")
