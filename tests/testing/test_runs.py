"""Analytic runs: their fields and histories agree with one another."""

from __future__ import annotations

import pytest

from givre.cryoprobe.protocol import TEMPLATES
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.testing.runs import analytic_run, run_from_coldest
from givre.testing.spheres import sphere_field_c, sphere_mask

GRID = Grid(shape=(30, 30, 30), spacing_mm=(2.0, 2.0, 2.0))
CENTRE = tuple(float(x) for x in GRID.centre_mm)
PROBE = Segment(start_mm=(CENTRE[0], CENTRE[1], 19.0), end_mm=(CENTRE[0], CENTRE[1], 39.0))


def test_ice_around_one_probe_has_the_radius_asked_for():
    run = analytic_run(GRID, [PROBE], ice_radius_mm=14.0)
    distance_mm = PROBE.distance_mm(GRID.voxel_centres_mm())
    assert ((run.coldest_c <= 0) == (distance_mm <= 14.0)).all()
    assert run.coldest_c.min() >= -140.0
    assert run.coldest_c.max() < 37.0


def test_two_probes_freeze_more_than_one():
    beside = Segment(start_mm=(CENTRE[0] + 12, CENTRE[1], 19.0), end_mm=(CENTRE[0] + 12, CENTRE[1], 39.0))
    assert (analytic_run(GRID, [PROBE, beside]).coldest_c <= analytic_run(GRID, [PROBE]).coldest_c + 1e-3).all()


@pytest.mark.parametrize("protocol", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_fields_and_histories_tell_the_same_story(protocol):
    coldest = sphere_field_c(GRID, CENTRE, radius_mm=14.0)
    tumour = sphere_mask(GRID, CENTRE, 10.0)
    run = run_from_coldest(coldest, protocol=protocol, structures={"tumour": tumour}, points_mm={"middle": CENTRE})
    history = run.history
    voxel_ml = GRID.voxel_volume_mm3 / 1000
    for level in (0.0, -20.0, -40.0):
        assert history.volume_below_ml[level].max() == pytest.approx(voxel_ml * (run.coldest_c <= level).sum())
        assert ((run.time_below_s[level] > 0) == (run.coldest_c <= level)).all()
        assert ((run.freezes_below[level] > 0) == (run.coldest_c <= level)).all()
        assert run.freezes_below[level].max() == protocol.freeze_count
        share = (run.coldest_c[tumour.inside] <= level).mean()
        assert history.structure_fraction_below["tumour"][level].max() == pytest.approx(share)
    assert history.time_s[-1] == protocol.duration_s
    assert history.structure_coldest_c["tumour"].min() == pytest.approx(run.coldest_c[tumour.inside].min())
    assert history.point_temp_c["middle"][0] == pytest.approx(37.0)
    assert run.final_c.max() <= 37.0 + 1e-4
    assert run.energy.relative_error < 1e-3
