"""The transfer syntaxes that are read, and how each lays out its bytes."""

from __future__ import annotations

from dataclasses import dataclass

import pydicom.config
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from givre.adapters.dicom.errors import DicomTransferSyntax


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How the bytes of a data set are laid out.

    Attributes:
        uid: transfer syntax.
        implicit: whether value representations are left out.
        little: whether the low byte comes first.
        deflated: whether the data set is compressed as a whole.
        encapsulated: whether the pixels are compressed.
    """

    uid: str
    implicit: bool = False
    little: bool = True
    deflated: bool = False
    encapsulated: bool = False

    @property
    def name(self) -> str:
        """The name DICOM gives it."""
        return syntax_name(self.uid)


_NATIVE = {
    str(ImplicitVRLittleEndian): Encoding(uid=str(ImplicitVRLittleEndian), implicit=True),
    str(ExplicitVRLittleEndian): Encoding(uid=str(ExplicitVRLittleEndian)),
    str(ExplicitVRBigEndian): Encoding(uid=str(ExplicitVRBigEndian), little=False),
    str(DeflatedExplicitVRLittleEndian): Encoding(uid=str(DeflatedExplicitVRLittleEndian), deflated=True),
}

_ENCAPSULATED = {
    str(RLELossless),
    *(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)),
}
"""RLE, and the single-image JPEG, JPEG-LS, JPEG 2000 and HTJ2K syntaxes."""


def encoding_of(uid: str, what: str) -> Encoding:
    """The layout of a transfer syntax.

    Raises:
        DicomTransferSyntax: if it is unknown, private, or for video or remote pixels.
    """
    if uid in _NATIVE:
        return _NATIVE[uid]
    if uid in _ENCAPSULATED:
        return Encoding(uid=uid, encapsulated=True)
    raise DicomTransferSyntax(
        f"{what}: transfer syntax {syntax_name(uid)} is not read; export the series uncompressed "
        "(Explicit VR Little Endian)"
    )


def syntax_name(uid: str) -> str:
    """The registered name of a transfer syntax or SOP class, or the UID when there is none."""
    name = UID(uid, pydicom.config.IGNORE).name
    return name if name != uid else f"{uid or '(none)'} (not in the standard)"
