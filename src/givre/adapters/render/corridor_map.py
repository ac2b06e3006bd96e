"""The map of entries for one target, as one sees the patient: free or blocked, and by what, over the bone beneath."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import cKDTree

from givre.adapters.render.canvas import FONT, blank, extra, full_axes, outlined, png
from givre.dossier.access_phrasing import AccessPhrasing
from givre.dossier.views import ViewPlane
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Volume
from givre.planning.access.trajectory_list import TrajectoryList

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

_SIDES = {
    "P": ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "A": ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0)),
    "L": ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    "R": ((0.0, -1.0, 0.0), (-1.0, 0.0, 0.0)),
}
"""For each side, LPS: direction to the viewer's right with the head up, and direction from the patient to the viewer.

From behind, the patient's left is on the viewer's left; on this map nothing is mirrored.
"""
FREE, CUT = "", "beyond"
_FREE_STYLE = ("#1B7F5C", "")
_CUT_STYLE = ("#56B4E9", "..")
_STYLES = (
    ("#D55E00", "////"),
    ("#CC79A7", "\\\\\\\\"),
    ("#E69F00", "xxx"),
    ("#5D3A9B", "|||"),
    ("#8C96A0", "---"),
    ("#B3261E", "+++"),
    ("#3F4A54", "oo"),
)
_OTHER = "other"
_NOTHING = "nothing"
_PIXEL_MM = 0.75
_BONE_PIXEL_MM = 1.0
_BONE_STEP_MM = 2.0
_FACING = 0.35
_PANELS_IN = 9.0
_TALLEST_IN = 5.2
_LEGEND_IN = 3.0
_HEAD_IN, _FOOT_IN = 0.34, 0.3
_MARGIN_MM = 13.0
_SMALLEST_LABELLED = 150


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideView:
    """The entries on one side of the patient.

    Attributes:
        side: "P", "A", "L" or "R".
        plane: how they lie on the picture.
        half_mm: half of the width and of the height of the picture.
        entries: index of each entry that faces the viewer.
    """

    side: str
    plane: ViewPlane
    half_mm: tuple[float, float]
    entries: Numbers


def side_views(found: TrajectoryList, *, most: int = 2) -> tuple[SideView, ...]:
    """The sides from which the best ways come, the side of the first way first; without a way, the broadest sides."""
    facing = _facing(found)
    best = np.array([way.outward for way in found.corridor.best]).reshape(-1, 3)
    views, weights, nearness = [], [], []
    for side, (_, towards) in _SIDES.items():
        entries = np.flatnonzero(facing @ np.array(towards) >= _FACING)
        if len(entries) >= 3:
            views.append(_view(found, side, entries))
            listed = float((best @ np.array(towards) >= _FACING).sum())
            weights.append(listed if len(best) else float(len(entries)))
            nearness.append(float(best[0] @ np.array(towards)) if len(best) else weights[-1])
    kept = [n for n in np.argsort(-np.array(weights), kind="stable")[:most] if weights[n] > 0]
    return tuple(views[n] for n in sorted(kept, key=lambda n: -nearness[n]))


def _facing(found: TrajectoryList) -> Array:
    """Where each entry faces: away from the target, or out of the face of the image that it lies on, shape (n, 3).

    An entry on a face belongs to the view of that face alone; from the side it would hide the skin behind it.
    """
    corridor, grid = found.corridor, found.access.checker.grid
    outward = corridor.checks.entries_mm - np.array(corridor.aim.point_mm)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    index = grid.lps_to_index(corridor.checks.entries_mm)
    above, below = index + 0.5, np.array(grid.shape) - 0.5 - index
    face = np.argmin(np.concatenate([above, below], axis=1), axis=1)
    axes = np.array(grid.axes)
    normals = np.concatenate([-axes, axes])[face]
    return np.asarray(np.where(corridor.is_cut[:, None], normals, outward))


def draw_corridor_map(found: TrajectoryList, say: AccessPhrasing) -> bytes:
    """The map as PNG: one picture for each of the sides that matter, with one legend."""
    views = side_views(found)
    labels = _categories(found, views)
    order = _order(labels, views)
    inch_per_mm, height_in = _scale(views)
    widths = [2.0 * view.half_mm[0] * inch_per_mm for view in views]
    width_in = sum(widths) + _LEGEND_IN
    figure = blank(width_in, height_in, paper="white")
    left = 0.0
    for view, wide in zip(views, widths, strict=True):
        tall = 2.0 * view.half_mm[1] * inch_per_mm
        axes = full_axes(
            figure,
            left=left / width_in,
            bottom=(height_in - _HEAD_IN - tall) / height_in,
            width=wide / width_in,
            height=tall / height_in,
        )
        _draw_view(axes, view, found, labels, order)
        _write_frame(axes, view, say)
        title = say.words("figure.title", view=say.words(f"figure.view_{view.side}"))
        figure.text((left + 0.12) / width_in, 1.0 - 0.2 / height_in, title, fontsize=10.5, weight="bold", family=FONT,
                    ha="left", va="center")  # fmt: skip
        left += wide
    shown = sorted({int(path) for view in views for path in view.entries})
    _draw_legend(figure, Counter(labels[path] for path in shown), order, say, left=(left + 0.1) / width_in)
    _write_notice(figure, found, say)
    return png(figure)


def _scale(views: tuple[SideView, ...]) -> tuple[float, float]:
    """Inches per mm, the same for every picture, and the height of the figure that holds pictures and legend."""
    across_mm, down_mm = sum(2.0 * v.half_mm[0] for v in views), max(2.0 * v.half_mm[1] for v in views)
    scale = min(_PANELS_IN / across_mm, _TALLEST_IN / down_mm)
    return scale, max(down_mm * scale + _HEAD_IN + _FOOT_IN, 3.9)


def _view(found: TrajectoryList, side: str, entries: Numbers) -> SideView:
    right = np.array(_SIDES[side][0])
    points = found.corridor.checks.entries_mm[entries]
    target = np.array(found.corridor.aim.point_mm)
    plane = ViewPlane(key=side, centre_mm=target, right=right, down=np.array([0.0, 0.0, -1.0]), half_width_mm=1.0)
    flat = plane.project(points)[:, :2]
    low, high = np.minimum(flat.min(axis=0), 0.0), np.maximum(flat.max(axis=0), 0.0)
    centre, half = (low + high) / 2.0, (high - low) / 2.0 + _MARGIN_MM
    middle = target + centre[0] * plane.right + centre[1] * plane.down
    plane = replace(plane, centre_mm=middle, half_width_mm=float(half.max()))
    return SideView(side=side, plane=plane, half_mm=(float(half[0]), float(half[1])), entries=entries)


def _categories(found: TrajectoryList, views: tuple[SideView, ...]) -> tuple[str, ...]:
    """The category of each entry: free, beyond the image, one of the most frequent reasons on the views, or other."""
    first = found.corridor.checks.first_reasons()
    seen = found.corridor.checks.is_skin_seen
    raw = [CUT if not reason and not seen[path] else reason for path, reason in enumerate(first)]
    shown = [raw[path] for view in views for path in view.entries]
    common = [reason for reason, _ in Counter(shown).most_common() if reason not in (FREE, CUT)][: len(_STYLES) - 1]
    kept = {FREE, CUT, *common}
    return tuple(reason if reason in kept else _OTHER for reason in raw)


def _order(labels: tuple[str, ...], views: tuple[SideView, ...]) -> list[str]:
    """Categories in the order of the legend: free first, then the most frequent."""
    counts = Counter(labels[path] for view in views for path in view.entries)
    blocked = [key for key, _ in counts.most_common() if key not in (FREE, CUT, _OTHER)]
    return [key for key in (FREE, CUT) if counts[key]] + blocked + [key for key in (_OTHER,) if counts[key]]


def _style(key: str, order: list[str]) -> tuple[str, str]:
    if key == FREE:
        return _FREE_STYLE
    if key == CUT:
        return _CUT_STYLE
    return _STYLES[[other for other in order if other not in (FREE, CUT)].index(key)]


def _sign(key: str, order: list[str]) -> str:
    """The letter of a category on the map, which reads without colour; none for free entries."""
    return "" if key in (FREE, CUT) else "ABCDEFG"[[k for k in order if k not in (FREE, CUT)].index(key)]


def _draw_view(axes: Axes, view: SideView, found: TrajectoryList, labels: tuple[str, ...], order: list[str]) -> None:
    wide, tall = view.half_mm
    axes.set_xlim(-wide, wide)
    axes.set_ylim(tall, -tall)
    _draw_bone(axes, view, found)
    flat = view.plane.project(found.corridor.checks.entries_mm[view.entries])[:, :2]
    across, down = (np.arange(-half, half, _PIXEL_MM) for half in view.half_mm)
    pixels = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    distance, nearest = cKDTree(flat).query(pixels)
    names = np.array([labels[path] for path in view.entries], dtype=object)
    found_at = np.where(distance <= 1.1 * found.corridor.spacing_mm, names[nearest], _NOTHING)
    at = np.asarray(found_at).reshape(len(down), len(across))
    for key in order:
        inside = ndimage.binary_opening(np.pad(at == key, 2, mode="edge"), iterations=1)[2:-2, 2:-2]
        _draw_category(axes, np.asarray(inside), (across, down), key, order)
    _draw_ways(axes, view, found)


def _draw_category(
    axes: Axes, inside: npt.NDArray[np.bool_], offsets: tuple[Array, Array], key: str, order: list[str]
) -> None:
    if not inside.any():
        return
    colour, hatch = _style(key, order)
    filled = axes.contourf(
        *offsets,
        inside.astype(float),
        levels=[0.5, 1.5],
        colors=[colour],
        alpha=0.62 if key == FREE else 0.34,
        hatches=[hatch or None],
    )
    filled.set_edgecolor(colour)
    filled.set_linewidth(0.0)
    axes.contour(*offsets, inside.astype(float), levels=[0.5], colors=[colour], linewidths=1.1)
    sign = _sign(key, order)
    pieces, count = ndimage.label(inside)
    for piece in range(1, count + 1) if sign else ():
        region = pieces == piece
        if region.sum() >= _SMALLEST_LABELLED:
            depth = ndimage.distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
            row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
            style = outlined("#111111", "white", 2.6)
            at = (offsets[0][column], offsets[1][row])
            axes.text(*at, sign, fontsize=10, weight="bold", ha="center", va="center", zorder=8, **style)


def _draw_bone(axes: Axes, view: SideView, found: TrajectoryList) -> None:
    """Bone summed along the line of sight, as on a radiograph."""
    ct, drawn = found.access.ct, found.access.masks.get("bone")
    dense = np.maximum(ct.values - found.access.thresholds.bone_min_hu, 0.0)
    if drawn is not None:
        dense = np.where(drawn.inside, np.maximum(dense, 100.0), 0.0)
    bone = Volume(grid=ct.grid, values=dense.astype(np.float32), unit="HU")
    across, down = (np.arange(-half, half, _BONE_PIXEL_MM) for half in view.half_mm)
    plane = view.plane
    face = plane.centre_mm + down[:, None, None] * plane.down + across[None, :, None] * plane.right
    reach = float(np.linalg.norm(ct.grid.size_mm)) / 2.0
    depth_mm = float((ct.grid.centre_mm - plane.centre_mm) @ plane.into)
    amount = np.zeros(face.shape[:2])
    for depth in np.arange(depth_mm - reach, depth_mm + reach, _BONE_STEP_MM):
        amount += sample_at(bone, face + depth * plane.into, outside=0.0)
    brightest = float(np.percentile(amount[amount > 0], 99)) if (amount > 0).any() else 1.0
    wide, tall = view.half_mm
    axes.imshow(
        1.0 - 0.62 * np.clip(amount / brightest, 0.0, 1.0) ** 0.7,
        cmap="gray",
        vmin=0.0,
        vmax=1.0,
        extent=(-wide, wide, tall, -tall),
        interpolation="bilinear",
        aspect="auto",
    )


def _draw_ways(axes: Axes, view: SideView, found: TrajectoryList) -> None:
    target = view.plane.project(found.corridor.aim.point_mm)[:2]
    for colour, width, size in (("white", 3.2, 11.0), ("#111111", 1.5, 10.0)):
        axes.plot(*target, marker="o", markersize=size, markerfacecolor="none", markeredgecolor=colour,
                  markeredgewidth=width, zorder=9)  # fmt: skip
        axes.plot(*target, marker="+", markersize=size + 6, markeredgecolor=colour, markeredgewidth=width, zorder=9)
    towards = np.array(_SIDES[view.side][1])
    taken: list[Array] = []
    for way in found.corridor.best:
        if float(way.outward @ towards) < _FACING:
            continue
        entry, tip = view.plane.project([way.entry_mm, way.target_mm])[:, :2]
        for colour, width in (("white", 3.0), ("#111111", 1.1)):
            axes.plot([entry[0], tip[0]], [entry[1], tip[1]], color=colour, linewidth=width, zorder=9)
        axes.plot(*entry, marker="o", markersize=6.5, markerfacecolor="white", markeredgecolor="#111111",
                  markeredgewidth=1.4, zorder=10)  # fmt: skip
        at = _free_place(entry, taken, view.half_mm)
        taken.append(at)
        style = outlined("#111111", "white", 3.0)
        axes.text(
            float(at[0]),
            float(at[1]),
            way.label,
            fontsize=10.5,
            weight="bold",
            ha="center",
            va="center",
            zorder=11,
            **style,
        )


def _free_place(entry: Array, taken: list[Array], half_mm: tuple[float, float]) -> Array:
    """A place for a label beside its entry, away from the labels already there and inside the picture."""
    reach = 0.055 * max(half_mm)
    places = [entry + reach * np.array([np.cos(a), np.sin(a)]) for a in np.radians(np.arange(-60.0, 300.0, 45.0))]
    inside = [place for place in places if (np.abs(place) < 0.93 * np.array(half_mm)).all()] or places
    return max(inside, key=lambda place: min((float(np.linalg.norm(place - other)) for other in taken), default=1.0))


def _write_frame(axes: Axes, view: SideView, say: AccessPhrasing) -> None:
    wide, tall = view.half_mm
    letters = outlined("#7A4B00", "white", 2.8)
    places = ((5.0 - wide, 0.0), (wide - 5.0, 0.0), (0.0, 5.0 - tall), (0.0, tall - 5.0))
    for text, (x, y) in zip(view.plane.letters(), places, strict=True):
        axes.text(x, y, text, fontsize=13, weight="bold", ha="center", va="center", zorder=12, **letters)
    plain = outlined("#111111", "white", 2.6)
    length = 50.0 if wide >= 90 else 20.0
    x, y = 4.0 - wide, tall - 4.0
    axes.plot([x, x + length], [y, y], color="#111111", linewidth=2.6, solid_capstyle="butt", zorder=12)
    text = say.words("figure.scale", length=f"{length:.0f}")
    axes.text(x + length + 2.0, y, text, fontsize=8.5, ha="left", va="center", zorder=12, **plain)


def _draw_legend(figure: Figure, counts: Counter[str], order: list[str], say: AccessPhrasing, *, left: float) -> None:
    patches, lines = extra("matplotlib.patches"), extra("matplotlib.lines")
    handles = []
    for key in order:
        colour, hatch = _style(key, order)
        percent = 100.0 * counts[key] / max(counts.total(), 1)
        share = say.general.numbers.decimal(percent) if percent >= 1.0 else "< 1"
        sign = _sign(key, order)
        name = say.words(f"figure.{key}") if key in (CUT, _OTHER) else say.reason(key)
        label = f"{sign}  {name}" if sign else name
        handles.append(
            patches.Patch(
                facecolor=(*_rgb(colour), 0.62 if key == FREE else 0.34),
                edgecolor=colour,
                hatch=hatch,
                linewidth=1.1,
                label=_wrapped(say.words("figure.share", name=label, share=share), 38),
            )
        )
    handles.append(
        lines.Line2D(
            [],
            [],
            marker="o",
            linestyle="none",
            markersize=6.5,
            markerfacecolor="white",
            markeredgecolor="#111111",
            label=_wrapped(say.words("figure.best"), 38),
        )
    )
    handles.append(
        lines.Line2D(
            [],
            [],
            marker="+",
            linestyle="none",
            markersize=12,
            markeredgecolor="#111111",
            label=_wrapped(say.words("figure.target"), 38),
        )
    )
    handles.append(patches.Patch(facecolor="#9A9A9A", label=_wrapped(say.words("figure.bone"), 38)))
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(left, 0.985),
        prop={"family": FONT, "size": 8.5},
        frameon=False,
        handlelength=2.4,
        handleheight=1.5,
        labelspacing=0.75,
    )


def _write_notice(figure: Figure, found: TrajectoryList, say: AccessPhrasing) -> None:
    notice = say.words("figure.notice")
    if found.synthetic:
        notice = f"{say.words('figure.synthetic')}. {notice}"
    figure.text(0.5, 0.012, notice, fontsize=7.5, ha="center", va="bottom", color="#444444", family=FONT)


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[start : start + 2], 16) / 255.0 for start in (1, 3, 5))
    return (red, green, blue)


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width, break_on_hyphens=False))
