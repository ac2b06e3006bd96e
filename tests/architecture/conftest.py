"""Where the repository lies and which files belong to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def house(root: Path) -> Path:
    return root / "src" / "givre"


@pytest.fixture(scope="session")
def modules(house: Path) -> list[Path]:
    found = sorted(house.rglob("*.py"))
    assert found, "no module found: the tests look in the wrong place"
    return found


@pytest.fixture(scope="session")
def repository_files(root: Path) -> list[Path]:
    """Files that git keeps or would keep."""
    if not (root / ".git").exists():
        pytest.skip("not a git clone: nothing tells which files belong to the repository")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return [root / name for name in listing.stdout.split("\0") if name and (root / name).is_file()]
