"""scikit-fem against the axisymmetric finite volumes; they share property tables and mesh lines only."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest

from givre.verification.crosscode.cases import cross_cases
from givre.verification.crosscode.gaps import isotherm_gaps_mm
from givre.verification.crosscode.plane_mesh import plane_mesh
from givre.verification.crosscode.references import by_elements, by_rings, mesh_of, ring_problem

pytest.importorskip("skfem", reason="scikit-fem is optional: pip install scikit-fem")

two_probes = importlib.import_module("givre.verification.crosscode.two_probes")
solve_elements = importlib.import_module("givre.verification.crosscode.finite_elements").solve_elements

CASES = {case.name: case for case in cross_cases()}


@pytest.mark.parametrize("name", ["22 mm zone", "shell", "contact"])
def test_both_codes_draw_the_same_isotherms(name: str) -> None:
    case = CASES[name]
    reference = by_rings(case, size_mm=0.6, tip_mm=0.15)
    elements = by_elements(case, size_mm=1.0, tip_mm=0.15, step_per_elapsed=0.2, longest_step_s=30.0)
    for isotherm_c, curve in reference.contours.items():
        gaps_mm = isotherm_gaps_mm(curve, elements.sample, isotherm_c)
        assert np.abs(gaps_mm).mean() < 0.08
        assert np.abs(gaps_mm).max() < 0.25
        assert elements.contours[isotherm_c].volume_ml == pytest.approx(curve.volume_ml, rel=0.025)


def test_quadratic_elements_say_the_same_as_bilinear_ones() -> None:
    case = CASES["22 mm zone"]
    problem = ring_problem(case, mesh_of(case, size_mm=2.0, tip_mm=0.3), step_per_elapsed=0.2, longest_step_s=30.0)
    bilinear, quadratic = solve_elements(problem), solve_elements(problem, quadratic=True)
    outside = bilinear.r_m > 3e-3
    apart_c = np.abs(bilinear.temp_c - quadratic.temp_c)[:, outside]
    assert quadratic.unknowns > 3 * bilinear.unknowns
    assert apart_c.mean() < 0.5


def test_the_plane_across_two_probes_is_covered_once() -> None:
    points, quads, in_disc = plane_mesh(half=7.5e-3, radius=0.75e-3, outer=0.04, side=4, layers=8)
    (ax, ay), (bx, by) = points[:, quads[2]] - points[:, quads[0]], points[:, quads[3]] - points[:, quads[1]]
    area_mm2 = (ax * by - ay * bx) / 2 * 1e6
    assert area_mm2.min() > 0
    assert area_mm2.sum() == pytest.approx(40.0**2, rel=1e-12)
    assert area_mm2[in_disc].sum() == pytest.approx(np.pi * 0.75**2 / 2, rel=0.02)


def test_two_probes_far_apart_each_freeze_as_one_alone() -> None:
    case = replace(CASES["22 mm zone"], duration_s=60.0)
    alone = by_rings(case, size_mm=0.6, tip_mm=0.15).contours[-20.0]
    both = two_probes.solve_two_probes(
        two_probes.TwoProbes(table=case.tables[0], apart_mm=30.0, duration_s=60.0, steps=10, side=4, layers=14)
    )
    points_mm, normals = both.surface(-20.0)
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0)
    middle = points_mm[np.abs(points_mm[:, 2]) < 2.0]
    radius_mm = np.hypot(middle[:, 0] - 15.0, middle[:, 1])
    assert np.abs(radius_mm - alone.radius_at_mm(0.0)).max() < 0.25
