"""The Python door: images in memory or on disk, the same strict reading, the same results."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import nibabel as nib
import numpy as np
import pytest

import givre
from givre.foundation.errors import InvalidGeometry

EXAMPLE = Path(__file__).parents[1] / "examples" / "first_plan.py"
AFFINE = np.diag([-2.0, 3.0, 2.5, 1.0])
AFFINE[:3, 3] = (40.0, -30.0, 12.0)
PROBE = givre.Placement(label="P1", model="icesphere-1.5-cx", entry_mm=(0.0, -60.0, 40.0), target_mm=(0.0, 0.0, 40.0))


@pytest.fixture(scope="module")
def example() -> ModuleType:
    found = importlib.util.spec_from_file_location("first_plan", EXAMPLE)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def result(example: ModuleType) -> givre.PlanResult:
    return givre.simulate(example.small_case(), threads=1)


def test_the_example_covers_its_tumour_and_spares_the_cord(result: givre.PlanResult) -> None:
    assert result.run.status.ending == "done"
    verdicts = {verdict.goal: verdict.status for verdict in result.assessment.verdicts}
    assert verdicts["coverage"] == "met"
    assert verdicts["organ:spinal_cord"] == "met"


def test_results_are_written_in_one_line(result: givre.PlanResult, tmp_path: Path) -> None:
    written = givre.write_results(result, tmp_path / "out", languages=())
    document = json.loads((written / "results.json").read_text(encoding="utf-8"))
    assert document["case"]["id"] == "first-plan"
    assert document["import"][0]["source"] == "ct (in memory)"


def test_progress_may_stop_a_simulation_which_is_then_no_result(example: ModuleType) -> None:
    stopped = givre.simulate(example.small_case(), progress=lambda simulated_s, whole_s: simulated_s < 20.0)
    assert stopped.run.status.ending == "stopped"
    assert not stopped.assessment.is_safe


def _arrays() -> tuple[np.ndarray, np.ndarray]:
    ct = np.full((40, 24, 22), 50, dtype=np.int16)
    ct[:, :3] = -1000
    ct[18:22, 8:12, 9:13] = 300
    return ct, ct == 300


def test_a_path_an_image_and_an_array_give_the_same_case(tmp_path: Path) -> None:
    ct, tumour = _arrays()
    images = {"ct": nib.Nifti1Image(ct, AFFINE), "tumour": nib.Nifti1Image(tumour.astype(np.uint8), AFFINE)}
    for name, image in images.items():
        nib.save(image, tmp_path / f"{name}.nii.gz")
    cases = [
        givre.case_from_arrays(ct=(ct, AFFINE), masks={"tumour": (tumour, AFFINE)}, probes=[PROBE]),
        givre.case_from_arrays(ct=images["ct"], masks={"tumour": images["tumour"]}, probes=[PROBE]),
        givre.case_from_arrays(
            ct=tmp_path / "ct.nii.gz", masks={"tumour": str(tmp_path / "tumour.nii.gz")}, probes=[PROBE]
        ),
    ]
    first = cases[0].images
    for other in (case.images for case in cases[1:]):
        assert other.image.volume.grid.matches(first.image.volume.grid, tolerance=1e-6)
        assert np.array_equal(other.image.volume.values, first.image.volume.values)
        assert np.array_equal(other.tumour.inside, first.tumour.inside)


def test_a_voxel_keeps_its_place_in_the_patient() -> None:
    ct, tumour = _arrays()
    case = givre.case_from_arrays(ct=(ct, AFFINE), masks={"tumour": (tumour, AFFINE)}, probes=[PROBE])
    middle_ras = AFFINE @ [19.5, 9.5, 10.5, 1.0]
    assert case.images.tumour.centroid_mm() == pytest.approx([-middle_ras[0], -middle_ras[1], middle_ras[2]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ct": np.zeros((4, 4, 4))}, "give a path, a nibabel image, or"),
        ({"ct": (np.zeros((4, 4)), AFFINE)}, "give three axes and 4 x 4"),
        ({"ct": (np.zeros((4, 4, 4), dtype=complex), AFFINE)}, "whole or real numbers"),
        ({"protocol": "9-9-9"}, "not a template"),
        ({"masks": {}}, 'no structure is named "tumour"'),
        ({"probes": []}, "a plan needs 1 to 25"),
    ],
)
def test_what_cannot_be_a_case_is_refused(change: dict[str, object], words: str) -> None:
    ct, tumour = _arrays()
    good: dict[str, object] = {"ct": (ct, AFFINE), "masks": {"tumour": (tumour, AFFINE)}, "probes": [PROBE]}
    with pytest.raises(givre.GivreError, match=words):
        givre.case_from_arrays(**(good | change))  # type: ignore[arg-type]  # wrong on purpose


def test_an_empty_tumour_is_refused() -> None:
    ct, tumour = _arrays()
    with pytest.raises(givre.GivreError, match="holds no voxel"):
        givre.case_from_arrays(ct=(ct, AFFINE), masks={"tumour": (np.zeros_like(tumour), AFFINE)}, probes=[PROBE])


@pytest.mark.parametrize("affine", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.diag([1.0, 1.0, 0.0, 1.0])])
def test_an_affine_that_spans_no_space_is_refused(affine: np.ndarray) -> None:
    ct, tumour = _arrays()
    with pytest.raises(InvalidGeometry, match="does not span space"):
        givre.case_from_arrays(ct=(ct, affine), masks={"tumour": (tumour, affine)}, probes=[PROBE])


@pytest.mark.parametrize("languages", ["en", ["de"], ["fr", "EN"]])
def test_languages_that_no_dossier_has_are_refused_by_name(
    result: givre.PlanResult, tmp_path: Path, languages: list[str]
) -> None:
    with pytest.raises(givre.GivreError, match="languages"):
        givre.write_results(result, tmp_path / "results", languages=languages)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'cure'"):
        _ = givre.cure
    assert set(givre.__all__) == set(dir(givre))
