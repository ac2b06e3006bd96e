"""The reference page of the command line, made from the commands themselves: `python -m givre.cli.reference`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from givre.cli.app import build_app
from givre.cli.exit_codes import MEANINGS
from givre.cli.language import Texts

_WIDTH = 92
_HEAD = """# Command line

<!-- Made by `python -m givre.cli.reference`; change the texts of `src/givre/cli` and make it again. -->

Data goes to stdout, progress and remarks to stderr. `--json` gives one JSON document on stdout and NDJSON events
(`stage`, `progress`, `remark`, `error`) on stderr. Help and messages are in English or French, by `--lang` or `LANG`.
Colours only on a terminal, none with `NO_COLOR`. A failure is one line, `givre: error [CODE] ...`; tracebacks only with
`--debug`. Ctrl-C leaves nothing half-written.

Research use, not a medical device.
"""


def command_pages(app: typer.Typer) -> Iterator[tuple[str, str]]:
    """The name of each command, groups included, and its help page."""
    command = typer.main.get_command(app)
    yield from _pages(command, _context(command, "givre", None))


def command_reference() -> str:
    """The whole page, in Markdown."""
    codes = [f"| {int(code)} | {meaning[0]} |" for code, meaning in MEANINGS.items()]
    parts = [_HEAD, "## Exit codes\n\n| code | meaning |\n|---|---|\n" + "\n".join(codes) + "\n"]
    for name, page in command_pages(build_app(Texts("en"))):
        parts.append(f"## {name}\n\n```text\n{page}\n```\n")
    return "\n".join(parts)


def _pages(command: Any, context: typer.Context) -> Iterator[tuple[str, str]]:
    page = re.sub(r"[ \t]+$", "", context.get_help(), flags=re.MULTILINE)
    yield context.command_path, page.rstrip()
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from _pages(child, _context(child, name, context))


def _context(command: Any, name: str, parent: typer.Context | None) -> typer.Context:
    """A context of fixed width: the page must not depend on the terminal it is made in."""
    return typer.Context(command, info_name=name, parent=parent, terminal_width=_WIDTH, **command.context_settings)


if __name__ == "__main__":
    sys.stdout.write(command_reference())
