"""What the planner wrote is read back as it was, or refused by name with what is wrong."""

from __future__ import annotations

import gzip
import hashlib
import math
import shutil
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from givre.adapters.results.proposals_reading import read_proposals
from givre.adapters.results.strict_reading import NewerSchema, PlannedFile
from givre.adapters.results.uncertainty_reading import MAP_PATH, read_uncertainty
from givre.testing.dossiers import small_dossier_inputs
from givre.testing.planned import ORGAN, SAMPLES, SMALL_HASHES, small_factors, small_proposals, small_uncertainty
from givre.usecases.planned_results import OF_A_PLAN, OF_A_SEARCH, OtherCase, refuse_other_case
from givre.wiring_cases import read_planned
from tests.adapters.results.planned_folders import proposals_folder, rewritten, uncertainty_folder


@pytest.fixture(scope="module")
def inputs():
    return small_dossier_inputs()


@pytest.fixture(scope="module")
def written(inputs, tmp_path_factory):
    where = tmp_path_factory.mktemp("planned")
    return (
        proposals_folder(small_proposals(inputs.case), where / "proposals", time_limit_s=30.0),
        uncertainty_folder(small_uncertainty(inputs), where / "uncertainty"),
    )


@pytest.fixture
def proposals(written, tmp_path):
    return shutil.copytree(written[0], tmp_path / "proposals")


@pytest.fixture
def uncertainty(written, tmp_path):
    return shutil.copytree(written[1], tmp_path / "uncertainty")


def test_plans_are_read_back_as_they_were_written(inputs, written):
    found, recorded = read_proposals(written[0])
    assert [(plan.rank, plan.role, len(plan.probes)) for plan in found.plans] == [
        (1, "best", 2),
        (2, "fewer_probes", 1),
    ]
    assert found.plans[0].coverage_with_margin == pytest.approx(0.987)
    assert found.plans[0].organs_coldest_c == {"spinal_cord": pytest.approx(12.4)}
    assert found.rank_of(inputs.case) == 1
    assert found.time_limit_s == 30.0
    assert found.error.plans == 4
    assert math.isnan(found.corrected_error.edge_mean_mm)
    assert recorded.case_ids == ("givre-test-01", "givre-test-01-plan-1", "givre-test-01-plan-2")
    assert recorded.images == SMALL_HASHES


def test_an_uncertain_plan_is_read_back_as_it_was_written(inputs, written):
    result = small_uncertainty(inputs)
    found, recorded = read_uncertainty(written[1])
    assert (found.samples, found.failed) == (SAMPLES, 2)
    assert [factor.name for factor in found.factors] == [factor.name for factor in small_factors()]
    assert [(chance.goal, chance.met) for chance in found.goals] == [
        (chance.goal, chance.met) for chance in result.uncertainty.goals
    ]
    spread = result.uncertainty.figures["margin_mm"]
    for level, value in found.figures["margin_mm"].quantiles.items():
        assert value == pytest.approx(spread.quantile(level), rel=1e-5, nan_ok=True)
    np.testing.assert_array_equal(found.lethal_probability.values, result.uncertainty.lethal_probability.values)
    assert found.lethal_probability.grid.matches(result.grid)
    assert found.sensitivity[ORGAN].factors[0].total.value == pytest.approx(0.31)
    assert recorded.parts.keys() == set(OF_A_PLAN)


def test_the_probes_of_another_plan_are_not_taken_for_this_one(inputs, tmp_path):
    folder = proposals_folder(small_proposals(inputs.case, moved_mm=0.1), tmp_path / "moved")
    assert read_proposals(folder)[0].rank_of(inputs.case) is None


def test_the_same_probes_under_other_labels_are_the_same_plan(inputs, written):
    first, second = inputs.case.placements
    swapped = replace(inputs.case, placements=(replace(second, label="A"), replace(first, label="B")))
    assert read_proposals(written[0])[0].rank_of(swapped) == 1
    weaker = replace(inputs.case, placements=(replace(first, power=0.5), second))
    assert read_proposals(written[0])[0].rank_of(weaker) is None


def spoil(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('"coverage": 1.0', '"coverage": NaN', "holds NaN"),
        ('"coverage_with_margin": 0.987', '"coverage_with_margin": 1e999', "not a finite number"),
        ('"coverage_with_margin": 0.987', '"coverage_with_margin": 98.7', "not from 0 to 1"),
        ('"coverage_with_margin": 0.987', '"coverage_with_margin": null', "null_because"),
        ('"coverage_with_margin": 0.987', '"coverage_with_margin": "all"', "not a finite number"),
        ('"role": "best"', '"role": "magic"', "not one of best"),
        ('"rank": 1', '"rank": 3', "ranks"),
        ('"inputs"', '"input"', '"inputs" is missing'),
        ('"goal": "organ:spinal_cord"', '"goal": "luck"', "no goal known here"),
        ('"givre-proposals"', '"givre-results"', "schema givre-proposals"),
        ('"schema_version": "1.1"', '"schema_version": "one"', "not like 1.1"),
    ],
)
def test_damaged_proposals_are_refused(proposals, old, new, match):
    spoil(proposals / "proposals.json", old, new)
    with pytest.raises(PlannedFile, match=match):
        read_proposals(proposals)


def readers(proposals, uncertainty):
    return ((proposals, "proposals", read_proposals), (uncertainty, "uncertainty", read_uncertainty))


@pytest.mark.parametrize("version", ["1.9", "2.0"])
def test_a_newer_schema_is_refused_by_name(proposals, uncertainty, version):
    for folder, name, read, current in (
        (proposals, "proposals", read_proposals, "1.1"),
        (uncertainty, "uncertainty", read_uncertainty, "1.0"),
    ):
        spoil(folder / f"{name}.json", f'"schema_version": "{current}"', f'"schema_version": "{version}"')
        with pytest.raises(NewerSchema, match="install the version of givre"):
            read(folder)


def test_a_file_cut_short_is_refused(proposals, uncertainty):
    for folder, name, read in (
        (proposals, "proposals", read_proposals),
        (uncertainty, "uncertainty", read_uncertainty),
    ):
        path = folder / f"{name}.json"
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(PlannedFile, match="damaged or cut short"):
            read(folder)
        path.write_bytes(b"\xff\xfe")
        with pytest.raises(PlannedFile, match="damaged or cut short"):
            read(folder)
        path.unlink()
        with pytest.raises(PlannedFile, match=f"holds no {name}.json"):
            read(folder)


def first_input(document):
    return document["spread"]["inputs"][0]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda d: d["samples"].update(failed=41), "41 of 40"),
        (lambda d: d["goals"].pop(), "all goals together"),
        (lambda d: d["goals"][0].update(met=41), "41 of 40"),
        (lambda d: d["goals"][0].update(met=True), "whole number"),
        (lambda d: d["figures"]["margin_mm"].update(planned=float("inf")), "holds Infinity"),
        (lambda d: d["figures"].pop("margin_mm"), "margin_mm"),
        (lambda d: first_input(d).update(low=2.0), "between low and high"),
        (lambda d: first_input(d).update(status="sure"), "not one of verified"),
        (lambda d: first_input(d).update(what="mood", name="soft.mood"), "no input"),
        (lambda d: d["sensitivity"]["figures"]["margin_mm"]["inputs"][0].update(name="x"), "not varied"),
        (lambda d: d["lattice"].update(shape_kji=[1, 2, 3]), "shape"),
        (lambda d: d["lattice"].update(voxel_mm=1.0), "voxels"),
        (lambda d: d.update(files=[]), "not the file"),
    ],
)
def test_a_damaged_uncertainty_is_refused(uncertainty, change, match):
    rewritten(uncertainty / "uncertainty.json", change)
    with pytest.raises(PlannedFile, match=match):
        read_uncertainty(uncertainty)


def test_a_missing_or_changed_map_is_refused(uncertainty):
    path = uncertainty / MAP_PATH
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    with pytest.raises(PlannedFile, match="not the file that uncertainty.json lists"):
        read_uncertainty(uncertainty)
    path.unlink()
    with pytest.raises(PlannedFile, match=f"holds no {MAP_PATH}"):
        read_uncertainty(uncertainty)


@pytest.mark.parametrize("value", [math.nan, 1.5, -0.1])
def test_a_map_that_holds_no_probabilities_is_refused_even_if_listed(uncertainty, value):
    path = uncertainty / MAP_PATH
    image = nib.Nifti1Image.from_bytes(gzip.decompress(path.read_bytes()))
    values = image.get_fdata(dtype=np.float32)
    values[0, 0, 0] = value
    nib.Nifti1Image(values, image.affine).to_filename(path)
    relisted(uncertainty)
    with pytest.raises(PlannedFile, match="no probabilities"):
        read_uncertainty(uncertainty)


def test_a_map_that_is_no_image_is_refused_even_if_listed(uncertainty):
    (uncertainty / MAP_PATH).write_bytes(b"not an image")
    relisted(uncertainty)
    with pytest.raises(PlannedFile, match="cannot be read"):
        read_uncertainty(uncertainty)


def relisted(folder):
    sha256 = hashlib.sha256((folder / MAP_PATH).read_bytes()).hexdigest()

    def change(document):
        next(item for item in document["files"] if item["path"] == MAP_PATH).update(sha256=sha256)

    rewritten(folder / "uncertainty.json", change)


def test_results_of_this_case_are_accepted(inputs, written):
    planned = read_planned(inputs.case, SMALL_HASHES, proposals=written[0], uncertainty=written[1])
    assert planned is not None and planned.ranked is not None and planned.uncertain is not None
    assert planned.hashes.keys() == {"proposals", "uncertainty"}
    assert read_planned(inputs.case, SMALL_HASHES) is None


def test_a_search_goes_with_its_own_plans_and_an_uncertainty_with_one(inputs, written):
    of_a_plan = replace(inputs.case, case_id="givre-test-01-plan-2", placements=inputs.case.placements[:1])
    read_planned(of_a_plan, SMALL_HASHES, proposals=written[0])
    with pytest.raises(OtherCase, match=r"uncertainty.json is of case givre-test-01, and givre-test-01-plan-2"):
        read_planned(of_a_plan, SMALL_HASHES, uncertainty=written[1])


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        (lambda case: replace(case, placements=case.placements[:1]), "probes"),
        (lambda case: replace(case, protocol=case.protocol.first_freezes(1)), "protocol"),
        (lambda case: replace(case, goals=replace(case.goals, margin_mm=4.0)), "goals"),
        (lambda case: replace(case, organs_at_risk=()), "organs at risk"),
        (lambda case: replace(case, settings=replace(case.settings, body_temp_c=36.0)), "tissues"),
        (lambda case: replace(case, lesion_kind="blastic"), "tissues"),
    ],
)
def test_another_state_of_the_case_is_refused_and_told(inputs, written, change, differing):
    changed = change(inputs.case)
    with pytest.raises(OtherCase, match=f"what differs: {differing}"):
        read_planned(changed, SMALL_HASHES, uncertainty=written[1])
    if differing in OF_A_SEARCH:
        with pytest.raises(OtherCase, match=f"what differs: {differing}"):
            read_planned(changed, SMALL_HASHES, proposals=written[0])
    else:
        read_planned(changed, SMALL_HASHES, proposals=written[0])


def test_words_and_voxel_size_do_not_make_another_case(inputs, written):
    reworded = replace(inputs.case, title="x", settings=replace(inputs.case.settings, voxel_mm=1.0))
    read_planned(reworded, SMALL_HASHES, proposals=written[0], uncertainty=written[1])


@pytest.mark.parametrize(
    ("hashes", "match"),
    [
        ({**SMALL_HASHES, "ct": "00"}, "what differs: ct"),
        ({**SMALL_HASHES, "mask tumour": "00"}, "what differs: mask tumour"),
        ({"ct": SMALL_HASHES["ct"]}, "what differs: mask spinal_cord, mask tumour"),
        ({}, "the CT of this case is no file"),
    ],
)
def test_other_images_are_refused_and_told(inputs, written, hashes, match):
    for folder in ({"proposals": written[0]}, {"uncertainty": written[1]}):
        with pytest.raises(OtherCase, match=match):
            read_planned(inputs.case, hashes, **folder)


def test_other_hashes_of_a_run_are_not_looked_at(inputs, written):
    _, recorded = read_proposals(written[0])
    refuse_other_case(recorded, inputs.case, {**SMALL_HASHES, "problem": "x"}, parts=OF_A_SEARCH)
