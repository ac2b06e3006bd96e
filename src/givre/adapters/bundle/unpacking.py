"""Open a bundle from anywhere: nothing leaves its folder, nothing is larger than it says, nothing has changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from givre.adapters.bundle.manifest import (
    LARGEST_MANIFEST_BYTES,
    MANIFEST_NAME,
    MOST_FILES,
    BundleManifest,
    InvalidBundle,
    ManifestEntry,
    is_safe_path,
    parse_manifest,
)
from givre.adapters.bundle.packing import CannotWriteBundle

_PIECE_BYTES = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


def verify_bundle(path: Path) -> BundleManifest:
    """Check every name, size and hash of a bundle without writing anything.

    Raises:
        InvalidBundle: with the first fault found.
    """
    with _opened(path) as (archive, members):
        manifest = _read_manifest(archive, members, path.name)
        for entry in manifest.entries:
            _copy(archive, members[entry.path], entry, None, path.name)
    return manifest


def unpack_bundle(path: Path, target: Path) -> BundleManifest:
    """Unpack a bundle into a new folder, whole or not at all.

    Raises:
        InvalidBundle: with the first fault found; nothing is left behind.
        CannotWriteBundle: when the target is there already or the disk refuses.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CannotWriteBundle(f"{target.name} is already there and not empty; give a new folder")
    with _opened(path) as (archive, members):
        manifest = _read_manifest(archive, members, path.name)
        try:
            _unpack(archive, members, manifest, target, path.name)
        except OSError as error:
            raise CannotWriteBundle(
                f"{target.name} cannot be written ({error.strerror or error}); check the folder and the disk"
            ) from error
    return manifest


def _unpack(
    archive: zipfile.ZipFile,
    members: Mapping[str, zipfile.ZipInfo],
    manifest: BundleManifest,
    target: Path,
    bundle_name: str,
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if manifest.size_bytes > free:
        raise CannotWriteBundle(
            f"{bundle_name} needs {manifest.size_bytes / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; make room"
        )
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.partial-", dir=target.parent))
    try:
        for entry in manifest.entries:
            file = partial / entry.path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as stream:
                _copy(archive, members[entry.path], entry, stream, bundle_name)
                stream.flush()
                os.fsync(stream.fileno())
        partial.chmod(0o755)
        partial.replace(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Mapping[str, zipfile.ZipInfo]]]:
    """The archive and its members by name, once every header has been found harmless."""
    if not path.is_file():
        raise InvalidBundle(f"{path.name}: there is no such file; give the path of a .givre bundle")
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _checked_members(archive, path.name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise InvalidBundle(f"{path.name}: is not a whole zip file ({error}); ask for the bundle again") from error


def _checked_members(archive: zipfile.ZipFile, bundle_name: str) -> Mapping[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MOST_FILES + 1:
        raise InvalidBundle(f"{bundle_name}: holds {len(infos)} files, the most allowed is {MOST_FILES}")
    for info in infos:
        fault = _fault(info)
        if fault:
            raise InvalidBundle(f"{bundle_name}: entry {info.orig_filename!r} {fault}; the bundle is refused")
    if len({info.filename.lower() for info in infos}) != len(infos):
        raise InvalidBundle(f"{bundle_name}: holds two entries of the same name; the bundle is refused")
    return {info.filename: info for info in infos}


def _fault(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    faults = {
        "could lead outside the folder": not is_safe_path(info.filename) or info.filename != info.orig_filename,
        "is not a plain file (a link or a device)": kind not in (0, stat.S_IFREG),
        "is encrypted": bool(info.flag_bits & _ENCRYPTED),
        "uses an unusual compression": info.compress_type not in _METHODS,
    }
    return next((fault for fault, found in faults.items() if found), "")


def _read_manifest(
    archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], bundle_name: str
) -> BundleManifest:
    if MANIFEST_NAME not in members:
        raise InvalidBundle(f"{bundle_name}: has no {MANIFEST_NAME}; it is not a givre bundle")
    with archive.open(members[MANIFEST_NAME]) as stream:
        raw = stream.read(LARGEST_MANIFEST_BYTES + 1)
    if len(raw) > LARGEST_MANIFEST_BYTES:
        raise InvalidBundle(
            f"{bundle_name}: its manifest is larger than {LARGEST_MANIFEST_BYTES // 1024**2} MB; refused"
        )
    manifest = parse_manifest(raw, bundle_name=bundle_name)
    listed = {entry.path for entry in manifest.entries}
    missing, extra = sorted(listed - set(members)), sorted(set(members) - listed - {MANIFEST_NAME})
    if missing or extra:
        what = f"{missing[0]} is listed and absent" if missing else f"{extra[0]} is present and not listed"
        raise InvalidBundle(f"{bundle_name}: {what}; the bundle is refused")
    if "case.toml" not in listed:
        raise InvalidBundle(f"{bundle_name}: holds no case.toml; the bundle is refused")
    return manifest


def _copy(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, entry: ManifestEntry, into: BinaryIO | None, bundle_name: str
) -> None:
    """Unpack one file, counting: the sizes written in the zip are not believed."""
    digest, count = hashlib.sha256(), 0
    if info.file_size != entry.size_bytes:
        raise InvalidBundle(
            f"{bundle_name}: {entry.path} is said to be {entry.size_bytes} bytes by the manifest "
            f"and {info.file_size} by the zip; the bundle is refused"
        )
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE_BYTES):
            count += len(piece)
            if count > entry.size_bytes:
                break
            digest.update(piece)
            if into is not None:
                into.write(piece)
    if count != entry.size_bytes:
        raise InvalidBundle(f"{bundle_name}: {entry.path} does not hold the {entry.size_bytes} bytes it says; refused")
    if digest.hexdigest() != entry.sha256:
        raise InvalidBundle(f"{bundle_name}: {entry.path} is not what was packed (sha256 differs); ask for it again")
