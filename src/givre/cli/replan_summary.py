"""What a person reads on the screen once a case has been replanned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from givre.assessment.result import Verdict
from givre.cli.language import Texts
from givre.cli.session import Session
from givre.dossier.access_phrasing import access_phrasing
from givre.dossier.replan_phrasing import ReplanPhrasing, replan_phrasing
from givre.planning.replan.change import SimulatedChange
from givre.planning.replan.search import KindTried
from givre.usecases.replan_case import ReplannedCase


def print_replanned(session: Session, replanned: ReplannedCase, folder: Path, *, times_s: Mapping[str, float]) -> None:
    """Deviations, planned beside placed, what restores the goals, and where all of it lies."""
    texts, found = session.texts, replanned.found
    say = replan_phrasing(texts.language)
    session.print_text(texts("replan.heading", case=replanned.description.case_id))
    if replanned.description.synthetic:
        session.print_text(replanned.description.told_in(texts.language).synthetic)
    for deviation in found.deviations:
        session.print_text(f"  {say.deviation(deviation)}")
    _print_paths(session, replanned)
    columns = [found.planned.verdicts, found.placed.verdicts]
    header = [texts(f"column.{name}") for name in ("goal", "wanted", "planned", "placed")]
    if found.recommended is not None:
        columns.append(found.recommended.verdicts)
        header.append(texts("column.recommended"))
    session.print_table(header, _rows(columns, say, texts))
    session.print_text(_conclusion(replanned, say, texts))
    for tried in found.tried:
        for line in _tried_lines(tried, say, texts):
            session.print_text(line)
    seconds = f"{times_s['prediction']:.1f}"
    session.print_text(texts("replan.time", seconds=seconds, voxel=f"{found.voxel_mm:g}"))
    session.print_text(texts("replan.where", path=folder))
    session.print_text(texts("summary.notice"))


def _print_paths(session: Session, replanned: ReplannedCase) -> None:
    access = access_phrasing(session.texts.language)
    for path in replanned.paths:
        if path.blocked_by:
            reasons = "; ".join(access.block(block) for block in path.blocked_by)
            session.print_text("  " + session.texts("replan.path", probe=path.label, reasons=reasons))
    for pair in replanned.found_crossings:
        session.print_text("  " + session.texts("replan.crossing", probes=" – ".join(pair.labels)))


def _rows(columns: Sequence[Sequence[Verdict]], say: ReplanPhrasing, texts: Texts) -> list[tuple[str, ...]]:
    rows = []
    for first in columns[0]:
        if first.goal == "run" and not any(v.is_failure for column in columns for v in column if v.goal == "run"):
            continue
        same = [next(verdict for verdict in column if verdict.goal == first.goal) for column in columns]
        sign = ">" if first.goal.startswith("organ:") else "≥"
        rows.append(
            (
                say.goal(first.goal),
                f"{sign} {say.value(first.limit, first.unit)}",
                *(f"{say.figure(verdict)} ({texts(f'verdict.{verdict.status}')})" for verdict in same),
            )
        )
    return rows


def _conclusion(replanned: ReplannedCase, say: ReplanPhrasing, texts: Texts) -> str:
    found = replanned.found
    if not found.missed:
        return texts("replan.nothing")
    missed = say.words("join.semicolon").join(say.missed(item) for item in found.missed)
    if found.recommended is not None:
        told = say.instruction(found.recommended.change)
        return f"{texts('replan.missed', missed=missed)}\n{texts('replan.do', told=told)}"
    miss = found.nearest_miss
    binding = (
        "–"
        if miss is None
        else say.words("join.semicolon").join(say.missed(item) for item in (*miss.missed, *miss.full_missed))
    )
    told = "–" if miss is None else say.instruction(miss.change)
    return f"{texts('replan.missed', missed=missed)}\n{texts('replan.none', told=told, binding=binding)}"


def _tried_lines(tried: KindTried, say: ReplanPhrasing, texts: Texts) -> list[str]:
    lines = [f"  {say.kind(tried)}"]
    if tried.best is not None:
        key = "replan.restores" if tried.best.is_restored else "replan.misses"
        missed = say.words("join.semicolon").join(
            say.missed(item) for item in (*tried.best.missed, *tried.best.full_missed)
        )
        lines.append("    " + texts(key, told=say.instruction(tried.best.change), missed=missed))
        lines += _full_line(tried.best, say, texts)
    return lines


def _full_line(best: SimulatedChange, say: ReplanPhrasing, texts: Texts) -> list[str]:
    if best.full is None:
        return []
    figures = best.full.figures
    grown, margin = say.value(figures.coverage_with_margin, "1"), say.mm(figures.margin_mm)
    return ["    " + texts("replan.full", voxel=f"{best.full.voxel_mm:g}", grown=grown, margin=margin)]
