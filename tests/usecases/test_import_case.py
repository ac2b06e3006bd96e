"""Loading the images of a case: hashes, paths, empty and cut-off masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from givre import wiring
from givre.case.description import CaseDescription, ImageReference, SimulationSettings, StructureReference
from givre.case.goals import Goals
from givre.cryoprobe.placement import Placement
from givre.cryoprobe.protocol import TEMPLATES
from givre.foundation.errors import EmptyMask, HashMismatch, InputError, LabelNotFound, PathOutsideBundle
from givre.testing.dicom_files import ct_series, small_ct_hu, structure_set, write_dicom, write_series
from givre.testing.nifti_files import nifti_bytes, write_nifti
from givre.usecases.import_case import CaseImages, load_case_images

HU = small_ct_hu()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_nifti(tmp_path / "ct.nii.gz", nifti_bytes(HU))
    labels = np.where(HU > 600, 3, 0) + np.where(HU == 50, 7, 0)
    write_nifti(tmp_path / "labels.nii.gz", nifti_bytes(labels.astype(np.uint8)))
    write_nifti(tmp_path / "nothing.nii.gz", nifti_bytes(np.zeros(HU.shape, np.uint8)))
    return tmp_path


@pytest.fixture
def description() -> CaseDescription:
    return CaseDescription(
        case_id="case-1",
        title="phantom",
        question="does it load?",
        anatomy="phantom",
        lesion_kind="lytic",
        synthetic="all of it",
        placements=(Placement(label="A", model="any", entry_mm=(0.0, -60.0, 5.0), target_mm=(0.0, 0.0, 5.0)),),
        protocol=TEMPLATES["10-8-10"],
        goals=Goals(
            lethal_temp_c=-40.0, margin_mm=5.0, coverage=1.0, hold_s=60.0, freezes=2, source="test", status="assumption"
        ),
        settings=SimulationSettings(),
        image=ImageReference(path="ct.nii.gz"),
        structures=(
            StructureReference(name="tumour", path="labels.nii.gz", labels=(3,)),
            StructureReference(name="muscle", path="labels.nii.gz", labels=(7,)),
        ),
        organs_at_risk=(),
    )


def loaded(description: CaseDescription, folder: Path, *, inside_bundle: bool = False) -> CaseImages:
    return load_case_images(
        description, folder, read_image=wiring.read_image, read_mask=wiring.read_mask, inside_bundle=inside_bundle
    )


def with_tumour(description: CaseDescription, **changes: object) -> CaseDescription:
    tumour = replace(description.structures[0], **changes)  # type: ignore[arg-type]  # fields by name
    return replace(description, structures=(tumour, *description.structures[1:]))


def test_the_image_and_every_mask_of_a_case_are_loaded_and_reported(description: CaseDescription, folder: Path) -> None:
    images = loaded(description, folder)
    assert images.image.volume.values.shape == (6, 16, 20)
    assert images.tumour.inside.sum() == (HU > 600).sum()
    assert list(images.masks) == ["tumour", "muscle"]
    assert [report.kind for report in images.reports] == ["CT, NIfTI", "mask, NIfTI", "mask, NIfTI"]


def test_a_mask_at_the_edge_of_the_image_is_reported_with_the_side(description: CaseDescription, folder: Path) -> None:
    images = loaded(description, folder)
    edge = [finding for finding in images.reports[1].findings if finding.code == "TOUCHES_EDGE"]
    # the bone of the phantom reaches the last slice, which the identity affine of the file puts at the head
    assert edge[0].severity == "warning"
    assert "tumour touches the edge of the image towards H" in edge[0].sentence


def test_an_empty_tumour_is_refused_and_another_empty_mask_only_reported(
    description: CaseDescription, folder: Path
) -> None:
    with pytest.raises(EmptyMask, match="the tumour mask holds no voxel"):
        loaded(with_tumour(description, path="nothing.nii.gz", labels=()), folder)
    muscle = StructureReference(name="muscle", path="nothing.nii.gz")
    images = loaded(replace(description, structures=(description.structures[0], muscle)), folder)
    assert "MASK_EMPTY" in {finding.code for finding in images.reports[2].findings}


def test_an_absent_label_is_refused_with_those_present(description: CaseDescription, folder: Path) -> None:
    with pytest.raises(LabelNotFound, match=r"no label \[4\]; it holds \[3, 7\]"):
        loaded(with_tumour(description, labels=(3, 4)), folder)


def test_a_probability_map_is_no_mask(description: CaseDescription, folder: Path) -> None:
    chance = np.where(HU > 600, 0.7, 0.0).astype(np.float32)
    write_nifti(folder / "chance.nii.gz", nifti_bytes(chance))
    with pytest.raises(InputError, match="not whole labels, such as 0.7"):
        loaded(with_tumour(description, path="chance.nii.gz", labels=()), folder)


def test_recorded_hashes_are_checked(description: CaseDescription, folder: Path) -> None:
    images = loaded(description, folder)
    right = replace(description, image=replace(description.image, sha256=images.image.sha256.upper()))
    right = with_tumour(right, sha256=images.masks["tumour"].sha256)
    assert loaded(right, folder).image.sha256 == images.image.sha256
    with pytest.raises(HashMismatch, match="mask tumour is not the one"):
        loaded(with_tumour(description, sha256="0" * 64), folder)
    with pytest.raises(HashMismatch, match="planning CT is not the one"):
        loaded(replace(description, image=replace(description.image, sha256="0" * 64)), folder)


@pytest.mark.parametrize("path", ["../labels.nii.gz", "sub/../../labels.nii.gz", "C:\\labels.nii.gz", "..\\labels"])
def test_a_path_may_not_lead_out_of_a_bundle(description: CaseDescription, folder: Path, path: str) -> None:
    inside = folder / "bundle"
    inside.mkdir()
    write_nifti(inside / "ct.nii.gz", nifti_bytes(HU))
    with pytest.raises(PathOutsideBundle, match="leads out of the bundle"):
        loaded(with_tumour(description, path=path), inside, inside_bundle=True)


def test_an_absolute_path_or_a_link_may_not_lead_out_of_a_bundle(description: CaseDescription, folder: Path) -> None:
    inside = folder / "bundle"
    inside.mkdir()
    write_nifti(inside / "ct.nii.gz", nifti_bytes(HU))
    (inside / "labels.nii.gz").write_bytes((folder / "labels.nii.gz").read_bytes())
    (inside / "link.nii.gz").symlink_to(folder / "labels.nii.gz")
    for path in (str(folder / "labels.nii.gz"), "link.nii.gz"):
        with pytest.raises(PathOutsideBundle):
            loaded(with_tumour(description, path=path), inside, inside_bundle=True)
        assert loaded(with_tumour(description, path=path), inside).tumour.inside.any()


def test_a_dicom_case_takes_its_tumour_from_contours(description: CaseDescription, tmp_path: Path) -> None:
    write_series(ct_series(), tmp_path / "ct")
    square = [[-4.5, -4.5, 104], [3.5, -4.5, 104], [3.5, 3.5, 104], [-4.5, 3.5, 104]]
    write_dicom(structure_set({"GTV": [square]}), tmp_path / "rs.dcm")
    case = replace(
        description,
        image=ImageReference(path="ct"),
        structures=(StructureReference(name="tumour", path="rs.dcm", roi="GTV"),),
    )
    images = load_case_images(case, tmp_path, read_image=wiring.read_image, read_mask=wiring.read_mask)
    assert images.tumour.inside.sum() == 64
