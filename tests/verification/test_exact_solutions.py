"""The references themselves: they satisfy their equations, their boundaries and known values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from givre.bioheat.exact import line_sink_interval, planar_interval, planar_sharp
from givre.verification import exact_linear
from givre.verification.exact_ice import freezing_against, steady_ice_cylinder
from givre.verification.media import MUSHY, TISSUE, WIDE, material, tabled
from givre.verification.nonlinear import LAW
from givre.verification.similarity import similar_field

Array = npt.NDArray[np.float64]
K, C = TISSUE.k_unfrozen, TISSUE.capacity_unfrozen


def residual(temp_c: Callable[[Array, float], Array], x: Array, t: float, *, sink: float = 0.0, n: int = 0) -> Array:
    """C dT/dt - k (T'' + n T'/x) + sink (T - 37), by differences, over the largest of its terms."""
    dx, dt = 2e-5, 0.05
    second = (temp_c(x + dx, t) - 2 * temp_c(x, t) + temp_c(x - dx, t)) / dx**2
    first = (temp_c(x + dx, t) - temp_c(x - dx, t)) / (2 * dx)
    in_time = (temp_c(x, t + dt) - temp_c(x, t - dt)) / (2 * dt)
    terms = (C * in_time, K * second, K * n * first / x, sink * (temp_c(x, t) - 37.0))
    left = terms[0] - terms[1] - terms[2] + terms[3]
    return np.asarray(np.abs(left) / max(float(np.abs(term).max()) for term in terms))


DEPTHS = np.linspace(2e-3, 15e-3, 14)


def test_a_cooled_wall_a_film_and_a_film_mode_satisfy_the_heat_equation() -> None:
    fields: list[Callable[[Array, float], Array]] = [
        lambda x, t: exact_linear.suddenly_cooled_c(x, t, diffusivity=K / C, initial_c=37.0, wall_c=2.0),
        lambda x, t: exact_linear.film_cooled_c(
            x, t, conductivity=K, capacity=C, film=50.0, initial_c=37.0, air_c=20.0
        ),
        lambda x, t: exact_linear.film_mode_c(
            x, t, width_m=0.02, conductivity=K, capacity=C, film=500.0, air_c=20.0, amplitude_c=10.0
        ),
    ]
    for temp_c in fields:
        assert residual(temp_c, DEPTHS, 300.0).max() < 1e-4


def test_films_keep_their_boundary_conditions() -> None:
    dx = 1e-6
    near = exact_linear.film_cooled_c(
        np.array([0.0, dx]), 300.0, conductivity=K, capacity=C, film=50.0, initial_c=37.0, air_c=20.0
    )
    assert K * (near[1] - near[0]) / dx == pytest.approx(50.0 * (near[0] - 20.0), rel=1e-3)
    edge = exact_linear.film_mode_c(
        np.array([0.02 - dx, 0.02]), 50.0, width_m=0.02, conductivity=K, capacity=C, film=500.0, air_c=20.0,
        amplitude_c=10.0,
    )  # fmt: skip
    assert -K * (edge[1] - edge[0]) / dx == pytest.approx(500.0 * (edge[1] - 20.0), rel=1e-3)


def test_perfused_fields_satisfy_pennes() -> None:
    w = 20_000.0
    steady: list[tuple[Callable[[Array, float], Array], int]] = [
        (lambda x, _: exact_linear.perfused_wall_steady_c(
            x, conductivity=K, perfusion=w, body_c=37.0, wall_c=10.0, width_m=0.04), 0),
        (lambda x, _: exact_linear.perfused_line_steady_c(
            x, conductivity=K, perfusion=w, body_c=37.0, edge_c=10.0, edge_m=1e-3), 1),
        (lambda x, _: exact_linear.perfused_point_steady_c(
            x, conductivity=K, perfusion=w, body_c=37.0, edge_c=10.0, edge_m=1e-3), 2),
    ]  # fmt: skip
    for temp_c, n in steady:
        assert residual(temp_c, DEPTHS, 1.0, sink=w, n=n).max() < 1e-4

    def in_time(x: Array, t: float) -> Array:
        return exact_linear.perfused_wall_c(
            x, t, conductivity=K, capacity=C, perfusion=w, body_c=37.0, wall_c=10.0
        )  # fmt: skip

    assert residual(in_time, DEPTHS, 120.0, sink=w).max() < 1e-4
    assert in_time(np.array([0.0]), 120.0)[0] == pytest.approx(10.0)


def test_two_bodies_share_temperature_and_flux_where_they_touch() -> None:
    k, c = (0.5, 6.7), (3.7e6, 2.3e6)
    dx = 1e-6
    left, right = exact_linear.two_bodies_c(
        np.array([[-2 * dx, -dx], [dx, 2 * dx]]), 100.0, conductivity=k, capacity=c, initial_c=(37.0, 7.0)
    )
    assert left[1] == pytest.approx(right[0], abs=0.01)
    assert k[0] * (left[1] - left[0]) == pytest.approx(k[1] * (right[1] - right[0]), rel=1e-3)


def test_steady_ice_has_the_tabulated_radius_and_equal_fluxes() -> None:
    medium = replace(TISSUE, upper_c=-1.0)
    blood_per_ml = 3.8e6 * 1.079e-3 / 60  # conductance of 1 mL/min/kg in tissue of 1079 kg/m3
    for flow, radius_mm in ((30.0, 41.2), (860.0, 11.8)):
        ice = steady_ice_cylinder(medium, perfusion_w_m3k=flow * blood_per_ml, inner_m=0.75e-3, inner_c=-120.0)
        assert ice.front_m * 1000 == pytest.approx(radius_mm, rel=0.02)  # tabulated with a rounded density


def test_freezing_against_a_perfect_conductor_is_freezing_from_a_held_wall() -> None:
    wall = planar_sharp(TISSUE, -60.0)
    against = freezing_against(TISSUE, body_k=1e6, body_capacity=1e9, body_c=-60.0)
    assert against.front_m == pytest.approx(wall.front_m, rel=1e-4)
    assert against.contact_c == pytest.approx(-60.0, abs=0.02)
    bone = freezing_against(TISSUE, body_k=0.5, body_capacity=2e6, body_c=-60.0)
    assert bone.front_m < wall.front_m
    sides = bone.temp_c(np.array([-1e-7, 1e-7]), 100.0)
    assert sides[0] == pytest.approx(sides[1], abs=1e-2)


def test_the_similarity_solution_reproduces_the_closed_ones() -> None:
    x = np.linspace(1e-4, 0.06, 400)
    plane = similar_field(material(WIDE), MUSHY, dimensions=1, eta_start=0.0, start_c=-150.0, body_c=37.0)
    assert np.abs(plane.at(x, 600.0) - planar_interval(WIDE, -150.0).temp_c(x, 600.0)).max() < 1e-3
    sink, eta = line_sink_interval(WIDE, 800.0), 5e-5
    start_c = float(sink.temp_c(np.array(2 * eta * np.sqrt(600.0)), 600.0))
    line = similar_field(material(WIDE), MUSHY, dimensions=2, eta_start=eta, start_c=start_c, body_c=37.0)
    x = np.linspace(2 * eta * np.sqrt(600.0), 0.06, 400)
    assert np.abs(line.at(x, 600.0) - sink.temp_c(x, 600.0)).max() < 1e-3


def test_the_similarity_solution_of_a_real_tissue_runs_from_wall_to_body() -> None:
    found = similar_field(
        tabled("muscle", bloodless=True), LAW, dimensions=1, eta_start=0.0, start_c=-120.0, body_c=37.0
    )
    assert found.at(np.array([0.0]), 60.0)[0] == pytest.approx(-120.0)
    assert found.at(np.array([1.0]), 60.0)[0] == pytest.approx(37.0, abs=1e-6)
    assert (np.diff(found.temp_c) >= 0).all()
