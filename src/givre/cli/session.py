"""What the global options say, and how a command talks: data on stdout, progress and remarks on stderr."""

from __future__ import annotations

import json
import os
import sys
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from givre.cli.language import Texts

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_REFRESH_S = 0.2


@dataclass(slots=True, kw_only=True)
class Session:
    """One run of the command line.

    Attributes:
        texts: the texts of the chosen language.
        as_json: machine output: one JSON document on stdout, NDJSON events on stderr.
        quiet: no progress.
        debug: tracebacks are shown.
        seed: for anything random, echoed in the results.
        threads: processor threads, None for all.
    """

    texts: Texts
    as_json: bool = False
    quiet: bool = False
    debug: bool = False
    seed: int = 0
    threads: int | None = None

    def print_text(self, text: str) -> None:
        """Data for a person, on stdout."""
        sys.stdout.write(safe_text(text) + "\n")

    def print_json(self, document: object) -> None:
        """Data for a machine, on stdout."""
        sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")

    def remark(self, text: str) -> None:
        """Something worth knowing that is not data."""
        if self.as_json:
            self.event("remark", text=text)
        elif not self.quiet:
            sys.stderr.write(safe_text(text) + "\n")

    def event(self, name: str, **values: object) -> None:
        """One NDJSON line on stderr."""
        line = json.dumps({"event": name, **values}, ensure_ascii=False, allow_nan=False)
        sys.stderr.write(line + "\n")
        sys.stderr.flush()

    def print_table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table on stdout: aligned columns for a person, tabs when it goes into a pipe."""
        if not sys.stdout.isatty():
            for row in (header, *rows):
                self.print_text("\t".join(safe_text(cell).replace("\n", " ") for cell in row))
            return
        from rich.console import Console  # noqa: PLC0415 - heavy, only needed on a terminal
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(*header)
        for row in rows:
            table.add_row(*(Text(safe_text(cell)) for cell in row))
        Console(no_color=bool(os.environ.get("NO_COLOR"))).print(table)

    def progress(self) -> ProgressShow:
        """How a long command shows where it is; use it in a `with`."""
        return ProgressShow(self)


@dataclass(slots=True)
class ProgressShow:
    """A bar with the time left on a terminal, plain lines in a log, NDJSON events for a machine, or silence."""

    session: Session
    stage_key: str = ""
    _bar: Progress | None = None
    _task: TaskID | None = None
    _last_s: float = field(default=-1e9)

    def __enter__(self) -> ProgressShow:
        if sys.stderr.isatty() and not (self.session.as_json or self.session.quiet):
            self._bar = _bar()
            self._bar.start()
            self._task = self._bar.add_task("", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def stage(self, key: str) -> None:
        """A new part of the work begins: "import", "simulate", "assess", "write"."""
        self.stage_key = key
        self._last_s = -1e9
        words = self.session.texts(f"stage.{key}")
        if self.session.as_json:
            self.session.event("stage", stage=key)
        elif self._bar is not None and self._task is not None:
            self._bar.reset(self._task, description=words, total=None)
        elif not self.session.quiet:
            sys.stderr.write(words + "\n")

    def fraction(self, done: float, *, eta_s: float | None = None) -> None:
        """How much of the part is done, 0 to 1, and the time left when it is known."""
        now = time.monotonic()
        if now - self._last_s < _REFRESH_S and done < 1.0:
            return
        self._last_s = now
        if self.session.as_json:
            eta = None if eta_s is None else round(eta_s, 1)
            self.session.event("progress", stage=self.stage_key, fraction=round(done, 4), eta_s=eta)
        elif self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=1.0, completed=done)


def safe_text(text: str) -> str:
    r"""Text that cannot command a terminal: control characters but line ends and tabs become their code.

    >>> safe_text("a\x1b[31mb")
    'a\\u001b[31mb'
    """
    return "".join(
        f"\\u{ord(character):04x}" if unicodedata.category(character) in ("Cc", "Cf", "Cs") and character not in "\n\t"
        else character
        for character in text
    )  # fmt: skip


def _bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - heavy, only needed on a terminal
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR"))),
        transient=True,
    )
