"""The dossier prints ± beside the figures people read, says what it is, or why there is none."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from givre.adapters.results.error_bars import error_json, size_json
from givre.assessment.discretisation import DiscretisationError, ErrorBar, no_estimate
from givre.assessment.ice_size import IceSize
from givre.dossier.compose import compose_dossier
from givre.dossier.content import KeyNumbers, Paragraph, Section, Table, VerdictBoard
from givre.dossier.error_bars import undecided
from givre.dossier.inputs import DossierInputs
from givre.dossier.numbers import NumberStyle
from givre.dossier.phrasing import error_bar_trial
from givre.testing.dossiers import small_dossier_inputs

PLAIN = small_dossier_inputs()
SIZE = IceSize(equivalent_radius_mm=18.04, along_mm=40.26, widest_mm=34.0, narrowest_mm=33.6)


def estimated(**half_widths: float) -> DossierInputs:
    """The small plan with error bars: 0.4 mm, 0.5 mL, 1.2 °C, 1 % unless told otherwise."""
    assessment = PLAIN.assessment
    bars = {
        "coverage": ErrorBar(value=assessment.coverage, half_width=0.01, unit="1"),
        "margin:minimum": ErrorBar(value=assessment.margin.minimum_mm, half_width=0.4, unit="mm"),
        "volume:0": ErrorBar(value=assessment.ice_ball_ml, half_width=1.5, unit="mL"),
        "ice:along": ErrorBar(value=SIZE.along_mm, half_width=0.8, unit="mm"),
        "organ:spinal_cord:coldest": ErrorBar(value=assessment.exposures[0].coldest_c, half_width=1.2, unit="degC"),
    }
    bars |= {key: replace(bars[key], half_width=width) for key, width in half_widths.items()}
    return replace(PLAIN, size=SIZE, error=DiscretisationError(voxels_mm=(1.5, 2.25), edge_mm=0.375, bars=bars))


def section(inputs: DossierInputs, lang: str, key: str) -> Section:
    return next(part for part in compose_dossier(inputs, lang=lang).sections if part.key == key)


def texts(part: Section) -> str:
    return "\n".join(block.text for block in part.blocks if isinstance(block, Paragraph))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_verdicts_and_key_numbers_carry_their_error(lang: str) -> None:
    summary = section(estimated(), lang, "summary")
    board = next(block for block in summary.blocks if isinstance(block, VerdictBoard))
    found = [line.found for line in board.lines]
    assert "±" not in found[0]  # the run ended or not
    assert all("±" in text for text in found[1:])
    numbers = next(block for block in summary.blocks if isinstance(block, KeyNumbers)).numbers
    assert ["±" in number.note for number in numbers] == [True, True, False, True]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("does not cover tissue properties", "tissue map included")),
        ("fr", ("ne couvre ni les propriétés", "carte")),
    ],
)
def test_one_line_says_what_the_bar_is_and_is_not(lang: str, words: tuple[str, str]) -> None:
    told = texts(section(estimated(), lang, "summary"))
    assert all(word in told for word in words)
    assert re.search(r"1[.,]5\u00a0mm .* 2[.,]25\u00a0mm", told)
    assert re.search(r"0[.,]4\u00a0mm", told)


@pytest.mark.parametrize(("lang", "words"), [("en", "not estimated"), ("fr", "non estimée")])
@pytest.mark.parametrize("why", ["not_wanted", "too_long", "coarse_refused", "coarse_unusable", "not_a_number"])
def test_without_an_estimate_the_dossier_says_why_and_prints_no_error(lang: str, words: str, why: str) -> None:
    inputs = replace(PLAIN, error=no_estimate(why, "because", (1.5, 2.25)))
    summary = section(inputs, lang, "summary")
    assert words in texts(summary)
    assert "grid_none" not in texts(section(inputs, lang, "limits"))
    board = next(block for block in summary.blocks if isinstance(block, VerdictBoard))
    assert not any("±" in line.found for line in board.lines)


@pytest.mark.parametrize(
    ("lang", "value", "error"),
    [("en", "40.3\u00a0mm", "±\u00a00.9\u00a0mm"), ("fr", "40,3\u00a0mm", "±\u00a00,9\u00a0mm")],
)
def test_the_table_of_the_ice_ball_gives_size_and_error(lang: str, value: str, error: str) -> None:
    table = next(block for block in section(estimated(), lang, "ice").blocks if isinstance(block, Table))
    rows = [[cell.text for cell in row] for row in table.rows]
    along = next(row for row in rows if row[1] == value)
    assert along[2] == error
    assert rows[1][2] == "–"  # no bar, no number


def test_a_verdict_within_its_error_of_the_limit_is_named() -> None:
    margin = PLAIN.assessment.margin.minimum_mm
    gap = abs(margin - PLAIN.case.goals.margin_mm)
    near, clear = estimated(**{"margin:minimum": gap * 1.1}), estimated(**{"margin:minimum": gap * 0.9})
    for inputs, goals in ((near, {"margin"}), (clear, set())):
        assert inputs.error is not None
        found = {verdict.goal for verdict in undecided(inputs.assessment, inputs.error, inputs.case.organs_at_risk)}
        assert goals <= found and ("margin" in found) == bool(goals)
    assert "not decided by this grid" in texts(section(near, "en", "summary"))


def test_an_alarm_within_the_error_counts_too() -> None:
    coldest_c = PLAIN.assessment.exposures[0].coldest_c
    gap = abs(coldest_c - PLAIN.case.organs_at_risk[0].alarm_temp_c)
    inputs = estimated(**{"organ:spinal_cord:coldest": gap * 1.01})
    assert inputs.error is not None
    turning = undecided(inputs.assessment, inputs.error, inputs.case.organs_at_risk)
    assert [verdict.goal for verdict in turning if verdict.goal.startswith("organ")] == ["organ:spinal_cord"]


@pytest.mark.parametrize(
    ("value", "half_width", "unit", "shown"),
    [
        (2.9, 0.33, "mm", "± 0.8 mm"),  # 2.9 is printed as 2.5: the bar reaches from there
        (2.5, 0.0, "mm", "± 0.1 mm"),  # never nothing
        (7.3, 2.4, "degC", "± 3 °C"),
        (0.984, 0.046, "1", "± 5%"),
        (24.4, 1.41, "mL", "± 2 mL"),
        (8.1, 0.52, "mL", "± 0.6 mL"),
    ],
)
def test_a_bar_is_rounded_up_and_covers_the_rounding_of_its_figure(
    value: float, half_width: float, unit: str, shown: str
) -> None:
    assert NumberStyle(lang="en").plus_minus(value, half_width, unit).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(("value", "half_width"), [(float("nan"), 1.0), (1.0, float("nan"))])
def test_a_bar_that_is_not_a_number_is_not_shown(value: float, half_width: float) -> None:
    assert NumberStyle(lang="fr").plus_minus(value, half_width, "mm") == ""


def test_results_hold_every_bar_and_nulls_have_reasons() -> None:
    inputs = estimated(**{"ice:along": float("nan")})
    document = error_json(inputs.error)
    assert document["is_estimated"] is True and document["voxels_mm"] == [1.5, 2.25]
    bars = {bar["figure"]: bar for bar in document["bars"]}
    assert bars["margin:minimum"]["plus_minus"] == 0.4
    assert bars["ice:along"]["plus_minus"] is None and "plus_minus" in bars["ice:along"]["null_because"]


def test_results_without_an_estimate_say_so() -> None:
    document = error_json(no_estimate("coarse_unusable", "the cold reached the edge", (1.5, 2.25)))
    assert document["is_estimated"] is False and document["edge_mm"] is None
    assert document["null_because"] == {"edge_mm": "the cold reached the edge"}
    assert error_json(None)["why_not"] == "not_wanted"
    assert size_json(None)["along_probes_mm"] is None


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_dossier_quotes_the_trial_of_the_accuracy_page(lang: str) -> None:
    trial = error_bar_trial()
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "accuracy.md").read_text(encoding="utf-8")
    assert f"On these {trial.plans} plans\n**{trial.contained} of {trial.bars} bars" in page
    assert trial.contained >= 0.9 * trial.bars
    limits = section(estimated(), lang, "limits").blocks[0]
    told = next(text for lead, text in limits.items if lead.startswith(("Discr", "Disc")))
    assert re.sub(r"\D", "", str(trial.contained)) in re.sub(r"[\s\u202f,]", "", told)
