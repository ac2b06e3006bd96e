"""The content of proposals.json: every plan with its figures, what was tried, what stands in the way, the errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from givre.adapters.results.directory import PROPOSALS_SCHEMA
from givre.adapters.results.document import NOTICE
from givre.adapters.results.inputs import inputs_json
from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.adapters.results.quantile_json import quantile_json
from givre.adapters.results.values_json import NO_FIGURE, verdict_json
from givre.planning.placement.result import Binding, CountTried, PlanGeometry, Proposal, SolvedPlan
from givre.planning.surrogate.error import SurrogateError
from givre.planning.trial.quick_look import PlanFigures
from givre.usecases.propose_plan import ProposedPlans

SCHEMA_VERSION = "1.1"
"""Grows by its second number when something is added, by its first when something changes meaning."""

_ONE_PROBE = "a single probe has no neighbour"
_NOT_COMPARED = "no such plan was compared"


def proposals_document(
    found: ProposedPlans,
    *,
    cases: Sequence[str],
    settings: Mapping[str, str | int | float | bool | None],
    files: Sequence[Json],
) -> Json:
    """The document; numbers that are not finite are null with their reason.

    Args:
        found: what the planner gave back.
        cases: path of the case file of each proposal, relative to the document.
        settings: how givre was called, echoed.
        files: path, size and hash of every other file of the folder.
    """
    result, goals, wishes = found.result, found.result.goals, found.result.wishes
    return {
        "schema": PROPOSALS_SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "case_id": found.description.case_id,
        "synthetic": found.description.synthetic,
        "inputs": inputs_json(found.description, found.hashes),
        "settings": dict(settings),
        "is_feasible": result.is_feasible,
        "ended_early": result.ended_early,
        "used_last_resort": found.used_last_resort,
        "is_skin_seen": found.is_skin_seen,
        "goals": {**asdict(goals), "coverage_with_margin": wishes.grown_coverage},
        "wishes": {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(wishes).items()},
        "proposals": [_proposal(proposal, case) for proposal, case in zip(result.proposals, cases, strict=True)],
        "in_the_way": [_binding(binding) for binding in result.bindings],
        "tried": [_tried(tried) for tried in result.tried],
        "surrogate": {
            "before_correction": _error(result.error),
            "after_correction": _error(result.corrected_error),
            "predictions": result.predictions,
        },
        "simulations": result.simulations,
        "full_checks": result.full_checks,
        **_quantile(found),
        "directions": [[plain(value) for value in direction] for direction in result.directions],
        "files": list(files),
    }


def _quantile(found: ProposedPlans) -> Json:
    """The plan that holds in a share of the samples; nothing where none was asked for."""
    answer = found.quantile
    if answer is None:
        return {}
    return {"quantile": quantile_json(answer, case="" if answer.case is None else "plan-quantile/case.toml")}


def _proposal(proposal: Proposal, case: str) -> Json:
    plan = proposal.plan
    return {
        "rank": proposal.rank,
        "role": proposal.role,
        "why": proposal.why,
        "case": case,
        "meets_goals": plan.meets_goals and plan.full is not None,
        "reserve": {
            "is_kept": not plan.short_of_reserve,
            "verdicts": [verdict_json(verdict) for verdict in plan.reserves],
        },
        "behind_lower_score_because": proposal.behind,
        "score": with_reasons({"value": plain(proposal.score)}, why=NO_FIGURE)["value"],
        "points_off": [
            with_reasons(
                {"what": part.what, "points": plain(part.points), "value": plain(part.value), "unit": part.unit},
                why="nothing to measure",
            )
            for part in proposal.parts
        ],
        "model": plan.model,
        "protocol": {"name": plan.protocol.name, "phases": [asdict(phase) for phase in plan.protocol.phases]},
        "probes": _probes(plan),
        "figures": _figures(plan.figures),
        "checked_at_voxel_mm": None if plan.full is None else plan.full.voxel_mm,
        "domain_margin_mm": plan.full.domain_margin_mm if plan.full and plan.full.domain_margin_mm > 0 else None,
        "search_figures": {**_figures(plan.coarse), "voxel_mm": plan.coarse_voxel_mm},
        "predicted": with_reasons(
            {
                "coverage": plain(plan.predicted.coverage),
                "coverage_with_margin": plain(plan.predicted.grown_coverage),
                "organs_coldest_c": {name: plain(value) for name, value in plan.predicted.organs_c.items()},
            },
            why="the surrogate did not predict it",
        ),
        "verdicts": [verdict_json(verdict) for verdict in plan.verdicts],
        "simulate_verdicts": [] if plan.full is None else [verdict_json(verdict) for verdict in plan.full.verdicts],
        "geometry": _geometry(plan.geometry),
    }


def _probes(plan: SolvedPlan) -> list[Json]:
    return [
        {
            "label": placement.label,
            "model": placement.model,
            "entry_mm": list(placement.entry_mm),
            "target_mm": list(placement.target_mm),
            "length_mm": plain(length_mm),
            "is_skin_seen": seen,
        }
        for placement, length_mm, seen in zip(
            plan.placements, plan.geometry.lengths_mm, plan.geometry.is_skin_seen, strict=True
        )
    ]


def _figures(figures: PlanFigures) -> Json:
    organs = with_reasons(
        {name: plain(value) for name, value in figures.organ_coldest_c.items()},
        why="the organ lies outside the simulated domain, or the run gave no figure",
    )
    numbers = {
        "coverage": plain(figures.coverage),
        "coverage_with_margin": plain(figures.coverage_with_margin),
        "margin_mm": plain(figures.margin_mm),
        "lethal_ml": plain(figures.lethal_ml),
    }
    return {"ending": figures.ending, **with_reasons(numbers, why=NO_FIGURE), "organs_coldest_c": organs}


def _geometry(geometry: PlanGeometry) -> Json:
    return with_reasons(
        {
            "zone_gaps_mm": [plain(gap) for gap in geometry.zone_gaps_mm],
            "least_zone_gap_mm": plain(geometry.least_zone_gap_mm),
            "least_shaft_gap_mm": plain(geometry.least_shaft_gap_mm),
            "approach": [plain(value) for value in geometry.approach],
            "most_tilt_deg": plain(geometry.most_tilt_deg),
            "clearances_mm": {name: plain(value) for name, value in geometry.clearances_mm.items()},
            "last_resort": list(geometry.last_resort),
        },
        why=_ONE_PROBE,
    )


def _binding(binding: Binding) -> Json:
    return with_reasons(
        {
            "goal": binding.goal,
            "missing": plain(binding.missing),
            "unit": binding.unit,
            "at_coverage_with_margin": plain(binding.at_coverage),
            "best_coverage_within_limits": plain(binding.best_coverage),
            "sentence": binding.sentence,
        },
        why="no simulated plan keeps every limit, or the figure is not known",
    )


def _tried(tried: CountTried) -> Json:
    return with_reasons(
        {
            "probes": tried.probes,
            "model": tried.model,
            "protocol": tried.protocol,
            "predicted_coverage_with_margin": plain(tried.predicted_coverage),
            "simulated": tried.solved,
            "coverage_with_margin": plain(tried.coverage_with_margin),
            "meets_goals": tried.meets_goals,
            "note": tried.note,
        },
        why="no such plan was possible, or none was simulated that keeps every limit",
    )


def _error(error: SurrogateError) -> Json:
    return with_reasons(
        {
            "plans": error.plans,
            "coverage_mean": plain(error.coverage_mean),
            "coverage_max": plain(error.coverage_max),
            "edge_mean_mm": plain(error.edge_mean_mm),
            "edge_max_mm": plain(error.edge_max_mm),
            "organ_mean_c": plain(error.organ_mean_c),
            "organ_max_c": plain(error.organ_max_c),
        },
        why=_NOT_COMPARED,
    )
