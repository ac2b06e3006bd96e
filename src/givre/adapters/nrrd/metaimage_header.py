"""The header of a MetaImage file (MHA, MHD), judged field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from givre.adapters.nrrd.errors import MetaImageHeader
from givre.adapters.nrrd.payload import MAX_HEADER_BYTES, Payload, header_text
from givre.foundation.errors import UnknownFormat, UnreadableFile
from givre.foundation.inflation import Compression
from givre.geometry.grid import Grid
from givre.usecases.ct_checks import refuse_too_large

_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG_LONG": "i8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_SYNONYMS = {
    "position": "offset",
    "origin": "offset",
    "rotation": "transformmatrix",
    "orientation": "transformmatrix",
    "elementbyteordermsb": "binarydatabyteordermsb",
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_PLAIN_NAME = re.compile(r"[^/\\%\0:]+")


def metaimage_payload(path: Path) -> Payload:
    """What an .mha file, or an .mhd file with its data file beside it, promises.

    MetaImage positions are LPS mm; consecutive triples of TransformMatrix are the directions of the
    stored axes i, j, k.

    Raises:
        UnreadableFile, UnknownFormat, MetaImageHeader, ImageTooLarge, InvalidGeometry.
    """
    name = path.name
    fields, offset = _parsed(header_text(path), name)
    _refuse_unread_fields(fields, name)
    sizes = _sizes(fields, name)
    refuse_too_large(sizes, f"{name} (DimSize)")
    kind = fields.get("elementtype", "")
    if kind not in _TYPES:
        raise MetaImageHeader(
            f'{name}: ElementType is "{kind[:24]}"; one real number per voxel is needed: export it again'
        )
    most_first = _flag(fields, "binarydatabyteordermsb", name)
    compression: Compression | None = "zlib" if _flag(fields, "compresseddata", name) else None
    data_path, data_offset = _data_file(path, fields, offset)
    return Payload(
        path=path,
        data_path=data_path,
        offset=data_offset,
        compression=compression,
        shape=(sizes[2], sizes[1], sizes[0]),
        dtype=np.dtype((">" if most_first else "<") + _TYPES[kind]),
        grid=_grid(fields, sizes, name),
    )


def _parsed(start: bytes, name: str) -> tuple[Mapping[str, str], int]:
    """Fields by lower-case name, and the offset behind the ElementDataFile line, which ends the header."""
    fields: dict[str, str] = {}
    position = 0
    while True:
        end = start.find(b"\n", position)
        line = start[position:end].decode("ascii", "replace").strip()
        if end < 0 or "=" not in line:
            raise UnknownFormat(
                f"{name} is not a MetaImage file: no ElementDataFile line within {MAX_HEADER_BYTES:,} bytes of "
                '"Name = value" lines; export it again'
            )
        key, value = (part.strip() for part in line.split("=", 1))
        field = _SYNONYMS.get(key.lower(), key.lower())
        if field in fields:
            raise MetaImageHeader(f"{name}: field {key[:32]} is there twice; export it again")
        fields[field] = value
        position = end + 1
        if field == "elementdatafile":
            return fields, position


def _refuse_unread_fields(fields: Mapping[str, str], name: str) -> None:
    wanted = {
        "objecttype": ("Image", "image"),
        "ndims": ("3",),
        "binarydata": ("True", "true", "1"),
        "elementnumberofchannels": ("1",),
        "headersize": ("0",),
    }
    usual = {"elementnumberofchannels": "1", "headersize": "0", "objecttype": "Image"}
    for field, accepted in wanted.items():
        value = fields.get(field, usual.get(field, ""))
        if value not in accepted:
            raise MetaImageHeader(f'{name}: {field} is "{value[:24]}"; it must be {accepted[0]}: export it again')
    if any(_numbers(fields, "centerofrotation", 3, name) if "centerofrotation" in fields else ()):
        raise MetaImageHeader(f"{name}: CenterOfRotation is not 0 0 0; export the image again")


def _sizes(fields: Mapping[str, str], name: str) -> tuple[int, int, int]:
    parts = fields.get("dimsize", "").split()
    if len(parts) != 3 or not all(
        part.isascii() and part.isdigit() and len(part) < 10 and int(part) > 0 for part in parts
    ):
        raise MetaImageHeader(
            f'{name}: DimSize is "{fields.get("dimsize", "")[:40]}"; three whole numbers above 0 are needed'
        )
    return int(parts[0]), int(parts[1]), int(parts[2])


def _flag(fields: Mapping[str, str], field: str, name: str) -> bool:
    value = fields.get(field, "false").lower()
    if value not in ("true", "false", "1", "0"):
        raise MetaImageHeader(f'{name}: {field} is "{value[:16]}"; it must be True or False: export it again')
    return value in ("true", "1")


def _numbers(fields: Mapping[str, str], field: str, count: int, name: str) -> list[float]:
    parts = fields.get(field, "").split()
    if len(parts) != count or not all(_NUMBER.fullmatch(part) for part in parts):
        raise MetaImageHeader(
            f"{name}: {field} is absent or not {count} finite numbers; export the image with its full geometry"
        )
    values = [float(part) for part in parts]
    if not np.isfinite(values).all():
        raise MetaImageHeader(f"{name}: {field} holds a value that is not finite; export it again")
    return values


def _grid(fields: Mapping[str, str], sizes: tuple[int, int, int], name: str) -> Grid:
    directions = np.array(_numbers(fields, "transformmatrix", 9, name)).reshape(3, 3)
    spacing = np.array(_numbers(fields, "elementspacing", 3, name))
    if float(spacing.min()) <= 0:
        raise MetaImageHeader(
            f"{name}: ElementSpacing is {spacing.tolist()} mm; each must be positive: export it again"
        )
    lengths = np.linalg.norm(directions, axis=1)
    if float(np.abs(lengths - 1).max()) > 1e-3:
        raise MetaImageHeader(f"{name}: TransformMatrix holds directions of length {lengths.tolist()}; each must be 1")
    affine = np.eye(4)
    affine[:3, :3] = (directions * spacing[:, None]).T
    affine[:3, 3] = _numbers(fields, "offset", 3, name)
    affine[:2] *= -1.0  # Grid takes a RAS affine
    return Grid.from_affine_ras(affine, sizes)


def _data_file(path: Path, fields: Mapping[str, str], offset: int) -> tuple[Path, int]:
    """The file that holds the voxels: the header itself, or a plain name in the same folder."""
    wanted = fields["elementdatafile"]
    if wanted.upper() == "LOCAL":
        return path, offset
    if wanted.upper().startswith("LIST") or not _PLAIN_NAME.fullmatch(wanted) or wanted in (".", ".."):
        raise MetaImageHeader(
            f"{path.name}: ElementDataFile is not LOCAL and not the plain name of one file in the same folder; "
            "save the image as one .mha file"
        )
    data = path.parent / wanted
    if data.is_symlink() or not data.is_file():
        raise UnreadableFile(
            f"{path.name}: its data file {wanted[:64]} is not a plain file in the same folder; copy both"
        )
    return data, 0
