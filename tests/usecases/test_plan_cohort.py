"""A cohort: a row for each case, failures that spare the others, results whole or absent, going on where it stopped."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from givre.adapters.engine.in_process import InProcess
from givre.adapters.folder.cohort import find_cases, hash_of_inputs
from givre.adapters.folder.listing import FolderRefused
from givre.adapters.results.cohort import cohort_folder
from givre.adapters.results.directory import ResultsFolderRefused
from givre.foundation.errors import InvalidPlacement
from givre.planning.trial.many import Cancelled
from givre.usecases.plan_cohort import CaseDone, CaseFigure, CaseRow, Cohort, CohortCase, EmptyCohort, plan_cohort


def a_task(settings: str, case: CohortCase) -> CaseDone:
    """Weighs the case file instead of simulating it."""
    text = case.file.read_text()
    if "bent" in text:
        raise InvalidPlacement("probe P1 is bent; straighten it")
    if "bug" in text:
        raise ZeroDivisionError
    return CaseDone(
        case_id=text,
        verdict="safe" if "good" in text else "unsafe",
        sentence="done",
        figures=(
            CaseFigure(name="coverage", value=math.nan if "unknown" in text else 0.97, unit="1"),
            CaseFigure(name="nearest", value="=cord"),
        ),
        files={"results.json": f"{settings}{text}".encode(), "fields/coldest.nii.gz": b"\x00\x01"},
        inputs_sha256=a_hash(case),
        time_s=1.25,
    )


def a_hash(case: CohortCase) -> str:
    return hash_of_inputs(["weigh"], [case.file], base=case.file.parent)


WriteCohort = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteCohort:
    def cohort(**cases: str) -> Path:
        folder = tmp_path / "cohort"
        folder.mkdir(exist_ok=True)
        for name, text in cases.items():
            place = folder.joinpath(*name.split("__"))
            place.mkdir(parents=True, exist_ok=True)
            (place / "case.toml").write_text(text)
        return folder

    return cohort


def work(
    folder: Path,
    output: Path,
    *,
    resume: bool = False,
    force: bool = False,
    told: Callable[[CaseRow, int, int], bool] | None = None,
) -> Cohort:
    cases = find_cases(folder, besides=output)
    with (
        cohort_folder(output, {"task": "weigh"}, hash_of_case=a_hash if resume else None, replace=force) as store,
        InProcess() as engine,
    ):
        return plan_cohort(cases, task=a_task, settings="weighed ", engine=engine, store=store, told=told)


def table(output: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((output / "cohort.json").read_text(encoding="utf-8"))
    return document


def states(rows: Sequence[CaseRow]) -> dict[str, str]:
    return {row.name: row.state for row in rows}


def test_every_case_has_its_row_and_its_folder(write: WriteCohort, tmp_path: Path) -> None:
    folder = write(b="good", a__left="bad", a__right="bent", c="bug", d="good unknown")
    output = tmp_path / "out"
    found = work(folder, output)
    wanted = {"a__left": "unsafe", "a__right": "failed", "b": "safe", "c": "failed", "d": "safe"}
    assert states(found.rows) == wanted
    assert list(states(found.rows)) == sorted(wanted)
    assert (output / "b" / "results.json").read_bytes() == b"weighed good"
    assert (output / "b" / "fields" / "coldest.nii.gz").read_bytes() == b"\x00\x01"
    assert not (output / "a__right").exists()
    refused, broken = (next(row for row in found.rows if row.name == name) for name in ("a__right", "c"))
    assert (refused.error_code, refused.error) == ("INVALID_PLACEMENT", "probe P1 is bent; straighten it")
    assert refused.exit_code == 3
    assert (broken.error_code, broken.exit_code) == ("BUG", 1)
    document = table(output)
    assert document["counts"] == {"unsafe": 1, "failed": 2, "safe": 2}
    assert document["is_complete"] is True
    assert document["notice"] == "Research use, not a medical device."
    unknown = document["cases"][-1]["figures"][0]
    assert unknown["value"] is None
    assert "value" in unknown["null_because"]


def test_the_table_opens_in_a_spreadsheet_with_units_and_without_formulas(write: WriteCohort, tmp_path: Path) -> None:
    work(write(a="good", b="bent"), tmp_path / "out")
    with (tmp_path / "out" / "cohort.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["coverage [1]"] == "0.97"
    assert rows[0]["nearest"] == "'=cord"
    assert rows[0]["time [s]"] == "1.2"
    assert rows[1]["coverage [1]"] == ""
    assert rows[1]["error code"] == "INVALID_PLACEMENT"


def test_going_on_computes_only_what_is_missing_changed_or_damaged(write: WriteCohort, tmp_path: Path) -> None:
    folder, output = write(a="good", b="good too", c="good three", d="bent"), tmp_path / "out"
    work(folder, output)
    assert {row.name for row in work(folder, output, resume=True).rows if row.is_kept} == {"a", "b", "c"}
    write(b="good and changed", d="good now")
    (output / "c" / "results.json").write_text("edited")
    again = work(folder, output, resume=True)
    assert {row.name for row in again.rows if row.is_kept} == {"a"}
    assert states(again.rows) == dict.fromkeys("abcd", "safe")
    assert (output / "c" / "results.json").read_bytes() == b"weighed good three"
    kept = next(row for row in again.rows if row.name == "a")
    assert kept.figures[0].value == 0.97
    assert kept.time_s == pytest.approx(1.25, abs=0.06)


def test_a_batch_that_is_ended_keeps_what_is_done(write: WriteCohort, tmp_path: Path) -> None:
    folder, output = write(a="good", b="good", c="good"), tmp_path / "out"
    with pytest.raises(Cancelled, match="ended after 2 of 3 cases; go on with --resume"):
        work(folder, output, told=lambda _row, done, _total: done < 2)
    document = table(output)
    assert document["is_complete"] is False
    assert [row["state"] for row in document["cases"]] == ["safe", "safe", "not_run"]
    kept = [row.is_kept for row in work(folder, output, resume=True).rows]
    assert kept == [True, True, False]


def test_what_a_killed_batch_left_is_cleared(write: WriteCohort, tmp_path: Path) -> None:
    folder, output = write(a="good"), tmp_path / "out"
    output.mkdir()
    (output / ".a.partial-x1y2").mkdir()
    (output / ".cohort.json.abcd").write_text("half")
    (output / ".givre-batch").touch()
    work(folder, output)
    assert sorted(entry.name for entry in output.iterdir()) == ["a", "cohort.csv", "cohort.json"]


def test_somebody_elses_folder_and_an_earlier_batch_are_left_alone(write: WriteCohort, tmp_path: Path) -> None:
    folder, output = write(a="good"), tmp_path / "out"
    output.mkdir()
    (output / "thesis.txt").write_text("mine")
    with pytest.raises(ResultsFolderRefused, match="holds files that are not those of a batch"):
        work(folder, output, resume=True)
    other = tmp_path / "other"
    work(folder, other)
    with pytest.raises(ResultsFolderRefused, match="add --resume to go on with it, --force"):
        work(folder, other)
    assert [row.is_kept for row in work(folder, other, force=True).rows] == [False]


def test_two_batches_do_not_write_to_one_folder(write: WriteCohort, tmp_path: Path) -> None:
    folder, output = write(a="good"), tmp_path / "out"
    with (
        cohort_folder(output, {}, hash_of_case=None),
        pytest.raises(ResultsFolderRefused, match="another batch is writing to out"),
    ):
        work(folder, output)


def test_results_that_lead_out_of_their_folder_are_not_written(write: WriteCohort, tmp_path: Path) -> None:
    case = find_cases(write(a="good"))[0]
    output = tmp_path / "out"
    for path in ("../escaped", "/etc/escaped", "a/../../escaped", ""):
        done = CaseDone(
            case_id="a", verdict="safe", sentence="", figures=(), files={path: b""}, inputs_sha256="", time_s=0.0
        )
        with (
            cohort_folder(output, {}, hash_of_case=None) as store,
            pytest.raises(ResultsFolderRefused, match="leads out of the results"),
        ):
            store.keep(case, done)
    assert list(output.iterdir()) == []


def test_links_and_hidden_folders_are_not_followed(write: WriteCohort, tmp_path: Path) -> None:
    folder = write(a="good", **{".hidden": "good"})
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "case.toml").write_text("good")
    (folder / "link").symlink_to(outside)
    (folder / "b").mkdir()
    (folder / "b" / "case.toml").symlink_to(outside / "case.toml")
    assert [case.name for case in find_cases(folder)] == ["a"]


def test_a_cohort_in_which_the_results_go_is_not_searched_there(write: WriteCohort) -> None:
    folder = write(a="good", results__old="good")
    assert [case.name for case in find_cases(folder, besides=folder / "results")] == ["a"]


def test_a_folder_that_is_no_cohort_is_refused(write: WriteCohort, tmp_path: Path) -> None:
    with pytest.raises(FolderRefused, match="there is no such folder"):
        find_cases(tmp_path / "absent")
    with pytest.raises(EmptyCohort, match=r"holds no case\.toml"):
        work(write(), tmp_path / "out")
    folder = write(a__b="good")
    (folder / "a__b").mkdir()
    (folder / "a__b" / "case.toml").write_text("good")
    with pytest.raises(FolderRefused, match="a__b: two folders of the cohort would have this one name"):
        find_cases(folder)


def test_the_hash_of_inputs_sees_content_names_and_words(tmp_path: Path) -> None:
    series = tmp_path / "series"
    series.mkdir()
    (series / "1.dcm").write_bytes(b"one")

    def seen(words: str = "x") -> str:
        return hash_of_inputs([words], [series], base=tmp_path)

    first = seen()
    assert first == seen() != seen("y")
    (series / "1.dcm").write_bytes(b"two")
    second = seen()
    (series / "1.dcm").rename(series / "2.dcm")
    assert len({first, second, seen()}) == 3
    (tmp_path / "ct.mhd").touch()
    assert hash_of_inputs([], [tmp_path / "ct.mhd"], base=tmp_path) == "", "its voxels lie in another file"
    assert hash_of_inputs([], [tmp_path / "absent.nii"], base=tmp_path) == ""
