"""What kind of plan is simulated, what comes first in it, and the task that simulates one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import Protocol
from givre.planning.trial.prepared import PreparedCase, plan_problem
from givre.planning.trial.quick_look import PlanFigures, QuickLook


@dataclass(frozen=True, slots=True, kw_only=True)
class Aiming:
    """What comes first when not everything can be had.

    Attributes:
        per_organ_c: cost of a degree below the limit of an organ, where a percent of coverage costs 1.
        organs_up_c: degrees above its limit that each organ is kept beside.
        keeps_reserve: whether the reserve of the wishes is aimed at.
    """

    per_organ_c: float
    organs_up_c: float = 0.0
    keeps_reserve: bool = True


WITHIN = Aiming(per_organ_c=25.0)
"""Limits and their reserve first."""

BARE = Aiming(per_organ_c=25.0, keeps_reserve=False)
"""Limits first, without reserve: where the goals cannot be had with it."""

COVERING = Aiming(per_organ_c=0.002, keeps_reserve=False)
"""Coverage first: a percent of it is worth 500 degrees over all organs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """What the full check of a plan says more than the lattice of the search.

    Attributes:
        coverage, grown: of the tumour, and with its margin.
        organs_c: coldest temperature of each organ.
    """

    coverage: float
    grown: float
    organs_c: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of plan: its cryoprobe and its protocol."""

    model: CryoprobeModel
    protocol: Protocol

    @property
    def key(self) -> str:
        """Name of its reach table."""
        return f"{self.model.id} {self.protocol.name}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SolveShared:
    """What every simulation of a search needs.

    Attributes:
        prepared: the case on its lattice.
        look: reads the figures.
        threads: of the solver.
    """

    prepared: PreparedCase
    look: QuickLook
    threads: int


def solve_plan(shared: SolveShared, item: tuple[tuple[Placement, ...], Protocol]) -> tuple[PlanFigures, ThermalRun]:
    """Simulate one plan on the lattice of the search; a task for `RunMany`."""
    placements, protocol = item
    run = solve(plan_problem(shared.prepared, placements, protocol), threads=shared.threads)
    return shared.look.figures(run), run
