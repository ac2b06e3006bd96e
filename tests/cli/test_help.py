"""Every command explains itself, with an example, in both languages, and quickly."""

from __future__ import annotations

import os
import re
import resource
import string
import subprocess
import sys
from pathlib import Path

import pytest

import givre
from givre.cli.app import build_app
from givre.cli.arguments import global_options_first
from givre.cli.error_titles import TITLES
from givre.cli.exit_codes import MEANINGS, ExitCode
from givre.cli.language import Texts, choose_language
from givre.cli.reference import command_pages, command_reference
from givre.cli.texts_en import ENGLISH
from givre.cli.texts_fr import FRENCH

PAGES = {"en": dict(command_pages(build_app(Texts("en")))), "fr": dict(command_pages(build_app(Texts("fr"))))}
COMMANDS = {
    "givre",
    "givre demo",
    "givre simulate",
    "givre trajectories",
    "givre plan",
    "givre protect",
    "givre replan",
    "givre batch",
    "givre check",
    "givre uncertainty",
    "givre init",
    "givre import",
    "givre samples",
    "givre samples list",
    "givre samples get",
    "givre probes",
    "givre tissues",
    "givre calibrate-probe",
    "givre bundle",
    "givre bundle pack",
    "givre bundle unpack",
    "givre bundle verify",
    "givre verify",
    "givre doctor",
    "givre completion",
}


SEVERAL = re.compile(r"\[?\b(?:ARGS|ARGUMENTS|cards)\]?\.\.\.")
"""Arguments of which several may be given."""


def test_the_tree_holds_the_commands_of_the_manual() -> None:
    assert set(PAGES["en"]) == COMMANDS
    assert set(PAGES["fr"]) == COMMANDS


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_page_has_an_example_of_its_own_command_and_fits_the_screen(command: str, language: str) -> None:
    page = PAGES[language][command]
    title = "Exemple :" if language == "fr" else "Example:"
    example = page.split(title, 1)[1].strip().splitlines()[0].strip()
    assert example.startswith(command)
    assert max(len(line) for line in page.splitlines()) <= 100


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_english_is_left_on_a_french_page(command: str) -> None:
    page = PAGES["fr"][command]
    assert page != PAGES["en"][command]
    for word in ("Usage: ", "Options:", "Commands:", "Show this", "[default:", "[required]", "Example:"):
        assert word not in page


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_summaries_are_not_cut_short(command: str) -> None:
    assert "..." not in SEVERAL.sub("", PAGES["en"][command])
    assert "..." not in SEVERAL.sub("", PAGES["fr"][command])


def test_both_languages_say_the_same_things_with_the_same_figures() -> None:
    assert set(ENGLISH) == set(FRENCH)
    fields = string.Formatter()
    for key, text in ENGLISH.items():
        wanted = {name for _, name, _, _ in fields.parse(text) if name}
        assert wanted == {name for _, name, _, _ in fields.parse(FRENCH[key]) if name}, key


def test_exit_codes_are_documented_in_help_and_manual() -> None:
    assert set(MEANINGS) == set(ExitCode)
    for code, (english, french) in MEANINGS.items():
        assert f"{int(code)}  {english}" in PAGES["en"]["givre"]
        assert f"{int(code)}  {french}" in PAGES["fr"]["givre"]


def test_the_manual_page_is_the_one_the_commands_make() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
    assert page.read_text(encoding="utf-8") == command_reference(), "run: python -m givre.cli.reference > that page"


def test_every_error_code_has_a_title_in_both_languages() -> None:
    sources = Path(givre.__path__[0]).rglob("*.py")
    codes = {
        code
        for path in sources
        for code in re.findall(r'^    code(?:: [^=]+)? = "([A-Z0-9_]+)"$', path.read_text(), re.M)
    }
    assert {"INPUT", "INVALID_CASE_FILE"} <= codes
    assert codes - set(TITLES) == set()
    assert all(english and french and english != french for english, french in TITLES.values())


def test_global_options_may_stand_anywhere_but_not_after_a_double_dash() -> None:
    assert global_options_first(["check", "--lang=fr", "c", "--debug"]) == ["--lang=fr", "--debug", "check", "c"]
    assert global_options_first(["check", "--", "--json"]) == ["check", "--", "--json"]
    assert global_options_first(["demo", "--seed"]) == ["--seed", "demo"]


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "fr_BE.UTF-8"}, "fr"),
        ([], {"LANG": "fr_FR", "LC_ALL": "C"}, "en"),
        (["--lang", "en"], {"LANG": "fr_FR"}, "en"),
        (["x", "--", "--lang", "fr"], {}, "en"),
    ],
)
def test_the_language_is_the_one_asked_else_that_of_the_system(
    arguments: list[str], environment: dict[str, str], language: str
) -> None:
    assert choose_language(arguments, environment) == language


def _fastest_s(*command: str) -> float:
    """Processor time, best of three: other programs on the machine do not make this one slower."""
    times = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def test_help_is_quick() -> None:
    assert _fastest_s("-m", "givre.cli.main", "--help") < 0.5


def test_importing_givre_is_quick() -> None:
    assert _fastest_s("-c", "import givre") < 1.0


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, givre.cli.main as m; m.main(['--help']); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "scipy", "numba", "nibabel", "pydicom", "skimage", "rich", "matplotlib"}
    assert heavy & set(done.stderr.replace("'", "").strip("[]\n").split(", ")) == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_valid_where_the_shell_is_installed(shell: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "givre.cli.main", "completion", shell], capture_output=True, text=True, check=True
    )
    assert "_GIVRE_COMPLETE" in done.stdout
    (tmp_path / "script").write_text(done.stdout)
    try:
        checked = subprocess.run([shell, "-n", str(tmp_path / "script")], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip(f"{shell} is not installed here, so only the content of its script was checked")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_completion_proposes_the_commands() -> None:
    environment = {**os.environ, "_GIVRE_COMPLETE": "complete_bash", "COMP_WORDS": "givre sam", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "givre.cli.main"], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stdout.split() == ["samples"]
