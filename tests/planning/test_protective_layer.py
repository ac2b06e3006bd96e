"""A protective layer changes the temperature of an organ as theory says, read on the organ's own side of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from givre.bioheat.problem import INSULATED, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.planning.protection.layer import Layer
from givre.planning.protection.shield import with_layers
from givre.planning.trial.prepared import PreparedCase
from givre.planning.trial.quick_look import QuickLook, quick_look
from givre.tissue.flow import flow_of
from givre.tissue.labelling import label_tissues
from givre.tissue.material import ThermalMaterial
from givre.tissue.thermal import material_field
from givre.wiring import knowledge, solver
from tests.usecases.day_scene import case

WALL_C, BODY_C = 3.0, 37.0
TUMOUR_MM, ORGAN_MM, END_MM = 8.0, 24.0, 48.0
"""From a cold wall: tumour, muscle, a layer against the organ, the organ, body temperature."""

REST_S = 9000.0


def slab(spacing_mm: float) -> PreparedCase:
    """A column across which everything changes along x only; CT and lattice are one."""
    grid = Grid(shape=(4, 4, round(END_MM / spacing_mm)), spacing_mm=(spacing_mm,) * 3)
    ct = Volume(grid=grid, values=np.full(grid.shape, 50.0, dtype=np.float32), unit="HU")
    x_mm = (np.arange(grid.shape[2]) + 0.5) * spacing_mm
    masks = {
        name: Mask(grid=grid, inside=np.broadcast_to(inside, grid.shape).copy(), name=name)
        for name, inside in {"tumour": x_mm < TUMOUR_MM, "bowel": x_mm > ORGAN_MM}.items()
    }
    tables, description = knowledge(), case()
    tissues = label_tissues(ct, masks, lesion_kind=description.lesion_kind, thresholds=tables.hu_thresholds)
    return PreparedCase(
        description=description,
        ct=ct,
        masks=masks,
        knowledge=tables,
        tissue_map=tissues,
        material=material_field(tissues, tables.tissues, tables.bone),
    )


def layer_before_organ(prepared: PreparedCase, thickness_mm: float) -> Layer:
    x_mm = (np.arange(prepared.grid.shape[2]) + 0.5) * prepared.grid.spacing_mm[0]
    inside = np.broadcast_to((x_mm > ORGAN_MM - thickness_mm) & (x_mm < ORGAN_MM), prepared.grid.shape)
    mask = Mask(grid=prepared.grid, inside=inside.copy(), name="layer")
    return Layer(mask=mask, thickness_mm=thickness_mm, centre_mm=(0.0, 0.0, 0.0), volume_ml=1.0, open_share=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """A layer at rest: k T'' = w (T - T_blood) - q."""

    width_m: float
    k: float
    w: float
    q: float

    def basis(self, x_m: float) -> tuple[float, float, float]:
        """Values of both homogeneous solutions and of the particular one."""
        if self.w > 0:
            m = np.sqrt(self.w / self.k)
            return float(np.exp(-m * x_m)), float(np.exp(m * (x_m - self.width_m))), BODY_C + self.q / self.w
        return 1.0, x_m, -self.q * x_m**2 / (2 * self.k)

    def flux(self, x_m: float) -> tuple[float, float, float]:
        """k dT/dx of the three."""
        if self.w > 0:
            m = np.sqrt(self.w / self.k)
            first, second, _ = self.basis(x_m)
            return -self.k * m * first, self.k * m * second, 0.0
        return 0.0, self.k, -self.q * x_m


def organ_surface_c(slabs: list[Slab], *, wall_c: float, film_w_m2k: float = np.inf) -> float:
    """Exact temperature where the last slab begins; before the first lies `wall_c`, behind a film."""
    count = len(slabs)
    matrix, right = np.zeros((2 * count, 2 * count)), np.zeros(2 * count)
    first = slabs[0]
    value, flux = np.array(first.basis(0.0)), np.array(first.flux(0.0))
    at_wall = value - flux / film_w_m2k
    matrix[0, :2], right[0] = at_wall[:2], wall_c - at_wall[2]
    for n, (one, other) in enumerate(pairwise(slabs)):
        for row, (here, there) in enumerate(
            ((one.basis(one.width_m), other.basis(0.0)), (one.flux(one.width_m), other.flux(0.0)))
        ):
            matrix[1 + 2 * n + row, 2 * n : 2 * n + 4] = [*here[:2], -there[0], -there[1]]
            right[1 + 2 * n + row] = there[2] - here[2]
    end = slabs[-1].basis(slabs[-1].width_m)
    matrix[-1, -2:], right[-1] = end[:2], BODY_C - end[2]
    found = np.linalg.solve(matrix, right)[-2:]
    start = slabs[-1].basis(0.0)
    return float(found @ start[:2] + start[2])


def material_at(prepared: PreparedCase, x_mm: float) -> ThermalMaterial:
    at = int(x_mm / prepared.grid.spacing_mm[0])
    return prepared.material.materials[int(prepared.material.index[0, 0, at])]


def slabs_of(prepared: PreparedCase, edges_mm: list[float]) -> list[Slab]:
    found = []
    for low, high in pairwise(edges_mm):
        made_of = material_at(prepared, (low + high) / 2)
        found.append(
            Slab(
                width_m=(high - low) / 1000,
                k=made_of.conductivity_unfrozen_w_mk,
                w=made_of.perfusion_w_m3k,
                q=made_of.metabolic_w_m3,
            )
        )
    return found


def at_rest(prepared: PreparedCase) -> ThermalRun:
    """After so long that nothing changes any more."""
    insulated = (INSULATED, INSULATED)
    problem = ThermalProblem(
        material=prepared.material,
        duration_s=REST_S,
        body_temp_c=BODY_C,
        faces_c=(insulated, insulated, (WALL_C, BODY_C)),
        initial_c=None
        if all(m.flow_temp_c is None for m in prepared.material.materials)
        else np.array([m.flow_temp_c or BODY_C for m in prepared.material.materials])[prepared.material.index],
    )
    return solver(threads=1)(problem)


def read_c(prepared: PreparedCase, look: QuickLook) -> float:
    """Coldest place of the organ, as the planner reads it."""
    return look.figures(at_rest(prepared)).organ_coldest_c["bowel"]


CASES = [
    # what, thickness [mm], largest error at 2 mm voxels [°C]: half a voxel of tissue with the gradient at its surface
    ("carbon_dioxide", 2.0, 0.35),
    ("carbon_dioxide", 4.0, 0.2),
    ("carbon_dioxide", 8.0, 0.1),
    ("saline", 8.0, 0.1),
    (None, 8.0, 0.1),
]


@pytest.mark.parametrize(("material", "thickness_mm", "most_c"), CASES)
def test_the_surface_of_an_organ_behind_a_layer_is_as_warm_as_the_exact_solution(
    material: str | None, thickness_mm: float, most_c: float
) -> None:
    errors = [abs(found - exact) for found, exact in (pair(material, thickness_mm, s) for s in (2.0, 1.0))]
    assert errors[0] < most_c
    assert errors[1] < max(0.6 * errors[0], 0.02)


def pair(material: str | None, thickness_mm: float, spacing_mm: float) -> tuple[float, float]:
    prepared = slab(spacing_mm)
    look = quick_look(prepared)
    if material is not None:
        shielded = with_layers(prepared, [(layer_before_organ(prepared, thickness_mm), material)], look=look)
        prepared, look = shielded.prepared, shielded.look
    edges = [0.0, TUMOUR_MM, ORGAN_MM - thickness_mm, ORGAN_MM, END_MM]
    return read_c(prepared, look), organ_surface_c(slabs_of(prepared, edges), wall_c=WALL_C)


@pytest.mark.parametrize("spacing_mm", [2.0, 1.0])
def test_an_organ_behind_fluid_that_is_held_warm_is_as_warm_as_the_exact_solution(spacing_mm: float) -> None:
    prepared = slab(spacing_mm)
    shielded = with_layers(prepared, [(layer_before_organ(prepared, 8.0), "warm_saline")], look=quick_look(prepared))
    fluid = flow_of("protective_layer", "warm_saline")
    assert fluid.temp is not None
    exact_c = organ_surface_c(
        slabs_of(shielded.prepared, [ORGAN_MM, END_MM]), wall_c=fluid.temp.value, film_w_m2k=fluid.film.value
    )
    surface_c = shielded.look.organs["bowel"].read(at_rest(shielded.prepared).final_c).max()
    assert surface_c == pytest.approx(exact_c, abs=0.1)


def test_theory_puts_gas_above_tissue_and_saline_at_rest_below_it() -> None:
    """What `givre protect` says of these layers is what the exact solution says."""
    bare_c, gas_c, saline_c = (pair(what, 8.0, 2.0)[1] for what in (None, "carbon_dioxide", "saline"))
    assert saline_c < bare_c < gas_c


def test_a_mean_with_the_gas_would_be_far_too_cold() -> None:
    """The fault that reading on the organ's own side avoids."""
    prepared = slab(2.0)
    plain = quick_look(prepared)
    shielded = with_layers(prepared, [(layer_before_organ(prepared, 2.0), "carbon_dioxide")], look=plain)
    mixed_c = read_c(shielded.prepared, replace(plain, prepared=shielded.prepared))
    found_c, exact_c = pair("carbon_dioxide", 2.0, 2.0)
    assert mixed_c < exact_c - 1.5
    assert abs(found_c - exact_c) < 0.35
