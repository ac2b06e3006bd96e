"""Stored pixels to Hounsfield units, slice by slice, each with its own rescale."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from givre.adapters.dicom.part10.opening import opened
from givre.adapters.dicom.series.slices import CtSlice
from givre.usecases.ct_checks import AIR_HU

Stored = npt.NDArray[np.uint16]


def native_pixels(one: CtSlice) -> Stored:
    """The 16-bit words of one uncompressed slice, shape (rows, columns), sign not yet applied."""
    length = one.layout.length
    if one.encoding.deflated:
        with opened(one.found.path, one.what) as part:
            raw = bytes(part.data[one.offset : one.offset + length])
    else:
        with one.found.path.open("rb") as stream:
            stream.seek(one.offset)
            raw = stream.read(length)
    words = np.frombuffer(raw, dtype="<u2" if one.encoding.little else ">u2")
    return words.astype(np.uint16, copy=False).reshape(one.layout.rows, one.layout.columns)


def pixel_hash(words: Stored, one: CtSlice) -> str:
    """Hash of the pixels of one slice and of what turns them into Hounsfield units."""
    layout = one.layout
    meaning = (layout.bits_stored, layout.signed, layout.slope, layout.intercept, layout.padding)
    return hashlib.sha256(repr(meaning).encode() + np.ascontiguousarray(words).tobytes()).hexdigest()


def hounsfield(words: Stored, one: CtSlice) -> tuple[npt.NDArray[np.float32], int, int]:
    """Hounsfield units of one slice, how many pixels were padding, how many had unused bits set.

    Bits above BitsStored (old overlays) are cleared, the sign is extended from the stored bits, and
    padding becomes -1024 HU. MONOCHROME1 changes how a slice is shown, not its values.
    """
    layout = one.layout
    spare = np.uint16(16 - layout.bits_stored)
    shifted = words << spare
    stored = shifted.view(np.int16) >> np.int16(spare) if layout.signed else shifted >> spare
    values = stored.astype(np.float32) * np.float32(layout.slope) + np.float32(layout.intercept)
    padded = 0
    if layout.padding is not None:
        low, high = layout.padding
        padding = (stored >= low) & (stored <= high)
        padded = int(np.count_nonzero(padding))
        values[padding] = AIR_HU
    return values, padded, _odd_unused_bits(words, one)


def _odd_unused_bits(words: Stored, one: CtSlice) -> int:
    """Pixels whose unused bits are neither empty nor a sign extension."""
    bits = one.layout.bits_stored
    if bits == 16:
        return 0
    unused = words >> np.uint16(bits)
    odd = unused != 0
    if one.layout.signed:
        odd &= unused != (0xFFFF >> bits)
    return int(np.count_nonzero(odd))
