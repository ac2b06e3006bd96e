"""Unpack compressed bytes from outside without ever holding more than a stated limit."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

from givre.foundation.errors import BrokenCompression, UnpackedTooLarge

Compression = Literal["gzip", "zlib", "deflate", "bzip2"]

PIECE_BYTES = 1 << 16
"""Largest piece handed out at once; bounds the memory of unpacking itself."""

_WINDOW_BITS = {"gzip": 31, "zlib": 15, "deflate": -15}


class _Decompressor(Protocol):
    """What zlib and bz2 have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def inflated(chunks: Iterable[bytes], *, compression: Compression, limit_bytes: int, what: str) -> Iterator[bytes]:
    """The unpacked bytes, piece by piece.

    Concatenated gzip or bzip2 members are read one after the other; zero bytes after the last are
    padding. Anything else after the end is refused.

    Args:
        chunks: the compressed bytes, in order.
        compression: how they were compressed ("deflate" has no header, as inside DICOM).
        limit_bytes: most bytes that may come out.
        what: the thing being unpacked, for messages.

    Raises:
        UnpackedTooLarge: as soon as more than `limit_bytes` come out.
        BrokenCompression: if the stream is damaged or ends before its end mark.
    """
    members = _Members(compression, what)
    count = 0
    for chunk in chunks:
        for piece in members.feed(chunk):
            count += len(piece)
            if count > limit_bytes:
                raise UnpackedTooLarge(
                    f"{what} unpacks to more than {limit_bytes:,} bytes, the most allowed here; "
                    "it is damaged or a decompression bomb, export it again"
                )
            yield piece
    members.finish()


class _Members:
    """One compressed stream that may consist of several members."""

    def __init__(self, compression: Compression, what: str) -> None:
        self._compression = compression
        self._what = what
        self._member: _Decompressor | None = _new_decompressor(compression)
        self._seen_end = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Unpack one chunk in pieces of bounded size."""
        pending = chunk
        while pending or self._member is not None:
            if self._member is None and not self._begin_member(pending):
                return
            piece, pending, stalled = self._step(pending)
            if piece:
                yield piece
            if stalled:
                return

    def finish(self) -> None:
        """Refuse a stream that stopped before its end mark."""
        if self._member is not None or not self._seen_end:
            raise BrokenCompression(
                f"{self._what} is cut short: its {self._compression} stream has no end; copy it again"
            )

    def _begin_member(self, pending: bytes) -> bool:
        if not pending.strip(b"\0"):
            return False
        if self._compression in ("deflate", "zlib"):
            raise BrokenCompression(f"{self._what} holds {len(pending)} bytes after the end of its compressed data")
        self._member = _new_decompressor(self._compression)
        return True

    def _step(self, pending: bytes) -> tuple[bytes, bytes, bool]:
        """One piece, what is left to feed, and whether the decompressor waits for more input."""
        member = self._member
        if member is None:  # pragma: no cover - feed() begins a member first
            return b"", pending, True
        try:
            piece = member.decompress(pending, PIECE_BYTES)
        except (zlib.error, OSError, EOFError, ValueError) as error:
            raise BrokenCompression(
                f"{self._what} is damaged: its {self._compression} stream cannot be read"
            ) from error
        if member.eof:
            self._member, self._seen_end = None, True
            return piece, member.unused_data, False
        left = getattr(member, "unconsumed_tail", b"")
        return piece, left, not left and len(piece) < PIECE_BYTES and getattr(member, "needs_input", True)


def _new_decompressor(compression: Compression) -> _Decompressor:
    if compression == "bzip2":
        return bz2.BZ2Decompressor()
    return zlib.decompressobj(wbits=_WINDOW_BITS[compression])
