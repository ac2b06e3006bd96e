"""givre verify: a list, a verdict, a page, and an exit code that says whether every card passed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from givre.cli.exit_codes import ExitCode
from givre.cli.main import main
from givre.cli.verifying import card_json, exit_code_of
from givre.usecases.verify import Verification
from givre.verification.registry import CARDS
from givre.verification.result import CardResult, Check, LadderResult


def test_the_cards_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--list"]) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(CARDS)
    assert lines[1].startswith("V01\tLinear diffusion")
    assert main(["--json", "verify", "--list"]) == ExitCode.OK
    assert [card["id"] for card in json.loads(capsys.readouterr().out)] == [card.id for card in CARDS]


def test_a_card_that_passes_is_told_in_both_languages_and_its_page_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--lang", "fr", "verify", "v02", "-o", str(tmp_path / "page")]) == ExitCode.OK
    shown = capsys.readouterr()
    assert "1 fiches sur 1 sont réussies" in shown.out
    assert "réussie" in shown.out
    assert "V02 wall across axis k" in shown.err
    page = (tmp_path / "page" / "index.md").read_text(encoding="utf-8")
    assert "### V02" in page
    assert "only a part" not in page
    assert (tmp_path / "page" / "figures" / "V02.svg").exists()


def test_a_card_that_fails_changes_the_exit_code() -> None:
    check = Check(asked="front within 0.1 mm", found=0.3, limit=0.1, unit="mm", source="test", passed=False)
    ladder = LadderResult(
        name="front", unit="mm", refined="voxel", refined_unit="mm", norm="worst", note="", rungs=(), order=1.0,
        order_over=4, order_remark="", checks=(check,),
    )  # fmt: skip
    card = CardResult(
        id="V01", title="t", problem="p", reference="r", standing="own", source="s", test="t", notes=(),
        ladders=(ladder,),
    )  # fmt: skip
    verification = Verification(cards=(card,), studies=(), wall_s=1.0)
    assert exit_code_of(verification) == ExitCode.VERIFICATION_FAILED == 6
    assert card_json(card)["failed"] == ["front within 0.1 mm"]
    passed = replace(card, ladders=(replace(ladder, checks=(replace(check, passed=True),)),))
    assert exit_code_of(replace(verification, cards=(passed,))) == ExitCode.OK


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["verify"], ExitCode.USAGE, "--all"),
        (["verify", "V01", "--all"], ExitCode.USAGE, "--all"),
        (["verify", "V77"], ExitCode.INVALID_INPUT, "UNKNOWN_CARD"),
    ],
)
def test_what_cannot_be_verified_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: ExitCode, words: str
) -> None:
    assert main(arguments) == code
    assert words in capsys.readouterr().err


def test_a_folder_of_other_files_is_refused_before_anything_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["verify", "V02", "-o", str(tmp_path)]) == ExitCode.FAILURE
    shown = capsys.readouterr()
    assert "PAGE_FOLDER" in shown.err
    assert "V02 wall" not in shown.err
