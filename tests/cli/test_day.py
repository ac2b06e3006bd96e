"""replan and protect on the command line: whole folders, refusals without any, words in both languages."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from givre.adapters.casefile import read_case
from givre.cli.exit_codes import ExitCode
from givre.cli.main import main
from givre.cli.texts_protect import PROTECT_ENGLISH, PROTECT_FRENCH
from givre.cli.texts_replan import REPLAN_ENGLISH, REPLAN_FRENCH

HEADER = "label,entry_x_mm,entry_y_mm,entry_z_mm,tip_x_mm,tip_y_mm,tip_z_mm\n"
PLANNED = "P1=-44,-85,44:-44,-30,44"


@pytest.fixture
def case(ball_case) -> Path:
    return ball_case(freeze_s=120.0, margin_mm=1.0, domain_margin_mm=44.0)


def replan(case: Path, output: Path, *more: str, language: str = "en") -> int:
    return main(["replan", str(case), "-o", str(output), "--quiet", "--lang", language, *more])


def test_placed_as_planned_writes_a_whole_folder_and_changes_nothing(case, tmp_path, capsys):
    output = tmp_path / "day"
    code = replan(case, output, "--probe", PLANNED, language="fr")
    assert "P1 : comme prévu" in capsys.readouterr().out.replace("\u00a0", " ")
    document = json.loads((output / "replan.json").read_text(encoding="utf-8"))
    assert document["schema"] == "givre-replan"
    assert document["planned"] == document["placed"]
    assert document["recommended"] is None
    assert (code == ExitCode.OK) == (not document["missed"])
    assert {file["path"] for file in document["files"]} == {"README.txt", "case.toml", "changes.csv"}
    made = read_case(output)
    assert made.placements == read_case(case).placements
    assert (output / made.image.path).resolve() == (case / "ct.nii.gz").resolve()
    assert replan(case, output, "--probe", PLANNED) == code, "a previous result is replaced"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "either with --placed FILE or with --probe"),
        (["--probe", "P1=1,2,3"], "write LABEL=ex,ey,ez:tx,ty,tz"),
        (["--probe", "P1=1,2,3:4,5,x"], "is no number"),
        (["--probe", "P1=-44,-85,44:-44,nan,44"], "not finite"),
        (["--probe", "P7=-44,-85,44:-44,-30,44"], "P7 not in the plan"),
        (["--probe", PLANNED, "--time-limit", "0"], "time limit"),
        (["--probe", PLANNED, "--only", "dance"], "dance"),
        (["--probe", PLANNED, "--longest-freeze", "nan"], "longest_freeze_s"),
        (["--probe", "P1=-44,-85,44:-44,-89,44"], "P1"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_left(case, tmp_path, capsys, more, words):
    output = tmp_path / "day"
    assert replan(case, output, *more) == ExitCode.INVALID_INPUT
    assert words in capsys.readouterr().err
    assert not output.exists()


def test_a_second_case_and_a_table_say_the_same(case, tmp_path, capsys):
    table = tmp_path / "placed.csv"
    table.write_text(HEADER + "P1,-44,-85,44,-44,-30,44\n", encoding="utf-8")
    found = []
    for placed in (table, case / "case.toml"):
        replan(case, tmp_path / f"day of {placed.name}", "--placed", str(placed), "--json", "--no-check")
        found.append(json.loads(capsys.readouterr().out)["placed"])
    assert found[0] == found[1]


def test_protect_writes_a_case_with_its_layer(case, tmp_path, capsys):
    text = (case / "case.toml").read_text(encoding="utf-8")
    # limits just above what the nerve reaches, so that there is something to protect
    (case / "case.toml").write_text(
        text.replace("limit_temp_c = 0", "limit_temp_c = 36").replace("alarm_temp_c = 10", "alarm_temp_c = 37")
    )
    output = tmp_path / "protection"
    code = main(["protect", str(case), "-o", str(output), "--quiet", "--lang", "en", "--only", "co2,thermocouple"])
    document = json.loads((output / "protection.json").read_text(encoding="utf-8"))
    assert [threat["structure"] for threat in document["threats"]] == ["nerve"]
    assert code == (ExitCode.OK if document["is_protected"] else ExitCode.PLAN_UNSAFE)
    assert document["proposals"] or document["not_found"]
    if document["case"] is not None:
        made = read_case(output)
        layer = next(structure for structure in made.structures if structure.material)
        assert (output / layer.path).exists()
        assert layer.material == "carbon_dioxide"
    assert main(["protect", str(case), "-o", str(tmp_path / "no"), "--only", "prayer"]) == ExitCode.INVALID_INPUT
    assert not (tmp_path / "no").exists()


def test_every_text_exists_in_both_languages():
    assert REPLAN_ENGLISH.keys() == REPLAN_FRENCH.keys()
    assert PROTECT_ENGLISH.keys() == PROTECT_FRENCH.keys()
    english, french = (
        tomllib.loads(resources.files("givre.dossier").joinpath(f"replan_words_{lang}.toml").read_text("utf-8"))
        for lang in ("en", "fr")
    )
    assert {key: table.keys() for key, table in english.items()} == {k: table.keys() for k, table in french.items()}
