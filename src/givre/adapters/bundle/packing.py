"""Write a bundle: the same case gives the same bytes, and a bundle is there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from givre.adapters.bundle.contents import BundleMember
from givre.adapters.bundle.manifest import (
    FORMAT_VERSION,
    MANIFEST_NAME,
    BundleManifest,
    InvalidBundle,
    ManifestEntry,
    is_safe_path,
    manifest_json,
)
from givre.foundation.errors import OutsideError

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""A zip stores a date; a fixed one makes the bytes depend on the content alone."""
_ALREADY_SMALL = (".gz", ".zip", ".png", ".pdf")
_PIECE_BYTES = 1 << 20


class CannotWriteBundle(OutsideError):
    """A bundle could not be put in place."""

    code = "CANNOT_WRITE"


def pack_bundle(
    target: Path,
    *,
    case_text: str,
    case_id: str,
    members: Sequence[BundleMember],
    givre_version: str,
    replace: bool = False,
) -> BundleManifest:
    """Write a bundle and return its manifest.

    Args:
        target: the .givre file.
        case_text: the case file as it reads inside the bundle.
        case_id: its pseudonymous id.
        members: the files, as `bundle_members` gives them.
        givre_version: recorded in the manifest.
        replace: whether an existing bundle may be replaced.

    Raises:
        InvalidBundle: when a file has a name that no bundle can hold.
        CannotWriteBundle: when the target exists or the disk refuses.
    """
    if target.exists() and not replace:
        raise CannotWriteBundle(f"{target.name} is already there; move it, or add --force to replace it")
    unsafe = [member.path for member in members if not is_safe_path(member.path)]
    if unsafe:
        raise InvalidBundle(f"file {unsafe[0]!r} has a name that no bundle can hold; rename it with plain letters")
    partial = target.with_name(f".{target.name}.partial-{os.getpid()}")
    try:
        manifest = _manifest(case_text, case_id, members, givre_version)
        with partial.open("wb") as stream:
            _write(stream, manifest, case_text, members)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(target)
    except OSError as error:
        raise CannotWriteBundle(
            f"{target.name} cannot be written ({error.strerror or error}); check the folder and the disk"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _manifest(case_text: str, case_id: str, members: Sequence[BundleMember], givre_version: str) -> BundleManifest:
    case = case_text.encode("utf-8")
    entries = [ManifestEntry(path="case.toml", size_bytes=len(case), sha256=hashlib.sha256(case).hexdigest())]
    for member in sorted(members, key=lambda member: member.path):
        with member.source.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = member.source.stat().st_size
        entries.append(ManifestEntry(path=member.path, size_bytes=size, sha256=digest))
    return BundleManifest(version=FORMAT_VERSION, givre_version=givre_version, case_id=case_id, entries=tuple(entries))


def _write(stream: BinaryIO, manifest: BundleManifest, case_text: str, members: Sequence[BundleMember]) -> None:
    sources = {member.path: member.source for member in members}
    with zipfile.ZipFile(stream, "w", allowZip64=True) as archive:
        archive.writestr(_info(MANIFEST_NAME), manifest_json(manifest))
        for entry in manifest.entries:
            if entry.path == "case.toml":
                archive.writestr(_info(entry.path), case_text)
            else:
                _add(archive, entry, sources[entry.path])


def _add(archive: zipfile.ZipFile, entry: ManifestEntry, source: Path) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as stream, archive.open(_info(entry.path), "w", force_zip64=True) as packed:
        while piece := stream.read(_PIECE_BYTES):
            digest.update(piece)
            packed.write(piece)
    if digest.hexdigest() != entry.sha256:
        raise CannotWriteBundle(f"{source.name} changed while it was packed; close what writes it and pack again")


def _info(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, date_time=_FIXED_TIME)
    info.compress_type = zipfile.ZIP_STORED if path.endswith(_ALREADY_SMALL) else zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix on every machine: the value is part of the bytes
    info.external_attr = 0o100644 << 16
    return info
