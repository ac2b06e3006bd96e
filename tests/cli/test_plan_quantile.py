"""plan --quantile on the command line: a plan that holds in a share of the samples, refusals, both languages."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest

from givre.adapters.casefile import read_case
from givre.adapters.results.proposals_reading import read_proposals
from givre.adapters.results.quantile_json import quantile_json
from givre.cli.exit_codes import ExitCode
from givre.cli.language import Texts
from givre.cli.main import main
from givre.cli.placing_quantile import verdict_of
from givre.cli.texts_quantile import QUANTILE_ENGLISH, QUANTILE_FRENCH
from givre.cryoprobe.placement import Placement
from givre.planning.trial.quick_look import PlanFigures
from givre.planning.uncertainty.robust import RobustFigures, RobustPlan, Wanted
from givre.planning.uncertainty.robust_search import CHANGES, QuantileOutcome
from givre.usecases.propose_plan import QuantileAnswer

WANTED = Wanted(share=0.9, coverage_with_margin=0.98, samples=20, seed=7)
PROBE = Placement(label="P1", model="icesphere-1.5-cx", entry_mm=(0.0, 60.0, 0.0), target_mm=(0.0, 0.0, 0.0))


@pytest.fixture
def case(ball_case) -> Path:
    return ball_case(freeze_s=600.0, margin_mm=1.0, domain_margin_mm=44.0)


def figures(held: int, *, changes: tuple[str, ...] = (), nominal: bool = True) -> RobustFigures:
    planned = PlanFigures(
        ending="done",
        coverage=1.0,
        coverage_with_margin=0.99,
        margin_mm=2.0,
        organ_coldest_c={"nerve_root": 12.0},
        lethal_ml=9.0,
    )
    return RobustFigures(
        plan=RobustPlan(placements=(PROBE,), proposal=2, changes=changes),
        wanted=WANTED,
        draws=20,
        failed=0,
        held=held,
        missed={"coverage_with_margin": 1, "organ:nerve_root": 20 - held},
        coverage=0.97,
        coverage_with_margin=0.9,
        margin_mm=float("nan"),
        organ_coldest_c={"nerve_root": -3.0},
        short=11.0,
        nominal=planned if nominal else None,
    )


def outcome(before: int, best: int, *changes: str) -> QuantileOutcome:
    return QuantileOutcome(
        before=figures(before), best=figures(best, changes=changes), plans_tried=9, rounds=2, ended_early=False
    )


def test_the_plan_that_was_asked_for_is_written_told_and_ready_to_simulate(case, tmp_path, capsys):
    output = tmp_path / "plans"
    more = ["--probes", "1-1", "--effort", "40", "--alternatives", "0", "--coverage", "0.3"]
    code = main(["plan", str(case), "-o", str(output), "--quiet", "--quantile", "0.5", "--samples", "8", *more])
    shown = capsys.readouterr().out
    found = json.loads((output / "proposals.json").read_text(encoding="utf-8"))["quantile"]
    assert found["wanted"] == {
        "share_of_samples": 0.5,
        "coverage_with_margin": 0.3,
        "organs": "above their limits",
        "samples": 8,
        "seed": 0,
    }
    assert found["best"]["samples"] == 8 and found["best"]["nominal"].keys() == found["best"]["quantile"].keys()
    assert found["is_reached"] == (found["best"]["held"] >= 4)
    assert (code == ExitCode.OK) == found["is_reached"]
    made = read_case(output / "plan-quantile")
    assert made.case_id == "ball-plan-quantile"
    assert len(made.placements) == found["best"]["probes"]
    assert "holds in" in shown and "8 samples (draws of seed 0)" in shown
    plans, _ = read_proposals(output)
    assert len(plans.plans) == 1, "the dossier still reads the proposals"
    document = json.loads((output / "proposals.json").read_text(encoding="utf-8"))
    assert "plan-quantile/case.toml" in {file["path"] for file in document["files"]}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--quantile", "0"], "quantile 0.0; give the share of samples"),
        (["--quantile", "1"], "quantile 1.0; give"),
        (["--quantile", "90"], "more than 0 and less than 1"),
        (["--quantile", "nan"], "quantile nan"),
        (["--quantile", "0.9", "--samples", "19"], "19 samples for the quantile 0.9; give 20 to"),
        (["--quantile", "0.99"], "64 samples for the quantile 0.99; give 200 to"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(more, words, case, tmp_path, capsys):
    output = tmp_path / "plans"
    assert main(["plan", str(case), "-o", str(output), "--quiet", *more]) == ExitCode.INVALID_INPUT
    assert words in capsys.readouterr().err
    assert not output.exists()


def test_a_quantile_that_no_plan_reaches_is_told_with_what_is_missed():
    said = verdict_of(outcome(9, 14, "deeper", "added_probe"), Texts("en"))
    assert said.startswith("No plan does. The best found, from plan 2 (deeper, one probe more), holds in 70")
    assert "plan 1 in 45" in said and "nerve root, coldest place, in 30" in said
    assert verdict_of(outcome(9, 14), Texts("fr")).startswith("Aucun plan n'y parvient.")
    assert "unchanged" in verdict_of(outcome(9, 14), Texts("en"))


def test_a_quantile_that_is_reached_says_from_which_plan():
    assert verdict_of(outcome(9, 18, "shifted"), Texts("en")).startswith("Found, from plan 2 (shifted): it holds in 90")
    held = figures(19)
    already = QuantileOutcome(before=held, best=held, plans_tried=1, rounds=0, ended_early=False)
    assert verdict_of(already, Texts("en")).startswith("Plan 1 does: it holds in 95")


def test_the_document_puts_nominal_figures_and_quantiles_side_by_side():
    told = quantile_json(QuantileAnswer(wanted=WANTED, outcome=outcome(9, 14, "deeper")), case="x/case.toml")
    best = told["best"]
    assert isinstance(best, dict)
    assert (told["is_reached"], told["binding"]) == (False, "organ:nerve_root")
    assert best["nominal"]["margin_mm"] == 2.0 and best["quantile"]["margin_mm"] is None
    assert "failed" in best["quantile"]["null_because"]["margin_mm"]
    assert (best["held"], best["samples"], best["case"]) == (14, 20, "x/case.toml")
    nothing = quantile_json(QuantileAnswer(wanted=WANTED), case="")
    assert (nothing["is_reached"], nothing["best"]) == (False, None)
    lost = QuantileOutcome(
        before=figures(0, nominal=False), best=figures(0, nominal=False), plans_tried=1, rounds=0, ended_early=True
    )
    assert quantile_json(QuantileAnswer(wanted=WANTED, outcome=lost), case="")["best"]["nominal"] is None


def test_both_languages_say_the_same_things():
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert QUANTILE_ENGLISH.keys() == QUANTILE_FRENCH.keys()
    for key, text in QUANTILE_ENGLISH.items():
        assert fields(text) == fields(QUANTILE_FRENCH[key]), key
    assert all(f"quantile.change_{change}" in QUANTILE_ENGLISH for change in CHANGES)
