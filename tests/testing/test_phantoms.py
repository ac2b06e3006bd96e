"""The phantoms: anatomy where it should be, the same every time, and probes that could be placed."""

import numpy as np
import pytest

from givre.cryoprobe.active_zone import active_zone
from givre.cryoprobe.catalogue import load_catalogue
from givre.geometry.line import Segment
from givre.testing.femur_phantom import femur_phantom
from givre.testing.iliac_phantom import iliac_phantom
from givre.testing.phantoms import Phantom
from givre.testing.shapes import capsule, elliptic_column, intersection, slab, sphere, union, without
from givre.testing.vertebra_phantom import vertebra_phantom
from givre.tissue.synthetic_lesion import breached_fraction

MAKERS = {"vertebra": vertebra_phantom, "iliac": iliac_phantom, "femur": femur_phantom}
CATALOGUE = load_catalogue()


@pytest.fixture(scope="module", params=sorted(MAKERS))
def phantom(request) -> Phantom:
    return MAKERS[request.param]()


@pytest.fixture(scope="module")
def vertebra() -> Phantom:
    return vertebra_phantom()


def points_of(phantom: Phantom, structure: str) -> np.ndarray:
    return phantom.ct.grid.index_to_lps(np.argwhere(phantom.masks[structure].inside))


def test_it_fits_a_room_of_about_a_hundred_millimetres(phantom):
    assert all(85 <= size <= 140 for size in phantom.ct.grid.size_mm)
    assert phantom.ct.grid.spacing_mm == (1.5, 1.5, 1.5)


def test_hu_are_those_of_a_ct(phantom):
    assert phantom.ct.values.min() >= -1024
    assert phantom.ct.values.max() <= 3071
    assert np.isfinite(phantom.ct.values).all()


def test_the_lesion_is_soft_and_breaches_the_cortex(phantom):
    tumour = phantom.masks["tumour"]
    assert 30 <= phantom.ct.values[tumour.inside].mean() <= 70
    assert 2 <= tumour.volume_ml <= 10
    assert breached_fraction(tumour, phantom.masks["bone"]) > 0.03


def test_bone_is_denser_than_all_around_it(phantom):
    bone = phantom.masks["bone"].inside & ~phantom.masks["tumour"].inside
    assert phantom.ct.values[bone].mean() > 250


def test_the_same_seed_gives_the_same_phantom(phantom):
    maker = MAKERS[phantom.name.removeprefix("phantom-")]
    np.testing.assert_array_equal(maker().ct.values, phantom.ct.values)
    assert (maker(seed=1).ct.values != phantom.ct.values).any()


def test_probes_enter_at_the_skin_and_reach_the_lesion(phantom):
    for placement in phantom.placements:
        assert phantom.ct.grid.contains([placement.entry_mm, placement.target_mm]).all()
        zone = active_zone(placement, CATALOGUE[placement.model])
        assert zone.distance_mm(phantom.masks["tumour"].centroid_mm()) < 10
        to_skin_mm = np.linalg.norm(points_of(phantom, "skin") - np.array(placement.entry_mm), axis=-1).min()
        assert to_skin_mm < 4


def test_probes_cross_nothing_they_must_spare(phantom):
    for placement in phantom.placements:
        path = Segment(start_mm=placement.entry_mm, end_mm=placement.target_mm)
        for name in phantom.masks:
            if name.startswith(("spinal", "nerve", "vessel", "bowel")):
                assert path.distance_mm(points_of(phantom, name)).min() > 3, (placement.label, name)


def test_probes_lie_apart(phantom):
    zones = [active_zone(placement, CATALOGUE[placement.model]) for placement in phantom.placements]
    for first, zone in enumerate(zones):
        for other in zones[first + 1 :]:
            assert 8 <= zone.distance_mm([other.start_mm, other.end_mm]).min() <= 20


def test_the_cord_lies_inside_the_canal(vertebra):
    cord, canal = vertebra.masks["spinal_cord"].inside, vertebra.masks["spinal_canal"].inside
    assert (cord & ~canal).sum() == 0
    assert cord.sum() < 0.5 * canal.sum()


def test_the_canal_holds_no_bone_and_no_tumour(vertebra):
    canal = vertebra.masks["spinal_canal"].inside
    assert not (canal & vertebra.masks["bone"].inside).any()
    assert not (canal & vertebra.masks["tumour"].inside).any()


def test_the_lesion_lies_a_few_millimetres_from_the_canal(vertebra):
    canal, tumour = points_of(vertebra, "spinal_canal"), points_of(vertebra, "tumour")
    nearest_mm = min(np.linalg.norm(canal - point, axis=-1).min() for point in tumour)
    assert 6 < nearest_mm < 12


def test_the_body_has_the_volume_of_its_solid(vertebra):
    grid = vertebra.ct.grid
    centres = grid.voxel_centres_mm()
    body = (np.abs(centres[..., 2]) < 14) & (centres[..., 1] < 12) & (np.abs(centres[..., 0]) < 24)
    inside_mm3 = (vertebra.masks["bone"].inside & body).sum() * grid.voxel_volume_mm3
    scaled = np.linspace(-17, 12, 4000)
    exact_mm3 = 28 * np.trapezoid(2 * 24 * np.sqrt(1 - (scaled / 17) ** 2), scaled)
    assert inside_mm3 == pytest.approx(exact_mm3, rel=0.03)  # voxels of 1.5 mm


def test_discs_lie_above_and_below_the_body(vertebra):
    heights_mm = points_of(vertebra, "disc")[:, 2]
    assert np.abs(heights_mm).min() >= 13
    assert heights_mm.max() > 0 > heights_mm.min()


def test_signed_distances_of_simple_solids():
    points = np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 5.0, 0.0]])
    np.testing.assert_allclose(sphere(points, (0, 0, 0), 2.0), [-2.0, 1.0, 3.0])
    np.testing.assert_allclose(capsule(points, (0, 0, 0), (4, 0, 0), 1.0), [-1.0, -1.0, 4.0])
    np.testing.assert_allclose(elliptic_column(points, (0, 0), (3.0, 5.0)), [-3.0, 0.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(slab(points[:, 1], -1.0, 1.0), [-1.0, -1.0, 4.0])
    first, second = np.array([-1.0, 1.0]), np.array([2.0, -2.0])
    np.testing.assert_allclose(union(first, second), [-1.0, -2.0])
    np.testing.assert_allclose(intersection(first, second), [2.0, 1.0])
    np.testing.assert_allclose(without(first, second), [-1.0, 2.0])
