"""A header of text and the voxels behind it, counted while they are unpacked."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from givre.foundation.errors import FileSizeMismatch, UnpackedTooLarge, UnreadableFile
from givre.foundation.inflation import Compression, inflated
from givre.geometry.grid import Grid
from givre.usecases.import_report import Finding

MAX_HEADER_BYTES = 1 << 16
"""Longest text header read."""

_CHUNK_BYTES = 1 << 18
_MAX_RATIO = {"gzip": 1100, "zlib": 1100}
"""deflate cannot pack better than 1 to 1032; bzip2 can, so it is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Payload:
    """What a text header promises.

    Attributes:
        path: file with the header.
        data_path: file with the voxels, often the same.
        offset: byte at which the stored voxels begin in it.
        compression: how they are packed, empty when they are not.
        shape: voxels along (k, j, i).
        dtype: type of each, byte order included.
        grid: the stored lattice.
        findings: what was assumed.
    """

    path: Path
    data_path: Path
    offset: int
    compression: Compression | None
    shape: tuple[int, int, int]
    dtype: np.dtype[np.generic]
    grid: Grid
    findings: tuple[Finding, ...] = field(default=())

    @property
    def data_bytes(self) -> int:
        """Bytes of the unpacked voxels."""
        k, j, i = self.shape
        return k * j * i * self.dtype.itemsize


def header_text(path: Path) -> bytes:
    """The first MAX_HEADER_BYTES of a plain file.

    Raises:
        UnreadableFile: if it is missing or no plain file.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableFile(f"{path.name} is not a plain file; give an .nrrd, .mha or .mhd file")
        with path.open("rb") as stream:
            return stream.read(MAX_HEADER_BYTES)
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}; correct the path") from error


def voxels(payload: Payload) -> npt.NDArray[np.generic]:
    """The stored values, shape (k, j, i).

    Raises:
        FileSizeMismatch: if there are fewer or more than the header promises.
        BrokenCompression: if the compressed data are cut short or damaged.
    """
    name, promised = payload.data_path.name, payload.data_bytes
    packed = payload.data_path.stat().st_size - payload.offset
    ratio = _MAX_RATIO.get(payload.compression or "")
    if ratio and promised > packed * ratio:
        raise FileSizeMismatch(
            f"{name}: its header promises {promised:,} bytes of voxels, more than {packed:,} packed bytes can hold; "
            "the header is wrong or the file is cut short"
        )
    if payload.compression is None and packed != promised:
        raise _mismatch(name, packed, promised)
    chunks = _chunks(payload.data_path, payload.offset)
    data = bytearray()
    try:
        pieces = (
            chunks
            if payload.compression is None
            else inflated(chunks, compression=payload.compression, limit_bytes=promised, what=name)
        )
        for piece in pieces:
            data += piece
    except UnpackedTooLarge as error:
        raise FileSizeMismatch(
            f"{name} unpacks to more than the {promised:,} bytes its header promises; the header is wrong or the file "
            "is a decompression bomb"
        ) from error
    if len(data) != promised:
        raise _mismatch(name, len(data), promised)
    return np.frombuffer(data, dtype=payload.dtype).reshape(payload.shape)


def sha256_of(payload: Payload) -> str:
    """Hash of the file; of header file then data file when they are two."""
    digest = hashlib.sha256()
    for path in dict.fromkeys((payload.path, payload.data_path)):
        for chunk in _chunks(path, 0):
            digest.update(chunk)
    return digest.hexdigest()


def _mismatch(name: str, found: int, promised: int) -> FileSizeMismatch:
    cause = "it is cut short, copy it again" if found < promised else "its sizes or type are wrong, export it again"
    return FileSizeMismatch(f"{name} holds {found:,} bytes of voxels, its header promises {promised:,}; {cause}")


def _chunks(path: Path, offset: int) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            while chunk := stream.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read to its end: {error.strerror}") from error
