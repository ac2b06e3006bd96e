"""What the planner gives back: plans with their figures and verdicts, what was tried, and what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from givre.assessment.result import Verdict, judge_at_least
from givre.assessment.verdict import judge_organ, judge_run
from givre.bioheat.run import RunStatus
from givre.case.goals import Goals, OrganAtRisk
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol as FreezeProtocol
from givre.planning.placement.reserve import Reserve
from givre.planning.placement.score import Predicted
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.surrogate.error import SurrogateError
from givre.planning.trial.quick_look import PlanFigures

GROWN = "coverage_with_margin"
"""Goal of the tumour grown by its margin."""

Role = Literal[
    "best", "other_direction", "more_organ_margin", "fewer_probes", "covers_most", "within_limits", "best_so_far"
]
"""Why a plan is listed."""

Behind = Literal["", "goals_first", "limits_first", "checked_first"]
"""Why a plan stands behind one with a lower score: that one meets the goals, keeps more limits, or was checked."""

ORGAN_RESERVE, MARGIN_RESERVE = "reserve:organ:", "reserve:margin"
"""Keys of what is wanted beyond the goals; the first is followed by the organ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullCheck:
    """What the simulation of the case itself says of a plan, as `givre simulate` would.

    Attributes:
        figures: coverage, margin and organs.
        verdicts: of the goals of the case, "coverage", "margin", "run" and one for each organ.
        voxel_mm: edge of its voxels.
        domain_margin_mm: how far around the active zones was simulated: more than the case asks where the cold
            reached the edge of that; NaN when it is not told.
        coverage_with_reserve: coverage of the tumour grown by its margin and the reserve of that; NaN when not told.
    """

    figures: PlanFigures
    verdicts: tuple[Verdict, ...]
    voxel_mm: float
    domain_margin_mm: float = math.nan
    coverage_with_reserve: float = math.nan


class CheckInFull(Protocol):
    """Simulates a plan as the case asks, at its own voxel size."""

    def __call__(self, placements: tuple[Placement, ...], protocol: FreezeProtocol) -> FullCheck:
        """Simulate and assess."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchStep:
    """How far a search is.

    Attributes:
        stage: "lay_out", "predict", "simulate", "check" or "alternatives".
        probes: number of probes being tried; 0 before the first.
        simulations: how many plans were simulated so far.
        work: what is begun now, in simulations on the lattice of the search; 0 if that is not known.
        ahead: what must still be done afterwards for the best plan to be checked as the case asks, likewise.
    """

    stage: str
    probes: int
    simulations: int
    work: float = 0.0
    ahead: float = 0.0


GoOn = Callable[[SearchStep], bool]
"""Told of each step; returns whether to go on. A time limit is a `GoOn` that says no when time is up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanGeometry:
    """The lengths and gaps of a plan.

    Attributes:
        lengths_mm: from skin (or edge of the image) to tip, of each probe.
        zone_gaps_mm: from each active zone to the nearest other, axis to axis; infinite for a single probe.
        least_zone_gap_mm: between any two active zones; infinite for a single probe.
        least_shaft_gap_mm: between any two shafts, skin to tip, axis to axis; infinite for a single probe.
        approach: unit LPS vector from skin to tip, mean of the shafts.
        most_tilt_deg: largest angle between a shaft and that mean.
        is_skin_seen: whether each shaft leaves the body through skin, not through the edge of the image.
        clearances_mm: smallest distance of any shaft to each structure to stay away from.
        last_resort: structures whose rule gives way because no other path exists.
    """

    lengths_mm: tuple[float, ...]
    zone_gaps_mm: tuple[float, ...]
    least_zone_gap_mm: float
    least_shaft_gap_mm: float
    approach: tuple[float, float, float]
    most_tilt_deg: float
    is_skin_seen: tuple[bool, ...]
    clearances_mm: Mapping[str, float]
    last_resort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedPlan:
    """A plan that the solver has judged.

    Attributes:
        model: catalogue id of its probes.
        placements: the probes.
        protocol: what they go through.
        geometry: lengths and gaps.
        predicted: what the surrogate said before the solver was asked.
        coarse: figures on the lattice of the search.
        coarse_voxel_mm: edge of its voxels.
        full: figures as the case asks for; None if it was not checked so.
        verdicts: of the goals, from the finest figures there are; `GROWN` among them.
        reserves: of what is wanted beyond the goals; see `reserves_on`.
    """

    model: str
    placements: tuple[Placement, ...]
    protocol: FreezeProtocol
    geometry: PlanGeometry
    predicted: Predicted
    coarse: PlanFigures
    coarse_voxel_mm: float
    full: FullCheck | None
    verdicts: tuple[Verdict, ...]
    reserves: tuple[Verdict, ...] = ()

    @property
    def figures(self) -> PlanFigures:
        """The finest figures there are."""
        return self.coarse if self.full is None else self.full.figures

    @property
    def count(self) -> int:
        """Number of probes."""
        return len(self.placements)

    @property
    def meets_goals(self) -> bool:
        """Whether every goal the planner works for is met; a figure that is missing or NaN is not.

        The smallest margin is not among them: the goal is a share of the grown tumour.
        """
        return not self.failures

    @property
    def failures(self) -> tuple[Verdict, ...]:
        """The goals that are not met."""
        return tuple(verdict for verdict in self.verdicts if verdict.is_failure)

    @property
    def keeps_limits(self) -> bool:
        """Whether no organ is at or below its limit, as far as is known."""
        return not any(verdict.goal.startswith("organ:") for verdict in self.failures)

    @property
    def short_of_reserve(self) -> tuple[Verdict, ...]:
        """The reserves that are not kept, or not known to be."""
        return tuple(verdict for verdict in self.reserves if verdict.is_failure)

    @property
    def keeps_organ_reserve(self) -> bool:
        """Whether every organ at risk keeps its limit and the reserve above it."""
        return self.keeps_limits and not any(
            verdict.goal.startswith(ORGAN_RESERVE) for verdict in self.short_of_reserve
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """One reason for points off.

    Attributes:
        what: key: "goals", "coverage", "organs", "probes", "length", "spread".
        points: taken off, 0 or more.
        value: the figure it comes from.
        unit: of that figure.
    """

    what: str
    points: float
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One plan worth showing.

    Attributes:
        rank: 1 is the first choice.
        role: why it is listed.
        why: the same in a sentence, with figures.
        plan: the plan.
        score: 100 less the points of the parts; not below 0.
        parts: what was taken off.
        behind: why it stands behind a plan with a lower score; "" where it does not.
    """

    rank: int
    role: Role
    why: str
    plan: SolvedPlan
    score: float
    parts: tuple[ScorePart, ...]
    behind: Behind = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTried:
    """What was found with one number of probes.

    Attributes:
        probes: number of probes.
        model: catalogue id.
        protocol: name of the protocol.
        predicted_coverage: best coverage of the grown tumour by the surrogate; NaN if no plan was possible.
        solved: how many plans the solver judged.
        coverage_with_margin: best coverage of the grown tumour among those, limits kept; NaN if none keeps them.
        meets_goals: whether a plan meets every goal.
        note: in words.
    """

    probes: int
    model: str
    protocol: str
    predicted_coverage: float
    solved: int
    coverage_with_margin: float
    meets_goals: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A constraint that stands in the way, and by how much.

    Attributes:
        goal: "organ:<structure>" or `GROWN` or "coverage".
        missing: how far the goal is missed by the plan that reaches the others, in `unit`.
        unit: "degC" or "1".
        at_coverage: coverage of the grown tumour by that plan.
        best_coverage: best coverage of the grown tumour among plans within all limits; NaN if there is none.
        sentence: the same in words.
    """

    goal: str
    missing: float
    unit: str
    at_coverage: float
    best_coverage: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementResult:
    """Everything a search found.

    Attributes:
        proposals: ranked; the first is the one to look at. Empty when time was up before a plan was simulated.
        is_feasible: whether the first meets every goal, checked as the case asks.
        ended_early: whether the search was ended from outside; the first proposal is then the best so far.
        bindings: what stands in the way when no plan meets every goal; the strongest first.
        tried: what was found with each number of probes.
        error: of the surrogate, before it was corrected by the run it is compared with.
        corrected_error: of the same plans where a run of a like plan had corrected it; fewer plans.
        simulations: how many plans were simulated on the lattice of the search.
        full_checks: how many were simulated as the case asks.
        predictions: how many plans the surrogate judged.
        wishes: what was asked.
        goals: what had to be reached.
        directions: unit LPS vectors, skin to tip, from which the search began.
    """

    proposals: tuple[Proposal, ...]
    is_feasible: bool
    ended_early: bool
    bindings: tuple[Binding, ...]
    tried: tuple[CountTried, ...]
    error: SurrogateError
    corrected_error: SurrogateError
    simulations: int
    full_checks: int
    predictions: int
    wishes: PlacementWishes
    goals: Goals
    directions: tuple[tuple[float, float, float], ...]


def is_readable(figures: PlanFigures) -> bool:
    """Whether figures on the lattice of the search tell which plan is better.

    Cold that reached the edge of that lattice moves them little; whether it matters is for the full check to say.
    """
    return figures.ending in ("done", "front_reached_boundary") and math.isfinite(figures.coverage)


def verdicts_on(
    figures: PlanFigures,
    *,
    goals: Goals,
    organs: tuple[OrganAtRisk, ...],
    grown_coverage: float,
    full: tuple[Verdict, ...] = (),
) -> tuple[Verdict, ...]:
    """The verdicts the planner works for: the run, the tumour, the grown tumour, each organ.

    Args:
        figures: of a simulation.
        goals: thresholds.
        organs: limits.
        grown_coverage: wanted coverage of the grown tumour.
        full: verdicts of the full assessment; where it judged an organ or the run, its word counts (an organ cut by
            the edge of the image is unknown, for instance).
    """
    is_usable = figures.ending == "done"
    coverage = figures.coverage if is_usable else math.nan
    grown = figures.coverage_with_margin if is_usable else math.nan
    found = [
        judge_run(RunStatus(ending=figures.ending, sentence=""), is_known=math.isfinite(figures.coverage)),
        judge_at_least("coverage", coverage, goals.coverage, "1"),
        judge_at_least(GROWN, grown, grown_coverage, "1"),
        *(judge_organ(organ, figures.organ_coldest_c[organ.structure], is_usable=is_usable) for organ in organs),
    ]
    told = {verdict.goal: verdict for verdict in full if verdict.goal == "run" or verdict.goal.startswith("organ:")}
    return tuple(told.get(verdict.goal, verdict) for verdict in found)


def reserves_on(
    figures: PlanFigures,
    *,
    organs: tuple[OrganAtRisk, ...],
    reserve: Reserve,
    grown_coverage: float,
    coverage_with_reserve: float = math.nan,
) -> tuple[Verdict, ...]:
    """Whether a plan keeps what is wanted beyond the goals; nothing where nothing is.

    Args:
        figures: of a simulation.
        organs: limits.
        reserve: above the limits and beyond the margin.
        grown_coverage: wanted coverage of the grown tumour.
        coverage_with_reserve: of the tumour grown by its margin and the reserve of that; NaN where it is not known,
            which does not keep it.
    """
    is_usable = figures.ending == "done"
    found = []
    if reserve.temp_c > 0:
        for organ in organs:
            coldest_c = figures.organ_coldest_c[organ.structure] if is_usable else math.nan
            wanted_c = organ.limit_temp_c + reserve.temp_c
            found.append(judge_at_least(f"{ORGAN_RESERVE}{organ.structure}", coldest_c, wanted_c, "degC"))
    if reserve.margin_mm > 0:
        found.append(judge_at_least(MARGIN_RESERVE, coverage_with_reserve, grown_coverage, "1"))
    return tuple(found)
