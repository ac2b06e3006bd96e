"""A dossier as values: sections made of a few kinds of block, every number already in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from givre.dossier.inputs import Lang

Tone = Literal["plain", "met", "warning", "not_met", "unknown", "muted"]
"""How a text is felt; a renderer may colour it, and the words and the symbol say the same without colour."""
Align = Literal["left", "right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A framed message that must not be missed."""

    title: str
    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list; each item is a short lead and a text."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictLine:
    """One goal judged, in words.

    Attributes:
        symbol: a sign readable without colour.
        status: the judgement in words.
        goal: what was asked.
        found: the figure found, with its unit.
        wanted: the figure wanted, with its unit.
        tone: met, warning, not_met or unknown.
    """

    symbol: str
    status: str
    goal: str
    found: str
    wanted: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictBoard:
    """All verdicts, one line each, under their column titles (goal, found, wanted, verdict)."""

    titles: tuple[str, str, str, str]
    lines: tuple[VerdictLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNumber:
    """One number to see first.

    Attributes:
        label: what it is.
        value: the number with its unit.
        note: its uncertainty or its meaning.
    """

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNumbers:
    """A few numbers side by side."""

    numbers: tuple[KeyNumber, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: its words.
        tone: how it is felt.
        lang: language of the text when it is not that of the dossier (a citation), else empty.
    """

    text: str
    tone: Tone = "plain"
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Title and side of one column; `share` is its width relative to the others."""

    title: str
    align: Align = "left"
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first cell of each row names the row.

    Attributes:
        key: stable name.
        caption: what it shows.
        columns: titles.
        rows: as many cells as columns in each.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture drawn by a renderer under the same key.

    Attributes:
        key: stable name of the picture.
        caption: what it shows.
        alt: the same for who cannot see it, with the numbers.
    """

    key: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One to three figures side by side."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Terms and what they mean."""

    terms: tuple[tuple[str, str], ...]


Block = Paragraph | Banner | Bullets | VerdictBoard | KeyNumbers | Table | FigureRow | Definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One chapter.

    Attributes:
        key: stable name.
        title: heading.
        blocks: in reading order.
        starts_page: whether it begins on a new page of the PDF.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
    starts_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A whole dossier in one language.

    Attributes:
        lang: fr or en.
        title: of the document.
        subtitle: title of the case.
        case_id: pseudonymous id.
        date: in words of the language.
        iso_date: the same, ISO.
        notice: research use, not a medical device; shown on every page.
        sections: in reading order.
        labels: words of the page furniture ("page", "contents", "synthetic").
    """

    lang: Lang
    title: str
    subtitle: str
    case_id: str
    date: str
    iso_date: str
    notice: str
    sections: tuple[Section, ...]
    labels: Mapping[str, str] = field(default_factory=dict)

    def figures(self) -> Iterator[Figure]:
        """All figures in reading order."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, FigureRow):
                    yield from block.figures
