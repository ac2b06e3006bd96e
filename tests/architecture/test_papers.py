"""What the papers of the repository say is true of the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tools.draw_map import PAGE, with_fresh_map

PAPERS = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "CITATION.cff"]


def make_targets(root: Path) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.M))


def test_the_papers_are_there(root: Path) -> None:
    assert [name for name in PAPERS if (root / name).stat().st_size < 200] == []


def test_every_make_command_in_the_papers_exists(root: Path) -> None:
    texts = [root / name for name in PAPERS] + sorted((root / "docs").rglob("*.md"))
    told = {
        (path.name, target)
        for path in texts
        for target in re.findall(r"(?:^|[`$] ?)make ([a-z][a-z-]*)", path.read_text(encoding="utf-8"), re.M)
    }
    assert {target for name, target in told if name == "README.md"} >= {"demo", "test"}
    assert {(name, target) for name, target in told if target not in make_targets(root)} == set()


def test_the_map_of_the_floors_is_fresh() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_fresh_map(page) == page, "run: .venv/bin/python tools/draw_map.py"


def test_the_architecture_page_stays_short(root: Path) -> None:
    assert len((root / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) < 120


def test_every_path_in_the_go_to_table_exists(root: Path) -> None:
    page = (root / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = page.split("## I want to", 1)[1]
    paths = re.findall(r"`((?:src|docs|tests|tools|benchmarks|examples)/[^`]*)`", table)
    assert len(paths) > 10
    assert [path for path in paths if not (root / path).exists()] == []


def test_every_use_case_has_its_how_to(root: Path, house: Path) -> None:
    verbs = {
        path.stem for path in (house / "usecases").glob("*.py") if f"\ndef {path.stem}(" in path.read_text("utf-8")
    }
    assert "simulate_plan" in verbs
    told = {path.stem.replace("-", "_") for path in (root / "docs" / "how-to").glob("*.md")}
    assert verbs - told == set()


def test_one_version_everywhere(root: Path) -> None:
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"version: {version}" in (root / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## [{version}]" in (root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_tells_what_moved_in_the_numbers(root: Path) -> None:
    newest = (root / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## [")[1]
    assert "### Numerical" in newest
