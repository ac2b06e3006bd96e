"""The language of the screen, and the texts in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from givre.cli.texts_cohort import COHORT_ENGLISH, COHORT_FRENCH
from givre.cli.texts_en import ENGLISH
from givre.cli.texts_fr import FRENCH
from givre.cli.texts_placement import PLACEMENT_ENGLISH, PLACEMENT_FRENCH
from givre.cli.texts_protect import PROTECT_ENGLISH, PROTECT_FRENCH
from givre.cli.texts_quantile import QUANTILE_ENGLISH, QUANTILE_FRENCH
from givre.cli.texts_replan import REPLAN_ENGLISH, REPLAN_FRENCH
from givre.cli.texts_trajectories import TRAJECTORIES_ENGLISH, TRAJECTORIES_FRENCH
from givre.cli.texts_uncertainty import UNCERTAINTY_ENGLISH, UNCERTAINTY_FRENCH

Language = Literal["en", "fr"]

_TEXTS: dict[Language, dict[str, str]] = {
    "en": ENGLISH
    | COHORT_ENGLISH
    | TRAJECTORIES_ENGLISH
    | PLACEMENT_ENGLISH
    | QUANTILE_ENGLISH
    | REPLAN_ENGLISH
    | PROTECT_ENGLISH
    | UNCERTAINTY_ENGLISH,
    "fr": FRENCH
    | COHORT_FRENCH
    | TRAJECTORIES_FRENCH
    | PLACEMENT_FRENCH
    | QUANTILE_FRENCH
    | REPLAN_FRENCH
    | PROTECT_FRENCH
    | UNCERTAINTY_FRENCH,
}


class Texts:
    """The texts of one language, by key.

    >>> Texts("fr")("summary.safe")
    'Tous les objectifs sont atteints.'
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str, **values: object) -> str:
        """One text, its {fields} filled in."""
        return _TEXTS[self.language][key].format(**values) if values else _TEXTS[self.language][key]

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in _TEXTS[self.language]


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language asked with --lang, else that of the locale, else English.

    >>> choose_language(["demo", "--lang", "fr"], {"LANG": "en_US.UTF-8"})
    'fr'
    >>> choose_language(["demo"], {"LC_ALL": "", "LANG": "fr_FR.UTF-8"})
    'fr'
    """
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        asked = argument.removeprefix("--lang=") if argument.startswith("--lang=") else ""
        if argument == "--lang" and position + 1 < len(arguments):
            asked = arguments[position + 1]
        if asked in ("fr", "en"):
            return "fr" if asked == "fr" else "en"
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "fr" if locale.lower().startswith("fr") else "en"
