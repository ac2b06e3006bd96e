"""The documentation builds without a warning and opens without a network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

AWAY = r"[\"']?(?:https?:)?//"
LOADED_FROM_ELSEWHERE = re.compile(
    rf"<(?:script|img|iframe|source)\b[^>]*\bsrc={AWAY}"
    rf"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preconnect|preload))[^>]*\bhref={AWAY}"
    rf"|url\({AWAY}"
)


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=root,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_every_page_is_built_and_every_link_is_alive(root: Path, site: Path) -> None:
    pages = [path.relative_to(root / "docs") for path in (root / "docs").rglob("*.md")]
    missing = [page for page in pages if not list(site.glob(f"{page.with_suffix('')}*")) and page.stem != "index"]
    assert pages
    assert missing == []


@pytest.mark.parametrize("fault", ['<script src="//host/a.js">', '<link href="https://host/a.css" rel="stylesheet">'])
def test_a_page_that_loads_from_elsewhere_is_seen(fault: str) -> None:
    assert LOADED_FROM_ELSEWHERE.search(fault)


def test_no_page_loads_anything_from_another_machine(site: Path) -> None:
    pages = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert len(pages) > 20
    assert {page.name: found[0] for page in pages if (found := LOADED_FROM_ELSEWHERE.search(page.read_text()))} == {}


def test_tables_come_from_the_data_files(site: Path) -> None:
    tissues = (site / "reference" / "tissues" / "index.html").read_text(encoding="utf-8")
    probes = (site / "reference" / "cryoprobes" / "index.html").read_text(encoding="utf-8")
    assert "cortical bone" in tissues
    assert "icesphere-1.5-cx" in probes
    assert "<!-- table:" not in tissues + probes
