"""A zip from outside as a temporary folder of files with names of our own."""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from givre.adapters.archive.directory import directory_size
from givre.foundation.errors import InputError, OutsideError, UnpackedTooLarge, UnreadableFile

_CHUNK_BYTES = 1 << 18
_ENCRYPTED = 0x1


class ArchiveRefused(InputError):
    """A zip that is damaged, or that no exporting software would have written."""

    code = "ARCHIVE_REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackingLimits:
    """How much a zip may hold.

    Attributes:
        entries: most files in the zip.
        directory_bytes: largest central directory.
        entry_bytes: largest single file once unpacked.
        total_bytes: most bytes once unpacked, all files together.
        ratio: most bytes unpacked per byte packed, all files together; a CT packs 2 to 5 times.
        ratio_free_bytes: below this unpacked size the ratio is not judged.
    """

    entries: int = 20_000
    directory_bytes: int = 16 * 2**20
    entry_bytes: int = 2**30
    total_bytes: int = 4 * 2**30
    ratio: int = 100
    ratio_free_bytes: int = 16 * 2**20


def is_zip(path: Path) -> bool:
    """Whether a plain file begins as a zip does and is not a DICOM file in disguise."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        start = stream.read(132)
    return start[:4] in (b"PK\x03\x04", b"PK\x05\x06") and start[128:] != b"DICM"


@contextmanager
def unpacked_zip(path: Path, *, limits: UnpackingLimits | None = None) -> Iterator[Path]:
    """A temporary folder with the files of a zip, removed afterwards.

    Files are called entry-00001, entry-00002 ... in the order of the zip: names inside the zip are
    never used, so no entry can land elsewhere, and folders inside it are flattened. Nested zips stay
    packed. Bytes are counted while they are unpacked; declared sizes are not believed.

    Raises:
        UnreadableFile: if the file is missing or is not a zip.
        ArchiveRefused: for links, special files, encrypted or damaged entries, unusual compression.
        UnpackedTooLarge: as soon as a limit is passed.
    """
    allowed = limits or UnpackingLimits()
    with tempfile.TemporaryDirectory(prefix="givre-") as folder:
        try:
            _refuse_large_directory(path, allowed)
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, Path(folder), allowed, path)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise ArchiveRefused(f"{path.name} is not a sound zip; export or copy it again") from error
        except FileNotFoundError as error:
            raise UnreadableFile(f"{path.name} does not exist; correct the path") from error
        except OSError as error:
            raise OutsideError(
                f"{path.name} could not be unpacked: {error.strerror}; free disk space and retry"
            ) from error
        yield Path(folder)


def _refuse_large_directory(path: Path, limits: UnpackingLimits) -> None:
    with path.open("rb") as stream:
        declared = directory_size(stream)
    if declared is None:
        raise UnreadableFile(f"{path.name} is not a zip: it has no end record; export or copy it again")
    entries, directory_bytes = declared
    if entries > limits.entries or directory_bytes > limits.directory_bytes:
        raise UnpackedTooLarge(
            f"{path.name} declares {entries:,} entries in a directory of {directory_bytes:,} bytes; at most "
            f"{limits.entries:,} entries and {limits.directory_bytes:,} bytes are accepted: zip one series only"
        )


def _unpack(archive: zipfile.ZipFile, folder: Path, limits: UnpackingLimits, path: Path) -> None:
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(files) > limits.entries:
        raise UnpackedTooLarge(
            f"{path.name} holds {len(files):,} files; at most {limits.entries:,} are accepted: zip one series only"
        )
    for number, entry in enumerate(files, start=1):
        _refuse_odd_entry(entry, number, path)
    _refuse_declared_size(files, limits, path)
    packed_bytes = path.stat().st_size
    total = 0
    for number, entry in enumerate(files, start=1):
        total += _write_entry(
            archive, entry, folder / f"entry-{number:05d}", _allowance(limits, total, packed_bytes), _what(number, path)
        )


def _what(number: int, path: Path) -> str:
    return f"entry {number} of {path.name}"


def _refuse_odd_entry(entry: zipfile.ZipInfo, number: int, path: Path) -> None:
    what = _what(number, path)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise ArchiveRefused(f"{what} is a symbolic link; zip the files themselves")
    if kind not in (0, stat.S_IFREG):
        raise ArchiveRefused(f"{what} is a device or pipe, not a file; zip plain files only")
    if entry.flag_bits & _ENCRYPTED:
        raise ArchiveRefused(f"{what} is encrypted; unpack it with its password and zip it again without")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveRefused(f"{what} uses compression method {entry.compress_type}; only stored and deflated are read")


def _refuse_declared_size(files: list[zipfile.ZipInfo], limits: UnpackingLimits, path: Path) -> None:
    declared = sum(entry.file_size for entry in files)
    if declared > limits.total_bytes:
        raise UnpackedTooLarge(
            f"{path.name} declares {declared:,} bytes unpacked; at most {limits.total_bytes:,} are accepted: "
            "zip one series only"
        )


def _allowance(limits: UnpackingLimits, total: int, packed_bytes: int) -> int:
    """Bytes the next entry may unpack to."""
    by_ratio = max(limits.ratio_free_bytes, limits.ratio * packed_bytes) - total
    return max(0, min(limits.entry_bytes, limits.total_bytes - total, by_ratio))


def _write_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, allowance: int, what: str) -> int:
    """Unpack one entry, counting; gives the bytes written."""
    written = 0
    try:
        with archive.open(entry) as source, target.open("xb") as sink:
            while piece := source.read(_CHUNK_BYTES):
                written += len(piece)
                if written > allowance:
                    raise UnpackedTooLarge(
                        f"{what} unpacks to more than {allowance:,} bytes, the most still allowed for this zip; "
                        "it is a decompression bomb or far larger than one CT series"
                    )
                sink.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ArchiveRefused(
            f"{what} does not match its declared size of {entry.file_size:,} bytes or its checksum; export it again"
        ) from error
    if written != entry.file_size:
        raise ArchiveRefused(f"{what} declares {entry.file_size:,} bytes and holds {written:,}; export it again")
    return written
