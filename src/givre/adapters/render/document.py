"""The whole dossier in one language, as HTML and PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from givre.adapters.render.html import write_html
from givre.adapters.render.pdf import write_pdf
from givre.dossier.content import Dossier
from givre.dossier.inputs import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedDossier:
    """One language of a dossier, ready to be saved."""

    lang: Lang
    html: bytes
    pdf: bytes


def render_dossier(dossier: Dossier, figures: Mapping[str, bytes]) -> RenderedDossier:
    """HTML and PDF of a composed dossier; the same inputs give the same bytes.

    Raises:
        MissingExtra: when the report extra is not installed.
    """
    return RenderedDossier(lang=dossier.lang, html=write_html(dossier, figures), pdf=write_pdf(dossier, figures))
