"""A cryoprobe thinner than a voxel against a fine radial reference, and its indifference to the lattice."""

import numpy as np
import pytest
from scipy import ndimage

from givre.bioheat.ice import Freezing
from givre.bioheat.problem import ProbeSource, Recording, ThermalProblem
from givre.bioheat.radial import RadialProblem, crossing_m, solve_radial
from givre.bioheat.run import ThermalRun
from givre.bioheat.solve import solve
from givre.calibration.forward import Arrangement, ProbeNumbers, homogeneous_problem
from givre.calibration.media import find_medium
from givre.cryoprobe.catalogue import find_cryoprobe
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField, ThermalMaterial
from givre.verification.media import TISSUE, constant_probe, cubic, field, material, probe_along_k
from givre.wiring import knowledge

BOUNDARY_MM = 34.0
ISOTHERMS_C = (0.0, -20.0, -40.0)
FREEZE_S = 600.0


def perfused() -> ThermalMaterial:
    return material(TISSUE, perfusion_w_m3k=2000.0)


@pytest.fixture(scope="module")
def reference() -> tuple[np.ndarray, np.ndarray]:
    """Radius [m] and temperature [°C] at the end of the freeze."""
    problem = RadialProblem(
        material=perfused(), freezing=Freezing(lower_c=-8.0, upper_c=-1.0), inner_m=0.75e-3,
        outer_m=BOUNDARY_MM / 1000, cells=300,
    )  # fmt: skip
    return solve_radial(problem, constant_probe(-140.0, FREEZE_S), FREEZE_S)


@pytest.fixture(scope="module")
def reference_mm(reference: tuple[np.ndarray, np.ndarray]) -> dict[float, float]:
    return {isotherm_c: crossing_m(*reference, isotherm_c) * 1000 for isotherm_c in ISOTHERMS_C}


def slab_run(spacing_mm: float, slices: int) -> tuple[ThermalRun, Grid]:
    """A probe through a slab with insulated faces: the middle plane sees an endless probe."""
    across = 2 * round(BOUNDARY_MM / spacing_mm)
    grid = cubic((slices, across, across), spacing_mm)
    clear_mm = 2 * 2.5 * spacing_mm + 2.0
    probe = probe_along_k(grid, active_zone_mm=slices * spacing_mm - clear_mm, history=constant_probe(-140.0, FREEZE_S))
    problem = ThermalProblem(
        material=field(grid, perfused()),
        freezing=Freezing(lower_c=-8.0, upper_c=-1.0),
        probes=(probe,),
        duration_s=FREEZE_S,
        faces_c=((float("nan"),) * 2, (37.0, 37.0), (37.0, 37.0)),
        recording=Recording(freeze_windows_s=((0.0, FREEZE_S),)),
    )
    return solve(problem), grid


def middle_radii_mm(run: ThermalRun, grid: Grid, isotherm_c: float) -> np.ndarray:
    """Radii of an isotherm in the middle plane, in 72 directions."""
    plane = run.final_c[grid.shape[0] // 2].astype(float)
    middle = (np.array(plane.shape) - 1) / 2
    along_mm = np.linspace(0.0, BOUNDARY_MM - 2, 2000)
    found = []
    for angle in np.linspace(0, 2 * np.pi, 72, endpoint=False):
        way = np.array([np.sin(angle), np.cos(angle)])[:, None] * along_mm / grid.spacing_mm[0] + middle[:, None]
        profile = ndimage.map_coordinates(plane, way, order=3)
        found.append(along_mm[np.flatnonzero(profile <= isotherm_c)[-1]])
    return np.array(found)


@pytest.mark.parametrize(("spacing_mm", "slices"), [(2.0, 36), (1.0, 60)])
def test_ice_around_a_thin_probe_matches_the_fine_radial_reference(
    reference_mm: dict[float, float], spacing_mm: float, slices: int
) -> None:
    run, grid = slab_run(spacing_mm, slices)
    for isotherm_c, expected_mm in reference_mm.items():
        error_mm = middle_radii_mm(run, grid, isotherm_c) - expected_mm
        assert np.abs(error_mm).max() < 0.3, f"{isotherm_c} °C at {spacing_mm} mm: {error_mm}"


@pytest.mark.parametrize(("spacing_mm", "slices"), [(2.0, 36), (1.0, 60)])
def test_closer_than_the_kernel_reaches_temperatures_are_read_as_they_really_are(
    reference: tuple[np.ndarray, np.ndarray], spacing_mm: float, slices: int
) -> None:
    run, grid = slab_run(spacing_mm, slices)
    middle = (np.array(grid.shape[1:]) - 1) / 2
    place_mm = np.moveaxis(np.indices(grid.shape[1:]), 0, -1) * spacing_mm - middle * spacing_mm
    from_axis_mm = np.hypot(place_mm[..., 0], place_mm[..., 1])
    near = (from_axis_mm < 2.5 * spacing_mm) & (from_axis_mm > 0.75)
    expected_c = np.interp(from_axis_mm[near] / 1000, *reference)
    read_c, solved_c = (field[grid.shape[0] // 2][near] for field in (run.end_of_freeze_c, run.final_c))
    read_error_c, solved_error_c = (np.abs(found - expected_c).max() for found in (read_c, solved_c))
    assert read_error_c < 2.0
    assert read_error_c < solved_error_c


def test_what_is_read_near_a_probe_is_the_same_in_every_record() -> None:
    run, grid = slab_run(2.0, 20)
    assert (run.coldest_c <= run.end_of_freeze_c + 1e-5).all()
    for isotherm_c, count in run.freezes_below.items():
        assert ((run.coldest_c <= isotherm_c) == (count > 0)).all()
        assert ((run.time_below_s[isotherm_c] > 0) == (count > 0)).all()
        volume_ml = run.history.volume_below_ml[isotherm_c][-1]
        assert volume_ml == pytest.approx((run.end_of_freeze_c <= isotherm_c).sum() * grid.voxel_volume_mm3 / 1000)


def test_a_probe_that_suddenly_cools_a_gel_on_a_fine_lattice_does_not_shake_it() -> None:
    """Water conducts eight times better once it is ice as cold as the probe, which it gets within one step."""
    problem = homogeneous_problem(
        find_cryoprobe(knowledge().catalogue, "icesphere-1.5-cx"),
        ProbeNumbers(surface_temp_c=-160.0, contact_resistance_m2k_w=0.0, active_zone_mm=12.0),
        Arrangement(medium="agar_gel", medium_temp_c=37.0, probes=1, spacing_mm=float("nan"), time_s=15.0),
        find_medium("agar_gel"),
        voxel_mm=0.5,
        room_mm=10.0,
    )
    run = solve(problem)
    assert run.coldest_c.min() >= -160.0
    assert run.final_c.max() <= 37.001
    assert run.energy.relative_error < 1e-4


def test_the_radial_reference_itself_has_converged(reference_mm: dict[float, float]) -> None:
    problem = RadialProblem(
        material=perfused(), freezing=Freezing(lower_c=-8.0, upper_c=-1.0), inner_m=0.75e-3,
        outer_m=BOUNDARY_MM / 1000, cells=150,
    )  # fmt: skip
    radius_m, temp_c = solve_radial(problem, constant_probe(-140.0, FREEZE_S), FREEZE_S)
    for isotherm_c, expected_mm in reference_mm.items():
        assert crossing_m(radius_m, temp_c, isotherm_c) * 1000 == pytest.approx(expected_mm, abs=0.06)


DIRECTIONS = {
    "along an axis": (1.0, 0.0, 0.0),
    "along a face diagonal": (1.0, 1.0, 0.0),
    "oblique": (1.0, 0.6, 0.4),
    "along a space diagonal": (1.0, 1.0, 1.0),
}


def point(values: np.ndarray) -> tuple[float, float, float]:
    return (float(values[0]), float(values[1]), float(values[2]))


def oblique_run(direction: tuple[float, float, float], shift_mm: tuple[float, float, float]) -> ThermalRun:
    grid = cubic((28, 28, 28), 2.0)
    middle = (np.array(grid.shape) - 1) / 2 * 2.0 + np.array(shift_mm)
    way = np.array(direction) / np.linalg.norm(direction) * 10.0
    start, end = (middle - way) / 1000, (middle + way) / 1000
    probe = ProbeSource(
        label="P1", start_m=point(start), end_m=point(end), radius_m=0.75e-3,
        contact_resistance_m2k_w=0.0, history=constant_probe(-140.0, 240.0),
    )  # fmt: skip
    return solve(ThermalProblem(material=field(grid, perfused()), probes=(probe,), duration_s=240.0))


def ice_ml(run: ThermalRun, isotherm_c: float) -> float:
    """Volume at or below an isotherm, to a fraction of a voxel."""
    fine = ndimage.zoom(run.final_c.astype(float), 4, order=1, grid_mode=True, mode="nearest")
    return float((fine <= isotherm_c).sum()) * 0.5**3 / 1000


def test_ice_volume_does_not_depend_on_how_the_probe_lies_in_the_lattice() -> None:
    placements = [(way, (0.0, 0.0, 0.0)) for way in DIRECTIONS.values()]
    placements += [(DIRECTIONS["along an axis"], (0.5, 0.5, 0.5)), (DIRECTIONS["along an axis"], (1.0, 1.0, 1.0))]
    placements += [(DIRECTIONS["oblique"], (0.3, 0.7, 0.1))]
    runs = [oblique_run(*placement) for placement in placements]
    heat_j = np.array([-run.energy.probes_j for run in runs])
    volume_ml = np.array([ice_ml(run, 0.0) for run in runs])
    assert np.ptp(volume_ml) / volume_ml.mean() < 0.02  # 2 mm voxels: at most 1 % either side of the mean
    assert np.ptp(heat_j) / heat_j.mean() < 0.015


def test_contact_resistance_makes_less_ice_and_as_much_as_a_warmer_probe() -> None:
    def heat_j(resistance_m2k_w: float) -> float:
        grid = cubic((20, 20, 20), 2.0)
        base = probe_along_k(grid, active_zone_mm=20.0, history=constant_probe(-140.0, 120.0))
        probe = ProbeSource(
            label=base.label, start_m=base.start_m, end_m=base.end_m, radius_m=base.radius_m,
            contact_resistance_m2k_w=resistance_m2k_w, history=base.history,
        )  # fmt: skip
        problem = ThermalProblem(material=field(grid, perfused()), probes=(probe,), duration_s=120.0)
        return -solve(problem).energy.probes_j

    perfect, good, poor = heat_j(0.0), heat_j(1e-5), heat_j(1e-3)
    assert perfect > good > 0.97 * perfect
    assert poor < 0.6 * perfect


def gas() -> ThermalMaterial:
    return ThermalMaterial(
        name="gas", capacity_unfrozen_j_m3k=1e5, capacity_frozen_j_m3k=1e5, capacity_frozen_slope_j_m3k2=0.0,
        conductivity_unfrozen_w_mk=0.027, conductivity_frozen_w_mk=0.027, latent_j_m3=0.0, perfusion_w_m3k=0.0,
        metabolic_w_m3=0.0, freezes=False,
    )  # fmt: skip


def half_space_run(other: ThermalMaterial) -> ThermalRun:
    """A probe on the plane between tissue (low j) and another material (high j)."""
    grid = cubic((26, 26, 26), 2.0)
    index = np.zeros(grid.shape, dtype=np.uint8)
    index[:, 13:, :] = 1
    probe = probe_along_k(grid, active_zone_mm=20.0, history=constant_probe(-140.0, 180.0))
    both = MaterialField(grid=grid, index=index, materials=(perfused(), other))
    return solve(ThermalProblem(material=both, probes=(probe,), duration_s=180.0))


def test_gas_on_one_side_of_a_probe_leaves_the_ice_on_the_other_side_as_it_is() -> None:
    plain, gassy = half_space_run(perfused()), half_space_run(gas())
    for isotherm_c in (0.0, -20.0):
        ice_beside_tissue = (plain.coldest_c[:, :13] <= isotherm_c).sum()
        ice_beside_gas = (gassy.coldest_c[:, :13] <= isotherm_c).sum()
        assert ice_beside_gas == pytest.approx(ice_beside_tissue, rel=0.05)
    assert gassy.coldest_c.min() >= -140.0
    assert gassy.energy.probes_j == pytest.approx(plain.energy.probes_j / 2, rel=0.05)
