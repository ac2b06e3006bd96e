"""Read one structure of an RTSTRUCT as a mask on the lattice of its CT."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.uid import RTStructureSetStorage

from givre.adapters.dicom.contours import FilledContours, fill_contours
from givre.adapters.dicom.errors import ContoursRefused, DicomNotPlanningCt, DicomValue, FrameOfReferenceMismatch
from givre.adapters.dicom.identity import Identity
from givre.adapters.dicom.part10.encodings import syntax_name
from givre.adapters.dicom.part10.fields import Fields, header_fields
from givre.adapters.dicom.part10.opening import opened, sha256_of
from givre.foundation.errors import InputError, LabelNotFound
from givre.geometry.volume import Mask
from givre.usecases.ct_checks import lattice_facts
from givre.usecases.import_report import Finding, ImportReport
from givre.usecases.ports import ImportedImage, ImportedMask

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
_IDENTITY = ("PatientName", "PatientID", "PatientBirthDate")


def read_rtstruct_mask(
    path: Path, *, name: str, onto: ImportedImage, labels: tuple[int, ...] = (), roi: str = ""
) -> ImportedMask:
    """Read the contours of one structure onto the lattice of a CT.

    The frame of reference of the structure must be that of the CT. When the contours name image
    instances that are not in the CT (an anonymised or cropped copy), that is reported; their planes
    must still coincide with its slices.

    Args:
        path: an RTSTRUCT file.
        name: what the structure is for the case ("tumour", ...).
        onto: the CT, read from DICOM.
        labels: must be empty; an RTSTRUCT has names, not labels.
        roi: name of the structure in the file; may be empty when there is only one.

    Raises:
        LabelNotFound: if the structure is not in the file; names are listed.
        FrameOfReferenceMismatch: if it was drawn in another coordinate system.
        ContoursRefused: if its contours do not fit the slices.
    """
    identity = Identity()
    try:
        return _read(path, identity, name=name, onto=onto, labels=labels, roi=roi)
    except InputError as error:
        error.args = (identity.scrubbed(str(error)),)
        raise


def _read(
    path: Path, identity: Identity, *, name: str, onto: ImportedImage, labels: tuple[int, ...], roi: str
) -> ImportedMask:
    what = path.name
    if labels:
        raise LabelNotFound(f"{what} is an RTSTRUCT: it has names, not labels {list(labels)}; name its roi instead")
    with opened(path, what) as part:
        fields = header_fields(part)
    identity.learn(fields.text(keyword) for keyword in _IDENTITY)
    sop_class_uid = fields.uid("SOPClassUID")
    if sop_class_uid != str(RTStructureSetStorage):
        raise DicomNotPlanningCt(
            f"{what} is {syntax_name(sop_class_uid)}, not an RT Structure Set; give the RTSTRUCT file"
        )
    structure, findings = _structure(fields, roi, what)
    _refuse_other_frame(structure, onto, what)
    contours, referenced = _contours(fields, structure, what)
    findings += _reference_findings(referenced, onto)
    filled = fill_contours(contours, onto.volume.grid, name)
    mask = Mask(grid=onto.volume.grid, inside=filled.inside, name=name)
    findings += filled.findings
    if mask.is_empty:
        sentence = f"{name} is smaller than one voxel: no voxel centre lies inside its contours"
        findings.append(Finding(code="MASK_EMPTY", severity="warning", sentence=sentence))
    return ImportedMask(
        mask=mask,
        report=_report(
            identity,
            what,
            roi=structure.text("ROIName"),
            mask=mask,
            filled=filled,
            contours=len(contours),
            findings=findings,
        ),
        sha256=sha256_of(path),
    )


def _structure(fields: Fields, roi: str, what: str) -> tuple[Fields, list[Finding]]:
    """The item of the structure that was asked for."""
    structures = fields.items("StructureSetROISequence")
    names = [structure.text("ROIName") for structure in structures]
    if not structures:
        raise LabelNotFound(f"{what} holds no structure at all; export the RTSTRUCT again")
    if not roi and len(structures) == 1:
        sentence = f'no structure was named and the file holds only "{names[0]}", which was read'
        return structures[0], [Finding(code="ONLY_STRUCTURE", severity="assumed", sentence=sentence)]
    wanted = [structure for structure, found in zip(structures, names, strict=True) if found == roi]
    if not wanted:
        raise LabelNotFound(
            f'{what} has no structure "{roi}"; it holds {names}: name one of these'
            if roi
            else f"{what} holds {len(names)} structures, {names}: name one as roi"
        )
    if len(wanted) > 1:
        raise LabelNotFound(f'{what} has {len(wanted)} structures called "{roi}"; rename them and export again')
    return wanted[0], []


def _refuse_other_frame(structure: Fields, onto: ImportedImage, what: str) -> None:
    theirs, ours = structure.uid("ReferencedFrameOfReferenceUID"), onto.frame_of_reference_uid
    if not ours:
        raise FrameOfReferenceMismatch(
            f"the CT has no frame of reference (it is {onto.report.kind}), so nothing ties {what} to it; "
            "give the CT as DICOM, or the mask as NIfTI"
        )
    if theirs != ours:
        raise FrameOfReferenceMismatch(
            f"{what} was drawn in frame of reference {theirs or '(absent)'}, the CT is in {ours}; contours of another "
            "scan cannot be laid over this one without a registration: draw them on this CT"
        )


def _contours(fields: Fields, structure: Fields, what: str) -> tuple[list[npt.NDArray[np.float64]], set[str]]:
    """Points of every contour, and the image instances they name."""
    number = structure.decimal("ROINumber")
    items = [
        contour
        for group in fields.items("ROIContourSequence")
        if group.decimal("ReferencedROINumber") == number
        for contour in group.items("ContourSequence")
    ]
    if not items:
        raise ContoursRefused(
            f'{what}: structure "{structure.text("ROIName")}" has no contour; draw it or choose another'
        )
    points, referenced = [], set()
    for item in items:
        kind = item.code("ContourGeometricType")
        if kind not in _CLOSED:
            raise ContoursRefused(
                f'{what}: structure "{structure.text("ROIName")}" holds a {kind[:16] or "nameless"} contour; '
                "only closed planar contours enclose a volume"
            )
        points.append(_points(item, what))
        referenced |= {image.uid("ReferencedSOPInstanceUID") for image in item.items("ContourImageSequence")}
    return points, referenced


def _points(item: Fields, what: str) -> npt.NDArray[np.float64]:
    parts = item.decimal_bytes("ContourData").strip(b" \0").split(b"\\")
    try:
        values = np.array([float(part) for part in parts])
    except ValueError as error:
        raise DicomValue(
            f"{what}: ContourData holds a value that is not a number; export the RTSTRUCT again"
        ) from error
    if not np.isfinite(values).all():
        raise DicomValue(f"{what}: ContourData holds a value that is not finite; export the RTSTRUCT again")
    if values.size % 3 or values.size < 9:
        raise DicomValue(
            f"{what}: ContourData holds {values.size} numbers; a closed contour has three for each of 3 points or more"
        )
    declared = item.decimal("NumberOfContourPoints") if item.has("NumberOfContourPoints") else values.size / 3
    if declared != values.size / 3:
        raise DicomValue(
            f"{what}: NumberOfContourPoints is {declared:g}, ContourData holds {values.size // 3}; export it again"
        )
    return values.reshape(-1, 3)


def _reference_findings(referenced: set[str], onto: ImportedImage) -> list[Finding]:
    if not referenced:
        sentence = "the contours name no image; they were placed by their frame of reference"
        return [Finding(code="CONTOURS_WITHOUT_IMAGES", severity="assumed", sentence=sentence)]
    absent = referenced - set(onto.sop_instance_uids)
    if not absent:
        return []
    sentence = (
        f"{len(absent)} of the {len(referenced)} images the contours name are not in this CT (a copy, crop or other "
        "reconstruction); they were placed by their common frame of reference: check them on the pictures"
    )
    return [Finding(code="CONTOURS_OF_OTHER_IMAGES", severity="warning", sentence=sentence)]


def _report(
    identity: Identity,
    source: str,
    *,
    roi: str,
    mask: Mask,
    filled: FilledContours,
    contours: int,
    findings: list[Finding],
) -> ImportReport:
    clean = tuple(
        Finding(code=one.code, severity=one.severity, sentence=identity.scrubbed(one.sentence)) for one in findings
    )
    return ImportReport(
        source=identity.scrubbed(source),
        kind="mask, DICOM RTSTRUCT",
        facts={
            **lattice_facts(mask.grid),
            "roi": identity.scrubbed(roi)[:64],
            "contours": contours,
            "slices_with_contours": filled.planes,
            "voxels_inside": int(mask.inside.sum()),
            "volume_ml": round(mask.volume_ml, 4),
            "assumed": [one.code for one in clean if one.severity == "assumed"],
        },
        findings=clean,
    )
