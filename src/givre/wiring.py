"""Picks the adapters of the main job: which reader opens a path, where problems are solved, how a dossier is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, get_args

from givre.adapters.archive import is_zip, unpacked_zip
from givre.adapters.dicom import is_part10, read_ct_series, read_rtstruct_mask
from givre.adapters.nifti import read_nifti_image, read_nifti_mask
from givre.adapters.nrrd import read_mha_image, read_mha_mask, read_nrrd_image, read_nrrd_mask
from givre.case.knowledge import Knowledge
from givre.cryoprobe.catalogue import load_catalogue
from givre.dossier.inputs import DossierInputs, Provenance
from givre.foundation.errors import InputError, UnknownFormat, UnreadableFile
from givre.tissue.bone_hu_map import load_bone_hu_map
from givre.tissue.hu_thresholds import load_hu_thresholds
from givre.tissue.table import load_tissue_table
from givre.usecases.planned_results import PlannedResults
from givre.usecases.ports import ImportedImage, ImportedMask, MaskReader, Solver
from givre.usecases.simulate_plan import PlanResult

_IMAGE_READERS: dict[str, Callable[..., ImportedImage]] = {
    ".nii": read_nifti_image,
    ".nii.gz": read_nifti_image,
    ".nrrd": read_nrrd_image,
    ".nhdr": read_nrrd_image,
    ".mha": read_mha_image,
    ".mhd": read_mha_image,
}
_MASK_READERS: dict[str, MaskReader] = {
    ".nii": read_nifti_mask,
    ".nii.gz": read_nifti_mask,
    ".nrrd": read_nrrd_mask,
    ".nhdr": read_nrrd_mask,
    ".mha": read_mha_mask,
    ".mhd": read_mha_mask,
}
Engine = Literal["cpu", "gpu"]
"""Where a thermal problem is solved: on the processor, or on an NVIDIA GPU."""

_DICOM_ENDINGS = ("", ".dcm", ".dicom", ".ima")


def read_image(
    path: Path, *, series_uid: str = "", resample_tilt: bool = False, resample_gaps: bool = False
) -> ImportedImage:
    """Read a CT: a folder, a zip or a file without a known ending as DICOM, other files by their ending.

    Args:
        path: folder, zip or file.
        series_uid: which series, when there are several.
        resample_tilt: shear a tilted DICOM series upright instead of refusing it.
        resample_gaps: interpolate missing DICOM slices, up to two in a row, instead of refusing them.

    Raises:
        UnknownFormat: if nothing here reads such a file.
        InputError: with the fault named when the image cannot be trusted.
    """
    _refuse_absent(path)
    ending = _ending(path)
    if path.is_dir() or ending == ".zip" or (ending not in _IMAGE_READERS and (_is_dicom(path) or is_zip(path))):
        return read_ct_series(
            path,
            series_uid=series_uid,
            resample_tilt=resample_tilt,
            resample_gaps=resample_gaps,
            unpack=unpacked_zip,
        )
    if ending not in _IMAGE_READERS:
        raise _unknown(path, "a DICOM folder, file or zip, or .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd")
    return _IMAGE_READERS[ending](path, series_uid=series_uid)


def read_mask(
    path: Path,
    *,
    name: str,
    onto: ImportedImage,
    labels: tuple[int, ...] = (),
    roi: str = "",
    resample: bool = False,
) -> ImportedMask:
    """Read a mask onto the lattice of an image: RTSTRUCT for DICOM files, other files by their ending.

    With `resample` a mask that lies on another lattice is resampled instead of refused; contours need none.

    Raises:
        UnknownFormat: if nothing here reads such a file.
        InputError: with the fault named when the mask does not belong to the image.
    """
    _refuse_absent(path)
    ending = _ending(path)
    if path.is_file() and ending not in _MASK_READERS and _is_dicom(path):
        return read_rtstruct_mask(path, name=name, onto=onto, labels=labels, roi=roi)
    if ending not in _MASK_READERS:
        raise _unknown(path, "an RTSTRUCT file, or .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd")
    return _MASK_READERS[ending](path, name=name, onto=onto, labels=labels, roi=roi, resample=resample)


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """The packaged tables."""
    return Knowledge(
        catalogue=load_catalogue(),
        tissues=load_tissue_table(),
        bone=load_bone_hu_map(),
        hu_thresholds=load_hu_thresholds(),
    )


def solver(*, threads: int | None = None, engine: Engine = "cpu") -> Solver:
    """The solver on this machine: on its processor, with all threads unless told otherwise, or on its GPU.

    Raises:
        InputError: if there is no such engine.
        OutsideError: if a GPU is asked for and cannot be used; it is never replaced by the processor.
    """
    if engine not in get_args(Engine):
        raise InputError(f'engine "{engine}"; choose one of {", ".join(get_args(Engine))}')
    if engine == "gpu":
        from givre.adapters.engine.gpu import find_device, solve_on_gpu  # noqa: PLC0415 - optional and heavy

        return partial(solve_on_gpu, device=find_device(None))
    from givre.adapters.engine import solve_here  # noqa: PLC0415 - compiles; only a simulation needs it

    return partial(solve_here, threads=threads)


def dossier_inputs(result: PlanResult, provenance: Provenance, planned: PlannedResults | None = None) -> DossierInputs:
    """What the dossier of a plan is composed from; `planned` is what the planner found of it, if that is told too."""
    return DossierInputs(
        case=result.description,
        ct=result.ct,
        masks=result.masks,
        run=result.run,
        assessment=result.assessment,
        probes=result.probes,
        properties=result.properties,
        tissue_shares=result.tissue_shares,
        extrapolated_fraction=result.tissue_map.extrapolated_fraction,
        import_reports=result.import_reports,
        notes=result.tissue_map.notes,
        provenance=provenance,
        size=result.size,
        error=result.error,
        ranked=None if planned is None else planned.ranked,
        uncertain=None if planned is None else planned.uncertain,
    )


def _refuse_absent(path: Path) -> None:
    if not path.exists():
        raise UnreadableFile(f"{path.name} does not exist; give the path of a file or folder that does")


def _is_dicom(path: Path) -> bool:
    """By its ending, or by its first bytes: many archives name files by their UID, as 1.2.840.10008.5."""
    try:
        return _ending(path) in _DICOM_ENDINGS or is_part10(path)
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}; check its permissions") from error


def _ending(path: Path) -> str:
    name = path.name.lower()
    return ".nii.gz" if name.endswith(".nii.gz") else path.suffix.lower()


def _unknown(path: Path, known: str) -> UnknownFormat:
    return UnknownFormat(f'{path.name} has the unknown ending "{path.suffix}"; give {known}')
