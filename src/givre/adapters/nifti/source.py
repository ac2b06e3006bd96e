"""The bytes of a NIfTI file, plain or gzipped, counted while they are read."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

from givre.foundation.errors import BrokenCompression, FileSizeMismatch, UnknownFormat, UnpackedTooLarge, UnreadableFile
from givre.foundation.inflation import inflated

MAX_RATIO = 1100
"""gzip cannot pack better than 1 to 1032; a header that promises more than this is false."""

_CHUNK_BYTES = 1 << 18


class NiftiSource:
    """One file that is read twice: its header first, then exactly the bytes the header promises."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet; check that it is a plain file.

        Raises:
            UnreadableFile: if it is missing or no plain file.
            UnknownFormat: if it is empty.
        """
        self.path = path
        self.name = path.name
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableFile(f"{self.name} is not a plain file; give a .nii or .nii.gz file")
            self.size_bytes = status.st_size
            with path.open("rb") as stream:
                start = stream.read(2)
        except OSError as error:
            raise UnreadableFile(f"{self.name} cannot be read: {error.strerror}; correct the path") from error
        if not start:
            raise UnknownFormat(f"{self.name} is empty; export it again")
        self.is_gzip = start == b"\x1f\x8b"

    def head(self, count: int) -> bytes:
        """The first unpacked bytes, at most `count`."""
        head = bytearray()
        for piece in self._pieces(limit_bytes=1 << 62):
            head += piece
            if len(head) >= count:
                break
        return bytes(head[:count])

    def whole(self, expected_bytes: int) -> bytearray:
        """All unpacked bytes, which must be exactly `expected_bytes`.

        Raises:
            FileSizeMismatch: if there are fewer or more.
            BrokenCompression: if the gzip stream is cut short or damaged.
        """
        if self.is_gzip and expected_bytes > self.size_bytes * MAX_RATIO:
            raise FileSizeMismatch(
                f"{self.name}: its header promises {expected_bytes:,} bytes, more than {self.size_bytes:,} gzipped "
                "bytes can hold; the header is wrong or the file is cut short"
            )
        if not self.is_gzip and self.size_bytes != expected_bytes:
            raise self._mismatch(self.size_bytes, expected_bytes)
        data = bytearray()
        try:
            for piece in self._pieces(limit_bytes=expected_bytes):
                data += piece
        except UnpackedTooLarge as error:
            raise FileSizeMismatch(
                f"{self.name} unpacks to more than the {expected_bytes:,} bytes its header promises; "
                "the header is wrong or the file is a decompression bomb"
            ) from error
        if len(data) != expected_bytes:
            raise self._mismatch(len(data), expected_bytes)
        return data

    def sha256(self) -> str:
        """Hash of the file as hexadecimal digits."""
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _mismatch(self, found: int, expected: int) -> FileSizeMismatch:
        cause = (
            "it is cut short, copy it again" if found < expected else "its dim or datatype is wrong, export it again"
        )
        return FileSizeMismatch(f"{self.name} holds {found:,} bytes, its header promises {expected:,}; {cause}")

    def _pieces(self, *, limit_bytes: int) -> Iterator[bytes]:
        chunks = self._chunks()
        if not self.is_gzip:
            return chunks
        return inflated(chunks, compression="gzip", limit_bytes=limit_bytes, what=self.name)

    def _chunks(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    yield chunk
        except OSError as error:
            raise BrokenCompression(f"{self.name} cannot be read to its end: {error.strerror}") from error
