"""What lies beside the dossier: figures, fields, surfaces and curves that other software reads back the same."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from givre.adapters.results import ResultsContents, results_schema, to_json, write_results
from givre.adapters.results.curves import safe_cell, write_table
from givre.adapters.results.numbers import with_reasons
from givre.assessment.result import Assessment
from givre.bioheat.run import ThermalRun
from givre.case.description import CaseDescription
from givre.geometry.grid import Grid
from givre.usecases.import_report import Finding, ImportReport


@pytest.fixture(scope="module")
def written(contents: ResultsContents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "out"

    def dossier(where: Path) -> None:
        (where / "dossier_fr.html").write_text("<p>usage de recherche</p>", encoding="utf-8")

    write_results(contents, folder, also=[dossier])
    return folder


def _document(folder: Path) -> dict[str, object]:
    document: dict[str, object] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return document


def test_the_document_obeys_the_schema_that_ships_with_it(written: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(results_schema())
    jsonschema.validate(_document(written), results_schema())


@pytest.mark.parametrize("fault", ["schema", "verdicts", "coverage"])
def test_the_schema_refuses_a_document_without_its_parts(written: Path, fault: str) -> None:
    document = _document(written)
    del document[fault]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, results_schema())


def _objects(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _is_null(value: object) -> bool:
    return value is None or (isinstance(value, list) and any(item is None for item in value))


def test_every_number_is_finite_and_every_null_has_its_reason(written: Path) -> None:
    document = _document(written)
    nulls = 0
    for item in _objects({key: part for key, part in document.items() if key != "provenance"}):
        empty = {key for key, value in item.items() if _is_null(value)}
        because = item.get("null_because", {})
        assert isinstance(because, dict)
        assert empty == set(because)
        nulls += len(empty)
    assert nulls >= 2  # the organ outside the domain has no temperature and no coldest point
    assert "NaN" not in (written / "results.json").read_text(encoding="utf-8")


def test_an_organ_outside_the_domain_has_no_temperature_and_says_why(written: Path) -> None:
    document = _document(written)
    organs = {item["structure"]: item for item in document["organs_at_risk"]}  # type: ignore[attr-defined]  # JSON
    assert organs["far"]["coldest_c"] is None
    assert organs["far"]["null_because"]["coldest_c"] == "the structure lies outside the simulated domain"


def test_no_path_of_the_machine_enters_the_results(written: Path) -> None:
    assert "/home/someone" not in (written / "results.json").read_text(encoding="utf-8")


def test_every_file_is_listed_with_its_hash_the_dossier_too(written: Path) -> None:
    listed = {item["path"] for item in _document(written)["files"]}  # type: ignore[attr-defined]  # JSON
    present = {file.relative_to(written).as_posix() for file in written.rglob("*") if file.is_file()}
    assert listed == present - {"results.json"}
    assert "dossier_fr.html" in listed


def test_the_same_plan_gives_the_same_bytes(contents: ResultsContents, written: Path, tmp_path: Path) -> None:
    write_results(contents, tmp_path / "again")
    for file in (tmp_path / "again").rglob("*.*"):
        if file.name != "results.json" and file.is_file():
            assert file.read_bytes() == (written / file.relative_to(tmp_path / "again")).read_bytes(), file.name


def test_a_field_read_back_lies_where_the_simulation_put_it(contents: ResultsContents, written: Path) -> None:
    image = nib.load(written / "fields" / "coldest_c.nii.gz")
    assert isinstance(image, nib.Nifti1Image)
    run = contents.run
    shape_ijk = (image.shape[0], image.shape[1], image.shape[2])
    assert Grid.from_affine_ras(image.affine, shape_ijk).matches(run.grid)
    assert np.array_equal(np.asarray(image.dataobj).transpose(2, 1, 0), run.coldest_c)
    names = {file.name for file in (written / "fields").iterdir()}
    assert {"end_of_freeze_c.nii.gz", "time_below_minus_20_c_s.nii.gz", "freezes_below_0_c.nii.gz"} <= names


def _read_stl(path: Path) -> tuple[bytes, np.ndarray]:
    raw = path.read_bytes()
    count = int(np.frombuffer(raw[80:84], "<u4")[0])
    facets = np.frombuffer(raw[84:], np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]))
    assert len(facets) == count
    return raw[:80], facets


def test_an_isotherm_surface_encloses_the_frozen_volume_in_patient_space(
    contents: ResultsContents, written: Path
) -> None:
    header, facets = _read_stl(written / "surfaces" / "isotherm_minus_20_c.stl")
    assert b"LPS; mm" in header
    assert not header.startswith(b"solid")
    corners = facets["c"].astype(float)
    volume_ml = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6000.0
    voxels_ml = (contents.run.coldest_c <= -20).sum() * contents.run.grid.voxel_volume_mm3 / 1000.0
    assert volume_ml == pytest.approx(voxels_ml, rel=0.08)  # 2 mm voxels on a body 14 mm across
    assert np.abs(corners.reshape(-1, 3).mean(axis=0)).max() < 1.0  # the probe is centred on the origin
    assert np.einsum("ij,ij->i", facets["n"].astype(float), corners.mean(axis=1)).min() > -0.5  # outward


def test_a_surface_that_does_not_exist_is_said_not_written(contents: ResultsContents, tmp_path: Path) -> None:
    document = write_results(contents, tmp_path / "out", isotherms_c=[0.0, -180.0])
    assert document["absent"] == ["isotherm -180 degC: no voxel became that cold"]
    assert [file.name for file in (tmp_path / "out" / "surfaces").iterdir() if "180" in file.name] == []


def test_curves_are_rfc_4180_tables_with_units_in_their_headers(contents: ResultsContents, written: Path) -> None:
    raw = (written / "curves" / "structures.csv").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n")
    rows = list(csv.reader(raw.decode("utf-8").splitlines()))
    assert rows[0][:2] == ["time [s]", "tumour coldest [degC]"]
    assert all(len(row) == len(rows[0]) for row in rows)
    times = np.array([float(row[0]) for row in rows[1:]])
    assert times == pytest.approx(contents.run.history.time_s)
    assert "'=cord coldest [degC]" in rows[0]
    names = {file.name for file in (written / "curves").iterdir()}
    assert names == {"volumes.csv", "structures.csv", "points.csv", "probes.csv", "volume_below.csv"}


@given(st.text(max_size=12), st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", " ="]))
def test_no_text_starts_a_formula(text: str, start: str) -> None:
    assert safe_cell(start + text).startswith("'")


@given(
    rows=st.lists(st.tuples(st.text(st.characters(exclude_categories=("Cs",)), max_size=8), st.floats()), max_size=5)
)
def test_a_table_reads_back(rows: list[tuple[str, float]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    write_table(path, ("name", "value"), rows)
    with path.open(encoding="utf-8", newline="") as stream:
        back = list(csv.reader(stream))[1:]
    assert [row[0].removeprefix("'") for row in back] == [safe_cell(row[0]).removeprefix("'") for row in rows]
    for row, (_, value) in zip(back, rows, strict=True):
        assert row[1] == "" if not math.isfinite(value) else float(row[1]) == pytest.approx(value, rel=1e-6)


@given(st.dictionaries(st.text(max_size=5), st.floats() | st.lists(st.floats(), max_size=3) | st.text(max_size=3)))
def test_no_number_that_is_not_finite_reaches_a_document(values: dict[str, object]) -> None:
    values.pop("null_because", None)
    to_json(with_reasons(values, why="unknown"))


def test_a_diverged_run_is_written_without_pretending(
    contents: ResultsContents, judged: Callable[[ThermalRun, CaseDescription], Assessment], tmp_path: Path
) -> None:
    broken = np.full_like(contents.run.coldest_c, np.nan)
    run = replace(contents.run, coldest_c=broken, status=replace(contents.run.status, ending="diverged"))
    assessment = judged(run, contents.description)
    document = write_results(replace(contents, run=run, assessment=assessment), tmp_path / "out")
    assert document["status"]["is_usable"] is False  # type: ignore[index]  # JSON
    assert document["status"]["is_safe"] is False  # type: ignore[index]  # JSON
    assert {verdict["status"] for verdict in document["verdicts"]} == {"unknown"}  # type: ignore[attr-defined]  # JSON
    jsonschema.validate(document, results_schema())


def test_the_import_report_is_written_for_people_and_for_machines(written: Path) -> None:
    assert "ORIENTATION: axial" in (written / "import_report.txt").read_text(encoding="utf-8")
    report = json.loads((written / "import_report.json").read_text(encoding="utf-8"))
    assert report["imports"][0]["findings"][0]["code"] == "ORIENTATION"


def test_the_coldest_face_stands_for_an_organ_outside_the_domain(contents: ResultsContents, written: Path) -> None:
    organs = {item["structure"]: item for item in _document(written)["organs_at_risk"]}  # type: ignore[attr-defined]  # JSON
    coldest = contents.run.coldest_c
    faces_c = [np.take(coldest, end, axis=axis).min() for axis in range(3) for end in (0, -1)]
    assert organs["far"]["bound_c"] == pytest.approx(min(faces_c), rel=1e-5)
    assert "coldest face of the domain" in organs["far"]["bound_reason"]
    assert "bound_c" not in organs["=cord"]


def test_a_run_that_is_not_usable_bounds_nothing_outside_the_domain(
    contents: ResultsContents, judged: Callable[[ThermalRun, CaseDescription], Assessment], tmp_path: Path
) -> None:
    run = replace(contents.run, status=replace(contents.run.status, ending="stopped"))
    assessment = judged(run, contents.description)
    document = write_results(replace(contents, run=run, assessment=assessment), tmp_path / "out")
    organs = {item["structure"]: item for item in document["organs_at_risk"]}  # type: ignore[attr-defined]  # JSON
    assert organs["far"]["bound_c"] is None
    jsonschema.validate(document, results_schema())


NAMED = "DUPONT_Jean_19560312.nii.gz"


def test_the_name_of_a_patient_in_a_path_or_a_file_name_stays_out(contents: ResultsContents, tmp_path: Path) -> None:
    case = contents.description
    named = replace(
        case,
        image=replace(case.image, path=f"/home/someone/{NAMED}"),
        structures=tuple(replace(structure, path="MARTIN_Luc/seg.dcm") for structure in case.structures),
    )
    finding = Finding(code="X", severity="info", sentence=f"{NAMED} is axial")
    ct = ImportReport(source=NAMED, kind="CT, NIfTI", facts={"of": NAMED}, findings=(finding,))
    masks = [ImportReport(source=f"m{n}.nii.gz", kind="mask, NIfTI") for n in range(3)]
    write_results(replace(contents, description=named, import_reports=(ct, *masks)), tmp_path / "whole")
    write_results(replace(contents, description=named, import_reports=()), tmp_path / "bare")
    for file in (*(tmp_path / "whole").glob("*.*"), *(tmp_path / "bare").glob("*.*")):
        assert not any(word in file.read_text(encoding="utf-8") for word in ("DUPONT", "MARTIN", "1956")), file.name
    shown = _document(tmp_path / "whole")["case"]
    assert isinstance(shown, dict)
    assert shown["image"] == "image.nii.gz"
    assert [structure["file"] for structure in shown["structures"]] == ["m0.nii.gz", "m1.nii.gz", "m2.nii.gz"]
    bare = _document(tmp_path / "bare")["case"]
    assert isinstance(bare, dict)
    assert bare["image"] == "ct"
    assert bare["structures"][0]["file"] == "mask tumour"


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        (NAMED, "CT", "image.nii.gz"),
        ("Lefèvre-Ana 12.03.1956", "mask", "mask"),
        ("1956-03-12 DOE John.MHA", "CT", "image.mha"),
        ("ct.nii.gz", "CT", "ct.nii.gz"),
        ("tumour_left_L3.nrrd", "mask", "tumour_left_L3.nrrd"),
        ("scan_20240102.nii", "CT", "scan_20240102.nii"),
    ],
)
def test_a_file_name_with_words_and_a_day_is_replaced(name: str, kind: str, shown: str) -> None:
    assert ImportReport(source=name, kind=f"{kind}, NIfTI").source == shown


def test_a_case_without_organ_at_risk_says_that_none_was_judged(
    contents: ResultsContents, written: Path, tmp_path: Path
) -> None:
    case = replace(contents.description, organs_at_risk=())
    verdicts = tuple(found for found in contents.assessment.verdicts if not found.goal.startswith("organ:"))
    assessment = replace(contents.assessment, exposures=(), verdicts=verdicts)
    document = write_results(replace(contents, description=case, assessment=assessment), tmp_path / "out")
    status = document["status"]
    assert isinstance(status, dict)
    assert status["organs_at_risk_judged"] == 0
    assert "no organ at risk described" in status["remark"]
    jsonschema.validate(document, results_schema())
    judged = _document(written)["status"]
    assert isinstance(judged, dict)
    assert (judged["organs_at_risk_judged"], judged["remark"]) == (2, "")


def test_the_research_notice_goes_with_the_files_that_leave_the_dossier(written: Path) -> None:
    notice = "Research use, not a medical device."
    assert (written / "import_report.txt").read_text(encoding="utf-8").splitlines()[0] == notice
    assert json.loads((written / "import_report.json").read_text(encoding="utf-8"))["notice"] == notice
    assert (written / "README.txt").read_text(encoding="utf-8").startswith(notice)
