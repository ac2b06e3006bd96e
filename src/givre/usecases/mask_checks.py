"""Put a mask read from a file onto the lattice of its image, or say why it does not belong there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import GeometryMismatch, LabelNotFound, LabelsNotWhole
from givre.geometry.grid import Grid
from givre.geometry.reorientation import towards_lps
from givre.geometry.resampling import resample_mask
from givre.geometry.volume import Mask
from givre.usecases.ct_checks import Fact, lattice_facts, refuse_not_finite, stored_orientation
from givre.usecases.import_report import Finding, ImportReport
from givre.usecases.ports import ImportedImage, ImportedMask

TOLERANCE_VOXELS = 1e-3
"""A mask shares the lattice of its image when no corner voxel is off by more than this part of a voxel."""

_LISTED_LABELS = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredLabels:
    """A mask or label map as it lies in its file.

    Attributes:
        values: shape (k, j, i) in stored order.
        grid: the stored lattice.
        source: file name, without the path of the machine.
        file_format: "NIfTI", "NRRD" or "MetaImage".
        sha256: hash of the file.
        findings: made while reading the header.
        facts: read in the header.
    """

    values: npt.NDArray[np.generic]
    grid: Grid
    source: str
    file_format: str
    sha256: str
    findings: tuple[Finding, ...] = ()
    facts: tuple[tuple[str, Fact], ...] = ()


def place_mask(
    stored: StoredLabels, *, name: str, onto: ImportedImage, labels: tuple[int, ...], resample: bool
) -> ImportedMask:
    """The chosen labels as one mask on the lattice of `onto`.

    Without `labels` every non-zero voxel is inside. A mask on another lattice is refused unless
    `resample` is set; then it is resampled (trilinear membership of at least one half) and said so.
    A mask stored mirrored relative to an image of the same format is refused likewise.

    Raises:
        LabelsNotWhole: if a value is not a whole number.
        LabelNotFound: if a wanted label is absent.
        GeometryMismatch: if the mask does not lie on the lattice of the image.
    """
    whole, present = _whole_labels(stored)
    inside = _inside(whole, present, labels, stored.source)
    turned, grid = towards_lps(inside, stored.grid)
    mask = Mask(grid=grid, inside=turned, name=name)
    findings = list(stored.findings)
    if not resample:
        _refuse_other_lattice(stored, grid, onto)
        mask = Mask(grid=onto.volume.grid, inside=turned, name=name)
    elif not grid.matches(onto.volume.grid, tolerance=TOLERANCE_VOXELS):
        before_ml = mask.volume_ml
        mask = resample_mask(mask, onto.volume.grid)
        findings.append(
            Finding(
                code="MASK_RESAMPLED",
                severity="assumed",
                sentence=f"mask {name} lay on another lattice and was resampled onto the CT as asked: "
                f"{before_ml:.2f} mL before, {mask.volume_ml:.2f} mL after",
            )
        )
    if mask.is_empty:
        findings.append(Finding(code="MASK_EMPTY", severity="warning", sentence=f"mask {name} holds no voxel"))
    facts: dict[str, Fact] = {
        **lattice_facts(mask.grid),
        "stored_orientation": stored_orientation(stored.grid),
        **dict(stored.facts),
        "labels_present": present[:_LISTED_LABELS],
        "voxels_inside": int(mask.inside.sum()),
        "volume_ml": round(mask.volume_ml, 4),
    }
    report = ImportReport(
        source=stored.source, kind=f"mask, {stored.file_format}", facts=facts, findings=tuple(findings)
    )
    return ImportedMask(mask=mask, report=report, sha256=stored.sha256)


def _whole_labels(stored: StoredLabels) -> tuple[npt.NDArray[np.generic], list[int]]:
    values = stored.values
    if values.dtype.kind == "f":
        refuse_not_finite(values, f"mask {stored.source}")
        broken = values != np.rint(values)
        count = int(np.count_nonzero(broken))
        if count:
            example = float(values[broken][0])
            raise LabelsNotWhole(
                f"mask {stored.source} has {count:,} voxels that are not whole labels, such as {example:g}; "
                "it looks like a probability map or an interpolated mask: threshold it and save whole labels"
            )
    return values, [int(label) for label in np.unique(values)]


def _inside(
    values: npt.NDArray[np.generic], present: list[int], labels: tuple[int, ...], source: str
) -> npt.NDArray[np.bool_]:
    if not labels:
        return np.asarray(values != 0)
    missing = [label for label in labels if label not in present]
    if missing:
        shown = [label for label in present if label != 0][:_LISTED_LABELS]
        raise LabelNotFound(
            f"mask {source} has no label {missing}; it holds {shown or 'only 0'}: correct the case file"
        )
    return np.asarray(np.isin(values, np.array(labels)))


def _refuse_other_lattice(stored: StoredLabels, turned: Grid, onto: ImportedImage) -> None:
    image = onto.volume.grid
    mirrored = _mirrored_letters(stored, onto)
    if mirrored:
        raise GeometryMismatch(
            f"mask {stored.source} is stored flipped along {mirrored} relative to the CT "
            f"({stored_orientation(stored.grid)} against {onto.report.facts['stored_orientation']}); a flip between a "
            "CT and its mask is a common export fault that swaps sides: save the mask again on the lattice of the CT, "
            "or ask for resampling if its header is known to be right"
        )
    if turned.matches(image, tolerance=TOLERANCE_VOXELS):
        return
    if turned.shape != image.shape:
        raise GeometryMismatch(
            f"mask {stored.source} has {_size(turned)} voxels, the CT {_size(image)} (slices x rows x columns); "
            "draw it on this CT or ask for resampling"
        )
    corners = np.array(np.meshgrid(*((0, n - 1) for n in image.shape))).reshape(3, -1).T
    off_mm = float(np.linalg.norm(turned.index_to_lps(corners) - image.index_to_lps(corners), axis=1).max())
    raise GeometryMismatch(
        f"mask {stored.source} lies up to {off_mm:.3g} mm away from the CT (origin {_mm(turned.origin_mm)} against "
        f"{_mm(image.origin_mm)} mm, spacing {_mm(turned.spacing_mm)} against {_mm(image.spacing_mm)} mm); at most "
        f"{TOLERANCE_VOXELS:g} of a voxel is accepted: draw it on this CT or ask for resampling"
    )


def _mirrored_letters(stored: StoredLabels, onto: ImportedImage) -> str:
    """The patient axes along which a mask runs against an image of the same format; empty when none."""
    reference = onto.report.facts.get("stored_orientation")
    if not isinstance(reference, str) or not onto.report.kind.endswith(stored.file_format):
        return ""
    pairs = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
    ours = stored_orientation(stored.grid)
    return ", ".join(f"{mine}-{theirs}" for mine, theirs in zip(ours, reference, strict=True) if pairs[mine] == theirs)


def _size(grid: Grid) -> str:
    return " x ".join(str(count) for count in grid.shape)


def _mm(values: tuple[float, float, float]) -> str:
    return "(" + ", ".join(f"{value:.6g}" for value in values) + ")"
