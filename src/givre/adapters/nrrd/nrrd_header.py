"""The header of an NRRD file, judged field by field."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nrrd
import numpy as np

from givre.adapters.nrrd.errors import NrrdHeader
from givre.adapters.nrrd.payload import MAX_HEADER_BYTES, Payload, header_text
from givre.foundation.errors import UnknownFormat
from givre.foundation.inflation import Compression
from givre.geometry.grid import Grid
from givre.usecases.ct_checks import refuse_too_large
from givre.usecases.import_report import Finding

_SPACES = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}
"""Signs that turn each patient space into LPS."""

_TYPES = {
    **dict.fromkeys(("signed char", "int8", "int8_t"), "i1"),
    **dict.fromkeys(("uchar", "unsigned char", "uint8", "uint8_t"), "u1"),
    **dict.fromkeys(("short", "short int", "signed short", "signed short int", "int16", "int16_t"), "i2"),
    **dict.fromkeys(("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"), "u2"),
    **dict.fromkeys(("int", "signed int", "int32", "int32_t"), "i4"),
    **dict.fromkeys(("uint", "unsigned int", "uint32", "uint32_t"), "u4"),
    **dict.fromkeys(("longlong", "long long", "int64", "int64_t"), "i8"),
    "float": "f4",
    "double": "f8",
}
_ENCODINGS: dict[str, Compression | None] = {
    "raw": None,
    "gzip": "gzip",
    "gz": "gzip",
    "bzip2": "bzip2",
    "bz2": "bzip2",
}


def nrrd_payload(path: Path) -> Payload:
    """What an NRRD file with its voxels inside promises.

    Raises:
        UnreadableFile, UnknownFormat, NrrdHeader, ImageTooLarge, InvalidGeometry.
    """
    name = path.name
    start = header_text(path)
    header, offset = _parsed(start, name)
    _refuse_unread_fields(header, name)
    sizes = _sizes(header, name)
    refuse_too_large(sizes, f"{name} (sizes)")
    kind = str(header.get("type", "")).lower()
    if kind not in _TYPES:
        raise NrrdHeader(f'{name}: type is "{kind[:24]}"; one real number per voxel is needed: export it again')
    encoding = str(header.get("encoding", "")).lower()
    if encoding not in _ENCODINGS:
        raise NrrdHeader(f'{name}: encoding is "{encoding[:24]}"; raw, gzip and bzip2 are read: save it again')
    return Payload(
        path=path,
        data_path=path,
        offset=offset,
        compression=_ENCODINGS[encoding],
        shape=(sizes[2], sizes[1], sizes[0]),
        dtype=np.dtype(_byte_order(header, _TYPES[kind], name) + _TYPES[kind]),
        grid=_grid(header, sizes, name),
        findings=_unit_findings(header, name),
    )


def _parsed(start: bytes, name: str) -> tuple[Mapping[str, Any], int]:
    """The fields by lower-case name and the offset of the voxels."""
    if not start.startswith(b"NRRD000"):
        raise UnknownFormat(f'{name} is not an NRRD file: it does not begin with "NRRD000"; export it again')
    ends = [(start.find(mark), len(mark)) for mark in (b"\n\n", b"\r\n\r\n") if mark in start]
    if not ends:
        raise NrrdHeader(
            f"{name} has no empty line between header and voxels within {MAX_HEADER_BYTES:,} bytes; "
            "a detached header (.nhdr) is not read: save it as one .nrrd file"
        )
    at, length = min(ends)
    lines = start[:at].decode("ascii", "replace").splitlines()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            header = nrrd.read_header(lines)
        except Exception as error:
            raise NrrdHeader(f"{name}: its header cannot be parsed; export it again") from error
    return {str(field).lower(): value for field, value in header.items()}, at + length


def _refuse_unread_fields(header: Mapping[str, Any], name: str) -> None:
    for field in ("data file", "datafile"):
        if field in header:
            raise NrrdHeader(
                f'{name}: field "{field}" points to another file, which is not followed; save one .nrrd file'
            )
    for field in ("line skip", "lineskip", "byte skip", "byteskip"):
        if str(header.get(field, 0)).strip() != "0":
            raise NrrdHeader(f'{name}: field "{field}" is {_shown(header[field])}; only 0 is read: save the file again')
    if str(header.get("dimension", "absent")).strip() != "3":
        raise NrrdHeader(
            f"{name}: dimension is {_shown(header.get('dimension'))}; one 3-dimensional image is needed: "
            "choose one volume or one layer and save it alone"
        )


def _shown(value: object) -> str:
    """A value short enough for a message."""
    return str(value)[:32]


def _sizes(header: Mapping[str, Any], name: str) -> tuple[int, int, int]:
    try:
        sizes = [int(value) for value in np.atleast_1d(header.get("sizes", []))]
    except (TypeError, ValueError) as error:
        raise NrrdHeader(f"{name}: sizes holds what is not a whole number; export it again") from error
    if len(sizes) != 3 or min(sizes) < 1:
        raise NrrdHeader(f"{name}: sizes is {sizes[:8]}; three numbers of at least 1 are needed: export it again")
    return sizes[0], sizes[1], sizes[2]


def _byte_order(header: Mapping[str, Any], kind: str, name: str) -> str:
    if kind in ("i1", "u1"):
        return "|"
    endian = str(header.get("endian", "")).lower()
    if endian not in ("little", "big"):
        raise NrrdHeader(f'{name}: endian is "{endian[:16] or "absent"}"; it must be little or big: export it again')
    return "<" if endian == "little" else ">"


def _grid(header: Mapping[str, Any], sizes: tuple[int, int, int], name: str) -> Grid:
    space = str(header.get("space", "")).lower()
    if space not in _SPACES:
        raise NrrdHeader(
            f'{name}: space is "{space[:32] or "absent"}", so left and right are unknown; it must be '
            "left-posterior-superior, right-anterior-superior or left-anterior-superior: export it again"
        )
    directions = _numbers(header, "space directions", (3, 3), name)
    origin = _numbers(header, "space origin", (3,), name)
    signs = np.array(_SPACES[space], dtype=float)
    affine = np.eye(4)
    affine[:3, :3] = (directions * signs).T
    affine[:3, 3] = origin * signs
    affine[:2] *= -1.0  # Grid takes a RAS affine
    return Grid.from_affine_ras(affine, sizes)


def _numbers(
    header: Mapping[str, Any], field: str, shape: tuple[int, ...], name: str
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    try:
        values = np.asarray(header.get(field), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise NrrdHeader(f"{name}: {field} holds what is not a number; export it again") from error
    if values.shape != shape or not np.isfinite(values).all():
        raise NrrdHeader(f"{name}: {field} is absent, incomplete or not finite; export the image with its orientation")
    return values


def _unit_findings(header: Mapping[str, Any], name: str) -> tuple[Finding, ...]:
    units = [str(unit).strip('"').lower() for unit in header.get("space units", [])]
    if not units:
        return (
            Finding(
                code="UNIT_ASSUMED", severity="assumed", sentence="space units is absent; millimetres were assumed"
            ),
        )
    if set(units) != {"mm"}:
        raise NrrdHeader(f"{name}: space units is {units[:3]}; save the image in millimetres")
    return ()
