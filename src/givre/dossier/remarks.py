"""Remarks of the tissue labelling, told in the language of the dossier."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from givre.dossier.phrasing import Phrasing


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
    text = resources.files("givre.dossier").joinpath("note_patterns.toml").read_text(encoding="utf-8")
    return {key: re.compile(pattern, re.DOTALL) for key, pattern in tomllib.loads(text).items()}
