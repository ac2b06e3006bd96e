"""NIfTI files of a sample, written and read with nibabel."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import nibabel as nib
import numpy as np
import numpy.typing as npt

from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume


def write_nifti(path: Path, grid: Grid, values: npt.NDArray[np.generic]) -> str:
    """Write an array of shape (k, j, i) and give back the SHA-256 of the file."""
    image = nib.Nifti1Image(np.ascontiguousarray(values.T), grid.affine_ras())
    image.header.set_xyzt_units("mm")
    image.set_sform(grid.affine_ras(), code=1)
    image.set_qform(grid.affine_ras(), code=1)
    path.write_bytes(_gzipped(image) if path.suffix == ".gz" else image.to_bytes())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_ct(path: Path, ct: Volume) -> str:
    """Write a CT as whole HU."""
    return write_nifti(path, ct.grid, np.round(np.asarray(ct.values)).astype(np.int16))


def write_mask(path: Path, mask: Mask) -> str:
    """Write a mask as zeros and ones."""
    return write_nifti(path, mask.grid, mask.inside.astype(np.uint8))


def read_nifti(path: Path) -> tuple[Grid, npt.NDArray[np.generic]]:
    """The lattice and the values, shape (k, j, i), of a pinned NIfTI file; foreign files go through the importer."""
    image = nib.load(path)
    if not isinstance(image, nib.Nifti1Image):
        raise TypeError(f"{path.name} is not NIfTI")
    shape = image.shape
    grid = Grid.from_affine_ras(image.affine, (int(shape[0]), int(shape[1]), int(shape[2])))
    return grid, np.asarray(image.dataobj).T


def _gzipped(image: nib.Nifti1Image) -> bytes:
    return gzip.compress(image.to_bytes(), compresslevel=6, mtime=0)
