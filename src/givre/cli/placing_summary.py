"""What a person reads on the screen once plans were proposed."""

from __future__ import annotations

import math
from pathlib import Path

from givre.assessment.result import Verdict
from givre.cli.language import Texts
from givre.cli.session import Session
from givre.planning.placement.ranking import angle_deg, least_reserve_c
from givre.planning.placement.reserve import Reserve
from givre.planning.placement.result import GROWN, ORGAN_RESERVE, Binding, CountTried, Proposal, SolvedPlan
from givre.planning.surrogate.error import SurrogateError
from givre.usecases.propose_plan import ProposedPlans
from givre.wiring import knowledge


def print_proposals(session: Session, found: ProposedPlans, folder: Path) -> None:
    """The plans, why they are listed, where the probes of the first go, what stands in the way, and how sure it is."""
    texts, result = session.texts, found.result
    goals = result.goals
    described = found.description.told_in(texts.language)
    session.print_text(texts("summary.title", case=described.case_id, title=described.title))
    if described.synthetic:
        session.print_text(described.synthetic)
    wanted = {
        "lethal": _number(goals.lethal_temp_c, texts, 0),
        "margin": _number(goals.margin_mm, texts, 0),
        "coverage": _percent(result.wishes.grown_coverage, texts),
    }
    session.print_text(texts("plan.wanted", **wanted))
    reserve = result.wishes.reserve
    if not reserve.is_none:
        told = {"temp": _number(reserve.temp_c, texts, 1), "margin": _number(reserve.margin_mm, texts, 1)}
        session.print_text(texts("plan.reserve", **told))
    if result.proposals:
        names = (
            "plan",
            "probes",
            "model",
            "protocol",
            "covered",
            "covered_grown",
            "margin",
            "organ",
            "checked",
            "score",
        )
        session.print_table(
            [texts(f"plan.column_{name}") for name in (*names, "verdict")],
            [_row(proposal, found, texts) for proposal in result.proposals],
        )
        for proposal in result.proposals:
            session.print_text(f"{proposal.rank}. {_why(proposal, found, texts)}")
            if proposal.behind:
                session.print_text(f"   {texts(f'plan.behind_{proposal.behind}')}")
        _print_first(session, result.proposals[0])
    for line in _conclusion(found, texts):
        session.print_text(line)
    session.print_text(texts("summary.where", path=folder))
    if result.proposals:
        session.print_text(texts("plan.next", path=folder / "plan-1" / "case.toml"))
    session.print_text(texts("summary.notice"))


def _row(proposal: Proposal, found: ProposedPlans, texts: Texts) -> tuple[str, ...]:
    plan, organs = proposal.plan, found.description.organs_at_risk
    figures = plan.figures
    reserves = {organ.structure: figures.organ_coldest_c[organ.structure] - organ.limit_temp_c for organ in organs}
    organ = "–"
    if reserves:
        nearest = min(reserves, key=lambda name: reserves[name] if math.isfinite(reserves[name]) else -math.inf)
        organ = f"{nearest.replace('_', ' ')} {_number(figures.organ_coldest_c[nearest], texts, 1)} °C"
    full = plan.full
    return (
        str(proposal.rank),
        str(plan.count),
        plan.model,
        plan.protocol.name,
        _percent(figures.coverage, texts),
        _percent(figures.coverage_with_margin, texts),
        f"{_number(figures.margin_mm, texts, 1)} mm",
        organ,
        texts("plan.not_checked") if full is None else f"{_number(full.voxel_mm, texts, 1)} mm",
        _number(proposal.score, texts, 0),
        _verdict(proposal, texts),
    )


def _verdict(proposal: Proposal, texts: Texts) -> str:
    plan = proposal.plan
    if plan.full is None:
        return texts("plan.verdict_unchecked")
    if plan.meets_goals:
        warned = [verdict for verdict in plan.verdicts if verdict.status == "warning"]
        if plan.short_of_reserve:
            return texts("plan.verdict_no_reserve")
        return texts("plan.verdict_warning" if warned else "plan.verdict_met")
    return texts("plan.verdict_not_met", goals=", ".join(_goal(verdict, texts) for verdict in plan.failures))


def _goal(verdict: Verdict, texts: Texts) -> str:
    kind, _, organ = verdict.goal.partition(":")
    if verdict.goal == GROWN:
        return texts("plan.goal_grown")
    key = f"goal.{kind}"
    return texts(key, organ=organ.replace("_", " ")) if texts.has(key) else verdict.goal


def _why(proposal: Proposal, found: ProposedPlans, texts: Texts) -> str:
    plan, first = proposal.plan, found.result.proposals[0].plan
    organs = found.description.organs_at_risk
    reserve_c, before_c = least_reserve_c(plan, organs), least_reserve_c(first, organs)
    return texts(
        f"plan.why_{proposal.role}",
        probes=plan.count,
        first=first.count,
        coverage=_percent(plan.figures.coverage_with_margin, texts),
        angle=_number(angle_deg(plan, first), texts, 0),
        reserve=_number(reserve_c, texts, 1),
        gained=_number(reserve_c - before_c, texts, 1),
    )


def _print_first(session: Session, proposal: Proposal) -> None:
    texts, plan = session.texts, proposal.plan
    session.print_text(texts("plan.first"))
    header = [texts(f"plan.column_{name}") for name in ("probe", "entry", "tip", "length", "gap")]
    rows = [
        (
            placement.label,
            _point(placement.entry_mm, texts) + ("" if seen else f" ({texts('plan.no_skin')})"),
            _point(placement.target_mm, texts),
            f"{_number(length_mm, texts, 0)} mm",
            "–" if not math.isfinite(gap_mm) else f"{_number(gap_mm, texts, 1)} mm",
        )
        for placement, length_mm, gap_mm, seen in zip(
            plan.placements,
            plan.geometry.lengths_mm,
            plan.geometry.zone_gaps_mm,
            plan.geometry.is_skin_seen,
            strict=True,
        )
    ]
    session.print_table(header, rows)


def _conclusion(found: ProposedPlans, texts: Texts) -> list[str]:
    result = found.result
    lines = []
    if result.ended_early:
        lines.append(texts("plan.ended_early"))
    if not result.proposals:
        lines.append(texts("plan.nothing"))
    elif result.is_feasible:
        lines.append(texts("plan.feasible"))
        lines += _short_of_reserve(result.proposals[0].plan, result.wishes.reserve, texts)
        figures = result.proposals[0].plan.figures
        if figures.margin_mm < result.goals.margin_mm:
            reached = _percent(figures.coverage_with_margin, texts)
            smallest, margin = _number(figures.margin_mm, texts, 1), _number(result.goals.margin_mm, texts, 0)
            lines.append(texts("plan.not_everywhere", margin=margin, coverage=reached, smallest=smallest))
    else:
        lines.append(texts("plan.not_feasible"))
        lines += [_binding(binding, found, texts) for binding in result.bindings]
    lines += [_tried(tried, texts) for tried in result.tried]
    if found.used_last_resort:
        lines.append(texts("plan.last_resort"))
    if not found.is_skin_seen:
        lines.append(texts("plan.skin_not_seen"))
    lines.append(_error(result.error, "plan.error", texts))
    if result.corrected_error.plans:
        lines.append(_error(result.corrected_error, "plan.error_corrected", texts))
    if not found.description.organs_at_risk:
        lines.append(texts("summary.no_organ"))
    catalogue = knowledge().catalogue
    models = dict.fromkeys(proposal.plan.model for proposal in result.proposals)
    uncalibrated = [model for model in models if catalogue[model].calibration is None]
    if uncalibrated:
        lines.append(texts("plan.not_calibrated", models=", ".join(uncalibrated)))
    return lines


def _short_of_reserve(plan: SolvedPlan, reserve: Reserve, texts: Texts) -> list[str]:
    """What a plan that meets its goals lacks of the reserve."""
    lines = []
    for verdict in plan.short_of_reserve:
        if verdict.goal.startswith(ORGAN_RESERVE):
            organ = verdict.goal.removeprefix(ORGAN_RESERVE).replace("_", " ")
            left = _number(verdict.value - verdict.limit + reserve.temp_c, texts, 1)
            lines.append(texts("plan.short_organ", organ=organ, left=left, wanted=_number(reserve.temp_c, texts, 1)))
        else:
            margin = _number(reserve.margin_mm, texts, 1)
            reached, wanted = _percent(verdict.value, texts), _percent(verdict.limit, texts)
            lines.append(texts("plan.short_margin", margin=margin, reached=reached, wanted=wanted))
    return lines


def _binding(binding: Binding, found: ProposedPlans, texts: Texts) -> str:
    at, best = _percent(binding.at_coverage, texts), _percent(binding.best_coverage, texts)
    kind, _, structure = binding.goal.partition(":")
    if kind != "organ":
        wanted = _percent(found.result.wishes.grown_coverage, texts)
        return texts("plan.binding_coverage", coverage=at, wanted=wanted, probes=found.result.wishes.most_probes)
    limit_c = next(organ.limit_temp_c for organ in found.description.organs_at_risk if organ.structure == structure)
    return texts(
        "plan.binding_organ" if math.isfinite(binding.best_coverage) else "plan.binding_organ_alone",
        organ=structure.replace("_", " "),
        below=_number(binding.missing, texts, 1),
        limit=_number(limit_c, texts, 0),
        coverage=at,
        best=best,
    )


def _tried(tried: CountTried, texts: Texts) -> str:
    best = tried.coverage_with_margin
    key = "plan.tried_met" if tried.meets_goals else "plan.tried_solved" if math.isfinite(best) else "plan.tried"
    if not math.isfinite(tried.predicted_coverage):
        key = "plan.tried_none"
    elif tried.solved and not math.isfinite(best):
        key = "plan.tried_unsafe"
    return texts(
        key,
        probes=tried.probes,
        protocol=tried.protocol,
        predicted=_percent(tried.predicted_coverage, texts),
        solved=tried.solved,
        coverage=_percent(best, texts),
    )


def _error(error: SurrogateError, key: str, texts: Texts) -> str:
    if error.plans == 0:
        return texts("plan.error_none")
    return texts(
        key,
        plans=error.plans,
        coverage=_number(100.0 * error.coverage_mean, texts, 1),
        coverage_max=_number(100.0 * error.coverage_max, texts, 1),
        edge=_number(error.edge_mean_mm, texts, 1),
        edge_max=_number(error.edge_max_mm, texts, 1),
        organ=_number(error.organ_mean_c, texts, 1),
        organ_max=_number(error.organ_max_c, texts, 1),
    )


def _number(value: float, texts: Texts, places: int) -> str:
    if not math.isfinite(value):
        return "–"
    written = f"{value:.{places}f}"
    return (written.replace(".", ",") if texts.language == "fr" else written).replace("-", "\u2212")


def _percent(value: float, texts: Texts) -> str:
    return f"{_number(100.0 * value, texts, 1)} %" if math.isfinite(value) else "–"


def _point(point_mm: tuple[float, float, float], texts: Texts) -> str:
    return "; ".join(_number(value, texts, 1) for value in point_mm)
