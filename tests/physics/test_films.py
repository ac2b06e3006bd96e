"""Fluids behind a film, bare skin and its temperature at rest, against exact solutions."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import erfc, erfcx

from givre.bioheat.problem import INSULATED, ProbeSource, ThermalProblem
from givre.bioheat.resting import resting_temperature_c
from givre.bioheat.solve import solve
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.geometry.grid import Grid
from givre.tissue.flow import FlowKind, flow_material, flow_of, surface_steps
from givre.tissue.material import MaterialField, ThermalMaterial

FLUID_ROWS, BODY_C = 5, 37.0
K_W_MK, C_J_M3K = 0.5, 3.7e6


def tissue(perfusion_w_m3k: float = 0.0, metabolic_w_m3: float = 0.0) -> ThermalMaterial:
    return ThermalMaterial(
        name="tissue", capacity_unfrozen_j_m3k=C_J_M3K, capacity_frozen_j_m3k=1.9e6, capacity_frozen_slope_j_m3k2=0.0,
        conductivity_unfrozen_w_mk=K_W_MK, conductivity_frozen_w_mk=1.5, latent_j_m3=2.5e8,
        perfusion_w_m3k=perfusion_w_m3k, metabolic_w_m3=metabolic_w_m3, freezes=True,
    )  # fmt: skip


def half_space(
    material: ThermalMaterial, *, film: float, fluid_c: float, spacing_mm: float, depth_mm: float, width: int = 3
) -> MaterialField:
    """Fluid above tissue, along k."""
    index = np.zeros((FLUID_ROWS + round(depth_mm / spacing_mm), width, width), dtype=np.uint8)
    index[:FLUID_ROWS] = 1
    fluid = flow_material(flow_of("fluid", "warm_saline", temp_c=fluid_c, film_w_m2k=film), spacing_mm)
    grid = Grid(shape=index.shape, spacing_mm=(spacing_mm,) * 3)
    return MaterialField(grid=grid, index=index, materials=(material, fluid))


@pytest.mark.parametrize(
    ("film", "fluid_c", "most_c"),
    [(8.0, 22.0, 0.006), (100.0, 40.0, 0.02), (300.0, 40.0, 0.05), (500.0, 20.0, 0.26)],
)
def test_tissue_behind_a_film_cools_as_the_exact_half_space(film, fluid_c, most_c):
    """Carslaw & Jaeger 2.7; the largest error, at 2 mm after a minute, falls fourfold at 1 mm."""
    errors = [_half_space_error_c(film, fluid_c, spacing_mm, time_s=60.0) for spacing_mm in (2.0, 1.0)]
    assert errors[0] < most_c
    assert errors[1] < 0.3 * errors[0]


def _half_space_error_c(film: float, fluid_c: float, spacing_mm: float, time_s: float) -> float:
    field = half_space(tissue(), film=film, fluid_c=fluid_c, spacing_mm=spacing_mm, depth_mm=60.0)
    insulated = (INSULATED, INSULATED)
    run = solve(
        ThermalProblem(
            material=field, duration_s=time_s, faces_c=((INSULATED, BODY_C), insulated, insulated),
            initial_c=np.where(field.index == 1, fluid_c, BODY_C), longest_step_s=2.0,
        )
    )  # fmt: skip
    found_c = run.final_c[FLUID_ROWS:, 1, 1]
    depth_m = (np.arange(len(found_c)) + 0.5) * spacing_mm / 1000
    diffused_m = np.sqrt(K_W_MK / C_J_M3K * time_s)
    z, biot = depth_m / (2 * diffused_m), film / K_W_MK * diffused_m
    exact_c = BODY_C + (fluid_c - BODY_C) * (erfc(z) - np.exp(-(z**2)) * erfcx(z + biot))
    return float(np.abs(found_c - exact_c).max())


@pytest.mark.parametrize("spacing_mm", [2.0, 1.0])
@pytest.mark.parametrize("film", [5.0, 10.0, 200.0])
def test_perfused_tissue_at_rest_with_a_room_is_that_of_pennes(film, spacing_mm):
    """T - T_deep = (T_room - T_deep) exp(-m x) h / (h + k m),  m = sqrt(w / k),  T_deep = T_blood + q / w."""
    w, q, room_c = 2550.0, 990.0, 21.0
    field = half_space(tissue(w, q), film=film, fluid_c=room_c, spacing_mm=spacing_mm, depth_mm=160.0)
    faces_c = ((INSULATED, BODY_C + q / w), (INSULATED, INSULATED), (INSULATED, INSULATED))
    found_c = resting_temperature_c(field, body_temp_c=BODY_C, faces_c=faces_c, only=field.index == 1)
    depth_m = (np.arange(field.index.shape[0] - FLUID_ROWS) + 0.5) * spacing_mm / 1000
    m, deep_c = np.sqrt(w / K_W_MK), BODY_C + q / w
    exact_c = deep_c + (room_c - deep_c) * film / (film + K_W_MK * m) * np.exp(-m * depth_m)
    assert np.abs(found_c[FLUID_ROWS:, 1, 1] - exact_c).max() < 0.03 * (spacing_mm / 2) ** 2  # second order


def test_tissue_at_rest_stays_as_it_is_when_time_passes():
    field = half_space(tissue(2550.0, 990.0), film=8.0, fluid_c=20.0, spacing_mm=2.0, depth_mm=60.0)
    faces_c = ((INSULATED, BODY_C), (INSULATED, INSULATED), (INSULATED, INSULATED))
    rest_c = resting_temperature_c(field, body_temp_c=BODY_C, faces_c=faces_c, only=field.index == 1)
    run = solve(ThermalProblem(material=field, duration_s=900.0, faces_c=faces_c, initial_c=rest_c))
    assert np.abs(run.final_c - rest_c).max() < 0.002
    assert run.status.ending == "done"


@pytest.mark.parametrize("kind", ["room_air", "saline_glove"])
def test_what_is_done_to_a_skin_frozen_from_below_hardly_depends_on_how_the_film_is_made(kind: FlowKind):
    """Against a face of the domain behind the same film, over a probe 8 mm deep: no exact solution has ice."""
    film, fluid_c = (8.0, 22.0) if kind == "room_air" else (200.0, 40.0)
    with_fluid = _over_a_probe(
        half_space(tissue(2550.0), film=film, fluid_c=fluid_c, spacing_mm=2.0, depth_mm=40.0, width=20)
    )
    field = with_fluid.material
    bare = replace(field, grid=replace(field.grid, shape=(20, 20, 20)), index=field.index[FLUID_ROWS:])
    with_face = replace(
        with_fluid, material=bare, initial_c=with_fluid.initial_c[FLUID_ROWS:],
        faces_c=((fluid_c, BODY_C), *with_fluid.faces_c[1:]), faces_film_w_m2k=((film, np.inf), *((np.inf,) * 2,) * 2),
        probes=tuple(
            replace(
                probe, start_m=(probe.start_m[0] - FLUID_ROWS * 0.002, *probe.start_m[1:]),
                end_m=(probe.end_m[0] - FLUID_ROWS * 0.002, *probe.end_m[1:]),
            )
            for probe in with_fluid.probes
        ),
    )  # fmt: skip
    skin_c = solve(with_fluid).coldest_c[FLUID_ROWS]
    reference_c = solve(with_face).coldest_c[0]
    assert reference_c.min() < -8.0
    # 0.02 °C in air; under the glove 0.4 °C where the skin is half frozen: there the film conducts as ice does
    assert np.abs(skin_c - reference_c).max() < (0.05 if kind == "room_air" else 0.5)


def _over_a_probe(field: MaterialField) -> ThermalProblem:
    fluid_c = field.materials[1].flow_temp_c
    cold = SurfaceHistory(
        time_s=np.array([0.0, 10.0, 300.0]), temp_c=np.array([BODY_C, -120.0, -120.0]), modes=("cooling_only",) * 2
    )
    k_m = (FLUID_ROWS + 4) * 0.002
    probe = ProbeSource(
        label="P1", start_m=(k_m, 0.019, 0.009), end_m=(k_m, 0.019, 0.029), radius_m=0.00075,
        contact_resistance_m2k_w=0.0, history=cold,
    )  # fmt: skip
    return ThermalProblem(
        material=field, probes=(probe,), duration_s=300.0, faces_c=((INSULATED, BODY_C), *((BODY_C, BODY_C),) * 2),
        initial_c=np.where(field.index == 1, fluid_c, BODY_C),
    )  # fmt: skip


@pytest.mark.parametrize("direction", [(1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 1, 0)])
def test_an_oblique_skin_loses_as_much_heat_as_one_along_the_lattice(direction):
    """Skin at rest in a room: heat lost per area is that of the exact half-space, whatever the way it faces."""
    w, film, room_c, spacing_mm, size = 2550.0, 8.0, 22.0, 2.0, 36
    normal = np.array(direction) / np.linalg.norm(direction)
    k, j, i = np.indices((size,) * 3)
    height = (k - size / 2 + 0.3) * normal[0] + (j - size / 2) * normal[1] + (i - size / 2) * normal[2]
    room = height < 0
    index, materials = np.zeros((size,) * 3, dtype=np.uint8), [tissue(w)]
    flow = flow_of("body", "room_air", temp_c=room_c, film_w_m2k=film)
    for step in np.unique(surface_steps(room)[room]):
        index[room & (surface_steps(room) == step)] = len(materials)
        materials.append(flow_material(flow, spacing_mm, faces_per_area=float(step)))
    grid = Grid(shape=index.shape, spacing_mm=(spacing_mm,) * 3)
    field = MaterialField(grid=grid, index=index, materials=tuple(materials))
    found_c = resting_temperature_c(field, body_temp_c=BODY_C, faces_c=((INSULATED, INSULATED),) * 3, only=room)
    middle = np.s_[10:-10, 10:-10, 10:-10]  # the faces of the domain cut the skin askew
    depth_m = height[middle] * spacing_mm / 1000
    deep = ~room[middle] & (depth_m > 0.004) & (depth_m < 0.012)
    m = np.sqrt(w / K_W_MK)
    drop = (BODY_C - found_c[middle])[deep] * np.exp(m * depth_m[deep])
    exact = (BODY_C - room_c) * film / (film + K_W_MK * m)
    # the surface of a staircase is known to a part of a voxel only: half a voxel changes the drop by 7 %
    assert np.mean(drop) == pytest.approx(exact, rel=0.08)


def test_a_vessel_draws_as_much_heat_as_its_wall_and_film_allow():
    """Cylinder 8 mm wide in tissue without blood, at rest: within 3 % of a round wall of the same cross-section."""
    spacing_mm, film, size = 1.0, 300.0, 41
    j, i = np.indices((size, size)) - size // 2
    lumen = np.repeat((np.hypot(j, i) * spacing_mm < 4.0)[None], 3, axis=0)
    index, materials = np.zeros(lumen.shape, dtype=np.uint8), [tissue()]
    steps = surface_steps(lumen)
    for step in np.unique(steps[lumen]):
        index[lumen & (steps == step)] = len(materials)
        materials.append(
            flow_material(flow_of("aorta", "large_vessel", film_w_m2k=film), spacing_mm, faces_per_area=float(step))
        )
    field = MaterialField(
        grid=Grid(shape=lumen.shape, spacing_mm=(spacing_mm,) * 3), index=index, materials=tuple(materials)
    )
    held = (0.0, 0.0)
    found_c = resting_temperature_c(
        field, body_temp_c=BODY_C, faces_c=((INSULATED, INSULATED), held, held), only=np.zeros(lumen.shape, dtype=bool)
    )
    edge_m = spacing_mm / 1000
    faces = [np.take(found_c, end, axis=axis) for axis in (1, 2) for end in (0, -1)]
    lost_w_m = sum(float(face.mean()) * 2 * K_W_MK * size for face in faces)
    # a square bar of half-width a around a cylinder: ln(1.0787 a / r) (shape factor of a square)
    radius_m, half_m = np.sqrt(lumen[0].sum() / np.pi) * edge_m, size * edge_m / 2
    resistance = np.log(1.0787 * half_m / radius_m) / (2 * np.pi * K_W_MK) + 1 / (film * 2 * np.pi * radius_m)
    assert lost_w_m == pytest.approx(BODY_C / resistance, rel=0.03)
