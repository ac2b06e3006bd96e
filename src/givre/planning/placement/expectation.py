"""What a full check will say of a plan known on the lattice of the search, and what a search must therefore aim at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from givre.case.goals import Goals, OrganAtRisk
from givre.planning.placement.result import FullCheck, is_readable
from givre.planning.placement.score import Aim
from givre.planning.placement.task import Aiming, Bias
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.surrogate.error import Comparison, organ_allowance_c
from givre.planning.trial.quick_look import PlanFigures

FIRST_ALLOWANCE, ALLOWANCE_PER_MM = 0.02, 0.1
"""Share of potential asked for beyond the lethal edge: at first, and for each millimetre by which it was misplaced, or
by which the margin is to have a reserve."""

MOST_ALLOWANCE = 0.08


@dataclass(slots=True, kw_only=True)
class Expectation:
    """What full checks changed so far, and the aim that follows from it.

    Attributes:
        goals: of the case.
        organs: at risk.
        wishes: wanted coverage with margin, and the reserve.
    """

    goals: Goals
    organs: tuple[OrganAtRisk, ...]
    wishes: PlacementWishes
    _biases: list[Bias] = field(default_factory=list)

    @property
    def bias(self) -> Bias:
        """What a full check is expected to change, from those made so far: their mean."""
        seen = self._biases
        return Bias(
            coverage=float(np.mean([found.coverage for found in seen])) if seen else 0.0,
            grown=float(np.mean([found.grown for found in seen])) if seen else 0.0,
            organs_c={
                organ.structure: float(np.mean([found.organs_c[organ.structure] for found in seen])) if seen else 0.0
                for organ in self.organs
            },
        )

    def aim(self, aiming: Aiming, seen: Sequence[Comparison]) -> Aim:
        """What a search is to reach: the goals, the reserve, and what errors of surrogate and lattice take.

        Args:
            aiming: what comes first.
            seen: surrogate and solver compared.
        """
        bias, reserve = self.bias, self.wishes.reserve
        edges = [found.edge_mean_mm for found in seen if math.isfinite(found.edge_mean_mm)]
        share = ALLOWANCE_PER_MM * float(np.mean(edges)) if edges else FIRST_ALLOWANCE
        up_c = organ_allowance_c(seen) + aiming.organs_up_c + (reserve.temp_c if aiming.keeps_reserve else 0.0)
        return Aim(
            coverage=min(self.goals.coverage - bias.coverage, 1.0),
            grown_coverage=min(self.wishes.grown_coverage - bias.grown, 1.0),
            limits_c={
                organ.structure: organ.limit_temp_c + up_c - bias.organs_c[organ.structure] for organ in self.organs
            },
            alarms_c={organ.structure: organ.alarm_temp_c for organ in self.organs},
            edge_allowance=min(share, MOST_ALLOWANCE),
            edge_reserve=ALLOWANCE_PER_MM * reserve.margin_mm if aiming.keeps_reserve else 0.0,
            per_organ_c=aiming.per_organ_c,
        )

    def miss(self, figures: PlanFigures, *, with_reserve: bool) -> tuple[float, float]:
        """By how much a full check is expected to miss: coverage, and degrees over all organs; infinite if unknown.

        Args:
            figures: on the lattice of the search.
            with_reserve: whether organs are to keep the reserve too.
        """
        if not is_readable(figures):
            return math.inf, math.inf
        bias, up_c = self.bias, self.wishes.reserve.temp_c if with_reserve else 0.0
        missing = max(self.goals.coverage - figures.coverage - bias.coverage, 0.0)
        missing += max(self.wishes.grown_coverage - figures.coverage_with_margin - bias.grown, 0.0)
        below_c = 0.0
        for organ in self.organs:
            coldest_c = figures.organ_coldest_c[organ.structure] + bias.organs_c[organ.structure]
            if not coldest_c >= organ.limit_temp_c + up_c:
                below_c += organ.limit_temp_c + up_c - coldest_c
        return missing, below_c if math.isfinite(below_c) else math.inf

    def remember(self, coarse: PlanFigures, full: FullCheck) -> None:
        """What the full check changed, so that the search aims accordingly."""
        fine = full.figures
        verdicts = {verdict.goal: verdict for verdict in full.verdicts}
        organs_c = {}
        for organ in self.organs:
            name = organ.structure
            organs_c[name] = fine.organ_coldest_c[name] - coarse.organ_coldest_c[name]
            found = verdicts.get(f"organ:{name}")
            if found is not None and found.status == "unknown":
                # cut by the edge of the image: it is only known to be spared above its alarm
                organs_c[name] = min(organs_c[name], organ.limit_temp_c - organ.alarm_temp_c - 0.5)
        bias = Bias(
            coverage=fine.coverage - coarse.coverage,
            grown=fine.coverage_with_margin - coarse.coverage_with_margin,
            organs_c=organs_c,
        )
        if np.isfinite([bias.coverage, bias.grown, *organs_c.values()]).all():
            self._biases.append(bias)
