"""Why a DICOM file or series is refused; each fault has its own code."""

from __future__ import annotations

from givre.foundation.errors import InputError


class NotDicom(InputError):
    """Not a DICOM file, or a folder without any."""

    code = "NOT_DICOM"


class DicomTooDeep(InputError):
    """Sequences nested deeper than any real object."""

    code = "DICOM_TOO_DEEP"


class DicomTruncated(InputError):
    """An element whose declared length runs past its container or the end of the file."""

    code = "DICOM_LENGTH_BEYOND_FILE"


class DicomBroken(InputError):
    """A file whose structure or element values break the DICOM standard."""

    code = "DICOM_BROKEN"


class DicomValue(InputError):
    """A field that is absent or holds a value that cannot be used."""

    code = "DICOM_BAD_VALUE"


class DicomTransferSyntax(InputError):
    """A compression or encoding that is not read here."""

    code = "DICOM_TRANSFER_SYNTAX"


class DicomNotPlanningCt(InputError):
    """A DICOM object that is not a CT image fit for planning."""

    code = "DICOM_NOT_PLANNING_CT"


class DicomMultiFrame(InputError):
    """Several frames in one object, not read here."""

    code = "DICOM_MULTI_FRAME"


class DicomPixels(InputError):
    """Pixel data that do not fit their description."""

    code = "DICOM_PIXELS"


class DicomPhotometric(InputError):
    """Pixels that are not one grey channel of 16 bits."""

    code = "DICOM_PHOTOMETRIC"


class DicomRescale(InputError):
    """No usable rescale to Hounsfield units."""

    code = "DICOM_RESCALE"


class PatientMismatch(InputError):
    """Images of more than one patient."""

    code = "PATIENT_MISMATCH"


class SeriesAmbiguous(InputError):
    """Several series and none chosen, or a chosen series that is absent."""

    code = "DICOM_SERIES_CHOICE"


class MixedSeries(InputError):
    """Slices of one series that do not share orientation, spacing, size or frame of reference."""

    code = "DICOM_MIXED_SERIES"


class TooFewSlices(InputError):
    """Not enough slices for a volume."""

    code = "DICOM_TOO_FEW_SLICES"


class DuplicatePosition(InputError):
    """Different slices at the same place."""

    code = "DICOM_DUPLICATE_POSITION"


class MissingSlices(InputError):
    """Gaps in the stack."""

    code = "DICOM_MISSING_SLICES"


class UnevenSpacing(InputError):
    """Slices that do not lie on a regular lattice."""

    code = "DICOM_UNEVEN_SPACING"


class GantryTilt(InputError):
    """Slices shifted sideways along the stack."""

    code = "DICOM_GANTRY_TILT"


class FrameOfReferenceMismatch(InputError):
    """Contours drawn in another coordinate system than the CT."""

    code = "FRAME_OF_REFERENCE_MISMATCH"


class ContoursRefused(InputError):
    """Contours that cannot be turned into voxels of this CT."""

    code = "RTSTRUCT_CONTOURS"
