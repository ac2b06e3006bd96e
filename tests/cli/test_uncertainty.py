"""givre uncertainty: files, summary, machine output, and what is refused before anything is written."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import nibabel as nib
import numpy as np
import pytest

from givre.adapters.results.directory import is_untouched_result
from givre.adapters.results.uncertainty_document import uncertainty_schema
from givre.cli.exit_codes import ExitCode
from givre.cli.main import main

WriteBall = Callable[..., Path]
SAMPLES = 24


@pytest.fixture
def told(ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str, int]:
    """A folder of results, what was printed, and the exit code."""
    case = ball_case(freeze_s=120.0, margin_mm=1.0, coverage=0.5, domain_margin_mm=30.0)
    folder = tmp_path / "told"
    code = main(
        ["uncertainty", str(case), "-o", str(folder), "--samples", str(SAMPLES), "--voxel-mm", "2.5", "--seed", "7",
         "--placement-sigma-mm", "2", "--languages", "fr", "--lang", "fr", "--quiet"]
    )  # fmt: skip
    return folder, capsys.readouterr().out, code


def test_everything_is_written_and_hangs_together(told: tuple[Path, str, int]) -> None:
    folder, printed, code = told
    document = json.loads((folder / "uncertainty.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, uncertainty_schema())
    assert is_untouched_result(folder)
    assert document["samples"]["used"] == SAMPLES
    assert document["samples"]["seed"] == 7
    assert document["settings"]["across_sigma_mm"] == 2.0
    assert code == (ExitCode.OK if all(goal["planned"] for goal in document["goals"]) else ExitCode.PLAN_UNSAFE)

    rows = list(csv.DictReader((folder / "samples.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["sample"] for row in rows] == [str(n) for n in range(SAMPLES)]
    assert sum(row["failed"] == "yes" for row in rows) == document["samples"]["failed"]
    spread = {entry["name"]: entry for entry in document["spread"]["inputs"]}
    assert {"P1.along_mm", "goal.lethal_temp_c", "lesion.conductivity_frozen_w_mk"} <= spread.keys()
    for name, entry in spread.items():
        values = np.array([float(row[name]) for row in rows])
        assert (values < entry["low"]).mean() <= 0.1 and (values > entry["high"]).mean() <= 0.1, name
        assert entry["source"] and entry["status"]
    margins = [float(row["margin_mm"]) for row in rows if row["margin_mm"]]
    known = document["figures"]["margin_mm"]
    if len(margins) == SAMPLES:
        assert known["quantiles_percent"]["50"] == pytest.approx(np.median(margins), abs=1e-4)

    image = nib.load(folder / "fields" / "lethal_probability.nii.gz")
    share = np.asarray(image.dataobj)
    assert 0.0 <= share.min() <= share.max() <= 1.0
    assert share * SAMPLES == pytest.approx(np.round(share * SAMPLES), abs=1e-3)
    assert list(image.shape) == document["lattice"]["shape_kji"][::-1]

    moved = list(csv.DictReader((folder / "sensitivity.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["figure"] for row in moved} == set(document["figures"])
    assert (folder / "distributions.fr.png").read_bytes().startswith(b"\x89PNG")
    assert "24 tirages" in printed and "balanc" not in printed
    assert "Usage de recherche" in printed
    assert "Hors de cette dispersion" in printed


def test_the_same_command_gives_the_same_numbers(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ball_case(freeze_s=60.0)
    printed = []
    for name in ("one", "two"):
        main(["uncertainty", str(case), "-o", str(tmp_path / name), "--samples", "2", "--voxel-mm", "2.5", "--json",
              "--languages", "none"])  # fmt: skip
        captured = capsys.readouterr()
        printed.append({**json.loads(captured.out), "results": ""})
        events = [json.loads(line) for line in captured.err.splitlines()]
        assert {"stage"} <= {event["event"] for event in events}
    assert printed[0] == printed[1]
    assert printed[0]["samples"]["used"] == 2
    assert (tmp_path / "one" / "samples.csv").read_bytes() == (tmp_path / "two" / "samples.csv").read_bytes()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--samples", "0"], "0 samples"),
        (["--placement-sigma-mm", "-1"], "placement sigma along the probe: -1 mm"),
        (["--placement-sigma-mm", "nan"], "placement sigma along the probe: nan mm"),
        (["--along-sigma-mm", "99"], "placement sigma along the probe: 99 mm"),
        (["--direction-sigma-deg", "-2"], "direction sigma: -2"),
        (["--threshold-sigma-c", "nan"], "threshold sigma: nan"),
        (["--voxel-mm", "9"], "voxel 9.0 mm"),
    ],
)
def test_impossible_numbers_are_refused_by_name_and_leave_nothing(
    options: list[str], said: str, ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["uncertainty", str(ball_case()), "-o", str(tmp_path / "told"), *options])
    assert code == ExitCode.INVALID_INPUT
    assert said in capsys.readouterr().err
    assert not (tmp_path / "told").exists()


def test_a_plan_that_nobody_could_carry_out_is_refused(
    ball_case: WriteBall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = ball_case()
    text = (case / "case.toml").read_text(encoding="utf-8")
    (case / "case.toml").write_text(text.replace("[-44, -30, 44]", "[-44, -70, 44]"), encoding="utf-8")
    assert main(["uncertainty", str(case), "-o", str(tmp_path / "told"), "--samples", "4"]) == ExitCode.INVALID_INPUT
    assert "active zone" in capsys.readouterr().err
    assert not (tmp_path / "told").exists()
