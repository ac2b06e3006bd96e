"""The words of the dossier in French and English, from one data file per language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from givre.dossier.inputs import Lang

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
UNBREAKABLE_HYPHEN = "\u2011"
LANGUAGES: tuple[Lang, ...] = ("fr", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The sentences of one language, by dotted key.

    >>> load_words("fr")("verdict.met")
    'atteint'
    """

    lang: Lang
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The sentence of a key with its values put in; a value is never read as a template."""
        return self.texts[key].format(**values)

    def name(self, family: str, raw: str) -> str:
        """The word for a stable name (`structure`, `tissue`, ...); the name itself when it is not in the table."""
        return self.texts.get(f"{family}.{raw}", raw.replace("_", " "))

    def count(self, thing: str, number: int) -> str:
        """A number of things, singular or plural.

        >>> load_words("fr").count("probe", 2).split()
        ['2', 'cryosondes']
        """
        return self(f"count.{thing}_{'one' if number == 1 else 'many'}", count=number)

    def has(self, key: str) -> bool:
        """Whether the language has this key."""
        return key in self.texts


@cache
def load_words(lang: Lang) -> Words:
    """The words of one language."""
    text = resources.files("givre.dossier").joinpath(f"words_{lang}.toml").read_text(encoding="utf-8")
    typeset = typeset_french if lang == "fr" else typeset_english
    return Words(lang=lang, texts={key: typeset(value) for key, value in _flatten(tomllib.loads(text), "")})


def typeset_french(text: str) -> str:
    r"""French typography: unbreakable spaces before : ; ! ? % and inside guillemets, curly apostrophes.

    "au-delà", "au-dessus" and their like are not broken at the hyphen.

    >>> typeset_french("Que faire ?").split(" ")
    ['Que', 'faire\u202f?']
    """
    text = re.sub(r" ([;!?])", NARROW_NBSP + r"\1", text)
    text = re.sub(r" ([:%»])", NBSP + r"\1", text)
    text = text.replace("« ", f"«{NBSP}").replace("'", "’")
    text = re.sub(r"\b([Aa]u)-(?=d)", r"\1" + UNBREAKABLE_HYPHEN, text)
    return _typeset_units(text)


def typeset_english(text: str) -> str:
    """English typography: curly apostrophes, unbreakable space before a unit.

    >>> typeset_english("the plan's")
    'the plan’s'
    """
    return _typeset_units(text.replace("'", "’"))


def _typeset_units(text: str) -> str:
    text = re.sub(r"(?<=[ (\[])-(?=\d)", "\u2212", f" {text}")[1:]
    text = re.sub(r"([≤≥±×]) ", r"\1" + NBSP, text)
    return re.sub(r"(?<=[\d}]) (?=(?:mm|mL|min|°C|s|HU|UH|J|kJ)\b|°C)", NBSP, text)


def _flatten(node: Mapping[str, object], prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in node.items():
        if isinstance(value, Mapping):
            found += _flatten(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
