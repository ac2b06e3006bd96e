"""Read a CT or a mask from NRRD or MetaImage, or refuse it with the fault named."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from givre.adapters.nrrd.metaimage_header import metaimage_payload
from givre.adapters.nrrd.nrrd_header import nrrd_payload
from givre.adapters.nrrd.payload import Payload, sha256_of, voxels
from givre.foundation.errors import LabelNotFound
from givre.geometry.reorientation import towards_lps
from givre.geometry.volume import Volume
from givre.usecases.ct_checks import check_hounsfield, check_lattice, ct_facts, refuse_not_finite, stored_orientation
from givre.usecases.import_report import ImportReport
from givre.usecases.mask_checks import StoredLabels, place_mask
from givre.usecases.ports import ImportedImage, ImportedMask


def read_nrrd_image(path: Path, *, series_uid: str = "") -> ImportedImage:
    """Read a CT in Hounsfield units from an .nrrd file.

    Raises:
        InputError: with the header field or the fault named.
    """
    _refuse_series(path, series_uid)
    return _image(nrrd_payload(path), "NRRD")


def read_nrrd_mask(
    path: Path,
    *,
    name: str,
    onto: ImportedImage,
    labels: tuple[int, ...] = (),
    roi: str = "",
    resample: bool = False,
) -> ImportedMask:
    """Read a mask or some labels from an .nrrd file onto the lattice of a CT.

    Raises:
        InputError: with the fault named when the mask does not belong to the CT.
    """
    _refuse_roi(path, roi)
    return place_mask(_labels(nrrd_payload(path), "NRRD"), name=name, onto=onto, labels=labels, resample=resample)


def read_mha_image(path: Path, *, series_uid: str = "") -> ImportedImage:
    """Read a CT in Hounsfield units from an .mha file, or an .mhd file with its data file beside it.

    Raises:
        InputError: with the header field or the fault named.
    """
    _refuse_series(path, series_uid)
    return _image(metaimage_payload(path), "MetaImage")


def read_mha_mask(
    path: Path,
    *,
    name: str,
    onto: ImportedImage,
    labels: tuple[int, ...] = (),
    roi: str = "",
    resample: bool = False,
) -> ImportedMask:
    """Read a mask or some labels from an .mha or .mhd file onto the lattice of a CT.

    Raises:
        InputError: with the fault named when the mask does not belong to the CT.
    """
    _refuse_roi(path, roi)
    return place_mask(
        _labels(metaimage_payload(path), "MetaImage"), name=name, onto=onto, labels=labels, resample=resample
    )


def _image(payload: Payload, file_format: str) -> ImportedImage:
    name = payload.path.name
    stored = voxels(payload)
    refuse_not_finite(stored, name)
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused as such
        hounsfield = stored.astype(np.float32)
    findings = (*payload.findings, *check_hounsfield(hounsfield, name), *check_lattice(payload.grid, name))
    turned, grid = towards_lps(hounsfield, payload.grid)
    volume = Volume(grid=grid, values=turned, unit="HU")
    facts = ct_facts(volume)
    facts["stored_orientation"] = stored_orientation(payload.grid)
    facts["number_of_slices"] = grid.shape[0]
    facts["slice_positions_mm"] = [round(float(grid.index_to_lps((k, 0, 0))[2]), 4) for k in (0, grid.shape[0] - 1)]
    facts["rescale"] = f"none in {file_format}: stored values are Hounsfield units"
    facts["stored_type"] = payload.dtype.name
    facts["assumed"] = [finding.code for finding in findings if finding.severity == "assumed"]
    report = ImportReport(source=name, kind=f"CT, {file_format}", facts=facts, findings=findings)
    return ImportedImage(volume=volume, report=report, sha256=sha256_of(payload))


def _labels(payload: Payload, file_format: str) -> StoredLabels:
    return StoredLabels(
        values=voxels(payload),
        grid=payload.grid,
        source=payload.path.name,
        file_format=file_format,
        sha256=sha256_of(payload),
        findings=payload.findings,
        facts=(("stored_type", payload.dtype.name),),
    )


def _refuse_series(path: Path, series_uid: str) -> None:
    if series_uid:
        raise LabelNotFound(f"{path.name} holds one image and has no series {series_uid}; leave series_uid empty")


def _refuse_roi(path: Path, roi: str) -> None:
    if roi:
        raise LabelNotFound(f'{path.name} has labels and no contour named "{roi}"; give labels instead')
