"""How probes lie to each other: exact gaps over whole shafts, whatever their order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.foundation.errors import InvalidPlacement
from givre.planning.access.crossing import PlacedShaft, probe_pairs, segment_distance_mm

points = st.tuples(*[st.floats(-80.0, 80.0)] * 3)


def shaft(label, tip, entry, diameter_mm=1.5, shaft_mm=100.0):
    return PlacedShaft(label=label, tip_mm=tip, entry_mm=entry, diameter_mm=diameter_mm, shaft_mm=shaft_mm)


@settings(max_examples=60, deadline=None)
@given(points, points, points, points)
def test_the_distance_of_two_segments_is_the_least_over_both_and_does_not_know_their_order(a, b, c, d):
    found, s, t = segment_distance_mm(a, b, c, d)
    other, _, _ = segment_distance_mm(c, d, a, b)
    assert found == pytest.approx(other, abs=1e-6)
    share = np.linspace(0.0, 1.0, 41)
    first = np.array(a) + share[:, None] * np.subtract(b, a)
    second = np.array(c) + share[:, None] * np.subtract(d, c)
    coarse = np.linalg.norm(first[:, None] - second[None], axis=-1).min()
    assert found <= coarse + 1e-6
    at_s, at_t = np.array(a) + s * np.subtract(b, a), np.array(c) + t * np.subtract(d, c)
    assert np.linalg.norm(at_s - at_t) == pytest.approx(found, abs=1e-6)


def test_shafts_that_meet_outside_the_skin_cross():
    one = shaft("P1", (-10.0, 0.0, 0.0), (-4.0, 30.0, 0.0))
    other = shaft("P2", (10.0, 0.0, 0.0), (4.0, 30.0, 0.0))
    pair = probe_pairs([one, other])[0]
    assert pair.is_crossing
    assert pair.gap_mm == pytest.approx(-1.5, abs=1e-9)
    assert pair.from_tip_mm[0] == pytest.approx(np.hypot(50.0, 10.0), abs=1e-6), "50 mm up, beyond the entry at 30 mm"
    assert pair.tip_spacing_mm == 20.0


def test_parallel_probes_are_called_so():
    pair = probe_pairs(
        [shaft("P1", (0.0, 0.0, 0.0), (0.0, 60.0, 0.0)), shaft("P2", (15.0, 5.0, 0.0), (15.0, 65.0, 3.0))]
    )[0]
    assert pair.is_parallel
    assert not pair.is_crossing
    assert pair.angle_deg == pytest.approx(2.9, abs=0.1)


def test_every_pair_is_told():
    shafts = [shaft(f"P{n}", (10.0 * n, 0.0, 0.0), (10.0 * n, 60.0, 0.0)) for n in range(4)]
    assert [pair.labels for pair in probe_pairs(shafts)] == [
        ("P0", "P1"), ("P0", "P2"), ("P0", "P3"), ("P1", "P2"), ("P1", "P3"), ("P2", "P3"),
    ]  # fmt: skip


@pytest.mark.parametrize("tip", [(float("nan"), 0.0, 0.0), (0.0, 60.0, 0.0)])
def test_a_probe_without_a_direction_is_refused(tip):
    with pytest.raises(InvalidPlacement, match="give no shaft"):
        shaft("P1", tip, (0.0, 60.0, 0.0))
