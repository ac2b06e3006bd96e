"""Keep who the patient is out of every message and report."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WITHHELD = "[withheld]"
_UID = re.compile(r"(\d+(?:\.\d+){4,})")
_SHORTEST_WORD = 3
_SHORTEST_NUMBER = 5


class Identity:
    """The words that identify the patients of the files read so far.

    Descriptions, file names and folder names often repeat a patient's name; whatever leaves the
    importer as text passes through `scrubbed` first.

    >>> identity = Identity()
    >>> identity.learn(["DUPONT^Jean"])
    >>> identity.scrubbed("series of Jean Dupont")
    'series of [withheld] [withheld]'
    """

    def __init__(self) -> None:
        self._words: set[str] = set()

    def learn(self, values: Iterable[str]) -> None:
        """Remember names, numbers and dates that must not leave."""
        for value in values:
            whole = value.strip()
            parts = [whole, *re.split(r"[\^=\s,;]+", whole)]
            self._words.update(part.casefold() for part in parts if _is_telling(part))

    def scrubbed(self, text: str) -> str:
        """The text without the words remembered and without control characters; UIDs stay whole."""
        printable = "".join(character if character.isprintable() else " " for character in text)
        if not self._words:
            return printable
        longest_first = sorted(self._words, key=len, reverse=True)
        pattern = re.compile(
            r"(?<![^\W_])(?:" + "|".join(re.escape(word) for word in longest_first) + r")(?![^\W_])", re.IGNORECASE
        )
        pieces = _UID.split(printable)
        return "".join(piece if n % 2 else pattern.sub(_WITHHELD, piece) for n, piece in enumerate(pieces))


def _is_telling(part: str) -> bool:
    return len(part) >= (_SHORTEST_NUMBER if part.isdigit() else _SHORTEST_WORD)
