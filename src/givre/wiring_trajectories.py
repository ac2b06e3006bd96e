"""Picks the adapters of the ways to a lesion: how they are drawn, and where they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from givre.adapters.results.numbers import Json
from givre.adapters.results.trajectories import write_trajectory_list
from givre.dossier.access_phrasing import access_phrasing
from givre.planning.access.trajectory_list import TrajectoryList

Language = Literal["fr", "en"]
MOST_SLICES = 3
"""Ways that get a slice of their own."""


def write_trajectories(
    found: TrajectoryList,
    folder: Path,
    *,
    languages: Sequence[Language],
    replace_foreign: bool = False,
    settings: Mapping[str, str | int | float | bool | None] | None = None,
) -> Json:
    """Write document, tables and pictures; the folder appears whole or not at all.

    Args:
        found: the ways.
        folder: where to.
        languages: of the pictures; none draws none.
        replace_foreign: whether a folder of other files may be set aside.
        settings: how givre was called, echoed.

    Raises:
        MissingExtra: if pictures are asked for and matplotlib is not installed.
    """
    pictures = {name: content for language in languages for name, content in _pictures(found, language).items()}
    return write_trajectory_list(
        found, folder, pictures=pictures, settings=settings or {}, replace_foreign=replace_foreign
    )


def _pictures(found: TrajectoryList, language: Language) -> dict[str, bytes]:
    # matplotlib is heavy: only a picture pays for it
    from givre.adapters.render.corridor_map import draw_corridor_map  # noqa: PLC0415
    from givre.adapters.render.path_slice import draw_path_slice  # noqa: PLC0415

    say = access_phrasing(language)
    drawn = {f"corridor_map.{language}.png": draw_corridor_map(found, say)}
    for way in found.corridor.best[:MOST_SLICES]:
        drawn[f"{way.label}.{language}.png"] = draw_path_slice(found, way, say)
    return drawn
