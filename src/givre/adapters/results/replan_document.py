"""The content of replan.json: planned and placed side by side, what is missed, and every change that was tried."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from givre.adapters.results.directory import REPLAN_SCHEMA
from givre.adapters.results.document import NOTICE
from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.adapters.results.values_json import NO_FIGURE, quantity_json, verdict_json
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.dossier.replan_phrasing import replan_phrasing
from givre.planning.access.path_checks import Block
from givre.planning.replan.change import SimulatedChange
from givre.planning.replan.day_plan import Predicted
from givre.planning.replan.goals import Missed
from givre.planning.replan.limits import load_replan_quantities
from givre.planning.replan.search import KindTried
from givre.planning.trial.quick_look import PlanFigures
from givre.usecases.replan_case import ReplannedCase

SCHEMA_VERSION = "1.0"
"""Grows by its second number when something is added, by its first when something changes meaning."""

Settings = Mapping[str, str | int | float | bool | None]


def replan_document(
    replanned: ReplannedCase, *, case: str, settings: Settings, times_s: Mapping[str, float], files: Sequence[Json]
) -> Json:
    """The document; numbers that are not finite are null with their reason.

    Args:
        replanned: what was found.
        case: path of the case file of the plan to simulate, relative to the document.
        settings: how givre was called, echoed.
        times_s: what took how long.
        files: path, size and hash of every other file of the folder.
    """
    found, english = replanned.found, replan_phrasing("en")
    miss = found.nearest_miss
    return {
        "schema": REPLAN_SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "case_id": replanned.description.case_id,
        "synthetic": replanned.description.synthetic,
        "settings": dict(settings),
        "voxel_mm": found.voxel_mm,
        "times_s": {name: plain(round(value, 3)) for name, value in times_s.items()},
        "needs_change": found.needs_change,
        "is_good": found.is_good,
        "ended_early": found.ended_early,
        "planned": predicted_json(found.planned),
        "placed": predicted_json(found.placed),
        "deviations": [
            {
                "probe": item.label,
                "tip_mm": plain(item.tip_mm),
                "along_mm": plain(item.along_mm),
                "across_mm": plain(item.across_mm),
                "entry_mm": plain(item.entry_mm),
                "angle_deg": plain(item.angle_deg),
                "offset_mm": [plain(value) for value in item.offset_mm],
                "sentence": _plain_text(english.deviation(item)),
            }
            for item in found.deviations
        ],
        "paths": [
            {
                "probe": path.label,
                "is_allowed": path.is_allowed,
                "skin_seen": path.skin_seen,
                "length_mm": plain(path.length_mm),
                "blocked_by": [_block(block) for block in path.blocked_by],
            }
            for path in replanned.paths
        ],
        "probe_pairs": [
            {"probes": list(pair.labels), "gap_mm": plain(pair.gap_mm), "is_crossing": pair.is_crossing}
            for pair in replanned.pairs
        ],
        "wanted": [
            {
                "goal": item.goal,
                "least": plain(item.least),
                "unit": item.unit,
                "as_the_plan_missed_it": item.is_of_the_plan,
            }
            for item in found.wanted
        ],
        "missed": [missed_json(item) for item in found.missed],
        "tried": [_tried(item) for item in found.tried],
        "recommended": None if found.recommended is None else change_json(found.recommended),
        "nearest_miss": None if miss is None else change_json(miss),
        "simulations": found.simulations,
        "full_checks": found.full_checks,
        "case": case,
        "limits": {name: quantity_json(quantity) for name, quantity in load_replan_quantities().items()},
        "files": list(files),
    }


def predicted_json(predicted: Predicted) -> Json:
    """Probes, figures and verdicts of one plan."""
    return {
        "probes": [placement_json(placement) for placement in predicted.placements],
        "protocol": protocol_json(predicted.protocol),
        "figures": figures_json(predicted.figures),
        "verdicts": [verdict_json(verdict) for verdict in predicted.verdicts],
    }


def change_json(simulated: SimulatedChange) -> Json:
    """One simulated change, with its instruction in both languages."""
    change, full = simulated.change, simulated.full
    return {
        "kind": change.kind,
        "how": change.how,
        "probe": change.probe,
        "size": plain(change.size),
        "size_unit": "s" if change.kind in ("freeze", "delay") else "mm",
        "instruction": _plain_text(replan_phrasing("en").instruction(change)),
        "instruction_fr": _plain_text(replan_phrasing("fr").instruction(change)),
        "offset_mm": [plain(value) for value in change.offset_mm],
        "probes": [placement_json(placement) for placement in change.placements],
        "protocol": protocol_json(change.protocol),
        "figures": figures_json(simulated.figures),
        "verdicts": [verdict_json(verdict) for verdict in simulated.verdicts],
        "is_restored": simulated.is_restored,
        "missed": [missed_json(item) for item in simulated.missed],
        "full": None
        if full is None
        else {
            "voxel_mm": full.voxel_mm,
            "figures": figures_json(full.figures),
            "missed": [missed_json(item) for item in simulated.full_missed],
        },
    }


def figures_json(figures: PlanFigures) -> Json:
    """Figures of one simulation."""
    return with_reasons(
        {
            "ending": figures.ending,
            "coverage": plain(figures.coverage),
            "coverage_with_margin": plain(figures.coverage_with_margin),
            "margin_mm": plain(figures.margin_mm),
            "lethal_ml": plain(figures.lethal_ml),
            "organ_coldest_c": with_reasons(
                {name: plain(value) for name, value in figures.organ_coldest_c.items()}, why=NO_FIGURE
            ),
        },
        why=NO_FIGURE,
    )


def missed_json(missed: Missed) -> Json:
    """One figure that is not reached."""
    return with_reasons(
        {
            "goal": missed.goal,
            "value": plain(missed.value),
            "least": plain(missed.least),
            "by": plain(missed.by),
            "unit": missed.unit,
            "sentence": _plain_text(replan_phrasing("en").missed(missed)),
        },
        why=NO_FIGURE,
    )


def placement_json(placement: Placement) -> Json:
    """One probe."""
    return {
        "label": placement.label,
        "model": placement.model,
        "entry_mm": list(placement.entry_mm),
        "tip_mm": list(placement.target_mm),
        "start_s": placement.start_s,
    }


def protocol_json(protocol: Protocol) -> Json:
    """Name and phases."""
    return {
        "name": protocol.name,
        "phases": [{"kind": phase.kind, "duration_s": phase.duration_s} for phase in protocol.phases],
    }


def _tried(tried: KindTried) -> Json:
    return {
        "kind": tried.kind,
        "candidates": tried.candidates,
        "simulated": tried.simulated,
        "ended_early": tried.ended_early,
        "note": tried.note,
        "sentence": _plain_text(replan_phrasing("en").kind(tried)),
        "best": None if tried.best is None else change_json(tried.best),
    }


def _block(block: Block) -> Json:
    found = {"reason": block.reason, "structure": block.structure, "unit": block.unit}
    numbers = {"found": plain(block.found), "limit": plain(block.limit)}
    known = {name: value for name, value in numbers.items() if math.isfinite(value)}
    return {**found, **known, "gives_way": block.gives_way}


def _plain_text(text: str) -> str:
    """Without the spaces that only print needs."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
