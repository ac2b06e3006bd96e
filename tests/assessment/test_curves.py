"""Volume-below-temperature curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from givre.assessment.curves import volume_below_curve

TEMPS_C = np.array([-40.0, -20.0, 0.0, 37.0])


def test_curve_of_four_points_worked_by_hand():
    curve = volume_below_curve("tumour", [-50.0, -20.0, -19.9, 37.0], temp_c=TEMPS_C)
    assert curve.structure == "tumour"
    assert curve.fraction.tolist() == [0.25, 0.5, 0.75, 1.0]


def test_part_that_stays_warm_never_reaches_the_curve():
    assert volume_below_curve("cord", [-5.0, np.inf], temp_c=TEMPS_C).fraction.tolist() == [0.0, 0.0, 0.5, 0.5]


@pytest.mark.parametrize("samples", [[], [np.nan], [-30.0, np.nan]])
def test_nothing_known_gives_no_fraction(samples):
    assert np.isnan(volume_below_curve("cord", samples, temp_c=TEMPS_C).fraction).all()


@given(st.lists(st.floats(-150, 40), min_size=1))
def test_curve_rises_from_nought_to_one(samples):
    fraction = volume_below_curve("tumour", samples).fraction
    assert (np.diff(fraction) >= 0).all()
    assert fraction[0] >= 0.0
    assert fraction[-1] == 1.0
