"""Find a plan that holds in a wanted share of the samples, from the plans that were proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from givre.case.description import CaseDescription
from givre.case.knowledge import Knowledge
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.placement import Placement
from givre.planning.access.needle import load_shafts
from givre.planning.access.path_checker import path_checker
from givre.planning.placement.access import CheckedPaths
from givre.planning.placement.bench import ALLOWED_MM
from givre.planning.placement.paths import Paths
from givre.planning.placement.score import spacing_shortfall_mm
from givre.planning.placement.space import geometry_at, geometry_of, placements_of
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.trial.many import Cancelled, RunMany, Told, one_after_another
from givre.planning.trial.quick_look import quick_look
from givre.planning.uncertainty.lattice import on_near_lattice, wide_enough
from givre.planning.uncertainty.robust import RobustPlan, Wanted
from givre.planning.uncertainty.robust_search import STRETCH, QuantileOutcome, search_quantile, stretched
from givre.planning.uncertainty.sampled_run import UncertainCase, light_case
from givre.planning.uncertainty.spread import SpreadSettings, usual_settings
from givre.planning.uncertainty.spread_plan import spread_of_plans
from givre.usecases.import_case import CaseImages
from givre.usecases.propose_plan import LARGEST_MARGIN_MM, MORE_REACH_MM, ProposedPlans, QuantileAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedOut:
    """Makes changed probes possible: entries on the skin, points to 0.1 mm, paths and spacing as asked; see `Settle`.

    Attributes:
        paths: of the case.
        wishes: what a plan must keep to.
        knowledge: the catalogue.
    """

    paths: Paths
    wishes: PlacementWishes
    knowledge: Knowledge

    def __call__(self, placements: tuple[Placement, ...]) -> tuple[Placement, ...] | None:
        """The probes as they would be written; None where they may not be placed so."""
        model = find_cryoprobe(self.knowledge.catalogue, placements[0].model)
        asked = geometry_of(placements, model, self.paths)
        found = geometry_at(asked.middles_mm, asked.directions, model, self.paths)
        if not np.isfinite(found.entries_mm).all() or not float(np.max(found.missing_mm)) <= ALLOWED_MM:
            return None
        written = placements_of(found, model)
        checked = geometry_of(written, model, self.paths)
        is_free = float(np.max(checked.missing_mm)) <= ALLOWED_MM
        return written if is_free and spacing_shortfall_mm(checked, model, self.wishes) <= 0.0 else None


def plan_for_quantile(
    found: ProposedPlans,
    images: CaseImages,
    wanted: Wanted,
    *,
    knowledge: Knowledge,
    run_many: RunMany = one_after_another,
    threads: int = 1,
    spread: SpreadSettings | None = None,
    told: Told | None = None,
) -> ProposedPlans:
    """Judge the proposed plans and small changes of them by how often they hold when what is uncertain varies.

    Args:
        found: what `propose_plan` gave back.
        images: CT and masks of the case.
        wanted: in what share of the samples a plan is to hold.
        knowledge: catalogue and tables, whose spreads are used.
        run_many: runs the simulations.
        threads: processor threads of one simulation.
        spread: how wide the inputs spread; the usual unless given.
        told: told after each simulation of a series; may end the search, which then gives the best so far.

    Raises:
        InputError: if a number is out of range.
        PlanError: if the first proposal cannot be simulated.
    """
    if not found.result.proposals:
        return replace(found, quantile=QuantileAnswer(wanted=wanted))
    finalists = [
        RobustPlan(placements=one.plan.placements, protocol=one.plan.protocol, proposal=one.rank)
        for one in found.result.proposals
    ]
    shared = _uncertain_case(found, images, knowledge, spread or usual_settings(), threads)
    wishes = found.result.wishes
    try:
        outcome = search_quantile(
            shared,
            finalists,
            wanted=wanted,
            settle=CarriedOut(paths=_paths(found, images, knowledge), wishes=wishes, knowledge=knowledge),
            most_probes=wishes.most_probes,
            run_many=run_many,
            told=told,
        )
    except Cancelled:
        return replace(found, quantile=QuantileAnswer(wanted=wanted))
    return replace(found, quantile=QuantileAnswer(wanted=wanted, outcome=outcome, case=_case_of(found, outcome)))


def _case_of(found: ProposedPlans, outcome: QuantileOutcome) -> CaseDescription:
    """The case of the best plan, under an id of its own."""
    plan = outcome.best.plan
    first = found.cases[max(plan.proposal, 1) - 1]
    return replace(
        first,
        case_id=f"{found.description.case_id}-plan-quantile",
        placements=plan.placements,
        protocol=plan.protocol or first.protocol,
    )


def _uncertain_case(
    found: ProposedPlans, images: CaseImages, knowledge: Knowledge, settings: SpreadSettings, threads: int
) -> UncertainCase:
    """The case on a lattice with room for changes of the first proposal, and what is uncertain in all of them."""
    first = found.cases[0]
    margin_mm = min(first.settings.domain_margin_mm + MORE_REACH_MM, LARGEST_MARGIN_MM)
    prepared = wide_enough(
        replace(first, settings=replace(first.settings, domain_margin_mm=margin_mm)),
        images.image.volume,
        {name: imported.mask for name, imported in images.masks.items()},
        knowledge=knowledge,
        voxel_mm=found.result.proposals[0].plan.coarse_voxel_mm,
        threads=threads,
    )
    models = [probe.model for case in found.cases for probe in case.placements]
    shared = light_case(quick_look(prepared), spread_of_plans(prepared, models, settings), threads=threads)
    return on_near_lattice(shared, first.placements, protocol=stretched(first.protocol, STRETCH))


def _paths(found: ProposedPlans, images: CaseImages, knowledge: Knowledge) -> CheckedPaths:
    """The paths that the search was allowed."""
    checker = path_checker(
        images.image.volume,
        {name: imported.mask for name, imported in images.masks.items()},
        thresholds=knowledge.hu_thresholds,
        organs_at_risk=[organ.structure for organ in found.description.organs_at_risk],
    )
    return CheckedPaths(
        checker=checker,
        shafts=load_shafts(),
        may_use_last_resort=found.used_last_resort,
        needs_skin=found.is_skin_seen,
    )
