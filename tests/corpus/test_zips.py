"""Rows B053 and B054: zips that try to write elsewhere or to fill the disk."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from givre.adapters.archive import UnpackingLimits, unpacked_zip
from givre.adapters.dicom import read_ct_series
from givre.foundation.errors import InputError
from givre.testing.dicom_files import ct_series, write_series


def zipped(path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def series_entries(tmp_path: Path) -> dict[str, bytes]:
    folder = write_series(ct_series(), tmp_path / "ct")
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_a_zipped_series_is_the_same_as_its_folder(tmp_path: Path) -> None:
    file = zipped(tmp_path / "ct.zip", {**series_entries(tmp_path), "readme.txt": b"hello"})
    image = read_ct_series(file, unpack=unpacked_zip)
    folder = read_ct_series(tmp_path / "ct")
    np.testing.assert_array_equal(image.volume.values, folder.volume.values)
    assert image.sha256 == folder.sha256
    assert any(finding.code == "NOT_DICOM_FILES" for finding in image.report.findings)


def test_a_zip_is_refused_where_nothing_may_unpack_it(tmp_path: Path, refused: Any) -> None:
    file = zipped(tmp_path / "ct.zip", series_entries(tmp_path))
    refused("NOT_DICOM", r"is a zip; unpack it", lambda: read_ct_series(file))


@pytest.mark.parametrize("evil", ["../../evil", "/abs/evil", "C:\\evil", "..\\evil", "a/../../evil", "nul\x01name"])
def test_b053_names_in_a_zip_are_never_used(tmp_path: Path, evil: str) -> None:
    entries = series_entries(tmp_path)
    first = next(iter(entries))
    entries[evil] = entries.pop(first)
    (tmp_path / "box").mkdir()
    file = zipped(tmp_path / "box" / "ct.zip", entries)
    before = sorted(tmp_path.rglob("*"))
    with unpacked_zip(file) as folder:
        assert sorted(entry.name for entry in folder.rglob("*")) == [f"entry-{n:05d}" for n in range(1, 7)]
    assert read_ct_series(file, unpack=unpacked_zip).volume.values.shape == (6, 16, 20)
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/abs/evil").exists()


@pytest.mark.parametrize(("kind", "words"), [(stat.S_IFLNK, "symbolic link"), (stat.S_IFIFO, "device or pipe")])
def test_b053_links_and_devices_are_refused(tmp_path: Path, refused: Any, kind: int, words: str) -> None:
    file = tmp_path / "ct.zip"
    with zipfile.ZipFile(file, "w") as archive:
        entry = zipfile.ZipInfo("slice.dcm")
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    refused("ARCHIVE_REFUSED", words, lambda: read_ct_series(file, unpack=unpacked_zip))


def lying_zip(path: Path, content: bytes, claimed: int) -> Path:
    """A zip whose headers claim another unpacked size than its entry has."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("slice.dcm", content)
    raw = bytearray(buffer.getvalue())
    struct.pack_into("<L", raw, raw.index(b"PK\x03\x04") + 22, claimed)
    struct.pack_into("<L", raw, raw.index(b"PK\x01\x02") + 24, claimed)
    path.write_bytes(bytes(raw))
    return path


def test_b054_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path, refused: Any, little_memory: None) -> None:
    file = lying_zip(tmp_path / "lie.zip", bytes(100_000_000), 10)
    error = refused("ARCHIVE_REFUSED", r"declared size of 10 bytes", lambda: read_ct_series(file, unpack=unpacked_zip))
    assert "entry 1 of lie.zip" in str(error)


def test_b054_an_honest_bomb_stops_at_the_ratio(tmp_path: Path, refused: Any, little_memory: None) -> None:
    file = zipped(tmp_path / "bomb.zip", {f"{n}": bytes(30_000_000) for n in range(4)})
    refused("UNPACKED_TOO_LARGE", r"decompression bomb", lambda: read_ct_series(file, unpack=unpacked_zip))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (UnpackingLimits(entries=3), "at most 3 entries"),
        (UnpackingLimits(total_bytes=2000), "at most 2,000 are accepted"),
        (UnpackingLimits(entry_bytes=500), "more than 500 bytes"),
        (UnpackingLimits(directory_bytes=100), "and 100 bytes are accepted"),
    ],
)
def test_b054_every_limit_is_kept(tmp_path: Path, refused: Any, limits: UnpackingLimits, words: str) -> None:
    file = zipped(tmp_path / "ct.zip", series_entries(tmp_path))

    def unpack() -> None:
        with unpacked_zip(file, limits=limits):
            raise AssertionError("the limit was not kept")

    refused("UNPACKED_TOO_LARGE", words, unpack)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + b"x" * 100, b"PK\x05\x06" + bytes(18)])
def test_b054_a_broken_or_empty_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ct.zip"
    file.write_bytes(content)
    with pytest.raises(InputError, match="DICOM|zip"):
        read_ct_series(file, unpack=unpacked_zip)


def test_b054_encrypted_and_unusual_entries_are_refused(tmp_path: Path, refused: Any) -> None:
    file = zipped(tmp_path / "ct.zip", {"a": b"x" * 100}, zipfile.ZIP_LZMA)
    refused("ARCHIVE_REFUSED", r"compression method 14", lambda: read_ct_series(file, unpack=unpacked_zip))
    raw = bytearray(zipped(tmp_path / "ct.zip", {"a": b"x" * 100}).read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(bytes(raw))
    refused("ARCHIVE_REFUSED", r"encrypted", lambda: read_ct_series(file, unpack=unpacked_zip))
