"""Plot of a calibration: each measured size with its error bar against the fitted one."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from givre.calibration.result import Calibration
from givre.foundation.errors import MissingExtra

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5D3A9B", "#1A1A1A")
_MARKERS = {"diameter": "o", "length": "s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotWords:
    """The words of the plot in one language.

    Attributes:
        title: of the plot.
        measured: name of the horizontal axis.
        fitted: name of the vertical axis.
        equal: name of the line of equality.
        diameter, length: names of the sides.
        notice: what must stand on it.
        decimal_comma: whether numbers bear a comma.
    """

    title: str
    measured: str
    fitted: str
    equal: str
    diameter: str
    length: str
    notice: str
    decimal_comma: bool = False


def residual_plot(calibration: Calibration, words: PlotWords) -> bytes:
    """The plot as PNG; the same calibration and words give the same bytes.

    Raises:
        MissingExtra: if matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - optional and heavy
    except ImportError as error:
        raise MissingExtra("the plot needs matplotlib; pip install 'givre[report]'") from error
    figure = Figure(figsize=(6.4, 5.2), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    sizes = [(r.size.size_mm, r.fitted_mm) for r in calibration.residuals]
    reach = (0.0, 1.12 * max(max(pair) for pair in sizes))
    axes.plot(reach, reach, color="#5A6570", linewidth=1.0, label=words.equal)
    levels = sorted({r.size.isotherm_c for r in calibration.residuals}, reverse=True)
    sides = {"diameter": words.diameter, "length": words.length}
    seen: set[str] = set()
    for residual in calibration.residuals:
        size = residual.size
        label = f"{size.isotherm_c:g} °C, {sides[size.side]}".replace("-", "\u2212")
        label = label.replace(".", ",") if words.decimal_comma else label
        axes.errorbar(
            size.size_mm,
            residual.fitted_mm,
            xerr=residual.uncertainty_mm,
            color=_COLOURS[levels.index(size.isotherm_c) % len(_COLOURS)],
            marker=_MARKERS[size.side],
            markerfacecolor=None if residual.is_uncertainty_stated else "white",
            linestyle="none",
            capsize=3,
            label="_" if label in seen else label,
        )
        seen.add(label)
    axes.set_xlim(*reach)
    axes.set_ylim(*reach)
    axes.set_aspect("equal")
    axes.set_xlabel(words.measured)
    axes.set_ylabel(words.fitted)
    axes.set_title(words.title, fontsize=10)
    axes.grid(color="#D5DCE3", linewidth=0.6)
    axes.set_xticks(np.arange(0.0, reach[1], 10.0))
    axes.set_yticks(np.arange(0.0, reach[1], 10.0))
    axes.legend(fontsize=8, loc="upper left")
    figure.supxlabel(words.notice, x=0.99, ha="right", fontsize=7, color="#5A6570")
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
