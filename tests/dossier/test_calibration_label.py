"""A probe without calibration data is labelled so in every output; a calibrated one says by how much it misses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from givre.adapters.results.document import ResultsContents, results_document
from givre.cryoprobe.catalogue import load_catalogue
from givre.dossier.compose import compose_dossier
from givre.dossier.content import Definitions, Paragraph, Section, Table
from givre.dossier.inputs import DossierInputs
from givre.testing.dossiers import small_dossier_inputs
from givre.usecases.simulate_plan import probe_facts

INPUTS = small_dossier_inputs()
CALIBRATED = probe_facts("P1", load_catalogue()["endocare-2.4"])


def section(inputs: DossierInputs, lang: str, key: str) -> Section:
    return next(part for part in compose_dossier(inputs, lang=lang).sections if part.key == key)


def mixed() -> DossierInputs:
    return replace(INPUTS, probes=(CALIBRATED, INPUTS.probes[1]))


def test_facts_carry_the_origin_of_a_calibrated_probe_and_its_absence():
    assert CALIBRATED.calibrated
    assert CALIBRATED.calibration_sizes == 2
    assert "littrup-2009-one-probe.csv" in CALIBRATED.calibration
    bare = probe_facts("P1", load_catalogue()["icesphere-1.5-cx"])
    assert (bare.calibrated, bare.calibration, bare.calibration_sizes) == (False, "", 0)


@pytest.mark.parametrize(("lang", "words"), [("en", "not calibrated"), ("fr", "non calibrée")])
def test_the_probe_table_and_a_warning_name_the_probes_without_calibration_data(lang, words):
    blocks = section(mixed(), lang, "probes").blocks
    table = next(block for block in blocks if isinstance(block, Table) and block.key == "probes")
    first, second = (row[-1] for row in table.rows)
    assert words not in first.text
    assert first.text.startswith("2 ")
    assert words in second.text
    assert second.tone == "warning"
    warnings = [block.text for block in blocks if isinstance(block, Paragraph) and block.tone == "warning"]
    assert any("P2" in text and "P1" not in text for text in warnings)


@pytest.mark.parametrize(("lang", "words"), [("en", "not calibrated on measurements"), ("fr", "non calibrée sur")])
def test_the_first_page_says_which_model_is_not_calibrated(lang, words):
    blocks = section(mixed(), lang, "question").blocks
    told = next(dict(block.terms) for block in blocks if isinstance(block, Definitions))
    probes = next(text for text in told.values() if "IceSphere" in text)
    assert probes.count(words) == 1
    calibrated, bare = probes.split(", ", 1)
    assert CALIBRATED.model_name in calibrated
    assert words in bare


def test_no_warning_stands_when_every_probe_is_calibrated():
    both = replace(INPUTS, probes=(CALIBRATED, replace(CALIBRATED, label="P2")))
    blocks = section(both, "en", "probes").blocks
    assert not any("calibration data" in block.text for block in blocks if isinstance(block, Paragraph))


def test_results_json_says_it_of_each_probe():
    contents = ResultsContents(
        description=INPUTS.case,
        run=INPUTS.run,
        assessment=INPUTS.assessment,
        probes=mixed().probes,
        provenance=INPUTS.provenance,
    )
    first, second = results_document(contents, files=[], absent=[])["probes"]
    assert (first["facts"]["calibrated"], second["facts"]["calibrated"]) == (True, False)
    assert first["facts"]["calibration"].startswith("calibrated 20")
    assert second["facts"]["calibration"] == ""
