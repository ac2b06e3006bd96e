"""Unpacking counts every byte and believes no end that is not there."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.foundation.errors import BrokenCompression, UnpackedTooLarge
from givre.foundation.inflation import PIECE_BYTES, Compression, inflated


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


PACKERS: list[tuple[Compression, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("zlib", zlib.compress),
    ("deflate", deflated),
    ("bzip2", bz2.compress),
]


def unpacked(packed: bytes, compression: Compression, limit: int = 10**9, step: int = 1000) -> bytes:
    chunks = (packed[n : n + step] for n in range(0, len(packed), step))
    return b"".join(inflated(chunks, compression=compression, limit_bytes=limit, what="the file"))


@pytest.mark.parametrize(("compression", "pack"), PACKERS)
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=3000), step=st.integers(1, 4000))
def test_what_was_packed_comes_back_whatever_the_chunks(
    compression: Compression, pack: Callable[[bytes], bytes], data: bytes, step: int
) -> None:
    assert unpacked(pack(data), compression, step=step) == data


@pytest.mark.parametrize(("compression", "pack"), PACKERS)
def test_pieces_stay_small_and_the_limit_is_exact(compression: Compression, pack: Callable[[bytes], bytes]) -> None:
    data = bytes(5 * PIECE_BYTES + 17)
    pieces = list(inflated([pack(data)], compression=compression, limit_bytes=len(data), what="the file"))
    assert max(len(piece) for piece in pieces) <= PIECE_BYTES
    assert sum(len(piece) for piece in pieces) == len(data)
    with pytest.raises(UnpackedTooLarge, match="the file unpacks to more than"):
        unpacked(pack(data), compression, limit=len(data) - 1)


@pytest.mark.parametrize(("compression", "pack"), PACKERS)
@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
def test_a_stream_without_end_is_refused(compression: Compression, pack: Callable[[bytes], bytes], keep: float) -> None:
    packed = pack(bytes(range(256)) * 50)
    with pytest.raises(BrokenCompression, match="cut short"):
        unpacked(packed[: int(len(packed) * keep)], compression)


@pytest.mark.parametrize("compression", ["gzip", "bzip2"])
def test_members_follow_each_other_and_zeros_behind_are_padding(compression: Compression) -> None:
    pack = dict(PACKERS)[compression]
    assert unpacked(pack(b"one") + pack(b"two") + bytes(700), compression, step=64) == b"onetwo"


@pytest.mark.parametrize(("compression", "pack"), PACKERS)
def test_anything_else_behind_the_end_is_refused(compression: Compression, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BrokenCompression):
        unpacked(pack(b"one") + b"rubbish!", compression)
