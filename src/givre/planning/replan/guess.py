"""Guesses what a small change of placed probes would do, from the runs already made, so that few are simulated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from givre.bioheat.run import ThermalRun
from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.cryoprobe.placement import Placement
from givre.planning.placement.result import GROWN
from givre.planning.replan.goals import Wanted
from givre.planning.surrogate.law import CombinationLaw, usual_law
from givre.planning.surrogate.learning import (
    Reading,
    first_surrogate,
    learned,
    lethal_equivalent_c,
    plan_points,
    reach_table,
    read_run,
)
from givre.planning.surrogate.prediction import ActiveZones, Surrogate
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import PlanFigures, QuickLook

Array = npt.NDArray[np.float64]

LEAST_STEEPNESS_C_MM = 1.5
"""Below, a small error of temperature would become a large one of the margin."""


@dataclass(slots=True, kw_only=True)
class Guesser:
    """A surrogate that learns from each run of a replanning.

    Attributes:
        prepared: the case.
        surrogate: with a reach table for each kind of probe.
        law: how probes add up.
        readings: of the runs made so far.
        found: figures of those runs, in the same order.
    """

    prepared: PreparedCase
    surrogate: Surrogate
    law: CombinationLaw
    readings: list[Reading] = field(default_factory=list)
    found: list[PlanFigures] = field(default_factory=list)

    def learn(self, placements: Sequence[Placement], run: ThermalRun, figures: PlanFigures) -> None:
        """Take in one more run; one that has values that are not numbers teaches nothing."""
        reading = read_run(self.surrogate.points, self.law, self.zones(placements), run)
        if reading.is_known and figures.ending == "done":
            self.readings.append(reading)
            self.found.append(figures)

    def zones(self, placements: Sequence[Placement]) -> ActiveZones:
        """The active zones of some placements, each with its table."""
        catalogue = self.prepared.knowledge.catalogue
        found = [active_zone(p, find_cryoprobe(catalogue, p.model)) for p in placements]
        return ActiveZones(
            middles_mm=np.array([zone.point_mm(zone.length_mm / 2) for zone in found]),
            directions=np.array([zone.direction for zone in found]),
            table_of=np.array([self.surrogate.table_of(kind_of(p)) for p in placements], dtype=np.int64),
        )

    def guess(self) -> Guess:
        """What is guessed with the runs made so far; it agrees best with those of like plans."""
        guess = Guess(guesser=self, surrogate=learned(self.surrogate, self.readings), bias={})
        if self.readings:
            last, told = self.readings[-1], self.found[-1]
            guess.bias.update(guess.error(last.zones, told))
        return guess


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Guesses that know the runs made so far.

    Attributes:
        guesser: what is known.
        surrogate: corrected by them.
        bias: of each goal, solved less guessed in the latest run.
    """

    guesser: Guesser
    surrogate: Surrogate
    bias: dict[str, float]

    def values(self, zones: ActiveZones) -> dict[str, float]:
        """The guessed figure of each goal, as it is judged."""
        found = self._plain(zones)
        return {goal: value if value == 1.0 else value + self.bias.get(goal, 0.0) for goal, value in found.items()}

    def slack(self, placements: Sequence[Placement], wanted: Sequence[Wanted]) -> float:
        """By how much the worst goal is guessed to be reached, in millimetres, percents or degrees alike."""
        values = self.values(self.guesser.zones(placements))
        slacks = []
        for item in wanted:
            if item.goal in values:
                over = (values[item.goal] - item.least) * (100.0 if item.unit == "1" else 1.0)
                # a share cannot be more than whole: once it is reached, margin and organs tell what is to spare
                slacks.append(math.inf if item.unit == "1" and over >= 0 else over)
        return min(slacks, default=math.nan)

    def error(self, zones: ActiveZones, figures: PlanFigures) -> dict[str, float]:
        """Solved less guessed, of each goal."""
        guessed = self._plain(zones)
        solved: Mapping[str, float] = {
            "coverage": figures.coverage,
            GROWN: figures.coverage_with_margin,
            "margin": figures.margin_mm,
            **{f"organ:{name}": value for name, value in figures.organ_coldest_c.items()},
        }
        gaps = {goal: solved[goal] - value for goal, value in guessed.items()}
        return {goal: gap for goal, gap in gaps.items() if math.isfinite(gap)}

    def _plain(self, zones: ActiveZones) -> dict[str, float]:
        points, law = self.surrogate.points, self.surrogate.law
        potential = self.surrogate.potentials(zones)
        grown = potential[: points.grown_count]
        lethal = self.surrogate.lethal_potential
        found = {
            "coverage": float((grown[: points.tumour_count] >= lethal).mean()),
            GROWN: float((grown >= lethal).mean()),
            "margin": self._margin_mm(law.cooling_of(grown) - float(law.cooling_of(lethal))),
        }
        for name, (first, last) in points.organs.items():
            if last > first:
                coldest = self.surrogate.temperature_c(potential[first:last].max())
                found[f"organ:{name}"] = float(coldest)
        return found

    def _margin_mm(self, reserve_c: Array) -> float:
        """From the reserve at the place least cooled, by how steep the last run was there."""
        goals = self.guesser.prepared.description.goals
        worst = int(np.argmin(reserve_c))
        steep = self.guesser.readings[-1].steepness_c_mm[worst] if self.guesser.readings else LEAST_STEEPNESS_C_MM
        return goals.margin_mm + float(reserve_c[worst]) / max(float(steep), LEAST_STEEPNESS_C_MM)


def kind_of(placement: Placement) -> str:
    """Name of the reach table of a probe: model and what it is set to."""
    return f"{placement.model} {placement.power} {placement.surface_temp_c} {placement.freezes}"


def guesser_of(prepared: PreparedCase, look: QuickLook, singles: Mapping[str, tuple[Placement, ThermalRun]]) -> Guesser:
    """A guesser that knows the reach of each kind of probe from a run of one alone.

    Args:
        prepared: the case.
        look: its points.
        singles: a placement and its run, by `kind_of`.
    """
    description = prepared.description
    law = usual_law(description.lesion_kind, body_temp_c=description.settings.body_temp_c)
    points = plan_points(look)
    runs = [run for _, run in singles.values()]
    lethal_c = min(
        (lethal_equivalent_c(run, description.goals) for run in runs), default=description.goals.lethal_temp_c
    )
    surrogate = first_surrogate(law, points, background_cooling=None, lethal_c=lethal_c)
    for key, (placement, run) in singles.items():
        zone = active_zone(placement, find_cryoprobe(prepared.knowledge.catalogue, placement.model))
        surrogate = surrogate.with_table(reach_table(run, zone, key=key, law=law))
    return Guesser(prepared=prepared, surrogate=surrogate, law=law)
