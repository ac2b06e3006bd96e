"""Every way a command can end: its exit code, one line instead of a traceback, and clean streams."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from givre.cli.main import main

CASE = """\
givre_case = 1
[case]
id = "L3-01"
title = "L3"
anatomy = "L3"
lesion_kind = "lytic"
[image]
path = "ct.nii.gz"
[[structures]]
name = "tumour"
path = "tumour.nii.gz"
[[probes]]
label = "P1"
model = "icesphere-1.5-cx"
entry_mm = [0, 90, 0]
target_mm = [0, 0, 0]
[protocol]
template = "10-8-10"
[goals]
lethal_temp_c = -40
margin_mm = true
coverage = 0.95
source = "board"
status = "assumption"
"""


def givre(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in its own process, as a shell does."""
    return subprocess.run(
        [sys.executable, "-m", "givre.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": "", **environment},
    )


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["simulate"], ["--threads", "0", "doctor"], ["--threads", "two", "doctor"],
     ["--lang", "de", "doctor"],
     ["completion", "tcsh"], ["simulate", "c", "-o", "x", "--languages", "de"], ["demo", "--seed"],
     ["simulate", "--wrong"]],
)  # fmt: skip
def test_a_wrong_command_line_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_a_refused_case_exits_with_3_and_one_line_that_names_code_file_line_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "case.toml").write_text(CASE)
    assert main(["--lang", "en", "check", str(tmp_path)]) == 3
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert lines[-1] == (
        "givre: error [INVALID_CASE_FILE] Invalid case file: case.toml, line 21, goals.margin_mm: "
        "found true (yes or no); give a number in mm from 0 to 50"
    )
    assert captured.out == ""


def test_a_refusal_has_a_french_title(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path), "--lang", "fr"]) == 3
    assert "givre: erreur [INVALID_CASE_FILE] Fichier de cas invalide : " in capsys.readouterr().err


def test_with_json_a_refusal_is_an_event_on_stderr_and_nothing_is_on_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "case.toml").write_text(CASE)
    assert main(["check", str(tmp_path), "--json"]) == 3
    captured = capsys.readouterr()
    events = [json.loads(line) for line in captured.err.splitlines()]
    assert events[-1]["event"] == "error"
    assert events[-1]["code"] == "INVALID_CASE_FILE"
    assert captured.out == ""


def test_a_file_name_cannot_command_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "a\x1b[31mred")]) == 3
    assert "\x1b" not in capsys.readouterr().err


@pytest.fixture
def broken_environment(tmp_path: Path) -> dict[str, str]:
    """A machine on which nibabel was installed badly."""
    (tmp_path / "nibabel.py").write_text("raise RuntimeError('half-installed')")
    return {"PYTHONPATH": str(tmp_path)}


def test_an_unexpected_fault_is_one_sentence_without_traceback(
    tmp_path: Path, broken_environment: dict[str, str]
) -> None:
    done = givre("init", str(tmp_path), **broken_environment)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "givre: error [BUG] Unexpected fault (RuntimeError). Run again with --debug and report what it shows."
    ]


def test_debug_shows_the_traceback_too(tmp_path: Path, broken_environment: dict[str, str]) -> None:
    done = givre("init", str(tmp_path), "--debug", **broken_environment)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert "half-installed" in done.stderr


def test_a_pipe_gets_plain_text_without_colour() -> None:
    for environment in ({}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1", "NO_COLOR": "1"}):
        done = givre("probes", **environment)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout + done.stderr
        header, *rows = done.stdout.splitlines()
        assert header.split("\t") == ["id", "quantity", "value", "range", "unit", "status", "source"]
        assert {row.count("\t") for row in rows} == {6}


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)  # whatever is written now meets a closed pipe
    done = subprocess.run(
        [sys.executable, "-m", "givre.cli.main", "tissues"],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write_end)
    assert done.returncode == 1
    assert done.stderr == ""


def test_catalogues_are_data_for_machines_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tissues", "muscle", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in rows} == {"muscle"}
    assert all(row["low"] <= row["value"] <= row["high"] and row["source"] and row["unit"] for row in rows)
    assert main(["probes", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"surface temperature", "active zone"} <= {row["quantity"] for row in rows}


def test_an_unknown_probe_or_tissue_is_refused_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probes", "icesphere"]) == 3
    assert main(["tissues", "cheese"]) == 3
    assert "UNKNOWN_TISSUE" in capsys.readouterr().err


def test_doctor_says_what_this_machine_has(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--json"])
    document = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in document["checks"]}
    assert {"python", "numba", "memory", "disk", "processors", "dciodvfy"} <= set(checks)
    assert code == (0 if document["is_good"] else 1)
    assert checks["dciodvfy"]["is_optional"] is True


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("givre 0.")


def test_init_drafts_a_case_that_check_refuses_until_probes_are_placed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tumeur.nii.gz").write_bytes(b"")
    assert main(["init", str(tmp_path), "--lang", "fr"]) == 0
    assert "les cryosondes ([[probes]])" in capsys.readouterr().out
    assert main(["init", str(tmp_path)]) == 1
    assert "already there" in capsys.readouterr().err
    assert main(["init", str(tmp_path), "--force"]) == 0
    assert main(["check", str(tmp_path)]) == 3
    assert "no probe is placed yet" in capsys.readouterr().err


def test_a_bundle_is_packed_verified_and_unpacked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    (folder / "case.toml").write_text(CASE.replace("margin_mm = true", "margin_mm = 5"))
    for name in ("ct.nii.gz", "tumour.nii.gz"):
        (folder / name).write_bytes(b"x")
    bundle = str(tmp_path / "a.givre")
    assert main(["bundle", "pack", str(folder), "-o", bundle]) == 0
    assert main(["bundle", "verify", bundle]) == 0
    assert main(["bundle", "unpack", bundle, "-o", str(tmp_path / "b"), "--json"]) == 0
    assert (tmp_path / "b" / "files" / "image.nii.gz").read_bytes() == b"x"
    assert json.loads(capsys.readouterr().out.split("\n", 2)[2])["case_id"] == "L3-01"
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr("files/extra", b"x")
    assert main(["bundle", "verify", bundle]) == 3


def test_a_bundle_of_dicom_warns_that_headers_may_name_the_patient(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "1.dcm").write_bytes(b"x")
    (tmp_path / "tumour.nii.gz").write_bytes(b"x")
    text = CASE.replace("margin_mm = true", "margin_mm = 5").replace('path = "ct.nii.gz"', 'path = "scan"')
    (tmp_path / "case.toml").write_text(text)
    assert main(["--lang", "en", "bundle", "pack", str(tmp_path / "case.toml"), "-o", str(tmp_path / "a.givre")]) == 0
    assert "may name the patient" in capsys.readouterr().err


def test_a_stop_asked_by_the_system_leaves_by_the_front_door() -> None:
    code = "import signal, givre.cli.main as m; signal.signal(signal.SIGTERM, m._terminated); signal.raise_signal(15)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 143


def test_init_never_takes_the_id_or_the_title_from_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = []
    for name in ("DUPONT Jean 1956", "elsewhere"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "tumeur.nii.gz").write_bytes(b"same")
        assert main(["init", str(folder), "--json", "--lang", "fr"]) == 0
        codes = [finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]]
        assert "FOLDER_NAME_NOT_USED" in codes
        text = (folder / "case.toml").read_text(encoding="utf-8")
        assert "DUPONT" not in text
        found = re.search(r'id = "case-([0-9a-f]{8})"', text)
        assert found is not None
        assert f'title = "Cas {found[1]}"' in text
        ids.append(found[1])
    assert ids[0] == ids[1]
    (tmp_path / "elsewhere" / "tumeur.nii.gz").write_bytes(b"longer")
    assert main(["init", str(tmp_path / "elsewhere"), "--force"]) == 0
    assert ids[0] not in (tmp_path / "elsewhere" / "case.toml").read_text(encoding="utf-8")
