"""One CT slice: everything needed to place it and to read its Hounsfield units, already judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.adapters.dicom.errors import (
    DicomMultiFrame,
    DicomNotPlanningCt,
    DicomPhotometric,
    DicomPixels,
    DicomRescale,
    DicomValue,
)
from givre.adapters.dicom.part10.encodings import Encoding
from givre.adapters.dicom.part10.fields import Fields
from givre.adapters.dicom.series.objects import DicomObject
from givre.usecases.ct_checks import refuse_too_large

_UNIT_TOLERANCE = 1e-3
_HU_TYPES = ("", "HU", "HU_MOD", "US")
"""Rescale types read as Hounsfield units; US means unspecified."""

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PixelLayout:
    """How stored values become Hounsfield units.

    Attributes:
        rows: rows of the slice.
        columns: columns of the slice.
        bits_stored: bits in use of the 16 allocated, the lowest ones.
        signed: whether stored values are two's complement.
        slope: Hounsfield units per stored unit.
        intercept: Hounsfield units at stored 0.
        padding: lowest and highest stored value that mean "nothing measured here", if declared.
    """

    rows: int
    columns: int
    bits_stored: int
    signed: bool
    slope: float
    intercept: float
    padding: tuple[int, int] | None

    @property
    def length(self) -> int:
        """Bytes of one uncompressed slice."""
        return self.rows * self.columns * 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CtSlice:
    """One CT slice, placed in patient space.

    Attributes:
        found: the file it came from.
        sop_instance_uid: which instance it is.
        frame_of_reference_uid: its coordinate system, may be empty.
        position_mm: LPS centre of the first pixel.
        row_direction: unit vector along increasing column index.
        column_direction: unit vector along increasing row index.
        pixel_spacing_mm: distance between rows, between columns.
        layout: how its pixels are stored.
        offset: where the pixels begin in the (inflated) file.
        tilt_deg: what the scanner says of its gantry.
        notes: codes of what is unusual ("MONOCHROME1", "LOSSY", "RESCALE_TYPE_US").
    """

    found: DicomObject
    sop_instance_uid: str
    frame_of_reference_uid: str
    position_mm: Vector
    row_direction: Vector
    column_direction: Vector
    pixel_spacing_mm: tuple[float, float]
    layout: PixelLayout
    offset: int
    tilt_deg: float
    notes: tuple[str, ...]

    @property
    def what(self) -> str:
        """Name for messages."""
        return self.found.what

    @property
    def encoding(self) -> Encoding:
        """How the file is encoded."""
        return self.found.encoding

    @property
    def normal(self) -> Vector:
        """Unit vector from this slice to the next, right-handed with rows and columns."""
        return np.cross(self.row_direction, self.column_direction)


def ct_slice(found: DicomObject) -> CtSlice:
    """Judge one CT image and keep what is needed of it.

    Raises:
        DicomNotPlanningCt, DicomPhotometric, DicomMultiFrame, DicomPixels, DicomRescale, DicomValue,
        ImageTooLarge: with the field named.
    """
    _refuse_unfit(found)
    layout = _pixel_layout(found)
    pixels = _refuse_wrong_length(found, layout)
    row, column = _directions(found)
    fields = found.fields
    spacing = fields.decimals("PixelSpacing", 2)
    if min(spacing) <= 0:
        raise DicomValue(f"{found.what}: PixelSpacing is {spacing} mm; both must be positive: export the series again")
    return CtSlice(
        found=found,
        sop_instance_uid=fields.uid("SOPInstanceUID"),
        frame_of_reference_uid=fields.uid("FrameOfReferenceUID"),
        position_mm=np.array(fields.decimals("ImagePositionPatient", 3)),
        row_direction=row,
        column_direction=column,
        pixel_spacing_mm=(spacing[0], spacing[1]),
        layout=layout,
        offset=pixels,
        tilt_deg=fields.decimal("GantryDetectorTilt") if fields.has("GantryDetectorTilt") else 0.0,
        notes=_notes(fields),
    )


def _refuse_unfit(found: DicomObject) -> None:
    fields = found.fields
    if found.is_localizer:
        raise DicomNotPlanningCt(f"{found.what} is a localizer (scout view), not a CT slice; choose the axial series")
    if fields.code("BurnedInAnnotation") == "YES":
        raise DicomNotPlanningCt(
            f"{found.what} has text burned into its pixels (BurnedInAnnotation YES); give the original CT series"
        )
    if any("SCREEN" in code or "SECONDARY CAPTURE" in code for code in fields.codes("ImageType")):
        raise DicomNotPlanningCt(f"{found.what} is a screen copy (ImageType), not a CT slice; give the original series")
    if fields.has("Modality") and fields.code("Modality") != "CT":
        raise DicomNotPlanningCt(
            f"{found.what} is stored as a CT image but its Modality is {fields.code('Modality')[:16]}; give a CT series"
        )


def _pixel_layout(found: DicomObject) -> PixelLayout:
    fields, what = found.fields, found.what
    rows, columns = fields.count("Rows"), fields.count("Columns")
    frames = fields.count("NumberOfFrames", default=1)
    if min(rows, columns, frames) < 1:
        raise DicomValue(f"{what}: Rows {rows}, Columns {columns}, NumberOfFrames {frames}; each must be at least 1")
    refuse_too_large((frames, rows, columns), what)
    _refuse_not_grey(fields, what)
    if frames != 1:
        raise DicomMultiFrame(
            f"{what} is a {found.class_name} object with NumberOfFrames {frames}; only one frame per file is read: "
            "export the series as single-frame CT images"
        )
    bits = fields.count("BitsAllocated"), fields.count("BitsStored"), fields.count("HighBit")
    if bits[0] != 16 or not 8 <= bits[1] <= 16 or bits[2] != bits[1] - 1:
        raise DicomPhotometric(
            f"{what}: BitsAllocated {bits[0]}, BitsStored {bits[1]}, HighBit {bits[2]}; a CT slice has 16 bits "
            "allocated, 8 to 16 stored, and its high bit just below them"
        )
    sign = fields.count("PixelRepresentation")
    if sign not in (0, 1):
        raise DicomValue(f"{what}: PixelRepresentation is {sign}; it must be 0 (unsigned) or 1 (signed)")
    slope, intercept = _rescale(fields, what)
    return PixelLayout(
        rows=rows,
        columns=columns,
        bits_stored=bits[1],
        signed=sign == 1,
        slope=slope,
        intercept=intercept,
        padding=_padding(fields, signed=sign == 1),
    )


def _refuse_not_grey(fields: Fields, what: str) -> None:
    photometric = fields.code("PhotometricInterpretation")
    if photometric not in ("MONOCHROME1", "MONOCHROME2") or fields.count("SamplesPerPixel") != 1:
        raise DicomPhotometric(
            f"{what}: PhotometricInterpretation {photometric[:16] or '(absent)'} with SamplesPerPixel "
            f"{fields.count('SamplesPerPixel')}; a CT slice is one grey channel (MONOCHROME1 or MONOCHROME2): "
            "give the original CT series"
        )


def _rescale(fields: Fields, what: str) -> tuple[float, float]:
    if fields.items("ModalityLUTSequence"):
        raise DicomRescale(f"{what} maps its values by a ModalityLUTSequence; only RescaleSlope and Intercept are read")
    if not fields.has("RescaleSlope") or not fields.has("RescaleIntercept"):
        absent = "RescaleSlope" if not fields.has("RescaleSlope") else "RescaleIntercept"
        raise DicomRescale(
            f"{what}: {absent} is absent, so its values are not Hounsfield units and no tissue can be told from them; "
            "export the series from the scanner or PACS with its full header"
        )
    slope, intercept = fields.decimal("RescaleSlope"), fields.decimal("RescaleIntercept")
    if slope <= 0:
        raise DicomRescale(f"{what}: RescaleSlope is {slope:g}; it must be positive: export the series again")
    kind = fields.code("RescaleType")
    if kind not in _HU_TYPES:
        raise DicomRescale(f"{what}: RescaleType is {kind[:16]}, not HU; give the series in Hounsfield units")
    return slope, intercept


def _padding(fields: Fields, *, signed: bool) -> tuple[int, int] | None:
    if not fields.has_bytes("PixelPaddingValue"):
        return None
    value = fields.stored_value("PixelPaddingValue", signed=signed)
    limit = value
    if fields.has_bytes("PixelPaddingRangeLimit"):
        limit = fields.stored_value("PixelPaddingRangeLimit", signed=signed)
    return min(value, limit), max(value, limit)


def _refuse_wrong_length(found: DicomObject, layout: PixelLayout) -> int:
    """Offset of the pixels, once their length is right."""
    pixels = found.pixels
    if pixels is None:
        raise DicomPixels(f"{found.what} has no PixelData; export the series with its images")
    if pixels.encapsulated != found.encoding.encapsulated:
        raise DicomPixels(
            f"{found.what}: its pixels do not fit its transfer syntax {found.encoding.name}; export the series again"
        )
    if pixels.encapsulated:
        return pixels.value_start
    if pixels.length < layout.length:
        raise DicomPixels(
            f"{found.what}: PixelData has {pixels.length:,} bytes, {layout.rows} x {layout.columns} pixels need "
            f"{layout.length:,}; the slice is cut short, copy it again"
        )
    if pixels.length > layout.length:
        raise DicomPixels(
            f"{found.what}: PixelData has {pixels.length:,} bytes, {layout.rows} x {layout.columns} pixels need only "
            f"{layout.length:,}; Rows, Columns or NumberOfFrames is wrong: export the series again"
        )
    return pixels.value_start


def _directions(found: DicomObject) -> tuple[Vector, Vector]:
    values = np.array(found.fields.decimals("ImageOrientationPatient", 6))
    row, column = values[:3], values[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if max(abs(length - 1) for length in lengths) > _UNIT_TOLERANCE or abs(float(row @ column)) > _UNIT_TOLERANCE:
        raise DicomValue(
            f"{found.what}: ImageOrientationPatient {values.tolist()} is not two perpendicular unit vectors; "
            "export the series again"
        )
    row = row / lengths[0]
    column = column - (column @ row) * row
    return row, column / np.linalg.norm(column)


def _notes(fields: Fields) -> tuple[str, ...]:
    notes = []
    if fields.code("PhotometricInterpretation") == "MONOCHROME1":
        notes.append("MONOCHROME1")
    if fields.code("LossyImageCompression") == "01":
        notes.append("LOSSY")
    if fields.code("RescaleType") == "US":
        notes.append("RESCALE_TYPE_US")
    return tuple(notes)
