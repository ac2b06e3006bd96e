"""NIfTI files made byte by byte, so that a test can break any field."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

_CODES = {"uint8": 2, "int16": 4, "int32": 8, "float32": 16, "float64": 64}
_RAS_AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])

Field = float | int | bytes | tuple[float | int, ...]
_FIELDS: dict[str, tuple[int, str]] = {
    "sizeof_hdr": (0, "i"),
    "dim": (40, "8h"),
    "datatype": (70, "h"),
    "bitpix": (72, "h"),
    "pixdim": (76, "8f"),
    "vox_offset": (108, "f"),
    "scl_slope": (112, "f"),
    "scl_inter": (116, "f"),
    "xyzt_units": (123, "B"),
    "qform_code": (252, "h"),
    "sform_code": (254, "h"),
    "quatern_b": (256, "f"),
    "quatern_c": (260, "f"),
    "quatern_d": (264, "f"),
    "qoffset_x": (268, "f"),
    "qoffset_y": (272, "f"),
    "qoffset_z": (276, "f"),
    "srow_x": (280, "4f"),
    "srow_y": (296, "4f"),
    "srow_z": (312, "4f"),
    "magic": (344, "4s"),
}


def nifti_bytes(
    values_kji: npt.NDArray[np.generic], affine: npt.NDArray[np.float64] = _RAS_AFFINE, **fields: Field
) -> bytes:
    """A single-file NIfTI-1 image with its orientation in the sform; `fields` overwrite the header.

    Args:
        values_kji: stored values, shape (k, j, i).
        affine: voxel (i, j, k) to RAS mm, 4 x 4.
        fields: header fields by their NIfTI name, right or wrong.
    """
    header = bytearray(352)
    k, j, i = values_kji.shape
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    sound: dict[str, Field] = {
        "sizeof_hdr": 348,
        "dim": (3, i, j, k, 1, 1, 1, 1),
        "datatype": _CODES[values_kji.dtype.name],
        "bitpix": values_kji.dtype.itemsize * 8,
        "pixdim": (1.0, *(float(step) for step in spacing), 1.0, 1.0, 1.0, 1.0),
        "vox_offset": 352.0,
        "scl_slope": 1.0,
        "xyzt_units": 2,
        "sform_code": 1,
        **{f"srow_{letter}": tuple(float(value) for value in affine[n]) for n, letter in enumerate("xyz")},
        "magic": b"n+1\0",
    }
    for name, value in {**sound, **fields}.items():
        offset, layout = _FIELDS[name]
        struct.pack_into("<" + layout, header, offset, *(value if isinstance(value, tuple) else (value,)))
    return bytes(header) + values_kji.astype(values_kji.dtype.newbyteorder("<")).tobytes()


def write_nifti(path: Path, content: bytes) -> Path:
    """Write bytes as .nii, or gzipped when the name ends in .gz."""
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path
