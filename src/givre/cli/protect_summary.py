"""What a person reads on the screen once protections were proposed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from givre.cli.session import Session
from givre.dossier.protection_phrasing import effect_sentence, not_found_sentence, proposal_sentence
from givre.dossier.replan_phrasing import ReplanPhrasing, replan_phrasing
from givre.planning.protection.combination import Combination
from givre.planning.protection.proposal import ProtectionProposal, Protections, Threat
from givre.planning.replan.goals import Missed
from givre.planning.trial.quick_look import PlanFigures
from givre.usecases.propose_protection import ProtectedCase


def print_protections(session: Session, protected: ProtectedCase, folder: Path) -> None:
    """Organs that get too cold, proposals, what was looked for in vain, what is carried out, and where all lies."""
    texts, found = session.texts, protected.found
    say = replan_phrasing(texts.language)
    session.print_text(texts("protect.heading", case=protected.description.case_id))
    if protected.description.synthetic:
        session.print_text(protected.description.told_in(texts.language).synthetic)
    if found.figures.ending != "done":
        session.print_text(texts("protect.unusable"))
    elif not found.threats:
        session.print_text(texts("protect.nothing"))
    for threat in found.threats:
        _print_threat(session, threat, say)
    for rank, proposal in enumerate(found.proposals, start=1):
        _print_proposal(session, rank, proposal, say)
    for missing in found.not_found:
        session.print_text(f"  – {not_found_sentence(say, missing)}")
    if found.threats:
        session.print_text(texts("protect.voxel", voxel=say.general.numbers.plain(found.voxel_mm)))
        _print_chosen(session, protected.chosen, found, say)
    session.print_text(texts("protect.where", path=folder))
    session.print_text(texts("summary.notice"))


def _print_threat(session: Session, threat: Threat, say: ReplanPhrasing) -> None:
    session.print_text(
        session.texts(
            "protect.threat",
            organ=say.general.structure(threat.organ.structure),
            coldest=say.value(threat.coldest_c, "degC"),
            least=say.value(threat.least_c, "degC"),
            point=say.position(threat.nearest_mm),
        )
    )


def _print_proposal(session: Session, rank: int, proposal: ProtectionProposal, say: ReplanPhrasing) -> None:
    texts = session.texts
    session.print_text(f"{rank}. {proposal_sentence(say, proposal)}")
    if proposal.kind == "thermocouple":
        return
    plan = _plan(session, proposal.figures, say)
    session.print_text(f"   {effect_sentence(say, proposal)}{say.words('join.semicolon')}{plan}")
    if not proposal.keeps_organ:
        session.print_text(f"   {texts('protect.not_enough')}")
        if proposal.layer is not None and not proposal.after_c > proposal.threat.coldest_c:
            session.print_text(f"   {texts('protect.colder')}")
    _print_costs(session, proposal.missed, say)
    if proposal.material is not None:
        session.print_text(f"   {texts('protect.needs', status=texts('protect.status.' + proposal.material.status))}")


def _print_chosen(session: Session, chosen: Combination | None, found: Protections, say: ReplanPhrasing) -> None:
    """What is carried out together, organ by organ, on the finest voxels on which it was simulated."""
    texts = session.texts
    if chosen is None:
        session.print_text(texts("protect.none"))
        return
    ranks = ", ".join(str(found.proposals.index(proposal) + 1) for proposal in chosen.proposals)
    full, figures, voxel_mm = chosen.full, chosen.figures, chosen.voxel_mm
    if full is not None:
        figures, voxel_mm = full.figures, full.voxel_mm
    voxel = say.general.numbers.plain(voxel_mm)
    session.print_text(texts("protect.chosen", ranks=ranks, voxel=voxel, plan=_plan(session, figures, say)))
    for threat in chosen.threats:
        key = "protect.kept" if chosen.keeps(threat) else "protect.not_kept"
        session.print_text(
            "   "
            + texts(
                key,
                organ=say.general.structure(threat.organ.structure),
                after=say.value(chosen.after_c(threat), "degC"),
                least=say.value(threat.least_c, "degC"),
            )
        )
    _print_costs(session, chosen.missed or chosen.full_missed, say)


def _print_costs(session: Session, missed: Sequence[Missed], say: ReplanPhrasing) -> None:
    if missed:
        told = say.words("join.semicolon").join(say.missed(item) for item in missed)
        session.print_text(f"   {session.texts('protect.costs', missed=told)}")


def _plan(session: Session, figures: PlanFigures, say: ReplanPhrasing) -> str:
    grown, margin = say.value(figures.coverage_with_margin, "1"), say.mm(figures.margin_mm)
    return session.texts("protect.plan", grown=grown, margin=margin)
