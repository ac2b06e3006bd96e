"""Remarks of the tissue labelling, told in the language of the dossier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from givre.dossier.phrasing import Phrasing
from givre.tissue.notes import NOTES

_PLACE = re.compile(r"\\\{(\w+)\\\}")
"""A place for a value in a template once it is escaped for a pattern."""


def told(remark: str, say: Phrasing) -> str:
    """A remark in the language of the dossier; one that is not recognised stays as it was written."""
    for key, pattern in _patterns().items():
        found = pattern.fullmatch(remark)
        if found:
            return say.words(f"note.{key}", **_values(found.groupdict(), say))
    return remark


def _values(groups: Mapping[str, str], say: Phrasing) -> dict[str, str]:
    names = {"tissue": say.tissue, "structure": say.structure}
    return {
        name: names[name](text) if name in names else say.numbers.plain(float(text)) for name, text in groups.items()
    }


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """How each remark is recognised, from the template it was written with."""
    return {key: re.compile(_pattern(template), re.DOTALL) for key, template in NOTES.items()}


def _pattern(template: str) -> str:
    seen: set[str] = set()

    def group(place: re.Match[str]) -> str:
        name = place[1]
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>.+?)" if name in ("structure", "tissue") else rf"(?P<{name}>-?\d+(?:\.\d+)?)"

    return _PLACE.sub(group, re.escape(template))
