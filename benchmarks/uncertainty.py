"""Judges the 90 % intervals against true patients drawn from the same tables, and times a sample.

`python -m benchmarks.uncertainty solve` adds to build/uncertainty.jsonl for about two minutes (what is there is kept),
`python -m benchmarks.uncertainty time CASE ...` times the samples of some cases into build/uncertainty_time.json, and
`python -m benchmarks.uncertainty` writes both into docs/explanation/uncertainty.md.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.uncertain_truth import Figures, true_figures
from givre.api import load_case
from givre.bioheat.solve import solve
from givre.cryoprobe.placement import Placement
from givre.planning.trial.many import one_after_another
from givre.planning.trial.prepared import plan_problem
from givre.planning.trial.quick_look import quick_look
from givre.planning.uncertainty.lattice import on_near_lattice, wide_enough
from givre.planning.uncertainty.probability import PlanUncertainty, uncertainty_of_plan
from givre.planning.uncertainty.sampled_run import light_case, run_trial, trials_of
from givre.planning.uncertainty.sampling import draw_scores
from givre.planning.uncertainty.spread import SpreadSettings, usual_settings
from givre.planning.uncertainty.spread_placement import misplaced
from givre.planning.uncertainty.spread_plan import spread_of_plans
from givre.testing.uncertain_case import small_uncertain_case
from givre.wiring import knowledge

TRUTHS, TIMES = Path("build") / "uncertainty.jsonl", Path("build") / "uncertainty_time.json"
PAGE = Path("docs") / "explanation" / "uncertainty.md"
BEGIN, END = "<!-- calibration: begin, made by python -m benchmarks.uncertainty -->", "<!-- calibration: end -->"

SAMPLES = 256
PATIENTS: dict[float, int] = {1.0: 300, 0.5: 120, 1.6: 120}
"""True patients of each plan, by how much wider their spreads are than those of the intervals."""

LEAST_HELD, MOST_HELD = 0.85, 0.95
"""What a 90 % interval must hold of them when the spreads are the same."""

PLANS = ("one probe", "two probes")
SOLVE_S = 120.0

NAMES = {
    "margin_mm": "smallest margin",
    "lethal_ml": "lethal zone",
    "organ:nerve": "coldest place of the nerve",
}
"""Figures that are judged. The covered shares are not: they are whole in many samples, and an interval that ends at
100 % leaves nothing out above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How often intervals held the truth.

    Attributes:
        plan, figure: whose.
        width: of the true spreads over those of the intervals.
        patients: how many truths there were.
        inside: how many the interval held.
    """

    plan: str
    figure: str
    width: float
    patients: int
    inside: int

    @property
    def share(self) -> float:
        """Share that was held."""
        return self.inside / self.patients


def main(arguments: list[str]) -> int:
    """Solve, time, or write the page."""
    if arguments[:1] == ["solve"]:
        _solve(time.process_time() + SOLVE_S)
        return 0
    if arguments[:1] == ["time"]:
        _time([Path(name) for name in arguments[1:]])
        return 0
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n\n{generated_part()}\n{END}{rest.split(END)[1]}", encoding="utf-8", newline="\n")
    return 0


def placements_of(plan: str) -> tuple[Placement, ...]:
    """The probes of a plan of the small case."""
    (first,) = small_uncertain_case().description.placements
    if plan == "one probe":
        return (first,)
    left = misplaced(first, (0.0, 0.0, 5.0, 0.0, 0.0))
    return (left, replace(misplaced(first, (0.0, 0.0, -5.0, 0.0, 0.0)), label="P2"))


def intervals_of(plan: str, settings: SpreadSettings, *, samples: int, seed: int) -> PlanUncertainty:
    """How a plan of the small case comes out."""
    case = small_uncertain_case()
    return uncertainty_of_plan(
        case.shared(settings), placements_of(plan), samples=samples, seed=seed, run_many=one_after_another
    )


def held_by(
    found: PlanUncertainty, truths: list[Figures | None], *, plan: str, width: float, names: tuple[str, ...]
) -> list[Held]:
    """How often the 90 % intervals of some figures held the truth; a truth without a number was not held."""
    held = []
    for name in names:
        low, high = found.figures[name].quantile(0.05), found.figures[name].quantile(0.95)
        inside = sum(truth is not None and low <= truth[name] <= high for truth in truths)
        held.append(Held(plan=plan, figure=name, width=width, patients=len(truths), inside=inside))
    return held


def patient(plan: str, settings: SpreadSettings, *, width: float, number: int) -> Figures | None:
    """The truth of one patient; the same number gives the same patient."""
    generator = np.random.default_rng([number, round(100 * width), PLANS.index(plan), 20261124])
    return true_figures(small_uncertain_case(), placements_of(plan), settings, width=width, generator=generator)


def _solve(until_s: float) -> None:
    TRUTHS.parent.mkdir(exist_ok=True)
    lines = TRUTHS.read_text(encoding="utf-8").splitlines() if TRUTHS.exists() else []
    done = {(row["plan"], row["width"], row["number"]) for row in map(json.loads, lines)}
    for plan, width, number in _wanted():
        if (plan, width, number) in done:
            continue
        if time.process_time() > until_s:
            print("more to solve: run this again")
            return
        if number < 0:
            found = intervals_of(plan, usual_settings(), samples=SAMPLES, seed=1)
            figures: dict[str, list[float]] | Figures | None = {
                name: [_plain(spread.quantile(0.05)), _plain(spread.quantile(0.95))]
                for name, spread in found.figures.items()
            }
        else:
            figures = patient(plan, usual_settings(), width=width, number=number)
        row = {"plan": plan, "width": width, "number": number, "figures": figures}
        with TRUTHS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    print("all is solved")


def _plain(value: float) -> float:
    return value if math.isfinite(value) else -1e30


def _wanted() -> Iterator[tuple[str, float, int]]:
    """Intervals (number -1) and patients."""
    for plan in PLANS:
        yield plan, 0.0, -1
        for width, count in PATIENTS.items():
            for number in range(count):
                yield plan, width, number


def held_in_file() -> list[Held]:
    """What the file of truths says."""
    rows = [json.loads(line) for line in TRUTHS.read_text(encoding="utf-8").splitlines()]
    bounds = {row["plan"]: row["figures"] for row in rows if row["number"] < 0}
    held = []
    for plan, width in ((plan, width) for plan in PLANS for width in PATIENTS):
        truths = [
            row["figures"] for row in rows if row["plan"] == plan and row["width"] == width and row["number"] >= 0
        ]
        for name in NAMES:
            low, high = bounds[plan][name]
            inside = sum(truth is not None and low <= truth[name] <= high for truth in truths)
            held.append(Held(plan=plan, figure=name, width=width, patients=len(truths), inside=inside))
    return held


def generated_part() -> str:
    """The tables of the page."""
    held = held_in_file()
    rows = [
        "| plan | figure | same spreads | half as wide | 1.6 times as wide |",
        "|---|---|---|---|---|",
    ]
    for plan in PLANS:
        for name, words in NAMES.items():
            cells = [_cell(held, plan, name, width) for width in PATIENTS]
            rows.append(f"| {plan} | {words} | {' | '.join(cells)} |")
    pooled = {width: [one for one in held if one.width == width] for width in PATIENTS}
    shares = {w: sum(one.inside for one in ones) / sum(one.patients for one in ones) for w, ones in pooled.items()}
    rows.append(f"| **all** | | {' | '.join(f'**{100 * shares[w]:.1f} %**' for w in PATIENTS)} |")
    counts = ", ".join(f"{count} at {width:g}" for width, count in PATIENTS.items())
    return (
        f"Intervals from {SAMPLES} samples; true patients of each plan by the width of their spreads: {counts}.\n\n"
        + "\n".join(rows)
        + "\n\n"
        + _time_table()
    )


def _cell(held: list[Held], plan: str, name: str, width: float) -> str:
    (one,) = [one for one in held if (one.plan, one.figure, one.width) == (plan, name, width)]
    return f"{100 * one.share:.0f} %"


def _time(cases: list[Path]) -> None:
    """Process time of the parts of a sample, one thread, least of five."""
    found = {path.name: _times_of(path) for path in cases}
    TIMES.parent.mkdir(exist_ok=True)
    TIMES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


def _times_of(path: Path) -> dict[str, float]:
    case = load_case(path)
    description = case.description
    masks = {name: imported.mask for name, imported in case.images.masks.items()}
    prepared = wide_enough(description, case.images.image.volume, masks, knowledge=knowledge(), voxel_mm=2.0)
    models = [placement.model for placement in description.placements]
    spread = spread_of_plans(prepared, models, usual_settings())
    plan = description.placements
    shared = on_near_lattice(light_case(quick_look(prepared), spread), plan)
    prepared = shared.prepared if shared.near is None else shared.near.prepared
    trials = trials_of(plan, draw_scores(5, spread.size(len(plan)), seed=0))
    run_trial(shared, trials[0])  # compiles
    draw = trials[0].draw
    drawn = spread.drawn(prepared, plan, draw.scores)
    problem = plan_problem(drawn.prepared, drawn.placements)
    bare = replace(problem, recording=replace(problem.recording, isotherms_c=()))
    run = solve(bare)
    look = shared.look if shared.near is None else shared.near.look
    return {
        "voxels": float(np.prod(prepared.grid.shape)),
        "sample_s": float(np.mean([_least_s(partial(run_trial, shared, trial), 1) for trial in trials])),
        "solve_s": _least_s(lambda: solve(bare)),
        "solve_with_records_s": _least_s(lambda: solve(problem)),
        "draw_s": _least_s(lambda: spread.drawn(prepared, plan, draw.scores)),
        "problem_s": _least_s(lambda: plan_problem(drawn.prepared, drawn.placements)),
        "figures_s": _least_s(lambda: look.figures(run)),
    }


def _least_s(work: Callable[[], object], repeats: int = 5) -> float:
    spent = []
    for _ in range(repeats):
        began_s = time.process_time()
        work()
        spent.append(time.process_time() - began_s)
    return min(spent)


def _time_table() -> str:
    if not TIMES.exists():
        return ""
    found: dict[str, dict[str, float]] = json.loads(TIMES.read_text(encoding="utf-8"))
    rows = [
        "Process time of a sample at 2 mm on one thread [ms]; the whole is the mean of five draws, a part the least:",
        "",
        "| case | voxels | whole sample | solver | draw and scale materials | set up the problem | read the figures |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, parts in found.items():
        cells = [f"{1000 * parts[key]:.0f}" for key in ("sample_s", "solve_s", "draw_s", "problem_s", "figures_s")]
        rows.append(f"| {name} | {parts['voxels']:.0f} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
