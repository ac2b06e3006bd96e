"""The Python door to planning: ways to the lesion, proposed plans, their uncertainty, and the plan of the day.

>>> import givre
>>> case = givre.load_case("case.toml")                          # doctest: +SKIP
>>> plans = givre.propose_plan(case, most_probes=4)              # doctest: +SKIP
>>> plans.result.is_feasible, plans.cases[0].placements          # doctest: +SKIP
>>> givre.estimate_uncertainty(case, samples=64, workers=2)      # doctest: +SKIP
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import monotonic

from givre import wiring, wiring_engines
from givre.api import Case
from givre.foundation.errors import InputError
from givre.geometry.grid import Point
from givre.planning.access.path_checker import Side
from givre.planning.access.trajectory_list import AccessWishes, TrajectoryList
from givre.planning.placement.reserve import reserve_with
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.protection.search import ProtectionWishes
from givre.planning.replan.day_plan import ReplanWishes
from givre.planning.replan.limits import load_replan_limits
from givre.planning.replan.placed import PlacedProbe
from givre.planning.uncertainty.robust import Wanted
from givre.planning.uncertainty.spread import SpreadSettings, usual_settings
from givre.usecases import estimate_uncertainty as uncertainty
from givre.usecases import list_trajectories as trajectories
from givre.usecases import propose_plan as proposing
from givre.usecases import propose_protection as protecting
from givre.usecases import replan_case as replanning
from givre.usecases.quantile_plan import plan_for_quantile
from givre.wiring_placement import TimeLimit


def list_trajectories(
    case: Case,
    *,
    target_mm: Point | None = None,
    probe: str = "",
    best: int = 5,
    clearances: Mapping[str, float | None] | None = None,
    lying_on: Side | None = None,
    any_side: bool = False,
) -> TrajectoryList:
    """The ways a needle can take to a lesion, best first, and what closes the others.

    Args:
        case: as `givre.load_case` gives it.
        target_mm: LPS position of the tip; by default the middle of the active zone lies at the tumour centre.
        probe: catalogue id of the cryoprobe; that of the first probe of the case if empty.
        best: how many ways to list.
        clearances: [mm] by rule or structure, in place of the packaged ones; None lets a needle through.
        lying_on: side of the body on the table, "P", "A", "L" or "R".
        any_side: reach a spine from the front too.

    Raises:
        InputError, PlanError: if the tip cannot lie there.
    """
    wishes = AccessWishes(
        target_mm=target_mm,
        model=probe,
        most_listed=best,
        clearances=dict(clearances or {}),
        lying_on=lying_on,
        spine_side=not any_side,
    )
    return trajectories.list_trajectories(case.description, case.images, knowledge=wiring.knowledge(), wishes=wishes)


def propose_plan(
    case: Case,
    *,
    models: Sequence[str] = (),
    fewest_probes: int = 1,
    most_probes: int = 8,
    margin_mm: float | None = None,
    alternatives: int = 2,
    reserve_temp_c: float | None = None,
    reserve_margin_mm: float | None = None,
    quantile: float | None = None,
    quantile_samples: int = 64,
    seed: int = 0,
    time_limit_s: float | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    threads: int | None = None,
) -> proposing.ProposedPlans:
    """Where the cryoprobes could go: as few as meet the goals of the case, with alternatives.

    Args:
        case: as `givre.load_case` gives it.
        models: catalogue ids that may be used; those of the case unless given.
        fewest_probes: how many are tried first.
        most_probes: how many are tried at most.
        margin_mm: wanted margin; that of the case unless given.
        alternatives: how many plans are wanted beside the best.
        reserve_temp_c: degrees above its limit that each organ should keep; the packaged reserve unless given.
        reserve_margin_mm: by which the lethal zone may be smaller; likewise.
        quantile: share of the samples in which a plan is to hold when what is uncertain varies, as 0.9; see
            `quantile` of the result. None asks for no such plan.
        quantile_samples: how many samples; at least 20 for 0.9.
        seed: the same seed gives the same plans.
        time_limit_s: then the best found so far is given back, `result.ended_early` saying so.
        workers: worker processes on this machine; none unless given.
        scheduler: address of a Dask scheduler.
        threads: of the solver, all by default.

    Raises:
        InputError, PlanError: if the wishes make no sense or no path leads to the tumour.
    """
    if time_limit_s is not None and not (math.isfinite(time_limit_s) and time_limit_s > 0):
        raise InputError(f"time limit {time_limit_s} s; give more than 0 s")
    in_time = TimeLimit(limit_s=time_limit_s, began_s=monotonic())
    description = case.description
    if margin_mm is not None:
        goals = replace(description.goals, margin_mm=margin_mm, status="assumption")
        description = replace(description, goals=goals)
    wishes = PlacementWishes(
        models=tuple(models) or tuple(dict.fromkeys(placement.model for placement in description.placements)),
        fewest_probes=fewest_probes,
        most_probes=most_probes,
        alternatives=alternatives,
        seed=seed,
        reserve=reserve_with(temp_c=reserve_temp_c, margin_mm=reserve_margin_mm),
    )
    wanted = None
    if quantile is not None:
        wanted = Wanted(share=quantile, coverage_with_margin=wishes.grown_coverage, samples=quantile_samples, seed=seed)
    each = wiring_engines.threads_for_each(workers=workers, scheduler=scheduler, threads=threads)
    with wiring_engines.run_many(workers=workers, scheduler=scheduler, threads=threads) as run_many:
        found = proposing.propose_plan(
            description,
            case.images,
            wishes,
            knowledge=wiring.knowledge(),
            solve=wiring.solver(threads=threads),
            run_many=run_many,
            threads=each,
            go_on=in_time,
            progress=in_time.progress,
        )
        if wanted is None:
            return found
        return plan_for_quantile(
            found,
            case.images,
            wanted,
            knowledge=wiring.knowledge(),
            run_many=run_many,
            threads=each,
            told=lambda _done, _of: in_time.progress(0.0, 0.0),
        )


def estimate_uncertainty(
    case: Case,
    *,
    samples: int = 200,
    seed: int = 0,
    spread: SpreadSettings | None = None,
    voxel_mm: float = 2.0,
    workers: int | None = None,
    scheduler: str | None = None,
    threads: int | None = None,
) -> uncertainty.UncertaintyResult:
    """How a plan comes out when needles, tissue and probes differ from what is assumed.

    Args:
        case: as `givre.load_case` gives it.
        samples: how many times the plan is simulated.
        seed: the same seed gives the same samples.
        spread: how wide the inputs spread; the packaged spreads unless given.
        voxel_mm: edge of the voxels.
        workers: worker processes on this machine; none unless given.
        scheduler: address of a Dask scheduler.
        threads: of the solver in each simulation.

    Raises:
        InputError, PlanError: if the wishes make no sense or the plan cannot be carried out.
        MissingExtra: if SALib is not installed.
    """
    wishes = uncertainty.UncertaintyWishes(
        samples=samples, seed=seed, spread=spread or usual_settings(), voxel_mm=voxel_mm
    )
    with wiring_engines.run_many(workers=workers, scheduler=scheduler, threads=threads) as run_many:
        return uncertainty.estimate_uncertainty(
            case.description,
            case.images,
            knowledge=wiring.knowledge(),
            run_many=run_many,
            wishes=wishes,
            threads=wiring_engines.threads_for_each(workers=workers, scheduler=scheduler, threads=threads),
        )


def replan(
    case: Case, placed: Sequence[PlacedProbe], *, all_goals: bool = False, threads: int | None = None
) -> replanning.ReplannedCase:
    """What the probes will do where they really are, and the smallest change that restores the goals.

    Args:
        case: the case with the plan, as `givre.load_case` gives it.
        placed: the probes as the CT of the day shows them.
        all_goals: ask for every goal of the case, those too that the plan missed.
        threads: of the solver, all by default.

    Raises:
        PlanError: if the probes do not belong to the plan or cannot be where they are said to be.
    """
    wishes = ReplanWishes(limits=load_replan_limits(), all_goals=all_goals)
    tables, solve = wiring.knowledge(), wiring.solver(threads=threads)
    prediction = replanning.predict_placed(
        case.description, case.images, placed, knowledge=tables, solve=solve, wishes=wishes
    )
    return replanning.restore_plan(prediction, knowledge=tables, solve=solve, wishes=wishes)


def propose_protection(case: Case, *, threads: int | None = None) -> protecting.ProtectedCase:
    """What could spare the organs at risk that a plan cools too much, each proposal simulated.

    Args:
        case: as `givre.load_case` gives it.
        threads: of the solver, all by default.
    """
    return protecting.propose_protection(
        case.description,
        case.images,
        knowledge=wiring.knowledge(),
        solve=wiring.solver(threads=threads),
        wishes=ProtectionWishes(),
    )
