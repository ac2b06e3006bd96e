"""DICOM series and contours written by code, sound unless a test makes them otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, RTStructureSetStorage

STUDY_UID = "1.2.826.0.1.3680043.8.498.1"
SERIES_UID = "1.2.826.0.1.3680043.8.498.1.1"
FRAME_UID = "1.2.826.0.1.3680043.8.498.1.9"

SUPINE_HEAD_FIRST = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
PRONE_HEAD_FIRST = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
SUPINE_FEET_FIRST = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
PRONE_FEET_FIRST = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)


def small_ct_hu(shape: tuple[int, int, int] = (6, 16, 20)) -> npt.NDArray[np.int16]:
    """A small body in air [HU], shape (k, j, i): fat around muscle, one bone towards high j and i, and at high k."""
    k, j, i = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij")
    hu = np.full(shape, -1000, dtype=np.int16)
    hu[j**2 + i**2 < 0.9] = -100
    hu[j**2 + i**2 < 0.6] = 50
    hu[((j - 0.3) ** 2 + (i - 0.3) ** 2 < 0.08) & (k > -0.5)] = 700
    return hu


def ct_series(
    hu: npt.NDArray[np.integer] | None = None,
    *,
    spacing_mm: tuple[float, float, float] = (2.0, 1.0, 1.0),
    origin_mm: tuple[float, float, float] = (-10.0, -8.0, 100.0),
    orientation: Sequence[float] = SUPINE_HEAD_FIRST,
    position: str = "HFS",
    series_uid: str = SERIES_UID,
) -> list[Dataset]:
    """One data set per slice of `hu`, shape (k, j, i), stored unsigned with slope 1 and intercept -1024."""
    values = small_ct_hu() if hu is None else hu
    normal = np.cross(orientation[:3], orientation[3:])
    slices = []
    for k, plane in enumerate(values):
        slices.append(_ct_slice(plane, np.array(origin_mm) + k * spacing_mm[0] * normal, k, series_uid))
        slices[-1].ImageOrientationPatient = [float(value) for value in orientation]
        slices[-1].PixelSpacing = [spacing_mm[1], spacing_mm[2]]
        slices[-1].PatientPosition = position
    return slices


def _ct_slice(plane: npt.NDArray[np.integer], position_mm: npt.NDArray[np.float64], k: int, series_uid: str) -> Dataset:
    slice_ = Dataset()
    slice_.SOPClassUID = CTImageStorage
    slice_.SOPInstanceUID = f"{series_uid}.{k + 1}"
    slice_.StudyInstanceUID = STUDY_UID
    slice_.SeriesInstanceUID = series_uid
    slice_.FrameOfReferenceUID = FRAME_UID
    slice_.Modality = "CT"
    slice_.SeriesDescription = "phantom"
    slice_.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    slice_.PatientName = "PHANTOM^GIVRE"
    slice_.PatientID = "PHANTOM-1"
    slice_.PatientBirthDate = ""
    slice_.InstanceNumber = k + 1
    slice_.ImagePositionPatient = [round(float(value), 6) for value in position_mm]
    slice_.Rows, slice_.Columns = plane.shape
    slice_.SamplesPerPixel = 1
    slice_.PhotometricInterpretation = "MONOCHROME2"
    slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit = 16, 16, 15
    slice_.PixelRepresentation = 0
    slice_.RescaleSlope, slice_.RescaleIntercept = 1, -1024
    slice_.PixelData = (plane.astype(np.int32) + 1024).astype("<u2").tobytes()
    return slice_


def structure_set(
    structures: Mapping[str, Iterable[npt.ArrayLike]], *, frame_uid: str = FRAME_UID, image_uids: Sequence[str] = ()
) -> Dataset:
    """An RTSTRUCT: for each name, closed contours as LPS points [mm], shape (points, 3)."""
    whole = Dataset()
    whole.SOPClassUID = RTStructureSetStorage
    whole.SOPInstanceUID = f"{STUDY_UID}.7"
    whole.StudyInstanceUID = STUDY_UID
    whole.SeriesInstanceUID = f"{STUDY_UID}.8"
    whole.Modality = "RTSTRUCT"
    whole.PatientName = "PHANTOM^GIVRE"
    whole.PatientID = "PHANTOM-1"
    whole.StructureSetROISequence = Items([])
    whole.ROIContourSequence = Items([])
    for number, (name, contours) in enumerate(structures.items(), start=1):
        structure = Dataset()
        structure.ROINumber = number
        structure.ROIName = name
        structure.ReferencedFrameOfReferenceUID = frame_uid
        whole.StructureSetROISequence.append(structure)
        drawn = Dataset()
        drawn.ReferencedROINumber = number
        drawn.ContourSequence = Items([_contour(np.asarray(points, dtype=float), image_uids) for points in contours])
        whole.ROIContourSequence.append(drawn)
    return whole


def _contour(points: npt.NDArray[np.float64], image_uids: Sequence[str]) -> Dataset:
    contour = Dataset()
    contour.ContourGeometricType = "CLOSED_PLANAR"
    contour.NumberOfContourPoints = len(points)
    contour.ContourData = [round(float(value), 4) for value in points.ravel()]
    if image_uids:
        contour.ContourImageSequence = Items([])
        for uid in image_uids:
            image = Dataset()
            image.ReferencedSOPClassUID = CTImageStorage
            image.ReferencedSOPInstanceUID = uid
            contour.ContourImageSequence.append(image)
    return contour


def write_dicom(dataset: Dataset, path: Path, *, syntax: str = ExplicitVRLittleEndian) -> Path:
    """Write one data set as a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    dataset.file_meta = meta
    path.parent.mkdir(parents=True, exist_ok=True)
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def write_series(slices: Iterable[Dataset], folder: Path, *, syntax: str = ExplicitVRLittleEndian) -> Path:
    """Write slices into a folder under names that say nothing of their order."""
    for n, one in enumerate(slices):
        write_dicom(one, folder / f"{(n * 7919) % 1009:04d}.dcm", syntax=syntax)
    return folder
