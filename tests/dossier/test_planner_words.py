"""Both languages say the same of the planner's results, and French is set as French."""

from __future__ import annotations

import re
import string
from typing import get_args

import pytest

from givre.dossier.planner_phrasing import planner_phrasing
from givre.dossier.words import LANGUAGES
from givre.planning.placement.result import Role

SAME_IN_BOTH = {"ranked.probes", "moves.group", "ranked.rank", "unsure.map_legend"}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_values():
    french, english = (planner_phrasing(lang).words.texts for lang in ("fr", "en"))
    assert set(french) == set(english)
    assert {key for key in french if fields(french[key]) != fields(english[key])} == set()


def test_no_sentence_was_left_in_the_other_language():
    french, english = (planner_phrasing(lang).words.texts for lang in ("fr", "en"))
    assert {key for key in french if french[key] == english[key] and len(french[key].split()) > 2} <= SAME_IN_BOTH


def test_french_never_breaks_a_line_before_its_high_punctuation():
    for key, text in planner_phrasing("fr").words.texts.items():
        assert not re.search(r" [:;!?»%](?!\w)", text), key
        assert "'" not in text, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_to_list_a_plan_and_to_hide_shares_has_words(lang):
    words = planner_phrasing(lang).words
    assert all(words.has(f"role.{role}") for role in get_args(Role))
    reasons = ("no_input", "constant", "too_few_runs", "too_many_failed", "poor_q2", "poor_q2_none", "good")
    assert all(words.has(f"moves.{why}") for why in reasons)
