"""Thermocouples, probes at part power and fluids are told in the dossier, in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from givre.case.thermocouple import Thermocouple
from givre.dossier.compose import compose_dossier
from givre.dossier.content import Paragraph, Table
from givre.dossier.inputs import DossierInputs
from givre.dossier.numbers import NumberStyle
from givre.dossier.phrasing import Phrasing
from givre.dossier.words import load_words
from givre.testing.dossiers import CENTRE_MM, small_dossier_inputs

INPUTS = small_dossier_inputs()


def told() -> DossierInputs:
    """The small case with two thermocouples, one of them outside the domain, and a probe at half power."""
    inside = Thermocouple(label="TC1", point_mm=CENTRE_MM)
    outside = Thermocouple(label="TC2", point_mm=(900.0, 0.0, 0.0))
    first, second = INPUTS.case.placements
    case = replace(
        INPUTS.case, thermocouples=(inside, outside), placements=(replace(first, power=0.5, freezes=1), second)
    )
    history = INPUTS.run.history
    course = {**history.point_temp_c, inside.key: np.linspace(37.0, -21.5, len(history.time_s))}
    return replace(INPUTS, case=case, run=replace(INPUTS.run, history=replace(history, point_temp_c=course)))


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_each_thermocouple_has_its_coldest_temperature_and_spread(lang):
    blocks = next(part for part in compose_dossier(told(), lang=lang).sections if part.key == "probes").blocks
    table = next(block for block in blocks if isinstance(block, Table) and block.key == "thermocouples")
    first, second = ([cell.text for cell in row] for row in table.rows)
    assert first[0] == "TC1"
    assert "22" in first[2]  # -21.5 °C, rounded
    assert first[5].startswith("±")
    assert second[0] == "TC2"
    assert not any(character.isdigit() for character in second[2])


@pytest.mark.parametrize(("lang", "words"), [("en", "freezes at 50"), ("fr", "congèle à 50")])
def test_a_probe_at_part_power_says_that_no_measurement_stands_behind_it(lang, words):
    blocks = next(part for part in compose_dossier(told(), lang=lang).sections if part.key == "probes").blocks
    notes = [block.text for block in blocks if isinstance(block, Paragraph) and block.text.startswith("P1")]
    assert any(words in note for note in notes)
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("lang", "name"), [("en", "Blood in a large vessel (aorta)"), ("fr", "Sang d\u2019un gros vaisseau (aorte)")]
)
def test_a_fluid_is_named_with_the_structure_that_it_fills(lang, name):
    say = Phrasing(words=load_words(lang), numbers=NumberStyle(lang=lang))
    told_name = say.tissue("large_vessel aorta")
    assert told_name[:1].upper() + told_name[1:] == name


def test_without_thermocouples_nothing_is_said_of_them():
    blocks = next(part for part in compose_dossier(INPUTS, lang="en").sections if part.key == "probes").blocks
    assert not any(isinstance(block, Table) and block.key == "thermocouples" for block in blocks)
