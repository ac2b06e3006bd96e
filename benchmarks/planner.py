"""The planner against simpler rules, on phantoms and real scans, with lesions near and far from what must be spared.

`python -m benchmarks.planner solve [NAME ...]` plans each case and each rule, and keeps what came of it in
build/planner/; a minute or two per case. `python -m benchmarks.planner` draws the table from there into
docs/explanation/planner.md and build/planner.json.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import givre
from benchmarks.measurement import machine
from benchmarks.planner_cases import CASES, BenchCase, bench_case
from givre import wiring
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.geometry.shape import points_filling_mm, smooth_shape
from givre.planning.access.needle import load_shafts
from givre.planning.access.path_checker import path_checker
from givre.planning.placement.access import CheckedPaths
from givre.planning.placement.baselines import (
    LARGE_ELLIPSOID_MM,
    SMALL_ELLIPSOID_MM,
    bubble_packing,
    central_probe,
    ellipsoid_union,
)
from givre.planning.placement.optimise import TumourUnreachable
from givre.planning.placement.paths import Paths
from givre.planning.placement.result import FullCheck, verdicts_on
from givre.planning.placement.space import geometry_of
from givre.planning.placement.wishes import PlacementWishes
from givre.usecases.propose_plan import FullSimulation, ProposedPlans, propose_plan

MODEL = "icesphere-1.5-cx"
KEPT = Path("build") / "planner"
RESULT = Path("build") / "planner.json"
PAGE = Path("docs") / "explanation" / "planner.md"
BEGIN, END = "<!-- table: python -m benchmarks.planner -->", "<!-- end of table -->"
WISHES = PlacementWishes(models=(MODEL,), alternatives=0)

Rule = Callable[[np.ndarray, np.ndarray, CryoprobeModel, Paths], tuple[Placement, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one method did in one case.

    Attributes:
        case, method: names.
        probes: how many.
        protocol: name.
        coverage, coverage_with_margin: fractions.
        margin_mm: smallest.
        organ: nearest to its limit, or the one farthest below it.
        organ_c: its coldest temperature; NaN if unknown.
        limit_c: its limit.
        keeps_limits: whether every organ stays above its limit.
        meets_goals: whether every goal is met.
        blocked: probes whose path breaks a clearance.
        process_s, wall_s: time to find the plan and check it in full.
    """

    case: str
    method: str
    probes: int
    protocol: str
    coverage: float
    coverage_with_margin: float
    margin_mm: float
    organ: str
    organ_c: float
    limit_c: float
    keeps_limits: bool
    meets_goals: bool
    blocked: int
    process_s: float
    wall_s: float


def main(arguments: Sequence[str]) -> int:
    """Solve, or draw the table."""
    if arguments[:1] == ["solve"]:
        for name in arguments[1:] or CASES:
            solve_case(name)
        return 0
    kept = [json.loads((KEPT / f"{name}.json").read_text()) for name in CASES if (KEPT / f"{name}.json").exists()]
    if not kept:
        print("nothing solved yet: python -m benchmarks.planner solve", file=sys.stderr)
        return 1
    RESULT.write_text(json.dumps({"machine": machine(), "cases": kept}, indent=1) + "\n", encoding="utf-8")
    table = as_markdown(kept)
    print(table)
    if PAGE.exists():
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}", encoding="utf-8")
    return 0


def solve_case(name: str) -> None:
    """Plan one case by every method, and keep the figures."""
    with tempfile.TemporaryDirectory() as folder:
        case = bench_case(name, Path(folder))
    knowledge = wiring.knowledge()
    threads = None
    full = FullSimulation(
        description=case.description,
        ct=case.ct,
        masks=dict(case.masks),
        knowledge=knowledge,
        solve=wiring.solver(threads=threads),
    )
    _warm_up(case, full)
    paths = _paths(case)
    model = knowledge.catalogue[MODEL]
    found, ours = _planner(case, paths)
    rows = [ours]
    shape = smooth_shape(case.masks["tumour"], reach_mm=case.description.goals.margin_mm)
    tumour = points_filling_mm(shape, finest_mm=1.5, most_points=4000)
    grown = points_filling_mm(shape, grown_mm=case.description.goals.margin_mm, finest_mm=1.5, most_points=8000)
    usable = replace(paths, needs_skin=found.is_skin_seen)
    for method, rule in RULES.items():
        process_s, wall_s = time.process_time(), time.perf_counter()
        placements = rule(tumour, grown, model, usable)
        check = full(placements, case.description.protocol) if placements else None
        spent = (time.process_time() - process_s, time.perf_counter() - wall_s)
        rows.append(_row(case, method, placements, check, usable, spent=spent))
    KEPT.mkdir(parents=True, exist_ok=True)
    result = found.result
    document = {
        "case": name,
        "what": case.what,
        "tumour_ml": round(case.masks["tumour"].volume_ml, 2),
        "margin_mm": case.description.goals.margin_mm,
        "rows": [_plain(row) for row in rows],
        "is_feasible": result.is_feasible,
        "in_the_way": [binding.sentence for binding in result.bindings],
        "simulations": result.simulations,
        "full_checks": result.full_checks,
        "predictions": result.predictions,
        "surrogate": {
            "edge_mean_mm": _finite(result.error.edge_mean_mm),
            "edge_max_mm": _finite(result.error.edge_max_mm),
            "coverage_mean": _finite(result.error.coverage_mean),
            "coverage_max": _finite(result.error.coverage_max),
            "corrected_edge_mean_mm": _finite(result.corrected_error.edge_mean_mm),
            "corrected_edge_max_mm": _finite(result.corrected_error.edge_max_mm),
            "corrected_coverage_mean": _finite(result.corrected_error.coverage_mean),
            "corrected_coverage_max": _finite(result.corrected_error.coverage_max),
        },
    }
    (KEPT / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(as_markdown([document]))


RULES: Mapping[str, Rule] = {
    "one central probe": lambda tumour, grown, model, paths: central_probe(tumour, model, paths),
    "ellipsoids 10/10/12.5 mm": lambda tumour, grown, model, paths: ellipsoid_union(
        grown, model, paths, WISHES, semi_axes_mm=SMALL_ELLIPSOID_MM
    ),
    "ellipsoids 12.5/12.5/17.5 mm": lambda tumour, grown, model, paths: ellipsoid_union(
        grown, model, paths, WISHES, semi_axes_mm=LARGE_ELLIPSOID_MM
    ),
    "bubble packing": lambda tumour, grown, model, paths: bubble_packing(grown, model, paths, WISHES),
}


ERROR_HEADER = (
    "| case | simulated (2 mm / in full) | predictions | edge [mm] | coverage [points] | edge, corrected [mm] "
    "| coverage, corrected [points] |"
)
HEADER = (
    "| case | method | probes | covered | with margin | smallest margin | worst organ | paths blocked | goals "
    "| process time | wall time |"
)


def as_markdown(kept: Sequence[Mapping[str, object]]) -> str:
    """The table, one row for each case and method."""
    lines = [
        ", ".join(f"{name} {value}" for name, value in machine().items()),
        "",
        HEADER,
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for case in kept:
        rows = case["rows"]
        assert isinstance(rows, list)
        lines += [_line(row) for row in rows]
    lines += ["", *_errors(kept)]
    for case in kept:
        obstacles = case["in_the_way"]
        assert isinstance(obstacles, list)
        lines += ["", f"- `{case['case']}`: {case['what']} ({case['tumour_ml']} mL)."]
        lines += [f"  No plan meets every goal. {sentence}." for sentence in obstacles]
    return "\n".join(lines) + "\n"


def _errors(kept: Sequence[Mapping[str, object]]) -> list[str]:
    """The error of the fast prediction in each case: mean and largest, before and after correction."""

    def pair(told: Mapping[str, float | None], key: str, scale: float = 1.0) -> str:
        mean, largest = told[f"{key}_mean"], told[f"{key}_max"]
        return "–" if mean is None or largest is None else f"{scale * mean:.1f} / {scale * largest:.1f}"

    lines = [
        "Error of the fast prediction against the solver, mean / largest, over the plans simulated:",
        "",
        ERROR_HEADER,
        "|---|---|---|---|---|---|---|",
    ]
    for case in kept:
        told = case["surrogate"]
        assert isinstance(told, dict)
        edges = {key.removesuffix("_mm"): value for key, value in told.items()}
        cells = (
            str(case["case"]),
            f"{case['simulations']} / {case['full_checks']}",
            str(case["predictions"]),
            pair(edges, "edge"),
            pair(edges, "coverage", 100.0),
            pair(edges, "corrected_edge"),
            pair(edges, "corrected_coverage", 100.0),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _line(row: Mapping[str, object]) -> str:
    def number(key: str, places: int, scale: float = 1.0) -> str:
        value = row[key]
        return "–" if not isinstance(value, float | int) else f"{scale * value:.{places}f}"

    organ = f"{str(row['organ']).replace('_', ' ')} {number('organ_c', 1)} °C (limit {number('limit_c', 0)} °C)"
    verdict = "met" if row["meets_goals"] else ("within limits" if row["keeps_limits"] else "limit broken")
    name = f"**{row['method']}**" if row["method"] == "givre plan" else str(row["method"])
    cells = (
        str(row["case"]),
        name,
        str(row["probes"]),
        f"{number('coverage', 1, 100)} %",
        f"{number('coverage_with_margin', 1, 100)} %",
        f"{number('margin_mm', 1)} mm",
        organ if row["organ"] else "none drawn",
        str(row["blocked"]),
        verdict,
        f"{number('process_s', 1)} s",
        f"{number('wall_s', 1)} s",
    )
    return f"| {' | '.join(cells)} |"


def _planner(case: BenchCase, paths: CheckedPaths) -> tuple[ProposedPlans, Row]:
    process_s, wall_s = time.process_time(), time.perf_counter()
    threads = len(wiring_threads())
    found = propose_plan(
        case.description,
        case.images,
        WISHES,
        knowledge=wiring.knowledge(),
        solve=wiring.solver(),
        threads=threads,
    )
    spent = (time.process_time() - process_s, time.perf_counter() - wall_s)
    if not found.result.proposals:
        return found, _row(case, "givre plan", (), None, paths, spent=spent)
    plan = found.result.proposals[0].plan
    usable = replace(paths, needs_skin=found.is_skin_seen, may_use_last_resort=found.used_last_resort)
    return found, _row(case, "givre plan", plan.placements, plan.full, usable, spent=spent, protocol=plan.protocol.name)


def wiring_threads() -> range:
    """One number for each thread the solver may use here."""
    from givre.adapters.engine.local import available_threads  # noqa: PLC0415 - compiles

    return range(available_threads())


def _row(
    case: BenchCase,
    method: str,
    placements: tuple[Placement, ...],
    check: FullCheck | None,
    paths: CheckedPaths,
    *,
    spent: tuple[float, float],
    protocol: str = "",
) -> Row:
    description = case.description
    name = protocol or description.protocol.name
    if check is None:
        return Row(
            case=case.name, method=method, probes=0, protocol=name, coverage=math.nan, coverage_with_margin=math.nan,
            margin_mm=math.nan, organ="", organ_c=math.nan, limit_c=math.nan, keeps_limits=False, meets_goals=False,
            blocked=0, process_s=spent[0], wall_s=spent[1],
        )  # fmt: skip
    figures = check.figures
    verdicts = verdicts_on(
        figures,
        goals=description.goals,
        organs=description.organs_at_risk,
        grown_coverage=WISHES.grown_coverage,
        full=check.verdicts,
    )
    worst = min(
        description.organs_at_risk,
        key=lambda organ: figures.organ_coldest_c[organ.structure] - organ.limit_temp_c,
        default=None,
    )
    missing_mm = geometry_of(placements, wiring.knowledge().catalogue[MODEL], paths).missing_mm
    return Row(
        case=case.name,
        method=method,
        probes=len(placements),
        protocol=name,
        coverage=figures.coverage,
        coverage_with_margin=figures.coverage_with_margin,
        margin_mm=figures.margin_mm,
        organ="" if worst is None else worst.structure,
        organ_c=math.nan if worst is None else figures.organ_coldest_c[worst.structure],
        limit_c=math.nan if worst is None else worst.limit_temp_c,
        keeps_limits=not any(v.is_failure for v in verdicts if v.goal.startswith("organ:")),
        meets_goals=not any(verdict.is_failure for verdict in verdicts),
        blocked=int((missing_mm > 0.05).sum()),
        process_s=spent[0],
        wall_s=spent[1],
    )


def _paths(case: BenchCase) -> CheckedPaths:
    checker = path_checker(
        case.ct,
        case.masks,
        thresholds=wiring.knowledge().hu_thresholds,
        organs_at_risk=[organ.structure for organ in case.description.organs_at_risk],
    )
    return CheckedPaths(checker=checker, shafts=load_shafts())


def _warm_up(case: BenchCase, full: FullSimulation) -> None:
    """Compile everything: a first, short search on the same case."""
    from givre.planning.placement.result import SearchStep  # noqa: PLC0415 - only here

    def briefly(step: SearchStep) -> bool:
        return step.simulations < 2

    try:
        propose_plan(
            case.description, case.images, replace(WISHES, effort=20, fewest_probes=2), knowledge=wiring.knowledge(),
            solve=full.solve, go_on=briefly,
        )  # fmt: skip
    except TumourUnreachable as refusal:
        print(refusal, file=sys.stderr)


def _plain(row: Row) -> dict[str, object]:
    names = row.__slots__
    values = {name: getattr(row, name) for name in names}
    return {name: _finite(value) if isinstance(value, float) else value for name, value in values.items()}


def _finite(value: float) -> float | None:
    return round(value, 5) if math.isfinite(value) else None


if __name__ == "__main__":
    assert givre.__name__
    sys.exit(main(sys.argv[1:]))
