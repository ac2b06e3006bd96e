"""A bundle travels whole, and a bundle from a stranger does no harm."""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from givre.adapters.bundle import (
    InvalidBundle,
    bundle_members,
    pack_bundle,
    unpack_bundle,
    verify_bundle,
)
from givre.adapters.bundle.packing import CannotWriteBundle
from givre.adapters.casefile import parse_case, read_case, render_case
from givre.case.description import CaseDescription

CASE = """\
givre_case = 1
[case]
id = "L3-01"
title = "L3"
anatomy = "L3"
lesion_kind = "lytic"
[image]
path = "scan"
[[structures]]
name = "tumour"
path = "masks/Jean-Dupont.nii.gz"
labels = [1]
[[structures]]
name = "moelle épinière"
path = "masks/Jean-Dupont.nii.gz"
labels = [2]
[[probes]]
label = "P1"
model = "icesphere"
entry_mm = [0, 90, 0]
target_mm = [0, 0, 0]
[protocol]
template = "10-8-10"
[goals]
lethal_temp_c = -40
margin_mm = 5
coverage = 0.95
source = "board"
status = "assumption"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    (folder / "scan").mkdir(parents=True)
    (folder / "masks").mkdir()
    for number in range(3):
        (folder / "scan" / f"IM{number}.dcm").write_bytes(bytes([number]) * 4000)
    (folder / "masks" / "Jean-Dupont.nii.gz").write_bytes(b"mask")
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    return folder


def _pack(folder: Path, target: Path, results: Path | None = None) -> CaseDescription:
    inside, members = bundle_members(read_case(folder), folder, results=results)
    pack_bundle(target, case_text=render_case(inside), case_id=inside.case_id, members=members, givre_version="0.1.0")
    return inside


def test_a_packed_case_unpacks_to_the_same_files_and_a_case_that_finds_them(folder: Path, tmp_path: Path) -> None:
    inside = _pack(folder, tmp_path / "a.givre")
    unpack_bundle(tmp_path / "a.givre", tmp_path / "out")
    case = read_case(tmp_path / "out")
    assert case == inside
    assert sorted((tmp_path / "out" / case.image.path).iterdir())[2].read_bytes() == b"\2" * 4000
    assert {(tmp_path / "out" / structure.path).read_bytes() for structure in case.structures} == {b"mask"}
    assert [structure.labels for structure in case.structures] == [(1,), (2,)]


def test_file_names_that_may_name_a_patient_do_not_travel(folder: Path, tmp_path: Path) -> None:
    _pack(folder, tmp_path / "a.givre")
    assert b"Dupont" not in (tmp_path / "a.givre").read_bytes()


def test_the_same_case_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    _pack(folder, tmp_path / "a.givre")
    (folder / "masks" / "Jean-Dupont.nii.gz").touch()
    _pack(folder, tmp_path / "b.givre")
    assert (tmp_path / "a.givre").read_bytes() == (tmp_path / "b.givre").read_bytes()


def test_results_travel_along_when_asked(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "r" / "fields").mkdir(parents=True)
    (tmp_path / "r" / "fields" / "coldest_c.nii.gz").write_bytes(b"field")
    _pack(folder, tmp_path / "a.givre", results=tmp_path / "r")
    unpack_bundle(tmp_path / "a.givre", tmp_path / "out")
    assert (tmp_path / "out" / "results" / "fields" / "coldest_c.nii.gz").read_bytes() == b"field"


def test_a_missing_file_is_named_before_anything_is_written(folder: Path, tmp_path: Path) -> None:
    (folder / "masks" / "Jean-Dupont.nii.gz").unlink()
    with pytest.raises(InvalidBundle, match="it is not there; correct the case file"):
        _pack(folder, tmp_path / "a.givre")
    assert [path.name for path in tmp_path.iterdir()] == ["case"]


def test_an_existing_bundle_is_kept_unless_asked(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.givre").write_bytes(b"mine")
    with pytest.raises(CannotWriteBundle, match="already there"):
        _pack(folder, tmp_path / "a.givre")
    assert (tmp_path / "a.givre").read_bytes() == b"mine"


def test_a_folder_with_content_is_never_unpacked_over(folder: Path, tmp_path: Path) -> None:
    _pack(folder, tmp_path / "a.givre")
    with pytest.raises(CannotWriteBundle, match="not empty"):
        unpack_bundle(tmp_path / "a.givre", folder)


def _manifest(packed: dict[str, bytes], **changes: object) -> bytes:
    listed = [
        {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in packed.items()
    ]
    document = {
        "format": "givre-bundle",
        "format_version": "1.0",
        "givre_version": "0.1.0",
        "case_id": "c",
        "files": listed,
    }
    return json.dumps(document | changes).encode()


def _bundle(
    path: Path,
    files: dict[str, bytes],
    manifest: bytes | None = None,
    *,
    extra: Sequence[tuple[zipfile.ZipInfo, bytes]] = (),
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", manifest if manifest is not None else _manifest(files))
        for name, content in files.items():
            archive.writestr(name, content)
        for info, content in extra:
            archive.writestr(info, content)
    return path


GOOD = {"case.toml": b"givre_case = 1\n", "files/ct.nii.gz": b"ct" * 100}


def test_a_hand_made_bundle_of_a_newer_minor_version_opens(tmp_path: Path) -> None:
    path = _bundle(tmp_path / "a.givre", GOOD, _manifest(GOOD, format_version="1.7", novelty="kept aside"))
    assert verify_bundle(path).version == (1, 7)


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "C:\\evil", "..\\evil", "a//b", "./a", "a/.", "é", "a\nb", "x" * 300]
)
def test_a_name_that_could_lead_outside_is_refused_in_the_zip_and_in_the_manifest(tmp_path: Path, name: str) -> None:
    hidden = _bundle(tmp_path / "a.givre", GOOD, extra=[(zipfile.ZipInfo(name), b"x")])
    with pytest.raises(InvalidBundle, match="could lead outside"):
        unpack_bundle(hidden, tmp_path / "out")
    listed = _bundle(tmp_path / "b.givre", GOOD, _manifest(GOOD | {name: b"x"}))
    with pytest.raises(InvalidBundle, match="could lead outside"):
        unpack_bundle(listed, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "evil").exists()


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("files/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = _bundle(tmp_path / "a.givre", GOOD, extra=[(link, b"/etc/passwd")])
    with pytest.raises(InvalidBundle, match="not a plain file"):
        unpack_bundle(path, tmp_path / "out")


def test_a_size_that_lies_stops_at_the_size_it_said(tmp_path: Path) -> None:
    content = b"\0" * 5_000_000
    path = _bundle(tmp_path / "a.givre", GOOD | {"files/bomb": content})
    raw = bytearray(path.read_bytes())
    lie = struct.pack("<I", 10)
    honest = struct.pack("<I", len(content))
    assert raw.count(honest) == 2
    path.write_bytes(bytes(raw).replace(honest, lie))
    with pytest.raises(InvalidBundle, match="bytes by the manifest and 10 by the zip"):
        verify_bundle(path)
    said_ten = _manifest(GOOD | {"files/bomb": content[:10]})
    _bundle(path, GOOD | {"files/bomb": content}, said_ten)
    path.write_bytes(path.read_bytes().replace(honest, lie))
    with pytest.raises(InvalidBundle, match="not a whole zip|does not hold|sha256 differs"):
        unpack_bundle(path, tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["a.givre"]


Change = Callable[[dict[str, bytes]], bytes]


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (lambda files: _manifest(files, format_version="2.0"), "format 2.0, this givre reads 1.x; update givre"),
        (lambda files: _manifest(files, format_version=1), "no format version"),
        (lambda files: _manifest(files, format="other"), "not a givre bundle"),
        (lambda files: _manifest(files, files=[]), "must list 1 to"),
        (lambda files: _manifest(files, files=[{"path": "a", "bytes": True, "sha256": "0" * 64}]), "no possible size"),
        (lambda files: _manifest(files, files=[{"path": "a", "bytes": 1, "sha256": "Z" * 64}]), "no sha256"),
        (lambda files: _manifest(files | {"case.toml": b"changed content"}), "case.toml is not what was packed"),
        (lambda files: _manifest(files | {"absent": b""}), "absent is listed and absent"),
        (lambda files: _manifest({"case.toml": files["case.toml"]}), "present and not listed"),
        (lambda files: _manifest(files | {"files": b""}), "as a file and as a folder"),
        (lambda files: _manifest(files | {"CASE.toml": b""}), "one path twice"),
        (lambda files: b"not json", "not valid JSON"),
        (lambda files: b"[" * 100_000, "not valid JSON"),
        (lambda files: b'{"format": "givre-bundle", "format": "x"}', "not valid JSON"),
        (lambda files: b'{"format": NaN}', "not valid JSON"),
        (lambda files: b"\xff", "not valid JSON"),
        (lambda files: b"[]", "not a JSON object"),
        (lambda files: _manifest(files, case_id="\x1b[31m"), "no case_id"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused_with_its_fault(tmp_path: Path, manifest: Change, words: str) -> None:
    path = _bundle(tmp_path / "a.givre", GOOD, manifest(GOOD))
    with pytest.raises(InvalidBundle, match=words):
        unpack_bundle(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    path = _bundle(tmp_path / "a.givre", GOOD, extra=[(zipfile.ZipInfo("Case.toml"), b"x")])
    with pytest.raises(InvalidBundle, match="two entries of the same name"):
        verify_bundle(path)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = _bundle(tmp_path / "a.givre", GOOD)
    raw = bytearray(path.read_bytes())
    central = raw.rfind(b"PK\x01\x02")
    raw[central + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(InvalidBundle, match="is encrypted"):
        verify_bundle(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_bundle_is_refused_or_still_whole(tmp_path: Path, where: float, byte: int, cut: bool) -> None:
    path = _bundle(tmp_path / "a.givre", GOOD)
    raw = bytearray(path.read_bytes())
    position = int(where * (len(raw) - 1))
    if cut:
        raw = raw[:position]
    else:
        raw[position] = byte
    path.write_bytes(raw)
    try:
        manifest = verify_bundle(path)
    except InvalidBundle:
        return
    assert [entry.sha256 for entry in manifest.entries] == [hashlib.sha256(x).hexdigest() for x in GOOD.values()]


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.givre").write_bytes(b"plain text")
    with pytest.raises(InvalidBundle, match="not a whole zip file"):
        verify_bundle(tmp_path / "a.givre")
    with pytest.raises(InvalidBundle, match="no such file"):
        verify_bundle(tmp_path / "b.givre")


def test_a_case_inside_a_bundle_is_read_by_the_same_strict_reader(folder: Path, tmp_path: Path) -> None:
    _pack(folder, tmp_path / "a.givre")
    with zipfile.ZipFile(tmp_path / "a.givre") as archive:
        assert parse_case(archive.read("case.toml").decode()).case_id == "L3-01"
