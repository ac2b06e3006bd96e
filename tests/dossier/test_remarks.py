"""Every remark of the tissue map and every finding of an import has its words in both languages."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import givre
from givre.dossier.phrasing import phrasing
from givre.dossier.remarks import told
from givre.dossier.words import LANGUAGES, load_words
from givre.tissue.notes import NOTES, note

PACKAGE = Path(givre.__file__).parent
VALUES = {"structure": "gall_bladder", "tissue": "canal_content", "hu": "150"}
CODE = re.compile(r"[A-Z][A-Z0-9]+(_[A-Z0-9]+)*")
IMPORTERS = [
    path
    for folder in ("adapters", "usecases")
    for path in sorted((PACKAGE / folder).rglob("*.py"))
    if path.name != "init_case.py"  # drafts a case file; no dossier tells its findings
    and "Finding" in path.read_text(encoding="utf-8")
]


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def sentence(key: str) -> str:
    return note(key, **{name: VALUES.get(name, "7") for name in places(NOTES[key])})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_remark_has_words_with_the_same_values(lang):
    texts = load_words(lang).texts
    assert {key.removeprefix("note.") for key in texts if key.startswith("note.")} == set(NOTES)
    for key, template in NOTES.items():
        assert places(texts[f"note.{key}"]) == places(template), key


@pytest.mark.parametrize("key", NOTES)
def test_each_remark_is_recognised_as_itself_with_its_values(key):
    say = phrasing("fr")
    shown = {"structure": "gall bladder", "tissue": "contenu du canal", "hu": "150"}
    values = {name: shown.get(name, "7") for name in places(NOTES[key])}
    assert told(sentence(key), say) == say.words(f"note.{key}", **values)


def test_a_remark_that_nobody_knows_stays_as_it_was_written():
    assert told("7 voxels are blue", phrasing("fr")) == "7 voxels are blue"


@pytest.mark.parametrize("module", ["labelling", "tissue_resampling"])
def test_the_tissue_map_notes_nothing_but_these_remarks(module):
    """Whatever is added to `notes` comes out of `note`, or of a function of the module that only returns such."""
    tree = ast.parse((PACKAGE / "tissue" / f"{module}.py").read_text(encoding="utf-8"))
    appended = [
        call.args[0]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "notes.append"
    ]
    added = [
        item.value for item in ast.walk(tree) if isinstance(item, ast.AugAssign) and ast.unparse(item.target) == "notes"
    ]
    assert appended or added
    assert all(ast.unparse(value).startswith("note(") for value in appended)
    for value in added:
        assert isinstance(value, ast.Tuple | ast.Call)
        inside = value.elts if isinstance(value, ast.Tuple) else returned_by(tree, ast.unparse(value.func))
        assert all(ast.unparse(item).startswith("note(") for item in inside)


def returned_by(tree: ast.Module, name: str) -> list[ast.expr]:
    """Elements of the lists that a function returns."""
    function = next(item for item in tree.body if isinstance(item, ast.FunctionDef) and item.name == name)
    lists = [item.value for item in ast.walk(function) if isinstance(item, ast.Return)]
    return [element for found in lists if isinstance(found, ast.List) for element in found.elts]


def codes_worth_a_look(path: Path) -> set[str]:
    """Codes of the findings a module makes, but those that only say a fact (info)."""
    found = set()
    for item in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        texts = texts_of(item)
        if texts and "info" not in texts and CODE.fullmatch(texts[0]):
            found.add(texts[0])
    return found


def texts_of(item: ast.AST) -> list[str]:
    """Texts given to what makes a finding, or standing in a pair of a code and a sentence; the code first."""
    if isinstance(item, ast.Call) and "finding" in ast.unparse(item.func).lower():
        given = [*item.args, *(word.value for word in item.keywords)]
    elif isinstance(item, ast.Tuple) and len(item.elts) == 2 and " " in ast.unparse(item.elts[1]):
        given = item.elts
    else:
        given = []
    return [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def test_each_finding_of_an_import_has_words_in_both_languages():
    codes = set().union(*(codes_worth_a_look(path) for path in IMPORTERS))
    assert {"TOUCHES_EDGE", "NO_AIR", "LOSSY", "OTHER_PATIENT_IN_FOLDER"} <= codes  # each way of making one is seen
    for lang in LANGUAGES:
        assert {code for code in codes if not load_words(lang).has(f"import.{code}")} == set(), lang
