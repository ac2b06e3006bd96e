"""The language of the uncertainty of a plan: inputs, figures and their ranges in French and English."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from givre.cryoprobe.catalogue import load_catalogue
from givre.dossier.inputs import Lang
from givre.dossier.phrasing import Phrasing, capitalised, phrasing
from givre.dossier.words import NBSP, Words, typeset_english, typeset_french
from givre.planning.uncertainty.spread import Factor

_SHOWN_AS_IS = ("lesion", "goal")
"""Groups whose name says already what the values are of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyPhrasing:
    """Words of uncertainty in one language, over the general ones."""

    words: Words
    general: Phrasing

    def factor(self, factor: Factor) -> str:
        """An uncertain input in words."""
        what = self.words(f"what.{factor.what}")
        if factor.group == "goal":
            return what
        label = self.words("label.of_group", group=self._group_of(factor), what=what)
        return label if factor.what == "surface_temp_c" else capitalised(label)  # the id of a model stays as it is

    def group(self, name: str, factors: tuple[Factor, ...]) -> str:
        """A group of inputs in words."""
        first = next(factor for factor in factors if factor.group == name)
        if first.what.endswith("_mm"):
            return capitalised(self.words("group.probe", probe=name))
        return self._group_of(first) if first.what == "surface_temp_c" else capitalised(self._group_of(first))

    def range(self, factor: Factor, low: float, high: float) -> str:
        """Values of an input with their unit, and of what they are where that is not plain."""
        unit = self.unit(factor.law.unit)
        shown = {"low": self._value(low), "high": self._value(high), "unit": unit}
        if factor.group in _SHOWN_AS_IS or factor.shown_for == factor.group:
            return self._tied(self.words("range.of", **shown), unit)
        thing = self.general.tissue(factor.shown_for)
        return self._tied(self.words("range.shown_for", thing=thing, **shown), unit)

    def figure(self, name: str) -> str:
        """A figure of a plan in words."""
        family, _, structure = name.partition(":")
        return self.words(f"figure.{family}", structure=self.general.structure(structure))

    def goal(self, name: str) -> str:
        """A goal in words."""
        family, _, structure = name.partition(":")
        return capitalised(self.words(f"goal.{family}", structure=self.general.structure(structure)))

    def value(self, value: float, unit: str) -> str:
        """A figure with its unit; a dash where it is not a number."""
        if not math.isfinite(value):
            return "–"
        numbers = self.general.numbers
        if unit == "1":
            return numbers.decimal(100.0 * value, 1) + f"{NBSP}%"
        return numbers.decimal(value, 1) + f"{NBSP}{self.unit('C' if unit == 'C' else unit)}"

    def unit(self, unit: str) -> str:
        """A unit as it is read."""
        return self.words.texts.get(f"unit.{unit}", unit)

    def percent(self, share: float) -> str:
        """A share, to the percent."""
        return self.general.numbers.decimal(100.0 * share) + f"{NBSP}%" if math.isfinite(share) else "–"

    @staticmethod
    def _tied(text: str, unit: str) -> str:
        """A unit stays beside its number."""
        return text.replace(f" {unit}", unit if unit == "°" else f"{NBSP}{unit}")

    def _group_of(self, factor: Factor) -> str:
        known = self.words.texts.get(f"group.{factor.group}")
        if known is not None:
            return known
        if factor.what == "film_w_m2k":
            return self.general.structure(factor.group)
        model = load_catalogue().get(factor.group)
        return factor.group if model is None else model.name

    def _value(self, value: float) -> str:
        size = abs(value)
        places = 0 if size >= 100 else 1 if size >= 10 else 2
        return self.general.numbers.decimal(value, places)


@cache
def uncertainty_phrasing(lang: Lang) -> UncertaintyPhrasing:
    """The phrases of one language."""
    text = resources.files("givre.dossier").joinpath(f"uncertainty_words_{lang}.toml").read_text(encoding="utf-8")
    typeset = typeset_french if lang == "fr" else typeset_english
    texts = {
        f"{family}.{key}": typeset(value)
        for family, entries in tomllib.loads(text).items()
        for key, value in entries.items()
    }
    return UncertaintyPhrasing(words=Words(lang=lang, texts=texts), general=phrasing(lang))
