"""`givre simulate` with results of the planner: told in the dossier, or refused before anything is computed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

import givre
from givre.adapters.results import results_schema
from givre.adapters.results.strict_reading import PlannedFile
from givre.cli.main import main
from givre.dossier.compose import compose_dossier
from givre.testing.dossiers import small_dossier_inputs
from givre.testing.planned import small_proposals
from givre.usecases.planned_results import OtherCase
from givre.wiring import dossier_inputs
from givre.wiring_cases import provenance, read_planned
from tests.adapters.results.planned_folders import proposals_folder
from tests.cli.conftest import WriteBall


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Proposals for another case."""
    return proposals_folder(small_proposals(small_dossier_inputs().case), tmp_path / "other")


def test_results_of_another_case_exit_with_3_and_nothing_is_written(
    ball_case: WriteBall, other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, output = ball_case(), tmp_path / "out"
    for option in ("--proposals", "--uncertainty"):
        assert main(["simulate", str(case), "-o", str(output), option, str(other), "--lang", "en"]) == 3
        assert not output.exists()
    told = capsys.readouterr().err
    assert "[OTHER_CASE]" in told
    assert "proposals.json is of case givre-test-01, and ball is simulated" in told
    assert "[PLANNED_FILE]" in told
    assert "holds no uncertainty.json" in told
    assert "Simulating the freeze" not in told


def test_proposals_of_this_case_are_taken_and_echoed(ball_case: WriteBall, tmp_path: Path) -> None:
    case, plans, output = ball_case(), tmp_path / "plans", tmp_path / "out"
    loaded = givre.load_case(case)
    proposals_folder(small_proposals(loaded.description, moved_mm=2.0, hashes=loaded.images.hashes), plans)
    command = ["simulate", str(case), "-o", str(output), "--proposals", str(plans), "--no-error-estimate"]
    assert main([*command, "--no-dossier", "--json", "--quiet"]) == 4
    document = json.loads((output / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, results_schema())
    assert document["provenance"]["settings"]["proposals"] == "plans"
    assert re.fullmatch("[0-9a-f]{64}", document["provenance"]["hashes"]["proposals"])
    assert str(tmp_path) not in json.dumps(document)


def test_what_was_read_reaches_the_dossier(ball_case: WriteBall, tmp_path: Path) -> None:
    case = givre.load_case(ball_case())
    folder = proposals_folder(small_proposals(case.description, hashes=case.images.hashes), tmp_path / "plans")
    planned = read_planned(case.description, case.images.hashes, proposals=folder)
    result = givre.simulate(case, estimate_error=False)
    told = dossier_inputs(result, provenance(result), planned)
    assert told.ranked is not None and told.uncertain is None
    assert told.ranked.rank_of(case.description) == 1
    assert "ranked" in [section.key for section in compose_dossier(told, lang="fr").sections]
    assert dossier_inputs(result, provenance(result)).ranked is None


def test_the_python_api_refuses_alike_and_leaves_nothing(ball_case: WriteBall, other: Path, tmp_path: Path) -> None:
    result = givre.simulate(givre.load_case(ball_case()), estimate_error=False)
    with pytest.raises(OtherCase):
        givre.write_results(result, tmp_path / "out", languages=(), proposals=other)
    with pytest.raises(PlannedFile, match="holds no proposals.json"):
        givre.write_results(result, tmp_path / "out", languages=(), proposals=tmp_path)
    assert not (tmp_path / "out").exists()
