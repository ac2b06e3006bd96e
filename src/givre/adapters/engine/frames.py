"""Messages on a pipe between two processes: one letter, a length, and that many bytes."""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEAD = struct.Struct("<cQ")


class PipeEnded(EOFError):
    """The other side is gone, perhaps in the middle of a message."""


def write_frame(pipe: BinaryIO, letter: bytes, *parts: bytes) -> None:
    """Send one message, made of parts that are not joined first.

    Raises:
        PipeEnded: if nobody reads any more.
    """
    try:
        pipe.write(_HEAD.pack(letter, sum(map(len, parts))))
        for part in parts:
            pipe.write(part)
        pipe.flush()
    except OSError as error:
        raise PipeEnded("the other side of the pipe is gone") from error


def read_frame(pipe: BinaryIO) -> tuple[bytes, bytes]:
    """Wait for one message; its letter and its content.

    Raises:
        PipeEnded: if the other side ended before the message did.
    """
    letter, length = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    return letter, _exactly(pipe, length)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    content = pipe.read(length)
    if len(content) < length:
        raise PipeEnded(f"the pipe ended after {len(content)} of {length} bytes")
    return content
