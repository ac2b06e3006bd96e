"""The header of a NIfTI file, each field judged by name before any voxel is read."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header

from givre.adapters.nifti.errors import NiftiFourDimensional, NiftiHeader, NiftiOrientation
from givre.foundation.errors import UnknownFormat
from givre.geometry.grid import Grid
from givre.usecases.ct_checks import refuse_too_large
from givre.usecases.import_report import Finding

HEADER_BYTES = 540
"""Enough for both NIfTI-1 (348) and NIfTI-2 (540)."""

AGREEMENT_VOXELS = 0.05
"""qform and sform agree when no corner of the image differs by more than this part of a voxel."""

SPACING_TOLERANCE = 0.01
"""Largest relative difference between pixdim and the voxel size of the affine in use."""

_DATATYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
_REFUSED_DATATYPES = {0: "unknown", 1: "one bit", 32: "complex", 128: "RGB colour", 1536: "128-bit float"} | {
    1792: "complex",
    2048: "complex",
    2304: "RGBA colour",
}
_MILLIMETRES, _UNKNOWN_UNIT = 2, 0
_UNITS = {1: "metres", 3: "micrometres"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NiftiLayout:
    """What the header promises.

    Attributes:
        shape_ijk: voxels along the stored axes, fastest first.
        dtype: type of the stored values, byte order included.
        offset: byte at which voxels begin.
        slope: stored values are multiplied by this.
        intercept: and this is added.
        grid: the stored lattice.
        orientation_rule: which of qform and sform was used, and why.
        findings: what was assumed.
    """

    shape_ijk: tuple[int, int, int]
    dtype: np.dtype[np.generic]
    offset: int
    slope: float
    intercept: float
    grid: Grid
    orientation_rule: str
    findings: tuple[Finding, ...]

    @property
    def file_bytes(self) -> int:
        """Bytes of the whole unpacked file."""
        i, j, k = self.shape_ijk
        return self.offset + i * j * k * self.dtype.itemsize


def judged_header(head: bytes, name: str) -> NiftiLayout:
    """The layout promised by a header.

    Orientation: when both qform_code and sform_code are 0 the file is refused; when one is set it is
    used; when both are set they must agree within AGREEMENT_VOXELS and sform is used.

    Raises:
        UnknownFormat: if it is no single-file NIfTI.
        NiftiHeader: for a field that cannot be used, by name.
        NiftiFourDimensional: for several volumes.
        NiftiOrientation: for absent or contradicting orientations.
        ImageTooLarge, InvalidGeometry.
    """
    header = _parsed(head, name)
    shape = _shape(header, name)
    refuse_too_large(shape, f"{name} (dim)")
    dtype = _dtype(header, name)
    offset = _offset(header, name)
    slope, intercept = _scaling(header, name)
    spacing = _spacing(header, name)
    findings = _unit_findings(header, name)
    affine, rule = _affine(header, shape, name)
    grid = Grid.from_affine_ras(affine, shape)
    _refuse_other_spacing(grid, spacing, name)
    return NiftiLayout(
        shape_ijk=shape,
        dtype=dtype,
        offset=offset,
        slope=slope,
        intercept=intercept,
        grid=grid,
        orientation_rule=rule,
        findings=tuple(findings),
    )


def _parsed(head: bytes, name: str) -> Nifti1Header | Nifti2Header:
    for kind, size, at, magic in ((Nifti1Header, 348, 344, b"n+1\0"), (Nifti2Header, 540, 4, b"n+2\0")):
        for order in "<>":
            if len(head) < size or struct.unpack(order + "i", head[:4])[0] != size:
                continue
            found = head[at : at + 4]
            if found[:3] in (b"ni1", b"ni2"):
                raise UnknownFormat(f"{name} is half of a header and image pair; save it as one .nii or .nii.gz file")
            if found != magic:
                raise UnknownFormat(f"{name} has magic {found!r}; a single-file NIfTI has {magic!r}: export it again")
            return kind(head[:size], endianness=order, check=False)  # type: ignore[no-untyped-call]  # nibabel has none
    raise UnknownFormat(f"{name} is not a NIfTI file: sizeof_hdr is neither 348 nor 540; give a .nii or .nii.gz file")


def _shape(header: Nifti1Header | Nifti2Header, name: str) -> tuple[int, int, int]:
    dim = [int(value) for value in header["dim"]]
    if not 3 <= dim[0] <= 7:
        raise NiftiHeader(f"{name}: dim[0] is {dim[0]}; an image here has 3 dimensions: export it again")
    if min(dim[1 : dim[0] + 1]) < 1:
        raise NiftiHeader(f"{name}: dim is {dim[: dim[0] + 1]}; every size must be at least 1: export it again")
    extra = int(np.prod([float(value) for value in dim[4 : dim[0] + 1]])) if dim[0] > 3 else 1
    if extra > 1:
        raise NiftiFourDimensional(
            f"{name} holds {extra} volumes of {dim[1]} x {dim[2]} x {dim[3]} voxels; choose one and save it as a "
            "3-dimensional file"
        )
    return dim[1], dim[2], dim[3]


def _dtype(header: Nifti1Header | Nifti2Header, name: str) -> np.dtype[np.generic]:
    code, bits = int(header["datatype"]), int(header["bitpix"])
    if code not in _DATATYPES:
        kind = _REFUSED_DATATYPES.get(code, "not in the standard")
        raise NiftiHeader(f"{name}: datatype is {code} ({kind}); one real number per voxel is needed: export it again")
    dtype: np.dtype[np.generic] = np.dtype(header.endianness + _DATATYPES[code])
    if bits != dtype.itemsize * 8:
        raise NiftiHeader(f"{name}: bitpix is {bits}, datatype {code} has {dtype.itemsize * 8}; export it again")
    return dtype


def _offset(header: Nifti1Header | Nifti2Header, name: str) -> int:
    value, least = float(header["vox_offset"]), 352 if header.sizeof_hdr == 348 else 544
    if not (np.isfinite(value) and value == int(value) and least <= value <= 2**31):
        raise NiftiHeader(
            f"{name}: vox_offset is {value:g}; it must be a whole number of at least {least} inside the file"
        )
    return int(value)


def _scaling(header: Nifti1Header | Nifti2Header, name: str) -> tuple[float, float]:
    # nibabel replaces these two fields while parsing, so they are read from the bytes
    block = header.binaryblock
    start, kind = (112, "f") if header.sizeof_hdr == 348 else (176, "d")
    slope, intercept = struct.unpack_from(header.endianness + 2 * kind, block, start)
    if not (np.isfinite(slope) and np.isfinite(intercept)):
        raise NiftiHeader(
            f"{name}: scl_slope is {slope} and scl_inter {intercept}; both must be finite: export it again"
        )
    return (1.0, 0.0) if slope == 0 else (float(slope), float(intercept))


def _spacing(header: Nifti1Header | Nifti2Header, name: str) -> tuple[float, float, float]:
    i, j, k = (float(value) for value in header["pixdim"][1:4])
    if not all(np.isfinite(value) and value > 0 for value in (i, j, k)):
        raise NiftiHeader(f"{name}: pixdim is ({i:g}, {j:g}, {k:g}) mm; each voxel size must be finite and positive")
    return i, j, k


def _unit_findings(header: Nifti1Header | Nifti2Header, name: str) -> list[Finding]:
    unit = int(header["xyzt_units"]) & 7
    if unit == _MILLIMETRES:
        return []
    if unit == _UNKNOWN_UNIT:
        return [
            Finding(code="UNIT_ASSUMED", severity="assumed", sentence="xyzt_units is not set; millimetres were assumed")
        ]
    raise NiftiHeader(f"{name}: xyzt_units says {_UNITS.get(unit, unit)}; save the image in millimetres")


def _affine(
    header: Nifti1Header | Nifti2Header, shape: tuple[int, int, int], name: str
) -> tuple[npt.NDArray[np.float64], str]:
    """The affine in use and the rule that chose it."""
    qform_code, sform_code = int(header["qform_code"]), int(header["sform_code"])
    if qform_code <= 0 and sform_code <= 0:
        raise NiftiOrientation(
            f"{name}: qform_code is {qform_code} and sform_code {sform_code}, so left and right are unknown; "
            "export the image with its orientation"
        )
    sform = _sform(header, name) if sform_code > 0 else None
    qform = _qform(header, name) if qform_code > 0 else None
    if qform is None and sform is not None:
        return sform, f"sform (code {sform_code}); qform is not set"
    if sform is None and qform is not None:
        return qform, f"qform (code {qform_code}); sform is not set"
    assert sform is not None  # noqa: S101 - one code is positive, so at least one exists; tells the type checker
    assert qform is not None  # noqa: S101
    off = _largest_difference_voxels(qform, sform, shape)
    if not off <= AGREEMENT_VOXELS:
        raise NiftiOrientation(
            f"{name}: qform (code {qform_code}) and sform (code {sform_code}) place the image up to {off:.3g} voxels "
            f"apart; qform {_rows(qform)}, sform {_rows(sform)}: set both to the true one and save again"
        )
    return sform, f"sform (code {sform_code}); qform (code {qform_code}) agrees"


def _finite(affine: npt.NDArray[np.generic], what: str, name: str) -> npt.NDArray[np.float64]:
    matrix = np.asarray(affine, dtype=np.float64)
    if not np.isfinite(matrix).all():
        raise NiftiHeader(f"{name}: {what} holds a value that is not finite; export the image again")
    return matrix


def _qform(header: Nifti1Header | Nifti2Header, name: str) -> npt.NDArray[np.float64]:
    quaternion = np.array([float(header[f"quatern_{letter}"]) for letter in "bcd"])
    if not np.isfinite(quaternion).all() or float(quaternion @ quaternion) > 1.001:
        raise NiftiHeader(f"{name}: quatern_b, c, d are {quaternion.tolist()}, no rotation; export the image again")
    factor = float(header["pixdim"][0])
    if factor not in (-1.0, 0.0, 1.0):
        raise NiftiHeader(f"{name}: pixdim[0] (qfac) is {factor:g}; it must be -1 or 1: export the image again")
    header["pixdim"][0] = factor or 1.0  # the standard reads 0 as 1
    return _finite(header.get_qform(), "qform", name)  # type: ignore[no-untyped-call]  # nibabel has none


def _sform(header: Nifti1Header | Nifti2Header, name: str) -> npt.NDArray[np.float64]:
    rows = np.stack([header[f"srow_{letter}"] for letter in "xyz"])
    return _finite(np.vstack([rows, (0, 0, 0, 1)]), "sform (srow_x, srow_y, srow_z)", name)


def _largest_difference_voxels(
    first: npt.NDArray[np.float64], second: npt.NDArray[np.float64], shape: tuple[int, int, int]
) -> float:
    corners = np.array(np.meshgrid(*((0, n - 1) for n in shape))).reshape(3, -1)
    corners = np.vstack([corners, np.ones(corners.shape[1])])
    off_mm = np.linalg.norm(((first - second) @ corners)[:3], axis=0).max()
    return float(off_mm / max(1e-6, np.linalg.norm(first[:3, :3], axis=0).min()))


def _refuse_other_spacing(grid: Grid, spacing_ijk: tuple[float, float, float], name: str) -> None:
    found = np.array(grid.spacing_mm[::-1])
    if float(np.abs(found / np.array(spacing_ijk) - 1).max()) > SPACING_TOLERANCE:
        raise NiftiHeader(
            f"{name}: pixdim says voxels of {spacing_ijk} mm, the affine {tuple(float(f'{v:.6g}') for v in found)} mm; "
            "set both to the true size and save again"
        )


def _rows(affine: npt.NDArray[np.float64]) -> str:
    return str([[float(f"{value:.6g}") for value in row] for row in affine[:3]])
