"""calibrate-probe from its table to its files, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from givre.calibration.measured import COLUMNS
from givre.cli.exit_codes import ExitCode
from givre.cli.main import main
from givre.cryoprobe.catalogue import read_catalogue, read_toml_catalogue

HEADER = ",".join(COLUMNS)
ROW = "agar_gel,37,1,,1,0,10.0,,,bench"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "bench.csv"
    path.write_text(f"{HEADER}\n{ROW}\n", encoding="utf-8")
    return path


def calibrate(table: Path, output: Path, *more: str) -> int:
    fixed = ["--probe", "icesphere-1.5-cx", "-o", str(output), "--date", "2026-03-05", "--voxel-mm", "1.8", "--quiet"]
    return main(["calibrate-probe", str(table), *fixed, *more])


def test_a_table_becomes_an_entry_a_residual_table_and_a_plot(table, capsys):
    output = table.with_name("entry.toml")
    assert calibrate(table, output, "--id", "bench-1.5", "--lang", "en") == ExitCode.OK
    told = capsys.readouterr().out
    assert "surface temperature" in told
    assert "Contact resistance is kept at 0 m²K/W: the table holds sizes at one time only." in told
    assert "As many numbers as sizes" in told
    assert "1 of 1 sizes have no stated uncertainty: 1 mm was assumed." in told
    model = read_toml_catalogue(output.read_text(encoding="utf-8"), name="entry")["bench-1.5"]
    assert model.calibration is not None
    assert (model.calibration.file, model.calibration.date) == ("bench.csv", "2026-03-05")
    assert model.calibration.worst_mm < 0.4
    assert (table.parent / "entry.residuals.csv").read_text().count("\n") == 2
    assert (table.parent / "entry.residuals.png").read_bytes().startswith(b"\x89PNG")


def test_a_machine_gets_one_document_and_a_french_screen_french_words(table, capsys):
    output = table.with_name("fiche.csv")
    assert calibrate(table, output, "--json") == ExitCode.OK
    document = json.loads(capsys.readouterr().out)
    assert document["numbers"][0]["name"] == "surface_temp"
    assert document["numbers"][1]["kept_because"] == "one_time"
    assert len(document["misses_mm"]) == 1
    assert calibrate(table, output, "--force", "--lang", "fr") == ExitCode.OK
    told = capsys.readouterr().out
    assert "température de surface" in told
    assert "Zone active : gardée à 22 mm, le tableau ne donne aucune longueur." in told
    assert read_catalogue(output.read_text(encoding="utf-8").splitlines(), name="fiche")["icesphere-1.5-cx"].calibration


@pytest.mark.parametrize(
    ("row", "more", "code", "words"),
    [
        ("agar_gel,37,1,,1,0,-10,,,bench", (), "MEASURED_TABLE", "diameter_mm is -10"),
        ("agar_gel,37,1,,1,40,10,,,bench", (), "MEASURED_TABLE", "colder than its medium"),
        ("jelly,37,1,,1,0,10,,,bench", (), "UNKNOWN_MEDIUM", 'medium "jelly" is unknown'),
        (ROW, ("--fit", "surface_temp,contact_resistance"), "UNDER_DETERMINED", "1 measured size for 2 numbers"),
        (ROW, ("--fit", "power"), "INPUT", '"power" cannot be fitted'),
        (ROW, ("--id", "My Probe"), "INPUT", "small letters, digits"),
        (ROW, ("--date", "today"), "INPUT", "give it like 2026-03-05"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line_and_nothing_is_written(table, capsys, row, more, code, words):
    table.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    assert calibrate(table, table.with_name("entry.toml"), *more, "--lang", "en") == ExitCode.INVALID_INPUT
    told = capsys.readouterr().err
    assert f"[{code}]" in told
    assert words in told
    assert told.count("\n") == 1
    assert [path.name for path in table.parent.iterdir()] == ["bench.csv"]


def test_a_probe_without_calibration_data_is_labelled_in_the_catalogue(capsys):
    assert main(["probes", "generic-argon-2.1-35", "--lang", "fr"]) == ExitCode.OK
    assert "NON CALIBRÉE" in capsys.readouterr().out
    assert main(["probes", "generic-argon-2.1-35", "--json"]) == ExitCode.OK
    last = json.loads(capsys.readouterr().out)[-1]
    assert (last["quantity"], last["value"], last["status"]) == ("calibration", 0.0, "not_calibrated")
