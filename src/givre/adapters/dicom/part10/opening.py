"""Open one DICOM file: preamble, file meta information, and the checked layout of its data set."""

from __future__ import annotations

import hashlib
import mmap
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from givre.adapters.dicom.errors import DicomBroken, DicomTruncated, NotDicom
from givre.adapters.dicom.part10.encodings import Encoding, encoding_of
from givre.adapters.dicom.part10.structure import Bytes, Element, walk
from givre.foundation.errors import UnreadableFile
from givre.foundation.inflation import inflated

MAX_FILE_BYTES = 2 * 2**30
"""Largest DICOM file opened; a CT slice is 0.5 to 2 MiB."""

MAX_INFLATED_BYTES = 64 * 2**20
"""Most bytes a deflated data set may unpack to; a 1024 x 1024 slice needs 2 MiB."""

MAX_INFLATION_RATIO = 200
"""Most bytes a deflated data set may unpack to per byte packed, beyond 1 MiB."""

_META_START = 132
_SHORT_META = frozenset((b"UI", b"SH", b"AE", b"UL"))
_EXECUTABLES = {
    b"MZ": "Windows program",
    b"\x7fELF": "Linux program",
    b"\xcf\xfa\xed\xfe": "macOS program",
    b"\xce\xfa\xed\xfe": "macOS program",
    b"\xca\xfe\xba\xbe": "macOS program",
    b"#!": "script",
    b"%PDF": "PDF",
    b"PK\x03\x04": "zip",
    b"<": "markup",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part10:
    """One open DICOM file whose structure was checked.

    Attributes:
        what: name of the file for messages.
        encoding: how its data set is laid out.
        sop_class_uid: what kind of object the file meta information says it is.
        data: the bytes that `start` and the elements refer to; the inflated ones if deflated.
        start: offset of the data set.
        elements: top-level elements by tag.
        disguise: what the preamble pretends to be ("Windows program"), empty when harmless.
    """

    what: str
    encoding: Encoding
    sop_class_uid: str
    data: Bytes
    start: int
    elements: dict[int, Element]
    disguise: str


def is_part10(path: Path) -> bool:
    """Whether a plain file carries the DICOM mark behind its preamble."""
    with path.open("rb") as stream:
        return stream.read(_META_START)[128:] == b"DICM"


def refuse_unless_plain(path: Path, what: str) -> None:
    """Refuse what is missing, not a plain file, or too large to be one DICOM object.

    Raises:
        UnreadableFile: with the reason.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise UnreadableFile(f"{what} cannot be read: {error.strerror}; correct the path") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(f"{what} is not a plain file; give a DICOM file, a folder or a zip")
    if status.st_size > MAX_FILE_BYTES:
        raise UnreadableFile(f"{what} has {status.st_size:,} bytes; a DICOM file of at most {MAX_FILE_BYTES:,} is read")


@contextmanager
def opened(path: Path, what: str) -> Iterator[Part10]:
    """One DICOM file, mapped and not loaded, its structure checked to the last byte.

    Raises:
        UnreadableFile: if it cannot be opened.
        NotDicom: if it lacks the DICOM mark.
        DicomTooDeep, DicomTruncated, DicomBroken, DicomTransferSyntax, UnpackedTooLarge: see `walk`.
    """
    refuse_unless_plain(path, what)
    try:
        if not is_part10(path):
            raise NotDicom(f'{what} is not a DICOM file: it lacks the mark "DICM" at byte 128; give the CT as exported')
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            yield _parsed(mapped, what)
    except OSError as error:
        raise UnreadableFile(f"{what} cannot be read: {error.strerror}") from error


def sha256_of(path: Path) -> str:
    """Hash of a file as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _parsed(mapped: mmap.mmap, what: str) -> Part10:
    syntax, sop_class_uid, start = _meta(mapped, what)
    encoding = encoding_of(syntax, what)
    data: Bytes = mapped
    if encoding.deflated:
        data, start = _inflated(mapped, start, what), 0
    elements = walk(data, start, encoding, what)
    return Part10(
        what=what,
        encoding=encoding,
        sop_class_uid=sop_class_uid,
        data=data,
        start=start,
        elements=elements,
        disguise=_disguise(bytes(mapped[:128])),
    )


def _meta(data: mmap.mmap, what: str) -> tuple[str, str, int]:
    """Transfer syntax, SOP class and the offset behind the file meta information."""
    pos = _META_START
    values: dict[int, bytes] = {}
    while pos + 8 <= len(data):
        group, number = struct.unpack_from("<HH", data, pos)
        if group != 2:
            break
        vr = bytes(data[pos + 4 : pos + 6])
        long_form = vr in (b"OB", b"UN", b"UT", b"OW", b"SQ")
        if not (long_form or vr in _SHORT_META):
            raise DicomBroken(f"{what}: file meta information (0002,{number:04X}) is damaged; copy it again")
        header = 12 if long_form else 8
        if pos + header > len(data):
            raise DicomTruncated(f"{what} is cut short inside its file meta information; copy it again")
        (length,) = struct.unpack_from("<L" if long_form else "<H", data, pos + header - (4 if long_form else 2))
        pos += header
        if pos + length > len(data):
            raise DicomTruncated(
                f"{what}: element (0002,{number:04X}) declares {length:,} bytes, only {len(data) - pos:,} are left; "
                "the file is cut short or damaged, copy it again"
            )
        if number in (0x0002, 0x0010):
            values[number] = bytes(data[pos : pos + min(length, 128)])
        pos += length
    if 0x0010 not in values:
        raise DicomBroken(f"{what} does not say its transfer syntax (0002,0010); export it again")
    return _uid(values[0x0010]), _uid(values.get(0x0002, b"")), pos


def _uid(raw: bytes) -> str:
    text = raw.decode("ascii", "replace").strip("\0 ")
    return text if all(character in "0123456789." for character in text) else "(damaged)"


def _inflated(data: mmap.mmap, start: int, what: str) -> bytes:
    packed = len(data) - start
    limit = min(MAX_INFLATED_BYTES, max(2**20, MAX_INFLATION_RATIO * packed))
    chunks = (bytes(data[pos : pos + 2**16]) for pos in range(start, len(data), 2**16))
    out = bytearray()
    for piece in inflated(chunks, compression="deflate", limit_bytes=limit, what=what):
        out += piece
    return bytes(out)


def _disguise(preamble: bytes) -> str:
    return next((kind for mark, kind in _EXECUTABLES.items() if preamble.startswith(mark)), "")
