"""Changed probes become plans that can be carried out, or none."""

from dataclasses import replace

import numpy as np
import pytest

from givre.cryoprobe.placement import Placement
from givre.planning.placement.paths import OpenPaths
from givre.planning.placement.wishes import PlacementWishes
from givre.planning.uncertainty.spread_placement import misplaced
from givre.testing.uncertain_case import small_uncertain_case
from givre.usecases.quantile_plan import CarriedOut

MODEL = "icesphere-1.5-cx"
FIRST = Placement(label="P1", model=MODEL, entry_mm=(0.0, 80.0, 0.0), target_mm=(0.0, 0.0, 0.0))
SECOND = Placement(label="P2", model=MODEL, entry_mm=(14.0, 80.0, 0.0), target_mm=(14.0, 0.0, 0.0))


@pytest.fixture
def settle() -> CarriedOut:
    return CarriedOut(
        paths=OpenPaths(skin_to_tip_mm=80.0),
        wishes=PlacementWishes(models=(MODEL,)),
        knowledge=small_uncertain_case().knowledge,
    )


def test_a_deeper_probe_still_enters_at_the_skin(settle: CarriedOut) -> None:
    deeper = misplaced(FIRST, (3.0, 0.0, 0.0, 0.0, 0.0))
    (found,) = settle((deeper,)) or ()
    assert found.target_mm == pytest.approx((0.0, -3.0, 0.0))
    assert np.linalg.norm(np.subtract(found.entry_mm, found.target_mm)) == pytest.approx(80.0, abs=0.1)


def test_probes_too_close_too_far_or_too_short_are_no_plan(settle: CarriedOut) -> None:
    assert settle((FIRST, SECOND)) is not None
    for aside_mm in (-8.0, 12.0):
        moved = replace(
            SECOND,
            entry_mm=(14.0 + aside_mm, 80.0, 0.0),
            target_mm=(14.0 + aside_mm, 0.0, 0.0),
        )
        assert settle((FIRST, moved)) is None
    short = replace(settle, paths=OpenPaths(skin_to_tip_mm=10.0))
    assert short((FIRST,)) is None


def test_points_are_written_to_a_tenth_of_a_millimetre(settle: CarriedOut) -> None:
    crooked = replace(FIRST, target_mm=(0.123, 0.0, 0.456))
    (found,) = settle((crooked,)) or ()
    assert found.target_mm == (0.1, 0.0, 0.5)
