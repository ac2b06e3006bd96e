"""One measured figure, its limit, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One figure.

    Attributes:
        name: what was measured.
        value: the figure.
        unit: its unit.
        limit: what it must stay under, NaN when nothing was promised.
        note: how it was measured.
    """

    name: str
    value: float
    unit: str
    limit: float = float("nan")
    note: str = ""

    @property
    def is_within_limit(self) -> bool:
        """Whether the promise is kept; true when nothing was promised."""
        return not self.value > self.limit


def machine() -> dict[str, str | int | float]:
    """The machine in words, so that a figure is never read without it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0.0
    return {
        "processor": _processor_name(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor_name() -> str:
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        for line in cpu_info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def as_markdown(measurements: list[Measurement]) -> str:
    """The figures as a table, under the name of the machine."""
    lines = [", ".join(f"{name} {value}" for name, value in machine().items()), ""]
    lines += ["| what | measured | limit | how |", "|---|---|---|---|"]
    for figure in measurements:
        limit = f"{figure.limit:g} {figure.unit}" if figure.limit == figure.limit else "none"
        mark = "" if figure.is_within_limit else " (over)"
        lines.append(f"| {figure.name} | {figure.value:.4g} {figure.unit}{mark} | {limit} | {figure.note} |")
    return "\n".join(lines)


def as_json(measurements: list[Measurement]) -> dict[str, object]:
    """The figures and the machine as plain values; a limit that was not promised is null."""
    rows = [
        asdict(figure) | {"limit": figure.limit if figure.limit == figure.limit else None} for figure in measurements
    ]
    return {"machine": machine(), "measurements": rows}
