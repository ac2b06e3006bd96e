"""Contours become the voxels whose centres they enclose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from givre.adapters.dicom import read_ct_series, read_rtstruct_mask
from givre.adapters.dicom.contours import even_odd, fill_contours
from givre.foundation.errors import InputError
from givre.geometry.grid import Grid
from givre.testing.dicom_files import SERIES_UID, ct_series, structure_set, write_dicom, write_series
from givre.usecases.ports import ImportedImage

GRID = Grid(shape=(9, 30, 40), spacing_mm=(2.0, 1.0, 1.0), origin_mm=(0.0, 0.0, 100.0))


def square(low: float, high: float, z: float) -> Any:
    return np.array([[low, low, z], [high, low, z], [high, high, z], [low, high, z]])


def circle(radius: float, z: float, points: int = 200) -> Any:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([20.3 + radius * np.cos(angle), 14.6 + radius * np.sin(angle), np.full(points, z)], axis=1)


def test_a_square_holds_the_centres_inside_it() -> None:
    inside = even_odd([np.array([[1.5, 2.5], [1.5, 6.5], [4.5, 6.5], [4.5, 2.5]])], (8, 9))
    expected = np.zeros((8, 9), dtype=bool)
    expected[2:5, 3:7] = True
    np.testing.assert_array_equal(inside, expected)


def test_squares_that_share_an_edge_through_centres_neither_overlap_nor_leave_a_gap() -> None:
    left = even_odd([np.array([[1, 1], [1, 4], [6, 4], [6, 1.0]])], (8, 9))
    right = even_odd([np.array([[1, 4], [1, 7], [6, 7], [6, 4.0]])], (8, 9))
    whole = even_odd([np.array([[1, 1], [1, 7], [6, 7], [6, 1.0]])], (8, 9))
    assert not (left & right).any()
    np.testing.assert_array_equal(left | right, whole)


@settings(max_examples=40, deadline=None)
@given(
    points=st.lists(st.tuples(st.floats(0.5, 10.5), st.floats(0.5, 12.5)), min_size=3, max_size=12),
    turn=st.integers(0, 11),
)
def test_direction_and_starting_point_of_a_contour_do_not_matter(points: list[tuple[float, float]], turn: int) -> None:
    polygon = np.array(points)
    turned = np.roll(polygon, turn, axis=0)[::-1]
    np.testing.assert_array_equal(even_odd([polygon], (12, 14)), even_odd([turned], (12, 14)))


def test_a_ring_has_its_hole_whether_drawn_as_two_contours_or_as_a_keyhole() -> None:
    outer, inner = square(3.2, 20.2, 104.0), square(8.2, 13.2, 104.0)
    two = fill_contours([outer, inner], GRID, "ring").inside
    keyhole = np.concatenate([outer, outer[:1], inner[:1], inner[::-1], inner[:1], outer[:1]])
    one = fill_contours([keyhole], GRID, "ring").inside
    np.testing.assert_array_equal(one, two)
    assert two.sum() == 17 * 17 - 5 * 5
    assert not two[2, 10, 10]


def test_the_volume_of_a_cylinder_is_right_within_a_percent() -> None:
    filled = fill_contours([circle(10.0, 100.0 + 2 * k) for k in range(9)], GRID, "cylinder")
    assert filled.inside.sum() == pytest.approx(9 * np.pi * 100, rel=0.01)


def test_contours_may_come_in_any_order() -> None:
    contours = [circle(4.0 + k, 100.0 + 2 * k) for k in range(9)]
    shuffled = [contours[n] for n in np.random.default_rng(0).permutation(9)]
    np.testing.assert_array_equal(
        fill_contours(contours, GRID, "cone").inside, fill_contours(shuffled, GRID, "cone").inside
    )


def test_contours_on_every_other_slice_are_interpolated_and_said_to_be() -> None:
    filled = fill_contours([circle(6.0, 100.0), circle(8.0, 104.0), circle(10.0, 108.0)], GRID, "cone")
    areas = filled.inside.sum(axis=(1, 2))
    assert areas[1] == pytest.approx(np.pi * 7**2, rel=0.06)  # half-way between radius 6 and 8
    assert areas[3] == pytest.approx(np.pi * 9**2, rel=0.06)
    assert areas[5:].sum() == 0
    assert [finding.code for finding in filled.findings] == ["CONTOURS_INTERPOLATED"]


def test_a_gap_between_contours_stays_empty_and_is_reported() -> None:
    filled = fill_contours([circle(6.0, z) for z in (100.0, 102.0, 110.0, 112.0)], GRID, "two parts")
    assert filled.inside.any(axis=(1, 2)).tolist() == [True, True, False, False, False, True, True, False, False]
    assert [(finding.code, finding.severity) for finding in filled.findings] == [("CONTOUR_GAPS", "warning")]


@pytest.mark.parametrize(
    ("contour", "words"),
    [
        (square(3, 9, 101.0), "1.00 mm from the nearest slice"),
        (np.array([[3, 3, 100], [9, 3, 103], [9, 9, 106.0]]), "not parallel"),
        (square(3, 9, 200.0), "outside this CT"),
    ],
)
def test_contours_that_do_not_lie_on_slices_are_refused(contour: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        fill_contours([contour], GRID, "tumour")


def test_contours_that_reach_beyond_the_image_are_cut_and_reported() -> None:
    filled = fill_contours([square(-5, 10.5, 100.0), square(-5, 10.5, 98.0)], GRID, "wide")
    assert filled.inside[0].sum() == 11 * 11
    assert "1 contours outside its slices, 2 cut at its sides" in filled.findings[0].sentence


@pytest.fixture
def image(tmp_path: Path) -> ImportedImage:
    return read_ct_series(write_series(ct_series(), tmp_path / "ct"))


def structures(tmp_path: Path, contours: dict[str, Any], **options: Any) -> Path:
    return write_dicom(structure_set(contours, **options), tmp_path / "rs.dcm")


def test_a_named_structure_is_read(tmp_path: Path, image: ImportedImage) -> None:
    uids = [f"{SERIES_UID}.2"]
    file = structures(tmp_path, {"GTV": [square(-5.5, 4.5, 102.0)], "cord": [square(0, 3, 104.0)]}, image_uids=uids)
    mask = read_rtstruct_mask(file, name="tumour", onto=image, roi="GTV")
    assert mask.mask.name == "tumour"
    assert mask.mask.inside[1].sum() == mask.mask.inside.sum() == 100
    assert mask.report.findings == ()
    assert mask.report.facts["roi"] == "GTV"


@pytest.mark.parametrize(("roi", "words"), [("gtv", r'no structure "gtv"; it holds'), ("", "holds 2 structures")])
def test_an_absent_or_unnamed_structure_is_refused_with_the_names(
    tmp_path: Path, image: ImportedImage, roi: str, words: str
) -> None:
    file = structures(tmp_path, {"GTV": [square(0, 3, 102.0)], "moelle épinière": [square(0, 3, 104.0)]})
    with pytest.raises(InputError, match=words) as caught:
        read_rtstruct_mask(file, name="tumour", onto=image, roi=roi)
    assert "GTV" in str(caught.value)


def test_labels_make_no_sense_for_contours(tmp_path: Path, image: ImportedImage) -> None:
    file = structures(tmp_path, {"GTV": [square(0, 3, 102.0)]})
    with pytest.raises(InputError, match="has names, not labels"):
        read_rtstruct_mask(file, name="tumour", onto=image, labels=(1,))


def test_broken_contours_are_refused(tmp_path: Path, image: ImportedImage) -> None:
    whole = structure_set({"GTV": [square(0, 3, 102.0)]})
    contour = whole.ROIContourSequence[0].ContourSequence[0]
    contour.NumberOfContourPoints = 7
    with pytest.raises(InputError, match="NumberOfContourPoints is 7"):
        read_rtstruct_mask(write_dicom(whole, tmp_path / "a.dcm"), name="t", onto=image)
    contour.NumberOfContourPoints = 4
    contour.ContourGeometricType = "OPEN_PLANAR"
    with pytest.raises(InputError, match="OPEN_PLANAR"):
        read_rtstruct_mask(write_dicom(whole, tmp_path / "b.dcm"), name="t", onto=image)
    contour.ContourGeometricType = "CLOSED_PLANAR"
    contour.ContourData = list(contour.ContourData)[:-1]
    with pytest.raises(InputError, match="11 numbers"):
        read_rtstruct_mask(write_dicom(whole, tmp_path / "c.dcm"), name="t", onto=image)


def test_a_ct_slice_is_no_structure_set(tmp_path: Path, image: ImportedImage) -> None:
    with pytest.raises(InputError, match="is CT Image Storage, not an RT Structure Set"):
        read_rtstruct_mask(write_dicom(ct_series()[0], tmp_path / "x.dcm"), name="t", onto=image)
