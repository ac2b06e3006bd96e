"""The axisymmetric reference against exact solutions, the radial reference, and itself on finer meshes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import k0

from givre.bioheat.exact import ExactFreeze, line_sink_interval, planar_interval
from givre.bioheat.ice import Freezing
from givre.bioheat.radial import RadialProblem, crossing_m, solve_radial
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.verification.crosscode.axisymmetric import RingProblem, RingRun, solve_rings
from givre.verification.crosscode.cases import PROBE_C, PROBE_RADIUS_MM, cross_cases
from givre.verification.crosscode.property_table import PropertyTable, table_of
from givre.verification.crosscode.references import by_rings, mesh_of, ring_problem
from givre.verification.crosscode.ring_mesh import RingMesh, RingSpec, ring_mesh
from givre.verification.media import MUSHY, WIDE, constant_probe, material, solid_matter, tabled

CASES = {case.name: case for case in cross_cases()}
FREEZE_S = 300.0


def long_probe_mesh(*, radius_m: float, outer_m: float, size_m: float, tip_m: float) -> RingMesh:
    """An active zone so long that its middle knows nothing of its ends."""
    spec = RingSpec(
        probe_radius_m=radius_m, active_m=(-0.06, 0.06), outer_m=outer_m, ends_m=(0.0, 0.1), size_m=size_m,
        tip_m=tip_m, fine_m=(radius_m + 0.02, 0.001), insulated_shaft=True,
    )  # fmt: skip
    return ring_mesh(spec)


def middle(run: RingRun, mesh: RingMesh, time_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Radii [m] and temperatures of the middle plane, tissue only."""
    temp_c = run.temp_c[time_s][0]
    tissue = ~np.isnan(temp_c)
    return mesh.r_m[tissue], temp_c[tissue]


def exact_wall(exact: ExactFreeze, distance_m: float, *, start_c: float) -> SurfaceHistory:
    """The exact temperature of a place in time, to hold a wall there."""
    time_s = np.concatenate([[0.0], np.geomspace(1e-3, FREEZE_S, 1500)])
    temp_c = np.array([start_c, *(float(exact.temp_c(np.array(distance_m), t)) for t in time_s[1:])])
    return SurfaceHistory(time_s=time_s, temp_c=temp_c, modes=("free",) * (len(time_s) - 1))


def mushy_table() -> PropertyTable:
    return table_of(material(WIDE), MUSHY)


def test_a_line_sink_freezes_as_the_exact_solution_says() -> None:
    exact = line_sink_interval(WIDE, 600.0)
    mesh = long_probe_mesh(radius_m=0.75e-3, outer_m=0.06, size_m=0.25e-3, tip_m=0.1e-3)
    history = exact_wall(exact, 0.75e-3, start_c=WIDE.initial_c)
    run = solve_rings(RingProblem(mesh=mesh, tables=(mushy_table(),), history=history, duration_s=FREEZE_S))
    radius_m, temp_c = middle(run, mesh, FREEZE_S)
    assert np.abs(temp_c - exact.temp_c(radius_m, FREEZE_S)).max() < 0.25
    # the first ice sits on a kink of the temperature, which cells of 0.25 mm blur
    for isotherm_c, front_m, tolerance_m in ((-8.0, exact.front_m, 0.03e-3), (-1.0, exact.upper_front_m, 0.08e-3)):
        found_m = crossing_m(radius_m, temp_c, isotherm_c)
        assert found_m == pytest.approx(front_m * np.sqrt(FREEZE_S), abs=tolerance_m)


def test_a_cold_wall_freezes_as_the_exact_solution_says() -> None:
    exact = planar_interval(WIDE, -100.0)
    radius_m = 10.0  # so large that the wall is flat
    mesh = long_probe_mesh(radius_m=radius_m, outer_m=radius_m + 0.06, size_m=0.25e-3, tip_m=0.1e-3)
    history = constant_probe(-100.0, FREEZE_S)
    run = solve_rings(RingProblem(mesh=mesh, tables=(mushy_table(),), history=history, duration_s=FREEZE_S))
    place_m, temp_c = middle(run, mesh, FREEZE_S)
    found_m = crossing_m(place_m - radius_m, temp_c, -8.0)
    assert found_m == pytest.approx(exact.front_at_m(FREEZE_S), abs=0.05e-3)  # a fifth of a cell


def test_steady_perfused_tissue_follows_the_bessel_function() -> None:
    conductivity, perfusion = 0.5, 40e3
    base = solid_matter("gel", conductivity, 3.6e6)
    tissue = table_of(base, Freezing())
    blood = np.full_like(tissue.perfusion, perfusion)
    table = PropertyTable(
        nodes_c=tissue.nodes_c, conductivity=tissue.conductivity, capacity=tissue.capacity, perfusion=blood,
        metabolism=tissue.metabolism, kinks_c=(),
    )  # fmt: skip
    mesh = long_probe_mesh(radius_m=0.75e-3, outer_m=0.05, size_m=0.25e-3, tip_m=0.1e-3)
    run = solve_rings(
        RingProblem(
            mesh=mesh, tables=(table,), history=constant_probe(5.0, 3000.0), duration_s=3000.0, longest_step_s=60.0
        )
    )
    radius_m, temp_c = middle(run, mesh, 3000.0)
    decay_m = np.sqrt(conductivity / perfusion)
    expected_c = 37.0 - 32.0 * k0(radius_m / decay_m) / k0(0.75e-3 / decay_m)
    assert np.abs(temp_c - expected_c).max() < 0.03


def test_the_middle_of_a_long_probe_agrees_with_the_radial_reference() -> None:
    muscle, freezing = tabled("muscle"), Freezing()
    history = constant_probe(PROBE_C, FREEZE_S)
    radial = RadialProblem(material=muscle, freezing=freezing, inner_m=PROBE_RADIUS_MM / 1000, outer_m=0.04, cells=320)
    radial_m, radial_c = solve_radial(radial, history, FREEZE_S)
    mesh = long_probe_mesh(radius_m=PROBE_RADIUS_MM / 1000, outer_m=0.04, size_m=0.2e-3, tip_m=0.1e-3)
    run = solve_rings(
        RingProblem(mesh=mesh, tables=(table_of(muscle, freezing),), history=history, duration_s=FREEZE_S)
    )
    radius_m, temp_c = middle(run, mesh, FREEZE_S)
    for isotherm_c in (0.0, -20.0, -40.0):
        found_m = crossing_m(radius_m, temp_c, isotherm_c)
        assert found_m == pytest.approx(crossing_m(radial_m, radial_c, isotherm_c), abs=0.05e-3)


def test_heat_adds_up_over_freeze_thaw_and_freeze() -> None:
    answer = by_rings(CASES["10-8-10"], size_mm=1.2, tip_mm=0.4)
    assert answer.relative_error < 1e-5


def test_the_heat_that_the_probe_takes_settles_as_the_mesh_is_refined() -> None:
    case = CASES["22 mm zone"]
    heat_j = [
        solve_rings(
            ring_problem(
                case, mesh_of(case, size_mm=1.6, tip_mm=0.4, refine=n), step_per_elapsed=0.05, longest_step_s=8.0
            )
        ).probe_j
        for n in (1, 2, 4)
    ]
    first, second = abs(heat_j[1] - heat_j[0]), abs(heat_j[2] - heat_j[1])
    assert second < first / 1.8  # first order at least: the flux has a corner at the ends of the active zone
    assert second < 0.005 * abs(heat_j[2])


def test_shorter_steps_change_nothing_that_matters() -> None:
    case = CASES["22 mm zone"]
    usual = by_rings(case, size_mm=0.8, tip_mm=0.2).contours[0.0].volume_ml
    shorter = by_rings(case, size_mm=0.8, tip_mm=0.2, step_per_elapsed=0.0125, longest_step_s=2.0)
    assert shorter.contours[0.0].volume_ml == pytest.approx(usual, rel=0.002)


def test_an_insulated_shaft_makes_less_ice_than_cold_ends() -> None:
    case = CASES["22 mm zone"]
    cold, mild, shaft = (
        by_rings(case, size_mm=0.8, tip_mm=0.2, insulated_shaft=shaft, cold_ends=ends).contours[-20.0].volume_ml
        for shaft, ends in ((False, True), (False, False), (True, False))
    )
    assert cold > mild > 0.99 * shaft
    assert shaft > 0.95 * cold


def test_steps_end_where_the_probe_switches() -> None:
    case = CASES["10-8-10"]
    problem = ring_problem(case, mesh_of(case, size_mm=2.0, tip_mm=0.5), step_per_elapsed=0.05, longest_step_s=8.0)
    run = solve_rings(problem, keep_s=(600.0, 1080.0))
    frozen, thawed, again = (np.nanmin(run.temp_c[t]) for t in (600.0, 1080.0, 1680.0))
    assert frozen < -100 < -15 < thawed < 0
    assert again < -100
