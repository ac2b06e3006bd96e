"""Placed probes from a table: read exactly, refused with the line."""

from pathlib import Path

import pytest

from givre.adapters.placed import InvalidPlacedTable, read_placed_table
from givre.foundation.errors import UnreadableFile

HEADER = "label,entry_x_mm,entry_y_mm,entry_z_mm,tip_x_mm,tip_y_mm,tip_z_mm"


def table(folder: Path, *lines: str) -> Path:
    path = folder / "placed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_is_read_as_written(tmp_path: Path) -> None:
    (probe,) = read_placed_table(table(tmp_path, HEADER, "P1,1,2.5,-3,4,5,6"))
    assert (probe.label, probe.entry_mm, probe.tip_mm) == ("P1", (1.0, 2.5, -3.0), (4.0, 5.0, 6.0))


def test_a_french_spreadsheet_is_read_too(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER.replace(",", ";"), "P1;1,5;2;3;4;5;-6,25")
    assert read_placed_table(path)[0].tip_mm == (4.0, 5.0, -6.25)


def test_other_columns_and_empty_lines_are_left_alone(tmp_path: Path) -> None:
    assert (
        len(read_placed_table(table(tmp_path, f"{HEADER},kind", "P1,1,2,3,4,5,6,way", "", "P2,1,2,3,4,5,60,way"))) == 2
    )


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([HEADER, "P1,1,2,x,4,5,6"], 'line 2: entry_z_mm is "x"'),
        ([HEADER, "P1,1,2,3,4,5,nan"], "line 2: tip_z_mm is nan"),
        ([HEADER, "P1,1,2,3,4,5"], "line 2: 6 cells, the header has 7"),
        ([HEADER, ",1,2,3,4,5,6"], "line 2: no label"),
        ([HEADER], "holds no probe"),
        (["label,entry_x_mm", "P1,1"], "column entry_y_mm, entry_z_mm"),
        ([HEADER, *["P1,1,2,3,4,5,6"] * 201], "201 lines"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(tmp_path: Path, lines: list[str], words: str) -> None:
    with pytest.raises(InvalidPlacedTable, match=words):
        read_placed_table(table(tmp_path, *lines))


def test_files_that_are_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="nowhere"):
        read_placed_table(tmp_path / "nowhere.csv")
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidPlacedTable, match="not UTF-8"):
        read_placed_table(binary)
