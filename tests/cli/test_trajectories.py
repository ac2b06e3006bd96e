"""trajectories from a case on disk to its folder, in both languages, and everything it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from givre.cli.exit_codes import ExitCode
from givre.cli.main import main


@pytest.fixture
def case(ball_case) -> Path:
    return ball_case()


def trajectories(case: Path, output: Path, *more: str, language: str = "en", pictures: str = "none") -> int:
    fixed = ["-o", str(output), "--quiet", "--lang", language, "--languages", pictures, "--entry-spacing", "5"]
    return main(["trajectories", str(case), *fixed, *more])


def test_a_case_becomes_a_list_two_tables_and_pictures(case, tmp_path, capsys):
    output = tmp_path / "access"
    assert trajectories(case, output, "--best", "3", pictures="en") == ExitCode.OK
    told = capsys.readouterr().out
    assert "T1\t" in told
    assert "Research use, not a medical device" in told
    document = json.loads((output / "trajectories.json").read_text(encoding="utf-8"))
    assert document["schema"] == "givre-trajectories"
    assert document["is_reachable"] is True
    assert [way["label"] for way in document["ways"]] == ["T1", "T2", "T3"]
    listed = {file["path"] for file in document["files"]}
    present = {file.name for file in output.iterdir()}
    assert present == listed | {"trajectories.json"}
    assert {"corridor_map.en.png", "T1.en.png", "trajectories.csv", "corridor_map.csv", "README.txt"} <= present
    assert (output / "T1.en.png").read_bytes()[:4] == b"\x89PNG"


def test_the_map_has_a_line_for_every_entry_and_the_table_one_for_every_way_and_probe(case, tmp_path):
    output = tmp_path / "access"
    assert trajectories(case, output, "--best", "2") == ExitCode.OK
    document = json.loads((output / "trajectories.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader((output / "corridor_map.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == document["entries"]["tried"]
    assert sum(row["feasible"] == "yes" for row in rows) == document["entries"]["free"]
    assert all(row["reason"] for row in rows if row["feasible"] == "no")
    assert all(float(row["clearance_nerve_mm"]) >= 3.0 for row in rows if row["feasible"] == "yes")
    ways = list(csv.DictReader((output / "trajectories.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["label"] for row in ways] == ["T1", "T2", "P1"]


def test_the_machine_gets_the_same_document(case, tmp_path, capsys):
    output = tmp_path / "access"
    assert trajectories(case, output, "--json", "--clearance", "nerve=4") == ExitCode.OK
    told = json.loads(capsys.readouterr().out)
    written = json.loads((output / "trajectories.json").read_text(encoding="utf-8"))
    assert told == {**written, "results": str(output)}
    nerve = next(item for item in told["clearances"] if item["structure"] == "nerve")
    assert (nerve["value"], nerve["source"]) == (4.0, "given")


def test_it_is_told_in_french(case, tmp_path, capsys):
    assert trajectories(case, tmp_path / "abord", language="fr") == ExitCode.OK
    told = capsys.readouterr().out
    assert "peau-pointe" in told
    assert "Usage de recherche, pas un dispositif médical." in told
    assert "L’image coupe le corps" in told


def test_a_second_list_takes_the_place_of_the_first_and_of_nothing_else(case, tmp_path, capsys):
    output = tmp_path / "access"
    assert trajectories(case, output) == ExitCode.OK
    assert trajectories(case, output, "--best", "1") == ExitCode.OK
    other = tmp_path / "mine"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    assert trajectories(case, other) == ExitCode.FAILURE
    assert "not a givre result" in capsys.readouterr().err
    assert [file.name for file in other.iterdir()] == ["notes.txt"]


def test_a_target_out_of_reach_is_written_and_named_and_is_no_good_exit(case, tmp_path, capsys):
    output = tmp_path / "access"
    assert trajectories(case, output, "--clearance", "nerve=50", pictures="en") == ExitCode.PLAN_UNSAFE
    told = capsys.readouterr().out
    assert "No way leads to the target" in told
    assert "too close: nerve" in told
    document = json.loads((output / "trajectories.json").read_text(encoding="utf-8"))
    assert document["is_reachable"] is False
    assert document["ways"] == []
    assert document["entries"]["any_reason"]["clearance nerve"] == document["entries"]["tried"]
    assert (output / "corridor_map.en.png").exists()


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (["--target", "nan,0,0"], ExitCode.INVALID_INPUT, "three finite numbers"),
        (["--target", "1,2"], ExitCode.INVALID_INPUT, '"1,2" is no point'),
        (["--target", "one,two,three"], ExitCode.INVALID_INPUT, "is no point"),
        (["--target", "0,0,500"], ExitCode.INVALID_INPUT, "lies outside the CT"),
        (["--target", "-44,-2,44"], ExitCode.INVALID_INPUT, "lies outside the skin"),
        (["--clearance", "spleen_or_so=3"], ExitCode.INVALID_INPUT, "no such structure or rule"),
        (["--clearance", "nerve=-1"], ExitCode.INVALID_INPUT, "give 0 to 50 mm"),
        (["--clearance", "nerve=nan"], ExitCode.INVALID_INPUT, "give 0 to 50 mm"),
        (["--clearance", "nerve"], ExitCode.USAGE, "is no clearance"),
        (["--probe", "icespear"], ExitCode.INVALID_INPUT, "icespear"),
        (["--best", "0"], ExitCode.USAGE, "--best"),
        (["--best", "40000"], ExitCode.USAGE, "--best"),
        (["--lying-on", "head"], ExitCode.USAGE, "--lying-on"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(case, tmp_path, capsys, more, code, told):
    output = tmp_path / "access"
    assert trajectories(case, output, *more) == code
    shown = capsys.readouterr()
    assert told in shown.err
    assert "Traceback" not in shown.err
    assert not output.exists()
    assert not list(tmp_path.glob(".access*"))
