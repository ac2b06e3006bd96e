"""Propose how to protect organs that get too cold: a layer, a thermocouple, a shorter freeze, another place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from givre.case.description import TUMOUR, CaseDescription, StructureReference
from givre.case.knowledge import Knowledge
from givre.planning.protection.proposal import GoOn, ProtectionProposal, Protections, always
from givre.planning.protection.search import ProtectionSearch, ProtectionWishes
from givre.planning.protection.shield import LAYER_NAME, LAYER_PATH
from givre.planning.replan.day_plan import predict
from givre.planning.trial.prepared import prepare_case
from givre.planning.trial.quick_look import quick_look
from givre.usecases.check_plan import check_plan
from givre.usecases.import_case import CaseImages
from givre.usecases.ports import Solver
from givre.usecases.replan_case import reach_beyond_mm


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProtectedCase:
    """What `propose_protection` gives back.

    Attributes:
        description: the case.
        found: threats and proposals.
        best: complete case of the first proposal that keeps its organ at no cost, without the mask of its layer, whose
            path is `LAYER_PATH`; None if there is none.
    """

    description: CaseDescription
    found: Protections
    best: CaseDescription | None


def propose_protection(
    description: CaseDescription,
    images: CaseImages,
    *,
    knowledge: Knowledge,
    solve: Solver,
    wishes: ProtectionWishes,
    go_on: GoOn = always,
) -> ProtectedCase:
    """Simulate a plan and propose protections for every organ that passes its alarm or limit.

    Args:
        description: the case with its plan.
        images: CT and masks.
        knowledge: catalogue and tables.
        solve: where problems are solved.
        wishes: what may be proposed.
        go_on: told before each simulation; may end the search.

    Raises:
        PlanError: if the plan cannot be carried out.
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
    found = search.result()
    best = next((proposal for proposal in found.proposals if proposal.is_good), None)
    return ProtectedCase(
        description=description, found=found, best=None if best is None else case_with(description, best)
    )


def case_with(description: CaseDescription, proposal: ProtectionProposal) -> CaseDescription:
    """The case with a proposal, under an id of its own; a layer is one more structure, at `LAYER_PATH`."""
    case_id = f"{description.case_id.removesuffix('-protected')}-protected"
    if proposal.change is not None:
        change = proposal.change.change
        return replace(description, case_id=case_id, placements=change.placements, protocol=change.protocol)
    if proposal.material is None:
        return replace(description, case_id=case_id)
    layer = StructureReference(name=LAYER_NAME, path=LAYER_PATH, material=proposal.material.material)
    return replace(description, case_id=case_id, structures=(*description.structures, layer))
