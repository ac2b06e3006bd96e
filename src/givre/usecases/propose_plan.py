"""Propose where the cryoprobes go: search on a coarse lattice, check as the case asks, hand back cases to simulate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from givre.assessment.lethal import lethal_zone
from givre.assessment.result import Assessment
from givre.bioheat.run import Progress, ThermalRun
from givre.case.description import TUMOUR, CaseDescription
from givre.case.knowledge import Knowledge
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import PlanError
from givre.geometry.shape import points_filling_mm, smooth_shape
from givre.geometry.volume import Mask, Volume
from givre.planning.access.needle import load_shafts
from givre.planning.access.path_checker import path_checker
from givre.planning.placement.access import CheckedPaths
from givre.planning.placement.optimise import TumourUnreachable, always, propose_placements
from givre.planning.placement.result import FullCheck, GoOn, PlacementResult, Proposal
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.trial.many import Cancelled, RunMany, one_after_another
from givre.planning.trial.prepared import prepare_case
from givre.planning.trial.quick_look import PlanFigures
from givre.planning.uncertainty.robust import Wanted
from givre.planning.uncertainty.robust_search import QuantileOutcome
from givre.usecases.check_plan import check_plan
from givre.usecases.import_case import CaseImages
from givre.usecases.ports import Solver
from givre.usecases.simulate_plan import OnLattice, lattice_around, simulate_on

MORE_REACH_MM = 16.0
"""The lattice of the search reaches this much farther around the tumour than the case asks around active zones, which
may lie beside it."""

WIDER_MM, LARGEST_MARGIN_MM = 20.0, 120.0
"""By how much the domain of a full check grows when the cold reaches its edge, and the most a case file allows."""

RESERVE_POINTS_MM = 1.0
"""Distance of the points at which the reserve of the margin is judged."""

SEARCH_VOXEL_MM = 2.0
"""Voxels of the lattice on which plans are searched; a case whose own are coarser is searched on those."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QuantileAnswer:
    """The answer to a wish for a plan that holds in a share of the samples, see `plan_for_quantile`.

    Attributes:
        wanted: what was asked.
        outcome: what was found; None if the search was ended before a plan was judged.
        case: the complete case of the best plan, to simulate; None likewise.
    """

    wanted: Wanted
    outcome: QuantileOutcome | None = None
    case: CaseDescription | None = None

    @property
    def is_reached(self) -> bool:
        """Whether the best plan holds in the wanted share of the samples."""
        return self.outcome is not None and self.outcome.is_reached


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProposedPlans:
    """What `propose_plan` gives back.

    Attributes:
        description: the case that was planned, with the goals that were asked for.
        result: everything the search found.
        cases: for each proposal, the complete case to simulate.
        assessments: for each proposal, the full assessment; None where it was not simulated as the case asks.
        used_last_resort: whether no path kept every clearance, so that rules that give way were set aside.
        is_skin_seen: whether all paths leave through skin that the image shows; if not, no such path leads to the
            tumour, and what lies beyond the edge of the image must be looked at before the plan is used.
        hashes: sha256 of the CT and of each mask, as far as they are files.
        quantile: the plan that holds in a share of the samples, where one was asked for.
    """

    description: CaseDescription
    result: PlacementResult
    cases: tuple[CaseDescription, ...]
    assessments: tuple[Assessment | None, ...]
    used_last_resort: bool
    is_skin_seen: bool
    hashes: Mapping[str, str] = field(default_factory=dict)
    quantile: QuantileAnswer | None = None

    @property
    def is_feasible(self) -> bool:
        """Whether the first proposal meets every goal, simulated as the case asks."""
        return self.result.is_feasible


def propose_plan(
    description: CaseDescription,
    images: CaseImages,
    wishes: PlacementWishes,
    *,
    knowledge: Knowledge,
    solve: Solver,
    run_many: RunMany = one_after_another,
    threads: int = 1,
    go_on: GoOn = always,
    progress: Progress | None = None,
) -> ProposedPlans:
    """Place cryoprobes in a case that has been imported; those drafted in it are not looked at.

    Args:
        description: the case, with the goals to reach.
        images: its CT and masks.
        wishes: what a plan may use and must keep to.
        knowledge: catalogue and property tables.
        solve: where the full simulations are solved.
        run_many: runs the simulations of the search.
        threads: of the solver in each of those.
        go_on: told of each step; may end the search.
        progress: told how far a full simulation is; may stop it, which ends the search.

    Raises:
        UnknownCryoprobe: if a model is not in the catalogue.
        TumourUnreachable: if no path leads to the tumour.
        InputError: if the CT or a mask cannot be used.
    """
    wishes.found_models(knowledge.catalogue)
    ct = images.image.volume
    masks = {name: imported.mask for name, imported in images.masks.items()}
    prepared = prepare_case(
        description,
        ct,
        masks,
        knowledge=knowledge,
        voxel_mm=max(SEARCH_VOXEL_MM, description.settings.voxel_mm),
        reach_mm=description.settings.domain_margin_mm + MORE_REACH_MM,
    )
    checker = path_checker(
        ct,
        masks,
        thresholds=knowledge.hu_thresholds,
        organs_at_risk=[organ.structure for organ in description.organs_at_risk],
    )
    full = FullSimulation(
        description=description,
        ct=ct,
        masks=masks,
        knowledge=knowledge,
        solve=solve,
        reserve_mm=wishes.reserve.margin_mm,
        progress=progress,
    )
    paths = CheckedPaths(checker=checker, shafts=load_shafts())

    def searched(usable: CheckedPaths) -> PlacementResult:
        return propose_placements(
            prepared, usable, wishes, check_in_full=full, run_many=run_many, threads=threads, go_on=go_on
        )

    result, usable = _first_possible(paths, searched)
    return ProposedPlans(
        description=description,
        result=result,
        cases=tuple(case_of(description, proposal) for proposal in result.proposals),
        assessments=tuple(full.assessment_of(proposal) for proposal in result.proposals),
        used_last_resort=usable.may_use_last_resort,
        is_skin_seen=usable.needs_skin,
        hashes=images.hashes,
    )


def _first_possible(
    paths: CheckedPaths, searched: Callable[[CheckedPaths], PlacementResult]
) -> tuple[PlacementResult, CheckedPaths]:
    """The search with the strictest paths that lead to the tumour at all."""
    unseen = replace(paths, needs_skin=False)
    for usable in (paths, unseen, replace(paths, may_use_last_resort=True)):
        try:
            return searched(usable), usable
        except TumourUnreachable:
            continue
    usable = replace(unseen, may_use_last_resort=True)
    return searched(usable), usable


def case_of(description: CaseDescription, proposal: Proposal) -> CaseDescription:
    """The case with the probes and the protocol of a proposal, under an id of its own.

    Its domain margin is the one with which the plan was checked.
    """
    full, settings = proposal.plan.full, description.settings
    margin_mm = math.nan if full is None else full.domain_margin_mm
    return replace(
        description,
        case_id=f"{description.case_id}-plan-{proposal.rank}",
        placements=proposal.plan.placements,
        protocol=proposal.plan.protocol,
        settings=settings if math.isnan(margin_mm) else replace(settings, domain_margin_mm=margin_mm),
    )


@dataclass(slots=True, kw_only=True, eq=False)
class FullSimulation:
    """Simulates plans as `givre simulate` does, at the voxel size of the case, each once; see `CheckInFull`.

    Attributes:
        description: the case.
        ct: its CT.
        masks: structures by name.
        knowledge: catalogue and property tables.
        solve: where problems are solved.
        reserve_mm: of the margin, for which coverage is told too; 0 for none.
        progress: told how far a run is; may stop it.
    """

    description: CaseDescription
    ct: Volume
    masks: dict[str, Mask]
    knowledge: Knowledge
    solve: Solver
    reserve_mm: float = 0.0
    progress: Progress | None = None
    _known: dict[tuple[tuple[Placement, ...], Protocol], FullCheck] = field(default_factory=dict)
    _assessments: dict[tuple[tuple[Placement, ...], Protocol], Assessment] = field(default_factory=dict)

    def __call__(self, placements: tuple[Placement, ...], protocol: Protocol) -> FullCheck:
        """Simulate and assess; a plan that nobody could carry out has no figures.

        Raises:
            Cancelled: if the run was stopped.
        """
        key = (placements, protocol)
        if key not in self._known:
            try:
                found, domain_margin_mm = self._simulated(placements, protocol)
            except PlanError:
                self._known[key] = self._nothing()
            else:
                self._assessments[key] = found.assessment
                self._known[key] = self._told(found, domain_margin_mm)
        return self._known[key]

    def assessment_of(self, proposal: Proposal) -> Assessment | None:
        """The assessment of a plan that was simulated here."""
        return self._assessments.get((proposal.plan.placements, proposal.plan.protocol))

    def _simulated(self, placements: tuple[Placement, ...], protocol: Protocol) -> tuple[OnLattice, float]:
        """The plan with the domain margin of the case, or more where the cold reaches the edge of that."""
        tried = replace(self.description, placements=placements, protocol=protocol)
        zones = check_plan(tried, self.ct, self.knowledge.catalogue)
        while True:
            margin_mm = tried.settings.domain_margin_mm
            grid = lattice_around(zones, self.ct, tried, voxel_mm=tried.settings.voxel_mm)
            found = simulate_on(
                grid, tried, self.ct, self.masks, knowledge=self.knowledge, solve=self.solve, progress=self.progress
            )
            if found.run.status.ending == "stopped":
                raise Cancelled("a full simulation was stopped; give the search more time")
            if found.run.status.ending != "front_reached_boundary" or margin_mm + WIDER_MM > LARGEST_MARGIN_MM:
                return found, margin_mm
            tried = replace(tried, settings=replace(tried.settings, domain_margin_mm=margin_mm + WIDER_MM))

    def _told(self, found: OnLattice, domain_margin_mm: float) -> FullCheck:
        assessment = found.assessment
        return FullCheck(
            figures=PlanFigures(
                ending=found.run.status.ending,
                coverage=assessment.coverage,
                coverage_with_margin=assessment.coverage_with_margin,
                margin_mm=assessment.margin.minimum_mm,
                organ_coldest_c={part.organ.structure: part.verdict.value for part in assessment.exposures},
                lethal_ml=assessment.lethal_ml,
            ),
            verdicts=assessment.verdicts,
            voxel_mm=self.description.settings.voxel_mm,
            domain_margin_mm=domain_margin_mm,
            coverage_with_reserve=self._coverage_with_reserve(found.run),
        )

    def _coverage_with_reserve(self, run: ThermalRun) -> float:
        """Share of the tumour grown by its margin and the reserve that is in the lethal zone; NaN without reserve."""
        goals = self.description.goals
        zone = lethal_zone(run, lethal_temp_c=goals.lethal_temp_c, hold_s=goals.hold_s, freezes=goals.freezes)
        if self.reserve_mm == 0 or not zone.is_known:
            return math.nan
        grown_mm = goals.margin_mm + self.reserve_mm
        shape = smooth_shape(self.masks[TUMOUR], reach_mm=grown_mm)
        return float(zone.is_inside(points_filling_mm(shape, grown_mm=grown_mm, finest_mm=RESERVE_POINTS_MM)).mean())

    def _nothing(self) -> FullCheck:
        return FullCheck(
            figures=PlanFigures(
                ending="stopped",
                coverage=math.nan,
                coverage_with_margin=math.nan,
                margin_mm=math.nan,
                organ_coldest_c={organ.structure: math.nan for organ in self.description.organs_at_risk},
                lethal_ml=math.nan,
            ),
            verdicts=(),
            voxel_mm=self.description.settings.voxel_mm,
            domain_margin_mm=self.description.settings.domain_margin_mm,
        )
