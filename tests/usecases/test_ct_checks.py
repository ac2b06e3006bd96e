"""An image is taken for Hounsfield units only when it can be one."""

from __future__ import annotations

import numpy as np
import pytest

from givre.foundation.errors import ImageTooLarge, InvalidGeometry, NotHounsfield, VoxelsNotFinite
from givre.geometry.grid import Grid
from givre.geometry.volume import Volume
from givre.testing.dicom_files import small_ct_hu
from givre.usecases.ct_checks import MAX_VOXELS, check_hounsfield, check_lattice, ct_facts, refuse_too_large

HU = small_ct_hu().astype(np.float32)


def test_a_small_body_passes_without_a_word() -> None:
    assert check_hounsfield(HU, "ct") == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (HU + 1024, "none is negative"),
        (HU * 0 - 5, "every voxel is -5"),
        (np.where(HU < -900, 64512, HU), "highest value is 64512"),
        (np.where(HU > -900, HU + 1024, HU), "between -200 and 200"),
        (np.where(HU > -900, HU * 10 + 3000, HU), "between -200 and 200"),
    ],
)
def test_what_cannot_be_hounsfield_units_is_refused(values: np.ndarray, words: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(NotHounsfield, match=words):
        check_hounsfield(values, "ct")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.where(HU < -150, -150, HU), "NO_AIR"),
        (np.where(HU < -900, -8192, HU), "PADDING_NOT_DECLARED"),
        (np.where(HU > 90, 60, HU), "NO_BONE"),
        (-HU, "BRIGHT_EDGES"),
        (np.where((HU > -500) & (np.arange(20) % 8 > 0), 400, HU), "LITTLE_SOFT_TISSUE"),
    ],
)
def test_what_looks_odd_is_warned_about(values: np.ndarray, code: str) -> None:  # type: ignore[type-arg]
    found = check_hounsfield(values, "ct")
    assert code in [finding.code for finding in found]
    assert {finding.severity for finding in found} == {"warning"}


def test_values_below_air_are_counted() -> None:
    (finding,) = check_hounsfield(np.where(HU < -900, -2048, HU), "ct")
    assert (finding.code, finding.severity) == ("BELOW_AIR", "info")
    assert f"{int((HU < -900).sum())} voxels" in finding.sentence


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_voxel_that_is_not_finite_is_enough(bad: float) -> None:
    values = HU.copy()
    values[0, 0, 0] = bad
    with pytest.raises(VoxelsNotFinite, match=r"1 of 1,920"):
        check_hounsfield(values, "ct")


def test_size_is_judged_without_overflow() -> None:
    refuse_too_large((MAX_VOXELS, 1, 1), "ct")
    for shape in ((MAX_VOXELS + 1, 1, 1), (2**31, 2**31, 2**31), (2**63, 2**63, 2)):
        with pytest.raises(ImageTooLarge, match="crop the scan"):
            refuse_too_large(shape, "ct")


def test_facts_name_the_tissue_peaks() -> None:
    facts = ct_facts(Volume(grid=Grid(shape=(6, 16, 20), spacing_mm=(2.0, 1.0, 1.0)), values=HU, unit="HU"))
    assert facts["fat_peak_hu"] == pytest.approx(-100, abs=2.5)
    assert facts["soft_tissue_peak_hu"] == pytest.approx(50, abs=2.5)


@pytest.mark.parametrize("spacing_mm", [(150.0, 1.0, 1.0), (1.0, 0.0015, 1.0)])
def test_voxels_no_scanner_makes_are_refused(spacing_mm: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidGeometry, match="correct the unit"):
        check_lattice(Grid(shape=(3, 3, 3), spacing_mm=spacing_mm), "scan")


def test_thick_slices_are_warned_of() -> None:
    assert [found.code for found in check_lattice(Grid(shape=(3, 3, 3), spacing_mm=(8.0, 1.0, 1.0)), "scan")] == [
        "THICK_SLICES"
    ]
    assert check_lattice(Grid(shape=(3, 3, 3), spacing_mm=(3.0, 1.0, 1.0)), "scan") == ()
