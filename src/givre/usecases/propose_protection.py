"""Propose how to protect organs that get too cold: a layer, a thermocouple, a shorter freeze, another place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from givre.case.description import TUMOUR, CaseDescription
from givre.case.knowledge import Knowledge
from givre.geometry.volume import Mask, Volume
from givre.planning.placement.result import FullCheck
from givre.planning.protection.combination import Combination, Taken, best_combination, chosen_combination
from givre.planning.protection.proposal import GoOn, Protections, always
from givre.planning.protection.search import ProtectionSearch, ProtectionWishes
from givre.planning.protection.together import Together
from givre.planning.replan.day_plan import predict
from givre.planning.trial.many import Cancelled
from givre.planning.trial.prepared import prepare_case
from givre.planning.trial.quick_look import quick_look
from givre.usecases.check_plan import check_plan
from givre.usecases.import_case import CaseImages
from givre.usecases.ports import Solver
from givre.usecases.propose_plan import FullSimulation
from givre.usecases.replan_case import reach_beyond_mm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectedCase:
    """What `propose_protection` gives back.

    Attributes:
        description: the case.
        found: threats and proposals.
        chosen: the proposals that are carried out together: those asked for, else the first for each organ that keep
            it at no cost; None if there is none.
        case: complete case of these, without the masks of their layers; None where `chosen` is.
        full_checks: plans simulated at the voxel size of the case.
    """

    description: CaseDescription
    found: Protections
    chosen: Combination | None
    case: CaseDescription | None
    full_checks: int = 0

    @property
    def is_protected(self) -> bool:
        """Whether no organ gets too cold, or the chosen proposals keep every one that does and cost no goal."""
        if self.found.figures.ending != "done":
            return False
        return not self.found.threats or (self.chosen is not None and self.chosen.is_good)


def propose_protection(
    description: CaseDescription,
    images: CaseImages,
    *,
    knowledge: Knowledge,
    solve: Solver,
    wishes: ProtectionWishes,
    take: Sequence[int] = (),
    in_full: bool = True,
    go_on: GoOn = always,
) -> ProtectedCase:
    """Simulate a plan and propose protections for every organ that passes its alarm or limit.

    Args:
        description: the case with its plan.
        images: CT and masks.
        knowledge: catalogue and tables.
        solve: where problems are solved.
        wishes: what may be proposed.
        take: numbers of the proposals to carry out together, counted from 1; the best for each organ if empty.
        in_full: simulate what is carried out at the voxel size of the case too, where that is finer.
        go_on: told before each simulation; may end the search.

    Raises:
        PlanError: if the plan cannot be carried out.
        ProposalsConflict: if proposals to take do not exist, or cannot be carried out together.
        InputError: if the CT or a mask cannot be used.
    """
    ct = images.image.volume
    masks = {name: imported.mask for name, imported in images.masks.items()}
    zones = check_plan(description, ct, knowledge.catalogue)
    tumour = masks.get(TUMOUR)
    reach_mm = None if tumour is None or tumour.is_empty else reach_beyond_mm(zones, tumour, description)
    voxel_mm = max(wishes.voxel_mm, description.settings.voxel_mm)
    prepared = prepare_case(description, ct, masks, knowledge=knowledge, voxel_mm=voxel_mm, reach_mm=reach_mm)
    look = quick_look(prepared)
    plan = predict(
        prepared,
        look,
        description.placements,
        description.protocol,
        solve=solve,
        grown_coverage=wishes.grown_coverage,
    )
    search = ProtectionSearch(prepared=prepared, look=look, plan=plan, solve=solve, wishes=wishes, go_on=go_on)
    threats = search.threats()
    # where the simulation itself gave no usable result, no protection can be judged
    for threat in threats if plan.figures.ending == "done" else ():
        search.protect(threat)
    together = search.together(
        _FullCheck(description=description, ct=ct, masks=masks, knowledge=knowledge, solve=solve)
    )
    is_finer = description.settings.voxel_mm < prepared.grid.spacing_mm[0]
    chosen = _chosen(search.result(), together, take=take, in_full=in_full and is_finer)
    return ProtectedCase(
        description=description,
        found=search.result(),
        chosen=chosen,
        case=None if chosen is None else chosen.taken.case(description),
        full_checks=together.full_checks,
    )


def _chosen(found: Protections, together: Together, *, take: Sequence[int], in_full: bool) -> Combination | None:
    """What is carried out; what time does not allow to simulate is left out."""
    check = together.in_full if in_full else None
    if take:
        return chosen_combination(found.proposals, take, simulated=together.simulated, in_full=check)
    for checked in (check, None):
        try:
            return best_combination(found.proposals, found.threats, simulated=together.simulated, in_full=checked)
        except Cancelled:
            continue
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _FullCheck:
    """Simulates a plan with its layers as `givre simulate` would."""

    description: CaseDescription
    ct: Volume
    masks: dict[str, Mask]
    knowledge: Knowledge
    solve: Solver

    def __call__(self, taken: Taken) -> FullCheck:
        full = FullSimulation(
            description=taken.case(self.description),
            ct=self.ct,
            masks={**self.masks, **{item.structure.name: item.layer.mask for item in taken.drawn()}},
            knowledge=self.knowledge,
            solve=self.solve,
        )
        return full(taken.placements, taken.protocol)
