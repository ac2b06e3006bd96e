"""Curves: volume below a temperature, frozen share of the tumour and temperatures over time."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from givre.adapters.render.canvas import FONT, blank, extra, png
from givre.adapters.render.palette import DASHES, FREEZING_BAND, SERIES
from givre.case.description import TUMOUR, CaseDescription
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing, capitalised

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#1B2733"
_GRID = "#D5DCE3"
WIDTH_IN, HEIGHT_IN = 7.4, 3.0
_MOST_ORGANS = 4

Series = npt.NDArray[np.float64]


def draw_volume_below(inputs: DossierInputs, say: Phrasing) -> bytes:
    """Share of each structure at or below each temperature, as PNG."""
    figure, axes = _chart(say.words("figure.below"), inputs, say)
    for rank, curve in enumerate(inputs.assessment.curves):
        label = textwrap.fill(capitalised(say.structure(curve.structure)), 26)
        axes.plot(curve.temp_c, 100 * curve.fraction, label=label, **_line(rank))
    lethal = inputs.case.goals.lethal_temp_c
    _mark_levels(axes, ((0.0, "0 °C"), (lethal, say.words("figure.lethal_line"))))
    axes.set_xlim(-100.0, 40.0)
    axes.set_ylim(-2, 102)
    _name_axes(axes, say.words("figure.lowest_axis"), say.words("figure.share_axis"), say)
    _legend(axes)
    return png(figure)


def draw_frozen_share(inputs: DossierInputs, say: Phrasing) -> bytes:
    """Frozen and lethal share of the tumour over time, as PNG."""
    figure, axes = _chart(say.words("figure.fraction"), inputs, say)
    history = inputs.run.history
    minutes = history.time_s / 60.0
    lethal = inputs.case.goals.lethal_temp_c
    below = history.structure_fraction_below.get(TUMOUR, {})
    names = {
        0.0: say.words("figure.frozen"),
        lethal: say.words("figure.killed", level=say.threshold(lethal)),
    }
    for rank, (level, name) in enumerate(names.items()):
        if level in below:
            axes.plot(minutes, 100 * np.asarray(below[level]), label=textwrap.fill(name, 26), **_line(rank))
    axes.set_ylim(-2, 102)
    _time_axis(axes, inputs, say)
    _name_axes(axes, say.words("figure.time_axis"), say.words("figure.share_tumour_axis"), say)
    _legend(axes)
    return png(figure)


def draw_temperatures(inputs: DossierInputs, say: Phrasing) -> bytes:
    """Temperatures of points, organs and probe surfaces over time, as PNG."""
    figure, axes = _chart(say.words("figure.temperature"), inputs, say)
    history = inputs.run.history
    minutes = history.time_s / 60.0
    series = _followed_points(inputs, say) + _coldest_organs(inputs, say) + _probe_surfaces(inputs, say)
    for rank, (label, values) in enumerate(series):
        axes.plot(minutes, values, label=textwrap.fill(label, 26), **_line(rank))
    lethal = inputs.case.goals.lethal_temp_c
    for level in sorted({0.0, lethal}):
        axes.axhline(level, color=_INK, linewidth=0.7, linestyle=(0, (1, 2)))
        axes.text(
            1.004,
            level,
            say.threshold(level),
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=7.5,
            family=FONT,
            color=_INK,
        )
    _time_axis(axes, inputs, say)
    _name_axes(axes, say.words("figure.time_axis"), say.words("figure.temperature_axis"), say)
    _legend(axes)
    return png(figure)


def _followed_points(inputs: DossierInputs, say: Phrasing) -> list[tuple[str, Series]]:
    """The points of the tumour; an organ is shown by its coldest point."""
    organs = {organ.structure for organ in inputs.case.organs_at_risk}
    found = inputs.run.history.point_temp_c.items()
    return [(capitalised(say.structure(name)), values) for name, values in found if name not in organs]


def _coldest_organs(inputs: DossierInputs, say: Phrasing) -> list[tuple[str, Series]]:
    history = inputs.run.history.structure_coldest_c
    names = [organ.structure for organ in inputs.case.organs_at_risk if organ.structure in history]
    names = [name for name in names if np.isfinite(history[name]).any()]
    coldest_first = sorted(names, key=lambda name: float(np.nanmin(history[name])))
    return [
        (capitalised(say.words("figure.coldest_of", structure=say.structure(name))), history[name])
        for name in coldest_first[:_MOST_ORGANS]
    ]


def _probe_surfaces(inputs: DossierInputs, say: Phrasing) -> list[tuple[str, Series]]:
    """One line for all probes with the same history."""
    groups: list[tuple[list[str], Series]] = []
    for label, values in inputs.run.history.probe_surface_c.items():
        same = next((group for group in groups if np.allclose(group[1], values, atol=0.5, equal_nan=True)), None)
        if same:
            same[0].append(label)
        else:
            groups.append(([label], values))
    return [(capitalised(_surface_name(labels, say)), values) for labels, values in groups]


def _surface_name(labels: list[str], say: Phrasing) -> str:
    if len(labels) == 1:
        return say.words("figure.probe_surface", probe=labels[0])
    return say.words("figure.probe_surfaces", probes=", ".join(labels))


def _chart(title: str, inputs: DossierInputs, say: Phrasing) -> tuple[Figure, Axes]:
    figure = blank(WIDTH_IN, HEIGHT_IN, paper="white")
    axes = figure.add_axes((0.092, 0.21, 0.585, 0.64))
    axes.grid(visible=True, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(_INK)
    figure.text(0.012, 0.975, title, fontsize=10, weight="bold", va="top", family=FONT, color=_INK)
    notice = say.words("doc.notice")
    if inputs.case.synthetic:
        notice = f"{say.words('doc.synthetic')}. {notice}"
    figure.text(0.5, 0.015, notice, fontsize=7, ha="center", family=FONT, color="#4A5560")
    return figure, axes


def _line(rank: int) -> dict[str, Any]:
    """Colour and dash of a series: no two share both, and dashes tell them apart without colour."""
    return {
        "color": SERIES[rank % len(SERIES)],
        "linestyle": DASHES[(rank + rank // len(SERIES)) % len(DASHES)],
        "linewidth": 1.8,
    }


def _mark_levels(axes: Axes, levels: tuple[tuple[float, str], ...]) -> None:
    for level, name in levels:
        axes.axvline(level, color=_INK, linewidth=0.8, linestyle=(0, (1, 2)))
        axes.text(level, 103, name, ha="center", va="bottom", fontsize=7.5, family=FONT, color=_INK)


def _time_axis(axes: Axes, inputs: DossierInputs, say: Phrasing) -> None:
    """Minutes, with a band wherever at least one probe freezes."""
    name, where = say.words("figure.freezing"), axes.get_xaxis_transform()
    for begins_s, ends_s in freezing_bands_s(inputs.case):
        axes.axvspan(begins_s / 60.0, ends_s / 60.0, color=FREEZING_BAND, linewidth=0, zorder=0)
        middle = (begins_s + ends_s) / 120.0
        axes.text(middle, 1.01, name, transform=where, ha="center", va="bottom", fontsize=7.5, family=FONT, color=_INK)
    axes.set_xlim(0.0, float(inputs.run.history.time_s[-1]) / 60.0)


def freezing_bands_s(case: CaseDescription) -> list[tuple[float, float]]:
    """From when to when [s] at least one probe freezes, in order; each probe runs the protocol from its own start."""
    freezes: list[tuple[float, float]] = []
    for placement in case.placements:
        begins_s = placement.start_s
        for phase in case.protocol.phases:
            ends_s = begins_s + phase.duration_s
            if phase.kind == "freeze":
                freezes.append((begins_s, ends_s))
            begins_s = ends_s
    bands: list[tuple[float, float]] = []
    for begins_s, ends_s in sorted(freezes):
        if bands and begins_s <= bands[-1][1]:
            bands[-1] = (bands[-1][0], max(bands[-1][1], ends_s))
        else:
            bands.append((begins_s, ends_s))
    return bands


def _name_axes(axes: Axes, across: str, up: str, say: Phrasing) -> None:
    ticker = extra("matplotlib.ticker")
    formatter = ticker.FuncFormatter(lambda value, _position: say.numbers.plain(round(float(value), 6)))
    axes.xaxis.set_major_formatter(formatter)
    axes.yaxis.set_major_formatter(formatter)
    axes.set_xlabel(across, fontsize=8.5, family=FONT, color=_INK)
    axes.set_ylabel(up, fontsize=8.5, family=FONT, color=_INK)
    axes.tick_params(labelsize=8, labelfontfamily=FONT, colors=_INK)


def _legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(1.12, 1.03),
            prop={"family": FONT, "size": 7.2},
            frameon=False,
            handlelength=3.0,
            borderaxespad=0.0,
        )
