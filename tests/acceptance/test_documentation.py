"""What the documentation tells people to type works as it is written."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from givre.adapters.casefile.reader import parse_case
from givre.cli.app import build_app
from givre.cli.language import Texts

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.M | re.S)


def blocks(page: Path, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(page.read_text(encoding="utf-8")) if kind == language]


def commands(page: Path) -> Iterator[list[str]]:
    """The givre commands in the shell blocks of a page, comments and prompts removed."""
    for body in [*blocks(page, "sh"), *blocks(page, "console")]:
        for line in body.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words and words[0].endswith("givre"):
                yield list(itertools.takewhile(lambda word: word not in ("||", "&&", "|", ">"), words[1:]))


def simulate_coarsely(case_file: Path) -> None:
    """What is tested here is what people type, not millimetres: coarse voxels are an order of magnitude quicker."""
    text, changed = re.subn(r"^voxel_mm = [0-9.]+", "voxel_mm = 2.5", case_file.read_text(encoding="utf-8"), flags=re.M)
    assert changed == 1
    case_file.write_text(text, encoding="utf-8")


def environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_on_a_page_exist(page: Path) -> None:
    for words in commands(page):
        told = f"{page.name}: givre {shlex.join(words)}"
        command = typer.main.get_command(build_app(Texts("en")))
        known = {"--help", *options(command)}
        for word in words:
            if word in getattr(command, "commands", {}):
                command = command.commands[word]
                known |= options(command)
            elif word.startswith("-"):
                assert word.split("=")[0] in known, told
        assert not hasattr(command, "commands") or set(words) & {"--help", "--version"}, f"{told} names no command"


def options(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def test_the_case_file_of_the_reference_is_a_case() -> None:
    example, protocol = blocks(ROOT / "docs" / "reference" / "case-file.md", "toml")
    case = parse_case(example)
    assert [s.name for s in case.structures] == ["tumour", "spinal_cord", "bone", "body", "gap_colon"]
    assert [flow.kind for flow in case.declared.flows] == ["room_air", "warm_saline"]
    own = parse_case(re.sub(r"\[protocol\]\n[^\n]*\n", protocol, example))
    assert own.protocol.name == "3-7-10"
    assert own.protocol.freeze_count == 2


@pytest.mark.timeout(300)
def test_the_tutorial_works_as_written(tmp_path: Path) -> None:
    typed = [
        line.removeprefix("$ ")
        for body in blocks(ROOT / "docs" / "tutorials" / "first-plan.md", "console")
        for line in body.splitlines()
        if line.startswith("$ ")
    ]
    assert any("simulate" in line for line in typed)
    for line in typed:
        fine = {0, 4} if line.startswith("givre simulate") else {0}  # 4: simulated, and a goal is not met
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
        assert done.returncode in fine, f"{line}\n{done.stdout}\n{done.stderr}"
        if line.startswith("givre samples get"):
            simulate_coarsely(tmp_path / "vertebra" / "case.toml")


@pytest.fixture(scope="module")
def vertebra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the Python examples run, with the phantom case they name."""
    folder = tmp_path_factory.mktemp("python")
    make_case = ["givre", "samples", "get", "phantom-vertebra", "-o", "vertebra"]
    subprocess.run(make_case, cwd=folder, env=environment(), check=True, capture_output=True)
    simulate_coarsely(folder / "vertebra" / "case.toml")
    return folder


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["README.md", "docs/how-to/use-the-python-api.md"])
def test_python_examples_run_as_written(vertebra: Path, name: str) -> None:
    examples = blocks(ROOT / name, "python")
    assert examples
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(examples)],
        cwd=vertebra,
        env=environment(),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert "coverage" in done.stdout
