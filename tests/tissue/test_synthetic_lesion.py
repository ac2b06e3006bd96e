"""The carved lesion: soft, repeatable, breaching, out of what it must spare."""

import numpy as np
import pytest

from givre.foundation.errors import InputError, OutsideImage
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask, Volume
from givre.tissue.synthetic_lesion import breached_fraction, carve_lytic_lesion

GRID = Grid(shape=(40, 40, 40), spacing_mm=(1.0, 1.0, 1.0))
INSIDE = np.zeros(GRID.shape, dtype=bool)
INSIDE[:, :, :20] = True
BONE = Mask(grid=GRID, inside=INSIDE, name="bone")
CT = Volume(grid=GRID, values=np.where(INSIDE, 800.0, 50.0).astype(np.float32), unit="HU")


def carve(**changes):
    arguments = {"centre_mm": (15.0, 20.0, 20.0), "semi_axes_mm": (9.0, 8.0, 7.0), "seed": 1} | changes
    return carve_lytic_lesion(CT, BONE, **arguments)


def test_hu_inside_are_those_asked_for():
    carved, tumour = carve()
    core = np.linalg.norm(GRID.voxel_centres_mm() - [15.0, 20.0, 20.0], axis=-1) < 5
    assert tumour.inside[core].all()
    assert carved.values[core].min() >= 30
    assert carved.values[core].max() <= 60


def test_volume_is_about_that_of_the_ellipsoid():
    _, tumour = carve()
    # the rough edge adds and removes: within 15 %
    assert tumour.volume_ml == pytest.approx(4 / 3 * np.pi * 9 * 8 * 7 / 1000, rel=0.15)


def test_crossing_the_cortex_breaches_it_and_staying_inside_does_not():
    assert breached_fraction(carve()[1], BONE) > 0.05
    assert breached_fraction(carve(centre_mm=(9.0, 20.0, 20.0), semi_axes_mm=(6.0, 6.0, 6.0))[1], BONE) == 0


def test_nothing_changes_away_from_the_lesion():
    carved, _ = carve()
    far = np.linalg.norm(GRID.voxel_centres_mm() - [15.0, 20.0, 20.0], axis=-1) > 9 * 1.5
    np.testing.assert_array_equal(carved.values[far], CT.values[far])


def test_the_same_seed_gives_the_same_lesion_and_another_another():
    np.testing.assert_array_equal(carve()[0].values, carve()[0].values)
    assert (carve()[1].inside != carve(seed=2)[1].inside).any()


def test_spared_structures_are_left_alone():
    inside = np.zeros(GRID.shape, dtype=bool)
    inside[:, 22:, :] = True
    canal = Mask(grid=GRID, inside=inside, name="spinal_canal")
    carved, tumour = carve(spared=[canal])
    assert not (tumour.inside & inside).any()
    np.testing.assert_array_equal(carved.values[inside], CT.values[inside])


def test_a_lesion_off_the_bone_is_refused():
    with pytest.raises(InputError, match="does not touch the bone"):
        carve(centre_mm=(35.0, 20.0, 20.0), semi_axes_mm=(4.0, 4.0, 4.0))


def test_a_lesion_off_the_image_is_refused():
    with pytest.raises(OutsideImage, match="lies outside the CT"):
        carve(centre_mm=(80.0, 20.0, 20.0))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"semi_axes_mm": (9.0, 0.0, 7.0)}, "half axes"),
        ({"semi_axes_mm": (9.0, float("nan"), 7.0)}, "half axes"),
        ({"hu_range": (60.0, 30.0)}, "HU range"),
        ({"noise_hu": -1.0}, "noise"),
    ],
)
def test_impossible_lesions_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        carve(**changes)
