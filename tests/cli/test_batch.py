"""`givre batch` from a folder of cases to a table, on this process, on workers and on a cluster."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from givre.cli.main import main
from tests.adapters.engine.clusters import running_cluster
from tests.cli.conftest import WriteBall

QUICK = ("--no-dossier", "--no-error-estimate", "--lang", "en")
MakeCohort = Callable[..., Path]


@pytest.fixture
def cohort(ball_case: WriteBall, tmp_path: Path) -> Path:
    """Two cases that can be simulated and one that cannot be read."""
    folder = tmp_path / "cohort"
    ball_case(margin_mm=0.0, coverage=0.01, freeze_s=240.0, domain_margin_mm=40.0).rename(folder)
    good = tmp_path / "good"
    folder.rename(good)
    folder.mkdir()
    for name in ("one", "two"):
        shutil.copytree(good, folder / name)
    broken = shutil.copytree(good, folder / "broken") / "case.toml"
    broken.write_text(broken.read_text().replace('"tumour.nii.gz"', '"absent.nii.gz"'))
    return folder


def fields(output: Path, case: str) -> dict[str, np.ndarray]:
    files = sorted((output / case / "fields").glob("*.nii.gz"))
    return {file.name: np.asarray(nib.load(file).dataobj) for file in files}


@pytest.mark.timeout(400)  # new sources are compiled first
def test_a_batch_here_and_on_workers_gives_the_same_fields_and_its_exit_code_tells(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert main(["batch", str(cohort), "-o", str(here), "--threads", "1", *QUICK]) == 3
    told = capsys.readouterr()
    assert "2 of 3 cases, in" in told.out
    assert "broken: [UNREADABLE_FILE] absent.nii.gz does not exist" in told.err
    assert main(["batch", str(cohort), "-o", str(there), "--workers", "2", "--json", *QUICK]) == 3
    told = capsys.readouterr()
    document = json.loads(told.out)
    assert document["counts"] == {"failed": 1, "safe": 2}
    assert {case["case"]: case["state"] for case in document["cases"]} == {
        "broken": "failed",
        "one": "safe",
        "two": "safe",
    }
    events = [json.loads(line) for line in told.err.splitlines()]
    assert sorted(event["case"] for event in events if event["event"] == "case") == ["broken", "one", "two"]
    for case in ("one", "two"):
        first, second = fields(here, case), fields(there, case)
        assert sorted(first) == sorted(second) != []
        # to the last bit only when this process has read the solver from disk, see tests/adapters/engine
        assert all(np.allclose(first[name], second[name], rtol=0.0, atol=1e-3) for name in first)
        assert "results.json" in {file.name for file in (there / case).iterdir()}
    shutil.rmtree(cohort / "broken")
    assert main(["batch", str(cohort), "-o", str(there), "--resume", "--workers", "1", *QUICK]) == 0
    assert "Not computed again: 2." in capsys.readouterr().out


@pytest.mark.timeout(400)
def test_a_cohort_is_planned_within_a_time_limit_and_a_bad_case_is_a_row(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Time for two phantoms, then none at all: what the search has by then is kept, or the row says there is none."""
    output = tmp_path / "out"
    task = ("--task", "plan", "--threads", "1", *QUICK)
    code = main(["batch", str(cohort), "-o", str(output), "--time-limit", "3000", *task])
    assert code == 3
    told = capsys.readouterr()
    assert "broken: [UNREADABLE_FILE] absent.nii.gz does not exist" in told.err
    rows = {row["case"]: row for row in json.loads((output / "cohort.json").read_text())["cases"]}
    assert rows["broken"]["state"] == "failed"
    for case in ("one", "two"):
        figures = {figure["name"]: figure["value"] for figure in rows[case]["figures"]}
        assert figures["search"] == "complete"
        assert figures["probes"] >= 1
        assert 0 < figures["coverage_with_margin"] <= 1
        assert figures["organ_nearest_its_limit"] == "nerve"
        assert figures["worst_organ_coldest"] == pytest.approx(figures["organ_headroom"]), "the limit is 0 °C"
        assert rows[case]["time_s"] > 0
        assert (output / case / "plan-1.toml").exists()
        assert f'"search": "{figures["search"]}"' in (output / case / "results.json").read_text()
    assert main(["batch", str(cohort), "-o", str(tmp_path / "no"), "--time-limit", "1e-9", *task]) == 3
    rows = {row["case"]: row for row in json.loads((tmp_path / "no" / "cohort.json").read_text())["cases"]}
    assert rows["one"]["error"]["code"] == "NO_PLAN" or rows["one"]["figures"][-1]["value"] == "best so far"


@pytest.mark.slow
def test_a_batch_on_a_cluster(cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the cluster extra is not installed")
    output = tmp_path / "out"
    with running_cluster(tmp_path / "cluster", workers=1) as running:
        monkeypatch.setenv("GIVRE_SCHEDULER", running.address)
        assert main(["batch", str(cohort), "-o", str(output), *QUICK]) == 3
    rows = {row["case"]: row for row in json.loads((output / "cohort.json").read_text())["cases"]}
    assert rows["one"]["state"] == rows["two"]["state"] == "safe"
    assert rows["broken"]["error"]["code"] == "UNREADABLE_FILE"


@pytest.mark.timeout(300)
def test_ctrl_c_keeps_what_is_done_and_ends_every_process(cohort: Path, tmp_path: Path) -> None:
    shutil.rmtree(cohort / "one")
    output = tmp_path / "out"
    case = cohort / "two" / "case.toml"
    # so many voxels that the case is sure to run when the signal comes
    case.write_text(re.sub(r"(?m)^voxel_mm = \S+", "voxel_mm = 0.5", case.read_text()))
    command = [
        sys.executable,
        "-m",
        "givre.cli.main",
        "batch",
        str(cohort),
        "-o",
        str(output),
        "--workers",
        "1",
        *QUICK,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as batch:
        table = output / "cohort.json"
        deadline = time.monotonic() + 240.0  # a worker may have to compile the solver first
        while not (table.exists() and '"failed": 1' in table.read_text()):
            assert time.monotonic() < deadline
            assert batch.poll() is None, batch.communicate()
            time.sleep(0.05)
        os.killpg(batch.pid, signal.SIGINT)
        _, told = batch.communicate(timeout=30)
    assert batch.returncode == 130
    assert f"What is done is in {output}; go on with --resume" in told.decode()
    assert "Traceback" not in told.decode()
    with pytest.raises(ProcessLookupError):
        os.killpg(batch.pid, 0)
    assert sorted(entry.name for entry in output.iterdir()) == ["cohort.csv", "cohort.json"]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--task", "cure"], 3, 'task "cure"; choose one of simulate, plan'),
        (["--workers", "2", "--scheduler", "tcp://10.0.0.7:8786"], 3, "give --workers or --scheduler, not both"),
        (["--scheduler", "10.0.0.7"], 3, "give tcp://HOST:PORT"),
        (["--scheduler-security", "keys.toml"], 3, "is given without a scheduler"),
        (["--workers", "0"], 2, ""),
        (["--task", "plan", "--time-limit", "nan"], 3, "time limit nan s for each case; give more than 0 s"),
        (["--time-limit", "5"], 3, 'a time limit is for the search of a plan, and task "simulate" searches none'),
    ],
)
def test_what_cannot_be_asked_is_refused(
    cohort: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: int, words: str
) -> None:
    assert main(["batch", str(cohort), "-o", str(tmp_path / "out"), *options, *QUICK]) == code
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_cohort_is_not_written_into_itself(cohort: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", str(cohort), "-o", str(cohort), *QUICK]) == 3
    assert "is the cohort itself" in capsys.readouterr().err
