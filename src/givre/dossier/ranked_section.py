"""The page of the proposed plans: their figures, which is the plan of the dossier, what stands in the way."""

from __future__ import annotations

import math
from collections.abc import Sequence

from givre.assessment.result import Verdict
from givre.dossier.content import Banner, Block, Bullets, Cell, Column, Paragraph, Section, Table, Tone
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import capitalised
from givre.dossier.planner_phrasing import PlannerPhrasing
from givre.dossier.ranked_plans import RankedPlan, RankedPlans
from givre.dossier.summary import SYMBOLS
from givre.planning.placement.result import GROWN, Binding
from givre.planning.surrogate.error import SurrogateError

_ORGAN = "organ:"


def ranked_section(ranked: RankedPlans, inputs: DossierInputs, say: PlannerPhrasing) -> Section:
    """Everything told of a search for plans."""
    words = say.words
    blocks: list[Block] = _banners(ranked, say)
    blocks.append(Paragraph(text=_searched(ranked, inputs, say)))
    if ranked.plans:
        rank = ranked.rank_of(inputs.case)
        if rank is None:
            blocks.append(Paragraph(text=words("ranked.not_among"), tone="warning"))
        else:
            blocks.append(Paragraph(text=words("ranked.this", rank=rank), tone="met"))
        blocks.append(_plan_table(ranked, rank, inputs, say))
        blocks.append(Bullets(items=tuple(_why(plan, ranked, inputs, say) for plan in ranked.plans)))
        if any(_missed_by_case_alone(plan) for plan in ranked.plans):
            blocks.append(Paragraph(text=words("ranked.margin_note"), tone="muted"))
    if ranked.bindings:
        blocks.append(_way_table(ranked.bindings, inputs, say))
    blocks.append(_error_table(ranked, say))
    blocks.append(Paragraph(text=words("ranked.error_note"), tone="muted"))
    blocks += _remarks(ranked, say)
    return Section(key="ranked", title=words("section.ranked"), blocks=tuple(blocks))


def _banners(ranked: RankedPlans, say: PlannerPhrasing) -> list[Block]:
    words, found = say.words, list[Block]()
    if ranked.ended_early:
        limit_s = ranked.time_limit_s
        told = words("ranked.early")
        if math.isfinite(limit_s):
            told = words("ranked.early_limit", limit=say.general.numbers.duration(limit_s))
        title = words("ranked.early_title" if math.isfinite(limit_s) else "ranked.stopped_title")
        found.append(Banner(title=f"{SYMBOLS['warning']} {title}", text=told, tone="warning"))
    if not ranked.plans:
        title = f"{SYMBOLS['unknown']} {words('ranked.none_title')}"
        found.append(Banner(title=title, text=words("ranked.none"), tone="unknown"))
    elif not ranked.is_feasible:
        title = f"{SYMBOLS['not_met']} {words('ranked.infeasible_title')}"
        found.append(Banner(title=title, text=words("ranked.infeasible"), tone="not_met"))
    return found


def _searched(ranked: RankedPlans, inputs: DossierInputs, say: PlannerPhrasing) -> str:
    words, numbers = say.words, say.general.numbers
    probes = say.general.words.count("probe", ranked.most_probes)
    if ranked.fewest_probes != ranked.most_probes:
        probes = words("ranked.range", fewest=ranked.fewest_probes, most=ranked.most_probes)
    told = words(
        "ranked.searched",
        probes=probes,
        wanted=say.level(ranked.wanted_coverage),
        margin=say.length(inputs.case.goals.margin_mm),
        predictions=numbers.decimal(ranked.predictions),
        simulations=numbers.decimal(ranked.simulations),
        checks=numbers.decimal(ranked.full_checks),
    )
    return f"{told} {words('ranked.feasible')}" if ranked.is_feasible else told


def _plan_table(ranked: RankedPlans, this: int | None, inputs: DossierInputs, say: PlannerPhrasing) -> Table:
    margin = say.length(inputs.case.goals.margin_mm)
    layout = {
        "rank": (False, 0.9),
        "probes": (False, 1.5),
        "protocol": (False, 0.95),
        "coverage": (True, 0.9),
        "grown": (True, 0.9),
        "margin": (True, 1.0),
        "organ": (False, 1.8),
        "verdict": (False, 2.5),
    }
    columns = tuple(
        Column(
            title=say.words(f"ranked.column_{key}", **({"margin": margin} if key == "grown" else {})),
            align="right" if is_number else "left",
            share=share,
        )
        for key, (is_number, share) in layout.items()
    )
    rows = tuple(_plan_row(plan, plan.rank == this, inputs, say) for plan in ranked.plans)
    return Table(key="ranked", caption=say.words("ranked.caption"), columns=columns, rows=rows)


def _plan_row(plan: RankedPlan, is_this: bool, inputs: DossierInputs, say: PlannerPhrasing) -> tuple[Cell, ...]:
    words = say.words
    models = ", ".join(dict.fromkeys(probe.model_name for probe in plan.probes))
    text, tone = _judged(plan, say)
    return (
        Cell(text=words("ranked.rank_this" if is_this else "ranked.rank", rank=plan.rank)),
        Cell(text=words("ranked.probes", count=len(plan.probes), model=models)),
        Cell(text=plan.protocol.name),
        Cell(text=say.figure(plan.coverage, "1")),
        Cell(text=say.figure(plan.coverage_with_margin, "1")),
        Cell(text=say.figure(plan.margin_mm, "mm")),
        Cell(text=_nearest_organ(plan, inputs, say)),
        Cell(text=text, tone=tone),
    )


def _nearest_organ(plan: RankedPlan, inputs: DossierInputs, say: PlannerPhrasing) -> str:
    organ = plan.nearest_organ(inputs.case.organs_at_risk)
    if organ is None:
        return say.words("ranked.no_organ")
    coldest_c = plan.organs_coldest_c.get(organ.structure, math.nan)
    coldest, limit = say.general.numbers.against(coldest_c, organ.limit_temp_c, "degC")
    name = capitalised(say.general.structure(organ.structure))
    return say.words("ranked.organ", organ=name, coldest=coldest, limit=limit)


def _judged(plan: RankedPlan, say: PlannerPhrasing) -> tuple[str, Tone]:
    """The verdict on a plan in words: by the goals of the search, and by those of the case where they differ."""
    words, missed, failed = say.words, _missed_by_case_alone(plan), _named(_failures(plan.verdicts), say)
    tone: Tone = "met"
    if not plan.is_checked:
        tone, parts = "unknown", [words("ranked.unchecked", voxel=say.length(plan.voxel_mm))]
        parts += [words("ranked.fails", failed=failed)] if failed else []
    elif not plan.meets_goals:
        tone, parts = "not_met", [words("ranked.fails", failed=failed or words("text.dash"))]
    elif missed:
        tone, parts = "warning", [words("ranked.meets_search", failed=_named(missed, say))]
    else:
        parts = [words("ranked.meets")]
    watched = [verdict for verdict in plan.verdicts if verdict.status == "warning"]
    if watched:
        tone = "warning" if tone == "met" else tone
        parts.append(words("ranked.watched", watched=_named(watched, say)))
    return f"{SYMBOLS[tone]} {words('text.list').join(parts)}", tone


def _missed_by_case_alone(plan: RankedPlan) -> tuple[Verdict, ...]:
    """Goals of the case that a plan misses although it meets those of the search."""
    if not plan.meets_goals:
        return ()
    return _failures(plan.case_verdicts)


def _failures(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return tuple(verdict for verdict in verdicts if verdict.is_failure)


def _named(verdicts: Sequence[Verdict], say: PlannerPhrasing) -> str:
    return say.words("text.comma").join(_goal(verdict.goal, say) for verdict in verdicts)


def _goal(goal: str, say: PlannerPhrasing) -> str:
    """A goal as a short name within a sentence."""
    family, _, structure = goal.partition(":")
    return say.words(f"goal.{family}", structure=say.general.structure(structure))


def _why(plan: RankedPlan, ranked: RankedPlans, inputs: DossierInputs, say: PlannerPhrasing) -> tuple[str, str]:
    count, numbers = say.general.words.count, say.general.numbers
    first = ranked.plans[0]
    text = say.words(
        f"role.{plan.role}",
        probes=count("probe", len(plan.probes)),
        first=str(len(first.probes)),
        grown=say.figure(plan.coverage_with_margin, "1"),
        angle=f"{numbers.decimal(plan.angle_to_deg(first))}°",
        reserve=say.figure(plan.reserve_c(inputs.case.organs_at_risk), "C"),
        failed=_named(_failures(plan.verdicts), say) or say.words("text.dash"),
    )
    return say.words("ranked.why_lead", rank=plan.rank), text


def _way_table(bindings: Sequence[Binding], inputs: DossierInputs, say: PlannerPhrasing) -> Table:
    columns = tuple(
        Column(title=say.words(f"ranked.column_{key}"), align="left" if key == "goal" else "right", share=share)
        for key, share in {"goal": 2.0, "missing": 1.6, "at": 1.6, "best": 2.0}.items()
    )
    rows = tuple(_way_row(binding, inputs, say) for binding in bindings)
    return Table(key="in_the_way", caption=say.words("ranked.way_caption"), columns=columns, rows=rows)


def _way_row(binding: Binding, inputs: DossierInputs, say: PlannerPhrasing) -> tuple[Cell, ...]:
    words, numbers = say.words, say.general.numbers
    structure = binding.goal.removeprefix(_ORGAN)
    limits_c = {organ.structure: organ.limit_temp_c for organ in inputs.case.organs_at_risk}
    if binding.goal.startswith(_ORGAN):
        limit = say.general.threshold(limits_c[structure]) if structure in limits_c else words("text.dash")
        goal = words("ranked.goal_organ", organ=capitalised(say.general.structure(structure)), limit=limit)
        missing = words("ranked.below", value=numbers.with_unit(binding.missing, "°C", 1))
    else:
        goal = words("ranked.goal_coverage_with_margin" if binding.goal == GROWN else "ranked.goal_coverage")
        missing = words("ranked.short", value=say.up(binding.missing))
    if not math.isfinite(binding.missing):
        missing = words("ranked.missing_unknown")
    within = say.figure(binding.best_coverage, "1") if math.isfinite(binding.best_coverage) else ""
    return (
        Cell(text=goal),
        Cell(text=missing, tone="not_met"),
        Cell(text=say.figure(binding.at_coverage, "1")),
        Cell(text=within or words("ranked.no_within")),
    )


def _error_table(ranked: RankedPlans, say: PlannerPhrasing) -> Table:
    keys = ("error", "plans", "error_coverage", "error_edge", "error_organ")
    columns = tuple(
        Column(title=say.words(f"ranked.column_{key}"), align="left" if key == "error" else "right", share=share)
        for key, share in zip(keys, (1.8, 1.0, 1.6, 1.6, 1.6), strict=True)
    )
    rows = tuple(
        _error_row(name, error, say) for name, error in (("before", ranked.error), ("after", ranked.corrected_error))
    )
    return Table(key="surrogate", caption=say.words("ranked.error_caption"), columns=columns, rows=rows)


def _error_row(name: str, error: SurrogateError, say: PlannerPhrasing) -> tuple[Cell, ...]:
    numbers = say.general.numbers

    def pair(mean: float, largest: float, unit: str, scale: float = 1.0) -> Cell:
        if not (math.isfinite(mean) and math.isfinite(largest)):
            return Cell(text=say.words("text.dash"))
        shown = [numbers.decimal(scale * value, 1) for value in (mean, largest)]
        both = say.words("ranked.mean_max", mean=shown[0], largest=shown[1])
        return Cell(text=say.words("ranked.points", value=both) if unit == "1" else f"{both}\u00a0{unit}")

    return (
        Cell(text=say.words(f"ranked.error_{name}")),
        Cell(text=numbers.decimal(error.plans)),
        pair(error.coverage_mean, error.coverage_max, "1", 100.0),
        pair(error.edge_mean_mm, error.edge_max_mm, "mm"),
        pair(error.organ_mean_c, error.organ_max_c, "°C"),
    )


def _remarks(ranked: RankedPlans, say: PlannerPhrasing) -> list[Block]:
    found: list[Block] = []
    if ranked.used_last_resort:
        found.append(Paragraph(text=say.words("ranked.last_resort"), tone="warning"))
    if not ranked.is_skin_seen:
        found.append(Paragraph(text=say.words("ranked.skin_unseen"), tone="warning"))
    found.append(Paragraph(text=say.words("ranked.scope"), tone="muted"))
    return found
