"""Read a CT or a mask from a NIfTI file, or refuse it with the fault named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from givre.adapters.nifti.header import HEADER_BYTES, NiftiLayout, judged_header
from givre.adapters.nifti.source import NiftiSource
from givre.foundation.errors import LabelNotFound
from givre.geometry.reorientation import towards_lps
from givre.geometry.volume import Volume
from givre.usecases.ct_checks import (
    Fact,
    check_hounsfield,
    check_lattice,
    ct_facts,
    refuse_not_finite,
    stored_orientation,
)
from givre.usecases.import_report import ImportReport
from givre.usecases.mask_checks import StoredLabels, place_mask
from givre.usecases.ports import ImportedImage, ImportedMask

FORMAT = "NIfTI"


def read_nifti_image(path: Path, *, series_uid: str = "") -> ImportedImage:
    """Read a CT in Hounsfield units from a .nii or .nii.gz file.

    The array leaves with k towards the head, j towards the back and i towards the left; a file stored
    otherwise, left-handed ones included, is re-ordered without interpolation.

    Args:
        path: the file.
        series_uid: must be empty; NIfTI holds one image.

    Raises:
        InputError: with the header field or the fault named.
    """
    source = NiftiSource(path)
    if series_uid:
        raise LabelNotFound(f"{source.name} is a NIfTI file and has no series {series_uid}; leave series_uid empty")
    layout, values = _stored(source)
    refuse_not_finite(values, source.name)
    hounsfield = _scaled(values, layout)
    findings = (
        *layout.findings,
        *check_hounsfield(hounsfield, source.name),
        *check_lattice(layout.grid, source.name),
    )
    turned, grid = towards_lps(hounsfield, layout.grid)
    volume = Volume(grid=grid, values=turned, unit="HU")
    facts = ct_facts(volume)
    facts["stored_orientation"] = stored_orientation(layout.grid)
    facts["number_of_slices"] = grid.shape[0]
    facts["slice_positions_mm"] = [round(float(grid.index_to_lps((k, 0, 0))[2]), 4) for k in (0, grid.shape[0] - 1)]
    facts["rescale"] = f"slope {layout.slope:g}, intercept {layout.intercept:g}"
    facts.update(_header_facts(layout))
    facts["assumed"] = [finding.code for finding in findings if finding.severity == "assumed"]
    report = ImportReport(source=source.name, kind=f"CT, {FORMAT}", facts=facts, findings=findings)
    return ImportedImage(volume=volume, report=report, sha256=source.sha256())


def read_nifti_mask(
    path: Path,
    *,
    name: str,
    onto: ImportedImage,
    labels: tuple[int, ...] = (),
    roi: str = "",
    resample: bool = False,
) -> ImportedMask:
    """Read a mask or some labels of a label map from a .nii or .nii.gz file onto the lattice of a CT.

    Args:
        path: the file.
        name: what the structure is for the case.
        onto: the CT it belongs to.
        labels: labels that make up the structure; empty means any non-zero voxel.
        roi: must be empty; NIfTI has labels, not names.
        resample: resample a mask that lies on another lattice instead of refusing it.

    Raises:
        InputError: with the fault named when the mask does not belong to the CT.
    """
    source = NiftiSource(path)
    if roi:
        raise LabelNotFound(f'{source.name} is a NIfTI file and has no contour named "{roi}"; give labels instead')
    layout, values = _stored(source)
    if (layout.slope, layout.intercept) != (1.0, 0.0):
        values = _scaled(values, layout)
    stored = StoredLabels(
        values=values,
        grid=layout.grid,
        source=source.name,
        file_format=FORMAT,
        sha256=source.sha256(),
        findings=layout.findings,
        facts=tuple(_header_facts(layout).items()),
    )
    return place_mask(stored, name=name, onto=onto, labels=labels, resample=resample)


def _stored(source: NiftiSource) -> tuple[NiftiLayout, npt.NDArray[np.generic]]:
    """The judged header and the stored values, shape (k, j, i), unscaled."""
    layout = judged_header(source.head(HEADER_BYTES), source.name)
    data = source.whole(layout.file_bytes)
    i, j, k = layout.shape_ijk
    return layout, np.frombuffer(data, dtype=layout.dtype, offset=layout.offset).reshape(k, j, i)


def _scaled(values: npt.NDArray[np.generic], layout: NiftiLayout) -> npt.NDArray[np.float32]:
    exact = values.astype(np.float64) if values.dtype.itemsize > 4 else values.astype(np.float32)
    if (layout.slope, layout.intercept) != (1.0, 0.0):
        exact = exact * exact.dtype.type(layout.slope) + exact.dtype.type(layout.intercept)
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is refused as such
        return np.asarray(exact, dtype=np.float32)


def _header_facts(layout: NiftiLayout) -> dict[str, Fact]:
    return {
        "orientation_rule": layout.orientation_rule,
        "stored_type": layout.dtype.name,
        "stored_axes": "left-handed, re-ordered" if np.linalg.det(np.array(layout.grid.axes)) > 0 else "right-handed",
    }
