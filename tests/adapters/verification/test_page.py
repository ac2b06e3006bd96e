"""The page says the worst first, hides no failure, and is the one that its numbers make."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from givre.adapters.verification import PageFolderRefused, reading, staleness, write_verification, written
from givre.adapters.verification.figures import card_figure
from givre.adapters.verification.fingerprint import HOUSE, SOURCES, sources_sha256
from givre.adapters.verification.origin import Origin, this_machine
from givre.adapters.verification.page import page
from givre.adapters.verification.tables import card_csv
from givre.usecases.verify import Verification

ADJECTIVES = re.compile(r"\b(excellent|perfect|outstanding|superb|robustly|very accurate|highly accurate)\b", re.I)
"""Words that no number stands behind."""


def test_the_verdict_begins_with_the_worst_and_names_every_failure(verification: Verification, origin: Origin) -> None:
    text = page(verification, origin)
    verdict = text.split("## Contexts")[0]
    assert "**Worst first.** V13, probes: not a number where 0.1 mm are allowed" in verdict
    assert "2 of 4 cards pass; **V05, V13 fail**" in verdict
    assert "Not run or not written: V02" in verdict
    assert "2026-03-05" in verdict
    assert origin.sources_sha256[:12] in verdict


def test_a_failing_card_and_a_refused_level_stay_on_the_page(verification: Verification, origin: Origin) -> None:
    text = page(verification, origin)
    defects = text.split("## Known defects")[1]
    assert "V05, points: worst error at most 0.1 mm; found −0.3 mm" in defects
    assert "the probe does not fit" in defects
    assert "### V05 Card 5: FAIL" in text
    assert "| [V13](#v13) |" in text


def test_limits_are_told_before_results(verification: Verification, origin: Origin) -> None:
    text = page(verification, origin)
    assert text.index("## What this page does not show") < text.index("## Code verification")
    assert "**not allowed**" in text
    assert "<!-- slot" not in text


def test_no_adjective_stands_without_a_number(verification: Verification, origin: Origin) -> None:
    text = page(verification, origin)
    assert ADJECTIVES.findall(text) == []
    assert not re.search(r"(?<!Nothing here )\bis validated\b|\bvalidated solver\b", text)


def test_worst_and_mean_stand_beside_each_other_and_every_point_is_shown(
    verification: Verification, origin: Origin
) -> None:
    text = page(verification, origin)
    assert "| n | worst | 95 % below | mean | bias |" in text
    assert "| agar | one probe | 33 | 32 | 1 | ± 2 |" in text


def test_the_numbers_survive_the_trip_through_json(verification: Verification, origin: Origin) -> None:
    text = written(verification, origin)
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    again, origin_again = reading(text)
    assert origin_again == origin
    assert written(again, origin_again) == text
    assert page(again, origin_again) == page(verification, origin)


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": "other"}', "not json"])
def test_another_document_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"verification document|Expecting value"):
        reading(text)


def test_figures_are_small_drawings_with_units_counts_and_version(verification: Verification, origin: Origin) -> None:
    for card in verification.cards:
        drawing = card_figure(card, origin)
        assert len(drawing) < 60_000
        assert drawing == card_figure(card, origin)
        root = ET.fromstring(drawing.decode())  # noqa: S314 - our own drawing
        said = " ".join(part for part in root.itertext() if part.strip())
        assert "[mm]" in said
        assert f"n = {card.points} compared points" in said
        assert "givre 0.1.0" in said


def test_the_table_of_a_card_holds_levels_and_points(verification: Verification) -> None:
    rows = list(csv.DictReader(io.StringIO(card_csv(verification.cards[3]))))
    assert [row["point"] for row in rows] == ["", "one probe"]
    refused = list(csv.DictReader(io.StringIO(card_csv(verification.cards[2]))))[-1]
    assert (refused["worst"], refused["refusal"]) == ("", "the probe does not fit")


def test_a_page_is_written_whole_and_takes_the_place_of_an_older_one(
    verification: Verification, origin: Origin, tmp_path: Path
) -> None:
    target = tmp_path / "pages" / "verification"
    write_verification(verification, origin, target)
    write_verification(replace(verification, wall_s=99.0), origin, target)
    assert sorted(path.name for path in target.iterdir()) == [
        "V01.csv", "V05.csv", "V13.csv", "V18.csv", "figures", "index.md", "verification.json",
    ]  # fmt: skip
    assert json.loads((target / "verification.json").read_text(encoding="utf-8"))["wall_s"] == 99.0
    assert [path.name for path in target.parent.iterdir()] == ["verification"]


def test_a_folder_with_other_files_is_refused_and_left_alone(
    verification: Verification, origin: Origin, tmp_path: Path
) -> None:
    (tmp_path / "thesis.md").write_text("mine")
    with pytest.raises(PageFolderRefused, match=r"thesis\.md.*no verification"):
        write_verification(verification, origin, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.md"]
    with pytest.raises(PageFolderRefused, match="not a folder"):
        write_verification(verification, origin, tmp_path / "thesis.md")


def test_other_pages_beside_an_older_one_are_kept(verification: Verification, origin: Origin, tmp_path: Path) -> None:
    target = tmp_path / "verification"
    write_verification(verification, origin, target)
    (target / "measurements.md").write_text("measured", encoding="utf-8")
    (target / "figures" / "V99.svg").write_text("an old figure", encoding="utf-8")
    write_verification(verification, origin, target)
    assert (target / "measurements.md").read_text(encoding="utf-8") == "measured"
    assert not (target / "figures" / "V99.svg").exists()


@pytest.fixture
def written_page(verification: Verification, origin: Origin, tmp_path: Path) -> Path:
    write_verification(verification, origin, tmp_path / "v")
    return tmp_path / "v"


def test_a_fresh_page_is_not_stale(written_page: Path) -> None:
    assert staleness(written_page) == ""


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    for package in SOURCES:
        shutil.copytree(HOUSE / package, tmp_path / "house" / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "house"


@pytest.mark.parametrize("name", ["bioheat/solve.py", "tissue/data/tissues.csv", "verification/sinks.py"])
def test_a_page_older_than_the_code_or_its_tables_is_stale(written_page: Path, copied_house: Path, name: str) -> None:
    assert staleness(written_page, copied_house) == ""
    with (copied_house / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert "the code is now" in staleness(written_page, copied_house)


def test_line_ends_and_compiled_files_do_not_make_a_page_stale(copied_house: Path) -> None:
    before = sources_sha256(copied_house)
    source = copied_house / "bioheat" / "ice.py"
    source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    (copied_house / "bioheat" / "ice.pyc").write_bytes(b"compiled")
    assert sources_sha256(copied_house) == before


def test_an_edited_page_a_missing_figure_and_a_partial_run_are_stale(
    written_page: Path, verification: Verification, origin: Origin
) -> None:
    (written_page / "figures" / "V05.svg").unlink()
    assert "figure of V05 is missing" in staleness(written_page)
    with (written_page / "index.md").open("a", encoding="utf-8") as file:
        file.write("All is well.\n")
    assert "is not the page that its numbers make" in staleness(written_page)
    (written_page / "verification.json").write_text(
        written(verification, replace(origin, is_complete=False)), encoding="utf-8"
    )
    assert "only a part" in staleness(written_page)
    (written_page / "verification.json").write_text("{", encoding="utf-8")
    assert "cannot be read" in staleness(written_page)
    (written_page / "verification.json").unlink()
    assert "cannot be read" in staleness(written_page)


def test_this_machine_has_a_name() -> None:
    origin = this_machine(threads=1, is_complete=False)
    assert origin.processor
    assert origin.cores >= 1
    assert "numpy" in origin.libraries
