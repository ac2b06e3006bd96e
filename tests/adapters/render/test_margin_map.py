"""The unrolled margin map puts each direction where its letter says."""

from __future__ import annotations

import numpy as np
import pytest

from givre.adapters.render.margin_map import direction_angles, smoothed_down, unrolled
from givre.adapters.render.palette import margin_colours, margin_hexes, margin_levels_mm
from givre.assessment.result import MarginMap


def ball(margin_of_direction):
    """A sphere whose margin is a function of the direction, shape (n, 3) to (n,)."""
    index = np.arange(4000) + 0.5
    polar, turn = np.arccos(1 - 2 * index / 4000), np.pi * (1 + 5**0.5) * index
    directions = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], axis=1)
    margin = np.asarray(margin_of_direction(directions), dtype=float)
    return MarginMap(
        points_mm=10.0 * directions + np.array([5.0, 6.0, 7.0]),
        triangles=np.zeros((0, 3), dtype=np.int64),
        margin_mm=margin,
        area_weight=np.full(4000, 1 / 4000),
        minimum_mm=float(margin.min()),
        mean_mm=float(margin.mean()),
        percentile_5_mm=0.0,
        where_minimum_mm=(0.0, 0.0, 0.0),
        where_minimum="A",
    )


@pytest.mark.parametrize(
    ("letter", "direction", "longitude", "latitude"),
    [
        ("A", (0, -1, 0), 0.0, 0.0),
        ("L", (1, 0, 0), np.pi / 2, 0.0),
        ("R", (-1, 0, 0), -np.pi / 2, 0.0),
        ("H", (0, 0, 1), None, np.pi / 2),
        ("F", (0, 0, -1), None, -np.pi / 2),
    ],
)
def test_each_patient_direction_has_its_place(letter, direction, longitude, latitude):
    found = direction_angles(direction)
    assert found[1] == pytest.approx(latitude)
    if longitude is not None:
        assert found[0] == pytest.approx(longitude)
    towards = np.array(direction, dtype=float)
    longitudes, latitudes, values = unrolled(ball(lambda unit: unit @ towards), (5.0, 6.0, 7.0))
    best = np.unravel_index(np.argmax(values), values.shape)
    assert latitudes[best] == pytest.approx(latitude, abs=0.1), letter
    if longitude is not None:
        assert longitudes[best] == pytest.approx(longitude, abs=0.1), letter


def test_the_worst_of_neighbouring_margins_is_shown():
    rng = np.random.default_rng(0)
    _, _, values = unrolled(ball(lambda unit: np.where(rng.random(len(unit)) < 0.5, -1.0, 9.0)), (5.0, 6.0, 7.0))
    assert (values < 0).mean() > 0.8


@pytest.mark.parametrize("seed", [0, 1])
def test_smoothing_never_shows_more_margin_than_there_is_and_keeps_the_smallest(seed):
    rng = np.random.default_rng(seed)
    steps = np.repeat(np.repeat(rng.normal(3.0, 4.0, size=(19, 37)), 10, axis=0), 10, axis=1)[:181, :361]
    smooth = smoothed_down(steps)
    assert (smooth <= steps).all()
    assert smooth.min() == pytest.approx(steps.min())
    assert np.abs(np.diff(smooth, axis=1)).max() < 0.5 * np.abs(np.diff(steps, axis=1)).max()


def test_smoothing_keeps_what_is_missing_and_nothing_else():
    field = np.full((181, 361), 4.0)
    field[60:80, :30] = np.nan
    assert (np.isnan(smoothed_down(field)) == np.isnan(field)).all()


def test_colours_change_at_zero_and_at_the_wanted_margin():
    assert len(margin_hexes()) == len(margin_levels_mm(5.0)) + 1
    for level in (0.0, 5.0):
        below, above = margin_colours(np.array([level - 0.01, level + 0.01]), wanted_mm=5.0)
        assert np.abs(below - above).max() > 0.1
