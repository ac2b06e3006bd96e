"""Write everything a simulation gives beside the dossier: numbers, fields, surfaces, curves and the import report."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from givre.adapters.results.curves import write_curves
from givre.adapters.results.directory import RESULTS_NAME, results_folder
from givre.adapters.results.document import NOTICE, ResultsContents, import_json, listed_files, results_document
from givre.adapters.results.fields import write_fields
from givre.adapters.results.numbers import Json
from givre.adapters.results.surfaces import ISOTHERMS_C, write_surfaces
from givre.usecases.import_report import ImportReport

README_NAME = "README.txt"
_README = f"""\
{NOTICE}
Usage de recherche, n'est pas un dispositif médical.

This folder holds the results of a simulation by givre. The notice above goes for every file of it, the tables of
curves/ included, which have no place for it.
Ce dossier contient les résultats d'une simulation par givre. L'avertissement vaut pour chacun de ses fichiers, y
compris les tables de curves/, qui n'ont pas de place pour lui.
"""

PartWriter = Callable[[Path], None]
"""Writes one more part of the results (the dossier) into the folder it is given."""


def write_results(
    contents: ResultsContents,
    target: Path,
    *,
    also: Sequence[PartWriter] = (),
    isotherms_c: Sequence[float] = ISOTHERMS_C,
    replace_foreign: bool = False,
) -> Json:
    """Write a folder of results, whole or not at all, and return the content of its results.json.

    Args:
        contents: the plan and its results.
        target: the folder; a previous givre result there is replaced.
        also: further writers, called with the folder in the making; their files are listed and hashed too.
        isotherms_c: temperatures of the surfaces.
        replace_foreign: whether a folder that holds something else may be set aside.

    Raises:
        ResultsFolderRefused: when the folder cannot be made; nothing is left behind.
    """
    with results_folder(target, replace_foreign=replace_foreign) as folder:
        write_fields(contents.run, folder)
        write_curves(contents.run, contents.assessment, folder)
        absent = write_surfaces(contents.run, contents.assessment, folder, isotherms_c=isotherms_c)
        write_import_report(contents.import_reports, folder)
        _write_text(folder / README_NAME, _README)
        for write_part in also:
            write_part(folder)
        document = results_document(contents, files=listed_files(folder), absent=absent)
        _write_text(folder / RESULTS_NAME, to_json(document))
    return document


def write_import_report(reports: Sequence[ImportReport], folder: Path) -> None:
    """Write import_report.json and import_report.txt, each with the notice."""
    imports = [import_json(report) for report in reports]
    _write_text(folder / "import_report.json", to_json({"notice": NOTICE, "imports": imports}))
    _write_text(folder / "import_report.txt", "\n\n".join([NOTICE, *(report.as_text() for report in reports)]) + "\n")


def to_json(document: Json) -> str:
    """A document as JSON text; a number that is not finite is a bug and raises ValueError."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
