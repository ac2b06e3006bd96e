"""A lattice wide enough for plans that come out colder, or elsewhere, than planned."""

from __future__ import annotations

from collections.abc import Mapping

from givre.bioheat.solve import boundary_drop_c, solve
from givre.case.description import CaseDescription
from givre.case.knowledge import Knowledge
from givre.geometry.volume import Mask, Volume
from givre.planning.trial.prepared import PreparedCase, plan_problem, prepare_case

REACH_STEP_MM, MOST_EXTRA_MM = 8.0, 24.0
"""By how much the lattice is made wider than the case asks for, step by step, and at most."""

HIDDEN_AS_PLANNED_C = 0.1
"""until no more cooling than this is hidden beyond its edge as planned. Samples hide up to ten times as much, as their
probes are colder and stand elsewhere, and fail from 1 °C on: with 0.24 °C as planned 8 % of the samples did, with
0.46 °C 13 %, with 0.05 °C none."""


def wide_enough(
    description: CaseDescription,
    ct: Volume,
    masks: Mapping[str, Mask],
    *,
    knowledge: Knowledge,
    voxel_mm: float,
    threads: int = 1,
) -> PreparedCase:
    """The case on a lattice so wide that the cold of its plan leaves hardly a trace at the edge.

    Args:
        description: the case with its probes.
        ct: the planning CT.
        masks: structures by name.
        knowledge: catalogue and tables.
        voxel_mm: edge of the voxels.
        threads: of the simulations of the plan that decide it.

    Raises:
        PlanError: if the plan cannot be simulated.
    """
    extra_mm = 0.0
    while True:
        reach_mm = description.settings.domain_margin_mm + extra_mm
        prepared = prepare_case(description, ct, masks, knowledge=knowledge, voxel_mm=voxel_mm, reach_mm=reach_mm)
        problem = plan_problem(prepared, description.placements)
        hidden_c = boundary_drop_c(problem, solve(problem, threads=threads).coldest_c)
        if hidden_c <= HIDDEN_AS_PLANNED_C or extra_mm >= MOST_EXTRA_MM:
            return prepared
        extra_mm += REACH_STEP_MM
