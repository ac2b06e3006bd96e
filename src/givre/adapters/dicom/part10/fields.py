"""Named fields of a DICOM data set, read strictly from the bytes in the file."""

from __future__ import annotations

import io
import math
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pydicom.config
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag, Tag

from givre.adapters.dicom.errors import DicomBroken, DicomValue
from givre.adapters.dicom.part10.opening import Part10
from givre.adapters.dicom.part10.structure import PIXEL_DATA

_DECIMAL = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(rb"[+-]?\d{1,12}")
_PADDING = b" \0"
MAX_HEADER_BYTES = 64 * 2**20
"""Largest part of a file that is parsed by name; pixels excluded."""


class Fields:
    """The fields of one data set or of one item of a sequence.

    Absent and unusable values are refused with the name of the field, never with its value when
    the field could identify someone.
    """

    def __init__(self, dataset: Dataset, what: str, *, little: bool = True) -> None:
        self._dataset = dataset
        self._what = what
        self._order = "<" if little else ">"

    def has(self, keyword: str) -> bool:
        """Whether the field is there and not empty."""
        return bool(self._raw(keyword).strip(_PADDING)) or self._is_parsed(keyword)

    def has_bytes(self, keyword: str) -> bool:
        """Whether a binary field is there; zero bytes are a value."""
        return bool(self._raw(keyword))

    def text(self, keyword: str) -> str:
        """The text of a field, decoded with the character set of the file; empty when absent."""
        if not self.has(keyword):
            return ""
        with quiet_pydicom():
            try:
                return str(self._dataset[keyword].value).strip(" \0")
            except Exception:  # noqa: BLE001 - pydicom may raise anything on hostile text; the bytes remain
                return self._raw(keyword).decode("latin-1").strip(" \0")

    def codes(self, keyword: str) -> tuple[str, ...]:
        """The code words of a field, upper case; empty when absent."""
        raw = self._raw(keyword).decode("ascii", "replace")
        return tuple(part.strip(" \0").upper() for part in raw.split("\\") if part.strip(" \0"))

    def code(self, keyword: str) -> str:
        """The first code word of a field; empty when absent."""
        return next(iter(self.codes(keyword)), "")

    def uid(self, keyword: str) -> str:
        """A UID, digits and dots only; empty when absent."""
        raw = self._raw(keyword).strip(_PADDING)
        if len(raw) > 64 or not all(byte in b"0123456789." for byte in raw):
            raise DicomValue(
                f"{self._what}: {keyword} is not a UID of at most 64 digits and dots; export the file again"
            )
        return raw.decode("ascii")

    def decimals(self, keyword: str, count: int) -> tuple[float, ...]:
        """Exactly `count` finite decimal numbers.

        Raises:
            DicomValue: if the field is absent, has another count, or holds what is not a number.
        """
        raw = self._raw(keyword)
        if not raw.strip(_PADDING):
            raise DicomValue(f"{self._what}: {keyword} is absent; export the series with its full header")
        parts = [part.strip(_PADDING) for part in raw.split(b"\\")]
        if len(parts) != count:
            raise DicomValue(f"{self._what}: {keyword} holds {len(parts)} numbers; it needs {count}")
        return tuple(self._decimal(keyword, part) for part in parts)

    def decimal(self, keyword: str) -> float:
        """One finite decimal number."""
        return self.decimals(keyword, 1)[0]

    def count(self, keyword: str, *, default: int | None = None) -> int:
        """A whole number of type US (binary) or IS (text).

        Raises:
            DicomValue: if absent without default, or not one whole number.
        """
        raw = self._raw(keyword)
        if not raw:
            if default is None:
                raise DicomValue(f"{self._what}: {keyword} is absent; export the series with its full header")
            return default
        if keyword == "NumberOfFrames":
            text = raw.strip(_PADDING)
            if not _WHOLE.fullmatch(text):
                raise DicomValue(f"{self._what}: {keyword} is not a whole number; export the file again")
            return int(text)
        return self._binary(keyword, raw, "H")

    def stored_value(self, keyword: str, *, signed: bool) -> int:
        """A pixel value of type US or SS, read with the sign of the pixels."""
        return self._binary(keyword, self._raw(keyword), "h" if signed else "H")

    def items(self, keyword: str) -> tuple[Fields, ...]:
        """The items of a sequence; empty when absent."""
        if keyword not in self._dataset:
            return ()
        with quiet_pydicom():
            try:
                return tuple(
                    Fields(item, self._what, little=self._order == "<") for item in self._dataset[keyword].value or ()
                )
            except Exception as error:
                raise DicomBroken(f"{self._what}: sequence {keyword} cannot be read; export the file again") from error

    def decimal_bytes(self, keyword: str) -> bytes:
        """The raw text of a long list of decimal numbers."""
        return self._raw(keyword)

    def _raw(self, keyword: str) -> bytes:
        element = self._element(keyword)
        return element.value or b"" if isinstance(element, RawDataElement) else b""

    def _is_parsed(self, keyword: str) -> bool:
        """Whether pydicom has converted the field already (character set, open sequences)."""
        element = self._element(keyword)
        return isinstance(element, DataElement) and bool(element.value)

    def _element(self, keyword: str) -> RawDataElement | DataElement | None:
        """The element as it was read, not yet converted, or None when absent."""
        return self._dataset.get_item(Tag(keyword)) if keyword in self._dataset else None

    def _binary(self, keyword: str, raw: bytes, kind: str) -> int:
        if len(raw) != 2:
            raise DicomValue(f"{self._what}: {keyword} has {len(raw)} bytes; it needs one 16-bit number")
        return int(struct.unpack(self._order + kind, raw)[0])

    def _decimal(self, keyword: str, part: bytes) -> float:
        shown = part[:24].decode("ascii", "replace")
        if b"," in part:
            raise DicomValue(
                f'{self._what}: {keyword} is "{shown}" with a decimal comma; DICOM wants a point: export it again'
            )
        value = float(part) if _DECIMAL.fullmatch(part) else math.nan
        if not math.isfinite(value):
            raise DicomValue(f'{self._what}: {keyword} is "{shown}", not a finite number; export the series again')
        return value


def header_fields(part: Part10, *, only: tuple[str, ...] = ()) -> Fields:
    """The fields of an open file that come before the pixels.

    Args:
        part: the open file, its structure already checked.
        only: keywords to keep; all when empty.

    Raises:
        DicomBroken: if the header is too large or cannot be parsed.
    """
    pixels = part.elements.get(PIXEL_DATA)
    end = pixels.start if pixels else len(part.data)
    if end - part.start > MAX_HEADER_BYTES:
        raise DicomBroken(
            f"{part.what} has {end - part.start:,} bytes before its pixels; at most {MAX_HEADER_BYTES:,} are read"
        )
    header = io.BytesIO(bytes(part.data[part.start : end]))
    tags: list[BaseTag | int] | None = [Tag(keyword) for keyword in only] or None
    with quiet_pydicom():
        try:
            dataset = read_dataset(header, part.encoding.implicit, part.encoding.little, specific_tags=tags)
        except Exception as error:
            raise DicomBroken(f"{part.what} cannot be parsed as DICOM; export it again") from error
    return Fields(dataset, part.what, little=part.encoding.little)


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep pydicom from warning: its warnings quote values, and values may identify a patient."""
    with warnings.catch_warnings(), pydicom.config.disable_value_validation():
        warnings.simplefilter("ignore")
        yield
