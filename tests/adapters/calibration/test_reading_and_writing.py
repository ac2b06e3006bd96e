"""The table file is read whole or refused; entry, residuals and plot appear whole or not at all."""

from __future__ import annotations

import hashlib

import pytest

from givre.adapters.calibration import check_outputs, outputs_of, read_table_file, write_files
from givre.adapters.calibration.writing import CannotWriteEntry
from givre.foundation.errors import InputError, UnknownFormat, UnreadableFile


def test_lines_and_hash_are_those_of_the_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("\ufeffa,b\r\n1,é\r\n".encode())
    lines, sha256 = read_table_file(path)
    assert lines == ("a,b", "1,é")
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_no_small_text_file_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="is not a file"):
        read_table_file(tmp_path)
    big, latin, binary = tmp_path / "big.csv", tmp_path / "latin.csv", tmp_path / "binary.csv"
    big.write_bytes(b"x" * (1024**2 + 1))
    latin.write_bytes("é".encode("latin-1"))
    binary.write_bytes(b"a\0b")
    with pytest.raises(UnreadableFile, match="over 1 MiB"):
        read_table_file(big)
    with pytest.raises(UnknownFormat, match="is not UTF-8"):
        read_table_file(latin)
    with pytest.raises(UnknownFormat, match="null characters"):
        read_table_file(binary)


def test_an_entry_is_toml_or_csv(tmp_path):
    assert outputs_of(tmp_path / "e.toml").plot.name == "e.residuals.png"
    with pytest.raises(InputError, match=r'ends in "\.json"'):
        outputs_of(tmp_path / "e.json")


def test_files_that_would_be_lost_are_refused_before_anything_is_computed(tmp_path):
    outputs = outputs_of(tmp_path / "e.csv")
    table = tmp_path / "t.csv"
    check_outputs(outputs, table=table, replace=False)
    with pytest.raises(CannotWriteEntry, match="the measured table itself"):
        check_outputs(outputs, table=outputs.entry, replace=True)
    outputs.residuals.write_text("mine")
    with pytest.raises(CannotWriteEntry, match=r"e\.residuals\.csv is already there"):
        check_outputs(outputs, table=table, replace=False)
    check_outputs(outputs, table=table, replace=True)
    with pytest.raises(CannotWriteEntry, match="no folder that can be written"):
        check_outputs(outputs_of(tmp_path / "absent" / "e.csv"), table=table, replace=False)


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "absent" / "bad.csv"
    with pytest.raises(CannotWriteEntry, match="cannot be written"):
        write_files({good: b"1", bad: b"2"})
    assert list(tmp_path.iterdir()) == []
    write_files({good: b"1"})
    assert good.read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["good.csv"]
