"""Write proposals of protection: protection.json, a table and a case to simulate, in a folder whole or absent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from givre.adapters.results.curves import write_table
from givre.adapters.results.directory import PROTECTION_NAME, PROTECTION_SCHEMA, results_folder
from givre.adapters.results.document import NOTICE, listed_files
from givre.adapters.results.fields import write_mask
from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.adapters.results.replan_document import (
    Settings,
    change_json,
    figures_json,
    missed_json,
)
from givre.adapters.results.values_json import quantity_json, verdict_json
from givre.adapters.results.writing import to_json
from givre.dossier.protection_phrasing import effect_sentence, not_found_sentence, proposal_sentence
from givre.dossier.replan_phrasing import replan_phrasing
from givre.planning.protection.combination import Combination
from givre.planning.protection.proposal import NotFound, ProtectionProposal, Threat, Way
from givre.planning.protection.tables import load_layer_quantities
from givre.usecases.propose_protection import ProtectedCase

SCHEMA_VERSION = "1.1"
PROTECTION_CSV = "protection.csv"
_README = """\
Research use, not a medical device.
Usage de recherche, n'est pas un dispositif médical.

This folder lists protections of organs that givre simulated. The notice above goes for every file of it, the table
included. A layer may shift, leak or be thinner than drawn. No proposal here has been approved by anybody.
Ce dossier liste des protections d'organes simulées par givre. L'avertissement vaut pour chacun de ses fichiers,
tableau compris. Une couche peut bouger, fuir ou être plus mince que dessinée. Aucune proposition n'a été approuvée
par qui que ce soit.
"""
COLUMNS = (
    "rank",
    "protection",
    "organ",
    "keeps the organ",
    "costs a goal",
    "organ before [degC]",
    "organ after [degC]",
    "coverage with margin [1]",
    "smallest margin [mm]",
    "thickness [mm]",
    "volume [mL]",
    "what to do",
)

WriteCase = Callable[[Path], str]
_NO_FIGURE = "nothing was simulated"


def write_protections(
    protected: ProtectedCase,
    target: Path,
    *,
    write_case: WriteCase | None,
    settings: Settings,
    times_s: Mapping[str, float],
    replace_foreign: bool = False,
) -> Json:
    """Write the folder and return the content of its protection.json.

    Args:
        protected: what was found.
        target: the folder; a previous givre result there is replaced.
        write_case: writes the case of the chosen proposals; None where there is none.
        settings: how givre was called, echoed.
        times_s: what took how long.
        replace_foreign: whether a folder that holds something else may be set aside.

    Raises:
        ResultsFolderRefused: when the folder cannot be made; nothing is left behind.
    """
    found = protected.found
    with results_folder(target, replace_foreign=replace_foreign) as folder:
        case = None if write_case is None else write_case(folder)
        for item in () if protected.chosen is None else protected.chosen.taken.drawn():
            write_mask(item.layer.mask, folder / item.structure.path)
        rows = [_row(rank, proposal) for rank, proposal in enumerate(found.proposals, start=1)]
        write_table(folder / PROTECTION_CSV, COLUMNS, rows)
        (folder / "README.txt").write_text(_README, encoding="utf-8", newline="\n")
        document = _document(protected, case, settings, times_s, listed_files(folder))
        (folder / PROTECTION_NAME).write_text(to_json(document), encoding="utf-8", newline="\n")
    return document


def _document(
    protected: ProtectedCase, case: str | None, settings: Settings, times_s: Mapping[str, float], files: Sequence[Json]
) -> Json:
    found = protected.found
    return {
        "schema": PROTECTION_SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "case_id": protected.description.case_id,
        "synthetic": protected.description.synthetic,
        "settings": dict(settings),
        "voxel_mm": found.voxel_mm,
        "times_s": {name: plain(round(value, 3)) for name, value in times_s.items()},
        "is_protected": protected.is_protected,
        "ended_early": found.ended_early,
        "simulations": found.simulations,
        "full_checks": protected.full_checks,
        "figures": figures_json(found.figures),
        "verdicts": [verdict_json(verdict) for verdict in found.verdicts],
        "threats": [_threat(threat) for threat in found.threats],
        "proposals": [_proposal(rank, item) for rank, item in enumerate(found.proposals, start=1)],
        "chosen": None if protected.chosen is None else _chosen(protected.chosen, found.proposals),
        "not_found": [_not_found(item) for item in found.not_found],
        "case": case,
        "layer_limits": {name: quantity_json(quantity) for name, quantity in load_layer_quantities().items()},
        "files": list(files),
    }


def _threat(threat: Threat) -> Json:
    return with_reasons(
        {
            "structure": threat.organ.structure,
            "coldest_c": plain(threat.coldest_c),
            "limit_c": threat.organ.limit_temp_c,
            "alarm_c": threat.organ.alarm_temp_c,
            "wanted_above_c": threat.least_c,
            "nearest_mm": [plain(value) for value in threat.nearest_mm],
        },
        why="the organ lies outside the lattice",
    )


def _proposal(rank: int, proposal: ProtectionProposal) -> Json:
    layer, material = proposal.layer, proposal.material
    return {
        "rank": rank,
        "kind": proposal.kind,
        "organ": proposal.threat.organ.structure,
        "sentence": _text(proposal_sentence(replan_phrasing("en"), proposal)),
        "sentence_fr": _text(proposal_sentence(replan_phrasing("fr"), proposal)),
        "effect": _text(effect_sentence(replan_phrasing("en"), proposal)),
        "keeps_organ": proposal.keeps_organ,
        "is_good": proposal.is_good,
        "before_c": plain(proposal.threat.coldest_c),
        "after_c": plain(proposal.after_c),
        "figures": figures_json(proposal.figures),
        "verdicts": [verdict_json(verdict) for verdict in proposal.verdicts],
        "costs": [missed_json(missed) for missed in proposal.missed],
        "layer": None
        if layer is None or material is None
        else {
            "material": material.material,
            "thickness_mm": layer.thickness_mm,
            "volume_ml": plain(layer.volume_ml),
            "centre_mm": [plain(value) for value in layer.centre_mm],
            "open_share": plain(layer.open_share),
            "needs": material.needs,
            "source": material.source,
            "status": material.status,
            "assumes": material.note,
        },
        "change": None if proposal.change is None else change_json(proposal.change),
        "way": _way(proposal.way),
    }


def _chosen(chosen: Combination, proposals: Sequence[ProtectionProposal]) -> Json:
    """What is carried out together, on the lattice of the search and at the voxel size of the case."""
    full = chosen.full
    return {
        "ranks": [proposals.index(proposal) + 1 for proposal in chosen.proposals],
        "is_good": chosen.is_good,
        "voxel_mm": chosen.voxel_mm,
        "figures": figures_json(chosen.figures),
        "verdicts": [verdict_json(verdict) for verdict in chosen.verdicts],
        "costs": [missed_json(missed) for missed in chosen.missed],
        "organs": [
            {
                "structure": threat.organ.structure,
                "before_c": plain(threat.coldest_c),
                "after_c": plain(chosen.after_c(threat)),
                "is_kept": chosen.keeps(threat),
            }
            for threat in chosen.threats
        ],
        "layers": [item.structure.path for item in chosen.taken.drawn()],
        "full": None
        if full is None
        else {
            "voxel_mm": full.voxel_mm,
            "figures": figures_json(full.figures),
            "verdicts": [verdict_json(verdict) for verdict in full.verdicts],
            "costs": [missed_json(missed) for missed in chosen.full_missed],
        },
    }


def _way(way: Way | None) -> Json | None:
    if way is None:
        return None
    return {
        "entry_mm": list(way.entry_mm),
        "point_mm": [plain(value) for value in way.point_mm],
        "length_mm": plain(way.length_mm),
        "skin_seen": way.is_skin_seen,
    }


def _not_found(missing: NotFound) -> Json:
    return with_reasons(
        {
            "kind": missing.kind,
            "organ": missing.threat.organ.structure,
            "reason": missing.reason,
            "best_c": plain(missing.best_c),
            "at": plain(missing.at),
            "sentence": _text(not_found_sentence(replan_phrasing("en"), missing)),
        },
        why=_NO_FIGURE,
    )


def _row(rank: int, proposal: ProtectionProposal) -> tuple[str | float, ...]:
    layer = proposal.layer
    return (
        float(rank),
        proposal.kind,
        proposal.threat.organ.structure,
        "yes" if proposal.keeps_organ else "no",
        "yes" if proposal.missed else "no",
        proposal.threat.coldest_c,
        proposal.after_c,
        proposal.figures.coverage_with_margin,
        proposal.figures.margin_mm,
        float("nan") if layer is None else layer.thickness_mm,
        float("nan") if layer is None else layer.volume_ml,
        _text(proposal_sentence(replan_phrasing("en"), proposal)),
    )


def _text(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")
