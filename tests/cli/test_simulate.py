"""`givre simulate` from a case on disk to a folder of results, and every way it can end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import nibabel as nib
import numpy as np
import pytest

from givre.adapters.results import results_schema
from givre.cli.main import main
from tests.cli.conftest import WriteBall


def test_a_plan_that_meets_its_goals_exits_with_0(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ball_case(margin_mm=0.0, coverage=0.01, freeze_s=240.0, domain_margin_mm=40.0)
    assert main(["simulate", str(case), "-o", str(tmp_path / "out"), "--no-dossier", "--lang", "en"]) == 0
    captured = capsys.readouterr()
    assert "All goals are met." in captured.out
    assert "Research use, not a medical device." in captured.out
    assert captured.err.splitlines() == [
        "Reading the images",
        "Simulating the freeze",
        "Estimating the discretisation error",
        "Writing fields, surfaces and curves",
    ]
    assert "± is the discretisation error alone" in captured.out
    assert all("±" in line for line in captured.out.splitlines() if line.startswith(("coverage", "smallest margin")))


def test_an_unsafe_plan_exits_with_4_and_its_results_are_written(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    code = main(["simulate", str(ball_case()), "-o", str(output), "--no-dossier", "--json", "--seed", "7"])
    assert code == 4
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert summary["is_safe"] is False
    assert summary["is_usable"] is True
    assert {verdict["goal"] for verdict in summary["verdicts"]} >= {"run", "coverage", "margin", "organ:nerve"}
    events = [json.loads(line) for line in captured.err.splitlines()]
    assert [event["stage"] for event in events if event["event"] == "stage"] == [
        "import",
        "simulate",
        "estimate",
        "write",
    ]
    for stage in ("simulate", "estimate"):
        fractions = [e["fraction"] for e in events if e["event"] == "progress" and e["stage"] == stage]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
    assert summary["discretisation"]["is_estimated"] is True
    errors = {verdict["goal"]: verdict["plus_minus"] for verdict in summary["verdicts"]}
    assert 0 <= errors["coverage"] <= 1
    assert errors["organ:nerve"] > 0
    assert errors["margin"] > 0
    document = json.loads((output / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, results_schema())
    assert document["provenance"]["settings"] == {"seed": 7, "threads": None, "engine": "cpu"}
    assert document["provenance"]["hashes"].keys() >= {"problem"}
    assert abs(document["energy_balance"]["relative_error"]) < 1e-3
    assert document["discretisation"]["voxels_mm"] == [2.5, 3.75]
    bars = {bar["figure"]: bar["plus_minus"] for bar in document["discretisation"]["bars"]}
    assert {"volume:0", "volume:-40", "ice:along", "margin:minimum", "coverage", "organ:nerve:coldest"} <= bars.keys()


def test_the_error_estimate_can_be_left_out(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, output = ball_case(margin_mm=0.0, coverage=0.01, freeze_s=240.0, domain_margin_mm=40.0), tmp_path / "out"
    options = ["--no-dossier", "--no-error-estimate", "--lang", "en"]
    assert main(["simulate", str(case), "-o", str(output), *options]) == 0
    out = capsys.readouterr().out
    assert "Discretisation error not estimated: not asked for." in out
    assert "±" not in out
    document = json.loads((output / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, results_schema())
    assert document["discretisation"]["why_not"] == "not_wanted"


def test_a_run_whose_cold_leaves_the_domain_exits_with_5(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ball_case(domain_margin_mm=20.0, freeze_s=900.0)
    assert main(["simulate", str(case), "-o", str(tmp_path / "out"), "--lang", "fr"]) == 5
    assert "PAS DE RÉSULTAT UTILISABLE" in capsys.readouterr().out
    assert list((tmp_path / "out").glob("dossier*")) == []  # nothing to show at a meeting


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("x")
    assert main(["simulate", str(ball_case()), "-o", str(tmp_path / "thesis"), "--lang", "en"]) == 1
    captured = capsys.readouterr()
    assert "not a givre result" in captured.err
    assert "Reading the images" not in captured.err


def test_a_bundle_is_checked_like_a_folder(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bundle", "pack", str(ball_case()), "-o", str(tmp_path / "ball.givre")]) == 0
    assert main(["check", str(tmp_path / "ball.givre"), "--lang", "en"]) == 0
    assert "ball: the case is complete" in capsys.readouterr().out


def test_import_prints_what_was_found(ball_case: WriteBall, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(ball_case() / "ct.nii.gz"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["source"] == "ct.nii.gz"
    assert report["facts"]["spacing_mm"] == [2.5, 2.5, 2.5]


def test_init_recognises_the_images_it_is_given(ball_case: WriteBall, capsys: pytest.CaptureFixture[str]) -> None:
    folder = ball_case()
    (folder / "case.toml").unlink()
    assert main(["init", str(folder), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["missing"] == ["anatomy", "probes"]
    assert 'path = "ct.nii.gz"' in (folder / "case.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_simulation_leaves_nothing_behind(
    ball_case: WriteBall, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    case = ball_case(freeze_s=3600.0)
    command = [sys.executable, "-m", "givre.cli.main", "simulate", str(case), "-o", str(tmp_path / "a" / "out")]
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with subprocess.Popen(
        [*command, "--json", "--no-dossier"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if json.loads(line)["event"] == "progress":
                process.send_signal(number)
                break
        rest = process.stderr.read()
    assert process.returncode == code
    assert "Traceback" not in rest
    assert json.loads(rest.splitlines()[-1])["code"] == "INTERRUPTED"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case", "tmp"]
    assert list(temporary.iterdir()) == []


def test_a_plan_without_organ_at_risk_does_not_end_on_all_goals_met_alone(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ball_case(margin_mm=0.0, coverage=0.01, freeze_s=400.0, domain_margin_mm=45.0) / "case.toml"
    text = case.read_text(encoding="utf-8")
    before, _, after = text.partition("[[organs_at_risk]]")
    case.write_text(before + after[after.index("[simulation]") :], encoding="utf-8")
    assert main(["simulate", str(case), "-o", str(tmp_path / "out"), "--no-dossier", "--lang", "en"]) == 0
    assert "All goals are met. No organ at risk described: none was judged." in capsys.readouterr().out
    status = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["status"]
    assert status["organs_at_risk_judged"] == 0


def test_the_temperature_of_an_organ_outside_the_domain_is_printed_as_a_bound(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ball_case()
    nerve = nib.load(case / "nerve.nii.gz")
    assert isinstance(nerve, nib.Nifti1Image)
    far = np.zeros(nerve.shape, np.uint8)
    far[16:19, 5:8, 0:3] = 1
    nib.save(nib.Nifti1Image(far, nerve.affine), case / "nerve.nii.gz")
    main(["simulate", str(case), "-o", str(tmp_path / "out"), "--no-dossier", "--lang", "en"])
    row = next(line for line in capsys.readouterr().out.splitlines() if "coldest temperature of nerve" in line)
    assert "≥ " in row
    organ = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["organs_at_risk"][0]
    assert organ["coldest_c"] is None
    assert organ["bound_c"] > 10.0
