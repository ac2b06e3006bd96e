"""The ice-ball and isotherm volumes against spheres."""

from __future__ import annotations

import numpy as np
import pytest

from givre.assessment.ice_ball import ice_ball, isotherm_volumes_ml
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.testing.runs import run_from_coldest
from givre.testing.spheres import sphere_field_c, sphere_volume_ml

GRID = Grid(shape=(36, 36, 36), spacing_mm=(1.5, 1.5, 1.5))


def test_ice_ball_and_isotherms_have_the_volume_of_their_spheres():
    coldest = sphere_field_c(GRID, GRID.centre_mm + 0.4, radius_mm=12.0, edge_c=-20.0, slope_c_per_mm=4.0)
    ice = ice_ball(run_from_coldest(coldest), freezing_c=0.0)
    assert ice is not None
    # trilinear between voxels h apart, a sphere of radius R is flattened by at most h²/4R, its volume by 3h²/4R²
    assert ice.volume_ml == pytest.approx(sphere_volume_ml(17.0), rel=0.006)
    volumes = isotherm_volumes_ml(coldest, (0.0, -20.0, -40.0))
    assert volumes[0.0] == ice.volume_ml
    assert volumes[-20.0] == pytest.approx(sphere_volume_ml(12.0), rel=0.012)
    assert volumes[-40.0] == pytest.approx(sphere_volume_ml(7.0), rel=0.035)


def test_volume_follows_the_temperature_smoothly_and_not_by_voxels():
    coldest = sphere_field_c(GRID, GRID.centre_mm, radius_mm=12.0)
    levels = tuple(np.arange(-20.0, -19.0, 0.1))
    grown_ml = np.diff(list(isotherm_volumes_ml(coldest, levels).values()))
    # a shell of 0.025 mm is 0.045 mL, thirteen voxels; voxel counting would jump by dozens or not at all
    assert grown_ml == pytest.approx(np.full(9, grown_ml.mean()), rel=0.1)


def test_run_that_never_froze_has_no_ice():
    warm = Volume(grid=GRID, values=np.full(GRID.shape, 37.0, dtype=np.float32), unit="degC")
    ice = ice_ball(run_from_coldest(warm), freezing_c=0.0)
    assert ice is not None
    assert ice.volume_ml == 0.0
    assert isotherm_volumes_ml(warm, (0.0, -40.0)) == {0.0: 0.0, -40.0: 0.0}


def test_one_value_that_is_not_a_number_leaves_nothing_known():
    coldest = sphere_field_c(GRID, GRID.centre_mm, radius_mm=12.0)
    coldest.values[0, 0, 0] = np.nan
    assert ice_ball(run_from_coldest(coldest), freezing_c=0.0) is None
    assert np.isnan(list(isotherm_volumes_ml(coldest, (0.0, -20.0)).values())).all()
