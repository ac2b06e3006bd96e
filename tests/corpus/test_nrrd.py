"""Row B049: NRRD and MetaImage files that are bombs, overflow, or do not say where left is."""

from __future__ import annotations

import bz2
import gzip
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from givre.adapters.nrrd import read_mha_image, read_mha_mask, read_nrrd_image, read_nrrd_mask
from givre.testing.dicom_files import small_ct_hu

HU = small_ct_hu()
NRRD = {
    "type": "short",
    "dimension": "3",
    "space": "left-posterior-superior",
    "sizes": "20 16 6",
    "space directions": "(1,0,0) (0,1,0) (0,0,2)",
    "kinds": "domain domain domain",
    "endian": "little",
    "encoding": "gzip",
    "space origin": "(-10,-8,100)",
    "space units": '"mm" "mm" "mm"',
}
MHA = {
    "ObjectType": "Image",
    "NDims": "3",
    "BinaryData": "True",
    "BinaryDataByteOrderMSB": "False",
    "CompressedData": "True",
    "TransformMatrix": "1 0 0 0 1 0 0 0 1",
    "Offset": "-10 -8 100",
    "CenterOfRotation": "0 0 0",
    "ElementSpacing": "1 1 2",
    "DimSize": "20 16 6",
    "ElementType": "MET_SHORT",
    "ElementDataFile": "LOCAL",
}


def nrrd_file(path: Path, data: bytes, **changes: str | None) -> Path:
    fields = {**NRRD, **{name.replace("_", " "): value for name, value in changes.items()}}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    path.write_bytes("\n".join(["NRRD0004", *lines, "", ""]).encode() + data)
    return path


def mha_file(path: Path, data: bytes, **changes: str | None) -> Path:
    fields = {**MHA, **changes}
    data_file = fields.pop("ElementDataFile")
    lines = [f"{name} = {value}" for name, value in fields.items() if value is not None]
    path.write_bytes("\n".join([*lines, f"ElementDataFile = {data_file}", ""]).encode() + data)
    return path


@pytest.mark.parametrize(("encoding", "pack"), [("raw", bytes), ("gzip", gzip.compress), ("bzip2", bz2.compress)])
def test_a_sound_nrrd_is_read(tmp_path: Path, encoding: str, pack: Any) -> None:
    image = read_nrrd_image(nrrd_file(tmp_path / "ct.nrrd", pack(HU.tobytes()), encoding=encoding))
    np.testing.assert_array_equal(image.volume.values, HU)
    assert image.volume.grid.spacing_mm == (2.0, 1.0, 1.0)
    assert image.volume.grid.origin_mm == (-10.0, -8.0, 100.0)


def test_an_nrrd_in_ras_lies_at_the_same_place(tmp_path: Path) -> None:
    lps = read_nrrd_image(nrrd_file(tmp_path / "lps.nrrd", gzip.compress(HU.tobytes())))
    ras_fields = {"space": "right-anterior-superior", "space directions": "(-1,0,0) (0,-1,0) (0,0,2)"}
    path = nrrd_file(tmp_path / "ras.nrrd", gzip.compress(HU.tobytes()), **ras_fields, space_origin="(10,8,100)")
    ras = read_nrrd_image(path)
    assert ras.volume.grid.matches(lps.volume.grid)
    np.testing.assert_array_equal(ras.volume.values, lps.volume.values)


@pytest.mark.parametrize("compressed", ["True", "False"])
def test_a_sound_mha_is_read(tmp_path: Path, compressed: str) -> None:
    data = zlib.compress(HU.tobytes()) if compressed == "True" else HU.tobytes()
    image = read_mha_image(mha_file(tmp_path / "ct.mha", data, CompressedData=compressed))
    np.testing.assert_array_equal(image.volume.values, HU)
    assert image.volume.grid.origin_mm == (-10.0, -8.0, 100.0)


def test_an_mhd_is_read_with_its_data_beside_it_and_nowhere_else(tmp_path: Path, refused: Any) -> None:
    (tmp_path / "ct.raw").write_bytes(HU.tobytes())
    image = read_mha_image(mha_file(tmp_path / "ct.mhd", b"", CompressedData="False", ElementDataFile="ct.raw"))
    np.testing.assert_array_equal(image.volume.values, HU)
    for outside in ("../ct.raw", "/etc/passwd", "LIST", "slice%03d.raw", "C:\\ct.raw", ".."):
        file = mha_file(tmp_path / "bad.mhd", b"", ElementDataFile=outside)
        refused("METAIMAGE_HEADER", r"same folder", lambda file=file: read_mha_image(file))
    (tmp_path / "link.raw").symlink_to("/etc/passwd")
    file = mha_file(tmp_path / "bad.mhd", b"", ElementDataFile="link.raw")
    refused("UNREADABLE_FILE", r"not a plain file", lambda: read_mha_image(file))


def test_b049_bombs_stop_at_what_the_header_promises(tmp_path: Path, refused: Any, little_memory: None) -> None:
    bomb = bytes(60_000_000)
    for encoding, pack in (("gzip", gzip.compress), ("bzip2", bz2.compress)):
        file = nrrd_file(tmp_path / "ct.nrrd", pack(bomb, 1), encoding=encoding)
        refused("FILE_SIZE_MISMATCH", r"decompression bomb", lambda file=file: read_nrrd_image(file))
    file = mha_file(tmp_path / "ct.mha", zlib.compress(bomb, 1))
    refused("FILE_SIZE_MISMATCH", r"decompression bomb", lambda: read_mha_image(file))


@pytest.mark.parametrize("sizes", ["2147483647 2147483647 2147483647", "4294967296 4294967296 1", "1000000 1000 1000"])
def test_b049_sizes_that_overflow_are_refused_by_arithmetic(
    tmp_path: Path, refused: Any, little_memory: None, sizes: str
) -> None:
    file = nrrd_file(tmp_path / "ct.nrrd", gzip.compress(HU.tobytes()), sizes=sizes)
    refused("IMAGE_TOO_LARGE", r"voxels; at most", lambda: read_nrrd_image(file))


def test_b049_a_size_the_file_cannot_hold_is_refused(tmp_path: Path, refused: Any, little_memory: None) -> None:
    file = nrrd_file(tmp_path / "ct.nrrd", gzip.compress(HU.tobytes()), sizes="512 512 1000")
    refused("FILE_SIZE_MISMATCH", r"more than .* packed bytes can hold", lambda: read_nrrd_image(file))
    file = mha_file(tmp_path / "ct.mha", zlib.compress(HU.tobytes()), DimSize="99999 99999 99999")
    refused("IMAGE_TOO_LARGE", r"DimSize", lambda: read_mha_image(file))


@pytest.mark.parametrize("keep", [0.5, 0.95])
def test_b049_voxels_cut_short_are_refused(tmp_path: Path, refused: Any, keep: float) -> None:
    packed = gzip.compress(HU.tobytes())
    file = nrrd_file(tmp_path / "ct.nrrd", packed[: int(len(packed) * keep)])
    refused("BROKEN_COMPRESSION", r"cut short", lambda: read_nrrd_image(file))
    file = nrrd_file(tmp_path / "ct.nrrd", HU.tobytes()[: int(HU.nbytes * keep)], encoding="raw")
    refused("FILE_SIZE_MISMATCH", r"cut short", lambda: read_nrrd_image(file))
    packed = zlib.compress(HU.tobytes())
    file = mha_file(tmp_path / "ct.mha", packed[: int(len(packed) * keep)])
    refused("BROKEN_COMPRESSION", r"cut short", lambda: read_mha_image(file))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"space": None}, "left and right are unknown"),
        ({"space": "scanner-xyz"}, "left and right are unknown"),
        ({"space directions": None}, "space directions"),
        ({"space directions": "(nan,0,0) (0,1,0) (0,0,2)"}, "space directions"),
        ({"space directions": "none (0,1,0) (0,0,2)"}, "space directions|parsed"),
        ({"space_origin": "(1,2)"}, "space origin"),
        ({"sizes": "20 16"}, "sizes|parsed"),
        ({"sizes": "20 -16 6"}, "sizes"),
        ({"dimension": "4"}, "dimension is 4"),
        ({"type": "block"}, "type is"),
        ({"encoding": "hex"}, "encoding is"),
        ({"endian": None}, "endian"),
        ({"space_units": '"cm" "cm" "cm"'}, "space units"),
        ({"data_file": "../secret.raw"}, "not followed"),
        ({"byte_skip": "10"}, "byte skip"),
    ],
)
def test_b049_an_nrrd_field_that_cannot_be_used_is_named(
    tmp_path: Path, refused: Any, changes: dict[str, Any], words: str
) -> None:
    file = nrrd_file(tmp_path / "ct.nrrd", gzip.compress(HU.tobytes()), **changes)
    refused("NRRD_HEADER", words, lambda: read_nrrd_image(file))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"TransformMatrix": None}, "transformmatrix"),
        ({"TransformMatrix": "1 0 0 0 1 0 0 0 nan"}, "transformmatrix"),
        ({"TransformMatrix": "2 0 0 0 1 0 0 0 1"}, "length"),
        ({"Offset": None}, "offset"),
        ({"ElementSpacing": "1 0 2"}, "ElementSpacing"),
        ({"ElementSpacing": "1,0 1,0 2,0"}, "elementspacing"),
        ({"DimSize": "20 16"}, "DimSize"),
        ({"DimSize": "20 -16 6"}, "DimSize"),
        ({"ElementType": "MET_SHORT_ARRAY"}, "ElementType"),
        ({"NDims": "4"}, "ndims"),
        ({"ElementNumberOfChannels": "3"}, "elementnumberofchannels"),
        ({"CenterOfRotation": "1 0 0"}, "CenterOfRotation"),
        ({"BinaryData": "False"}, "binarydata"),
    ],
)
def test_b049_a_metaimage_field_that_cannot_be_used_is_named(
    tmp_path: Path, refused: Any, changes: dict[str, Any], words: str
) -> None:
    file = mha_file(tmp_path / "ct.mha", zlib.compress(HU.tobytes()), **changes)
    refused("METAIMAGE_HEADER", words, lambda: read_mha_image(file))


def test_b049_what_is_neither_is_refused(tmp_path: Path, refused: Any) -> None:
    file = tmp_path / "x"
    for content in (b"", b"<html>", bytes(range(256)) * 300):
        file.write_bytes(content)
        refused("UNKNOWN_FORMAT", r"not an NRRD", lambda: read_nrrd_image(file))
        refused("UNKNOWN_FORMAT", r"not a MetaImage", lambda: read_mha_image(file))


def test_b049_voxels_that_are_not_finite_are_refused(tmp_path: Path, refused: Any) -> None:
    hu = HU.astype("<f4")
    hu[0, 0, 0] = np.nan
    file = nrrd_file(tmp_path / "ct.nrrd", gzip.compress(hu.tobytes()), type="float")
    refused("VOXELS_NOT_FINITE", r"1 of 1,920", lambda: read_nrrd_image(file))


def test_masks_from_nrrd_and_mha_lie_on_the_ct(tmp_path: Path) -> None:
    image = read_nrrd_image(nrrd_file(tmp_path / "ct.nrrd", gzip.compress(HU.tobytes())))
    bone = (HU > 600).astype(np.uint8).tobytes()
    nrrd_mask = read_nrrd_mask(
        nrrd_file(tmp_path / "m.nrrd", gzip.compress(bone), type="uchar", endian=None), name="bone", onto=image
    )
    mha_mask = read_mha_mask(
        mha_file(tmp_path / "m.mha", zlib.compress(bone), ElementType="MET_UCHAR"), name="bone", onto=image
    )
    np.testing.assert_array_equal(nrrd_mask.mask.inside, HU > 600)
    np.testing.assert_array_equal(mha_mask.mask.inside, HU > 600)
