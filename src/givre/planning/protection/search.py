"""The search for protections of one plan: layers, shorter freezes, moved probes, thermocouples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from givre.assessment.result import Verdict
from givre.case.description import CaseDescription
from givre.case.goals import OrganAtRisk
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.geometry.grid import Point
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Volume
from givre.planning.access.case import access_case
from givre.planning.access.path_checker import PathChecker
from givre.planning.placement.paths import sphere_of_directions
from givre.planning.protection.kinds import KINDS, LAYER_KINDS, ProtectionKind
from givre.planning.protection.kinds import Way as LayerWay
from givre.planning.protection.layer import Layer, LayerRoom, layer_room
from givre.planning.protection.proposal import (
    GoOn,
    NotFound,
    ProtectionProposal,
    Protections,
    Threat,
    Way,
    ranked,
    thicknesses_mm,
)
from givre.planning.protection.shield import LAYER_NAME, with_layers
from givre.planning.protection.tables import (
    LayerLimits,
    epidural_of,
    load_layer_limits,
    load_layer_materials,
    tissues_to_open,
)
from givre.planning.protection.together import CheckTaken, Together
from givre.planning.replan.change import SimulatedChange
from givre.planning.replan.day_plan import Predicted, paths_like_the_plan, predict
from givre.planning.replan.goals import GROWN_COVERAGE, Missed, Wanted, missed_of, wanted_of
from givre.planning.replan.limits import ReplanLimits, load_replan_limits
from givre.planning.replan.moves import Surroundings
from givre.planning.replan.search import ReplanBench, Solve, try_kind
from givre.planning.trial.many import Cancelled
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import QuickLook
from givre.tissue.labelling import label_tissues

WAYS_TRIED = 400
"""Directions from which a needle to a layer or to a thermocouple is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionWishes:
    """What may be proposed.

    Attributes:
        kinds: of protection, in any order.
        layers: bounds of a layer.
        changes: bounds of a change of probes and protocol.
        may_inject_epidurally: whether epidural injection is proposed where the tables allow it.
        grown_coverage: wanted coverage of the tumour grown by its margin.
        voxel_mm: edge of the voxels, unless those of the case are coarser.
    """

    kinds: tuple[ProtectionKind, ...] = KINDS
    layers: LayerLimits = field(default_factory=load_layer_limits)
    changes: ReplanLimits = field(default_factory=load_replan_limits)
    may_inject_epidurally: bool = True
    grown_coverage: float = GROWN_COVERAGE
    voxel_mm: float = 2.0


@dataclass(slots=True, kw_only=True)
class ProtectionSearch:
    """A search in progress."""

    prepared: PreparedCase
    look: QuickLook
    plan: Predicted
    solve: Solve
    wishes: ProtectionWishes
    go_on: GoOn
    simulations: int = 0
    ended_early: bool = False
    proposals: list[ProtectionProposal] = field(default_factory=list)
    not_found: list[NotFound] = field(default_factory=list)
    _threats: tuple[Threat, ...] = ()
    _labels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None = None
    _checkers: dict[str, PathChecker] = field(default_factory=dict)

    @property
    def description(self) -> CaseDescription:
        """The case."""
        return self.prepared.description

    def threats(self) -> tuple[Threat, ...]:
        """Organs at or below their alarm, the one farthest beyond its limit first."""
        found = []
        for organ in self.description.organs_at_risk:
            coldest_c = self.plan.figures.organ_coldest_c[organ.structure]
            if not coldest_c > organ.alarm_temp_c:
                over = not coldest_c > organ.limit_temp_c
                found.append(
                    Threat(
                        organ=organ,
                        coldest_c=coldest_c,
                        least_c=organ.limit_temp_c if over else organ.alarm_temp_c,
                        nearest_mm=self._coldest_place(organ),
                    )
                )
        self._threats = tuple(sorted(found, key=lambda threat: threat.coldest_c - threat.organ.limit_temp_c))
        return self._threats

    def protect(self, threat: Threat) -> None:
        """Look for every kind of protection of one organ."""
        for kind in self.wishes.kinds:
            try:
                if kind in LAYER_KINDS:
                    self._layer(threat, kind)
                elif kind == "thermocouple":
                    self._thermocouple(threat)
                else:
                    self._change(threat, kind)
            except Cancelled:
                self.ended_early = True
                self.not_found.append(NotFound(kind=kind, threat=threat, reason="time"))

    def result(self) -> Protections:
        """Everything found."""
        return Protections(
            figures=self.plan.figures,
            verdicts=self.plan.verdicts,
            threats=self._threats,
            proposals=ranked(self.proposals),
            not_found=tuple(self.not_found),
            voxel_mm=self.prepared.grid.spacing_mm[0],
            simulations=self.simulations,
            ended_early=self.ended_early,
        )

    def together(self, check: CheckTaken) -> Together:
        """Simulates proposals together; `check` does so at the voxel size of the case."""
        return Together(
            prepared=self.prepared,
            look=self.look,
            plan=self.plan,
            threats=self._threats,
            solve=self.solve,
            limits=self.wishes.changes,
            grown_coverage=self.wishes.grown_coverage,
            count=lambda: self._count("co2"),
            check=check,
        )

    def _layer(self, threat: Threat, kind: LayerWay) -> None:
        """The thinnest layer that keeps the organ: the thickest first, then halving."""
        name, limits = threat.organ.structure, self.wishes.layers
        epidural = epidural_of(name)
        may_inject = epidural.is_allowed and self.wishes.may_inject_epidurally
        if epidural.is_in_canal and not may_inject:
            self.not_found.append(NotFound(kind=kind, threat=threat, reason="in_canal"))
            return
        room = self._room(threat, epidural=may_inject)
        most_mm = limits.epidural_thickness_mm if epidural.is_in_canal else limits.most_thickness_mm
        sizes = thicknesses_mm(limits.least_thickness_mm, most_mm, limits.thickness_step_mm)
        layers = [] if room is None else [room.layer(size, LAYER_NAME) for size in sizes]
        usable = [layer for layer in layers if layer is not None and layer.volume_ml <= limits.most_volume_ml]
        if not usable:
            self.not_found.append(NotFound(kind=kind, threat=threat, reason="no_room"))
            return
        tried: dict[int, ProtectionProposal] = {}
        low, high = -1, len(usable) - 1
        tried[high] = self._with_layer(threat, kind, usable[high])
        if not tried[high].keeps_organ:
            self.not_found.append(
                NotFound(
                    kind=kind,
                    threat=threat,
                    reason="not_enough",
                    best_c=tried[high].after_c,
                    at=usable[high].thickness_mm,
                )
            )
            self.proposals.append(tried[high])
            return
        while high - low > 1:
            middle = (low + high) // 2
            tried[middle] = self._with_layer(threat, kind, usable[middle])
            low, high = (low, middle) if tried[middle].keeps_organ else (middle, high)
        chosen = tried[high]
        self.proposals.append(replace(chosen, way=self._way_to(usable[high].centre_mm, name)))

    def _room(self, threat: Threat, *, epidural: bool) -> LayerRoom | None:
        if self._labels is None:
            prepared = self.prepared
            self._labels = label_tissues(
                prepared.ct,
                prepared.masks,
                lesion_kind=self.description.lesion_kind,
                thresholds=prepared.knowledge.hu_thresholds,
                declared=self.description.declared,
            ).labels
        return layer_room(
            threat.organ,
            self.prepared.masks,
            self._labels,
            self.plan.run,
            limits=self.wishes.layers,
            tissues=tissues_to_open(epidural=epidural),
        )

    def _with_layer(self, threat: Threat, kind: LayerWay, layer: Layer) -> ProtectionProposal:
        material = load_layer_materials()[kind]
        shielded = with_layers(self.prepared, [(layer, material.material)], look=self.look)
        self._count(kind)
        after = predict(
            shielded.prepared,
            shielded.look,
            self.plan.placements,
            self.plan.protocol,
            solve=self.solve,
            grown_coverage=self.wishes.grown_coverage,
        )
        return ProtectionProposal(
            kind=kind,
            threat=threat,
            after_c=after.figures.organ_coldest_c[threat.organ.structure],
            figures=after.figures,
            verdicts=after.verdicts,
            missed=self._lost(after.verdicts, threat),
            layer=layer,
            material=material,
        )

    def _change(self, threat: Threat, kind: ProtectionKind) -> None:
        """A shorter freeze, or one probe moved, found as on the day."""
        bench = self._bench(threat)
        tried = try_kind(bench, "freeze" if kind == "shorter_freeze" else "move")
        self.simulations += bench.simulations
        self.ended_early |= tried.ended_early
        name = threat.organ.structure
        keeping = [item for item in tried.found if item.figures.organ_coldest_c[name] > threat.least_c]
        best = tried.best
        if best is not None and not best.is_restored and keeping:
            best = min(keeping, key=lambda item: (item.change.size, item.missing))
        if best is None:
            reason = "time" if tried.ended_early else "none_possible"
            self.not_found.append(NotFound(kind=kind, threat=threat, reason=reason))
            return
        proposal = self._of_change(threat, kind, best)
        self.proposals.append(proposal)
        if not proposal.keeps_organ:
            self.not_found.append(
                NotFound(kind=kind, threat=threat, reason="not_enough", best_c=proposal.after_c, at=best.change.size)
            )

    def _of_change(self, threat: Threat, kind: ProtectionKind, found: SimulatedChange) -> ProtectionProposal:
        return ProtectionProposal(
            kind=kind,
            threat=threat,
            after_c=found.figures.organ_coldest_c[threat.organ.structure],
            figures=found.figures,
            verdicts=found.verdicts,
            missed=self._lost(found.verdicts, threat),
            change=found,
        )

    def _bench(self, threat: Threat) -> ReplanBench:
        wanted = self._wanted(threat)
        organ = Missed(
            goal=f"organ:{threat.organ.structure}",
            value=threat.coldest_c,
            least=threat.least_c,
            by=max(threat.least_c - threat.coldest_c, 1e-6),
            unit="degC",
        )
        placements = self.plan.placements
        return ReplanBench(
            here=Surroundings(
                prepared=self.prepared,
                planned=placements,
                placed=placements,
                protocol=self.plan.protocol,
                paths=paths_like_the_plan(self._checker(""), self.prepared, placements),
                limits=self.wishes.changes,
            ),
            look=self.look,
            solve=self.solve,
            wanted=wanted,
            missed=(organ,),
            placed_run=self.plan.run,
            placed_figures=self.plan.figures,
            all_goals=False,
            grown_coverage=self.wishes.grown_coverage,
            check_in_full=None,
            go_on=lambda kind, simulations: self.go_on(
                "shorter_freeze" if kind == "freeze" else "move", self.simulations + simulations
            ),
        )

    def _wanted(self, threat: Threat) -> tuple[Wanted, ...]:
        """No less than the plan has, and the organ above what it must stay above."""
        own = Wanted(
            goal=f"organ:{threat.organ.structure}",
            least=threat.least_c,
            unit="degC",
            is_strict=True,
            is_of_the_plan=False,
        )
        others = wanted_of(self.plan.verdicts, self.wishes.changes)
        return (*(item for item in others if item.goal != own.goal), own)

    def _lost(self, verdicts: Sequence[Verdict], threat: Threat) -> tuple[Missed, ...]:
        """What the plan reached without the protection and misses with it."""
        own = f"organ:{threat.organ.structure}"
        return tuple(missed for missed in missed_of(verdicts, self._wanted(threat)) if missed.goal != own)

    def _thermocouple(self, threat: Threat) -> None:
        """At the place of the organ that gets coldest, if a needle reaches it."""
        way = self._way_to(threat.nearest_mm, threat.organ.structure)
        if way is None:
            self.not_found.append(NotFound(kind="thermocouple", threat=threat, reason="none_possible"))
            return
        self.proposals.append(
            ProtectionProposal(
                kind="thermocouple",
                threat=threat,
                after_c=threat.coldest_c,
                figures=self.plan.figures,
                verdicts=self.plan.verdicts,
                way=way,
            )
        )

    def _coldest_place(self, organ: OrganAtRisk) -> Point:
        mask = self.prepared.masks[organ.structure]
        points = mask.grid.index_to_lps(np.argwhere(mask.inside))
        coldest = Volume(grid=self.prepared.grid, values=self.plan.run.coldest_c, unit="degC")
        x, y, z = points[int(np.argmin(sample_at(coldest, points, outside=math.inf)))]
        return (float(x), float(y), float(z))

    def _way_to(self, point_mm: Point, structure: str) -> Way | None:
        """The shortest allowed needle path to a point beside an organ, whose own clearance is not asked."""
        directions = sphere_of_directions(WAYS_TRIED)
        entries = np.array(point_mm) + 50.0 * directions
        checks = self._checker(structure).check(entries, np.array(point_mm))
        possible = np.flatnonzero(checks.is_allowed & np.isfinite(checks.length_mm))
        if not len(possible):
            return None
        best = possible[np.lexsort((checks.length_mm[possible], ~checks.is_skin_seen[possible]))[0]]
        x, y, z = checks.skin_mm[best].round(1)
        return Way(
            entry_mm=(float(x), float(y), float(z)),
            point_mm=point_mm,
            length_mm=float(checks.length_mm[best]),
            is_skin_seen=bool(checks.is_skin_seen[best]),
        )

    def _checker(self, near: str) -> PathChecker:
        """Judges paths; the clearance to the structure `near` is not asked."""
        if near not in self._checkers:
            prepared = self.prepared
            model = find_cryoprobe(prepared.knowledge.catalogue, self.plan.placements[0].model)
            self._checkers[near] = access_case(
                prepared.ct,
                prepared.masks,
                model=model,
                thresholds=prepared.knowledge.hu_thresholds,
                clearances={near: None} if near else None,
                organs_at_risk=[organ.structure for organ in self.description.organs_at_risk],
            ).checker
        return self._checkers[near]

    def _count(self, kind: ProtectionKind) -> None:
        if not self.go_on(kind, self.simulations):
            raise Cancelled(f"the search was ended after {self.simulations} simulations; give it more time")
        self.simulations += 1
