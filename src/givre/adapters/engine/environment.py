"""What computes here, in versions: two machines give the same figures only when these agree."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from importlib.resources.abc import Traversable

_COMPUTING = ("givre", "numba", "llvmlite", "numpy", "scipy", "scikit-image")
SOURCES = "givre sources"

Versions = dict[str, str]
"""Version by name, Python and the sources of givre included."""


@cache
def versions_here() -> Versions:
    """Versions of what computes in this process.

    >>> sorted(versions_here())
    ['givre', 'givre sources', 'llvmlite', 'numba', 'numpy', 'python', 'scikit-image', 'scipy']
    """
    found = {name: _version(name) for name in _COMPUTING}
    return found | {"python": f"{sys.version_info.major}.{sys.version_info.minor}", SOURCES: _sources()}


def differences(here: Versions, there: Versions) -> str:
    """Where two environments differ, in words; empty when they agree.

    >>> differences({"numba": "0.66.0", "numpy": "2.4"}, {"numba": "0.61.2", "numpy": "2.4"})
    'numba 0.61.2 (here 0.66.0)'
    """
    unequal = [name for name in here if here[name] != there.get(name)]
    if unequal == [SOURCES]:
        return f"other sources of givre under the same version {here['givre']}"
    return ", ".join(f"{name} {there.get(name) or 'absent'} (here {here[name]})" for name in unequal if name != SOURCES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _sources() -> str:
    """A hash of every module and table of givre: a development tree keeps its version while its physics move."""
    digest = hashlib.sha256()
    _add(resources.files("givre"), digest)
    return digest.hexdigest()[:16]


def _add(folder: Traversable, digest: hashlib._Hash) -> None:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir() and entry.name != "__pycache__":
            _add(entry, digest)
        elif entry.name.endswith((".py", ".csv", ".toml", ".json")):
            digest.update(entry.name.encode())
            digest.update(entry.read_bytes().replace(b"\r\n", b"\n"))
