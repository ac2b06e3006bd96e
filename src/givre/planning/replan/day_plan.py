"""The plan on the day: what the probes as really placed will do, and the smallest change that restores the goals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from givre.assessment.result import Verdict
from givre.bioheat.run import ThermalRun
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.foundation.errors import InputError
from givre.planning.access.needle import load_shafts
from givre.planning.access.path_checker import PathChecker
from givre.planning.placement.access import CheckedPaths
from givre.planning.placement.result import CheckInFull
from givre.planning.replan.change import KINDS, ChangeKind, SimulatedChange, cost_min
from givre.planning.replan.goals import GROWN_COVERAGE, Missed, Wanted, judged, missed_of, wanted_of
from givre.planning.replan.limits import ReplanLimits
from givre.planning.replan.moves import Surroundings
from givre.planning.replan.placed import Deviation, axis_of, deviations
from givre.planning.replan.search import GoOn, KindTried, ReplanBench, Solve, always, try_kind
from givre.planning.trial.prepared import PreparedCase, plan_problem
from givre.planning.trial.quick_look import PlanFigures, QuickLook


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanWishes:
    """What may be changed, and what must be reached.

    Attributes:
        limits: of a change.
        kinds: of change, in the order in which they are tried.
        all_goals: ask for every goal of the case, those too that the plan missed.
        grown_coverage: wanted coverage of the tumour grown by its margin.
    """

    limits: ReplanLimits
    kinds: tuple[ChangeKind, ...] = KINDS
    all_goals: bool = False
    grown_coverage: float = GROWN_COVERAGE

    def __post_init__(self) -> None:
        strange = [kind for kind in self.kinds if kind not in KINDS]
        if strange or not self.kinds:
            raise InputError(f"kinds of change {', '.join(self.kinds) or 'none'}; use {', '.join(KINDS)}")
        if not 0 < self.grown_coverage <= 1:
            raise InputError(f"coverage {self.grown_coverage} of the grown tumour; give a fraction above 0 and up to 1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicted:
    """One plan simulated on the lattice of the prediction.

    Attributes:
        placements: its probes.
        protocol: what they go through.
        run: the simulation.
        figures: coverage, margin and organs.
        verdicts: of the goals: run, coverage, coverage with margin, organs, margin.
    """

    placements: tuple[Placement, ...]
    protocol: Protocol
    run: ThermalRun
    figures: PlanFigures
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replanned:
    """The plan, the probes as placed, and what restores the goals.

    Attributes:
        planned: the plan as it was drawn.
        placed: the probes as they are; the very same value where nothing differs.
        deviations: of each placed probe.
        wanted: what must be reached.
        missed: what the placed probes miss; empty when nothing has to be changed.
        tried: what was found with each kind of change, in the order tried; empty when nothing has to be changed.
        recommended: the change that restores the goals at the least cost, see `cost_min`; None if there is none.
        voxel_mm: edge of the voxels of the prediction.
        simulations: how many plans were simulated beside planned and placed.
        full_checks: how many at the voxel size of the case.
        ended_early: whether time was up before all kinds were tried.
    """

    planned: Predicted
    placed: Predicted
    deviations: tuple[Deviation, ...]
    wanted: tuple[Wanted, ...]
    missed: tuple[Missed, ...]
    tried: tuple[KindTried, ...]
    recommended: SimulatedChange | None
    voxel_mm: float
    simulations: int
    full_checks: int
    ended_early: bool

    @property
    def needs_change(self) -> bool:
        """Whether the placed probes miss something that the plan reached."""
        return bool(self.missed)

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be changed, or a change restores the goals."""
        return not self.missed or self.recommended is not None

    @property
    def nearest_miss(self) -> SimulatedChange | None:
        """Where nothing restores the goals: the change that misses least; what it misses is what binds."""
        if self.is_good:
            return None
        known = [tried.best for tried in self.tried if tried.best is not None]
        return min(known, key=lambda item: item.missing, default=None)


def predict(
    prepared: PreparedCase,
    look: QuickLook,
    placements: tuple[Placement, ...],
    protocol: Protocol,
    *,
    solve: Solve,
    grown_coverage: float = GROWN_COVERAGE,
) -> Predicted:
    """Simulate and judge one plan on the lattice of a prepared case.

    Raises:
        InvalidPlacement: if a path is too short for its active zone.
        GridTooCoarse: if the lattice loses a probe.
    """
    run = solve(plan_problem(prepared, placements, protocol))
    figures = look.figures(run)
    return Predicted(
        placements=placements,
        protocol=protocol,
        run=run,
        figures=figures,
        verdicts=judged(figures, prepared.description, grown_coverage=grown_coverage),
    )


def replan(
    prepared: PreparedCase,
    look: QuickLook,
    planned: Predicted,
    placed: Predicted,
    checker: PathChecker,
    *,
    solve: Solve,
    wishes: ReplanWishes,
    check_in_full: CheckInFull | None = None,
    go_on: GoOn = always,
) -> Replanned:
    """Compare placed with planned and look for the smallest change that restores the goals.

    Every kind of change is tried, so that there is a choice; of those that restore the goals the one that costs the
    fewest minutes of the procedure is recommended.

    Args:
        prepared: the case.
        look: its points.
        planned: the plan.
        placed: the probes as they are.
        checker: judges paths.
        solve: solves on the lattice of the prediction.
        wishes: what may be changed, and what must be reached.
        check_in_full: simulates restoring changes at the voxel size of the case; None leaves that out.
        go_on: told before each simulation; may end the search.
    """
    wanted = wanted_of(planned.verdicts, wishes.limits, all_goals=wishes.all_goals)
    bench = ReplanBench(
        here=Surroundings(
            prepared=prepared,
            planned=planned.placements,
            placed=placed.placements,
            protocol=placed.protocol,
            paths=paths_like_the_plan(checker, prepared, planned.placements),
            limits=wishes.limits,
        ),
        look=look,
        solve=solve,
        wanted=wanted,
        missed=missed_of(placed.verdicts, wanted),
        placed_run=placed.run,
        placed_figures=placed.figures,
        all_goals=wishes.all_goals,
        grown_coverage=wishes.grown_coverage,
        check_in_full=check_in_full,
        go_on=go_on,
    )
    # where the simulation itself gave no usable result, no change can be judged
    is_worth = bool(bench.missed) and placed.figures.ending == "done"
    tried = tuple(try_kind(bench, kind) for kind in wishes.kinds) if is_worth else ()
    restoring = [kind.best for kind in tried if kind.best is not None and kind.best.is_restored]
    # the first of those that cost alike, in the order asked for
    smallest = min(restoring, key=lambda found: cost_min(found.change, placed.protocol, wishes.limits), default=None)
    return Replanned(
        planned=planned,
        placed=placed,
        deviations=deviations(planned.placements, placed.placements),
        wanted=wanted,
        missed=bench.missed,
        tried=tried,
        recommended=smallest,
        voxel_mm=prepared.grid.spacing_mm[0],
        simulations=bench.simulations,
        full_checks=bench.full_checks,
        ended_early=any(kind.ended_early for kind in tried),
    )


def paths_like_the_plan(checker: PathChecker, prepared: PreparedCase, planned: tuple[Placement, ...]) -> CheckedPaths:
    """Rules that give way, and skin that the image does not show, are asked of a change only if the plan kept them."""
    paths = CheckedPaths(checker=checker, shafts=load_shafts(), needs_skin=False)
    keeps, sees = [], []
    for placement in planned:
        model = find_cryoprobe(prepared.knowledge.catalogue, placement.model)
        checks = paths.checks(np.array([placement.target_mm]), axis_of(placement)[None], model)
        keeps.append(not bool(checks.is_last_resort[0]))
        sees.append(bool(checks.is_skin_seen[0]))
    return replace(paths, may_use_last_resort=not all(keeps), needs_skin=all(sees))
