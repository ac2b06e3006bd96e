"""Images in memory, on their way through the same strict reading as files."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt
from nibabel.spatialimages import SpatialImage

from givre.foundation.errors import InputError, InvalidGeometry
from givre.usecases.ports import ImageReader, ImportedImage, ImportedMask, MaskReader

ArrayLike = str | Path | SpatialImage | tuple[npt.NDArray[np.generic], npt.ArrayLike]
"""A path, a nibabel image, or (array indexed i, j, k; 4 x 4 affine from those indices to RAS+ mm)."""


def imported_image(source: ArrayLike, *, read_image: ImageReader) -> ImportedImage:
    """A CT from a path or from memory, checked like a file."""
    if isinstance(source, str | Path):
        return read_image(Path(source))
    with tempfile.TemporaryDirectory(prefix="givre-") as folder:
        image = read_image(_as_file(source, Path(folder), "ct"))
    return replace(image, report=replace(image.report, source="ct (in memory)"))


def imported_mask(source: ArrayLike, *, name: str, onto: ImportedImage, read_mask: MaskReader) -> ImportedMask:
    """A mask from a path or from memory, checked like a file."""
    if isinstance(source, str | Path):
        return read_mask(Path(source), name=name, onto=onto)
    with tempfile.TemporaryDirectory(prefix="givre-") as folder:
        mask = read_mask(_as_file(source, Path(folder), "mask"), name=name, onto=onto)
    return replace(mask, report=replace(mask.report, source=f"{name} (in memory)"))


def _as_file(source: SpatialImage | tuple[npt.NDArray[np.generic], npt.ArrayLike], folder: Path, name: str) -> Path:
    path = folder / f"{name}.nii"
    if isinstance(source, SpatialImage):
        nib.save(source, path)
    else:
        nib.save(_as_image(source, name), path)
    return path


def _as_image(source: tuple[npt.NDArray[np.generic], npt.ArrayLike], name: str) -> nib.Nifti1Image:
    try:
        given, given_affine = source
        array, affine = np.asarray(given), np.asarray(given_affine, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name}: give a path, a nibabel image, or (array, affine); found {type(source).__name__}"
        ) from error
    if array.ndim != 3 or affine.shape != (4, 4):
        raise InputError(
            f"{name}: array of shape {array.shape} and affine of shape {affine.shape}; give three axes and 4 x 4"
        )
    if not np.isfinite(affine).all() or np.linalg.matrix_rank(affine[:3, :3]) < 3:
        raise InvalidGeometry(
            f"{name}: affine {affine.tolist()} does not span space; give a finite one, from indices to RAS+ mm"
        )
    return nib.Nifti1Image(_storable(array, name), affine)


def _storable(array: npt.NDArray[np.generic], name: str) -> npt.NDArray[np.generic]:
    """The array in a number type that NIfTI knows, without changing a value."""
    if array.dtype == np.bool_:
        return array.astype(np.uint8)
    if array.dtype in (np.int64, np.uint64):
        narrow = array.astype(np.int32)
        if not np.array_equal(narrow, array):
            raise InputError(f"{name}: whole numbers beyond 32 bits are no CT and no mask; convert the array")
        return narrow
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name}: array of {array.dtype}; give whole or real numbers")
    return array.astype(np.float32) if array.dtype == np.float16 else array
