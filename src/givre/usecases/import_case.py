"""Load the image and the masks that a case names, check them against the case, and report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from givre.case.description import TUMOUR, CaseDescription, StructureReference
from givre.foundation.errors import EmptyMask, GeometryMismatch, HashMismatch, PathOutsideBundle
from givre.geometry.volume import Mask
from givre.usecases.import_report import Finding, ImportReport
from givre.usecases.ports import ImageReader, ImportedImage, ImportedMask, MaskReader


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseImages:
    """The planning CT of a case and its masks, all on one lattice.

    Attributes:
        image: the CT.
        masks: by the name of the structure, in the order of the case.
    """

    image: ImportedImage
    masks: Mapping[str, ImportedMask]

    @property
    def tumour(self) -> Mask:
        """The mask every case must have."""
        return self.masks[TUMOUR].mask

    @property
    def reports(self) -> tuple[ImportReport, ...]:
        """What was found and assumed: the CT first, then each mask."""
        return (self.image.report, *(mask.report for mask in self.masks.values()))

    @property
    def hashes(self) -> dict[str, str]:
        """The sha256 of the CT ("ct") and of each mask ("mask NAME"); images in memory have none and are left out."""
        found = {"ct": self.image.sha256} | {f"mask {name}": mask.sha256 for name, mask in self.masks.items()}
        return {name: sha256 for name, sha256 in found.items() if sha256}


def load_case_images(
    description: CaseDescription,
    base: Path,
    *,
    read_image: ImageReader,
    read_mask: MaskReader,
    inside_bundle: bool = False,
) -> CaseImages:
    """Load everything a case names.

    Args:
        description: the case.
        base: folder the paths of the case start from.
        read_image: reads the CT.
        read_mask: reads each mask onto it.
        inside_bundle: whether paths must stay inside `base`; a bundle comes from someone else, a plain
            case file may point anywhere its author can read.

    Raises:
        PathOutsideBundle: if a path leads out of a bundle.
        HashMismatch: if a file is not the one the case recorded.
        EmptyMask: if the tumour holds no voxel.
        GeometryMismatch: if a reader gives a mask on another lattice.
        InputError: whatever the readers refuse.
    """
    image_path = _located(description.image.path, base, inside_bundle=inside_bundle)
    image = read_image(
        image_path,
        series_uid=description.image.series_uid,
        resample_tilt=description.image.resample_tilt,
        resample_gaps=description.image.resample_gaps,
    )
    _refuse_other_hash("the planning CT", description.image.sha256, image.sha256)
    masks = {}
    for structure in description.structures:
        path = _located(structure.path, base, inside_bundle=inside_bundle)
        masks[structure.name] = _mask(structure, path, image, read_mask)
    return CaseImages(image=image, masks=masks)


def _mask(structure: StructureReference, path: Path, image: ImportedImage, read_mask: MaskReader) -> ImportedMask:
    imported = read_mask(
        path,
        name=structure.name,
        onto=image,
        labels=structure.labels,
        roi=structure.roi,
        resample=structure.resample,
    )
    _refuse_other_hash(f"mask {structure.name}", structure.sha256, imported.sha256)
    mask = imported.mask
    if not mask.grid.matches(image.volume.grid):
        raise GeometryMismatch(f"mask {structure.name} is not on the lattice of the CT; draw it on this CT")
    if structure.name == TUMOUR and mask.is_empty:
        raise EmptyMask("the tumour mask holds no voxel; draw the tumour or choose another label or contour")
    touched = edges_touched(mask)
    if not touched:
        return imported
    sentence = f"{structure.name} touches the edge of the image towards {', '.join(touched)}: part of it may be missing"
    finding = Finding(code="TOUCHES_EDGE", severity="warning", sentence=sentence)
    report = replace(imported.report, findings=(*imported.report.findings, finding))
    return replace(imported, report=report)


def edges_touched(mask: Mask) -> list[str]:
    """Patient letters (R, L, A, P, F, H) of the image faces that the mask touches."""
    touched = []
    for axis, (low, high) in enumerate(mask.grid.letters()):
        for letter, index in ((low, 0), (high, -1)):
            if bool(np.take(mask.inside, index, axis=axis).any()):
                touched.append(letter)
    return touched


def _located(path: str, base: Path, *, inside_bundle: bool) -> Path:
    located = base / path
    if not inside_bundle:
        return located
    outside = Path(path).is_absolute() or ".." in Path(path).parts or "\\" in path or ":" in path
    if outside or not located.resolve().is_relative_to(base.resolve()):
        raise PathOutsideBundle(f"path {path!r} leads out of the bundle; a bundle may name only files it holds")
    return located


def _refuse_other_hash(what: str, recorded: str, found: str) -> None:
    if recorded and recorded.lower() != found.lower():
        raise HashMismatch(
            f"{what} is not the one the case was written with (sha256 {found[:12]}… instead of {recorded[:12]}…); "
            "restore the original file, or update the case if the change is wanted"
        )
