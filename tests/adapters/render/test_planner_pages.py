"""The planner's pages in HTML and PDF, in both languages, with pictures that are read without colour."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pypdf
import pytest
from PIL import Image

from givre.adapters.render.document import render_dossier
from givre.adapters.render.figures import draw_planner_figures
from givre.adapters.render.palette import CHANCE_STYLES
from givre.adapters.results.proposals_reading import read_proposals
from givre.adapters.results.uncertainty_reading import read_uncertainty
from givre.dossier.compose import compose_dossier
from givre.dossier.uncertainty_section import CHANCES
from givre.testing.planned import small_proposals, small_uncertainty
from tests.adapters.results.planned_folders import proposals_folder, uncertainty_folder

EXPECTED = {
    "fr": ("Plans proposés par le planificateur", "Incertitude du plan", "De quoi dépend le résultat"),
    "en": ("Plans proposed by the planner", "Uncertainty of the plan", "What the result depends on"),
}


@pytest.fixture(scope="module")
def told(inputs, tmp_path_factory):
    where = tmp_path_factory.mktemp("planned")
    return replace(
        inputs,
        ranked=read_proposals(proposals_folder(small_proposals(inputs.case), where / "p"))[0],
        uncertain=read_uncertainty(uncertainty_folder(small_uncertainty(inputs), where / "u"))[0],
    )


@pytest.fixture(scope="module")
def drawn(told, figures):
    return {lang: {**figures[lang], **draw_planner_figures(told, lang=lang)} for lang in ("fr", "en")}


@pytest.fixture(scope="module")
def documents(told, drawn):
    return {lang: render_dossier(compose_dossier(told, lang=lang), drawn[lang]) for lang in ("fr", "en")}


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_titles_and_figures_stand_in_pdf_and_html(documents, lang):
    page, text = documents[lang].html.decode("utf-8"), words_of(documents[lang].pdf)
    for title in EXPECTED[lang]:
        assert title in page
        assert title in text
    alone = {"fr": "12 °C (limite 0 °C)", "en": "12 °C (limit 0 °C)"}[lang]
    assert alone in page.replace("\u00a0", " ")
    assert alone in text.replace("\u00a0", " ")


def test_the_french_pages_hold_no_english_sentence_of_the_files(documents):
    page = documents["fr"].html.decode("utf-8")
    assert "in English" not in page
    assert "Uncertainty" not in page


def test_every_picture_is_drawn_and_differs_between_the_languages(told, drawn):
    keys = {figure.key for figure in compose_dossier(told, lang="en").figures()}
    assert keys <= set(drawn["en"])
    new = [key for key in keys if key.startswith(("chance_", "tornado_"))]
    assert len(new) == 4 + 3
    for key in new:
        assert drawn["en"][key] != drawn["fr"][key], key


def test_lines_of_equal_chance_are_told_apart_without_colour():
    assert set(CHANCE_STYLES) == set(CHANCES)
    assert len({dash for _, dash, _ in CHANCE_STYLES.values()}) == len(CHANCES)


def test_the_lines_of_the_map_are_on_the_picture(drawn):
    pixels = np.asarray(Image.open(io.BytesIO(drawn["en"]["chance_axial"])).convert("RGB")).reshape(-1, 3)
    for colour, _, _ in CHANCE_STYLES.values():
        wanted = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)])
        assert (np.abs(pixels.astype(int) - wanted).max(axis=1) <= 2).sum() > 40, colour


def test_without_results_of_the_planner_the_dossier_is_the_same(inputs, told, rendered, figures):
    again = replace(told, ranked=None, uncertain=None)
    document = render_dossier(compose_dossier(again, lang="fr"), figures["fr"])
    assert (document.html, document.pdf) == (rendered["fr"].html, rendered["fr"].pdf)
