"""The canal drawn from bone rings, against a phantom whose canal is known."""

import numpy as np
import pytest

from givre.adapters.samples.canal import canal_from_bone
from givre.foundation.errors import InputError
from givre.geometry.grid import Grid
from givre.geometry.volume import Mask
from givre.testing.vertebra_phantom import vertebra_phantom

PHANTOM = vertebra_phantom()
BONE, CANAL = PHANTOM.masks["bone"], PHANTOM.masks["spinal_canal"]


def part(name: str, keep: np.ndarray) -> Mask:
    return Mask(grid=BONE.grid, inside=BONE.inside & keep, name=name)


def split() -> tuple[Mask, Mask]:
    behind = BONE.grid.voxel_centres_mm()[..., 1] > 18.0
    return part("bodies", ~behind), part("arches", behind)


def test_it_finds_most_of_the_canal_of_the_phantom():
    found = canal_from_bone(*split())
    overlap = (found.inside & CANAL.inside).sum()
    assert 2 * overlap / (found.inside.sum() + CANAL.inside.sum()) > 0.85
    np.testing.assert_allclose(found.centroid_mm()[:2], (0.0, 27.0), atol=1.5)


def test_it_does_not_depend_on_how_the_lattice_is_turned():
    def turned(mask: Mask) -> Mask:
        grid = mask.grid
        origin = grid.index_to_lps((grid.shape[0] - 1, 0, 0))
        flipped = Grid(
            shape=(grid.shape[2], grid.shape[0], grid.shape[1]),
            spacing_mm=grid.spacing_mm,
            origin_mm=tuple(origin.tolist()),
            axes=((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)),
        )
        return Mask(grid=flipped, inside=mask.inside[::-1].transpose(2, 0, 1), name=mask.name)

    straight = canal_from_bone(*split())
    found = canal_from_bone(*(turned(mask) for mask in split()))
    np.testing.assert_array_equal(found.inside, turned(straight).inside)


def test_without_closed_rings_it_refuses():
    bodies, arches = split()
    empty = Mask(grid=arches.grid, inside=np.zeros_like(arches.inside), name="arches")
    with pytest.raises(InputError, match="0 axial slices hold a closed bone ring"):
        canal_from_bone(bodies, empty)


def test_an_oblique_lattice_is_refused():
    angle = np.radians(20)
    axes = ((0.0, 0.0, 1.0), (np.sin(angle), np.cos(angle), 0.0), (np.cos(angle), -np.sin(angle), 0.0))
    grid = Grid(shape=BONE.grid.shape, spacing_mm=BONE.grid.spacing_mm, axes=axes)
    oblique = Mask(grid=grid, inside=BONE.inside, name="bone")
    with pytest.raises(InputError, match="oblique"):
        canal_from_bone(oblique, oblique)
