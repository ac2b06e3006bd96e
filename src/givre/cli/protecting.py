"""What the command protect does once the command line is understood: simulate, propose, write and show."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import get_args

from givre import api, wiring
from givre.adapters.results import check_results_folder
from givre.cli.exit_codes import ExitCode
from givre.cli.session import ProgressShow, Session
from givre.dossier.protection_phrasing import effect_sentence, not_found_sentence, proposal_sentence
from givre.dossier.replan_phrasing import ReplanPhrasing, replan_phrasing
from givre.foundation.errors import InputError
from givre.planning.protection.kinds import ProtectionKind
from givre.planning.protection.proposal import ProtectionProposal
from givre.planning.protection.search import ProtectionWishes
from givre.usecases.propose_protection import ProtectedCase, propose_protection
from givre.wiring_day import write_protection


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked on the command line.

    Attributes:
        only: kinds of protection, parted by commas.
        epidural: whether epidural injection may be proposed.
        coverage: wanted fraction of the tumour with its margin.
        time_limit_s: for the search.
    """

    only: str
    epidural: bool
    coverage: float
    time_limit_s: float

    def wishes(self) -> ProtectionWishes:
        """The same as wishes.

        Raises:
            InputError: if a kind is unknown or a number makes no sense.
        """
        if not (math.isfinite(self.time_limit_s) and self.time_limit_s > 0):
            raise InputError(f"time limit {self.time_limit_s} s; give more than 0 s")
        if not 0 < self.coverage <= 1:
            raise InputError(f"coverage {self.coverage} of the grown tumour; give a fraction above 0 and up to 1")
        known: dict[str, ProtectionKind] = {kind: kind for kind in get_args(ProtectionKind)}
        asked = [word.strip() for word in self.only.split(",") if word.strip()]
        strange = [word for word in asked if word not in known]
        if strange or not asked:
            raise InputError(f"kinds of protection {', '.join(strange) or 'none'}; use {', '.join(known)}")
        return ProtectionWishes(
            kinds=tuple(known[word] for word in asked),
            may_inject_epidurally=self.epidural,
            grown_coverage=self.coverage,
        )


def protect_organs(session: Session, case: Path, output: Path, asked: Asked, *, force: bool) -> ExitCode:
    """Read, simulate, propose, write and show; 4 when an organ stays without protection."""
    wishes = asked.wishes()
    check_results_folder(output, replace_foreign=force)
    began_s = monotonic()
    with session.progress() as show:
        show.stage("import")
        loaded = api.load_case(case)
        show.stage("protect")
        protected = propose_protection(
            loaded.description,
            loaded.images,
            knowledge=wiring.knowledge(),
            solve=wiring.solver(threads=session.threads),
            wishes=wishes,
            go_on=_until(monotonic() + asked.time_limit_s, asked.time_limit_s, show),
        )
        show.stage("write")
        document = write_protection(
            protected,
            output,
            source=case,
            language=session.texts.language,
            settings={
                "only": asked.only,
                "epidural": asked.epidural,
                "coverage_with_margin": asked.coverage,
                "time_limit_s": asked.time_limit_s,
                "threads": session.threads,
            },
            times_s={"all": monotonic() - began_s},
            replace_foreign=force,
        )
    code = ExitCode.OK if protected.found.is_protected else ExitCode.PLAN_UNSAFE
    if protected.found.figures.ending != "done":
        code = ExitCode.NOT_CONVERGED
    if session.as_json:
        session.print_json({**document, "results": str(output), "exit_code": int(code)})
    else:
        _print(session, protected, output)
    return code


def _print(session: Session, protected: ProtectedCase, output: Path) -> None:
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
        session.print_text(
            texts(
                "protect.threat",
                organ=say.general.structure(threat.organ.structure),
                coldest=say.value(threat.coldest_c, "degC"),
                least=say.value(threat.least_c, "degC"),
                point=say.position(threat.nearest_mm),
            )
        )
    for rank, proposal in enumerate(found.proposals, start=1):
        _print_proposal(session, rank, proposal, say)
    for missing in found.not_found:
        session.print_text(f"  – {not_found_sentence(say, missing)}")
    session.print_text(texts("protect.where", path=output))
    session.print_text(texts("summary.notice"))


def _print_proposal(session: Session, rank: int, proposal: ProtectionProposal, say: ReplanPhrasing) -> None:
    texts = session.texts
    session.print_text(f"{rank}. {proposal_sentence(say, proposal)}")
    if proposal.kind == "thermocouple":
        return
    figures = proposal.figures
    grown, margin = say.value(figures.coverage_with_margin, "1"), say.mm(figures.margin_mm)
    plan = texts("protect.plan", grown=grown, margin=margin)
    session.print_text(f"   {effect_sentence(say, proposal)}{say.words('join.semicolon')}{plan}")
    if not proposal.keeps_organ:
        session.print_text(f"   {texts('protect.not_enough')}")
    if proposal.missed:
        missed = say.words("join.semicolon").join(say.missed(item) for item in proposal.missed)
        session.print_text(f"   {texts('protect.costs', missed=missed)}")
    if proposal.material is not None:
        session.print_text(f"   {texts('protect.needs', status=texts('protect.status.' + proposal.material.status))}")


def _until(end_s: float, limit_s: float, show: ProgressShow) -> Callable[[ProtectionKind, int], bool]:
    def go_on(kind: ProtectionKind, simulations: int) -> bool:
        left_s = end_s - monotonic()
        show.fraction(min(max(1.0 - left_s / limit_s, 0.0), 0.99))
        return left_s > 0

    return go_on
