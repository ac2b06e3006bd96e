"""The dossier as a tagged PDF (PDF/A-2a and PDF/UA-1) set by typst."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from givre.adapters.render.canvas import extra
from givre.adapters.render.html import packaged_text
from givre.dossier.content import Block, Dossier, FigureRow

STANDARDS = ("a-2a", "ua-1")


def write_pdf(dossier: Dossier, figures: Mapping[str, bytes]) -> bytes:
    """The PDF. What users wrote goes in as data, never as markup, so that nothing in it can act.

    Args:
        dossier: from `compose_dossier`.
        figures: PNG by key, from `draw_figures` in the same language.

    Raises:
        MissingExtra: when the report extra is not installed.
    """
    typst = extra("typst")
    needed = {figure.key: figures[figure.key] for figure in dossier.figures()}
    with tempfile.TemporaryDirectory(prefix="givre-dossier-") as folder:
        root = Path(folder)
        for key, picture in needed.items():
            (root / f"{key}.png").write_bytes(picture)
        (root / "dossier.typ").write_text(packaged_text("dossier.typ"), encoding="utf-8")
        pdf: bytes = typst.compile(
            root / "dossier.typ",
            root=root,
            ignore_system_fonts=True,
            sys_inputs={"dossier": json.dumps(_as_data(dossier))},
            pdf_standards=list(STANDARDS),
            timestamp=int(datetime.fromisoformat(dossier.iso_date).replace(tzinfo=UTC).timestamp()),
        )
    return pdf


def _as_data(dossier: Dossier) -> dict[str, object]:
    """The dossier as plain values for the template."""
    data = asdict(dossier)
    data["sections"] = [
        {**section_data, "blocks": [_block_data(block) for block in section.blocks]}
        for section, section_data in zip(dossier.sections, data["sections"], strict=True)
    ]
    return data


def _block_data(block: Block) -> dict[str, object]:
    data = {"kind": type(block).__name__, **asdict(block)}
    if isinstance(block, FigureRow):
        data["figures"] = [{**asdict(figure), "file": f"{figure.key}.png"} for figure in block.figures]
    return data
