"""Write the ways to a lesion: a document, two tables and pictures, in a folder that is there whole or not at all."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from givre.adapters.results.directory import TRAJECTORIES_NAME, results_folder
from givre.adapters.results.document import listed_files
from givre.adapters.results.numbers import Json, plain
from givre.adapters.results.trajectories_document import trajectories_document
from givre.adapters.results.writing import to_json
from givre.planning.access.corridor import Corridor
from givre.planning.access.path_checks import PathChecks
from givre.planning.access.trajectory import Trajectory
from givre.planning.access.trajectory_list import TrajectoryList

WAYS_CSV, MAP_CSV = "trajectories.csv", "corridor_map.csv"
_README = """\
Research use, not a medical device.
Usage de recherche, n'est pas un dispositif médical.

This folder lists ways of access found by givre. The notice above goes for every file of it, the tables included.
Ce dossier contient des voies d'abord trouvées par givre. L'avertissement vaut pour chacun de ses fichiers, tables
comprises.
"""
Cell = str | float | bool | None


def write_trajectory_list(
    found: TrajectoryList,
    target: Path,
    *,
    pictures: Mapping[str, bytes],
    settings: Mapping[str, str | int | float | bool | None],
    replace_foreign: bool = False,
) -> Json:
    """Write a folder with the ways to a lesion and return the content of its trajectories.json.

    Args:
        found: the ways.
        target: the folder; a previous givre result there is replaced.
        pictures: PNG bytes by file name.
        settings: how givre was called, echoed.
        replace_foreign: whether a folder that holds something else may be set aside.

    Raises:
        ResultsFolderRefused: when the folder cannot be made; nothing is left behind.
    """
    with results_folder(target, replace_foreign=replace_foreign) as folder:
        for name, content in pictures.items():
            (folder / name).write_bytes(content)
        (folder / WAYS_CSV).write_text(ways_csv(found), encoding="utf-8", newline="")
        (folder / MAP_CSV).write_text(map_csv(found.corridor), encoding="utf-8", newline="")
        (folder / "README.txt").write_text(_README, encoding="utf-8", newline="\n")
        document = trajectories_document(found, settings=settings, files=listed_files(folder))
        (folder / TRAJECTORIES_NAME).write_text(to_json(document), encoding="utf-8", newline="\n")
    return document


def ways_csv(found: TrajectoryList) -> str:
    """The table of ways and of the probes drafted, units in the header; a figure that is not known is left empty."""
    rows = [("way", way) for way in found.corridor.best] + [("probe of the case", way) for way in found.placed]
    return _csv([_way_row(kind, way) for kind, way in rows], WAY_COLUMNS)


def map_csv(corridor: Corridor) -> str:
    """The table of every entry tried: free or not, the first reason, length, angles and clearances."""
    checks = corridor.checks
    reasons = checks.first_reasons()
    allowed, last = checks.is_allowed, checks.is_last_resort
    close = {f"clearance_{name}_mm": checks.clearance_mm[name] for name in checks.clearance_mm}
    fixed: dict[str, Sequence[Cell]] = {
        **_points("entry", checks.skin_mm),
        **_points("tip", checks.targets_mm),
        "skin_seen": [bool(seen) for seen in checks.is_skin_seen],
        "feasible": [_verdict(bool(free), bool(resort)) for free, resort in zip(allowed, last, strict=True)],
        "reason": list(reasons),
        "length_mm": list(checks.length_mm),
        "tilt_deg": list(checks.tilt_deg),
        "in_plane_deg": list(checks.in_plane_deg),
        "skin_angle_deg": list(checks.skin_angle_deg),
        "bone_mm": list(corridor.bone.bone_mm),
        "thickest_cortex_mm": list(corridor.bone.thickest_cortex_mm),
        "cost_mm": list(corridor.cost_mm),
        "worst_structure": _worst(checks),
        "worst_slack_mm": list(checks.worst_slack_mm),
    }
    columns: dict[str, Sequence[Cell]] = {**fixed, **{name: list(values) for name, values in close.items()}}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return _csv(rows, tuple(columns))


WAY_COLUMNS = (
    "label", "kind", "feasible", "skin_seen", "entry_x_mm", "entry_y_mm", "entry_z_mm", "tip_x_mm", "tip_y_mm",
    "tip_z_mm", "length_mm", "depth_mm", "tilt_deg", "in_plane_deg", "skin_angle_deg", "closest_structure",
    "closest_mm", "closest_asked_mm", "closest_at_depth_mm", "bone_mm", "cortex_mm", "thickest_cortex_mm", "access",
    "shaft_mm", "from_bore_axis_mm", "cost_mm", "blocked_by",
)  # fmt: skip
"""Columns of the table of ways; points are LPS."""


def _way_row(kind: str, way: Trajectory) -> dict[str, Cell]:
    tightest = way.tightest
    blocked = "; ".join(
        f"{block.key} {block.found:.1f} {block.unit} (limit {block.limit:.1f})"
        if math.isfinite(block.found)
        else block.key
        for block in way.blocked_by
    )
    return {
        "label": way.label,
        "kind": kind,
        "feasible": _verdict(way.is_allowed, way.is_last_resort),
        "skin_seen": way.skin_seen,
        **dict(zip(("entry_x_mm", "entry_y_mm", "entry_z_mm"), way.entry_mm, strict=True)),
        **dict(zip(("tip_x_mm", "tip_y_mm", "tip_z_mm"), way.target_mm, strict=True)),
        "length_mm": way.length_mm,
        "depth_mm": way.depth_mm,
        "tilt_deg": way.tilt_deg,
        "in_plane_deg": way.in_plane_deg,
        "skin_angle_deg": way.skin_angle_deg,
        "closest_structure": tightest.structure if tightest else "",
        "closest_mm": tightest.distance_mm if tightest else None,
        "closest_asked_mm": tightest.wanted_mm if tightest else None,
        "closest_at_depth_mm": tightest.depth_mm if tightest else None,
        "bone_mm": way.bone_mm,
        "cortex_mm": way.cortex_mm,
        "thickest_cortex_mm": way.thickest_cortex_mm,
        "access": way.tool,
        "shaft_mm": way.shaft.length_mm if way.shaft else None,
        "from_bore_axis_mm": way.from_bore_axis_mm,
        "cost_mm": way.cost_mm,
        "blocked_by": blocked,
    }


def _worst(checks: PathChecks) -> list[Cell]:
    """The structure with least to spare on each path."""
    names = list(checks.clearance_mm)
    if not names:
        return [""] * len(checks)
    slack = np.stack([checks.clearance_mm[name] - checks.wanted_mm[name] for name in names])
    known = np.asarray(np.isfinite(slack).all(axis=0))
    worst = np.argmin(np.where(np.isfinite(slack), slack, np.inf), axis=0)
    return [names[place] if is_known else "" for place, is_known in zip(worst, known, strict=True)]


def _points(name: str, points_mm: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> dict[str, Sequence[Cell]]:
    return {f"{name}_{axis}_mm": list(points_mm[:, place]) for place, axis in enumerate("xyz")}


def _verdict(is_allowed: bool, is_last_resort: bool) -> str:
    return "yes" if is_allowed else "last_resort" if is_last_resort else "no"


def _csv(rows: Sequence[Mapping[str, Cell]], columns: Sequence[str]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: _cell(value) for name, value in row.items()} for row in rows])
    return stream.getvalue()


def _cell(value: Cell) -> str:
    """A cell; text that a spreadsheet would compute is made plain text, a figure that is not finite is left empty."""
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"'{value}" if value.lstrip()[:1] in ("=", "+", "-", "@") or value[:1] in ("\t", "\r", "\n") else value
    return f"{plain(round(float(value), 3)):g}" if math.isfinite(value) else ""
