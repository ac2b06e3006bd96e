"""The dossier as one HTML file that needs nothing else: no network, no script, no other file."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from importlib import resources

from givre.adapters.render.canvas import extra
from givre.dossier.content import Block, Dossier
from givre.dossier.words import NBSP


def write_html(dossier: Dossier, figures: Mapping[str, bytes]) -> bytes:
    """The page, UTF-8.

    Args:
        dossier: from `compose_dossier`.
        figures: PNG by key, from `draw_figures` in the same language.

    Raises:
        MissingExtra: when the report extra is not installed.
    """
    jinja2 = extra("jinja2")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters["kinds"] = _kinds
    template = environment.from_string(packaged_text("dossier.html.j2"))
    style = extra("markupsafe").Markup(packaged_text("dossier.css"))  # ours, and CSS knows no HTML entities
    page: str = template.render(
        dossier=dossier,
        style=style,
        pictures={figure.key: _data_uri(figures[figure.key]) for figure in dossier.figures()},
        colon=f"{NBSP}: " if dossier.lang == "fr" else ": ",
    )
    return page.encode("utf-8")


def packaged_text(name: str) -> str:
    """A template or style sheet shipped with this package."""
    return resources.files("givre.adapters.render").joinpath(name).read_text(encoding="utf-8")


def _kinds(blocks: Iterable[Block]) -> list[tuple[str, Block]]:
    return [(type(block).__name__, block) for block in blocks]


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
