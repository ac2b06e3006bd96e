"""Read one CT series into Hounsfield units on a lattice, or refuse it with the fault named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from givre.adapters.dicom.errors import MixedSeries, NotDicom
from givre.adapters.dicom.identity import Identity
from givre.adapters.dicom.part10.opening import refuse_unless_plain
from givre.adapters.dicom.series.choice import choose_series, folder_findings
from givre.adapters.dicom.series.decoding import decoded, refuse_without_decoder
from givre.adapters.dicom.series.objects import look_at
from givre.adapters.dicom.series.pixels import Stored, hounsfield, native_pixels, pixel_hash
from givre.adapters.dicom.series.resampled import Hounsfield, fill_gaps, sheared_upright
from givre.adapters.dicom.series.slices import CtSlice, ct_slice
from givre.adapters.dicom.series.stack import Stack, stacked
from givre.foundation.errors import InputError, UnreadableFile
from givre.geometry.grid import Grid, Point
from givre.geometry.reorientation import towards_lps
from givre.geometry.volume import Volume
from givre.usecases.ct_checks import check_hounsfield, check_lattice, ct_facts, refuse_too_large, stored_orientation
from givre.usecases.import_report import Finding, ImportReport, Severity
from givre.usecases.ports import ImportedImage

Unpack = Callable[[Path], AbstractContextManager[Path]]
"""Opens a zip as a temporary folder; wiring gives `givre.adapters.archive.unpacked_zip`."""


def read_ct_series(
    path: Path,
    *,
    series_uid: str = "",
    resample_tilt: bool = False,
    resample_gaps: bool = False,
    unpack: Unpack | None = None,
) -> ImportedImage:
    """Read one CT series from a folder (recursive), a single file or a zip.

    Geometry comes from ImagePositionPatient and ImageOrientationPatient alone. The array leaves with
    k towards the head, j towards the back and i towards the left, whatever the patient's position.
    Patient identity is compared and forgotten; it enters no message and no report.

    Args:
        path: folder, DICOM file or zip.
        series_uid: which series, when there are several.
        resample_tilt: shear a tilted gantry upright instead of refusing it.
        resample_gaps: interpolate up to two missing slices in a row instead of refusing them.
        unpack: opens a zip; without it a zip is refused.

    Raises:
        InputError: with the fault named when the series cannot be trusted.
    """
    identity = Identity()
    try:
        if path.is_file() and _is_zip(path):
            if unpack is None:
                raise NotDicom(f"{path.name} is a zip; unpack it and give the folder")
            opened = unpack(path)
        else:
            if not path.is_dir():
                refuse_unless_plain(path, path.name)
            opened = nullcontext(path)
        with opened as place:
            return _read(
                place,
                identity,
                source=path.name,
                series_uid=series_uid,
                resample_tilt=resample_tilt,
                resample_gaps=resample_gaps,
            )
    except InputError as error:
        error.args = (identity.scrubbed(str(error)),)
        raise
    except OSError as error:
        raise UnreadableFile(f"{identity.scrubbed(path.name)} cannot be read: {error.strerror}") from error


def series_sha256(file_hashes: Sequence[str]) -> str:
    """Hash of a series: of the sorted hashes of its files, one a line; folder and file names do not matter."""
    return hashlib.sha256("\n".join(sorted(file_hashes)).encode()).hexdigest()


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        start = stream.read(132)
    return start[:4] in (b"PK\x03\x04", b"PK\x05\x06") and start[128:] != b"DICM"


def _read(
    place: Path, identity: Identity, *, source: str, series_uid: str, resample_tilt: bool, resample_gaps: bool
) -> ImportedImage:
    content = look_at(place, identity)
    chosen = choose_series(content, series_uid, source)
    slices = [ct_slice(found) for found in chosen]
    findings = folder_findings(content, chosen)
    if any(one.encoding.encapsulated for one in slices):
        _refuse_mixed_encodings(slices)
        refuse_without_decoder(slices)
        with decoded(slices) as words:
            by_name = {one.what: n for n, one in enumerate(slices)}
            stack, volume, more = _assemble(
                slices, lambda one: np.asarray(words[by_name[one.what]]), resample_tilt, resample_gaps
            )
    else:
        stack, volume, more = _assemble(slices, native_pixels, resample_tilt, resample_gaps)
    what = f"series {chosen[0].series_uid}"
    findings += [*stack.findings, *more, *check_hounsfield(volume.values, what), *check_lattice(volume.grid, what)]
    values, grid = towards_lps(volume.values, volume.grid)
    turned = Volume(grid=grid, values=values, unit="HU")
    used = stack.slices
    return ImportedImage(
        volume=turned,
        report=_report(source, identity, stack=stack, volume=turned, acquired=volume.grid, findings=findings),
        frame_of_reference_uid=used[0].frame_of_reference_uid,
        sop_instance_uids=tuple(one.sop_instance_uid for one in used),
        sha256=series_sha256([found.sha256 for found in chosen]),
    )


def _refuse_mixed_encodings(slices: Sequence[CtSlice]) -> None:
    names = sorted({one.encoding.name for one in slices})
    sizes = {(one.layout.rows, one.layout.columns) for one in slices}
    if len(names) > 1 or len(sizes) > 1:
        raise MixedSeries(f"the slices mix encodings {names} or {len(sizes)} sizes; export the series again as one")


def _assemble(
    slices: Sequence[CtSlice], words_of: Callable[[CtSlice], Stored], resample_tilt: bool, resample_gaps: bool
) -> tuple[Stack, Volume, list[Finding]]:
    """The stack, its volume in acquisition order, and what was found in the pixels."""
    stack = stacked(
        slices,
        pixel_hash=lambda one: pixel_hash(words_of(one), one),
        resample_tilt=resample_tilt,
        resample_gaps=resample_gaps,
    )
    first = stack.slices[0]
    shape = (stack.depth, first.layout.rows, first.layout.columns)
    refuse_too_large(shape, f"series {first.found.series_uid}")
    values: Hounsfield = np.zeros(shape, dtype=np.float32)
    padded = overlay = 0
    for k, one in zip(stack.places, stack.slices, strict=True):
        values[k], more_padded, more_overlay = hounsfield(words_of(one), one)
        padded, overlay = padded + more_padded, overlay + more_overlay
    origin = first.position_mm
    if stack.is_tilted:
        drift_mm = np.linspace(0.0, 1.0, stack.depth)[:, None] * stack.drift_mm[-1]
        values, start = sheared_upright(values, drift_mm, first.pixel_spacing_mm)
        origin = origin + start[0] * first.column_direction + start[1] * first.row_direction
    fill_gaps(values, stack)
    depth, rows, columns = values.shape
    grid = Grid(
        shape=(depth, rows, columns),
        spacing_mm=(stack.spacing_mm, *first.pixel_spacing_mm),
        origin_mm=_point(origin),
        axes=(_point(first.normal), _point(first.column_direction), _point(first.row_direction)),
    )
    return stack, Volume(grid=grid, values=values, unit="HU"), _pixel_findings(stack, values.size, padded, overlay)


def _pixel_findings(stack: Stack, total: int, padded: int, overlay: int) -> list[Finding]:
    findings = []
    notes = {note for one in stack.slices for note in one.notes}
    tilts = {round(one.tilt_deg, 3) for one in stack.slices}
    if padded:
        findings.append(
            _finding("PADDING_TO_AIR", "assumed", f"{padded:,} of {total:,} voxels were padding and became -1024 HU")
        )
    if overlay:
        findings.append(
            _finding("UNUSED_BITS", "info", f"{overlay:,} pixels had unused bits set (old overlay), ignored")
        )
    if "MONOCHROME1" in notes:
        sentence = "MONOCHROME1: white and black are swapped on screen only; Hounsfield units follow the rescale"
        findings.append(_finding("MONOCHROME1", "info", sentence))
    if "LOSSY" in notes:
        findings.append(
            _finding("LOSSY", "warning", "the series was compressed with loss; fine detail may be invented")
        )
    if "RESCALE_TYPE_US" in notes:
        findings.append(
            _finding("RESCALE_TYPE_US", "warning", "RescaleType is unspecified (US), read as Hounsfield units")
        )
    if tilts != {0.0} and not stack.is_tilted:
        sentence = f"the scanner says its gantry was tilted by {sorted(tilts)}°, yet the slice positions are upright"
        findings.append(_finding("TILT_FIELD_WITHOUT_DRIFT", "warning", sentence))
    if not stack.slices[0].frame_of_reference_uid:
        sentence = "no FrameOfReferenceUID: RTSTRUCT contours cannot be tied to this series"
        findings.append(_finding("NO_FRAME_OF_REFERENCE", "warning", sentence))
    return findings


def _report(
    source: str, identity: Identity, *, stack: Stack, volume: Volume, acquired: Grid, findings: list[Finding]
) -> ImportReport:
    first = stack.slices[0]
    rescales = sorted({(one.layout.slope, one.layout.intercept) for one in stack.slices})
    facts = ct_facts(volume)
    facts["stored_orientation"] = stored_orientation(acquired)
    facts["number_of_slices"] = len(stack.slices)
    facts["slice_positions_mm"] = [round(stack.positions_mm[0], 4), round(stack.positions_mm[-1], 4)]
    facts["rescale"] = [f"slope {slope:g}, intercept {intercept:g}" for slope, intercept in rescales[:8]]
    facts["transfer_syntax"] = first.encoding.name
    facts["patient_position"] = first.found.fields.code("PatientPosition")[:8]
    facts["series_uid"] = first.found.series_uid
    facts["assumed"] = [finding.code for finding in findings if finding.severity == "assumed"]
    clean = tuple(
        Finding(code=one.code, severity=one.severity, sentence=identity.scrubbed(one.sentence)) for one in findings
    )
    return ImportReport(source=identity.scrubbed(source), kind="CT, DICOM", facts=facts, findings=clean)


def _finding(code: str, severity: Severity, sentence: str) -> Finding:
    return Finding(code=code, severity=severity, sentence=sentence)


def _point(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Point:
    x, y, z = (float(value) for value in values)
    return (x, y, z)
