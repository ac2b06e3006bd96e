"""The planner's pages say what was found, with the right plan named, and hide what is not known."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest

from givre.adapters.results.proposals_reading import read_proposals
from givre.adapters.results.uncertainty_reading import read_uncertainty
from givre.dossier.compose import compose_dossier
from givre.dossier.content import Bullets, Section, Table
from givre.dossier.uncertain_plan import plain_name
from givre.dossier.uncertainty_section import CHANCES, tumour_shares
from givre.geometry.volume import Volume
from givre.testing.dossiers import small_dossier_inputs
from givre.testing.planned import small_proposals, small_uncertainty
from tests.adapters.results.planned_folders import proposals_folder, uncertainty_folder

NBSP = "\u00a0"


@pytest.fixture(scope="module")
def inputs():
    return small_dossier_inputs()


def read_plans(inputs, tmp_path, *, time_limit_s=None, **how):
    folder = proposals_folder(small_proposals(inputs.case, **how), tmp_path / "p", time_limit_s=time_limit_s)
    return read_proposals(folder)[0]


def read_spread(inputs, tmp_path, **how):
    return read_uncertainty(uncertainty_folder(small_uncertainty(inputs, **how), tmp_path / "u"))[0]


def section(inputs, key, lang="en") -> Section:
    return next(part for part in compose_dossier(inputs, lang=lang).sections if part.key == key)


def text_of(part: Section) -> str:
    def flat(value):
        if isinstance(value, dict):
            return [word for inner in value.values() for word in flat(inner)]
        if isinstance(value, list | tuple):
            return [word for inner in value for word in flat(inner)]
        return [str(value)]

    return " | ".join(flat(asdict(part))).replace(NBSP, " ").replace("\u202f", " ")


def table(part: Section, key: str) -> Table:
    return next(block for block in part.blocks if isinstance(block, Table) and block.key == key)


def cells(found: Table) -> list[list[str]]:
    return [[cell.text.replace(NBSP, " ") for cell in row] for row in found.rows]


def test_nothing_is_told_where_nobody_asked(inputs):
    keys = [part.key for part in compose_dossier(inputs, lang="fr").sections]
    assert not {"ranked", "uncertainty", "sensitivity"} & set(keys)


def test_the_pages_stand_before_what_the_model_does_not_know(inputs, tmp_path):
    told = replace(inputs, ranked=read_plans(inputs, tmp_path), uncertain=read_spread(inputs, tmp_path))
    keys = [part.key for part in compose_dossier(told, lang="fr").sections]
    first = keys.index("ranked")
    assert keys[first - 1 : first + 4] == ["probes", "ranked", "uncertainty", "sensitivity", "limits"]


def test_the_table_of_plans_gives_the_figures_and_marks_the_plan_of_the_dossier(inputs, tmp_path):
    part = section(replace(inputs, ranked=read_plans(inputs, tmp_path)), "ranked")
    first, second = cells(table(part, "ranked"))
    assert first[0] == "1 (this dossier)"
    assert first[1:7] == ["2 × m", "10-8-10", "100%", "98%", "3.0 mm", "Spinal cord: 12 °C (limit 0 °C)"]
    assert first[7] == "! meets the goals of the search; not met: smallest margin"
    assert second[0] == "2"
    assert second[7] == "✗ not met: coverage with margin"
    text = text_of(part)
    assert "The plan of this dossier is plan 1 of the list" in text
    assert "1 cryoprobe instead of 2: coverage with margin 71%" in text
    assert "1 to 4 cryoprobes" in text and "at least 98%" in text


def test_an_organ_that_passes_its_alarm_is_told_although_its_limit_is_kept(inputs, tmp_path):
    found = read_plans(inputs, tmp_path)
    first = found.plans[0]
    alarmed = replace(first, verdicts=tuple(replace(verdict, status="warning") for verdict in first.verdicts[:1]))
    part = section(replace(inputs, ranked=replace(found, plans=(replace(alarmed, case_verdicts=()),))), "ranked")
    assert cells(table(part, "ranked"))[0][7] == "! meets every goal; alarm passed: spinal cord"


def test_a_plan_that_is_not_among_them_is_told_so(inputs, tmp_path):
    part = section(replace(inputs, ranked=read_plans(inputs, tmp_path, moved_mm=3.0)), "ranked", "fr")
    assert "n’est pas parmi les plans proposés" in text_of(part)
    assert cells(table(part, "ranked"))[0][0] == "1"


def test_what_binds_is_told_when_no_plan_meets_every_goal(inputs, tmp_path):
    part = section(replace(inputs, ranked=read_plans(inputs, tmp_path, is_feasible=False)), "ranked", "fr")
    assert "Aucun plan trouvé n’atteint tous les objectifs" in text_of(part)
    assert cells(table(part, "in_the_way")) == [
        ["Moelle épinière : limite 0 °C", "6,2 °C sous la limite", "98 %", "71 %"]
    ]
    assert "in English" not in text_of(part)


def test_a_search_that_was_cut_short_is_labelled(inputs, tmp_path):
    early = read_plans(inputs, tmp_path, ended_early=True, time_limit_s=20.0)
    assert "ended by its time limit | After 20 s" in text_of(section(replace(inputs, ranked=early), "ranked"))
    stopped = replace(early, time_limit_s=float("nan"))
    assert "The search was stopped" in text_of(section(replace(inputs, ranked=stopped), "ranked"))
    nothing = replace(early, plans=(), is_feasible=False)
    assert "No plan was simulated" in text_of(section(replace(inputs, ranked=nothing), "ranked"))


def test_the_error_of_the_surrogate_is_shown_and_never_invented(inputs, tmp_path):
    part = section(replace(inputs, ranked=read_plans(inputs, tmp_path)), "ranked")
    before, after = cells(table(part, "surrogate"))
    assert before == ["as first made", "4", "3.1; 6.2 points", "0.8; 1.6 mm", "2.4; 4.8 °C"]
    assert after[1:] == ["0", "–", "–", "–"]


def test_chances_come_with_their_interval_and_failures_count(inputs, tmp_path):
    part = section(replace(inputs, uncertain=read_spread(inputs, tmp_path)), "uncertainty")
    rows = {row[0]: row[1:] for row in cells(table(part, "chances"))}
    # 14 of 40 samples: 35 %, and 20.6 to 51.7 % by Clopper and Pearson, rounded outwards
    assert rows["Smallest margin"] == ["≥ 5 mm", "✗ no", "35%", "20% to 52%"]
    assert rows["Spinal cord"][0] == "> 0 °C"
    assert "Samples without result: 2 of 40" in text_of(part)


def test_quantiles_that_fall_among_failed_samples_stay_empty(inputs, tmp_path):
    part = section(replace(inputs, uncertain=read_spread(inputs, tmp_path, failed=6)), "uncertainty", "fr")
    margin = next(row for row in cells(table(part, "quantiles")) if row[0] == "Plus petite marge")
    assert margin[1] == "4,0 mm"
    assert margin[2] == "–"
    assert margin[4].endswith(" mm")


def test_what_was_varied_is_listed_with_its_status_and_like_probes_together(inputs, tmp_path):
    part = section(replace(inputs, uncertain=read_spread(inputs, tmp_path)), "uncertainty")
    rows = {row[0]: row[1:4] for row in cells(table(part, "varied"))}
    assert rows["P1, P2: depth along the probe"] == ["0 mm", "−4.9 to 4.9", "▲ assumption"]
    assert rows["Soft tissue: frozen conductivity (of muscle)"] == ["1.45 W/(m·K)", "1.16 to 1.86", "verified"]
    assert "nothing" not in rows


def test_shares_of_the_tumour_are_those_of_the_map(inputs, tmp_path):
    found = read_spread(inputs, tmp_path)
    values = np.where(inputs.run.grid.voxel_centres_mm()[..., 0] > 30.0, 0.95, 0.6).astype(np.float32)
    half = replace(found, lethal_probability=Volume(grid=inputs.run.grid, values=values, unit="1"))
    shares = tumour_shares(half, inputs)
    assert shares[CHANCES[0]] == 1.0
    assert shares[0.9] == pytest.approx(0.5, abs=0.12)  # half of the ball, to a voxel of the map
    assert shares[0.95] < shares[0.9] + 1e-9


def test_shares_are_told_where_the_emulator_is_good_and_hidden_with_the_reason_where_it_is_not(inputs, tmp_path):
    good = section(replace(inputs, uncertain=read_spread(inputs, tmp_path / "good")), "sensitivity")
    rows = cells(table(good, f"shares_{plain_name('margin_mm')}"))
    assert rows[0] == ["Soft tissue: frozen conductivity", "31% (26 to 37)", "31% (26 to 37)", "31% (26 to 37)"]
    assert "predicts 93% of the variance" in text_of(good)
    poor = section(replace(inputs, uncertain=read_spread(inputs, tmp_path / "poor", q2=0.41)), "sensitivity")
    assert not [block for block in poor.blocks if isinstance(block, Table)]
    assert "predicts only 41% of the variance" in text_of(poor) and "at least 80% is asked" in text_of(poor)
    assert "31%" not in text_of(poor)
    none = section(replace(inputs, uncertain=read_spread(inputs, tmp_path / "none", q2=-0.2)), "sensitivity")
    assert "predicts nothing" in text_of(none)


def test_pictures_have_alt_texts_with_numbers(inputs, tmp_path):
    dossier = compose_dossier(replace(inputs, uncertain=read_spread(inputs, tmp_path)), lang="fr")
    alts = {figure.key: figure.alt.replace(NBSP, " ") for figure in dossier.figures()}
    assert "La ligne de 50 % entoure" in alts["chance_axial"] and "cm²" in alts["chance_axial"]
    assert "Barres les plus longues" in alts["tornado_margin_mm"]
    assert sum(key.startswith("chance_") for key in alts) == 4


def test_bullets_say_what_the_map_means_and_does_not(inputs, tmp_path):
    part = section(replace(inputs, uncertain=read_spread(inputs, tmp_path)), "uncertainty")
    bullets = next(block for block in part.blocks if isinstance(block, Bullets))
    assert [lead for lead, _ in bullets.items][:2] == ["What these chances say", "What they do not say"]
