"""On which line of a TOML text each key stands: tomllib does not say for a valid file.

One pass over the text, never slower than its length. It refuses nesting that would tire the parser
(deep arrays, endless dotted keys) and stops quietly at anything malformed: tomllib then names the fault.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""Names of keys and positions in lists, from the top: ("probes", 0, "target_mm")."""

DEEPEST = 12
"""No case file nests deeper than probes -> entry -> number; more is an accident or an attack."""

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


class TooDeep(Exception):
    """The text nests deeper than any case file.

    Attributes:
        line: where.
    """

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Malformed(Exception):
    """Not TOML; the parser will say what is wrong."""


def find_lines(text: str) -> dict[KeyPath, int]:
    r"""The line, counted from 1, of every table, key and list element.

    Raises:
        TooDeep: when tables, lists or dotted keys nest deeper than `DEEPEST`.

    >>> find_lines('[goals]\nmargin_mm = 5')[("goals", "margin_mm")]
    2
    """
    scanner = _Scanner(text)
    with contextlib.suppress(_Malformed):  # what was found so far still helps; tomllib then names the fault
        scanner.document()
    return scanner.lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of a key, or of the nearest table that holds it, or 0."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.lines: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}

    def document(self) -> None:
        table: KeyPath = ()
        while self._skip_blank(newlines=True):
            if self._peek() == "[":
                table = self._header()
            else:
                self._statement(table)

    def _header(self) -> KeyPath:
        line = self.line
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        path = self._resolve(self._key())
        if brackets == 2:
            self.lines.setdefault(path, line)
            self.counts[path] = self.counts.get(path, -1) + 1
            path = (*path, self.counts[path])
        self.lines[path] = line
        self._expect("]" * brackets)
        return path

    def _resolve(self, names: KeyPath) -> KeyPath:
        """[protocol.phases.x] after [[protocol.phases]] belongs to the last phase."""
        path: KeyPath = ()
        for position, name in enumerate(names):
            path = (*path, name)
            if path in self.counts and position < len(names) - 1:
                path = (*path, self.counts[path])
        return path

    def _statement(self, table: KeyPath) -> None:
        line = self.line
        path = (*table, *self._key())
        self.lines.setdefault(path, line)
        self._skip_blank()
        self._expect("=")
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        if len(path) > DEEPEST:
            raise TooDeep(self.line)
        self._skip_blank()
        self.lines.setdefault(path, self.line)
        character = self._peek()
        if character in "\"'":
            self._string()
        elif character == "[":
            self._list(path)
        elif character == "{":
            self._inline_table(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}#\n":
                self.at += 1

    def _list(self, path: KeyPath) -> None:
        self.at += 1
        position = 0
        while self._skip_blank(newlines=True) and self._peek() != "]":
            self._value((*path, position))
            position += 1
            self._skip_blank(newlines=True)
            if self._peek() == ",":
                self.at += 1
            elif self._peek() != "]":
                raise _Malformed
        self._expect("]")

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._skip_blank(newlines=True) and self._peek() != "}":
            self._statement(path)
            self._skip_blank(newlines=True)
            if self._peek() == ",":
                self.at += 1
            elif self._peek() != "}":
                raise _Malformed
        self._expect("}")

    def _key(self) -> KeyPath:
        names: list[str] = []
        while True:
            self._skip_blank()
            names.append(self._string() if self._peek() in "\"'" else self._bare())
            if len(names) > DEEPEST:
                raise TooDeep(self.line)
            self._skip_blank()
            if self._peek() != ".":
                return tuple(names)
            self.at += 1

    def _bare(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in _BARE:
            self.at += 1
        if start == self.at:
            raise _Malformed
        return self.text[start : self.at]

    def _string(self) -> str:
        """Skip a string; its raw content is good enough to name a key."""
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        start = self.at = self.at + len(mark)
        while self.at < len(self.text):
            if quote == '"' and self.text[self.at] == "\\":
                self.at += 1
                self.line += self._peek() == "\n"
                self.at += 1
            elif self.text.startswith(mark, self.at):
                return self._close_string(start, mark)
            else:
                self.line += self.text[self.at] == "\n"
                self.at += 1
        raise _Malformed

    def _close_string(self, start: int, mark: str) -> str:
        end = self.at
        self.at += len(mark)
        # a multi-line string may end with up to two more quotes that belong to it
        while len(mark) == 3 and self._peek() == mark[0]:
            self.at += 1
        return self.text[start:end]

    def _skip_blank(self, *, newlines: bool = False) -> bool:
        """Skip spaces and comments, and line ends if asked; whether anything is left."""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif character in " \t\r" or (newlines and character == "\n"):
                self.line += character == "\n"
                self.at += 1
            else:
                return True
        return False

    def _peek(self) -> str:
        if self.at >= len(self.text):
            raise _Malformed
        return self.text[self.at]

    def _expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise _Malformed
        self.at += len(mark)
