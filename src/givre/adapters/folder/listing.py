"""List the images, masks, DICOM CT series and contour files of a folder, reading as little of each as will do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
from pydicom.dataset import FileDataset

from givre.foundation.errors import InputError
from givre.usecases.init_case import FileKind, FoundFile

MOST_FILES = 20_000
DEEPEST = 6
_VOLUMES = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
_TAGS = ["Modality", "SeriesInstanceUID", "StructureSetROISequence"]
_AIR_HU = -300
"""A mask or label map holds nothing below zero; a CT with air around the patient does."""
_MOST_LABELS = 512


class FolderRefused(InputError):
    """A folder that cannot be listed."""

    code = "FOLDER_REFUSED"


def list_folder(folder: Path) -> tuple[FoundFile, ...]:
    """What the folder and its sub-folders hold, sorted by path. Links are not followed; unknown files are left aside.

    Raises:
        FolderRefused: when it is not a folder, or holds more files than a case can.
    """
    if not folder.is_dir():
        raise FolderRefused(f"{folder.name}: there is no such folder; give the folder that holds the CT and the masks")
    found: list[FoundFile] = []
    series: Counter[tuple[str, str]] = Counter()
    series_bytes: Counter[tuple[str, str]] = Counter()
    for count, file in enumerate(_files(folder), 1):
        if count > MOST_FILES:
            raise FolderRefused(f"{folder.name}: holds more than {MOST_FILES} files; give the folder of one patient")
        path = file.relative_to(folder).as_posix()
        if file.name.lower().endswith(_VOLUMES):
            found.append(FoundFile(path=path, kind=_volume_kind(file), size_bytes=file.stat().st_size))
        elif header := _dicom_header(file):
            if header.get("Modality") == "RTSTRUCT":
                size = file.stat().st_size
                found.append(FoundFile(path=path, kind="rtstruct", rois=_roi_names(header), size_bytes=size))
            elif header.get("Modality") == "CT":
                key = (_parent(path), str(header.get("SeriesInstanceUID", "")))
                series[key] += 1
                series_bytes[key] += file.stat().st_size
    found += [
        FoundFile(path=parent, kind="dicom_ct", series_uid=uid, slices=slices, size_bytes=series_bytes[(parent, uid)])
        for (parent, uid), slices in series.items()
    ]
    return tuple(sorted(found, key=lambda item: (item.path, item.series_uid)))


def _files(folder: Path) -> Iterator[Path]:
    waiting = [(folder, 0)]
    while waiting:
        here, depth = waiting.pop()
        for entry in sorted(here.iterdir()):
            if entry.is_symlink() or entry.name.startswith("."):
                continue
            if entry.is_dir() and depth < DEEPEST:
                waiting.append((entry, depth + 1))
            elif entry.is_file():
                yield entry


def _parent(path: str) -> str:
    return path.rsplit("/", 1)[0] if "/" in path else "."


def _volume_kind(file: Path) -> FileKind:
    """CT or mask by the values of the middle slice, for NIfTI; by its name alone for the other formats."""
    if not file.name.lower().endswith((".nii", ".nii.gz")):
        return "ct_or_mask"
    try:
        image = nib.load(file)
        if not isinstance(image, nib.Nifti1Image) or len(image.shape) != 3:
            return "ct_or_mask"
        middle = np.asarray(image.dataobj[:, :, image.shape[2] // 2])
    except Exception:  # noqa: BLE001 - a broken file is reported by the import, which reads it strictly
        return "ct_or_mask"
    if np.nanmin(middle) < _AIR_HU:
        return "ct"
    labels = np.unique(middle)
    whole = bool(np.isfinite(labels).all()) and bool((labels == np.round(labels)).all())
    return "mask" if whole and labels.min() >= 0 and labels.size <= _MOST_LABELS else "ct_or_mask"


def _dicom_header(file: Path) -> FileDataset | None:
    try:
        with file.open("rb") as stream:
            stream.seek(128)
            if stream.read(4) != b"DICM":
                return None
        return pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(_TAGS))
    except Exception:  # noqa: BLE001 - a broken file is reported by the import, which reads it strictly
        return None


def _roi_names(header: FileDataset) -> tuple[str, ...]:
    rois = header.get("StructureSetROISequence") or []
    return tuple(str(roi.get("ROIName", "")) for roi in rois)
