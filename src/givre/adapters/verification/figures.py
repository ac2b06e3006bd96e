"""One figure per card, as SVG: errors against what is refined, with bands and slope triangles; matplotlib only."""

from __future__ import annotations

import importlib
import io
import math
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from givre.adapters.verification.origin import Origin
from givre.foundation.errors import MissingExtra
from givre.verification.result import CardResult, LadderResult, Rung

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B87400", "#3A93C9", "#5D3A9B", "#1A1A1A", "#7A8B00")
"""Okabe and Ito, Color Universal Design (2008), darkened for thin lines."""

MARKERS = "osD^v<>Ph"
INK, FAINT = "#1B2733", "#8A96A3"
PANEL_IN, HEIGHT_IN, LEAST_WIDTH_IN, ROW_IN, LEGEND_IN = 4.3, 3.7, 6.4, 0.16, 0.6
SLOPES = (1, 2)


def card_figure(card: CardResult, origin: Origin) -> bytes:
    """The figure of one card as SVG; the same card always gives the same bytes.

    A marker is the worst error, the bar below it reaches down to the mean.

    Raises:
        MissingExtra: when matplotlib is not installed.
    """
    matplotlib = _extra("matplotlib")
    figures, svg = _extra("matplotlib.figure"), _extra("matplotlib.backends.backend_svg")
    groups = _groups(card.ladders)
    settings = {"svg.hashsalt": card.id, "svg.fonttype": "none", "font.size": 8, "font.family": "sans-serif"}
    with matplotlib.rc_context(settings):
        width = max(PANEL_IN * len(groups), LEAST_WIDTH_IN)
        height = max(HEIGHT_IN, ROW_IN * max(_rows(group) for group in groups))
        height += 0.17 * max(len(group) for group in groups)
        figure = figures.Figure(figsize=(width, height), facecolor="white", layout="constrained")
        svg.FigureCanvasSVG(figure)
        for place, group in enumerate(groups):
            axes = figure.add_subplot(1, len(groups), place + 1)
            (_draw_slopes if group[0].refined else _draw_cases)(axes, group)
            _finish(axes, below=-LEGEND_IN / height)
        points = sum(rung.n for ladder in card.ladders for rung in ladder.rungs)
        figure.suptitle(f"{card.id}  {card.title}", fontsize=10, color=INK, x=0.01, ha="left")
        figure.supxlabel(
            f"n = {points} compared points; marker: worst error, bar down to the mean; givre {origin.version}, sources "
            f"{origin.sources_sha256[:12]}",
            fontsize=6.5,
            color="#4A5560",
        )
        stream = io.BytesIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return b"\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + b"\n"


def _groups(ladders: Sequence[LadderResult]) -> list[list[LadderResult]]:
    """Ladders that share a unit and what is refined share a panel."""
    groups: dict[tuple[str, str], list[LadderResult]] = {}
    for ladder in ladders:
        groups.setdefault((ladder.unit, ladder.refined), []).append(ladder)
    return list(groups.values())


def _rows(group: list[LadderResult]) -> int:
    """Lines that a panel of cases needs."""
    return sum(len(ladder.rungs) for ladder in group if not ladder.refined)


def _draw_slopes(axes: Axes, group: list[LadderResult]) -> None:
    first = group[0]
    axes.set_xscale("log")
    axes.set_yscale("log")
    for rank, ladder in enumerate(group):
        rungs = [rung for rung in ladder.rungs if _shows(rung)]
        order = f"order {ladder.order:.2f}" if math.isfinite(ladder.order) else "no order"
        style = _style(rank)
        levels = [rung.level for rung in rungs]
        axes.plot(levels, [abs(rung.worst) for rung in rungs], lw=1.2, ms=4, label=f"{ladder.name} ({order})", **style)
        for rung in rungs:
            if rung.mean > 0:
                axes.plot([rung.level] * 2, [rung.mean, abs(rung.worst)], color=style["color"], lw=0.8)
        for rung in ladder.rungs:
            if not _shows(rung) and rung.worst != 0:
                axes.axvline(rung.level, color=style["color"], lw=0.6, ls=":")
    _draw_bands(axes, group)
    _draw_triangle(axes, group)
    levels = sorted({rung.level for ladder in group for rung in ladder.rungs})
    axes.set_xticks(levels, [f"{level:g}" for level in levels])
    axes.minorticks_off()
    axes.set_xlabel(f"{first.refined} [{first.refined_unit}]", color=INK)
    axes.set_ylabel(f"error [{first.unit}]", color=INK)


def _draw_cases(axes: Axes, group: list[LadderResult]) -> None:
    names: list[str] = []
    for rank, ladder in enumerate(group):
        for rung in ladder.rungs:
            if _shows(rung):
                style = _style(rank)
                label = ladder.name if rung is ladder.rungs[0] else None
                axes.plot([abs(rung.worst)], [len(names)], ms=5, ls="", label=label, **style)
                axes.plot([rung.mean, abs(rung.worst)], [len(names)] * 2, color=style["color"], lw=1.0)
            names.append(rung.name or f"{rung.level:g}")
    axes.set_yticks(range(len(names)), [name[:44] for name in names], fontsize=6.5)
    axes.invert_yaxis()
    limits = sorted({check.limit for ladder in group for check in ladder.checks if math.isfinite(check.limit)})
    for limit in limits:
        axes.axvline(limit, color=FAINT, lw=0.8, ls="--")
    axes.set_xlabel(f"error [{group[0].unit}]; dashed: band", color=INK)


def _draw_bands(axes: Axes, group: list[LadderResult]) -> None:
    unit = group[0].unit
    limits = {check.limit for ladder in group for check in ladder.checks if check.unit == unit}
    for limit in sorted(limit for limit in limits if math.isfinite(limit)):
        axes.axhline(limit, color=FAINT, lw=0.8, ls="--")
        axes.text(0.995, limit, f"band {limit:.3g}", transform=axes.get_yaxis_transform(), fontsize=6, color="#4A5560",
                  ha="right", va="bottom")  # fmt: skip


def _draw_triangle(axes: Axes, group: list[LadderResult]) -> None:
    """Slopes 1 and 2 from the finest level on, below the errors."""
    rungs = [rung for ladder in group for rung in ladder.rungs if _shows(rung)]
    if len({rung.level for rung in rungs}) < 2:
        return
    finest, coarsest = min(rung.level for rung in rungs), max(rung.level for rung in rungs)
    corner = 0.45 * min(min(abs(rung.worst), rung.mean) for rung in rungs if rung.mean > 0)
    reach = min(2.0, coarsest / finest)
    for slope in SLOPES:
        axes.plot([finest, finest * reach], [corner, corner * reach**slope], color=FAINT, lw=0.8)
        axes.text(finest * reach * 1.03, corner * reach**slope, f"{slope}", fontsize=6.5, color="#4A5560", va="center")
    axes.plot([finest, finest * reach], [corner, corner], color=FAINT, lw=0.8)


def _style(rank: int) -> dict[str, Any]:
    return {"color": COLOURS[rank % len(COLOURS)], "marker": MARKERS[rank % len(MARKERS)]}


def _finish(axes: Axes, *, below: float) -> None:
    axes.grid(visible=True, color="#E3E8ED", lw=0.5)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=6, frameon=False, loc="upper center", bbox_to_anchor=(0.5, below), ncols=1)


def _shows(rung: Rung) -> bool:
    """Whether a level can be drawn on a logarithmic axis."""
    return math.isfinite(rung.worst) and rung.worst != 0


def _extra(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f'{module.partition(".")[0]} is not installed and the figures need it; pip install "givre[report]"'
        ) from error
