"""A folder of results appears whole, disappears whole, and never takes the place of other files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from givre.adapters.results import (
    ResultsContents,
    ResultsFolderRefused,
    check_results_folder,
    results_folder,
    write_results,
)
from givre.adapters.results.directory import is_previous_result

PREVIOUS = '{"schema": "givre-results", "files": [{"path": "a.txt"}]}'


def _previous(folder: Path) -> Path:
    folder.mkdir()
    (folder / "results.json").write_text(PREVIOUS)
    (folder / "a.txt").write_text("old")
    return folder


def _write_until_interrupted(target: Path) -> None:
    with results_folder(target) as folder:
        (folder / "a.txt").write_text("new")
        raise KeyboardInterrupt


def test_an_interruption_leaves_nothing_behind_not_even_the_parents(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _write_until_interrupted(tmp_path / "a" / "b" / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_keeps_the_previous_result(tmp_path: Path) -> None:
    target = _previous(tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        _write_until_interrupted(target)
    assert (target / "a.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_previous_result_is_replaced_whole(contents: ResultsContents, tmp_path: Path) -> None:
    def dossier(where: Path) -> None:
        (where / "dossier.fr.html").write_text("old")

    write_results(contents, tmp_path / "out", also=[dossier])
    (tmp_path / "out" / "curves" / "points.csv").unlink()
    write_results(contents, tmp_path / "out")
    assert (tmp_path / "out" / "curves" / "points.csv").exists()
    assert not (tmp_path / "out" / "dossier.fr.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_new_result_holds_nothing_of_the_old_one(tmp_path: Path) -> None:
    target = _previous(tmp_path / "out")
    with results_folder(target) as folder:
        (folder / "b.txt").write_text("new")
    assert [path.name for path in target.iterdir()] == ["b.txt"]


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with results_folder(tmp_path / "out") as folder:
        (folder / "b.txt").write_text("new")
    assert (tmp_path / "out" / "b.txt").read_text() == "new"


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("chapter 1")
    with pytest.raises(ResultsFolderRefused, match="not a givre result; give a new folder with -o, or add --force"):
        check_results_folder(tmp_path)


def test_a_result_to_which_someone_added_notes_is_not_ours_to_replace(tmp_path: Path) -> None:
    target = _previous(tmp_path / "out")
    assert is_previous_result(target)
    (target / "notes.txt").write_text("seen with Dr. X")
    with pytest.raises(ResultsFolderRefused, match="not a givre result"):
        check_results_folder(target)


def test_force_sets_the_old_folder_aside_and_deletes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for text in ("first", "second"):
        target.mkdir(exist_ok=True)
        (target / "thesis.tex").write_text(text)
        with results_folder(target, replace_foreign=True) as folder:
            (folder / "b.txt").write_text("new")
    assert (tmp_path / "out.before-1" / "thesis.tex").read_text() == "first"
    assert (tmp_path / "out.before-2" / "thesis.tex").read_text() == "second"
    assert [path.name for path in target.iterdir()] == ["b.txt"]


def test_home_and_the_working_folder_are_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with pytest.raises(ResultsFolderRefused, match="the folder you work in"):
        check_results_folder(tmp_path, replace_foreign=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    with pytest.raises(ResultsFolderRefused, match="your home"):
        check_results_folder(tmp_path / "home", replace_foreign=True)


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_a_link_is_not_a_folder(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out"
    if kind == "file":
        target.write_text("x")
    else:
        (tmp_path / "real").mkdir()
        target.symlink_to(tmp_path / "real")
    with pytest.raises(ResultsFolderRefused, match="is not a folder"):
        check_results_folder(target, replace_foreign=True)


def test_a_place_that_cannot_be_written_is_refused_before_computing(tmp_path: Path) -> None:
    with pytest.raises(ResultsFolderRefused, match="cannot be written"):
        check_results_folder(Path("/proc/1/out") if os.geteuid() == 0 else _locked(tmp_path) / "out")


def _locked(tmp_path: Path) -> Path:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    return locked


def test_a_full_disk_is_said_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full to stand for a full disk")
    with pytest.raises(ResultsFolderRefused, match="No space left"), results_folder(tmp_path / "out"):
        full.write_text("x")
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_someone_edited_is_kept_beside_the_new_one(contents: ResultsContents, tmp_path: Path) -> None:
    target = tmp_path / "out"

    def dossier(where: Path) -> None:
        (where / "dossier.fr.pdf").write_bytes(b"as written")

    write_results(contents, target, also=[dossier])
    (target / "dossier.fr.pdf").write_bytes(b"annotated at the meeting")
    write_results(contents, target, also=[dossier])
    assert (tmp_path / "out.before-1" / "dossier.fr.pdf").read_bytes() == b"annotated at the meeting"
    assert (target / "dossier.fr.pdf").read_bytes() == b"as written"
    write_results(contents, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.before-1"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o755), (0o077, 0o700), (0o007, 0o770)])
def test_the_folder_gets_the_rights_that_the_umask_leaves(tmp_path: Path, umask: int, mode: int) -> None:
    previous = os.umask(umask)
    try:
        with results_folder(tmp_path / "out") as folder:
            (folder / "b.txt").write_text("new")
    finally:
        os.umask(previous)
    assert (tmp_path / "out").stat().st_mode & 0o777 == mode
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.txt"]
