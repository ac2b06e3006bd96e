"""A cheap walk over the structure of a DICOM data set before any library is trusted with it.

The walk keeps no values and recurses into nothing: it follows tags and lengths with a stack of its
own, so nesting, false lengths and missing ends are found in bounded time and memory.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

from pydicom.datadict import dictionary_has_tag, dictionary_VR

from givre.adapters.dicom.errors import DicomBroken, DicomTooDeep, DicomTruncated
from givre.adapters.dicom.part10.encodings import Encoding

Bytes = bytes | mmap.mmap

MAX_DEPTH = 32
"""Deepest nesting of sequences accepted; real CT and RTSTRUCT objects stay below 10."""

MAX_ELEMENTS = 1_000_000
"""Most elements in one file; an RTSTRUCT with 100 organs has about 100 000."""

PIXEL_DATA = 0x7FE00010

_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_SHORT_VR = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
_LONG_VR = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """Where one top-level element lies.

    Attributes:
        tag: group and element number.
        start: offset of the tag.
        value_start: offset of the value.
        value_end: offset behind the value.
        encapsulated: whether the value is a list of fragments.
    """

    tag: int
    start: int
    value_start: int
    value_end: int
    encapsulated: bool = False

    @property
    def length(self) -> int:
        """Bytes of the value."""
        return self.value_end - self.value_start


@dataclass(slots=True)
class _Frame:
    """One open container: the data set, an item, a sequence or a list of fragments."""

    is_sequence: bool
    end: int
    undefined: bool
    implicit: bool


def walk(data: Bytes, start: int, encoding: Encoding, what: str) -> dict[int, Element]:
    """The top-level elements of a data set, after checking everything below them.

    Raises:
        DicomTooDeep: if sequences nest deeper than MAX_DEPTH.
        DicomTruncated: if a declared length runs past its container or the file.
        DicomBroken: for tags, value representations or delimiters that cannot be there.
    """
    return _Walk(data, start, encoding, what).run()


class _Walk:
    def __init__(self, data: Bytes, start: int, encoding: Encoding, what: str) -> None:
        self._data = data
        self._pos = start
        self._what = what
        order = "<" if encoding.little else ">"
        self._little = encoding.little
        self._tag_length = struct.Struct(order + "HHL")
        self._tag = struct.Struct(order + "HH")
        self._short = struct.Struct(order + "H")
        self._long = struct.Struct(order + "L")
        self._stack = [_Frame(False, len(data), False, encoding.implicit)]
        self._top: dict[int, Element] = {}
        self._open_top: tuple[int, int, int] | None = None
        self._count = 0

    def run(self) -> dict[int, Element]:
        while self._stack:
            frame = self._stack[-1]
            if self._pos >= frame.end:
                self._close(frame)
            elif frame.is_sequence:
                self._read_item(frame)
            else:
                self._read_element(frame)
        return self._top

    def _close(self, frame: _Frame) -> None:
        if frame.undefined:
            raise DicomTruncated(
                f"{self._what} is cut short: a sequence or item before byte {self._pos} has no end; copy it again"
            )
        self._pop()

    def _pop(self) -> None:
        self._stack.pop()
        if len(self._stack) == 1 and self._open_top is not None:
            tag, start, value_start = self._open_top
            self._keep(Element(tag=tag, start=start, value_start=value_start, value_end=self._pos))
            self._open_top = None

    def _keep(self, element: Element) -> None:
        if element.tag in self._top:
            raise DicomBroken(f"{self._what}: element {_name(element.tag)} is there twice; export the file again")
        self._top[element.tag] = element

    def _need(self, count: int, frame: _Frame) -> None:
        if self._pos + count > frame.end:
            raise DicomTruncated(
                f"{self._what} is cut short at byte {self._pos}: {frame.end - self._pos} bytes are left where an "
                f"element of at least {count} begins; copy it again"
            )

    def _read_item(self, frame: _Frame) -> None:
        self._need(8, frame)
        tag, length = self._item_header()
        self._pos += 8
        if tag == _SEQUENCE_END and frame.undefined:
            self._pop()
        elif tag == _ITEM:
            end, undefined = self._extent(length, frame, "an item")
            implicit = frame.implicit or not self._looks_explicit(end)
            self._stack.append(_Frame(False, end, undefined, implicit))
        else:
            raise DicomBroken(f"{self._what}: {_name(tag)} at byte {self._pos - 8} where an item should begin")

    def _item_header(self) -> tuple[int, int]:
        group, number, length = self._tag_length.unpack_from(self._data, self._pos)
        return (group << 16) | number, length

    def _looks_explicit(self, end: int) -> bool:
        """Some exporters write implicit items inside explicit files; the two letters tell."""
        if self._pos + 8 > end or self._item_header()[0] in (_ITEM_END, _SEQUENCE_END):
            return True
        return bytes(self._data[self._pos + 4 : self._pos + 6]) in _SHORT_VR | _LONG_VR

    def _extent(self, length: int, frame: _Frame, of_what: str) -> tuple[int, bool]:
        """Where a value that begins here ends, and whether a delimiter will end it."""
        if length == _UNDEFINED:
            return frame.end, True
        if self._pos + length > frame.end:
            raise DicomTruncated(
                f"{self._what}: {of_what} declares {length:,} bytes, only {frame.end - self._pos:,} are left; "
                "the file is cut short or damaged, copy it again"
            )
        return self._pos + length, False

    def _read_element(self, frame: _Frame) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise DicomBroken(f"{self._what} holds more than {MAX_ELEMENTS:,} elements, the most accepted")
        if len(self._stack) == 1 and self._is_final_padding(frame):
            self._pos = frame.end
            return
        start = self._pos
        self._need(8, frame)
        tag, length = self._item_header()
        if tag == _ITEM_END and frame.undefined:
            self._pos += 8
            self._pop()
            return
        if tag >> 16 == 0xFFFE:
            raise DicomBroken(f"{self._what}: {_name(tag)} at byte {start} where an element should begin")
        vr, length = self._value_header(tag, length, frame)
        self._enter_value(tag, vr, length, start)

    def _is_final_padding(self, frame: _Frame) -> bool:
        left = frame.end - self._pos
        return left < 8 and not bytes(self._data[self._pos : frame.end]).strip(b"\0")

    def _value_header(self, tag: int, length: int, frame: _Frame) -> tuple[bytes, int]:
        """Value representation and length; moves to the start of the value."""
        if frame.implicit:
            self._pos += 8
            return _implicit_vr(tag, length), length
        vr = bytes(self._data[self._pos + 4 : self._pos + 6])
        if vr in _SHORT_VR:
            (length,) = self._short.unpack_from(self._data, self._pos + 6)
            self._pos += 8
            return vr, int(length)
        if vr in _LONG_VR:
            self._need(12, frame)
            (length,) = self._long.unpack_from(self._data, self._pos + 8)
            self._pos += 12
            return vr, int(length)
        raise DicomBroken(
            f"{self._what}: element {_name(tag)} at byte {self._pos} has no known value representation; "
            "the file is damaged, copy it again"
        )

    def _enter_value(self, tag: int, vr: bytes, length: int, start: int) -> None:
        frame = self._stack[-1]
        at_top = len(self._stack) == 1
        end, undefined = self._extent(length, frame, f"element {_name(tag)}")
        if undefined and tag == PIXEL_DATA:
            value_start = self._pos
            self._skip_fragments(frame)
            if at_top:
                self._keep(
                    Element(tag=tag, start=start, value_start=value_start, value_end=self._pos, encapsulated=True)
                )
        elif vr == b"SQ" or undefined or (vr == b"UN" and _implicit_vr(tag, length) == b"SQ"):
            if vr not in (b"SQ", b"UN"):
                raise DicomBroken(f"{self._what}: element {_name(tag)} has no length and is no sequence; copy it again")
            if at_top:
                self._open_top = (tag, start, self._pos)
            self._open_sequence(_Frame(True, end, undefined, frame.implicit or vr == b"UN"))
        else:
            if at_top:
                self._keep(Element(tag=tag, start=start, value_start=self._pos, value_end=end))
            self._pos = end

    def _open_sequence(self, frame: _Frame) -> None:
        self._stack.append(frame)
        if sum(opened.is_sequence for opened in self._stack) > MAX_DEPTH:
            raise DicomTooDeep(
                f"{self._what} nests sequences more than {MAX_DEPTH} deep, the most accepted; "
                "no scanner writes that: export the series again"
            )

    def _skip_fragments(self, frame: _Frame) -> None:
        while True:
            self._need(8, frame)
            tag, length = self._item_header()
            self._pos += 8
            if tag == _SEQUENCE_END:
                return
            if tag != _ITEM or length == _UNDEFINED:
                raise DicomBroken(f"{self._what}: {_name(tag)} inside compressed pixels; copy it again")
            self._pos, _ = self._extent(length, frame, "a fragment of compressed pixels")
            self._count += 1
            if self._count > MAX_ELEMENTS:
                raise DicomBroken(f"{self._what} holds more than {MAX_ELEMENTS:,} fragments, the most accepted")


def _implicit_vr(tag: int, length: int) -> bytes:
    if dictionary_has_tag(tag):
        return dictionary_VR(tag).encode()
    return b"SQ" if length == _UNDEFINED else b"UN"


def _name(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
