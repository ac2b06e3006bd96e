"""A hash over everything that decides the figures of the verification page: the page is stale when it differs."""

from __future__ import annotations

import hashlib
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
"""The folder of the package givre."""

SOURCES = ("bioheat", "verification", "tissue", "cryoprobe")
"""Packages whose code and tables decide the figures."""

_ENDINGS = {".py", ".csv", ".toml", ".json"}


def sources_sha256(house: Path = HOUSE) -> str:
    """SHA-256 over names and content of the sources, line ends made equal, hexadecimal.

    Args:
        house: the folder of the package givre.
    """
    digest = hashlib.sha256()
    files = sorted(
        (path.relative_to(house).as_posix(), path)
        for package in SOURCES
        for path in (house / package).rglob("*")
        if path.is_file() and path.suffix in _ENDINGS
    )
    for name, path in files:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
