"""Write a replanning: replan.json, a table of changes and a case to simulate, in a folder that is whole or absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from givre.adapters.results.curves import Cell, write_table
from givre.adapters.results.directory import REPLAN_NAME, results_folder
from givre.adapters.results.document import listed_files
from givre.adapters.results.numbers import Json
from givre.adapters.results.replan_document import Settings, replan_document
from givre.adapters.results.writing import to_json
from givre.dossier.replan_phrasing import replan_phrasing
from givre.planning.trial.quick_look import PlanFigures
from givre.usecases.replan_case import ReplannedCase

CHANGES_CSV = "changes.csv"
_README = """\
Research use, not a medical device.
Usage de recherche, n'est pas un dispositif médical.

This folder compares the probes as placed with the plan and lists changes found by givre. The notice above goes for
every file of it, the table included. No change here has been approved by anybody.
Ce dossier compare les sondes posées au plan et liste des changements trouvés par givre. L'avertissement vaut pour
chacun de ses fichiers, tableau compris. Aucun de ces changements n'a été approuvé par qui que ce soit.
"""

COLUMNS = (
    "plan",
    "restores the goals",
    "coverage [1]",
    "coverage with margin [1]",
    "smallest margin [mm]",
    "organ nearest to its limit",
    "its coldest temperature above the limit [degC]",
    "what to do",
)

WriteCase = Callable[[Path], str]
"""Writes the case file into the folder it is given; its path relative to it."""


def write_replanned(
    replanned: ReplannedCase,
    target: Path,
    *,
    write_case: WriteCase,
    settings: Settings,
    times_s: Mapping[str, float],
    replace_foreign: bool = False,
) -> Json:
    """Write the folder and return the content of its replan.json.

    Args:
        replanned: what was found.
        target: the folder; a previous givre result there is replaced.
        write_case: writes the case to simulate.
        settings: how givre was called, echoed.
        times_s: what took how long.
        replace_foreign: whether a folder that holds something else may be set aside.

    Raises:
        ResultsFolderRefused: when the folder cannot be made; nothing is left behind.
    """
    with results_folder(target, replace_foreign=replace_foreign) as folder:
        case = write_case(folder)
        write_table(folder / CHANGES_CSV, COLUMNS, _rows(replanned))
        (folder / "README.txt").write_text(_README, encoding="utf-8", newline="\n")
        document = replan_document(replanned, case=case, settings=settings, times_s=times_s, files=listed_files(folder))
        (folder / REPLAN_NAME).write_text(to_json(document), encoding="utf-8", newline="\n")
    return document


def _rows(replanned: ReplannedCase) -> list[tuple[Cell, ...]]:
    found, english = replanned.found, replan_phrasing("en")
    rows = [
        _row("planned", "", found.planned.figures, replanned, ""),
        _row("placed", "no" if found.missed else "yes", found.placed.figures, replanned, ""),
    ]
    for tried in found.tried:
        if tried.best is not None:
            told = english.instruction(tried.best.change).replace("\u00a0", " ")
            restores = "yes" if tried.best.is_restored else "no"
            rows.append(_row(tried.kind, restores, tried.best.figures, replanned, told))
    return rows


def _row(name: str, restores: str, figures: PlanFigures, replanned: ReplannedCase, told: str) -> tuple[Cell, ...]:
    organs = replanned.description.organs_at_risk
    reserves = {organ.structure: figures.organ_coldest_c[organ.structure] - organ.limit_temp_c for organ in organs}
    nearest = min(reserves, key=lambda structure: reserves[structure]) if reserves else ""
    return (
        name,
        restores,
        figures.coverage,
        figures.coverage_with_margin,
        figures.margin_mm,
        nearest,
        reserves[nearest] if nearest else float("nan"),
        told,
    )
