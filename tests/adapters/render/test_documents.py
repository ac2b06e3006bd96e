"""HTML and PDF: complete, in one language, harmless, the same twice."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import numpy as np
import pypdf
import pytest
from PIL import Image

from givre.adapters.render.canvas import extra
from givre.adapters.render.html import write_html
from givre.adapters.render.pdf import write_pdf
from givre.dossier.compose import compose_dossier
from givre.dossier.words import load_words
from givre.foundation.errors import MissingExtra
from givre.testing.dossiers import small_dossier_inputs

NASTY = '<script>alert(1)</script> =cmd|"/C calc"!A0 #read("/etc/passwd") *gras* $x$ \\ {{ 7*7 }} & « L3 »'
ENGLISH = frozenset(
    """the and of with to is are was not no from by for at below above tumour margin probe freeze thaw coverage
    research use device unknown mean board smallest share found wanted met goal goals whole each what does know value
    values unverified computation hash short glossary lowest reached time cold coldest organ organs risk spinal cord
    bone view slice depth length picture head feet left right front behind""".split()  # noqa: SIM905
)
"""Words that can only be English; those that French also writes are left out."""


class Text(HTMLParser):
    """Words of a page, without what is marked as written in another language."""

    def __init__(self):
        super().__init__()
        self.words, self.alts, self.foreign, self.ids, self.outside = [], [], 0, [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        if tag == "img":
            self.alts.append(found.get("alt", ""))
        self.outside += [found[name] for name in ("src", "href") if found.get(name, "#")[:1] != "#"]
        if found.get("lang") == "en" or tag in ("style", "title"):
            self.foreign += 1
            self._until = tag

    def handle_endtag(self, tag):
        if self.foreign and tag == self._until:
            self.foreign = 0

    def handle_data(self, data):
        if not self.foreign:
            self.words.append(data)


def read(page: bytes) -> Text:
    text = Text()
    text.feed(page.decode("utf-8"))
    return text


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_no_english_is_left_on_the_french_page(rendered):
    page = read(rendered["fr"].html)
    words = set(re.findall(r"[a-zà-ÿœ]+", " ".join([*page.words, *page.alts]).lower()))
    assert words & ENGLISH == set()


def test_the_check_would_notice_english(rendered):
    words = set(re.findall(r"[a-z]+", " ".join(read(rendered["en"].html).words).lower()))
    assert len(words & ENGLISH) > 30


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_pdf_page_and_every_html_section_carries_the_notice(rendered, lang):
    notice = load_words(lang)("doc.notice")
    found = pages(rendered[lang].pdf)
    assert len(found) >= 6
    assert all(notice in page for page in found)
    html = rendered[lang].html.decode("utf-8")
    assert html.count(f'<p class="notice">{notice}</p>') == html.count("<section ") + 1


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_pdf_is_tagged_titled_and_in_its_language(rendered, lang):
    reader = pypdf.PdfReader(io.BytesIO(rendered[lang].pdf))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == lang
    assert root["/MarkInfo"]["/Marked"]
    metadata = root["/Metadata"].get_data().decode("utf-8")
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "Métastase lytique de L3" in (reader.metadata.title or "")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_needs_nothing_from_outside(rendered, lang):
    page = read(rendered[lang].html)
    assert page.outside
    assert all(reference.startswith("data:image/png;base64,") for reference in page.outside)
    assert len(page.alts) == 13
    assert all(re.search(r"\d", alt) for alt in page.alts)
    assert len(set(page.ids)) == len(page.ids)
    assert f'<html lang="{lang}">' in rendered[lang].html.decode("utf-8")


def test_what_users_write_is_shown_and_never_acts(figures):
    inputs = small_dossier_inputs(title=NASTY, question=NASTY, synthetic=NASTY)
    dossier = compose_dossier(inputs, lang="fr")
    html = write_html(dossier, figures["fr"]).decode("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7*7 }}" in html
    text = " ".join(pages(write_pdf(dossier, figures["fr"])))
    assert '#read("/etc/passwd")' in text
    assert "*gras*" in text
    assert "root:" not in text


def test_writing_twice_gives_the_same_bytes(inputs, figures, rendered):
    dossier = compose_dossier(inputs, lang="fr")
    assert write_html(dossier, figures["fr"]) == rendered["fr"].html
    assert write_pdf(dossier, figures["fr"]) == rendered["fr"].pdf


def test_no_figure_is_empty_and_languages_draw_different_words(figures):
    assert set(figures["fr"]) == set(figures["en"])
    for key, png in figures["fr"].items():
        picture = np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float)
        assert picture.std() > 10, key
        assert png != figures["en"][key], key


def test_numbers_of_the_summary_are_on_the_first_page(rendered):
    first = pages(rendered["fr"].pdf)[0].replace("\u00a0", " ")
    assert "À discuter en réunion" in first
    assert "✗" in first
    assert "100 %" in first


def test_a_missing_library_is_refused_with_what_to_install():
    with pytest.raises(MissingExtra, match=r'pip install "givre\[report\]"'):
        extra("givre_library_that_does_not_exist")
