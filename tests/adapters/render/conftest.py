"""One small dossier drawn once for all tests of the rendering."""

from __future__ import annotations

import pytest

from givre.adapters.render.document import render_dossier
from givre.adapters.render.figures import draw_figures, render_pictures
from givre.dossier.compose import compose_dossier
from givre.testing.dossiers import small_dossier_inputs


@pytest.fixture(scope="session")
def inputs():
    return small_dossier_inputs()


@pytest.fixture(scope="session")
def pictures(inputs):
    return render_pictures(inputs, scale=0.25)


@pytest.fixture(scope="session")
def figures(inputs, pictures):
    return {lang: draw_figures(inputs, lang=lang, pictures=pictures) for lang in ("fr", "en")}


@pytest.fixture(scope="session")
def rendered(inputs, figures):
    return {lang: render_dossier(compose_dossier(inputs, lang=lang), figures[lang]) for lang in ("fr", "en")}
