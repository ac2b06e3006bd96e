"""Which CT series of a folder is meant, and that it belongs to one patient."""

from __future__ import annotations

from collections import defaultdict

from givre.adapters.dicom.errors import (
    DicomMultiFrame,
    DicomNotPlanningCt,
    NotDicom,
    PatientMismatch,
    SeriesAmbiguous,
)
from givre.adapters.dicom.series.objects import (
    CT_IMAGE,
    IDENTITY_FIELDS,
    MULTI_FRAME_CT,
    DicomObject,
    FolderContent,
    class_counts,
)
from givre.usecases.import_report import Finding

_LISTED_NAMES = 8


def choose_series(content: FolderContent, series_uid: str, source: str) -> tuple[DicomObject, ...]:
    """The CT images of the one series meant.

    Without `series_uid` there must be exactly one CT series. Two patients in one folder are refused,
    unless `series_uid` names a series that belongs to one of them only.

    Raises:
        NotDicom, DicomNotPlanningCt, DicomMultiFrame, SeriesAmbiguous, PatientMismatch.
    """
    if not content.objects:
        raise NotDicom(_nothing_found(content, source))
    images = [found for found in content.objects if found.is_ct]
    slices = [found for found in images if not found.is_localizer]
    _refuse_hidden_multi_frame(content, series_uid)
    if not slices:
        _refuse_no_ct(content, bool(images), source)
    chosen = _chosen(slices, series_uid)
    _refuse_two_patients(chosen if series_uid else slices)
    return tuple(chosen)


def folder_findings(content: FolderContent, chosen: tuple[DicomObject, ...]) -> list[Finding]:
    """What else lies in the folder and was left out."""
    findings = []
    names = {found.what for found in chosen}
    others = [found for found in content.objects if found.what not in names]
    if others:
        findings.append(_info("OTHER_OBJECTS", f"{len(others)} other DICOM objects left out: {class_counts(others)}"))
    if content.not_dicom:
        findings.append(_info("NOT_DICOM_FILES", f"files that are not DICOM left out: {_listed(content.not_dicom)}"))
    if content.set_aside:
        findings.append(
            _info(
                "SET_ASIDE",
                f"DICOMDIR and links not followed: {_listed(content.set_aside)}; the files were read directly",
            )
        )
    patients = {found.patient_id for found in content.objects}
    if len(patients) > 1:
        findings.append(
            Finding(
                code="OTHER_PATIENT_IN_FOLDER",
                severity="warning",
                sentence="the folder also holds objects with another PatientID; only the chosen series was read",
            )
        )
    disguised = [found for found in chosen if found.disguise]
    if disguised:
        findings.append(
            Finding(
                code="PREAMBLE_DISGUISE",
                severity="warning",
                sentence=f"{len(disguised)} files look like a {disguised[0].disguise} in their preamble, ignored here; "
                "do not open these files with anything but a DICOM reader",
            )
        )
    return findings


def _info(code: str, sentence: str) -> Finding:
    return Finding(code=code, severity="info", sentence=sentence)


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _LISTED_NAMES
    return ", ".join(names[:_LISTED_NAMES]) + (f" and {more} more" if more > 0 else "")


def _nothing_found(content: FolderContent, source: str) -> str:
    if content.set_aside:
        return f"{source} holds a DICOMDIR or links only; give the folder with the CT slices themselves"
    return (
        f"none of the {len(content.not_dicom)} files in {source} is DICOM; give the folder of the CT series as exported"
    )


def _refuse_hidden_multi_frame(content: FolderContent, series_uid: str) -> None:
    """An enhanced CT beside classic slices could be the series meant, so it is never passed over."""
    enhanced = [
        found
        for found in content.objects
        if found.sop_class_uid in MULTI_FRAME_CT and series_uid in ("", found.series_uid)
    ]
    if enhanced:
        raise DicomMultiFrame(
            f"{enhanced[0].what} is {enhanced[0].class_name}, a multi-frame object that is not read; export the series "
            "as classic single-frame CT images, or name another series by its UID"
        )


def _refuse_no_ct(content: FolderContent, only_localizers: bool, source: str) -> None:
    if only_localizers:
        raise DicomNotPlanningCt(f"{source} holds only localizers (scout views); give the axial CT series")
    raise DicomNotPlanningCt(
        f"{source} holds no CT image, only {class_counts(content.objects)}; give the original CT series "
        f"({CT_IMAGE}, CT Image Storage)"
    )


def _chosen(slices: list[DicomObject], series_uid: str) -> list[DicomObject]:
    by_series: dict[str, list[DicomObject]] = defaultdict(list)
    for found in slices:
        by_series[found.series_uid].append(found)
    listing = "; ".join(
        f'{uid} ({len(members)} slices, "{members[0].description}")' for uid, members in sorted(by_series.items())
    )
    if series_uid:
        if series_uid not in by_series:
            raise SeriesAmbiguous(f"series {series_uid} is not in the folder; it holds {listing}")
        return by_series[series_uid]
    if len(by_series) > 1:
        # two patients matter more than two series
        _refuse_two_patients(slices)
        raise SeriesAmbiguous(f"{len(by_series)} CT series in the folder; name one by its UID: {listing}")
    return slices


def _refuse_two_patients(slices: list[DicomObject]) -> None:
    for n, field in enumerate(IDENTITY_FIELDS):
        values = {found.identity[n].strip().casefold() for found in slices}
        if len(values) > 1:
            raise PatientMismatch(
                f"the CT slices carry {len(values)} different values of {field}: images of two patients are mixed; "
                "separate them before planning (values withheld)"
            )
