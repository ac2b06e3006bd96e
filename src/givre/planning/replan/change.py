"""One change of a plan on the day: what to do, and what the simulation says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from givre.assessment.result import Verdict
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.geometry.grid import Point
from givre.planning.placement.result import FullCheck
from givre.planning.replan.goals import Missed
from givre.planning.replan.limits import ReplanLimits
from givre.planning.trial.quick_look import PlanFigures

ChangeKind = Literal["freeze", "move", "add", "delay"]
"""In the order in which they are looked for."""

KINDS: tuple[ChangeKind, ...] = ("freeze", "move", "add", "delay")

ChangeHow = Literal[
    "longer_freeze", "shorter_freeze", "advance", "withdraw", "turn", "shift", "as_planned", "add", "delay", "sooner"
]
"""`turn` keeps the entry and moves the tip; `shift` moves entry and tip alike; `as_planned` places the probe anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change.

    Attributes:
        kind: which of the four kinds.
        how: what is done.
        probe: label of the probe; empty for the protocol.
        size: displacement of the tip [mm], or change of a time [s]; 0 for an added probe.
        offset_mm: displacement of the tip, LPS; zero where nothing moves.
        placements: the whole plan after it.
        protocol: after it.
    """

    kind: ChangeKind
    how: ChangeHow
    probe: str
    size: float
    offset_mm: Point = (0.0, 0.0, 0.0)
    placements: tuple[Placement, ...]
    protocol: Protocol

    @property
    def changed(self) -> Placement | None:
        """The probe that is moved, added or delayed; None for a change of the protocol."""
        return next((placement for placement in self.placements if placement.label == self.probe), None)


def cost_min(change: Change, protocol: Protocol, limits: ReplanLimits) -> float:
    """What a change costs in minutes of the procedure, to tell which of several is the smallest.

    A freeze that is made longer, and a later start, cost the minutes that they add; a shorter freeze and an earlier
    start cost none. Moving costs the same whatever the distance; between moves the distance decides.

    Args:
        change: the change.
        protocol: before it.
        limits: hold the minutes.
    """
    if change.kind == "move":
        return limits.reposition_min if change.how in ("advance", "withdraw", "turn") else limits.puncture_min
    if change.kind == "add":
        return limits.added_probe_min
    if change.kind == "delay":
        return change.size / 60.0 if change.how == "delay" else 0.0
    return max(change.protocol.duration_s - protocol.duration_s, 0.0) / 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedChange:
    """A change and what the solver says of it.

    Attributes:
        change: the change.
        figures: on the lattice of the prediction.
        verdicts: of the goals.
        missed: what must be restored and is not; empty when everything is.
        full: the same at the voxel size of the case; None where that was not simulated.
        full_missed: what is missed there; empty when nothing is, or when it was not simulated.
    """

    change: Change
    figures: PlanFigures
    verdicts: tuple[Verdict, ...]
    missed: tuple[Missed, ...]
    full: FullCheck | None = None
    full_missed: tuple[Missed, ...] = ()

    @property
    def is_restored(self) -> bool:
        """Whether it restores the goals, on every lattice on which it was simulated."""
        return not self.missed and not self.full_missed

    @property
    def missing(self) -> float:
        """How much is missed in all; for comparing changes only."""
        return sum(missed.weight for missed in self.missed)
