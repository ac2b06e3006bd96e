"""The grey window follows the CT around the lesion."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from givre.dossier.window import BLACK_HU, WHITE_HIGH_HU, WHITE_LOW_HU, window_hu
from givre.geometry.volume import Volume
from givre.testing.dossiers import small_dossier_inputs


@pytest.mark.parametrize(("hu", "white"), [(-900.0, WHITE_LOW_HU), (812.0, 800.0), (3000.0, WHITE_HIGH_HU)])
def test_white_is_what_nearly_all_the_shown_voxels_stay_below(hu, white):
    inputs = small_dossier_inputs()
    ct = Volume(grid=inputs.ct.grid, values=np.full(inputs.ct.grid.shape, hu, dtype=np.float32), unit="HU")
    level, width = window_hu(replace(inputs, ct=ct))
    assert (level - width / 2, level + width / 2) == (BLACK_HU, white)


def test_a_few_voxels_of_metal_do_not_darken_the_bone():
    inputs = small_dossier_inputs()
    values = inputs.ct.values.copy()
    values[20:23, 20:23, 20:23] = 20_000.0
    assert window_hu(replace(inputs, ct=replace(inputs.ct, values=values))) == window_hu(inputs)
