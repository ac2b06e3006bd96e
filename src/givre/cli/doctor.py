"""What givre needs of a machine, and what this one has."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_NEEDED = ("numpy", "scipy", "numba", "scikit-image", "pydicom", "nibabel", "pynrrd", "typer", "rich")
_FOR_THE_DOSSIER = ("matplotlib", "typst", "jinja2")
_OUTSIDE_TOOLS = ("dciodvfy", "dcmdump", "nvidia-smi")
_LEAST_MEMORY_GB = 3.0
_LEAST_DISK_GB = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at.

    Attributes:
        name: what was looked at.
        is_good: whether it is as givre needs it.
        found: what this machine has.
        wanted: what givre needs.
        is_optional: whether givre works without.
    """

    name: str
    is_good: bool
    found: str
    wanted: str
    is_optional: bool = False

    @property
    def verdict(self) -> str:
        """good, bad or optional."""
        return "good" if self.is_good else "optional" if self.is_optional else "bad"

    def as_json(self) -> dict[str, object]:
        """The check as plain values."""
        return {**asdict(self), "verdict": self.verdict}


def examine_machine() -> tuple[Check, ...]:
    """Every check, in the order a person would want to read them."""
    return (
        _python(),
        *_packages(("givre", *_NEEDED), is_optional=False),
        *_packages(_FOR_THE_DOSSIER, is_optional=True),
        _processors(),
        _memory(),
        _disk(),
        *(_tool(name) for name in _OUTSIDE_TOOLS),
    )


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Check(name="python", is_good=sys.version_info >= (3, 11), found=found, wanted="3.11 or later")


def _packages(names: Iterable[str], *, is_optional: bool) -> Iterable[Check]:
    for name in names:
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        wanted = "for the dossier: pip install givre[report]" if is_optional else "installed"
        yield Check(name=name, is_good=bool(found), found=found or "–", wanted=wanted, is_optional=is_optional)


def _processors() -> Check:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check(name="processors", is_good=count >= 1, found=str(count), wanted="2 or more go faster")


def _memory() -> Check:
    free_gb = _available_memory_gb()
    wanted = f"{_LEAST_MEMORY_GB:g} GB free"
    if free_gb is None:
        return Check(name="memory", is_good=True, found="unknown", wanted=wanted)
    return Check(name="memory", is_good=free_gb >= _LEAST_MEMORY_GB, found=f"{free_gb:.1f} GB free", wanted=wanted)


def _available_memory_gb() -> float | None:
    information = Path("/proc/meminfo")
    if not information.exists():
        return None
    for line in information.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) / 1024**2
    return None


def _disk() -> Check:
    free_gb = shutil.disk_usage(Path.cwd()).free / 1024**3
    wanted = f"{_LEAST_DISK_GB:g} GB free here"
    return Check(name="disk", is_good=free_gb >= _LEAST_DISK_GB, found=f"{free_gb:.1f} GB free", wanted=wanted)


def _tool(name: str) -> Check:
    purposes = {
        "nvidia-smi": "a graphics card, not used yet",
        "dciodvfy": "checks DICOM files",
        "dcmdump": "shows DICOM files",
    }
    found = shutil.which(name) is not None
    return Check(name=name, is_good=found, found="present" if found else "–", wanted=purposes[name], is_optional=True)
