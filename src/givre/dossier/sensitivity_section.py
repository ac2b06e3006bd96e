"""The page of what moves the figures of a plan: tornados, and shares of the variance where an emulator holds."""

from __future__ import annotations

import math

from givre.dossier.content import Block, Cell, Column, Figure, FigureRow, Paragraph, Section, Table
from givre.dossier.planner_phrasing import PlannerPhrasing
from givre.dossier.uncertain_plan import UncertainPlan, plain_name, tornado_key
from givre.planning.uncertainty.sensitivity import FactorShare, FigureSensitivity
from givre.planning.uncertainty.sensitivity_shares import Share

MOST_ROWS = 8
"""Inputs told one by one in a table of shares; the others are summed up in a last row."""
_MOST_TOLD_BARS = 3


def sensitivity_section(found: UncertainPlan, say: PlannerPhrasing) -> Section:
    """Everything told of what the result depends on."""
    blocks: list[Block] = [Paragraph(text=say.words("moves.intro"))]
    for moved in found.told:
        blocks += _told(moved, found, say)
    if not found.told:
        blocks.append(Paragraph(text=say.words("moves.no_figures"), tone="unknown"))
    return Section(key="sensitivity", title=say.words("section.sensitivity"), blocks=tuple(blocks))


def _told(moved: FigureSensitivity, found: UncertainPlan, say: PlannerPhrasing) -> list[Block]:
    words = say.words
    text = _quality(moved, found, say)
    if moved.bars and moved.bars_from == "runs":
        text = f"{text} {words('moves.by_runs')}"
    elif not moved.bars:
        text = f"{text} {words('moves.no_bars')}"
    blocks: list[Block] = [Paragraph(text=text, tone="plain" if moved.is_known else "unknown")]
    if moved.bars:
        blocks.append(FigureRow(figures=(_tornado(moved, found, say),)))
    if moved.is_known:
        blocks.append(_share_table(moved, found, say))
        if moved.groups:
            blocks.append(Paragraph(text=_by_group(moved, found, say), tone="muted"))
    return blocks


def _quality(moved: FigureSensitivity, found: UncertainPlan, say: PlannerPhrasing) -> str:
    key = moved.why_not or "good"
    if key == "poor_q2" and not moved.q2 > 0:
        key = "poor_q2_none"
    return say.words(
        f"moves.{key}",
        figure=say.unsure.figure(moved.figure),
        q2=say.share(moved.q2) if moved.is_known else say.figure(max(moved.q2, 0.0), "1"),
        least=say.level(found.least_q2),
        runs=say.general.numbers.decimal(moved.runs),
    )


def _tornado(moved: FigureSensitivity, found: UncertainPlan, say: PlannerPhrasing) -> Figure:
    caption = say.words("moves.tornado_caption", figure=say.unsure.figure(moved.figure))
    factors = {factor.name: factor for factor in found.factors}
    bars = [
        say.words(
            "moves.tornado_bar",
            input=say.unsure.factor(factors[bar.name]),
            low=say.unsure.value(bar.at_low, moved.unit),
            high=say.unsure.value(bar.at_high, moved.unit),
        )
        for bar in moved.bars[:_MOST_TOLD_BARS]
    ]
    alt = say.words("moves.tornado_alt", caption=caption, bars=say.words("text.list").join(bars))
    return Figure(key=tornado_key(moved.figure), caption=caption, alt=alt)


def _share_table(moved: FigureSensitivity, found: UncertainPlan, say: PlannerPhrasing) -> Table:
    words = say.words
    columns = tuple(
        Column(title=words(f"moves.column_{key}"), align="left" if key == "input" else "right", share=share)
        for key, share in {"input": 2.6, "main": 1.3, "total": 1.3, "data": 1.6}.items()
    )
    factors = {factor.name: factor for factor in found.factors}
    ordered = sorted(moved.factors, key=lambda share: (-share.total.value, share.name))
    rows = [_share_row(say.unsure.factor(factors[share.name]), share, say) for share in ordered[:MOST_ROWS]]
    if ordered[MOST_ROWS:]:
        rows.append(_rest_row(ordered[MOST_ROWS:], say))
    caption = words(
        "moves.shares_caption", figure=say.unsure.figure(moved.figure), confidence=say.level(found.confidence)
    )
    return Table(key=f"shares_{plain_name(moved.figure)}", caption=caption, columns=columns, rows=tuple(rows))


def _share_row(name: str, share: FactorShare, say: PlannerPhrasing) -> tuple[Cell, ...]:
    shares = (share.main, share.total, share.main_by_data)
    return (Cell(text=name), *(Cell(text=_share(value, say)) for value in shares))


def _share(share: Share, say: PlannerPhrasing) -> str:
    if not math.isfinite(share.value):
        return say.words("text.dash")
    if not (math.isfinite(share.low) and math.isfinite(share.high)):
        return say.share(share.value)
    low, high = (say.general.numbers.decimal(100.0 * value) for value in (share.low, share.high))
    return say.words("moves.share", value=say.share(share.value), low=low, high=high)


def _rest_row(rest: list[FactorShare], say: PlannerPhrasing) -> tuple[Cell, ...]:
    name = say.words("moves.rest", count=len(rest))
    most = (max(share.main.value for share in rest), max(share.total.value for share in rest))
    return (Cell(text=name), *(Cell(text=say.share(value)) for value in most), Cell(text=say.words("text.dash")))


def _by_group(moved: FigureSensitivity, found: UncertainPlan, say: PlannerPhrasing) -> str:
    ordered = sorted(moved.groups, key=lambda share: (-share.total.value, share.name))
    told = [
        say.words("moves.group", name=say.unsure.group(share.name, found.factors), share=say.share(share.total.value))
        for share in ordered
    ]
    return say.words("moves.groups", groups=say.words("text.list").join(told))
