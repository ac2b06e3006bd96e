"""Sizes read from fields whose isotherms are known."""

from __future__ import annotations

import numpy as np
import pytest

from givre.bioheat.ice import Freezing
from givre.calibration.forward import probe_offsets_mm
from givre.calibration.isotherm import isotherm_size
from givre.calibration.measured import Arrangement

WIDE = Freezing()
NARROW = Freezing(lower_c=-1.6, upper_c=-0.1)
SHARP = Freezing(lower_c=-1.0, upper_c=-0.1)


def ellipsoid_c(spacing_mm: float, across_mm: float, along_mm: float, *, steep: float = 4.0) -> np.ndarray:
    """Temperature 0 on an ellipsoid of revolution around k, colder inside, in a box a little larger."""
    shape = tuple(2 * int(np.ceil((half + 6.0) / spacing_mm)) + 1 for half in (along_mm, across_mm, across_mm))
    k, j, i = ((np.arange(n) - (n - 1) / 2) * spacing_mm for n in shape)
    scaled = np.sqrt(
        (k[:, None, None] / along_mm) ** 2 + (j[None, :, None] / across_mm) ** 2 + (i[None, None, :] / across_mm) ** 2
    )
    return np.asarray(steep * across_mm * (scaled - 1.0))


@pytest.mark.parametrize("spacing_mm", [1.0, 2.0])
def test_the_axes_and_the_area_of_an_ellipsoid_are_found(spacing_mm):
    field = ellipsoid_c(spacing_mm, 12.3, 19.6)
    size = isotherm_size(field, spacing_mm=spacing_mm, freezing=WIDE, isotherm_c=0.0)
    assert size.diameter_mm == pytest.approx(24.6, abs=0.35)
    assert size.mean_diameter_mm == pytest.approx(24.6, abs=0.15)
    assert size.area_mm2 == pytest.approx(np.pi * 12.3**2, rel=0.015)
    assert size.length_mm == pytest.approx(39.2, abs=0.15)


def test_an_edge_inside_a_voxel_is_found_from_how_much_of_it_is_frozen():
    """A lattice of an enthalpy method: voxels that the edge cuts stand still between the ends of the interval."""
    radius_mm, spacing_mm, parts = 11.3, 2.0, 11
    across = (np.arange(19) - 9) * spacing_mm
    inside = (np.arange(parts) - (parts - 1) / 2) / parts * spacing_mm
    j, i = np.meshgrid(across, across, indexing="ij")
    fine = np.hypot(j[..., None, None] + inside[:, None], i[..., None, None] + inside[None, :]) <= radius_mm
    frozen = fine.mean(axis=(2, 3))
    plane = np.where(frozen >= 1, -20.0, np.where(frozen <= 0, 12.0, -0.1 - 1.5 * frozen))
    field = np.broadcast_to(plane, (5, *plane.shape)).copy()
    size = isotherm_size(field, spacing_mm=spacing_mm, freezing=NARROW, isotherm_c=0.0)
    assert size.mean_diameter_mm == pytest.approx(2 * radius_mm, abs=0.05)
    assert size.diameter_mm == pytest.approx(2 * radius_mm, abs=0.9)


def test_across_a_sharp_front_temperature_is_interpolated():
    """The slope changes there less than conductivity does, as ice sets heat free."""
    radius_mm, spacing_mm = 11.3, 1.0
    across = np.arange(-18.0, 19.0) * spacing_mm
    beyond_mm = np.hypot(*np.meshgrid(across, across, indexing="ij")) - radius_mm
    plane = np.where(beyond_mm > 0, 1.5 * beyond_mm, beyond_mm)
    field = np.broadcast_to(plane, (5, *plane.shape)).copy()
    size = isotherm_size(field, spacing_mm=spacing_mm, freezing=SHARP, isotherm_c=0.0)
    assert size.mean_diameter_mm == pytest.approx(2 * radius_mm, abs=0.15)


def test_nothing_that_cold_has_no_size():
    size = isotherm_size(ellipsoid_c(2.0, 10.0, 10.0), spacing_mm=2.0, freezing=WIDE, isotherm_c=-150.0)
    assert (size.diameter_mm, size.mean_diameter_mm, size.area_mm2, size.length_mm) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("probes", "neighbours"), [(2, 1), (3, 3), (4, 4)])
def test_neighbouring_probes_stand_at_the_given_spacing_around_the_middle(probes, neighbours):
    places = probe_offsets_mm(
        Arrangement(medium="agar_gel", medium_temp_c=37.0, probes=probes, spacing_mm=20.0, time_s=600.0)
    )
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)[np.triu_indices(probes, 1)]
    assert places.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert apart.min() == pytest.approx(20.0)
    assert np.isclose(apart, 20.0).sum() == neighbours
