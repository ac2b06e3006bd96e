"""The workbench of a search: simulates plans, learns from them, and hands out scorers that know what was learnt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from givre.assessment.result import Verdict
from givre.bioheat.run import ThermalRun
from givre.case.goals import OrganAtRisk
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.geometry.volume import Volume
from givre.planning.placement.expectation import Expectation
from givre.planning.placement.geometry import plan_geometry
from givre.planning.placement.paths import Paths, feasible_directions
from givre.planning.placement.result import (
    GROWN,
    CheckInFull,
    GoOn,
    SearchStep,
    SolvedPlan,
    is_readable,
    reserves_on,
    verdicts_on,
)
from givre.planning.placement.score import Aim, Predicted, Scorer, spacing_shortfall_mm
from givre.planning.placement.space import Geometry, geometry_at, geometry_of, placements_of
from givre.planning.placement.task import WITHIN, Aiming, Kind, SolveShared, solve_plan
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.surrogate.error import Comparison, compare
from givre.planning.surrogate.law import CombinationLaw, usual_law
from givre.planning.surrogate.learning import (
    Reading,
    first_surrogate,
    fitted_law,
    learned,
    lethal_equivalent_c,
    plan_distance_mm,
    plan_points,
    reach_table,
    read_run,
)
from givre.planning.surrogate.prediction import ActiveZones, PlanPoints, Surrogate
from givre.planning.trial.many import Cancelled, RunMany
from givre.planning.trial.prepared import PreparedCase, plan_problem
from givre.planning.trial.quick_look import PlanFigures, QuickLook

Array = npt.NDArray[np.float64]


CHECK_POWER = 4.0
"""Work of a run over the inverse of its voxel: as many voxels as its cube, and more steps. From 2 to 1.5 mm 3.2 times,
as measured with the assessment."""

ALLOWED_MM = 0.15
"""A written path may miss what the search asks of it by as much as the search asks more than is needed."""

ALIKE_MM = 6.0
"""Runs this close to a plan make its prediction a corrected one."""

DIRECTION_AIMS = 6
"""Points of the tumour, beside its middle, that a direction should reach."""


@dataclass(slots=True, kw_only=True)
class Workbench:
    """Everything a search knows, growing as it goes.

    Attributes:
        prepared: the case on the lattice of the search.
        look: reads figures.
        paths: judges shafts.
        wishes: what is asked.
        run_many: runs simulations.
        threads: of the solver in each.
        check_in_full: simulates a plan as the case asks.
        go_on: told of each step; may end the search.
    """

    prepared: PreparedCase
    look: QuickLook
    paths: Paths
    wishes: PlacementWishes
    run_many: RunMany
    threads: int
    check_in_full: CheckInFull
    go_on: GoOn
    points: PlanPoints
    law: CombinationLaw
    background: Volume | None
    expectation: Expectation
    simulations: int = 0
    full_checks: int = 0
    predictions: int = 0
    probes_tried: int = 0
    plans: list[SolvedPlan] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    corrected: list[Comparison] = field(default_factory=list)
    _base: dict[str, Surrogate] = field(default_factory=dict)
    _readings: dict[str, list[Reading]] = field(default_factory=dict)
    _directions: dict[str, Array] = field(default_factory=dict)
    _zones: list[tuple[SolvedPlan, Kind, ActiveZones]] = field(default_factory=list)

    @property
    def organs(self) -> tuple[OrganAtRisk, ...]:
        """The organs at risk."""
        return self.prepared.description.organs_at_risk

    @property
    def tumour_points_mm(self) -> Array:
        """Points of the tumour, LPS, shape (n, 3)."""
        return self.points.points_mm[: self.points.tumour_count]

    def step(self, stage: str, *, work: float = 0.0, is_last: bool = False) -> None:
        """Tell of a step.

        Args:
            stage: of the search.
            work: what is begun, in simulations on the lattice of the search.
            is_last: whether nothing need follow it.

        Raises:
            Cancelled: if the search is to end.
        """
        step = SearchStep(
            stage=stage,
            probes=self.probes_tried,
            simulations=self.simulations,
            work=work,
            ahead=0.0 if is_last else self.check_ahead,
        )
        if not self.go_on(step):
            raise Cancelled(f"the search was ended after {self.simulations} simulations; give it more time")

    @property
    def check_work(self) -> float:
        """What a check as the case asks costs, in simulations on the lattice of the search."""
        finer = self.prepared.grid.spacing_mm[0] / self.prepared.description.settings.voxel_mm
        return max(math.pow(finer, CHECK_POWER), 1.0)

    @property
    def check_ahead(self) -> float:
        """What must still be done for the best plan so far to be checked: nothing where one that keeps limits was."""
        is_checked = any(plan.full is not None and plan.keeps_limits for plan in self.plans)
        return 0.0 if is_checked else self.check_work

    def directions(self, kind: Kind) -> Array:
        """Directions to begin with, the best first, shape (n, 3); none if the tumour cannot be reached."""
        if kind.model.id not in self._directions:
            tumour = self.tumour_points_mm
            spread = np.linspace(0, len(tumour) - 1, DIRECTION_AIMS + 2).round().astype(np.int64)[1:-1]
            centre = tumour.mean(axis=0)
            aims = np.vstack([centre, centre + 0.6 * (tumour[spread] - centre)])
            self._directions[kind.model.id] = feasible_directions(self.paths, aims, kind.model)
        return self._directions[kind.model.id]

    def central_direction(self, kind: Kind) -> Array:
        """The first direction along which the middle of the tumour can be reached; else the first, shape (3,)."""
        directions = self.directions(kind)
        middles = np.tile(self.tumour_points_mm.mean(axis=0), (len(directions), 1))
        missing_mm = geometry_at(middles, directions, kind.model, self.paths).missing_mm
        return np.asarray(directions[int(np.argmax(missing_mm <= 0))])

    def aim(self, aiming: Aiming) -> Aim:
        """What a search is to reach: the goals, the reserve, and what errors of surrogate and lattice take."""
        return self.expectation.aim(aiming, self.corrected or self.comparisons)

    def expected_miss(self, plan: SolvedPlan, *, with_reserve: bool) -> tuple[float, float]:
        """By how much a full check of a plan is expected to miss: coverage, and degrees over all organs."""
        if not self.lists(plan):
            return math.inf, math.inf
        return self.expectation.miss(plan.coarse, with_reserve=with_reserve)

    def scorer(self, kind: Kind, aim: Aim) -> Scorer:
        """A scorer that remembers all runs, those of this kind best."""
        surrogate = self._base[kind.key]
        others = [(base, self._readings[key]) for key, base in self._base.items() if key != kind.key]
        return Scorer(
            surrogate=learned(surrogate, self._readings[kind.key], others=others),
            table=surrogate.table_of(kind.key),
            model=kind.model,
            paths=self.paths,
            wishes=self.wishes,
            aim=aim,
        )

    def get_to_know(self, kind: Kind) -> None:
        """Simulate a single probe in the middle of the tumour, from which the reach of this kind is read."""
        if kind.key in self._base:
            return
        direction = self.central_direction(kind)
        middle = self.tumour_points_mm.mean(axis=0)[None]
        single = geometry_at(middle, direction[None], kind.model, self.paths)
        placements = placements_of(single, kind.model)
        figures, run = self._solved([(placements, kind.protocol)])[0]
        lethal_c = lethal_equivalent_c(run, self.prepared.description.goals)
        base = first_surrogate(self.law, self.points, background_cooling=self.background, lethal_c=lethal_c)
        zone = active_zone(placements[0], kind.model)
        table = reach_table(run, zone, key=kind.key, law=self.law, background_cooling=self.background)
        self._base[kind.key] = base.with_table(table)
        self._readings[kind.key] = []
        exact = geometry_of(placements, kind.model, self.paths)
        self._learn(kind, exact, run)
        scorer = self.scorer(kind, self.aim(WITHIN))
        self._keep(kind, placements, exact, scorer.predicted(exact), figures)

    def simulate(self, kind: Kind, plans: Sequence[Geometry], scorer: Scorer) -> list[SolvedPlan]:
        """Simulate plans and learn from them, in order; points are rounded as they will be written.

        Raises:
            Cancelled: if the search is to end.
        """
        rounded = [placements_of(plan, kind.model) for plan in plans]
        exact = [geometry_of(placements, kind.model, self.paths) for placements in rounded]
        predictions = [scorer.predicted(geometry) for geometry in exact]
        solved = self._solved([(placements, kind.protocol) for placements in rounded])
        limits_c = {organ.structure: organ.limit_temp_c for organ in self.organs}
        readings = self._readings[kind.key]
        for geometry, (_, run) in zip(exact, solved, strict=True):
            zones = geometry.zones(scorer.table)
            reading = read_run(self.points, self.law, zones, run)
            found = compare(scorer.surrogate, reading, limits_c=limits_c)
            is_alike = any(
                known.count == reading.count and plan_distance_mm(known.zones, zones) <= ALIKE_MM for known in readings
            )
            (self.corrected if is_alike else self.comparisons).append(found)
        for geometry, (_, run) in zip(exact, solved, strict=True):
            self._learn(kind, geometry, run)
        return [
            self._keep(kind, placements, geometry, prediction, figures)
            for placements, geometry, prediction, (figures, _) in zip(rounded, exact, predictions, solved, strict=True)
        ]

    def checked(self, plan: SolvedPlan, *, is_last: bool = False) -> SolvedPlan:
        """The plan simulated as the case asks; what that changes is remembered.

        Args:
            plan: on the bench.
            is_last: whether nothing need follow.

        Raises:
            Cancelled: if the search is to end.
        """
        if plan.full is not None:
            return plan
        self.step("check", work=self.check_work, is_last=is_last)
        full = self.check_in_full(plan.placements, plan.protocol)
        self.full_checks += 1
        self.expectation.remember(plan.coarse, full)
        verdicts = verdicts_on(
            full.figures,
            goals=self.prepared.description.goals,
            organs=self.organs,
            grown_coverage=self.wishes.grown_coverage,
            full=full.verdicts,
        )
        reserves = self._reserves(full.figures, full.coverage_with_reserve)
        checked = replace(plan, full=full, verdicts=verdicts, reserves=reserves)
        self.plans = [checked if known is plan else known for known in self.plans]
        return checked

    def kind_of(self, plan: SolvedPlan) -> Kind:
        """Its cryoprobe and protocol."""
        return Kind(model=self.prepared.knowledge.catalogue[plan.model], protocol=plan.protocol)

    def geometry(self, plan: SolvedPlan, kind: Kind) -> Geometry:
        """Where its probes lie."""
        return geometry_of(plan.placements, kind.model, self.paths)

    def _solved(self, items: list[tuple[tuple[Placement, ...], Protocol]]) -> list[tuple[PlanFigures, ThermalRun]]:
        self.step("simulate", work=float(len(items)))
        shared = SolveShared(prepared=self.prepared, look=self.look, threads=self.threads)
        done = self.run_many(solve_plan, shared, items)
        self.simulations += len(done)
        return done

    def _learn(self, kind: Kind, geometry: Geometry, run: ThermalRun) -> None:
        base = self._base[kind.key]
        zones = geometry.zones(base.table_of(kind.key))
        reading = read_run(self.points, self.law, zones, run)
        if not reading.is_known:
            return
        self._readings[kind.key].append(reading)
        if reading.count > 1:
            self.law = fitted_law(base, self._readings[kind.key])
            self._base = {key: known.with_law(self.law) for key, known in self._base.items()}

    def _keep(
        self,
        kind: Kind,
        placements: tuple[Placement, ...],
        geometry: Geometry,
        predicted: Predicted,
        figures: PlanFigures,
    ) -> SolvedPlan:
        plan = SolvedPlan(
            model=kind.model.id,
            placements=placements,
            protocol=kind.protocol,
            geometry=plan_geometry(geometry, kind.model, self.paths),
            predicted=predicted,
            coarse=figures,
            coarse_voxel_mm=self.prepared.grid.spacing_mm[0],
            full=None,
            verdicts=verdicts_on(
                replace(figures, ending="done") if is_readable(figures) else figures,
                goals=self.prepared.description.goals,
                organs=self.organs,
                grown_coverage=self.wishes.grown_coverage,
            ),
            reserves=self._reserves(figures, math.nan),
        )
        is_asked = self.wishes.fewest_probes <= plan.count <= self.wishes.most_probes
        if is_asked and self._is_possible(geometry, kind.model):
            self.plans.append(plan)
        return plan

    def _reserves(self, figures: PlanFigures, coverage_with_reserve: float) -> tuple[Verdict, ...]:
        usable = replace(figures, ending="done") if is_readable(figures) else figures
        return reserves_on(
            usable,
            organs=self.organs,
            reserve=self.wishes.reserve,
            grown_coverage=self.wishes.grown_coverage,
            coverage_with_reserve=coverage_with_reserve,
        )

    def lists(self, plan: SolvedPlan) -> bool:
        """Whether a plan may be proposed: it has a number of probes that was asked for, and can be carried out."""
        return any(known.placements == plan.placements and known.protocol == plan.protocol for known in self.plans)

    def _is_possible(self, geometry: Geometry, model: CryoprobeModel) -> bool:
        """Whether a plan, as it will be written, keeps spacing, shaft gaps and paths."""
        paths_mm = float(np.max(geometry.missing_mm))
        return paths_mm <= ALLOWED_MM and spacing_shortfall_mm(geometry, model, self.wishes) <= 0.0


def workbench(
    prepared: PreparedCase,
    look: QuickLook,
    paths: Paths,
    wishes: PlacementWishes,
    *,
    run_many: RunMany,
    threads: int,
    check_in_full: CheckInFull,
    go_on: GoOn,
) -> Workbench:
    """A workbench on which nothing was done yet."""
    settings = prepared.description.settings
    law = usual_law(prepared.description.lesion_kind, body_temp_c=settings.body_temp_c)
    return Workbench(
        prepared=prepared,
        look=look,
        paths=paths,
        wishes=wishes,
        run_many=run_many,
        threads=threads,
        check_in_full=check_in_full,
        go_on=go_on,
        points=plan_points(look),
        law=law,
        background=_background(prepared, law, wishes.models[0]),
        expectation=Expectation(
            goals=prepared.description.goals, organs=prepared.description.organs_at_risk, wishes=wishes
        ),
    )


def grown_of(plan: SolvedPlan) -> float:
    """Coverage of the grown tumour by the finest figures; NaN if not known."""
    return next(verdict.value for verdict in plan.verdicts if verdict.goal == GROWN)


def _background(prepared: PreparedCase, law: CombinationLaw, model: str) -> Volume | None:
    """Cooling before the first freeze; None where all is at body temperature."""
    x, y, z = prepared.tumour.centroid_mm()
    anywhere = Placement(label="P1", model=model, entry_mm=(x, y, z + 100.0), target_mm=(x, y, z))
    initial_c = plan_problem(prepared, (anywhere,), only_to_compare=True).initial_c
    return None if initial_c is None else Volume(grid=prepared.grid, values=law.cooling_c(initial_c), unit="degC")
