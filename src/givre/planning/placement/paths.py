"""Which paths the planner may use: what it needs to know of a shaft, and where everything is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.model import CryoprobeModel

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShaftPaths:
    """What is known of n shafts.

    Attributes:
        entries_mm: where each enters the skin, or the image where the image ends first; NaN where nowhere, (n, 3).
        missing_mm: by how much each misses what is asked of a path: 0 where it is allowed, larger the worse, and
            infinite where no entry is found, shape (n,).
    """

    entries_mm: Array
    missing_mm: Array


class Paths(Protocol):
    """Judges shafts by their tip and direction."""

    def look(self, tips_mm: Array, directions: Array, model: CryoprobeModel) -> ShaftPaths:
        """Judge n shafts.

        Args:
            tips_mm: LPS, shape (n, 3).
            directions: unit vectors from skin to tip, shape (n, 3).
            model: the cryoprobe; its active zone must end below the skin.
        """
        ...

    def blocked_by(self, tip_mm: Array, direction: Array, model: CryoprobeModel) -> tuple[str, ...]:
        """What stands against one shaft, in words; nothing if it is allowed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPaths:
    """Every path is allowed, and the skin lies a fixed distance from every tip: for phantoms without a body.

    Attributes:
        skin_to_tip_mm: length of every path.
    """

    skin_to_tip_mm: float = 100.0

    def look(self, tips_mm: Array, directions: Array, model: CryoprobeModel) -> ShaftPaths:
        """All allowed, unless the active zone reaches beyond the skin."""
        missing_mm = max(0.0, model.tip_offset_mm + model.active_zone_mm - self.skin_to_tip_mm)
        return ShaftPaths(
            entries_mm=np.asarray(tips_mm - self.skin_to_tip_mm * directions),
            missing_mm=np.full(len(tips_mm), missing_mm),
        )

    def blocked_by(self, tip_mm: Array, direction: Array, model: CryoprobeModel) -> tuple[str, ...]:
        """Nothing, unless the path is too short."""
        is_short = self.look(tip_mm[None], direction[None], model).missing_mm[0] > 0
        return ("path shorter than the active zone",) if is_short else ()


def sphere_of_directions(count: int) -> Array:
    """Unit vectors spread evenly over the sphere, shape (count, 3): a Fibonacci spiral.

    >>> bool(abs(sphere_of_directions(200).mean(axis=0)).max() < 0.01)
    True
    """
    turn = np.arange(count) + 0.5
    height = 1.0 - 2.0 * turn / count
    angle = np.pi * (1.0 + np.sqrt(5.0)) * turn
    across = np.sqrt(1.0 - height**2)
    return np.stack([across * np.cos(angle), across * np.sin(angle), height], axis=1)


def feasible_directions(
    paths: Paths,
    aims_mm: Array,
    model: CryoprobeModel,
    *,
    count: int = 800,
    keep: int = 12,
    apart_deg: float = 20.0,
    is_wanted: Callable[[Array], npt.NDArray[np.bool_]] | None = None,
) -> Array:
    """Directions from which the tumour can be reached, the best first, shape (found, 3).

    A direction counts by the share of the aims that it reaches, then by how little the others miss, then by the
    length of the path. Those kept lie at least `apart_deg` apart.

    Args:
        paths: judges shafts.
        aims_mm: LPS points that the middle of an active zone may lie at, shape (n, 3); the first is the main one.
        model: the cryoprobe.
        count: how many directions are looked at.
        keep: how many are given at most.
        apart_deg: least angle between two of them.
        is_wanted: says which directions to look at; all if not given.
    """
    directions = sphere_of_directions(count)
    if is_wanted is not None:
        directions = directions[is_wanted(directions)]
    if not len(directions):
        return np.zeros((0, 3))
    many = np.repeat(directions, len(aims_mm), axis=0)
    middles = np.tile(aims_mm, (len(directions), 1))
    tips = middles + (model.active_zone_mm / 2 + model.tip_offset_mm) * many
    found = paths.look(tips, many, model)
    missing_mm = found.missing_mm.reshape(len(directions), -1)
    length_mm = np.linalg.norm(tips - found.entries_mm, axis=1).reshape(len(directions), -1)
    reached = (missing_mm <= 0).mean(axis=1)
    lacking_mm = np.minimum(missing_mm, 50.0).mean(axis=1)
    badness = np.where(reached > 0, (1.0 - reached) * 60.0, 100.0) + lacking_mm
    badness += 0.1 * np.nan_to_num(np.nanmean(np.where(missing_mm <= 0, length_mm, 300.0), axis=1), nan=300.0)
    kept: list[int] = []
    closest = np.cos(np.radians(apart_deg))
    for n in np.argsort(badness, kind="stable"):
        if len(kept) < keep and all(directions[n] @ directions[other] < closest for other in kept):
            kept.append(int(n))
    return directions[kept]
