"""What each file of a folder is: a CT image, something else in DICOM, or no DICOM at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
    MediaStorageDirectoryStorage,
)

from givre.adapters.dicom.identity import Identity
from givre.adapters.dicom.part10.encodings import Encoding, syntax_name
from givre.adapters.dicom.part10.fields import Fields, header_fields
from givre.adapters.dicom.part10.opening import is_part10, opened, sha256_of
from givre.adapters.dicom.part10.structure import PIXEL_DATA, Element
from givre.foundation.errors import UnreadableFile

MAX_FILES = 20_000
"""Most files looked at in one folder."""

MULTI_FRAME_CT = (str(EnhancedCTImageStorage), str(LegacyConvertedEnhancedCTImageStorage))
CT_IMAGE = str(CTImageStorage)
DICOMDIR = str(MediaStorageDirectoryStorage)

IDENTITY_FIELDS = ("PatientName", "PatientID", "PatientBirthDate")
"""Fields that must agree within a series."""

_IDENTITY = (*IDENTITY_FIELDS, "OtherPatientIDs", "OtherPatientNames")
_NEEDED = (
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "Modality"),
    *(
        "SeriesDescription",
        "ImageType",
        "BurnedInAnnotation",
        "FrameOfReferenceUID",
        "NumberOfFrames",
        "PatientPosition",
    ),
    *("Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit"),
    *("PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit", "PixelSpacing", "ImagePositionPatient"),
    *("ImageOrientationPatient", "RescaleSlope", "RescaleIntercept", "RescaleType", "GantryDetectorTilt"),
    *("LossyImageCompression", "ModalityLUTSequence"),
    *_IDENTITY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomObject:
    """One DICOM file, looked at but not yet judged.

    Attributes:
        path: where it lies.
        what: its name for messages.
        sop_class_uid: kind of object.
        series_uid: series it belongs to.
        description: series description without identity.
        fields: its fields.
        identity: the values of IDENTITY_FIELDS, only ever compared.
        encoding: how it is encoded.
        pixels: where its pixels lie, if any.
        sha256: hash of the file.
        disguise: what its preamble pretends to be.
    """

    path: Path
    what: str
    sop_class_uid: str
    series_uid: str
    description: str
    fields: Fields
    identity: tuple[str, ...]
    encoding: Encoding
    pixels: Element | None
    sha256: str
    disguise: str

    @property
    def is_ct(self) -> bool:
        """Whether it is a classic single-frame CT image."""
        return self.sop_class_uid == CT_IMAGE

    @property
    def is_localizer(self) -> bool:
        """Whether it is a scout view (topogram)."""
        return "LOCALIZER" in self.fields.codes("ImageType")

    @property
    def patient_id(self) -> str:
        """Whose it is, only ever compared."""
        return self.identity[IDENTITY_FIELDS.index("PatientID")].strip().casefold()

    @property
    def class_name(self) -> str:
        """Registered name of the kind of object."""
        return syntax_name(self.sop_class_uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderContent:
    """Everything found under one path.

    Attributes:
        objects: DICOM objects, in the order of their paths.
        not_dicom: names of files that are no DICOM.
        set_aside: DICOM directories and links that were not followed, by name.
    """

    objects: tuple[DicomObject, ...]
    not_dicom: tuple[str, ...]
    set_aside: tuple[str, ...]


def look_at(path: Path, identity: Identity) -> FolderContent:
    """Look at one file or at every file of a folder, recursively.

    Links that lead out of the folder, devices and pipes are set aside unread; a DICOMDIR is set
    aside too: the files themselves are read, never the paths it lists.

    Raises:
        UnreadableFile: if the path is missing or holds more than MAX_FILES files.
        InputError: if any DICOM file is damaged: a damaged slice is not silently left out.
    """
    objects, not_dicom, set_aside = [], [], []
    single = not path.is_dir()
    for file in [path] if single else _files_under(path):
        what = path.name if single else str(file.relative_to(path))
        if not single and not _stays_inside(file, path):
            set_aside.append(what)
        elif not single and not is_part10(file):
            not_dicom.append(what)
        else:
            found = _look_at_file(file, what, identity)
            if found.sop_class_uid == DICOMDIR:
                set_aside.append(what)
            else:
                objects.append(found)
    return FolderContent(objects=tuple(objects), not_dicom=tuple(not_dicom), set_aside=tuple(set_aside))


def class_counts(objects: Sequence[DicomObject]) -> str:
    """The kinds of object with how many of each, for messages."""
    names = sorted({found.class_name for found in objects})
    return ", ".join(f"{sum(found.class_name == name for found in objects)} x {name}" for name in names)


def _files_under(folder: Path) -> list[Path]:
    files: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=_refuse_folder, followlinks=False):
        folders.sort()
        files += [Path(root) / name for name in sorted(names)]
        if len(files) > MAX_FILES:
            raise UnreadableFile(f"{folder.name} holds more than {MAX_FILES:,} files; give the folder of one series")
    return files


def _refuse_folder(error: OSError) -> None:
    raise UnreadableFile(f"a folder cannot be read: {error.strerror}; correct its permissions") from error


def _stays_inside(file: Path, folder: Path) -> bool:
    try:
        target = file.resolve(strict=True)
        return stat.S_ISREG(target.stat().st_mode) and target.is_relative_to(folder.resolve())
    except OSError:
        return False


def _look_at_file(path: Path, what: str, identity: Identity) -> DicomObject:
    with opened(path, what) as part:
        fields = header_fields(part, only=_NEEDED)
        who = tuple(fields.text(keyword) for keyword in _IDENTITY)
        identity.learn(who)
        return DicomObject(
            path=path,
            what=what,
            sop_class_uid=fields.uid("SOPClassUID") or part.sop_class_uid,
            series_uid=fields.uid("SeriesInstanceUID"),
            description=identity.scrubbed(fields.text("SeriesDescription"))[:64],
            fields=fields,
            identity=who[: len(IDENTITY_FIELDS)],
            encoding=part.encoding,
            pixels=part.elements.get(PIXEL_DATA),
            sha256=sha256_of(path),
            disguise=part.disguise,
        )
