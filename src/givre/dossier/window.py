"""The grey window of the planning slices, chosen from the CT around the lesion so that cortex and marrow differ."""

from __future__ import annotations

import numpy as np

from givre.case.description import TUMOUR
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing
from givre.dossier.views import region_half_width_mm

BLACK_HU = -150.0
"""Darkest value told apart: fat (about -100 HU) stays just above black."""
WHITE_LOW_HU, WHITE_HIGH_HU = 500.0, 1500.0
"""Bounds of the brightest value: below, noise would look like structure; above, only metal is brighter."""
_WHITE_PERCENTILE = 99.0
_STEP_HU = 50.0


def window_hu(inputs: DossierInputs) -> tuple[float, float]:
    """Level and width [HU] of the slices; a way of looking, nothing is computed from it.

    From -150 HU to the value that 99 % of the voxels of the shown cube stay below, rounded to 50 HU and kept between
    500 and 1500 HU.
    """
    centre, half = inputs.masks[TUMOUR].centroid_mm(), region_half_width_mm(inputs)
    corners = np.array([[x, y, z] for x in (-half, half) for y in (-half, half) for z in (-half, half)])
    index = inputs.ct.grid.lps_to_index(centre + corners)
    low = np.clip(np.floor(index.min(axis=0)), 0, np.array(inputs.ct.grid.shape) - 1).astype(int)
    high = np.ceil(index.max(axis=0)).astype(int) + 1
    shown = inputs.ct.values[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    bright = float(np.percentile(shown, _WHITE_PERCENTILE)) if shown.size else WHITE_LOW_HU
    white = float(np.clip(round(bright / _STEP_HU) * _STEP_HU, WHITE_LOW_HU, WHITE_HIGH_HU))
    return (white + BLACK_HU) / 2, white - BLACK_HU


def window_words(inputs: DossierInputs, say: Phrasing) -> dict[str, str]:
    """Level and width as they are written."""
    level, width = window_hu(inputs)
    return {"level": say.numbers.plain(level), "width": say.numbers.plain(width)}
