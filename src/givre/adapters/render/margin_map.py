"""The margin unrolled: every direction from the tumour centre on one Mollweide map, and the coloured surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from givre.adapters.render.canvas import FONT, blank, extra, full_axes, outlined, png
from givre.adapters.render.palette import margin_hexes, margin_levels_mm
from givre.adapters.render.scene import Picture
from givre.adapters.render.scene_labels import draw_compass
from givre.assessment.result import MarginMap
from givre.case.description import TUMOUR
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Angles = npt.NDArray[np.float64]

_INK = "#1B2733"
MISSING_HEX = "#9A9A9A"
_STEPS = (181, 361)
_NEIGHBOURS = 3
_SMOOTHING_DEG = 2
_REACH_DEG = 3 * _SMOOTHING_DEG
"""Spread of the smoothing of the map and how far it reaches; one step of the map is one degree."""
WIDTH_IN, HEIGHT_IN = 5.4, 4.2


def unrolled(margin: MarginMap, centre_mm: npt.ArrayLike) -> tuple[Angles, Angles, Angles]:
    """Longitude, latitude [rad] and margin [mm] of a map of all directions, shape (181, 361) each.

    Longitude 0 is anterior, positive to the patient's left; latitude is positive towards the head. Where several
    corners of the surface lie in one direction, the smallest margin is shown. The steps of the voxels are smoothed
    away towards the smaller margin: nowhere is more shown than is there, and the smallest margin stays what it is.
    """
    latitude, longitude = np.meshgrid(
        np.linspace(-np.pi / 2, np.pi / 2, _STEPS[0]), np.linspace(-np.pi, np.pi, _STEPS[1]), indexing="ij"
    )
    directions = np.stack(
        [np.cos(latitude) * np.sin(longitude), -np.cos(latitude) * np.cos(longitude), np.sin(latitude)], axis=-1
    )
    offset = margin.points_mm - np.asarray(centre_mm, dtype=float)
    unit = offset / np.maximum(np.linalg.norm(offset, axis=1, keepdims=True), 1e-9)
    _, nearest = cKDTree(unit).query(directions, k=min(_NEIGHBOURS, len(unit)))
    values = margin.margin_mm[np.atleast_3d(nearest)]
    return longitude, latitude, smoothed_down(np.asarray(values.min(axis=-1), dtype=np.float64))


def smoothed_down(values: Angles) -> Angles:
    """A map of all directions without its steps, nowhere above the one given; what is missing stays missing.

    The smallest value within reach, then a mean within the same reach: no value of that mean is above the one in
    its middle, and the smallest of all keeps its value.
    """
    known = np.isfinite(values)
    if not known.any():
        return values
    wrapped = np.pad(np.where(known, values, values[known].max()), ((0, 0), (_REACH_DEG, _REACH_DEG)), mode="wrap")
    smallest = ndimage.minimum_filter(wrapped, size=2 * _REACH_DEG + 1, mode="nearest")
    wide = np.pad(smallest[:, _REACH_DEG:-_REACH_DEG], ((0, 0), (_REACH_DEG, _REACH_DEG)), mode="wrap")
    smooth = ndimage.gaussian_filter(wide, _SMOOTHING_DEG, radius=_REACH_DEG, mode="nearest")
    return np.where(known, np.minimum(smooth[:, _REACH_DEG:-_REACH_DEG], values), np.nan)


def direction_angles(offset_mm: npt.ArrayLike) -> tuple[float, float]:
    """Longitude and latitude [rad] of an LPS offset, on the map of `unrolled`."""
    x, y, z = np.asarray(offset_mm, dtype=float)
    return float(np.arctan2(x, -y)), float(np.arctan2(z, np.hypot(x, y)))


def draw_margin_map(inputs: DossierInputs, say: Phrasing) -> bytes:
    """The map as PNG."""
    figure = blank(WIDTH_IN, HEIGHT_IN, paper="white")
    axes = figure.add_axes((0.06, 0.24, 0.88, 0.66), projection="mollweide")
    margin, wanted = inputs.assessment.margin, inputs.case.goals.margin_mm
    centre = inputs.masks[TUMOUR].centroid_mm()
    longitude, latitude, values = unrolled(margin, centre)
    _fill_classes(axes, (longitude, latitude, values), wanted)
    _draw_limits(axes, (longitude, latitude, values), wanted, say)
    if np.isfinite(margin.minimum_mm):
        star = direction_angles(np.subtract(margin.where_minimum_mm, centre))
        axes.plot(*star, marker="*", markersize=15, markerfacecolor="white", markeredgecolor=_INK, markeredgewidth=1.1)
    _write_directions(axes)
    _draw_scale_bar(figure, wanted, say)
    _write_title(figure, say.words("figure.margin_map"), inputs, say)
    return png(figure)


def _fill_classes(axes: Axes, field: tuple[Angles, Angles, Angles], wanted_mm: float) -> None:
    """The margin classes with clean edges; grey where no margin is known."""
    axes.set_facecolor(MISSING_HEX)
    if np.isfinite(field[2]).any():
        colours, norm = _scale(wanted_mm)
        levels = margin_levels_mm(wanted_mm)
        axes.contourf(*field, levels, cmap=colours, norm=norm, extend="both")


def _scale(wanted_mm: float) -> tuple[Any, Any]:
    colors = extra("matplotlib.colors")
    levels = margin_levels_mm(wanted_mm)
    steps = margin_hexes()
    colours = colors.ListedColormap(steps[1:-1], over=steps[-1], under=steps[0], bad=MISSING_HEX)
    return colours, colors.BoundaryNorm(levels, len(steps) - 2)


def _draw_limits(axes: Axes, field: tuple[Angles, Angles, Angles], wanted_mm: float, say: Phrasing) -> None:
    """Line along which the margin is nil (solid) and equal to the wanted one (dashed), with their meaning."""
    lines = extra("matplotlib.lines")
    longitude, latitude, values = field
    wanted = say.words("figure.wanted_margin", value=f"{say.numbers.plain(wanted_mm)}\u00a0mm")
    handles = [
        lines.Line2D([], [], color=_INK, linewidth=1.5, linestyle=dash, label=name)
        for name, dash in (("0\u00a0mm", "solid"), (wanted, "dashed"))
    ]
    style = {"prop": {"family": FONT, "size": 8.5}, "frameon": False, "handlelength": 3.0, "labelcolor": _INK}
    axes.figure.legend(handles=handles, loc="upper right", ncols=2, bbox_to_anchor=(0.995, 1.0), **style)
    for level, dash in ((0.0, "solid"), (wanted_mm, "dashed")):
        known = values[np.isfinite(values)]
        if len(known) and known.min() < level < known.max():
            axes.contour(longitude, latitude, values, [level], colors=[_INK], linewidths=1.5, linestyles=dash)


def _write_directions(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    style = outlined(_INK, "white", 3.0)
    for letter, longitude in (
        ("A", 0.0),
        ("R", -np.pi / 2),
        ("L", np.pi / 2),
        ("P", -0.955 * np.pi),
        ("P", 0.955 * np.pi),
    ):
        axes.text(longitude, 0.0, letter, fontsize=12, weight="bold", ha="center", va="center", **style)
    for letter, share, anchor in (("H", 1.03, "bottom"), ("F", -0.03, "top")):
        axes.text(
            0.5, share, letter, transform=axes.transAxes, fontsize=12, weight="bold", ha="center", va=anchor, **style
        )


def _draw_scale_bar(figure: Figure, wanted_mm: float, say: Phrasing) -> None:
    bars = extra("matplotlib.colorbar")
    axes = figure.add_axes((0.12, 0.155, 0.76, 0.032))
    colours, norm = _scale(wanted_mm)
    bar = bars.ColorbarBase(axes, cmap=colours, norm=norm, extend="both", orientation="horizontal", spacing="uniform")
    levels = margin_levels_mm(wanted_mm)
    bar.set_ticks(levels, labels=[say.numbers.plain(level) for level in levels])
    axes.tick_params(labelsize=9, labelfontfamily=FONT, colors=_INK)
    axes.set_xlabel(say.words("figure.margin_scale"), fontsize=9.5, family=FONT, color=_INK, labelpad=1)


def _write_title(figure: Figure, title: str, inputs: DossierInputs, say: Phrasing) -> None:
    figure.text(0.02, 0.985, title, fontsize=11.5, weight="bold", va="top", family=FONT, color=_INK)
    notice = say.words("doc.notice")
    if inputs.case.synthetic:
        notice = f"{say.words('doc.synthetic')}. {notice}"
    figure.text(0.5, 0.012, notice, fontsize=7.8, ha="center", family=FONT, color="#4A5560")


def draw_margin_surface(picture: Picture, inputs: DossierInputs, say: Phrasing) -> bytes:
    """The coloured tumour surface as PNG, with its compass, its colours and its smallest margin."""
    figure = blank(WIDTH_IN, HEIGHT_IN, paper="white")
    axes = full_axes(figure, bottom=0.24, height=0.70)
    height, width = picture.pixels.shape[:2]
    axes.imshow(picture.pixels, extent=(0, width, height, 0), aspect="equal", interpolation="bilinear")
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    margin = inputs.assessment.margin
    if np.isfinite(margin.minimum_mm):
        column, row, _ = picture.camera.screen(margin.where_minimum_mm)
        axes.plot(column, row, marker="*", markersize=15, markerfacecolor="white", markeredgecolor=_INK)
        text = say.words("figure.margin_minimum", value=say.numbers.distance(margin.minimum_mm))
        style = outlined(_INK, "white", 3.0)
        axes.text(column, row + 0.055 * height, text, fontsize=10, weight="bold", ha="center", va="top", **style)
    draw_compass(axes, picture, corner=(0.09 * width, 0.86 * height), size=0.085 * height)
    _draw_scale_bar(figure, inputs.case.goals.margin_mm, say)
    _write_title(figure, say.words("figure.margin_surface"), inputs, say)
    return png(figure)
