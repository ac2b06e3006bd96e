"""Curves over time: what is shaded is what froze."""

from __future__ import annotations

from dataclasses import replace

import pytest

from givre.adapters.render.curves import freezing_bands_s
from givre.testing.dossiers import small_dossier_inputs


@pytest.mark.parametrize(
    ("second_start_s", "bands_min"),
    [
        (0.0, [(0, 10), (18, 28)]),
        (240.0, [(0, 14), (18, 32)]),
        (840.0, [(0, 10), (14, 28), (32, 42)]),
    ],
)
def test_a_band_lies_wherever_at_least_one_probe_freezes(
    second_start_s: float, bands_min: list[tuple[float, float]]
) -> None:
    case = small_dossier_inputs().case
    first, second = case.placements
    staggered = replace(case, placements=(replace(second, start_s=second_start_s), first))
    assert freezing_bands_s(staggered) == [(60.0 * begins, 60.0 * ends) for begins, ends in bands_min]
