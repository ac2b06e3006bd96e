"""The verification page of the documentation is the one that this code makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_page_is_not_older_than_the_code(root: Path) -> None:
    verdict = subprocess.run(
        [sys.executable, "tools/check_verification_page.py"],
        cwd=root,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_making_the_documentation_asks_for_a_fresh_page(root: Path) -> None:
    recipe = (root / "Makefile").read_text(encoding="utf-8").split("\ndocs:", 1)[1].split("\n\n", 1)[0]
    assert "tools/check_verification_page.py" in recipe
