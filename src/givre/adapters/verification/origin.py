"""With what, when and on which machine the figures were made."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from givre.adapters.verification.fingerprint import sources_sha256

_LIBRARIES = ("numpy", "scipy", "numba")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where figures come from.

    Attributes:
        version: of givre.
        sources_sha256: hash of the sources that decide the figures.
        made_on: date, ISO.
        processor: its name.
        cores: how many the machine has.
        threads: how many were used.
        memory_gib: of the machine.
        system: operating system and architecture.
        libraries: names and versions.
        is_complete: whether every card of the registry was run.
    """

    version: str
    sources_sha256: str
    made_on: str
    processor: str
    cores: int
    threads: int
    memory_gib: float
    system: str
    libraries: str
    is_complete: bool


def this_machine(*, threads: int, is_complete: bool) -> Origin:
    """Now, here, with the code as it is."""
    libraries = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _LIBRARIES)]
    return Origin(
        version=_own_version(),
        sources_sha256=sources_sha256(),
        made_on=datetime.now(UTC).date().isoformat(),
        processor=_processor(),
        cores=os.cpu_count() or 0,
        threads=threads,
        memory_gib=_memory_gib(),
        system=f"{platform.system()} {platform.machine()}",
        libraries=", ".join(libraries),
        is_complete=is_complete,
    )


def _own_version() -> str:
    try:
        return version("givre")
    except PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        for line in cpu_info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _memory_gib() -> float:
    if not hasattr(os, "sysconf"):
        return 0.0
    return float(round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1))
