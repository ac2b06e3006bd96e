"""Where the active zone of a placed cryoprobe lies."""

import numpy as np
import pytest

from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.placement import Placement
from givre.foundation.errors import InvalidPlacement

ICESPHERE = load_catalogue()["icesphere-1.5-cx"]


def placed(depth_mm: float) -> Placement:
    return Placement(label="P1", model=ICESPHERE.id, entry_mm=(0.0, 0.0, 0.0), target_mm=(0.0, -depth_mm, 0.0))


def test_the_zone_ends_behind_the_tip_and_runs_towards_the_entry():
    zone = active_zone(placed(80.0), ICESPHERE)
    np.testing.assert_allclose(zone.end_mm, (0.0, -77.0, 0.0))
    np.testing.assert_allclose(zone.start_mm, (0.0, -55.0, 0.0))
    assert zone.length_mm == pytest.approx(ICESPHERE.active_zone_mm)


def test_an_oblique_path_keeps_length_and_line():
    placement = Placement(label="P1", model=ICESPHERE.id, entry_mm=(10.0, 80.0, 5.0), target_mm=(-20.0, 10.0, -7.0))
    zone = active_zone(placement, ICESPHERE)
    assert zone.length_mm == pytest.approx(22.0)
    assert np.linalg.norm(np.subtract(placement.target_mm, zone.end_mm)) == pytest.approx(3.0)
    direction = np.subtract(placement.target_mm, placement.entry_mm) / placement.depth_mm
    np.testing.assert_allclose(zone.direction, direction, atol=1e-12)


def test_a_path_shorter_than_the_zone_is_refused():
    active_zone(placed(25.0), ICESPHERE)
    with pytest.raises(InvalidPlacement, match=r"24\.9 mm long .* needs 25\.0 mm"):
        active_zone(placed(24.9), ICESPHERE)
