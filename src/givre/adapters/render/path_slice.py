"""A slice along one way to the lesion: CT, tumour, structures with the distance asked, the needle with its depth."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from givre.adapters.render.canvas import FONT, blank, extra, full_axes, outlined, png
from givre.adapters.render.palette import ON_CT
from givre.case.description import TUMOUR
from givre.cryoprobe.placement import Placement
from givre.dossier.access_phrasing import AccessPhrasing
from givre.dossier.views import ViewPlane, along_probe
from givre.geometry.line import Segment
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Mask, Volume
from givre.planning.access.path_kernels import INSIDE_FROM, UNITS_PER_MM
from givre.planning.access.trajectory import Trajectory
from givre.planning.access.trajectory_list import TrajectoryList

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float64]
Dash = str | tuple[float, tuple[float, ...]]

_SIZE_IN = 5.2
_STRIP_IN = 1.5
_PIXELS = 460
_FIELD_PIXELS = 300
_BLACK_HU, _WHITE_HU = -180.0, 650.0
_OUTSIDE_GREY = 0.22
_SKIN, _ASKED = "#8FD3FF", "#FFB347"
_TICK_MM = 10.0


def draw_path_slice(found: TrajectoryList, way: Trajectory, say: AccessPhrasing) -> bytes:
    """The plane that holds the needle and lies nearest to axial, as PNG."""
    view = _plane(way)
    figure = blank(_SIZE_IN, _SIZE_IN + _STRIP_IN, paper=ON_CT["paper"])
    share = _STRIP_IN / (_SIZE_IN + _STRIP_IN)
    axes = full_axes(figure, bottom=share, height=1.0 - share)
    half = view.half_width_mm
    axes.set_xlim(-half, half)
    axes.set_ylim(half, -half)
    _draw_ct(axes, view, found)
    _draw_skin(axes, view, found)
    _draw_avoided(axes, view, found, way, say)
    _draw_mask(axes, view, found.access.masks[TUMOUR], colour=ON_CT["tumour"], width=2.0)
    _draw_needle(axes, view, found, way)
    _draw_tightest(axes, view, way, say)
    _write_frame(axes, view, way, say)
    _write_strip(figure, found, way, say)
    return png(figure)


def _plane(way: Trajectory) -> ViewPlane:
    placement = Placement(label=way.label, model="", entry_mm=way.entry_mm, target_mm=way.target_mm)
    middle = (np.array(way.entry_mm) + np.array(way.target_mm)) / 2.0
    return along_probe(placement, middle, max(45.0, way.length_mm / 2.0 + 18.0))


def _lines(volume: Volume, view: ViewPlane, level: float) -> list[Array]:
    values = sample_at(volume, view.pixels_mm(_FIELD_PIXELS))
    offsets = view.pixel_offsets_mm(_FIELD_PIXELS)
    contour = extra("contourpy").contour_generator(offsets, offsets, np.ma.masked_invalid(values))
    return [np.asarray(line, dtype=np.float64) for line in contour.lines(level)]


def _draw_ct(axes: Axes, view: ViewPlane, found: TrajectoryList) -> None:
    values = sample_at(found.access.ct, view.pixels_mm(_PIXELS))
    grey = np.clip((values - _BLACK_HU) / (_WHITE_HU - _BLACK_HU), 0.0, 1.0)
    grey = np.where(np.isfinite(grey), grey, _OUTSIDE_GREY)
    half = view.half_width_mm
    axes.imshow(grey, cmap="gray", vmin=0, vmax=1, extent=(-half, half, half, -half), interpolation="bilinear")
    edge = np.isfinite(values).astype(float)
    if edge.min() < 1.0:
        offsets = view.pixel_offsets_mm(_PIXELS)
        axes.contour(offsets, offsets, edge, levels=[0.5], colors=["#C8C8C8"], linewidths=0.9, linestyles=["dotted"])


def _draw_skin(axes: Axes, view: ViewPlane, found: TrajectoryList) -> None:
    body = found.access.checker.body
    field = Volume(grid=body.grid, values=body.membership.astype(np.float32), unit="1")
    _draw_lines(axes, _lines(field, view, INSIDE_FROM), colour=_SKIN, width=1.2)


def _draw_lines(axes: Axes, lines: list[Array], *, colour: str, width: float, dash: Dash = "solid") -> None:
    for line in lines:
        axes.plot(line[:, 0], line[:, 1], color="black", linewidth=width + 1.4, alpha=0.5)
    for line in lines:
        axes.plot(line[:, 0], line[:, 1], color=colour, linewidth=width, linestyle=dash)


def _draw_mask(
    axes: Axes, view: ViewPlane, mask: Mask, *, colour: str, width: float, dash: Dash = "solid"
) -> list[Array]:
    membership = Volume(grid=mask.grid, values=mask.inside.astype(np.float32), unit="1")
    lines = _lines(membership, view, 0.5)
    for line in lines:
        axes.fill(line[:, 0], line[:, 1], color=colour, alpha=0.15, linewidth=0)
    _draw_lines(axes, lines, colour=colour, width=width, dash=dash)
    return lines


def _draw_avoided(axes: Axes, view: ViewPlane, found: TrajectoryList, way: Trajectory, say: AccessPhrasing) -> None:
    checker = found.access.checker
    near = {clearance.structure for clearance in way.clearances[:4]}
    for place, item in enumerate(checker.forbidden):
        lines = _draw_mask(axes, view, item.mask, colour=ON_CT["organ"], width=1.5, dash=(0, (5, 1.2)))
        if lines and item.name in near and item.clearance_mm > 0:
            _draw_asked(axes, view, found, place)
        if lines:
            _name(axes, view, max(lines, key=len), say.structure(item.name))


def _draw_asked(axes: Axes, view: ViewPlane, found: TrajectoryList, place: int) -> None:
    """Where the axis of the needle may not come nearer."""
    checker = found.access.checker
    nodes = checker.nearest[..., place].astype(np.float32) / UNITS_PER_MM
    item = checker.forbidden[place]
    k, j, i = (step * edge for step, edge in zip(checker.stride, checker.grid.spacing_mm, strict=True))
    grid = replace(checker.grid, shape=nodes.shape, spacing_mm=(k, j, i))
    level = item.clearance_mm + checker.access.diameter_mm / 2.0
    lines = _lines(Volume(grid=grid, values=nodes, unit="mm"), view, level)
    _draw_lines(axes, lines, colour=_ASKED, width=1.0, dash="dotted")


def _name(axes: Axes, view: ViewPlane, line: Array, text: str) -> None:
    half = view.half_width_mm
    inside = line[np.abs(line).max(axis=1) < 0.97 * half]
    if len(inside) < 4:
        return
    written = 0.0175 * len(text) * half
    x, y = np.clip(inside.mean(axis=0), [written - half, -0.8 * half], [half - written, 0.88 * half])
    style = outlined(ON_CT["organ"], ON_CT["paper"])
    axes.text(x, y, text, ha="center", va="center", fontsize=8.5, zorder=8, **style)


def _draw_needle(axes: Axes, view: ViewPlane, found: TrajectoryList, way: Trajectory) -> None:
    """The shaft from beyond the skin to the tip, its active zone thick, a tick every 10 mm of depth."""
    path = Segment(start_mm=way.entry_mm, end_mm=way.target_mm)
    model = found.model
    far = path.length_mm - model.tip_offset_mm
    outside = np.array(way.entry_mm) + 14.0 * way.outward
    parts = [
        (np.array([outside, way.entry_mm]), 1.6, (0, (2, 1.5))),
        (np.array([way.entry_mm, way.target_mm]), 1.8, "solid"),
    ]
    zone = path.point_mm(np.array([max(far - model.active_zone_mm, 0.0), far]))
    parts.append((zone, 4.0, "solid"))
    for points, width, dash in parts:
        flat = view.project(points)
        axes.plot(flat[:, 0], flat[:, 1], color="black", linewidth=width + 1.8, alpha=0.75, linestyle=dash, zorder=9)
        axes.plot(flat[:, 0], flat[:, 1], color=ON_CT["probe"], linewidth=width, linestyle=dash, zorder=9)
    along = view.project(path.point_mm(np.array([0.0, path.length_mm])))[:, :2]
    across = np.array([-(along[1] - along[0])[1], (along[1] - along[0])[0]]) / path.length_mm
    style = outlined("white", "black", 2.2)
    for depth_mm in np.arange(0.0, path.length_mm, _TICK_MM):
        at = view.project(path.point_mm(depth_mm))[:2]
        long = 2.6 if round(depth_mm) % 50 == 0 else 1.5
        ends = np.array([at - long * across, at + long * across])
        axes.plot(ends[:, 0], ends[:, 1], color="black", linewidth=2.6, zorder=9)
        axes.plot(ends[:, 0], ends[:, 1], color="white", linewidth=1.2, zorder=10)
        if round(depth_mm) % 50 == 0:
            axes.text(
                *_xy(at + 5.5 * across), f"{depth_mm:.0f}", fontsize=7.5, ha="center", va="center", zorder=10, **style
            )
    tip = along[1]
    axes.plot(*tip, marker="o", markersize=5, markerfacecolor="white", markeredgecolor="black", zorder=11)


def _draw_tightest(axes: Axes, view: ViewPlane, way: Trajectory, say: AccessPhrasing) -> None:
    tightest = way.tightest
    if tightest is None or tightest.distance_mm > 25.0:
        return
    at = view.project(tightest.point_mm)[:2]
    axes.plot(
        *at, marker="D", markersize=7, markerfacecolor="none", markeredgecolor=_ASKED, markeredgewidth=1.8, zorder=12
    )
    style = outlined(_ASKED, "black", 2.6)
    beside = np.array([-5.0, 0.0]) if at[0] > 0 else np.array([5.0, 0.0])
    axes.text(*_xy(at + beside), say.mm(tightest.distance_mm, 1), fontsize=8.5, weight="bold",
              ha="right" if at[0] > 0 else "left", va="center", zorder=12, **style)  # fmt: skip


def _write_frame(axes: Axes, view: ViewPlane, way: Trajectory, say: AccessPhrasing) -> None:
    half = view.half_width_mm
    letters = outlined(ON_CT["letters"], ON_CT["paper"], 2.8)
    for text, x, y, ha in zip(
        view.letters(),
        (-0.975, 0.975, 0.0, 0.0),
        (0.0, 0.0, -0.86, 0.95),
        ("left", "right", "center", "center"),
        strict=True,
    ):
        axes.text(x * half, y * half, text, fontsize=14, weight="bold", ha=ha, va="center", zorder=12, **letters)
    plain = outlined("white", "black")
    title = say.words("figure.path_title", label=way.label, length=say.length(way), direction=say.approach(way))
    axes.text(
        -0.975 * half, -0.96 * half, title, fontsize=10.5, weight="bold", ha="left", va="center", zorder=12, **plain
    )
    length = 50.0 if half >= 90 else 20.0
    x, y = -0.965 * half, 0.95 * half
    for colour, width in (("black", 4.4), ("white", 2.4)):
        axes.plot([x, x + length], [y, y], color=colour, linewidth=width, solid_capstyle="butt", zorder=12)
    text = say.words("figure.scale", length=f"{length:.0f}")
    axes.text(x + length + 0.02 * half, y, text, fontsize=8.5, ha="left", va="center", zorder=12, **plain)


def _write_strip(figure: Figure, found: TrajectoryList, way: Trajectory, say: AccessPhrasing) -> None:
    """Under the picture: the figures of the way, what each line means, and the notice."""
    height = _SIZE_IN + _STRIP_IN
    tightest = way.tightest
    near = (
        say.words("figure.nothing_near")
        if tightest is None
        else say.words(
            "figure.tightest",
            structure=say.structure(tightest.structure),
            found=say.mm(tightest.distance_mm, 1),
            limit=say.mm(tightest.wanted_mm, 1),
        )
    )
    length = "figure.path_length" if way.skin_seen else "figure.path_length_bound"
    bone = say.words("figure.bone_line", bone=say.mm(way.bone_mm), cortex=say.mm(way.thickest_cortex_mm, 1),
                     tool=say.tool(way))  # fmt: skip
    shaft = (
        say.words("figure.shaft", length=say.mm(way.shaft.length_mm)) if way.shaft else say.words("figure.shaft_none")
    )
    rows = (f"{say.words(length, length=say.mm(way.length_mm))}  ·  {say.tilt(way)}  ·  {shaft}", near, bone)
    for row, text in enumerate(rows):
        figure.text(0.02, (_STRIP_IN - 0.17 - 0.2 * row) / height, text, fontsize=8.2, ha="left", va="center",
                    color="white", family=FONT)  # fmt: skip
    lines = extra("matplotlib.lines")
    tick = say.words("figure.tick" if way.skin_seen else "figure.tick_bound")
    entries = (
        (say.words("figure.tumour"), ON_CT["tumour"], "solid", 2.0),
        (say.words("figure.avoided"), ON_CT["organ"], "dashed", 1.5),
        (say.words("figure.asked"), _ASKED, "dotted", 1.2),
        (say.words("figure.skin"), _SKIN, "solid", 1.2),
        (tick, ON_CT["probe"], "solid", 3.0),
    )
    handles = [
        lines.Line2D([], [], color=colour, linestyle=dash, linewidth=width, label=text)
        for text, colour, dash, width in entries
    ]
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.0, (_STRIP_IN - 0.64) / height), ncols=2,
                  prop={"family": FONT, "size": 7.8}, labelcolor="white", frameon=False, handlelength=2.2,
                  columnspacing=1.1, labelspacing=0.3)  # fmt: skip
    notice = say.words("figure.notice")
    if found.synthetic:
        notice = f"{say.words('figure.synthetic')}. {notice}"
    figure.text(0.5, 0.01, notice, fontsize=7.2, ha="center", va="bottom", color="white", family=FONT)


def _xy(point: Array) -> tuple[float, float]:
    return (float(point[0]), float(point[1]))
