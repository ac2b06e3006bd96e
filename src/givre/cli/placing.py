"""What the command plan does once the command line is understood: search, write, and show the plans."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from givre import wiring
from givre.adapters.results import check_results_folder
from givre.case.goals import Goals
from givre.cli.engine_options import EngineChoice, engine_chosen
from givre.cli.exit_codes import ExitCode
from givre.cli.placing_quantile import AskedQuantile, print_quantile, search_for_quantile
from givre.cli.placing_summary import print_proposals
from givre.cli.session import ProgressShow, Session
from givre.planning.placement.reserve import reserve_with
from givre.planning.placement.result import SearchStep
from givre.planning.placement.wishes import PlacementRefused, PlacementWishes
from givre.usecases.propose_plan import ProposedPlans, propose_plan
from givre.wiring_placement import USUAL_MODEL, TimeLimit, load_case_to_plan, write_proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked on the command line.

    Attributes:
        probes: how many, as "3" or "1-8".
        models: catalogue ids; those of the case if empty.
        margin_mm: wanted margin, or None for that of the case.
        lethal_c: lethal temperature, or None for that of the case.
        coverage: wanted fraction of the tumour with its margin.
        reserve_temp_c: degrees above its limit that an organ should keep, or None for the packaged reserve.
        reserve_margin_mm: by which the lethal zone may be smaller, or None likewise.
        spacing: between active zones, as "10-20".
        alternatives: how many plans beside the best.
        time_limit_s: for the search, or None.
        effort: predictions per probe in each search.
        quantile: in what share of the samples a plan is to hold.
    """

    probes: str
    models: tuple[str, ...]
    margin_mm: float | None
    lethal_c: float | None
    coverage: float
    reserve_temp_c: float | None
    reserve_margin_mm: float | None
    spacing: str
    alternatives: int
    time_limit_s: float | None
    effort: int
    quantile: AskedQuantile

    def wishes(self, drafted: tuple[str, ...], seed: int) -> PlacementWishes:
        """The same as wishes.

        Args:
            drafted: models of the probes drafted in the case.
            seed: of the search.

        Raises:
            PlacementRefused: if a number makes no sense.
        """
        fewest, most = _range(self.probes, "--probes")
        least_mm, most_mm = _range(self.spacing, "--spacing")
        if not (fewest.is_integer() and most.is_integer()):
            raise PlacementRefused(f'--probes "{self.probes}"; give whole numbers, as 3 or 1-8')
        return PlacementWishes(
            models=self.models or drafted or (USUAL_MODEL,),
            fewest_probes=int(fewest),
            most_probes=int(most),
            grown_coverage=self.coverage,
            least_spacing_mm=least_mm,
            most_spacing_mm=most_mm,
            alternatives=self.alternatives,
            seed=seed,
            effort=self.effort,
            reserve=reserve_with(temp_c=self.reserve_temp_c, margin_mm=self.reserve_margin_mm),
        )

    def refuse_time(self) -> None:
        """Raises PlacementRefused if the time limit is no time."""
        limit_s = self.time_limit_s
        if limit_s is not None and not (math.isfinite(limit_s) and limit_s > 0):
            raise PlacementRefused(f"time limit {limit_s} s; give more than 0 s")

    def goals(self, goals: Goals) -> Goals:
        """The goals of the case, with what was asked instead; says where the numbers come from."""
        changed = replace(
            goals,
            margin_mm=goals.margin_mm if self.margin_mm is None else self.margin_mm,
            lethal_temp_c=goals.lethal_temp_c if self.lethal_c is None else self.lethal_c,
        )
        if changed == goals:
            return goals
        told = f"margin {changed.margin_mm:g} mm and lethal temperature {changed.lethal_temp_c:g} °C asked for when "
        return replace(changed, source=f"{told}planning; the case said: {goals.source}", status="assumption")


def plan_case(
    session: Session, case: Path, output: Path, asked: Asked, *, engine: EngineChoice, force: bool
) -> ExitCode:
    """Read, search, write and show; 4 when no plan meets every goal."""
    asked.refuse_time()
    began_s = monotonic()
    asked.wishes((), session.seed)  # refuse numbers before anything is read
    wanted = asked.quantile.wanted(asked.coverage, session.seed)
    check_results_folder(output, replace_foreign=force)
    with session.progress() as show:
        show.stage("import")
        description, images, is_drafted = load_case_to_plan(case)
        drafted = tuple(dict.fromkeys(p.model for p in description.placements)) if is_drafted else ()
        wishes = asked.wishes(drafted, session.seed)
        description = replace(description, goals=asked.goals(description.goals))
        show.stage("plan")
        watch = _Watch(show, began_s=began_s, limit_s=asked.time_limit_s, most=wishes.most_probes)
        with engine_chosen(session, engine) as run_many:
            found = propose_plan(
                description,
                images,
                wishes,
                knowledge=wiring.knowledge(),
                solve=wiring.solver(threads=session.threads),
                run_many=run_many,
                threads=engine.threads(session),
                go_on=watch,
                progress=watch.in_time.progress,
            )
            if wanted is not None:
                found = search_for_quantile(
                    show,
                    found,
                    images,
                    wanted,
                    run_many=run_many,
                    threads=engine.threads(session),
                    in_time=watch.in_time,
                )
        show.stage("write")
        document = write_proposed(
            found,
            output,
            source=case,
            language=session.texts.language,
            settings=_settings(asked, session),
            replace_foreign=force,
        )
    if session.as_json:
        session.print_json({**document, "results": str(output), "exit_code": int(_exit_code(found))})
    else:
        print_proposals(session, found, output)
        print_quantile(session, found, output)
    return _exit_code(found)


def _exit_code(found: ProposedPlans) -> ExitCode:
    is_kept = found.quantile is None or found.quantile.is_reached
    return ExitCode.OK if found.is_feasible and is_kept else ExitCode.PLAN_UNSAFE


def _settings(asked: Asked, session: Session) -> dict[str, str | int | float | bool | None]:
    return {
        "probes": asked.probes,
        "models": " ".join(asked.models),
        "margin_mm": asked.margin_mm,
        "lethal_c": asked.lethal_c,
        "coverage_with_margin": asked.coverage,
        "reserve_temp_c": asked.reserve_temp_c,
        "reserve_margin_mm": asked.reserve_margin_mm,
        "spacing_mm": asked.spacing,
        "alternatives": asked.alternatives,
        "time_limit_s": asked.time_limit_s,
        "effort": asked.effort,
        "quantile": asked.quantile.share,
        "samples": None if asked.quantile.share is None else asked.quantile.samples,
        "seed": session.seed,
        "threads": session.threads,
    }


def _range(written: str, option: str) -> tuple[float, float]:
    """Two numbers written as "10-20", or one that stands for both."""
    first, dash, second = written.partition("-")
    try:
        low = float(first)
        high = float(second) if dash else low
    except ValueError as error:
        raise PlacementRefused(f'{option} "{written}"; give one number, or two as 1-8') from error
    if not (math.isfinite(low) and math.isfinite(high)):
        raise PlacementRefused(f'{option} "{written}"; give finite numbers')
    return low, high


class _Watch:
    """Shows how far the search is, and ends it when its time is up."""

    def __init__(self, show: ProgressShow, *, began_s: float, limit_s: float | None, most: int) -> None:
        self._show = show
        self._most = most
        self.in_time = TimeLimit(limit_s=limit_s, began_s=began_s)

    def __call__(self, step: SearchStep) -> bool:
        done = step.probes / (self._most + 1)
        if self.in_time.limit_s is not None:
            done = max(done, self.in_time.spent_s / self.in_time.limit_s)
        self._show.fraction(min(done, 0.99))
        return self.in_time(step)
