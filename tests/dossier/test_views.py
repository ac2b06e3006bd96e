"""The planning planes lie where they say and carry the right letters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from givre.cryoprobe.placement import Placement
from givre.dossier.views import across_probe, along_probe, patient_letters, planning_views
from givre.foundation.errors import InputError
from givre.geometry.resampling import sample_at
from givre.testing.dossiers import CENTRE_MM, MARKER_HU, MARKER_MM, small_dossier_inputs

LETTER_DIRECTIONS = {
    "L": (1, 0, 0),
    "R": (-1, 0, 0),
    "P": (0, 1, 0),
    "A": (0, -1, 0),
    "H": (0, 0, 1),
    "F": (0, 0, -1),
}
LEFT_HALF = {"axial": ("R", "L", "A", "P"), "coronal": ("R", "L", "H", "F"), "sagittal": ("A", "P", "H", "F")}


@pytest.fixture(scope="module")
def inputs():
    return small_dossier_inputs()


@pytest.fixture(scope="module")
def views(inputs):
    return {view.key: view for view in planning_views(inputs)}


@pytest.mark.parametrize("key", ["axial", "coronal", "sagittal"])
def test_standard_planes_follow_the_radiological_convention(views, key):
    assert views[key].letters() == LEFT_HALF[key]
    assert views[key].centre_mm == pytest.approx(CENTRE_MM, abs=0.2)


def test_an_oblique_plane_names_each_direction_it_leans_towards_strongest_first():
    assert patient_letters((0.8, 0.6, 0.0)) == "LP"
    assert patient_letters((-0.5, -0.6, -0.62)) == "FAR"
    assert patient_letters((0.05, 0.1, 0.99)) == "H"


@given(st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda v: np.linalg.norm(v) > 0.2))
def test_letters_turn_around_with_the_direction(direction):
    opposite = str.maketrans("RLAPHF", "LRPAFH")
    assert patient_letters(-np.array(direction)) == patient_letters(direction).translate(opposite)


@given(
    st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda v: np.linalg.norm(v) > 0.2),
    st.sampled_from(["across", "along"]),
)
def test_oblique_planes_are_right_handed_and_their_letters_point_where_they_say(direction, kind):
    way_in = 60.0 * np.array(direction) / np.linalg.norm(direction)
    placement = Placement(label="P1", model="m", entry_mm=(0.0, 0.0, 0.0), target_mm=tuple(way_in.tolist()))
    make = across_probe if kind == "across" else along_probe
    view = make(placement, np.zeros(3), 50.0)
    axes = np.stack([view.right, view.down, view.into])
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1.0)
    if kind == "across":
        assert view.into == pytest.approx(way_in / 60.0)  # the observer looks from the hub towards the tip
    else:
        assert abs(view.into @ way_in) < 1e-9  # the probe lies in the plane
    for side, letters in zip((-view.right, view.right, -view.down, view.down), view.letters(), strict=True):
        assert letters
        assert all(np.dot(side, LETTER_DIRECTIONS[letter]) >= 0.35 for letter in letters)


def found_marker(inputs, view):
    """Right and down coordinates [mm] at which the dense ball is seen, on the parallel plane through its centre."""
    depth = float(np.subtract(MARKER_MM, view.centre_mm) @ view.into)
    shifted = replace(view, centre_mm=view.centre_mm + depth * view.into, half_width_mm=60.0)
    bright = sample_at(inputs.ct, shifted.pixels_mm(120)) > 0.6 * MARKER_HU
    row, column = np.argwhere(bright).mean(axis=0)
    pixels, offsets = np.arange(120), shifted.pixel_offsets_mm(120)
    return np.interp(column, pixels, offsets), np.interp(row, pixels, offsets)


@pytest.mark.parametrize(("key", "sides"), [("axial", ("L", "A")), ("coronal", ("L", "H")), ("sagittal", ("A", "H"))])
def test_a_marker_left_front_and_head_of_the_tumour_is_seen_beside_those_letters(inputs, views, key, sides):
    x, y = found_marker(inputs, views[key])
    left, right, top, bottom = views[key].letters()
    assert (right if x > 0 else left, bottom if y > 0 else top) == sides


@pytest.mark.parametrize("key", ["along", "across", "across_tip"])
def test_on_oblique_planes_the_marker_is_seen_where_geometry_puts_it(inputs, views, key):
    view = views[key]
    offset = np.subtract(MARKER_MM, view.centre_mm)
    assert found_marker(inputs, view) == pytest.approx((offset @ view.right, offset @ view.down), abs=1.0)


def test_projecting_a_pixel_gives_back_its_place(views):
    view = views["across"]
    points = view.pixels_mm(9)
    offsets = view.pixel_offsets_mm(9)
    assert view.project(points)[..., 0] == pytest.approx(np.broadcast_to(offsets, (9, 9)))
    assert view.project(points)[..., 1] == pytest.approx(np.broadcast_to(offsets[:, None], (9, 9)))
    assert view.project(points)[..., 2] == pytest.approx(np.zeros((9, 9)), abs=1e-9)


def test_an_unknown_probe_is_refused_by_name(inputs):
    with pytest.raises(InputError, match='no probe is labelled "P9"'):
        planning_views(inputs, probe="P9")
