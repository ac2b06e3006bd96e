"""Write proposed plans: a document, a table and a case file for each, in a folder that is there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from givre.adapters.results.curves import Cell, write_table
from givre.adapters.results.directory import PROPOSALS_NAME, results_folder
from givre.adapters.results.document import listed_files
from givre.adapters.results.numbers import Json
from givre.adapters.results.proposals_document import proposals_document
from givre.adapters.results.writing import to_json
from givre.planning.placement.ranking import least_reserve_c
from givre.planning.placement.result import Proposal
from givre.usecases.propose_plan import ProposedPlans

PROPOSALS_CSV = "proposals.csv"
_README = """\
Research use, not a medical device.
Usage de recherche, n'est pas un dispositif médical.

This folder holds plans proposed by givre, each with a case.toml to simulate. The notice above goes for every file of
it, the table included. No plan here has been approved by anybody.
Ce dossier contient des plans proposés par givre, chacun avec un case.toml à simuler. L'avertissement vaut pour chacun
de ses fichiers, tableau compris. Aucun de ces plans n'a été approuvé par qui que ce soit.
"""

COLUMNS = (
    "rank",
    "role",
    "case",
    "meets goals",
    "probes",
    "model",
    "protocol",
    "coverage [1]",
    "coverage with margin [1]",
    "smallest margin [mm]",
    "organ nearest to its limit",
    "its coldest temperature above the limit [degC]",
    "least gap between active zones [mm]",
    "least gap between shafts [mm]",
    "longest path [mm]",
    "checked at voxel [mm]",
    "score [1]",
    "why",
    "keeps reserve",
    "behind a lower score because",
)

WriteCases = Callable[[Path], tuple[str, ...]]
"""Writes the case file of each proposal into the folder it is given; their paths relative to it."""


def write_proposals(
    found: ProposedPlans,
    target: Path,
    *,
    write_cases: WriteCases,
    settings: Mapping[str, str | int | float | bool | None],
    replace_foreign: bool = False,
) -> Json:
    """Write a folder of proposals and return the content of its proposals.json.

    Args:
        found: what the planner gave back.
        target: the folder; a previous givre result there is replaced.
        write_cases: writes the case files.
        settings: how givre was called, echoed.
        replace_foreign: whether a folder that holds something else may be set aside.

    Raises:
        ResultsFolderRefused: when the folder cannot be made; nothing is left behind.
    """
    with results_folder(target, replace_foreign=replace_foreign) as folder:
        cases = write_cases(folder)
        rows = [_row(proposal, case, found) for proposal, case in zip(found.result.proposals, cases, strict=True)]
        write_table(folder / PROPOSALS_CSV, COLUMNS, rows)
        (folder / "README.txt").write_text(_README, encoding="utf-8", newline="\n")
        document = proposals_document(found, cases=cases, settings=settings, files=listed_files(folder))
        (folder / PROPOSALS_NAME).write_text(to_json(document), encoding="utf-8", newline="\n")
    return document


def _row(proposal: Proposal, case: str, found: ProposedPlans) -> tuple[Cell, ...]:
    plan, organs = proposal.plan, found.description.organs_at_risk
    figures = plan.figures
    reserves = {organ.structure: figures.organ_coldest_c[organ.structure] - organ.limit_temp_c for organ in organs}
    return (
        float(proposal.rank),
        proposal.role,
        case,
        "yes" if plan.meets_goals and plan.full is not None else "no",
        float(plan.count),
        plan.model,
        plan.protocol.name,
        figures.coverage,
        figures.coverage_with_margin,
        figures.margin_mm,
        min(reserves, key=lambda name: reserves[name]) if reserves else "",
        least_reserve_c(plan, organs),
        plan.geometry.least_zone_gap_mm,
        plan.geometry.least_shaft_gap_mm,
        max(plan.geometry.lengths_mm),
        float("nan") if plan.full is None else plan.full.voxel_mm,
        proposal.score,
        proposal.why,
        "no" if plan.short_of_reserve else "yes",
        proposal.behind,
    )
