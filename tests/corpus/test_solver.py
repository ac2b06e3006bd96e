"""What the solver does with problems that cannot be, or whose result cannot be trusted: rows B103 to B110."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from givre.assessment.result import judge_at_least
from givre.assessment.verdict import judge_organ
from givre.bioheat.assembly import thermal_problem
from givre.bioheat.ice import Freezing
from givre.bioheat.problem import INSULATED, ThermalProblem
from givre.bioheat.resting import resting_temperature_c
from givre.bioheat.solve import solve
from givre.case.description import SimulationSettings
from givre.case.goals import OrganAtRisk
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.foundation.errors import (
    DoesNotSettle,
    GridTooCoarse,
    InputError,
    InvalidMaterial,
    InvalidPlacement,
    SimulationError,
)
from givre.geometry.grid import Grid
from givre.tissue.flow import flow_of
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.tissue.table import packaged_rows, tissue_table

GOOD = {
    "capacity_unfrozen_j_m3k": 3.7e6, "capacity_frozen_j_m3k": 1.9e6, "capacity_frozen_slope_j_m3k2": 5e3,
    "conductivity_unfrozen_w_mk": 0.5, "conductivity_frozen_w_mk": 1.5, "latent_j_m3": 2.7e8,
    "perfusion_w_m3k": 2500.0, "metabolic_w_m3": 900.0,
}  # fmt: skip


def field(size: int = 40, spacing_mm: float = 2.0, **changes: float) -> MaterialField:
    material = ThermalMaterial(name="muscle", freezes=True, **GOOD | changes)
    shape = (size,) * 3
    grid = Grid(shape=shape, spacing_mm=(spacing_mm,) * 3)
    return MaterialField(grid=grid, index=np.zeros(shape, dtype=np.uint8), materials=(material,))


def plan(where: MaterialField) -> ThermalProblem:
    x, y, z = (float(x) for x in np.ravel(where.grid.index_to_lps(np.array(where.grid.shape) / 2)))
    probe = Placement(label="P1", model="icesphere-1.5-cx", entry_mm=(x, y - 40, z), target_mm=(x, y + 14, z))
    return thermal_problem(
        where, (probe,), load_catalogue(), TEMPLATES["single-10"], body_temp_c=37.0, structures={}, isotherms_c=(0.0,),
        points_mm={},
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Compiling is not part of what each test may take."""
    solve(replace(plan(field(size=30)), duration_s=1.0, tail_s=0.0))


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("name", ["conductivity_unfrozen_w_mk", "conductivity_frozen_w_mk", "capacity_unfrozen_j_m3k"])
def test_materials_that_cannot_be_are_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidMaterial, match="must be positive and finite"):
        field(**{name: value})


@pytest.mark.parametrize("name", ["latent_j_m3", "perfusion_w_m3k", "metabolic_w_m3"])
def test_heat_that_is_negative_or_not_a_number_is_refused(name: str) -> None:
    for value in (-1.0, math.nan):
        with pytest.raises(InvalidMaterial, match="not negative"):
            field(**{name: value})


def test_a_conductivity_beyond_all_metals_is_refused_before_it_makes_endless_steps() -> None:
    with pytest.raises(InvalidMaterial, match="silver has 430"):
        field(conductivity_unfrozen_w_mk=5e4)


@pytest.mark.parametrize("density", ["-1090", "0", "nan"])
def test_a_density_that_cannot_be_is_refused_with_its_tissue(density: str) -> None:
    rows = [dict(row) for row in packaged_rows("tissues.csv") if row["tissue"] == "muscle"]
    changed = {"value": density, "low": density, "high": density}
    with pytest.raises(InputError, match=r"density_kg_m3 of muscle spans|is not finite"):
        tissue_table([row | changed if row["property"] == "density_kg_m3" else row for row in rows])


@pytest.mark.parametrize(("lower_c", "upper_c"), [(-1.0, -1.0), (0.0, -8.0), (math.nan, -0.5), (-8.0, math.nan)])
def test_a_freezing_interval_without_width_is_refused(lower_c: float, upper_c: float) -> None:
    with pytest.raises(InputError, match="give two increasing values"):
        Freezing(lower_c=lower_c, upper_c=upper_c)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_of_a_plan_that_are_not_numbers_are_refused(number: float) -> None:
    with pytest.raises(InputError):
        SimulationSettings(voxel_mm=number)
    with pytest.raises(InputError):
        SimulationSettings(room_temp_c=number)
    with pytest.raises(InputError):
        flow_of("aorta", "large_vessel", film_w_m2k=number)
    with pytest.raises(InvalidPlacement):
        Placement(label="P1", model="m", entry_mm=(0, 0, 0), target_mm=(0, 0, 50), power=number)


def test_b103_a_temperature_that_is_not_a_number_never_passes_a_limit() -> None:
    nerve = OrganAtRisk(structure="nerve", limit_temp_c=0.0, alarm_temp_c=10.0, source="test", status="assumption")
    for verdict in (judge_organ(nerve, math.nan, is_usable=True), judge_at_least("margin", math.nan, 5.0, "mm")):
        assert verdict.status != "met"
        assert verdict.is_failure


@pytest.mark.parametrize("voxel_mm", [2.6, 3.0, 5.0])
def test_b105_voxels_that_lose_the_probe_are_refused(voxel_mm: float) -> None:
    with pytest.raises(InputError, match=r"give 0\.4 to 2\.5 mm"):
        SimulationSettings(voxel_mm=voxel_mm)
    with pytest.raises(GridTooCoarse, match=f"voxels of {voxel_mm:g} mm lose it"):
        plan(field(size=30, spacing_mm=voxel_mm))


def test_b105_an_active_zone_shorter_than_four_voxels_is_refused() -> None:
    short = replace(load_catalogue()["icesphere-1.5-cx"], active_zone_mm=7.0)
    probe = Placement(label="P1", model="short", entry_mm=(40.0, 0.0, 40.0), target_mm=(40.0, 45.0, 40.0))
    with pytest.raises(GridTooCoarse, match=r"active zone of 7 mm needs voxels of at most 1\.8 mm"):
        thermal_problem(
            field(), (probe,), {"short": short}, TEMPLATES["single-10"], body_temp_c=37.0, structures={},
            isotherms_c=(), points_mm={},
        )  # fmt: skip


def test_b106_a_front_at_the_edge_is_a_status_and_no_result() -> None:
    problem = plan(field(size=26))
    run = solve(problem)
    assert run.status.ending == "front_reached_boundary"
    assert not run.status.is_usable
    assert "enlarge the domain margin" in run.status.sentence


def test_b107_a_run_that_stops_making_sense_has_no_result() -> None:
    problem = replace(plan(field(size=30)), initial_c=np.full((30, 30, 30), 37.0), duration_s=60.0, tail_s=0.0)
    assert problem.initial_c is not None
    problem.initial_c[3, 3, 3] = np.nan  # behind the check at the door
    run = solve(problem)
    assert run.status.ending == "diverged"
    assert not run.status.is_usable


def test_b107_a_temperature_at_rest_that_does_not_exist_is_refused() -> None:
    nothing = ((INSULATED, INSULATED),) * 3
    unperfused = field(size=6, perfusion_w_m3k=0.0)  # heated everywhere, cooled nowhere
    with pytest.raises(DoesNotSettle, match="no blood flows and no face is held"):
        resting_temperature_c(unperfused, body_temp_c=37.0, faces_c=nothing, only=np.zeros((6, 6, 6), dtype=bool))


def test_b107_an_initial_temperature_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(SimulationError, match="not finite"):
        replace(plan(field(size=30)), initial_c=np.full((30, 30, 30), np.nan))


@pytest.mark.parametrize("threads", [2, 3])
def test_b109_the_number_of_threads_changes_no_temperature_by_more_than_a_hundredth(threads: int) -> None:
    problem = replace(plan(field(size=30)), duration_s=60.0, tail_s=0.0)
    one, several = solve(problem), solve(problem, threads=threads)
    assert np.abs(one.coldest_c - several.coldest_c).max() < 0.01


def test_b110_the_same_job_twice_gives_the_same_bytes_and_the_same_hash() -> None:
    problem = replace(plan(field(size=30)), duration_s=60.0, tail_s=0.0)
    first, second = solve(problem), solve(problem)
    assert first.coldest_c.tobytes() == second.coldest_c.tobytes()
    assert first.problem_hash == second.problem_hash
