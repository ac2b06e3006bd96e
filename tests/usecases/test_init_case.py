"""A folder's files are recognised by the words people use, and nothing is guessed in silence."""

from __future__ import annotations

import pytest

from givre.adapters.casefile import InvalidCaseFile, parse_case, render_draft
from givre.usecases.init_case import FoundFile, init_case, recognise


@pytest.mark.parametrize(
    ("name", "structure"),
    [
        ("tumeur.nii.gz", "tumour"),
        ("Lésion_L3.nrrd", "tumour"),
        ("GTV1", "tumour"),
        ("os.nii.gz", "bone"),
        ("masque-vertèbre.nii", "bone"),
        ("moelle_epiniere.nii.gz", "spinal_cord"),
        ("moelle_osseuse.nii.gz", "marrow"),
        ("moelle.nii.gz", "spinal_cord"),
        ("canal.nii.gz", "spinal_canal"),
        ("Spinal Cord", "spinal_cord"),
        ("disque.nii", "disc"),
        ("position.nii.gz", ""),
        ("dose.nii.gz", ""),
    ],
)
def test_usual_names_are_recognised_in_french_and_english(name: str, structure: str) -> None:
    assert recognise(name) == structure


def _folder() -> list[FoundFile]:
    return [
        FoundFile(path="scanner", kind="dicom_ct", series_uid="1.2.3", slices=120),
        FoundFile(path="tumeur.nii.gz", kind="mask"),
        FoundFile(path="moelle.nii.gz", kind="mask"),
        FoundFile(path="zone.nii.gz", kind="mask"),
    ]


def test_a_folder_becomes_a_draft_that_says_what_it_assumed_and_what_is_missing() -> None:
    draft = init_case(_folder(), case_id="Étude 7")
    assert draft.case_id == "Etude-7"
    assert draft.image is not None and draft.image.path == "scanner"
    assert [structure.name for structure in draft.structures] == ["tumour", "spinal_cord"]
    assert [organ.structure for organ in draft.organs_at_risk] == ["spinal_cord"]
    assert {finding.code for finding in draft.findings} >= {"IMAGE", "MASK", "UNKNOWN_MASK", "AMBIGUOUS_MARROW"}
    assert draft.missing == ("anatomy", "probes")


def test_a_draft_is_refused_until_probes_are_given_and_read_once_they_are() -> None:
    text = render_draft(init_case(_folder(), case_id="c"), language="en")
    with pytest.raises(InvalidCaseFile, match="no probe is placed yet"):
        parse_case(text)
    completed = "\n".join(
        line.removeprefix("#") if line.startswith("#") and line[1] != " " else line
        for line in text.splitlines()
        if line != "#"
    )
    assert parse_case(completed).placements[0].label == "P1"


def test_two_masks_for_one_structure_are_not_merged_in_silence() -> None:
    files = [FoundFile(path="tumeur.nii", kind="mask"), FoundFile(path="lesion.nii", kind="mask")]
    draft = init_case(files, case_id="c")
    assert [finding.code for finding in draft.findings].count("SEVERAL_MASKS") == 1
    assert draft.missing == ("image", "anatomy", "probes")


def test_an_empty_folder_still_gives_a_draft_that_asks_for_everything() -> None:
    draft = init_case([], case_id="vide")
    assert draft.missing == ("image", "tumour", "anatomy", "probes")
    assert "NO TUMOUR MASK WAS FOUND" in render_draft(draft)


def test_contours_of_an_rtstruct_are_recognised_by_their_names() -> None:
    files = [FoundFile(path="rs.dcm", kind="rtstruct", rois=("GTV", "BODY", "Moelle épinière"))]
    structures = init_case(files, case_id="c").structures
    assert [(structure.name, structure.roi) for structure in structures] == [
        ("tumour", "GTV"),
        ("spinal_cord", "Moelle épinière"),
    ]


def test_several_series_are_reported_and_the_longest_is_taken() -> None:
    files = [
        FoundFile(path="dicom", kind="dicom_ct", series_uid="1.1", slices=3),
        FoundFile(path="dicom", kind="dicom_ct", series_uid="1.2", slices=90),
    ]
    draft = init_case(files, case_id="c")
    assert draft.image is not None and draft.image.series_uid == "1.2"
    assert "SEVERAL_IMAGES" in {finding.code for finding in draft.findings}
