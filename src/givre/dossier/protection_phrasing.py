"""The language of protection: what is proposed, what it does, and what was looked for in vain."""

from __future__ import annotations

from givre.dossier.replan_phrasing import ReplanPhrasing
from givre.planning.protection.proposal import NotFound, ProtectionProposal


def proposal_sentence(say: ReplanPhrasing, proposal: ProtectionProposal) -> str:
    """What to do."""
    if proposal.change is not None:
        return say.instruction(proposal.change.change)
    structure = say.general.structure(proposal.threat.organ.structure)
    layer, way = proposal.layer, proposal.way
    if layer is not None:
        told = say.words(
            f"protect.{proposal.kind}",
            structure=structure,
            thickness=say.mm(layer.thickness_mm, 0),
            volume=say.general.numbers.with_unit(layer.volume_ml, "mL", 1),
            centre=say.position(layer.centre_mm),
        )
    else:
        point = say.position(proposal.threat.nearest_mm)
        told = say.words("protect.thermocouple", structure=structure, point=point)
    needle = say.words("protect.no_way")
    if way is not None:
        needle = say.words("protect.way", entry=say.position(way.entry_mm), length=say.mm(way.length_mm, 0))
    return f"{told}{say.words('join.semicolon')}{needle}."


def effect_sentence(say: ReplanPhrasing, proposal: ProtectionProposal) -> str:
    """The organ before and after."""
    return say.words(
        "protect.organ",
        structure=say.general.structure(proposal.threat.organ.structure),
        before=say.value(proposal.threat.coldest_c, "degC"),
        after=say.value(proposal.after_c, "degC"),
    )


def not_found_sentence(say: ReplanPhrasing, missing: NotFound) -> str:
    """What was looked for in vain, with its figures."""
    return say.words(
        f"not_found.{missing.reason}",
        kind=say.words(f"protect_kind.{missing.kind}"),
        structure=say.general.structure(missing.threat.organ.structure),
        best=say.value(missing.best_c, "degC"),
        least=say.value(missing.threat.least_c, "degC"),
    )
