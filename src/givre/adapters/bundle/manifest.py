"""The list of what a bundle holds, with the size and hash of each file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from givre.foundation.errors import InputError

FORMAT = "givre-bundle"
FORMAT_VERSION = (1, 0)
"""A change of the first number means that an older givre cannot read the bundle."""
MANIFEST_NAME = "manifest.json"
LARGEST_MANIFEST_BYTES = 16 * 1024**2
MOST_FILES = 50_000
LARGEST_UNPACKED_BYTES = 32 * 1024**3
"""A 600-slice CT is 0.3 GB; a bundle with fields and dossier stays under 2 GB."""
_LONGEST_PATH = 240


class InvalidBundle(InputError):
    """A bundle that is damaged, dangerous or not a bundle."""

    code = "INVALID_BUNDLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One file of a bundle.

    Attributes:
        path: inside the bundle, with forward slashes.
        size_bytes: unpacked size.
        sha256: hash of the unpacked content.
    """

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleManifest:
    """What a bundle says it holds.

    Attributes:
        version: format version (major, minor).
        givre_version: the givre that packed it.
        case_id: pseudonymous id of the case.
        entries: every file but the manifest itself.
    """

    version: tuple[int, int]
    givre_version: str
    case_id: str
    entries: tuple[ManifestEntry, ...]

    @property
    def size_bytes(self) -> int:
        """Unpacked size of all files together."""
        return sum(entry.size_bytes for entry in self.entries)


def is_safe_path(path: str) -> bool:
    r"""Whether a name can only lead to a place inside the folder it is unpacked in.

    >>> is_safe_path("files/ct.nii.gz"), is_safe_path("../ct"), is_safe_path("C:\\ct"), is_safe_path("/ct")
    (True, False, False, False)
    """
    parts = path.split("/")
    plain = all(re.fullmatch(r"[A-Za-z0-9_.+ -]{1,120}", part) for part in parts)
    return (
        plain and not any(part.strip(". ") == "" or part[-1] in ". " for part in parts) and len(path) <= _LONGEST_PATH
    )


def manifest_json(manifest: BundleManifest) -> str:
    """The manifest as it is written in the bundle."""
    document = {
        "format": FORMAT,
        "format_version": f"{manifest.version[0]}.{manifest.version[1]}",
        "givre_version": manifest.givre_version,
        "case_id": manifest.case_id,
        "notice": "Research use, not a medical device.",
        "files": [
            {"path": entry.path, "bytes": entry.size_bytes, "sha256": entry.sha256} for entry in manifest.entries
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def parse_manifest(raw: bytes, *, bundle_name: str) -> BundleManifest:
    """Read a manifest strictly.

    Raises:
        InvalidBundle: when it is not JSON, of a newer major version, or holds an unsafe path or an impossible size.
    """
    document = _load(raw, bundle_name)
    if document.get("format") != FORMAT:
        raise InvalidBundle(f"{bundle_name}: is not a givre bundle; its manifest names another format")
    version = _version(document.get("format_version"), bundle_name)
    entries = tuple(_entry(item, bundle_name) for item in _list(document.get("files"), bundle_name))
    _refuse_repeats([entry.path for entry in entries], bundle_name)
    manifest = BundleManifest(
        version=version,
        givre_version=_short_text(document.get("givre_version"), "givre_version", bundle_name),
        case_id=_short_text(document.get("case_id"), "case_id", bundle_name),
        entries=entries,
    )
    if manifest.size_bytes > LARGEST_UNPACKED_BYTES:
        raise InvalidBundle(
            f"{bundle_name}: holds {manifest.size_bytes / 1024**3:.1f} GB unpacked, "
            f"the most allowed is {LARGEST_UNPACKED_BYTES // 1024**3} GB"
        )
    return manifest


def _load(raw: bytes, bundle_name: str) -> dict[str, object]:
    try:
        document = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise InvalidBundle(f"{bundle_name}: its manifest is not valid JSON; ask for the bundle again") from error
    if not isinstance(document, dict):
        raise InvalidBundle(f"{bundle_name}: its manifest is not a JSON object; ask for the bundle again")
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number JSON allows")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is written twice")
    return dict(pairs)


def _version(value: object, bundle_name: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,4})\.(\d{1,4})", value) if isinstance(value, str) else None
    if not found:
        raise InvalidBundle(f"{bundle_name}: its manifest gives no format version like 1.0; ask for the bundle again")
    version = (int(found[1]), int(found[2]))
    if version[0] > FORMAT_VERSION[0]:
        raise InvalidBundle(
            f"{bundle_name}: is of format {value}, this givre reads {FORMAT_VERSION[0]}.x; update givre to open it"
        )
    return version


def _list(value: object, bundle_name: str) -> Sequence[object]:
    if not isinstance(value, list) or not value or len(value) > MOST_FILES:
        raise InvalidBundle(f"{bundle_name}: its manifest must list 1 to {MOST_FILES} files; ask for the bundle again")
    return value


def _entry(item: object, bundle_name: str) -> ManifestEntry:
    if not isinstance(item, dict):
        raise InvalidBundle(f"{bundle_name}: its manifest lists something that is not a file; ask for the bundle again")
    path, size, digest = item.get("path"), item.get("bytes"), item.get("sha256")
    if not isinstance(path, str) or not is_safe_path(path) or path.lower() == MANIFEST_NAME:
        raise InvalidBundle(f"{bundle_name}: its manifest names the path {path!r}, which could lead outside; refused")
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= LARGEST_UNPACKED_BYTES:
        raise InvalidBundle(f"{bundle_name}: its manifest gives no possible size for {path}; ask for the bundle again")
    if not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise InvalidBundle(f"{bundle_name}: its manifest gives no sha256 for {path}; ask for the bundle again")
    return ManifestEntry(path=path, size_bytes=size, sha256=digest)


def _refuse_repeats(paths: Sequence[str], bundle_name: str) -> None:
    folded = {path.lower() for path in paths}
    if len(folded) != len(paths):
        raise InvalidBundle(f"{bundle_name}: its manifest names one path twice; ask for the bundle again")
    parents = {path.rsplit("/", depth)[0].lower() for path in paths for depth in range(1, path.count("/") + 1)}
    if parents & folded:
        raise InvalidBundle(f"{bundle_name}: its manifest uses one name as a file and as a folder; refused")


def _short_text(value: object, key: str, bundle_name: str) -> str:
    if not isinstance(value, str) or len(value) > 64 or not value.isprintable():
        raise InvalidBundle(f"{bundle_name}: its manifest gives no {key} of at most 64 characters")
    return value
