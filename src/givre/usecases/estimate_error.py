"""Estimate what discretisation does to the figures of a plan: simulate it again on coarser lattices and compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.assessment.discretisation import DiscretisationError, Level, discretisation_error, no_estimate
from givre.assessment.figures import Figure, FigureKey, read_figures
from givre.assessment.ice_ball import ice_ball
from givre.assessment.ice_size import IceSize, ice_size
from givre.assessment.lethal import lethal_zone
from givre.assessment.result import Assessment
from givre.bioheat.run import ThermalRun
from givre.case.description import CaseDescription
from givre.foundation.errors import GivreError, InputError
from givre.geometry.shape import smooth_shape
from givre.geometry.surface import EMPTY_SURFACE
from givre.geometry.volume import Mask

RATIO = 1.5
"""Voxel edge of each lattice over that of the next finer one: smaller drowns in chance, larger leaves the range."""

LONG_S = 300.0
"""Unless it was asked for, no estimate is made that would take longer than this."""

Coarser = Callable[[float], tuple[ThermalRun, Assessment]]
"""Given a voxel edge [mm], simulates and judges the same plan on such voxels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanReader:
    """Reads the figures of one plan from any run of it.

    Attributes:
        description: the case.
        tumour: its mask.
        directions: LPS direction of each probe.
    """

    description: CaseDescription
    tumour: Mask
    directions: Sequence[npt.NDArray[np.float64]]

    def size(self, run: ThermalRun) -> IceSize:
        """Size of the ice-ball."""
        ball = ice_ball(run, freezing_c=0.0)
        return ice_size(EMPTY_SURFACE if ball is None else ball.surface, self.directions)

    def figures(self, run: ThermalRun, assessment: Assessment) -> Mapping[FigureKey, Figure]:
        """Every figure that carries an error estimate."""
        goals = self.description.goals
        return read_figures(
            run,
            assessment,
            size=self.size(run),
            zone=lethal_zone(run, lethal_temp_c=goals.lethal_temp_c, hold_s=goals.hold_s, freezes=goals.freezes),
            tumour=smooth_shape(self.tumour, reach_mm=goals.margin_mm),
            wanted_margin_mm=goals.margin_mm,
        )


def estimated_error(
    run: ThermalRun,
    assessment: Assessment,
    *,
    read: PlanReader,
    coarser: Coarser,
    wanted: bool | None,
    lattices: int = 2,
    ratio: float = RATIO,
) -> DiscretisationError:
    """Error bars of the figures of a plan, or the reason why there are none; never a figure that is not known.

    Args:
        run: the plan on its own lattice.
        assessment: what was judged about it.
        read: reads the figures.
        coarser: simulates the plan on coarser voxels.
        wanted: whether to estimate at all; None: unless it would take longer than `LONG_S`.
        lattices: 2, or 3 to observe the order of the error as well.
        ratio: voxel edge of each lattice over that of the next finer one.

    Raises:
        InputError: for another number of lattices, or a ratio outside 1.2 to 2.
    """
    if lattices not in (2, 3) or not 1.2 <= ratio <= 2.0:
        raise InputError(f"{lattices} lattices, each {ratio:g} times coarser; give 2 or 3 and 1.2 to 2")
    voxel_mm = max(run.grid.spacing_mm)
    sizes_mm = tuple(voxel_mm * ratio**n for n in range(lattices))
    refused = _refusal(run, wanted=wanted, ratio=ratio)
    if refused is not None:
        return refused
    levels = [Level(voxel_mm=voxel_mm, figures=read.figures(run, assessment))]
    for size_mm in sizes_mm[1:]:
        try:
            again, judged = coarser(size_mm)
        except GivreError as error:
            return no_estimate("coarse_refused", f"refused on voxels of {size_mm:g} mm: {error}", sizes_mm)
        if not again.status.is_usable:
            reason = f"the run on voxels of {size_mm:g} mm gave no result: {again.status.sentence}"
            return no_estimate("coarse_unusable", reason, sizes_mm)
        levels.append(Level(voxel_mm=size_mm, figures=read.figures(again, judged)))
    return discretisation_error(levels)


def _refusal(run: ThermalRun, *, wanted: bool | None, ratio: float) -> DiscretisationError | None:
    """Why nothing is to be estimated, if so."""
    voxels_mm = (max(run.grid.spacing_mm),)
    if wanted is False:
        return no_estimate("not_wanted", "not asked for", voxels_mm)
    if not run.status.is_usable:
        return no_estimate("run_unusable", f"the run itself gave no result: {run.status.sentence}", voxels_mm)
    expected_s = run.wall_s / ratio**3
    if wanted is None and expected_s > LONG_S:
        reason = f"it would take about {expected_s / 60:.0f} minutes; ask for it (--error-estimate)"
        return no_estimate("too_long", reason, voxels_mm)
    return None
