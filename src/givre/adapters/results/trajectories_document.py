"""The content of trajectories.json: every way, the probes drafted, the map in figures, the rules and the doubts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from givre.adapters.results.directory import TRAJECTORIES_SCHEMA
from givre.adapters.results.document import NOTICE
from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.adapters.results.values_json import quantity_json
from givre.dossier.access_phrasing import access_phrasing
from givre.planning.access.crossing import ProbePair
from givre.planning.access.limits import load_access_limit_quantities
from givre.planning.access.path_checks import Block
from givre.planning.access.trajectory import Trajectory
from givre.planning.access.trajectory_list import TrajectoryList

SCHEMA_VERSION = "1.0"
"""Grows by its second number when something is added, by its first when something changes meaning."""

_WHY = {
    "depth_mm": "no skin is seen",
    "skin_angle_deg": "no skin is seen where the needle enters",
    "from_bore_axis_mm": "the place of the body in the gantry is not known",
    "cost_mm": "the probe was drafted, not ranked",
    "shaft_mm": "no shaft is long enough, or the skin is not seen",
}


def trajectories_document(
    found: TrajectoryList, *, settings: Mapping[str, str | int | float | bool | None], files: Sequence[Json]
) -> Json:
    """The document; numbers that are not finite are null with their reason."""
    corridor, checker = found.corridor, found.access.checker
    english = access_phrasing("en")
    return {
        "schema": TRAJECTORIES_SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "case_id": found.case_id,
        "synthetic": found.synthetic,
        "settings": dict(settings),
        "probe": {"model": found.model.id, "diameter_mm": found.model.diameter_mm},
        "target": {"point_mm": _point(corridor.aim.point_mm), "tip_beyond_mm": plain(corridor.aim.beyond_mm)},
        "is_reachable": corridor.is_reachable,
        "is_reachable_as_last_resort": corridor.is_reachable_at_all,
        "ways": [_way(way) for way in corridor.best],
        "probes": [_way(way) for way in found.placed],
        "probe_pairs": [_pair(pair) for pair in found.pairs],
        "entries": {
            "tried": len(corridor.checks),
            "spacing_mm": corridor.spacing_mm,
            "free": int(corridor.checks.is_allowed.sum()),
            "first_reason": {key or "free": count for key, count in corridor.counts.items()},
            "any_reason": dict(corridor.obstacles),
        },
        "body": {
            "origin": checker.body.origin,
            "cut_faces": list(checker.body.cut_faces),
            "table_ml": plain(checker.body.table_ml),
            "edge_air_filled_ml": plain(checker.body.filled_ml),
        },
        "clearances": [
            {
                "structure": item.name,
                "rule": item.rule.name,
                "avoid": item.rule.avoid,
                "is_drawn": item.name in found.access.masks,
                **quantity_json(item.rule.clearance_mm),
            }
            for item in checker.forbidden
        ],
        "limits": _limits(found),
        "notes": [{"code": note.code, "sentence": english.note(note).replace("\u00a0", " ")} for note in found.notes],
        "files": list(files),
    }


def _limits(found: TrajectoryList) -> dict[str, Json]:
    """The limits in use; the source of one given by argument is "given"."""
    told: dict[str, Json] = {}
    for name, quantity in load_access_limit_quantities().items():
        value = float(getattr(found.access.checker.access.limits, name))
        if value == quantity.value:
            told[name] = quantity_json(quantity)
        else:
            told[name] = {"value": value, "unit": quantity.unit, "source": "given", "status": "assumption"}
    return told


def _way(way: Trajectory) -> Json:
    figures = {
        "length_mm": plain(way.length_mm),
        "depth_mm": plain(way.depth_mm),
        "tilt_deg": plain(way.tilt_deg),
        "in_plane_deg": plain(way.in_plane_deg),
        "skin_angle_deg": plain(way.skin_angle_deg),
        "from_bore_axis_mm": plain(way.from_bore_axis_mm),
        "bone_mm": plain(way.bone_mm),
        "cortex_mm": plain(way.cortex_mm),
        "thickest_cortex_mm": plain(way.thickest_cortex_mm),
        "shaft_mm": plain(way.shaft.length_mm) if way.shaft else math.nan,
        "cost_mm": plain(way.cost_mm),
    }
    return {
        "label": way.label,
        "is_allowed": way.is_allowed,
        "is_last_resort": way.is_last_resort,
        "skin_seen": way.skin_seen,
        "length_is_lower_bound": not way.skin_seen,
        "entry_mm": _point(way.entry_mm),
        "tip_mm": _point(way.target_mm),
        **with_reasons(figures, why=_WHY),
        "access": way.tool,
        "clearances": [
            {
                "structure": clearance.structure,
                "distance_mm": plain(clearance.distance_mm),
                "asked_mm": plain(clearance.wanted_mm),
                "depth_mm": plain(clearance.depth_mm),
                "point_mm": _point(clearance.point_mm),
                "is_kept": clearance.is_kept,
                "gives_way": clearance.gives_way,
            }
            for clearance in way.clearances
        ],
        "passes": [
            {"structure": passage.structure, "from_mm": plain(passage.from_mm), "to_mm": plain(passage.to_mm)}
            for passage in way.passes
        ],
        "blocked_by": [_block(block) for block in way.blocked_by],
    }


def _block(block: Block) -> Json:
    figures = with_reasons({"found": plain(block.found), "limit": plain(block.limit)}, why="the reason has no figure")
    return {
        "reason": block.reason,
        "structure": block.structure,
        **figures,
        "unit": block.unit,
        "gives_way": block.gives_way,
    }


def _pair(pair: ProbePair) -> Json:
    return {
        "probes": list(pair.labels),
        "gap_mm": plain(pair.gap_mm),
        "from_tip_mm": [plain(value) for value in pair.from_tip_mm],
        "angle_deg": plain(pair.angle_deg),
        "tip_spacing_mm": plain(pair.tip_spacing_mm),
        "is_crossing": pair.is_crossing,
        "is_parallel": pair.is_parallel,
    }


def _point(point_mm: Sequence[float]) -> list[float]:
    return [plain(round(value, 3)) for value in point_mm]
