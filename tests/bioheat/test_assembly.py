"""From placed cryoprobes to a thermal problem."""

import numpy as np
import pytest

from givre.bioheat.assembly import freeze_windows_s, points_to_follow, voxels_inside
from givre.cryoprobe.protocol import TEMPLATES, Phase, Protocol
from givre.geometry.grid import Grid
from givre.geometry.line import Segment
from givre.geometry.volume import Mask

PROTOCOL = TEMPLATES["10-8-10"]


def test_each_freeze_lasts_from_the_first_probe_to_the_last() -> None:
    assert freeze_windows_s(PROTOCOL, [0.0, 60.0]) == ((0.0, 660.0), (1080.0, 1740.0))


@pytest.mark.parametrize("late_s", [480.0, 600.0, 1080.0])
def test_freezes_that_overlap_because_a_probe_starts_late_count_as_one(late_s: float) -> None:
    assert freeze_windows_s(PROTOCOL, [0.0, late_s]) == ((0.0, 1680.0 + late_s),)


def test_two_freezes_without_a_thaw_count_as_one() -> None:
    twice = Protocol(
        name="5+5", phases=(Phase(kind="freeze", duration_s=300.0), Phase(kind="freeze", duration_s=300.0))
    )
    assert freeze_windows_s(twice, [0.0]) == ((0.0, 600.0),)


def mask_of(shape: tuple[int, int, int], *voxels: tuple[int, int, int]) -> Mask:
    inside = np.zeros(shape, dtype=bool)
    for voxel in voxels:
        inside[voxel] = True
    return Mask(grid=Grid(shape=shape, spacing_mm=(1.0, 1.0, 1.0)), inside=inside, name="nerve")


def test_a_structure_thinner_than_a_simulation_voxel_is_still_followed() -> None:
    coarse = Grid(shape=(5, 5, 5), spacing_mm=(2.5, 2.5, 2.5))
    assert voxels_inside(mask_of((12, 12, 12), (5, 5, 5)), coarse).tolist() == [2 * 25 + 2 * 5 + 2]


def test_a_structure_outside_the_lattice_has_no_voxels() -> None:
    far = Grid(shape=(4, 4, 4), spacing_mm=(1.0, 1.0, 1.0), origin_mm=(100.0, 0.0, 0.0))
    assert voxels_inside(mask_of((12, 12, 12), (5, 5, 5)), far).size == 0


def test_an_organ_is_watched_where_it_comes_nearest_to_the_ice() -> None:
    grid = Grid(shape=(20, 20, 20), spacing_mm=(1.0, 1.0, 1.0))
    tumour = mask_of((20, 20, 20), (10, 10, 10))
    organ = mask_of((20, 20, 20), (10, 10, 15), (10, 10, 18))
    zone = Segment(start_mm=(10.0, 5.0, 10.0), end_mm=(10.0, 15.0, 10.0))
    points = points_to_follow(tumour, {"nerve": organ}, [zone], grid)
    assert points["nerve"] == (15.0, 10.0, 10.0)
    assert points["tumour_centre"] == (10.0, 10.0, 10.0)
