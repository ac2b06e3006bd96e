"""Floors only look down, and the contracts that say so can see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture
def copied_house(root: Path, tmp_path: Path) -> Path:
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_floors_only_look_down(root: Path) -> None:
    verdict = lint_imports(root)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("geometry/upward.py", "import givre.bioheat", "Floors only look down"),
        ("adapters/nifti/sideways.py", "import givre.adapters.dicom", "No adapter knows another"),
        ("assessment/outward.py", "import pydicom", "The core knows no file format"),
        ("usecases/outward.py", "import matplotlib", "Use cases know no library"),
        ("tissue/rehearsed.py", "import givre.testing", "Phantoms and fakes"),
    ],
)
def test_a_forbidden_import_is_seen(copied_house: Path, module: str, line: str, broken: str) -> None:
    (copied_house / "src" / "givre" / module).write_text(f'"""A fault planted by a test."""\n\n{line}\n')
    verdict = lint_imports(copied_house)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert any(broken in row and "BROKEN" in row for row in verdict.stdout.splitlines()), verdict.stdout
