"""Charts of an uncertain plan: how its figures spread, and what moves one of them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from givre.adapters.render.canvas import FONT, blank, extra, png
from givre.adapters.render.palette import SERIES
from givre.case.description import CaseDescription
from givre.dossier.uncertainty_phrasing import UncertaintyPhrasing
from givre.planning.uncertainty.probability import FigureSpread
from givre.planning.uncertainty.sensitivity import FigureSensitivity, TornadoBar
from givre.planning.uncertainty.spread import Factor
from givre.usecases.estimate_uncertainty import UncertaintyResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS = 12
MOST_PANELS = 8

_INK, _GRID, _SOFT = "#1B2733", "#D5DCE3", "#4A5560"
_BAND = "#DDEEFA"
_LOW, _HIGH = SERIES[0], SERIES[1]
_WIDTH_IN = 7.4
_PANEL_IN, _HEAD_IN, _FOOT_IN = 1.62, 0.62, 0.36
_BINS = 24
_TEXT: dict[str, Any] = {"family": FONT, "color": _INK}
Array = npt.NDArray[np.float64]


def draw_distributions(result: UncertaintyResult, say: UncertaintyPhrasing) -> bytes:
    """How each figure comes out over the samples, as PNG: a histogram, its middle 9 in 10, the plan and the goal."""
    found = result.uncertainty
    spreads = [spread for spread in found.figures.values() if spread.failed < len(spread.values)][:MOST_PANELS]
    rows = math.ceil(len(spreads) / 2)
    height_in = _HEAD_IN + _FOOT_IN + rows * _PANEL_IN
    figure = blank(_WIDTH_IN, height_in, paper="white")
    title = say.words("chart.distribution", samples=found.samples)
    figure.text(0.012, 1 - 0.10 / height_in, title, fontsize=10, weight="bold", va="top", **_TEXT)
    for place, spread in enumerate(spreads):
        row, column = divmod(place, 2)
        bottom_in = height_in - _HEAD_IN - (row + 1) * _PANEL_IN + 0.3
        axes = figure.add_axes((0.065 + 0.495 * column, bottom_in / height_in, 0.42, (_PANEL_IN - 0.54) / height_in))
        _draw_panel(axes, spread, _goal_of(result.description, spread.name), say)
    _legend_of_panels(figure, height_in, say)
    failed = len(found.failures)
    _footer(figure, result.description, say, say.words("chart.failed", count=failed) if failed else "")
    return png(figure)


def draw_tornado(result: UncertaintyResult, moved: FigureSensitivity, say: UncertaintyPhrasing) -> bytes:
    """What moves one figure, as PNG: for each input the figure at both ends of its range, longest bars first."""
    planned = result.uncertainty.figures[moved.figure].planned
    return draw_bars(moved, result.uncertainty.factors, result.description, say, planned=planned)


def draw_bars(
    moved: FigureSensitivity,
    varied: Sequence[Factor],
    case: CaseDescription,
    say: UncertaintyPhrasing,
    *,
    planned: float = math.nan,
) -> bytes:
    """The same from its parts, for a result that was read back; the figure as planned is drawn where it is given."""
    factors = {factor.name: factor for factor in varied}
    bars, rest = moved.bars[:MOST_BARS], moved.bars[MOST_BARS:]
    height_in = 1.55 + 0.36 * max(len(bars), 1)
    figure = blank(_WIDTH_IN, height_in, paper="white")
    title = say.words("chart.tornado", figure=say.figure(moved.figure))
    figure.text(0.012, 1 - 0.10 / height_in, title, fontsize=10, weight="bold", va="top", **_TEXT)
    axes = figure.add_axes((0.42, 0.92 / height_in, 0.555, (height_in - 1.52) / height_in))
    scale = 100.0 if moved.unit == "1" else 1.0
    _draw_bars(axes, bars, moved.centre, scale, say)
    axes.set_yticks(range(len(bars)))
    axes.set_yticklabels([_bar_label(factors[bar.name], bar, say) for bar in bars], fontsize=6.8, **_TEXT)
    wanted = _goal_of(case, moved.figure)
    if wanted is not None:
        name = say.words("chart.limit" if moved.figure.startswith("organ:") else "chart.wanted")
        axes.axvline(scale * wanted, color=_INK, linewidth=1.1, linestyle=(0, (4, 2)), label=name)
    if math.isfinite(planned) and moved.bars_from == "emulator":  # the emulator may see the plan itself elsewhere
        axes.axvline(scale * planned, color="#5D3A9B", linewidth=1.2, linestyle=":", label=say.words("chart.planned"))
    axes.set_xlabel(_axis(moved.unit, say), fontsize=7.5, **_TEXT)
    _finish(axes, say)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=4, fontsize=6.8, frameon=False, handlelength=1.4,
        borderaxespad=0.2, columnspacing=1.0,
    )  # fmt: skip
    _footer(figure, case, say, _below_tornado(moved, rest, say))
    return png(figure)


def _draw_panel(axes: Axes, spread: FigureSpread, wanted: float | None, say: UncertaintyPhrasing) -> None:
    scale = 100.0 if spread.unit == "1" else 1.0
    values = scale * spread.values[np.isfinite(spread.values)]
    axes.hist(values, bins=_bins(values).tolist(), color=_LOW, edgecolor="white", linewidth=0.4)
    low, high = (scale * spread.quantile(level) for level in (0.05, 0.95))
    if math.isfinite(low) and math.isfinite(high):
        axes.axvspan(low, high, color=_BAND, linewidth=0, zorder=0)
    if math.isfinite(spread.planned):
        axes.axvline(scale * spread.planned, color=_HIGH, linewidth=1.6)
    if wanted is not None:
        axes.axvline(scale * wanted, color=_INK, linewidth=1.1, linestyle=(0, (4, 2)))
    axes.set_title(textwrap.shorten(f"{say.figure(spread.name)} {_axis(spread.unit, say)}", 56),
                   fontsize=8, loc="left", pad=3, **_TEXT)  # fmt: skip
    axes.set_ylabel(say.words("chart.samples"), fontsize=7, **_TEXT)
    axes.yaxis.set_major_locator(extra("matplotlib.ticker").MaxNLocator(4, integer=True))
    _finish(axes, say)


def _bins(values: Array) -> Array:
    low, high = float(values.min()), float(values.max())
    width = max(high - low, 1e-3 * max(1.0, abs(high)))
    return np.linspace(high - width, high, _BINS + 1)


def _legend_of_panels(figure: Figure, height_in: float, say: UncertaintyPhrasing) -> None:
    lines, patches = extra("matplotlib.lines"), extra("matplotlib.patches")
    handles = [
        patches.Patch(color=_BAND, label=say.words("chart.nine_in_ten")),
        lines.Line2D([], [], color=_HIGH, linewidth=1.6, label=say.words("chart.planned")),
        lines.Line2D(
            [], [], color=_INK, linewidth=1.1, linestyle=(0, (4, 2)),
            label=f"{say.words('chart.wanted')} / {say.words('chart.limit')}",
        ),
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0.005, 1 - 0.28 / height_in), ncols=3, fontsize=7.5,
        frameon=False, borderaxespad=0.0,
    )  # fmt: skip


def _draw_bars(axes: Axes, bars: Sequence[TornadoBar], centre: float, scale: float, say: UncertaintyPhrasing) -> None:
    ends = (("at_low", _LOW, "", "chart.input_low"), ("at_high", _HIGH, "////", "chart.input_high"))
    for name, colour, hatch, key in ends:
        lengths = [scale * (getattr(bar, name) - centre) for bar in bars]
        axes.barh(
            range(len(bars)),
            [length if math.isfinite(length) else 0.0 for length in lengths],
            left=scale * centre if math.isfinite(centre) else 0.0,
            height=0.62,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.4,
            label=say.words(key),
        )
    for row, bar in enumerate(bars):
        if not math.isfinite(bar.span):
            axes.text(0.5, row, say.words("chart.failed_bar"), transform=axes.get_yaxis_transform(), va="center",
                      ha="center", fontsize=7, **_TEXT)  # fmt: skip
    if math.isfinite(centre):
        axes.axvline(scale * centre, color=_INK, linewidth=0.9)
    axes.set_ylim(max(len(bars), 1) - 0.4, -0.6)


def _bar_label(factor: Factor, bar: TornadoBar, say: UncertaintyPhrasing) -> str:
    return f"{say.factor(factor)}\n{say.range(factor, bar.input_low, bar.input_high)}"


def _below_tornado(moved: FigureSensitivity, rest: Sequence[TornadoBar], say: UncertaintyPhrasing) -> str:
    key = "chart.from_runs" if moved.bars_from == "runs" else "chart.from_emulator"
    told = [say.words(key, q2=say.percent(moved.q2))]
    spans = [bar.span for bar in rest if math.isfinite(bar.span)]
    if spans:
        told.append(say.words("chart.others", count=len(rest), most=say.value(max(spans), moved.unit)))
    return " ".join(told)


def _goal_of(case: CaseDescription, name: str) -> float | None:
    """What is wanted of a figure, in its unit; None where nothing is."""
    goals = case.goals
    wanted = {"coverage": goals.coverage, "margin_mm": goals.margin_mm}
    wanted |= {f"organ:{organ.structure}": organ.limit_temp_c for organ in case.organs_at_risk}
    return wanted.get(name)


def _axis(unit: str, say: UncertaintyPhrasing) -> str:
    return say.words({"1": "chart.axis_share", "mm": "chart.axis_mm", "mL": "chart.axis_ml", "C": "chart.axis_c"}[unit])


def _finish(axes: Axes, say: UncertaintyPhrasing) -> None:
    axes.grid(visible=True, axis="x", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=7, colors=_INK)
    ticker = extra("matplotlib.ticker")
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: _tick(float(value), say)))
    axes.xaxis.set_major_locator(ticker.MaxNLocator(6))


def _tick(value: float, say: UncertaintyPhrasing) -> str:
    return say.general.numbers.plain(round(value, 6))


def _footer(figure: Figure, case: CaseDescription, say: UncertaintyPhrasing, told: str) -> None:
    notice = say.words("chart.notice")
    if case.synthetic:
        notice = f"{say.words('chart.synthetic')}. {notice}"
    height_in = figure.get_figheight()
    lines = [*textwrap.wrap(told, 120), notice]
    figure.text(
        0.5, 0.06 / height_in, "\n".join(lines), fontsize=6.8, ha="center", va="bottom", family=FONT, color=_SOFT
    )
