"""Both languages say the same of ways of access, for every reason, note and direction there is."""

from __future__ import annotations

import string
from typing import get_args

import pytest

from givre.dossier.access_phrasing import access_phrasing
from givre.planning.access.forbidden import load_clearance_rules
from givre.planning.access.path_checks import REASONS, Block, Reason
from givre.planning.access.trajectory_list import AccessNote

LANGUAGES = ("fr", "en")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_values():
    french, english = access_phrasing("fr").words.texts, access_phrasing("en").words.texts
    assert set(french) == set(english)
    assert {key for key in french if fields(french[key]) != fields(english[key])} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_words(lang):
    say = access_phrasing(lang)
    assert get_args(Reason) == REASONS
    for reason in REASONS:
        block = Block(
            reason=reason, structure="aorta" if reason == "clearance" else "", found=3.0, limit=5.0, unit="mm"
        )
        assert say.reason(block.key)
        assert "nan" not in say.block(block)
    assert say.reason("")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_has_a_name(lang):
    say = access_phrasing(lang)
    rules = [rule.name for rule in load_clearance_rules().rules if rule.patterns]
    assert all("_" not in say.structure(name) for name in rules)


def test_a_side_and_a_crossing_are_told_in_words():
    say = access_phrasing("fr")
    assert say.structure("kidney_left") == "rein (à gauche)"
    crossing = Block(reason="clearance", structure="aorta", found=-1.2, limit=5.0, unit="mm")
    assert "traversé" in say.block(crossing)


def test_a_refused_probe_is_told_in_its_own_words():
    assert access_phrasing("en").note(AccessNote(code="probe_refused", text="P2: {tip} outside")) == "P2: {tip} outside"
