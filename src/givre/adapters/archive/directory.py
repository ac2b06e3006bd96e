"""How large the central directory of a zip is, read before the zip itself is opened."""

from __future__ import annotations

import struct
from typing import BinaryIO

_END = b"PK\x05\x06"
_END_BYTES = 22
_LONGEST_COMMENT = 65_535
_END64 = b"PK\x06\x06"
_LOCATOR64 = b"PK\x06\x07"
_LOCATOR64_BYTES = 20


def directory_size(stream: BinaryIO) -> tuple[int, int] | None:
    """Entries and bytes that the end record of a zip declares, or None when there is no end record.

    A zip can declare millions of entries; opening it would make an object of each.
    """
    size = stream.seek(0, 2)
    tail_start = max(0, size - _LONGEST_COMMENT - _END_BYTES)
    stream.seek(tail_start)
    tail = stream.read(_LONGEST_COMMENT + _END_BYTES)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        return None
    entries, directory_bytes = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries == 0xFFFF or directory_bytes == 0xFFFFFFFF:
        return _directory_size_64(stream, tail_start + at) or (entries, directory_bytes)
    return entries, directory_bytes


def _directory_size_64(stream: BinaryIO, end_offset: int) -> tuple[int, int] | None:
    if end_offset < _LOCATOR64_BYTES:
        return None
    stream.seek(end_offset - _LOCATOR64_BYTES)
    locator = stream.read(_LOCATOR64_BYTES)
    if locator[:4] != _LOCATOR64:
        return None
    (record_offset,) = struct.unpack("<Q", locator[8:16])
    if record_offset > end_offset:
        return None
    stream.seek(record_offset)
    record = stream.read(56)
    if record[:4] != _END64 or len(record) < 56:
        return None
    entries, directory_bytes = struct.unpack("<QQ", record[32:48])
    return entries, directory_bytes
