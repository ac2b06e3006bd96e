"""Rows B001 to B012: DICOM files that are hostile, broken, or no DICOM at all."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom.config
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, JPEG2000Lossless, RLELossless

from givre.adapters.dicom import read_ct_series
from givre.testing.dicom_files import SERIES_UID, ct_series, write_dicom, write_series

PREAMBLE = b"\0" * 128 + b"DICM"


def meta_bytes(syntax: str = "1.2.840.10008.1.2.1") -> bytes:
    def ui(number: int, uid: str) -> bytes:
        value = uid.encode() + b"\0" * (len(uid) % 2)
        return struct.pack("<HH2sH", 2, number, b"UI", len(value)) + value

    body = ui(0x0002, "1.2.840.10008.5.1.4.1.1.2") + ui(0x0010, syntax)
    return PREAMBLE + struct.pack("<HH2sHL", 2, 0, b"UL", 4, len(body)) + body


def nested(depth: int, *, undefined: bool) -> bytes:
    """An explicit VR sequence in a sequence in a sequence ..."""
    if undefined:
        opening = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
            "<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF
        )
        closing = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
        return opening * depth + closing * depth
    inner = b""
    for _ in range(depth):
        item = struct.pack("<HHL", 0xFFFE, 0xE000, len(inner)) + inner
        inner = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, len(item)) + item
    return inner


@pytest.mark.parametrize(
    ("depth", "undefined"), [(200, True), (400, True), (20_000, True), (33, True), (200, False), (2_000, False)]
)
def test_b001_deep_nesting_is_refused(tmp_path: Path, refused: Any, depth: int, undefined: bool) -> None:
    file = tmp_path / "deep.dcm"
    file.write_bytes(meta_bytes() + nested(depth, undefined=undefined))
    refused("DICOM_TOO_DEEP", r"more than 32 deep", lambda: read_ct_series(file))


def test_b001_thirty_levels_are_still_walked(tmp_path: Path) -> None:
    slices = ct_series()
    for one in slices:
        inner: Dataset = Dataset()
        for _ in range(30):
            outer = Dataset()
            outer.ReferencedImageSequence = Items([inner])
            inner = outer
        one.ReferencedImageSequence = inner.ReferencedImageSequence
    assert read_ct_series(write_series(slices, tmp_path / "ct")).volume.values.shape == (6, 16, 20)


def test_b002_a_length_beyond_the_file_is_refused_without_taking_it(
    tmp_path: Path, refused: Any, little_memory: None
) -> None:
    file = tmp_path / "long.dcm"
    file.write_bytes(meta_bytes() + struct.pack("<HH2sHL", 0x0009, 0x1001, b"OB", 0, 0xFFFFFFFE) + b"x" * 16)
    refused("DICOM_LENGTH_BEYOND_FILE", r"declares 4,294,967,294 bytes, only 16 are left", lambda: read_ct_series(file))


@pytest.mark.parametrize("keep", [0.2, 0.47, 0.9, 0.999])
def test_b002_a_file_cut_short_anywhere_is_refused(tmp_path: Path, refused: Any, keep: float) -> None:
    folder = write_series(ct_series(), tmp_path / "ct")
    victim = sorted(folder.iterdir())[2]
    victim.write_bytes(victim.read_bytes()[: int(victim.stat().st_size * keep)])
    refused("DICOM_LENGTH_BEYOND_FILE", r"copy it again", lambda: read_ct_series(folder))


def test_b004_a_deflated_bomb_stops_at_the_limit(tmp_path: Path, refused: Any, little_memory: None) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OW", 0, 200_000_000)) + packer.flush(
        zlib.Z_FULL_FLUSH
    )
    million = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = head + million * 200 + packer.flush()
    file = tmp_path / "bomb.dcm"
    file.write_bytes(meta_bytes("1.2.840.10008.1.2.1.99") + packed)
    assert file.stat().st_size < 250_000
    refused("UNPACKED_TOO_LARGE", r"unpacks to more than .* decompression bomb", lambda: read_ct_series(file))


def test_b004_a_deflated_ct_of_usual_size_is_read(tmp_path: Path) -> None:
    plain = read_ct_series(write_series(ct_series(), tmp_path / "plain"))
    folder = write_series(ct_series(), tmp_path / "ct", syntax="1.2.840.10008.1.2.1.99")
    np.testing.assert_array_equal(read_ct_series(folder).volume.values, plain.volume.values)


def broken_slice(tmp_path: Path, change: Callable[[Dataset], None]) -> Path:
    slices = ct_series()
    change(slices[3])
    return write_series(slices, tmp_path / "ct")


def test_b005_an_impossible_size_is_refused_by_arithmetic(tmp_path: Path, refused: Any, little_memory: None) -> None:
    def change(one: Dataset) -> None:
        one.Rows = one.Columns = 65535
        one.NumberOfFrames = 1000
        one.PixelData = b"\0" * 64

    refused(
        "IMAGE_TOO_LARGE",
        r"1000 x 65535 x 65535 = 4,294,836,225,000 voxels",
        lambda: read_ct_series(broken_slice(tmp_path, change)),
    )


def test_b005_too_few_pixels_for_the_size_are_refused(tmp_path: Path, refused: Any) -> None:
    def change(one: Dataset) -> None:
        one.PixelData = one.PixelData[:64]

    refused(
        "DICOM_PIXELS", r"64 bytes, 16 x 20 pixels need 640", lambda: read_ct_series(broken_slice(tmp_path, change))
    )


def test_b005_too_many_pixels_are_not_read_as_extra_frames(tmp_path: Path, refused: Any) -> None:
    def change(one: Dataset) -> None:
        one.PixelData = one.PixelData * 2

    refused("DICOM_PIXELS", r"1,280 bytes, .* need only 640", lambda: read_ct_series(broken_slice(tmp_path, change)))


@pytest.mark.parametrize(("photometric", "samples"), [("PALETTE COLOR", 1), ("RGB", 3), ("YBR_FULL", 3), ("", 1)])
def test_b007_colour_is_refused(tmp_path: Path, refused: Any, photometric: str, samples: int) -> None:
    def change(one: Dataset) -> None:
        one.PhotometricInterpretation = photometric
        one.SamplesPerPixel = samples
        one.PixelData = one.PixelData * samples

    refused("DICOM_PHOTOMETRIC", r"one grey channel", lambda: read_ct_series(broken_slice(tmp_path, change)))


@pytest.mark.parametrize("bits", [(8, 8, 7), (16, 12, 15), (16, 17, 16), (32, 32, 31)])
def test_b007_other_pixel_depths_are_refused(tmp_path: Path, refused: Any, bits: tuple[int, int, int]) -> None:
    def change(one: Dataset) -> None:
        one.BitsAllocated, one.BitsStored, one.HighBit = bits

    refused("DICOM_PHOTOMETRIC", r"BitsAllocated", lambda: read_ct_series(broken_slice(tmp_path, change)))


def compressed(tmp_path: Path, syntax: UID, fragment: bytes) -> Path:
    slices = ct_series()
    for one in slices:
        one.PixelData = encapsulate([fragment])
        one["PixelData"].VR = "OB"
        one["PixelData"].is_undefined_length = True
    return write_series(slices, tmp_path / "ct", syntax=syntax)


@pytest.mark.parametrize(
    ("syntax", "fragment"),
    [
        (RLELossless, struct.pack("<16L", 2, 64, 0xFFFFFFF0, *[0] * 13) + b"\x81" * 300),
        (RLELossless, b"\0\0"),
        (JPEG2000Lossless, b"\xff\x4f\xff\x51" + b"\xff" * 300),
    ],
)
def test_b008_crafted_compressed_pixels_end_only_their_own_process(
    tmp_path: Path, refused: Any, syntax: UID, fragment: bytes
) -> None:
    folder = compressed(tmp_path, syntax, fragment)
    refused("DICOM_PIXELS", r"cannot be decompressed", lambda: read_ct_series(folder))


def test_b008_a_fragment_longer_than_the_file_is_refused(tmp_path: Path, refused: Any) -> None:
    file = tmp_path / "fragment.dcm"
    pixels = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF) + struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    file.write_bytes(meta_bytes(RLELossless) + pixels + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFF0) + b"x" * 8)
    refused("DICOM_LENGTH_BEYOND_FILE", r"a fragment of compressed pixels declares", lambda: read_ct_series(file))


@pytest.mark.parametrize(
    ("syntax", "name"), [("1.2.840.10008.1.2.4.70", "JPEG Lossless"), ("1.2.840.10008.1.2.4.80", "JPEG-LS")]
)
def test_b008_a_compression_without_decoder_is_refused_by_name(
    tmp_path: Path, refused: Any, syntax: str, name: str
) -> None:
    folder = compressed(tmp_path, UID(syntax), b"\xff\xd8\xff\xd9")
    refused("DICOM_TRANSFER_SYNTAX", name, lambda: read_ct_series(folder))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.94", "1.2.3.4.5.6.7"])
def test_b008_video_remote_and_private_encodings_are_refused(tmp_path: Path, refused: Any, syntax: str) -> None:
    file = tmp_path / "odd.dcm"
    file.write_bytes(meta_bytes(syntax) + struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0))
    refused("DICOM_TRANSFER_SYNTAX", r"is not read", lambda: read_ct_series(file))


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        (b"PK\x03\x04", "zip"),
        (b"MZ\x90\0", "Windows"),
        (b"\x7fELF", "Linux"),
        (b"\xcf\xfa\xed\xfe", "macOS"),
        (b"<html>", "markup"),
    ],
)
def test_b009_an_executable_preamble_is_ignored_and_reported(tmp_path: Path, mark: bytes, kind: str) -> None:
    folder = write_series(ct_series(), tmp_path / "ct")
    victim = sorted(folder.iterdir())[0]
    content = bytearray(victim.read_bytes())
    content[: len(mark)] = mark
    victim.write_bytes(bytes(content))
    findings = {finding.code: finding for finding in read_ct_series(folder).report.findings}
    assert kind in findings["PREAMBLE_DISGUISE"].sentence
    assert findings["PREAMBLE_DISGUISE"].severity == "warning"


def dicomdir(folder: Path, target: str) -> Path:
    directory = Dataset()
    directory.SOPClassUID = "1.2.840.10008.1.3.10"
    directory.SOPInstanceUID = f"{SERIES_UID}.99"
    record = Dataset()
    with pydicom.config.disable_value_validation():
        record.ReferencedFileID = target.split("/")
        directory.DirectoryRecordSequence = Items([record])
        return write_dicom(directory, folder / "DICOMDIR")


def test_b011_a_dicomdir_is_never_followed(tmp_path: Path, refused: Any) -> None:
    write_series(ct_series(), tmp_path / "outside")
    (tmp_path / "set").mkdir()
    lone = dicomdir(tmp_path / "set", "../outside/0000.dcm")
    refused("NOT_DICOM", r"give the folder with the CT slices", lambda: read_ct_series(lone))
    refused("NOT_DICOM", r"give the folder with the CT slices", lambda: read_ct_series(tmp_path / "set"))


def test_b011_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = write_series(ct_series(), tmp_path / "outside")
    inside = write_series(ct_series(), tmp_path / "set")
    dicomdir(inside, "../outside/0000.dcm")
    (inside / "link.dcm").symlink_to(outside / "0000.dcm")
    report = read_ct_series(inside).report
    aside = next(finding for finding in report.findings if finding.code == "SET_ASIDE")
    assert "DICOMDIR" in aside.sentence
    assert "link.dcm" in aside.sentence
    assert report.facts["number_of_slices"] == 6


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n" + b"x" * 300, b"<html><body>login</body></html>", b"MZ" + b"\0" * 500, b""]
)
def test_b012_what_is_not_dicom_is_refused(tmp_path: Path, refused: Any, content: bytes) -> None:
    file = tmp_path / "scan.dcm"
    file.write_bytes(content)
    refused("NOT_DICOM", r'lacks the mark "DICM"', lambda: read_ct_series(file))


def test_b012_random_bytes_are_refused_with_and_without_the_mark(tmp_path: Path, refused: Any) -> None:
    noise = np.random.default_rng(12).bytes(500)
    file = tmp_path / "noise.dcm"
    file.write_bytes(noise)
    refused("NOT_DICOM", r"DICM", lambda: read_ct_series(file))
    file.write_bytes(PREAMBLE + noise)
    refused("DICOM_BROKEN", r"transfer syntax", lambda: read_ct_series(file))
    file.write_bytes(meta_bytes() + noise)
    refused("DICOM_BROKEN", r"no known value representation", lambda: read_ct_series(file))


def test_b012_a_pipe_does_not_hang(tmp_path: Path, refused: Any) -> None:
    pipe = tmp_path / "pipe.dcm"
    os.mkfifo(pipe)
    refused("UNREADABLE_FILE", r"not a plain file", lambda: read_ct_series(pipe))
