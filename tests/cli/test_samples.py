"""Samples on the command line; a machine without a registry still has its phantoms and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from givre import wiring_cases
from givre.adapters.casefile import read_case
from givre.adapters.samples import SampleUnreachable
from givre.cli.main import main


@pytest.fixture
def no_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package index on a port where nothing listens, and an empty cache."""
    for variable in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9/simple")
    for variable in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "UV_FIND_LINKS", "UV_INDEX", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("UV_CONFIG_FILE", "")
    monkeypatch.setenv("GIVRE_CACHE", str(tmp_path / "cache"))


def test_the_list_says_what_needs_a_registry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["samples", "list", "--json"]) == 0
    samples = {sample["name"]: sample for sample in json.loads(capsys.readouterr().out)}
    assert samples["lumbar-vertebra"]["needs_registry"] is True
    assert samples["phantom-vertebra"]["needs_registry"] is False
    assert all(sample["licence"] for sample in samples.values())


def test_a_phantom_becomes_a_complete_case_in_the_language_of_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "femur"
    assert main(["samples", "get", "phantom-femur", "-o", str(folder), "--lang", "fr"]) == 0
    assert "Le cas se trouve dans" in capsys.readouterr().out
    assert "pas un dispositif médical" in (folder / "case.toml").read_text(encoding="utf-8")
    assert read_case(folder).case_id == "phantom-femur"
    assert main(["samples", "get", "phantom-femur", "-o", str(folder)]) == 3


@pytest.mark.usefixtures("no_registry")
def test_a_sample_that_cannot_be_fetched_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["samples", "get", "lumbar-vertebra", "-o", str(tmp_path / "out")]) == SampleUnreachable.exit_code
    assert "SAMPLE_UNREACHABLE" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("no_registry")
def test_the_demo_falls_back_to_the_phantom_and_says_so(tmp_path: Path) -> None:
    written = wiring_cases.get_demo_sample(tmp_path / "demo")
    assert written.sample.name == "phantom-vertebra"
    assert "phantom" in written.notice
    assert read_case(tmp_path / "demo").synthetic.startswith("everything")
