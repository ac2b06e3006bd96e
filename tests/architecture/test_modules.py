"""Every module says what it is for, stays short and bears a name that means something."""

from __future__ import annotations

import ast
from pathlib import Path

LONGEST_FILE = 400
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "core", "base", "manager", "misc"}


def test_every_module_begins_by_saying_what_it_is_for(modules: list[Path]) -> None:
    silent = [str(path) for path in modules if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert not silent, "first line of the file: a docstring of one sentence that says what the module is for"


def test_no_file_is_longer_than_four_hundred_lines(root: Path, modules: list[Path]) -> None:
    files = [*modules, *(root / "tests").rglob("*.py"), *(root / "tools").rglob("*.py")]
    lengths = {str(path.relative_to(root)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_names_carry_an_idea(house: Path) -> None:
    names = {
        path: path.stem if path.is_file() else path.name for path in house.rglob("*") if path.name != "__pycache__"
    }
    assert [str(path) for path, name in names.items() if set(name.lower().split("_")) & EMPTY_NAMES] == []


def test_nobody_leaves_a_note_to_do_it_later(modules: list[Path]) -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    assert [str(path) for path in modules if any(mark in path.read_text(encoding="utf-8") for mark in marks)] == []
