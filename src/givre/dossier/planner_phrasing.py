"""The language of the planner's pages: its own words over the general ones and those of uncertainty."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from givre.dossier.inputs import Lang
from givre.dossier.phrasing import Phrasing, phrasing
from givre.dossier.uncertainty_phrasing import UncertaintyPhrasing, uncertainty_phrasing
from givre.dossier.words import Words, typeset_english, typeset_french


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerPhrasing:
    """Words of the planner's pages in one language."""

    words: Words
    general: Phrasing
    unsure: UncertaintyPhrasing

    def figure(self, value: float, unit: str) -> str:
        """A simulated figure as everywhere in the dossier, rounded down; unit "1", "mm", "mL" or "C"."""
        numbers = self.general.numbers
        if not math.isfinite(value):
            return self.words("text.dash")
        told = {"1": numbers.percent, "mm": numbers.distance, "mL": numbers.volume, "C": numbers.temperature}
        return told[unit](value)

    def share(self, share: float) -> str:
        """A share of the variance, to the nearest percent."""
        return self._with_percent(self.general.numbers.decimal(100.0 * share))

    def up(self, fraction: float) -> str:
        """A chance, rounded up to a whole percent: the upper end of an interval."""
        return self.general.numbers.percent(math.ceil(100.0 * fraction - 1e-6) / 100.0)

    def level(self, fraction: float) -> str:
        """A chosen share, as it was given."""
        return self._with_percent(self.general.numbers.plain(100.0 * fraction))

    def length(self, value_mm: float) -> str:
        """A chosen length, as it was given."""
        return f"{self.general.numbers.plain(value_mm)}\u00a0mm"

    def _with_percent(self, shown: str) -> str:
        return f"{shown}\u00a0%" if self.words.lang == "fr" else f"{shown}%"


@cache
def planner_phrasing(lang: Lang) -> PlannerPhrasing:
    """The phrases of one language."""
    text = resources.files("givre.dossier").joinpath(f"planner_words_{lang}.toml").read_text(encoding="utf-8")
    typeset = typeset_french if lang == "fr" else typeset_english
    texts = {
        f"{family}.{key}": typeset(value)
        for family, entries in tomllib.loads(text).items()
        for key, value in entries.items()
    }
    return PlannerPhrasing(
        words=Words(lang=lang, texts=texts), general=phrasing(lang), unsure=uncertainty_phrasing(lang)
    )
