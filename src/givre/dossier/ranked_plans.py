"""The plans a search proposed, as the dossier tells them, and which of them is the plan of the dossier."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from givre.assessment.result import Verdict
from givre.case.description import CaseDescription
from givre.case.goals import OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.geometry.grid import Point
from givre.planning.placement.result import Binding, Role
from givre.planning.surrogate.error import SurrogateError

SAME_PLACE_MM = 0.01
"""Probes whose tips and entries lie no farther apart stand at the same place: files hold more digits than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedProbe:
    """One probe of a proposed plan.

    Attributes:
        label: its label.
        model: catalogue id.
        model_name: the same in words; the id where the catalogue does not know it.
        entry_mm: LPS point of the skin.
        target_mm: LPS position of the tip.
    """

    label: str
    model: str
    model_name: str
    entry_mm: Point
    target_mm: Point

    def is_at(self, placement: Placement) -> bool:
        """Whether a placement is this probe: model and place, at full power from the start; the label may differ."""
        as_usual = (placement.start_s, placement.power, placement.surface_temp_c, placement.freezes)
        apart_mm = [math.dist(self.entry_mm, placement.entry_mm), math.dist(self.target_mm, placement.target_mm)]
        return self.model == placement.model and max(apart_mm) <= SAME_PLACE_MM and as_usual == (0.0, 1.0, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPlan:
    """One proposed plan.

    Attributes:
        rank: 1 is the first choice.
        role: why it is listed.
        meets_goals: whether every goal of the search is met, simulated as the case asks.
        protocol: what its probes go through.
        probes: where they are.
        coverage: share of the tumour in the lethal zone; NaN if the run gave none.
        coverage_with_margin: the same of the tumour grown by its margin.
        margin_mm: smallest margin.
        organs_coldest_c: coldest temperature of each organ at risk; NaN where it is not known.
        verdicts: of the goals of the search; the smallest margin is not among them.
        case_verdicts: of the goals of the case; empty if it was not simulated as the case asks.
        voxel_mm: edge of the voxels of these figures.
        is_checked: whether they are those of the simulation as the case asks, not of the coarser search.
        approach: unit LPS vector from skin to tip, mean of the shafts.
    """

    rank: int
    role: Role
    meets_goals: bool
    protocol: Protocol
    probes: tuple[ProposedProbe, ...]
    coverage: float
    coverage_with_margin: float
    margin_mm: float
    organs_coldest_c: Mapping[str, float]
    verdicts: tuple[Verdict, ...]
    case_verdicts: tuple[Verdict, ...]
    voxel_mm: float
    is_checked: bool
    approach: Point

    def nearest_organ(self, organs: Sequence[OrganAtRisk]) -> OrganAtRisk | None:
        """The organ at risk with least to spare above its limit, one that is not known before all; None without any."""

        def reserve_c(organ: OrganAtRisk) -> float:
            spare = self.organs_coldest_c.get(organ.structure, math.nan) - organ.limit_temp_c
            return spare if math.isfinite(spare) else -math.inf

        return min(organs, key=reserve_c, default=None)

    def reserve_c(self, organs: Sequence[OrganAtRisk]) -> float:
        """Degrees that organ has above its limit; NaN where not known or without organs."""
        organ = self.nearest_organ(organs)
        if organ is None:
            return math.nan
        return self.organs_coldest_c.get(organ.structure, math.nan) - organ.limit_temp_c

    def angle_to_deg(self, other: RankedPlan) -> float:
        """Angle between the approaches of two plans."""
        return float(np.degrees(np.arccos(np.clip(np.dot(self.approach, other.approach), -1.0, 1.0))))

    def is_of(self, case: CaseDescription) -> bool:
        """Whether a case holds this plan: the same probes, in any order, through the same phases."""
        if len(self.probes) != len(case.placements) or self.protocol.phases != case.protocol.phases:
            return False
        left = list(case.placements)
        for probe in self.probes:
            found = next((placement for placement in left if probe.is_at(placement)), None)
            if found is None:
                return False
            left.remove(found)
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPlans:
    """Everything the dossier tells of a search.

    Attributes:
        plans: ranked; empty when time was up before one was simulated.
        is_feasible: whether the first meets every goal.
        ended_early: whether the search was ended by its time limit, or stopped.
        time_limit_s: that limit; NaN without one.
        used_last_resort: whether no path kept every clearance.
        is_skin_seen: whether all paths leave through skin that the image shows.
        wanted_coverage: of the tumour grown by its margin, 0 to 1.
        fewest_probes, most_probes: how many were tried.
        bindings: what stands in the way when no plan meets every goal; the strongest first.
        error: of the surrogate before it was corrected by the run of a like plan.
        corrected_error: after.
        predictions: plans that the surrogate judged.
        simulations: plans that were simulated on the lattice of the search.
        full_checks: plans that were simulated as the case asks.
    """

    plans: tuple[RankedPlan, ...]
    is_feasible: bool
    ended_early: bool
    time_limit_s: float
    used_last_resort: bool
    is_skin_seen: bool
    wanted_coverage: float
    fewest_probes: int
    most_probes: int
    bindings: tuple[Binding, ...]
    error: SurrogateError
    corrected_error: SurrogateError
    predictions: int
    simulations: int
    full_checks: int

    def rank_of(self, case: CaseDescription) -> int | None:
        """Rank of the plan of a case; None if it is not among them."""
        return next((plan.rank for plan in self.plans if plan.is_of(case)), None)
