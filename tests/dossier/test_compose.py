"""What a dossier says, and what it refuses to leave out."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, replace

import numpy as np
import pytest

from givre.assessment.result import Verdict, judge_at_least
from givre.bioheat.run import RunStatus
from givre.case.description import CaseWords
from givre.dossier.compose import compose_dossier
from givre.dossier.content import Banner, Bullets, Table, VerdictBoard
from givre.dossier.inputs import Provenance
from givre.foundation.errors import InputError
from givre.testing.dossiers import small_dossier_inputs


@pytest.fixture(scope="module")
def inputs():
    return small_dossier_inputs()


def blocks(dossier, kind):
    return [block for section in dossier.sections for block in section.blocks if isinstance(block, kind)]


def all_text(value) -> str:
    if isinstance(value, dict):
        return "\n".join(all_text(part) for part in value.values())
    if isinstance(value, list | tuple):
        return "\n".join(all_text(part) for part in value)
    return value if isinstance(value, str) else ""


def test_both_languages_have_the_same_sections_and_figures(inputs):
    french, english = (compose_dossier(inputs, lang=lang) for lang in ("fr", "en"))
    assert [section.key for section in french.sections] == [section.key for section in english.sections]
    assert [figure.key for figure in french.figures()] == [figure.key for figure in english.figures()]


def test_composing_twice_gives_equal_dossiers(inputs):
    assert compose_dossier(inputs, lang="fr") == compose_dossier(inputs, lang="fr")


def test_each_goal_is_judged_with_a_sign_and_words(inputs):
    board = blocks(compose_dossier(inputs, lang="fr"), VerdictBoard)[0]
    assert len(board.lines) == len(inputs.assessment.verdicts)
    statuses = {verdict.goal: line for verdict, line in zip(inputs.assessment.verdicts, board.lines, strict=True)}
    assert (statuses["margin"].symbol, statuses["margin"].status) == ("✗", "non atteint")
    assert (statuses["organ:spinal_cord"].symbol, statuses["organ:spinal_cord"].status) == ("!", "à surveiller")


def test_a_figure_that_is_not_a_number_is_shown_as_unknown_and_fails(inputs):
    verdicts = tuple(
        judge_at_least("coverage", math.nan, 1.0, "1") if verdict.goal == "coverage" else verdict
        for verdict in inputs.assessment.verdicts
    )
    broken = replace(inputs, assessment=replace(inputs.assessment, verdicts=verdicts, coverage=math.nan))
    dossier = compose_dossier(broken, lang="fr")
    line = next(line for line in blocks(dossier, VerdictBoard)[0].lines if line.tone == "unknown")
    assert (line.symbol, line.found) == ("?", "non calculé")
    assert line.status == "inconnu (échec)"
    assert "n’atteint pas tous ses objectifs" in all_text(asdict(dossier))
    assert not re.search(r"\bnan\b", all_text(asdict(dossier)), re.IGNORECASE)


def test_a_run_that_cannot_be_used_fails_whatever_its_verdicts_say(inputs):
    status = RunStatus(ending="front_reached_boundary", sentence="The front reached the boundary.")
    met = tuple(replace(verdict, status="met") for verdict in inputs.assessment.verdicts)
    broken = replace(
        inputs, run=replace(inputs.run, status=status), assessment=replace(inputs.assessment, verdicts=met)
    )
    banners = blocks(compose_dossier(broken, lang="en"), Banner)
    assert any("not usable" in banner.title for banner in banners)
    assert any("does not meet all its goals" in banner.title for banner in banners)


def test_no_verdict_at_all_is_a_failure(inputs):
    empty = replace(inputs, assessment=replace(inputs.assessment, verdicts=()))
    banners = blocks(compose_dossier(empty, lang="en"), Banner)
    assert any(banner.tone == "not_met" for banner in banners)


def test_synthetic_data_are_announced_first(inputs):
    first = compose_dossier(inputs, lang="fr").sections[0].blocks[0]
    assert isinstance(first, Banner)
    assert first.title == "DONNÉES SYNTHÉTIQUES"
    real = replace(inputs, case=replace(inputs.case, synthetic=""))
    assert "SYNTHÉTIQUES" not in all_text(asdict(compose_dossier(real, lang="fr")))


def test_every_unverified_value_is_flagged_and_no_verified_one_is(inputs):
    tables = {table.key: table for table in blocks(compose_dossier(inputs, lang="en"), Table)}
    flagged = {row[0].text for row in tables["unverified"].rows}
    assert flagged == {
        "Lethal threshold",
        "Spinal cord, limit",
        "Probes P1, P2, surface temperature",
        "Muscle, density",
        "Fat, perfusion",
    }
    assert all(row[3].text.startswith("▲") for row in tables["unverified"].rows)
    assert [row[0].text for row in tables["verified"].rows] == ["Muscle, conductivity, unfrozen"]


def test_alt_texts_hold_the_numbers_and_differ(inputs):
    alts = [figure.alt for figure in compose_dossier(inputs, lang="en").figures()]
    assert len(set(alts)) == len(alts)
    assert all(re.search(r"\d", alt) for alt in alts)


def test_the_dossier_takes_the_words_of_its_language_and_falls_back_on_those_of_the_case(inputs):
    words = CaseWords(lang="en", title="Lytic metastasis of L3", question="Can it be frozen?")
    told = replace(inputs, case=replace(inputs.case, translations=(words,)))
    english, french = (compose_dossier(told, lang=lang) for lang in ("en", "fr"))
    assert english.subtitle == "Lytic metastasis of L3"
    assert french.subtitle == inputs.case.title
    assert "Can it be frozen?" in all_text(asdict(english))
    assert inputs.case.anatomy in all_text(asdict(english))  # has no English words
    assert "Can it be frozen?" not in all_text(asdict(french))


def test_remarks_and_findings_are_told_in_french(inputs):
    text = all_text(asdict(compose_dossier(inputs, lang="fr")))
    assert "12 voxels sont du métal" in text
    assert "millimètres supposés" in text
    assert "a thing nobody translated" not in text
    assert "a thing nobody translated" in all_text(asdict(compose_dossier(inputs, lang="en")))


def test_the_list_of_what_is_not_known_names_the_voxel_and_the_extrapolation(inputs):
    limits = blocks(compose_dossier(inputs, lang="en"), Bullets)
    text = all_text([asdict(block) for block in limits])
    assert "2.5\u00a0mm" in text
    assert "4.0\u00a0% of the simulated domain" in text


def test_angles_and_spacing_are_those_of_the_trajectories(inputs):
    tables = {table.key: table for table in blocks(compose_dossier(inputs, lang="en"), Table)}
    # P1 comes from behind, the left and above: on its way in it goes right and towards the feet
    assert tables["geometry"].rows[0][4].text == "9° towards the feet"
    assert tables["geometry"].rows[0][5].text == "36° to the right"
    assert tables["spacing"].rows[0][2].text == "7.2\u00a0mm"  # tips (6, 0, -4) apart


@pytest.mark.parametrize("date", ["2026-3-1", "yesterday", "2026-13-01", ""])
def test_a_date_that_is_not_a_day_is_refused(date):
    with pytest.raises(InputError, match="dossier date"):
        Provenance(date=date)


def test_probes_that_do_not_match_the_placements_are_refused(inputs):
    with pytest.raises(InputError, match="describe each one, in order"):
        replace(inputs, probes=inputs.probes[:1])


def outside(inputs, *, share=0.0):
    """The same plan with its cord partly or wholly outside the domain: the coldest face, 11.6 °C, stands for it."""
    coldest_c = np.array(inputs.run.coldest_c)
    coldest_c[[0, -1]], coldest_c[:, [0, -1]], coldest_c[:, :, [0, -1]] = 37.0, 37.0, 37.0
    coldest_c[0, 3, 3] = 11.6
    verdict = Verdict(goal="organ:spinal_cord", status="met", value=11.6, limit=0.0, unit="degC")
    exposure = replace(
        inputs.assessment.exposures[0],
        coldest_c=math.nan if share == 0 else 25.0,
        fraction_simulated=share,
        verdict=verdict,
    )
    verdicts = tuple(
        verdict if found.goal == verdict.goal else replace(found, status="met") for found in inputs.assessment.verdicts
    )
    assessment = replace(inputs.assessment, exposures=(exposure,), verdicts=verdicts)
    return replace(inputs, run=replace(inputs.run, coldest_c=coldest_c), assessment=assessment)


@pytest.mark.parametrize(("lang", "words"), [("en", "coldest face of the domain"), ("fr", "face la plus froide")])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_an_organ_outside_the_domain_is_bounded_never_called_unknown(inputs, lang, words, share):
    text = all_text(asdict(compose_dossier(outside(inputs, share=share), lang=lang)))
    assert f"{words}" in text
    assert "11\u00a0°C" in text
    assert "≥\u00a011\u00a0°C" in text  # a bound, not what the organ had
    for denied in ("not known.", "safety is not known", "passe n’est pas connu", "sécurité n’est pas connue"):
        assert denied not in text
    assert ("All goals are met" in text) == (lang == "en")


def test_an_organ_outside_the_domain_of_a_run_that_cannot_be_used_is_unknown(inputs):
    stopped = replace(inputs.run, status=RunStatus(ending="stopped", sentence="Stopped."))
    told = outside(inputs)
    exposure = told.assessment.exposures[0]
    unknown = replace(exposure, verdict=replace(exposure.verdict, status="unknown"))
    assessment = replace(told.assessment, exposures=(unknown,))
    text = all_text(asdict(compose_dossier(replace(told, run=stopped, assessment=assessment), lang="en")))
    assert "their safety is not known" in text
    assert "says nothing of what lies outside" in text
    assert "at least as warm as" not in text


def goals_with(inputs, **values):
    return replace(inputs, case=replace(inputs.case, goals=replace(inputs.case.goals, **values)))


def test_a_lethal_zone_that_asks_for_time_and_freezes_says_so_wherever_it_is_named(inputs):
    dossier = compose_dossier(goals_with(inputs, hold_s=180.0, freezes=2), lang="en")
    text = all_text(asdict(dossier)).replace("\u00a0", " ")
    criterion = "−20 °C or below for at least 3 min in all, in at least 2 freezes"
    for where in ("of the tumour at", "volume that reached", "share of the tumour at", "chosen here:"):
        assert f"{where} {criterion}" in text
    assert text.count("(≤ −20 °C for at least 3 min in all, in at least 2 freezes)") >= 2
    french = all_text(asdict(compose_dossier(goals_with(inputs, hold_s=180.0, freezes=2), lang="fr")))
    assert "pendant au moins 3 min au total, en au moins 2 congélations" in french.replace("\u00a0", " ")


def test_a_lethal_zone_without_hold_names_no_duration(inputs):
    text = all_text(asdict(compose_dossier(goals_with(inputs, freezes=2), lang="en"))).replace("\u00a0", " ")
    assert "−20 °C or below in at least 2 freezes" in text
    assert "at least 0 s" not in text
    plain = all_text(asdict(compose_dossier(inputs, lang="en"))).replace("\u00a0", " ")
    assert "in at least" not in plain
