"""How much disk the core and the whole main job take, counted file by file from what is installed here."""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.measurement import Measurement


def closure(extras: frozenset[str]) -> dict[str, Distribution]:
    """Every distribution that givre with these extras needs on this platform, by name, givre left out."""
    found: dict[str, Distribution] = {}
    pending = [("givre", extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while pending:
        name, wanted = pending.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            installed = distribution(name)
        except PackageNotFoundError as error:
            raise SystemExit(f"{name} is not installed; run make bench, which installs it") from error
        if name != "givre":
            found[name] = installed
        for line in installed.requires or []:
            requirement = Requirement(line)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in wanted | {""}):
                pending.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return found


def size_mb(distributions: dict[str, Distribution]) -> float:
    """Bytes of all their files, compiled Python included [MB]."""
    total = 0
    for installed in distributions.values():
        for file in installed.files or []:
            path = Path(str(installed.locate_file(file)))
            if path.is_file():
                total += path.stat().st_size
                if path.suffix == ".py":
                    total += sum(compiled.stat().st_size for compiled in _compiled(path))
    return total / 1e6


def _compiled(path: Path) -> list[Path]:
    return list((path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc"))


def measure() -> list[Measurement]:
    """Core alone, then with the report extra."""
    core, full = closure(frozenset()), closure(frozenset({"report"}))
    heaviest = sorted(full, key=lambda name: size_mb({name: full[name]}), reverse=True)[:4]
    return [
        Measurement(
            name="core with its dependencies", value=size_mb(core), unit="MB", limit=600, note=f"{len(core)} packages"
        ),
        Measurement(
            name="main job with 3-D rendering",
            value=size_mb(full),
            unit="MB",
            limit=1200,
            note=f"{len(full)} packages; heaviest: {', '.join(heaviest)}",
        ),
    ]
