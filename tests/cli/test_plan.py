"""plan on the command line: whole folders of cases to simulate, labels, refusals, both languages."""

from __future__ import annotations

import csv
import json
import string
from pathlib import Path

import pytest

from givre.adapters.casefile import read_case
from givre.cli.exit_codes import ExitCode
from givre.cli.main import main
from givre.cli.texts_placement import PLACEMENT_ENGLISH, PLACEMENT_FRENCH


@pytest.fixture
def case(ball_case) -> Path:
    return ball_case(freeze_s=600.0, margin_mm=1.0, domain_margin_mm=44.0)


def plan(case: Path, output: Path, *more: str, language: str = "en") -> int:
    quick = ["--probes", "1-2", "--effort", "40", "--alternatives", "0"]
    return main(["plan", str(case), "-o", str(output), "--quiet", "--lang", language, *quick, *more])


def test_plans_are_cases_ready_to_simulate(case, tmp_path, capsys):
    output = tmp_path / "plans"
    code = plan(case, output, "--json")
    shown = json.loads(capsys.readouterr().out)
    document = json.loads((output / "proposals.json").read_text(encoding="utf-8"))
    assert document["schema"] == "givre-proposals"
    assert document["is_feasible"] == (code == ExitCode.OK)
    assert shown["exit_code"] == code
    first = document["proposals"][0]
    made, drafted = read_case(output / "plan-1"), read_case(case)
    assert (output / "plan-1" / made.image.path).resolve() == (case / "ct.nii.gz").resolve()
    assert all((output / "plan-1" / structure.path).resolve().exists() for structure in made.structures)
    assert (made.goals, made.organs_at_risk) == (drafted.goals, drafted.organs_at_risk)
    assert made.case_id == "ball-plan-1"
    assert [list(p.target_mm) for p in made.placements] == [p["target_mm"] for p in first["probes"]]
    with (output / "proposals.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert float(rows[0]["coverage [1]"]) == pytest.approx(first["figures"]["coverage"])
    assert {file["path"] for file in document["files"]} == {"README.txt", "plan-1/case.toml", "proposals.csv"}
    results = tmp_path / "results"
    main(["simulate", str(output / "plan-1"), "-o", str(results), "--no-dossier", "--no-error-estimate", "--quiet"])
    simulated = json.loads((results / "results.json").read_text(encoding="utf-8"))
    found = {verdict["goal"]: verdict["value"] for verdict in simulated["verdicts"]}
    assert found["coverage"] == pytest.approx(first["figures"]["coverage"], abs=1e-6)
    assert found["organ:nerve"] == pytest.approx(first["figures"]["organs_coldest_c"]["nerve"], abs=1e-3)


def test_a_case_without_probes_is_planned_and_told_in_french(case, tmp_path, capsys):
    text = (case / "case.toml").read_text()
    before, _, after = text.partition("[[probes]]")
    (case / "case.toml").write_text(before + after[after.index("[protocol]") :])
    output = tmp_path / "plans"
    code = plan(case, output, language="fr")
    shown = capsys.readouterr().out
    assert code in (ExitCode.OK, ExitCode.PLAN_UNSAFE)
    assert "Sondes du plan 1" in shown
    assert "Usage de recherche" in shown or "recherche" in shown
    assert read_case(output / "plan-1").placements


def test_a_time_limit_gives_what_there_is_and_says_so(case, tmp_path, capsys):
    output = tmp_path / "plans"
    assert plan(case, output, "--time-limit", "0.001") == ExitCode.PLAN_UNSAFE
    assert "ended before it was done" in capsys.readouterr().out
    document = json.loads((output / "proposals.json").read_text(encoding="utf-8"))
    assert document["ended_early"] and not document["is_feasible"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--probes", "0"], "0 probes asked for; give 1 to 8"),
        (["--probes", "40"], "40 probes asked for; give 1 to 8"),
        (["--probes", "many"], '--probes "many"'),
        (["--probes", "1.5"], "whole numbers"),
        (["--probes", "nan"], "finite numbers"),
        (["--model", "icesphere-1.5-c"], "did you mean icesphere-1.5-cx"),
        (["--coverage", "nan"], "coverage nan"),
        (["--spacing", "20-10"], "two increasing values"),
        (["--time-limit", "nan"], "time limit nan s"),
        (["--margin", "nan"], "margin nan mm"),
        (["--lethal", "5"], "lethal temperature 5.0"),
        (["--alternatives", "99"], "alternatives 99"),
        (["--reserve-temp", "nan"], "temperature reserve nan"),
        (["--reserve-margin", "99"], "give 0 to 5 mm"),
        (["--time-limit", "0"], "give more than 0 s"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(more, words, case, tmp_path, capsys):
    output = tmp_path / "plans"
    assert plan(case, output, *more) == ExitCode.INVALID_INPUT
    assert words in capsys.readouterr().err
    assert not output.exists()


def test_both_languages_say_the_same_things():
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert PLACEMENT_ENGLISH.keys() == PLACEMENT_FRENCH.keys()
    for key, text in PLACEMENT_ENGLISH.items():
        assert fields(text) == fields(PLACEMENT_FRENCH[key]), key
