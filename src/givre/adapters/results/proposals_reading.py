"""Read proposals.json back, to tell the ranked plans in a dossier."""

from __future__ import annotations

from pathlib import Path
from typing import cast, get_args

from givre.adapters.results.directory import PROPOSALS_NAME, PROPOSALS_SCHEMA
from givre.adapters.results.proposals_document import SCHEMA_VERSION
from givre.adapters.results.strict_reading import Node, read_document
from givre.assessment.result import Verdict, VerdictStatus
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.protocol import Phase, PhaseKind, Protocol
from givre.dossier.ranked_plans import ProposedProbe, RankedPlan, RankedPlans
from givre.planning.placement.result import Binding, Role
from givre.planning.surrogate.error import SurrogateError
from givre.usecases.planned_results import RecordedInputs

_GOALS = ("run", "coverage", "coverage_with_margin", "margin")


def read_proposals(folder: Path) -> tuple[RankedPlans, RecordedInputs]:
    """The plans of a folder that `givre plan` wrote, and what they were computed from.

    Raises:
        PlannedFile: if proposals.json is missing, damaged, incomplete or holds a number that is not finite.
        NewerSchema: if a newer version of givre wrote it.
    """
    document, sha256 = read_document(folder, PROPOSALS_NAME, schema=PROPOSALS_SCHEMA, version=SCHEMA_VERSION)
    plans = tuple(_plan(node) for node in document.nodes("proposals"))
    if [plan.rank for plan in plans] != list(range(1, len(plans) + 1)):
        document.refuse("the ranks of its proposals are not 1, 2, 3 ...")
    inputs, case_id = document.node("inputs"), document.text("case_id")
    recorded = RecordedInputs(
        file=PROPOSALS_NAME,
        case_ids=(case_id, *(f"{case_id}-plan-{plan.rank}" for plan in plans)),
        images=inputs.texts("images"),
        parts=inputs.texts("parts"),
        sha256=sha256,
    )
    return _plans(document, plans), recorded


def _plans(document: Node, plans: tuple[RankedPlan, ...]) -> RankedPlans:
    settings, wishes, surrogate = (document.node(name) for name in ("settings", "wishes", "surrogate"))
    has_limit = settings.content.get("time_limit_s") is not None
    return RankedPlans(
        plans=plans,
        is_feasible=document.flag("is_feasible"),
        ended_early=document.flag("ended_early"),
        time_limit_s=settings.number("time_limit_s", low=0.0) if has_limit else float("nan"),
        used_last_resort=document.flag("used_last_resort"),
        is_skin_seen=document.flag("is_skin_seen"),
        wanted_coverage=wishes.number("grown_coverage", low=0.0, high=1.0),
        fewest_probes=wishes.whole("fewest_probes", low=1),
        most_probes=wishes.whole("most_probes", low=1),
        bindings=tuple(_binding(node) for node in document.nodes("in_the_way")),
        error=_error(surrogate.node("before_correction")),
        corrected_error=_error(surrogate.node("after_correction")),
        predictions=surrogate.whole("predictions"),
        simulations=document.whole("simulations"),
        full_checks=document.whole("full_checks"),
    )


def _plan(node: Node) -> RankedPlan:
    is_checked = node.get("checked_at_voxel_mm") is not None
    figures, organs = node.node("figures"), node.node("figures").node("organs_coldest_c")
    return RankedPlan(
        rank=node.whole("rank", low=1),
        role=cast("Role", node.one_of("role", get_args(Role))),
        meets_goals=node.flag("meets_goals"),
        protocol=_protocol(node.node("protocol")),
        probes=tuple(_probe(probe) for probe in node.nodes("probes")) or node.refuse("it holds no probe"),
        coverage=figures.known("coverage", low=0.0, high=1.0),
        coverage_with_margin=figures.known("coverage_with_margin", low=0.0, high=1.0),
        margin_mm=figures.known("margin_mm"),
        organs_coldest_c={name: organs.known(name) for name in organs.content if name != "null_because"},
        verdicts=tuple(_verdict(verdict) for verdict in node.nodes("verdicts")),
        case_verdicts=tuple(_verdict(verdict) for verdict in node.nodes("simulate_verdicts")),
        voxel_mm=(
            node.number("checked_at_voxel_mm", low=0.1)
            if is_checked
            else node.node("search_figures").number("voxel_mm", low=0.1)
        ),
        is_checked=is_checked,
        approach=node.node("geometry").point("approach"),
    )


def _probe(node: Node) -> ProposedProbe:
    model, known = node.text("model"), load_catalogue()
    return ProposedProbe(
        label=node.text("label"),
        model=model,
        model_name=known[model].name if model in known else model,
        entry_mm=node.point("entry_mm"),
        target_mm=node.point("target_mm"),
    )


def _protocol(node: Node) -> Protocol:
    phases = tuple(
        Phase(
            kind=cast("PhaseKind", phase.one_of("kind", get_args(PhaseKind))),
            duration_s=phase.number("duration_s", low=0.0),
        )
        for phase in node.nodes("phases")
    )
    return Protocol(name=node.text("name"), phases=phases)


def _verdict(node: Node) -> Verdict:
    return Verdict(
        goal=_goal(node),
        status=cast("VerdictStatus", node.one_of("status", get_args(VerdictStatus))),
        value=node.known("value"),
        limit=node.known("limit"),
        unit=node.text("unit"),
    )


def _goal(node: Node) -> str:
    goal = node.text("goal")
    return goal if goal.startswith("organ:") or goal in _GOALS else node.refuse(f'"{goal}" is no goal known here')


def _binding(node: Node) -> Binding:
    return Binding(
        goal=_goal(node),
        missing=node.known("missing", low=0.0),
        unit=node.one_of("unit", ("degC", "1")),
        at_coverage=node.known("at_coverage_with_margin", low=0.0, high=1.0),
        best_coverage=node.known("best_coverage_within_limits", low=0.0, high=1.0),
        sentence=node.text("sentence"),
    )


def _error(node: Node) -> SurrogateError:
    return SurrogateError(
        plans=node.whole("plans"),
        coverage_mean=node.known("coverage_mean", low=0.0),
        coverage_max=node.known("coverage_max", low=0.0),
        edge_mean_mm=node.known("edge_mean_mm", low=0.0),
        edge_max_mm=node.known("edge_max_mm", low=0.0),
        organ_mean_c=node.known("organ_mean_c", low=0.0),
        organ_max_c=node.known("organ_max_c", low=0.0),
    )
