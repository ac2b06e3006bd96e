"""The words of an uncertain plan: the same in both languages, and a word for everything that may be told."""

import string
from typing import get_args

import pytest

from givre.cli.texts_uncertainty import UNCERTAINTY_ENGLISH, UNCERTAINTY_FRENCH
from givre.dossier.inputs import Lang
from givre.dossier.uncertainty_phrasing import uncertainty_phrasing
from givre.planning.uncertainty.probability import figure_names
from givre.planning.uncertainty.spread import usual_settings
from givre.planning.uncertainty.spread_plan import spread_of_plans
from givre.planning.uncertainty.spread_tissue import FIELDS
from givre.testing.uncertain_case import small_uncertain_case

LANGUAGES = get_args(Lang)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_figures() -> None:
    pairs = [
        (uncertainty_phrasing("en").words.texts, uncertainty_phrasing("fr").words.texts),
        (UNCERTAINTY_ENGLISH, UNCERTAINTY_FRENCH),
    ]
    for english, french in pairs:
        assert set(english) == set(french)
        assert {key: fields(text) for key, text in english.items()} == {k: fields(text) for k, text in french.items()}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_input_figure_and_goal_has_its_words(lang: Lang) -> None:
    say, case = uncertainty_phrasing(lang), small_uncertain_case()
    spread = spread_of_plans(case.prepared, ["icesphere-1.5-cx"], usual_settings())
    factors = spread.factors(case.description.placements)
    assert set(FIELDS) <= {factor.what for factor in factors}
    told = [say.factor(factor) for factor in factors]
    assert len(set(told)) == len(told)
    for factor, words in zip(factors, told, strict=True):
        assert "_" not in words
        assert factor.group == "icesphere-1.5-cx" or words[0].isupper()
        shown = say.range(factor, factor.law.low, factor.law.high)
        assert lang == "en" or "." not in shown
        assert "_" not in shown and "/mm" not in shown
    groups = {factor.group for factor in factors}
    assert len({say.group(name, factors) for name in groups}) == len(groups)
    for name in figure_names(["spinal_cord"]):
        assert "_" not in say.figure(name)
    for goal in ("coverage", "margin", "organ:spinal_cord", "all"):
        assert say.goal(goal)[0].isupper() and "_" not in say.goal(goal)


def test_values_are_written_as_they_are_read() -> None:
    english, french = uncertainty_phrasing("en"), uncertainty_phrasing("fr")
    assert english.value(0.9234, "1").replace("\u00a0", " ") == "92.3 %"
    assert french.value(-1.26, "mm").replace("\u00a0", " ") == "−1,3 mm"
    assert french.value(float("nan"), "C") == "–"
    assert english.value(8.04, "C").replace("\u00a0", " ") == "8.0 °C"
