"""What can be proposed where an organ gets too cold, and what the simulation says of each proposal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from givre.assessment.result import Verdict
from givre.case.goals import OrganAtRisk
from givre.geometry.grid import Point
from givre.planning.protection.kinds import KINDS, LAYER_KINDS, ProtectionKind
from givre.planning.protection.layer import Layer
from givre.planning.protection.tables import LayerMaterial
from givre.planning.replan.change import SimulatedChange
from givre.planning.replan.goals import Missed
from givre.planning.trial.quick_look import PlanFigures

GoOn = Callable[[ProtectionKind, int], bool]
"""Given what is looked for and how many plans were simulated, returns whether to go on."""


def always(kind: ProtectionKind, simulations: int) -> bool:
    """Never ends a search."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """An organ that gets too cold.

    Attributes:
        organ: which, with its limits.
        coldest_c: without protection.
        least_c: what it must stay above: its limit when that is passed, else its alarm.
        nearest_mm: LPS, where it is coldest.
    """

    organ: OrganAtRisk
    coldest_c: float
    least_c: float
    nearest_mm: Point

    @property
    def passes_limit(self) -> bool:
        """Whether the limit, not only the alarm, is passed; a temperature that is not known passes it."""
        return not self.coldest_c > self.organ.limit_temp_c


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A needle to a point.

    Attributes:
        entry_mm: LPS, on the skin or at the edge of the image.
        point_mm: LPS.
        length_mm: between them.
        is_skin_seen: whether the entry is skin.
    """

    entry_mm: Point
    point_mm: Point
    length_mm: float
    is_skin_seen: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectionProposal:
    """One protection of one organ, simulated.

    Attributes:
        kind: which.
        threat: the organ.
        after_c: coldest place of the organ with it; that without it for a thermocouple.
        figures: of the plan with it.
        verdicts: likewise.
        missed: goals that the plan reached without it and misses with it.
        layer: drawn layer; None unless it is one.
        material: of that layer.
        change: of probes or protocol; None unless it is one.
        way: of a needle to the layer or of the thermocouple; None where no allowed way was found.
    """

    kind: ProtectionKind
    threat: Threat
    after_c: float
    figures: PlanFigures
    verdicts: tuple[Verdict, ...]
    missed: tuple[Missed, ...] = ()
    layer: Layer | None = None
    material: LayerMaterial | None = None
    change: SimulatedChange | None = None
    way: Way | None = None

    @property
    def keeps_organ(self) -> bool:
        """Whether the organ stays above what it must, on the lattice of the search."""
        return self.after_c > self.threat.least_c

    @property
    def is_good(self) -> bool:
        """Whether it keeps the organ and costs no goal."""
        return self.keeps_organ and not self.missed


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    """A kind of protection that was looked for and does not keep the organ.

    Attributes:
        kind: which.
        threat: the organ.
        reason: key of a sentence: "no_room", "not_enough", "none_possible", "time", "in_canal".
        best_c: coldest place of the organ with the best that was tried; NaN if nothing was.
        at: thickness [mm] or freeze [s] or displacement [mm] of that; NaN if nothing was tried.
    """

    kind: ProtectionKind
    threat: Threat
    reason: str
    best_c: float = math.nan
    at: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Protections:
    """Everything that was proposed for a plan.

    Attributes:
        figures: of the plan without protection.
        verdicts: likewise.
        threats: organs that pass alarm or limit; empty when nothing has to be protected.
        proposals: ranked; those that keep the organ at no cost first, thermocouples last.
        not_found: what was looked for in vain.
        voxel_mm: edge of the voxels.
        simulations: plans simulated beside the first.
        ended_early: whether time was up.
    """

    figures: PlanFigures
    verdicts: tuple[Verdict, ...]
    threats: tuple[Threat, ...]
    proposals: tuple[ProtectionProposal, ...]
    not_found: tuple[NotFound, ...]
    voxel_mm: float
    simulations: int
    ended_early: bool


def ranked(proposals: Sequence[ProtectionProposal]) -> tuple[ProtectionProposal, ...]:
    """The best first: keeps the organ, costs no goal, needs no new puncture, small; thermocouples last."""

    def place(proposal: ProtectionProposal) -> tuple[bool, bool, bool, float, int, float]:
        lost = sum(missed.weight for missed in proposal.missed)
        size = 0.0 if proposal.layer is None else proposal.layer.volume_ml
        invasive = {"shorter_freeze": 0, "move": 1}.get(proposal.kind, 2)
        is_layer = proposal.kind in LAYER_KINDS
        return (
            proposal.kind == "thermocouple",
            not proposal.keeps_organ,
            bool(proposal.missed),
            lost,
            invasive * 10 + (KINDS.index(proposal.kind) if is_layer else 0),
            size,
        )

    return tuple(sorted(proposals, key=place))


def thicknesses_mm(least_mm: float, most_mm: float, step_mm: float) -> list[float]:
    """Thicknesses to try, increasing.

    >>> thicknesses_mm(2.0, 4.0, 1.0)
    [2.0, 3.0, 4.0]
    """
    count = int((most_mm - least_mm) / step_mm + 1e-9)
    return [least_mm + step_mm * n for n in range(count + 1)]
