"""Both languages say the same things, and French is set as French."""

from __future__ import annotations

import re
import string

import pytest

from givre.dossier.words import LANGUAGES, NARROW_NBSP, NBSP, load_words, typeset_english, typeset_french

SAME_IN_BOTH = {"case.count_probes", "curves.alt_below", "curves.alt_temperature", "probes.angle"}
"""Keys whose text may be the same although it is long: templates without words."""


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys():
    assert set(load_words("fr").texts) == set(load_words("en").texts)


def test_both_languages_put_the_same_values_into_each_sentence():
    french, english = load_words("fr").texts, load_words("en").texts
    different = {key for key in french if fields(french[key]) != fields(english[key])}
    assert different == set()


def test_no_sentence_was_left_in_the_other_language():
    french, english = load_words("fr").texts, load_words("en").texts
    single_words = {key for key in french if len(french[key].split()) <= 2}  # "Date", "muscle": spelled alike
    same = {key for key in french if french[key] == english[key]} - single_words
    assert same <= SAME_IN_BOTH


def test_french_never_breaks_a_line_before_its_high_punctuation():
    for key, text in load_words("fr").texts.items():
        assert not re.search(r"(?<! ) [:;!?»%](?!\w)", text), key
        assert "« " not in text, key
        assert "'" not in text, key


def test_typesetting_leaves_words_and_numbers_alone():
    assert typeset_french("de -20 à 5 mm ; « oui » ?") == (
        f"de \u221220 à 5{NBSP}mm{NARROW_NBSP}; «{NBSP}oui{NBSP}»{NARROW_NBSP}?"
    )
    assert typeset_english("a well-known 5 mm margin") == f"a well-known 5{NBSP}mm margin"


def test_french_does_not_break_au_dela_at_its_hyphen():
    assert typeset_french("au-delà et au-dessus d'un va-et-vient") == "au\u2011delà et au\u2011dessus d’un va-et-vient"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_value_is_never_read_as_a_template(lang):
    shown = load_words(lang)("verdict.other", goal="{0} {secret}")
    assert shown == "{0} {secret}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_notice_is_the_agreed_one(lang):
    expected = {
        "fr": "Usage de recherche, n’est pas un dispositif médical",
        "en": "Research use, not a medical device",
    }
    assert load_words(lang)("doc.notice") == expected[lang]
