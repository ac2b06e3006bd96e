"""One table of a case file, read key by key: every refusal names the line, what was found and what is allowed."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from givre.adapters.casefile.errors import InvalidCaseFile, refusal
from givre.adapters.casefile.positions import KeyPath, line_of
from givre.foundation.errors import GivreError

_LONGEST_WORD = 64
_LONGEST_TEXT = 20_000


@dataclass(slots=True)
class Table:
    """The values of one table; keys that nobody asked for are refused by `finish`.

    Attributes:
        file_name: shown in messages.
        lines: line of every key.
        path: where this table stands in the file.
        values: its content.
    """

    file_name: str
    lines: Mapping[KeyPath, int]
    path: KeyPath
    values: Mapping[str, object]
    asked: set[str] = field(default_factory=set)

    def refuse(self, key: str, sentence: str) -> InvalidCaseFile:
        """The refusal of one key of this table (or of the table itself: key "")."""
        path = (*self.path, key) if key else self.path
        return refusal(self.file_name, line_of(self.lines, path), dotted(path), sentence)

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.values

    def is_given(self, key: str) -> bool:
        """Whether a key that may be left out is written; `finish` then knows it."""
        self.asked.add(key)
        return self.has(key)

    def text(self, key: str, *, default: str | None = None, allow_empty: bool = False) -> str:
        """Free text, several lines allowed."""
        value = self._plain(key, str, f'text between quotes, for example {key} = "..."', default)
        if not (value.strip() or allow_empty or default == value):
            raise self.refuse(key, "is empty; write something")
        if len(value) > _LONGEST_TEXT:
            raise self.refuse(key, f"holds {len(value)} characters; write at most {_LONGEST_TEXT}")
        if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in value):
            raise self.refuse(key, "holds a control character; write plain text")
        return value

    def word(self, key: str, *, default: str | None = None, allow_empty: bool = False) -> str:
        """A short name on one line."""
        value = self.text(key, default=default, allow_empty=allow_empty)
        if len(value) > _LONGEST_WORD or "\n" in value or "\t" in value:
            raise self.refuse(
                key, f"found {shown(value)}; write a name on one line, at most {_LONGEST_WORD} characters"
            )
        return value

    def identifier(self, key: str) -> str:
        """A pseudonymous id that is safe as a file name."""
        value = self.word(key)
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
            raise self.refuse(
                key,
                f"found {shown(value)}; use letters, digits, dot, dash and underscore, a letter or digit first",
            )
        return value

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        """One of some words."""
        options = ", ".join(f'"{option}"' for option in allowed)
        value = self._plain(key, str, f"one of {options}", default)
        if value not in allowed:
            raise self.refuse(key, f"found {shown(value)}; allowed: {options}{_did_you_mean(value, allowed)}")
        return value

    def number(
        self,
        key: str,
        *,
        unit: str,
        low: float = -math.inf,
        high: float = math.inf,
        default: float | None = None,
    ) -> float:
        """A finite number between two bounds, both allowed."""
        return self._number(key, self._get(key, default, f"a number in {unit}"), unit=unit, low=low, high=high)

    def number_if_given(self, key: str, *, unit: str, low: float, high: float) -> float | None:
        """A finite number between two bounds, or None when the key is absent."""
        return self.number(key, unit=unit, low=low, high=high) if self.is_given(key) else None

    def flag(self, key: str) -> bool:
        """true or false; false when the key is absent."""
        value = self._get(key, False, "true or false")
        if not isinstance(value, bool):
            raise self.refuse(key, f"found {shown(value)}; write true or false")
        return value

    def whole(self, key: str, *, low: int, high: int, default: int | None = None) -> int:
        """A whole number between two bounds, both allowed."""
        value = self._get(key, default, f"a whole number from {low} to {high}")
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(key, f"found {shown(value)}; give a whole number from {low} to {high}")
        return value

    def whole_numbers(self, key: str, *, low: int, high: int) -> tuple[int, ...]:
        """A list of different whole numbers, empty when the key is absent."""
        value = self._get(key, [], "a list of whole numbers")
        good = isinstance(value, list) and all(
            isinstance(item, int) and not isinstance(item, bool) and low <= item <= high for item in value
        )
        if not good:
            raise self.refuse(
                key, f"found {shown(value)}; give a list of whole numbers from {low} to {high}, like [1, 2]"
            )
        numbers = tuple(value) if isinstance(value, list) else ()
        if len(set(numbers)) != len(numbers):
            raise self.refuse(key, f"found {shown(value)}; each label may stand once")
        return numbers

    def point(self, key: str) -> tuple[float, float, float]:
        """An LPS point in mm."""
        wanted = "a point [x, y, z] in mm, LPS (x to the left, y to the back, z to the head)"
        value = self._get(key, None, wanted)
        if not isinstance(value, list) or len(value) != 3:
            raise self.refuse(key, f"found {shown(value)}; give {wanted}")
        x, y, z = (self._number(key, item, unit="mm", low=-10_000.0, high=10_000.0) for item in value)
        return (x, y, z)

    def sha256(self, key: str) -> str:
        """64 hexadecimal digits, or empty when the hash was not recorded."""
        value = self._plain(key, str, "64 hexadecimal digits", "")
        if value and not re.fullmatch(r"[0-9a-f]{64}", value):
            raise self.refuse(
                key, f"found {shown(value)}; give the 64 lower-case hexadecimal digits, or remove the line"
            )
        return value

    def table(self, key: str, *, holds: str, optional: bool = False) -> Table:
        """A table inside this one; empty when optional and absent."""
        value = self._get(key, {} if optional else None, f"a table [{dotted((*self.path, key))}] with {holds}")
        if not isinstance(value, dict):
            raise self.refuse(key, f"found {shown(value)}; write a table [{dotted((*self.path, key))}] with {holds}")
        return Table(self.file_name, self.lines, (*self.path, key), value)

    def tables(self, key: str, *, holds: str, optional: bool = False) -> list[Table]:
        """A list of tables inside this one."""
        header = f"[[{dotted((*self.path, key))}]]"
        value = self._get(key, [] if optional else None, f"at least one {header} with {holds}")
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(key, f"found {shown(value)}; write one {header} for each, with {holds}")
        return [
            Table(self.file_name, self.lines, (*self.path, key, position), item) for position, item in enumerate(value)
        ]

    def finish(self) -> None:
        """Refuse keys that givre does not know: a typing error must not pass silently."""
        for key in self.values:
            if key not in self.asked:
                known = ", ".join(sorted(self.asked))
                raise self.refuse(
                    key, f"is not a key givre knows{_did_you_mean(key, self.asked)}; allowed here: {known}"
                )

    def because(self, error: GivreError, key: str = "") -> InvalidCaseFile:
        """The same refusal as a value gave, with its line."""
        return self.refuse(key, str(error))

    def _get(self, key: str, default: object, wanted: str) -> object:
        self.asked.add(key)
        if key in self.values:
            return self.values[key]
        if default is None:
            near = difflib.get_close_matches(key, [name for name in self.values if name not in self.asked], n=1)
            instead = f' ("{near[0]}" is written instead)' if near else ""
            raise self.refuse("", f'the key "{key}" is missing{instead}; add {wanted}')
        return default

    def _plain(self, key: str, kind: type[str], wanted: str, default: str | None) -> str:
        value = self._get(key, default, wanted)
        if not isinstance(value, kind):
            raise self.refuse(key, f"found {shown(value)}; give {wanted}")
        return value

    def _number(self, key: str, value: object, *, unit: str, low: float, high: float) -> float:
        allowed = f"a number in {unit}{_span(low, high)}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(key, f"found {shown(value)}; give {allowed}")
        if isinstance(value, int) and abs(value) > 10**15:
            raise self.refuse(key, f"found {shown(value)}; give {allowed}")
        if not (math.isfinite(value) and low <= value <= high):
            raise self.refuse(key, f"found {value}; give {allowed}")
        return float(value)


def dotted(path: KeyPath) -> str:
    """A path as people write it; lists are counted from 1.

    >>> dotted(("probes", 0, "target_mm"))
    'probes 1.target_mm'
    """
    words = ""
    for part in path:
        words += f" {part + 1}" if isinstance(part, int) else f".{printable(part)}" if words else printable(part)
    return words


def shown(value: object) -> str:
    """A value as it is written in TOML, cut short."""
    kinds = {bool: "yes or no", str: "text", int: "a number", float: "a number", list: "a list", dict: "a table"}
    kind = kinds.get(type(value), "a date or time")
    if isinstance(value, bool):
        return f"{str(value).lower()} ({kind})"
    if isinstance(value, int) and abs(value) > 10**15:
        return "a very long number"
    written = f'"{value}"' if isinstance(value, str) else str(value)
    written = printable(written)
    return f"{written if len(written) <= 60 else written[:57] + '...'} ({kind})"


def printable(text: str) -> str:
    """Text that is safe in a terminal: control characters become their code."""
    return "".join(
        character if unicodedata.category(character)[0] != "C" else f"\\u{ord(character):04x}" for character in text
    )


def _span(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(high):
        return f", {low:g} or more"
    return f" from {low:g} to {high:g}"


def _did_you_mean(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""
