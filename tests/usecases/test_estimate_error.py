"""The error estimate of a plan: what a second lattice gives, and every way in which there is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from givre.assessment.assess import assess_plan
from givre.assessment.discretisation import LEAST_VOXELS, DiscretisationError
from givre.assessment.result import Assessment
from givre.bioheat.run import RunStatus, ThermalRun
from givre.dossier.views import active_zone
from givre.foundation.errors import GridTooCoarse, InputError
from givre.geometry.resampling import cubic_grid_around
from givre.testing.dossiers import small_dossier_inputs
from givre.testing.runs import analytic_run
from givre.usecases.estimate_error import LONG_S, PlanReader, estimated_error

INPUTS = small_dossier_inputs()
CASE = INPUTS.case
ZONES = [active_zone(place, facts) for place, facts in zip(CASE.placements, INPUTS.probes, strict=True)]
READ = PlanReader(description=CASE, tumour=INPUTS.masks["tumour"], directions=[zone.direction for zone in ZONES])
VOXEL_MM = 2.5

Coarser = Callable[[float], tuple[ThermalRun, Assessment]]


@cache
def solved(voxel_mm: float, *, error_mm: float = 0.0, status: RunStatus | None = None) -> tuple[ThermalRun, Assessment]:
    """The plan on a lattice, its ice too small by an error proportional to the voxel."""
    ends_mm = np.array([point for zone in ZONES for point in (zone.start_mm, zone.end_mm)])
    grid = cubic_grid_around(ends_mm, INPUTS.ct.grid, spacing_mm=voxel_mm, margin_mm=30.0)
    run = analytic_run(grid, ZONES, ice_radius_mm=16.0 - error_mm * voxel_mm)
    run = run if status is None else replace(run, status=status)
    assessment = assess_plan(
        run,
        tumour=INPUTS.masks["tumour"],
        organs={"spinal_cord": INPUTS.masks["spinal_cord"]},
        goals=CASE.goals,
        organs_at_risk=CASE.organs_at_risk,
    )
    return run, assessment


def estimate(
    coarser: Coarser | None = None,
    *,
    wanted: bool | None = True,
    lattices: int = 2,
    wall_s: float = 1.0,
    status: RunStatus | None = None,
    error_mm: float = 0.1,
) -> DiscretisationError:
    run, assessment = solved(VOXEL_MM, error_mm=error_mm, status=status)
    return estimated_error(
        replace(run, wall_s=wall_s),
        assessment,
        read=READ,
        coarser=coarser or (lambda voxel_mm: solved(voxel_mm, error_mm=error_mm)),
        wanted=wanted,
        lattices=lattices,
    )


def never(voxel_mm: float) -> tuple[ThermalRun, Assessment]:
    raise AssertionError(f"simulated on {voxel_mm} mm")


@pytest.mark.parametrize("lattices", [2, 3])
def test_the_bars_contain_an_error_proportional_to_the_voxel(lattices: int) -> None:
    error = estimate(lattices=lattices)
    assert error.voxels_mm == pytest.approx((2.5, 3.75, 5.625)[:lattices])
    exact = READ.figures(*solved(1.5))
    for key in ("volume:0", "lethal", "ice:radius", "ice:along", "margin:minimum", "organ:spinal_cord:coldest"):
        assert abs(error.bars[key].value - exact[key].value) <= error.half_width(key), key
    assert error.edge_mm >= LEAST_VOXELS * VOXEL_MM


def test_without_any_error_a_bar_is_a_share_of_the_voxel() -> None:
    error = estimate(error_mm=0.0)
    assert error.edge_mm >= LEAST_VOXELS * VOXEL_MM
    assert error.half_width("ice:along") == pytest.approx(2.0 * error.edge_mm)


@pytest.mark.parametrize("ending", ["front_reached_boundary", "stopped", "diverged"])
def test_a_second_run_that_does_not_end_well_gives_no_estimate_and_says_why(ending: str) -> None:
    bad = RunStatus(ending=ending, sentence="it went wrong")
    error = estimate(lambda voxel_mm: solved(voxel_mm, status=bad))
    assert not error.is_known and not error.bars
    assert error.why_not == "coarse_unusable"
    assert error.reason == "the run on voxels of 3.75 mm gave no result: it went wrong"
    assert math.isnan(error.half_width("coverage"))


def test_a_second_run_that_is_refused_gives_no_estimate_and_says_why() -> None:
    def refuse(voxel_mm: float) -> tuple[ThermalRun, Assessment]:
        raise GridTooCoarse(f"voxels of {voxel_mm} mm lose the probe")

    error = estimate(refuse)
    assert error.why_not == "coarse_refused"
    assert "voxels of 3.75 mm lose the probe" in error.reason


def test_a_plan_without_result_is_not_solved_again() -> None:
    error = estimate(never, status=RunStatus(ending="diverged", sentence="temperatures stopped making sense"))
    assert error.why_not == "run_unusable"
    assert "temperatures stopped making sense" in error.reason


def test_nobody_asked_then_nothing_is_solved_again() -> None:
    assert estimate(never, wanted=False).why_not == "not_wanted"


def test_a_long_second_run_waits_until_it_is_asked_for() -> None:
    long_s = 4.0 * LONG_S
    assert estimate(never, wanted=None, wall_s=long_s).why_not == "too_long"
    assert estimate(wanted=True, wall_s=long_s).is_known
    assert estimate(wanted=None, wall_s=LONG_S).is_known


@pytest.mark.parametrize("lattices", [0, 1, 4])
def test_another_number_of_lattices_is_refused(lattices: int) -> None:
    with pytest.raises(InputError, match=r"give 2 or 3"):
        estimate(never, lattices=lattices)


def test_a_figure_that_is_not_a_number_on_the_second_lattice_has_no_bar() -> None:
    def without_margin(voxel_mm: float) -> tuple[ThermalRun, Assessment]:
        run, assessment = solved(voxel_mm)
        return run, replace(assessment, margin=replace(assessment.margin, minimum_mm=math.nan))

    error = estimate(without_margin)
    assert error.is_known
    assert math.isnan(error.half_width("margin:minimum")) and error.bars["margin:minimum"].reason
    assert math.isfinite(error.half_width("margin:mean"))
