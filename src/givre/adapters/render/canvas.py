"""Blank figures and how they become PNG bytes; matplotlib without its global state."""

from __future__ import annotations

import importlib
import io
from types import ModuleType
from typing import TYPE_CHECKING, Any

from givre.foundation.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = "DejaVu Sans"
"""Ships inside matplotlib: the same letters on every machine."""
DOTS_PER_INCH = 170


def extra(module: str) -> ModuleType:
    """An optional library of the report.

    Raises:
        MissingExtra: when it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f'{module.partition(".")[0]} is not installed and the dossier needs it; pip install "givre[report]"'
        ) from error


def blank(width_in: float, height_in: float, *, paper: str) -> Figure:
    """An empty figure of that size [inches] on paper of that colour."""
    figures, agg = extra("matplotlib.figure"), extra("matplotlib.backends.backend_agg")
    figure: Figure = figures.Figure(figsize=(width_in, height_in), dpi=DOTS_PER_INCH, facecolor=paper)
    agg.FigureCanvasAgg(figure)
    return figure


def full_axes(
    figure: Figure, *, left: float = 0.0, bottom: float = 0.0, width: float = 1.0, height: float = 1.0
) -> Axes:
    """Axes without frame or ticks on a part of the figure."""
    axes = figure.add_axes((left, bottom, width, height))
    axes.set_axis_off()
    return axes


def outlined(ink: str, around: str, width: float = 2.2) -> dict[str, Any]:
    """Text settings readable on any picture: ink with a rim around."""
    effects = extra("matplotlib.patheffects")
    return {"color": ink, "family": FONT, "path_effects": [effects.withStroke(linewidth=width, foreground=around)]}


def png(figure: Figure) -> bytes:
    """The figure as PNG; the same figure always gives the same bytes."""
    stream = io.BytesIO()
    # no Software or Date entry: they would change the bytes with the version or the day
    figure.savefig(stream, format="png", metadata={"Software": None}, pil_kwargs={"compress_level": 4})
    return stream.getvalue()
