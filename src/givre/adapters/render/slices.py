"""Planning slices: CT, tumour, organs, isotherms and probes on one plane, with letters and scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from givre.adapters.render.canvas import FONT, blank, extra, full_axes, outlined, png
from givre.adapters.render.palette import ISOTHERM_STYLES, ON_CT, OTHER_ISOTHERM
from givre.case.description import TUMOUR
from givre.cryoprobe.placement import Placement
from givre.dossier.inputs import DossierInputs, ProbeFacts
from givre.dossier.phrasing import Phrasing
from givre.dossier.pictures import SLAB_MM, isotherms_c
from givre.dossier.views import ViewPlane, active_zone
from givre.dossier.window import window_hu, window_words
from givre.geometry.line import Segment
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Mask, Volume

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Polylines = list[npt.NDArray[np.float64]]
LegendEntry = tuple[str, str, str, float]
"""Words, colour, dash and width of one line of a legend."""

SIZE_IN = 4.6
STRIP_IN = 0.68
"""Height under the square picture for the legend and the notice."""
_PIXELS = 420
_FIELD_PIXELS = 260
_OUTSIDE_GREY = 0.12
_PIECES = 60
_LETTER_SHARE = 0.018
"""Mean width of a letter of an organ's name, as a share of the picture."""


def draw_slice(view: ViewPlane, inputs: DossierInputs, say: Phrasing) -> bytes:
    """One planning slice as PNG: a square picture, its legend under it."""
    figure = blank(SIZE_IN, SIZE_IN + STRIP_IN, paper=ON_CT["paper"])
    share = STRIP_IN / (SIZE_IN + STRIP_IN)
    axes = full_axes(figure, bottom=share, height=1.0 - share)
    half = view.half_width_mm
    axes.set_xlim(-half, half)
    axes.set_ylim(half, -half)  # rows grow downwards
    draw_ct(axes, view, inputs)
    draw_organs(axes, view, inputs, say)
    draw_tumour(axes, view, inputs)
    _draw_isotherms(axes, view, inputs, say)
    for placement, facts in zip(inputs.case.placements, inputs.probes, strict=True):
        draw_probe(axes, view, placement, facts)
    write_frame(axes, view, inputs, say)
    draw_strip(figure, _legend(inputs, say), inputs, say)
    return png(figure)


def isotherm_lines(volume: Volume, view: ViewPlane, level: float, *, pixels: int = _FIELD_PIXELS) -> Polylines:
    """Where a plane meets a level surface: lines of (right, down) from its centre [mm], shape (n, 2) each."""
    values = sample_at(volume, view.pixels_mm(pixels))
    offsets = view.pixel_offsets_mm(pixels)
    contour = extra("contourpy").contour_generator(offsets, offsets, np.ma.masked_invalid(values))
    return [np.asarray(line, dtype=np.float64) for line in contour.lines(level)]


def draw_ct(axes: Axes, view: ViewPlane, inputs: DossierInputs) -> None:
    """The CT in grey, in the window of the dossier."""
    values = sample_at(inputs.ct, view.pixels_mm(_PIXELS))
    level, width = window_hu(inputs)
    grey = np.clip((values - (level - width / 2)) / width, 0.0, 1.0)
    grey = np.where(np.isfinite(grey), grey, _OUTSIDE_GREY)
    half = view.half_width_mm
    axes.imshow(grey, cmap="gray", vmin=0, vmax=1, extent=(-half, half, half, -half), interpolation="bilinear")


def _mask_lines(mask: Mask, view: ViewPlane) -> Polylines:
    membership = Volume(grid=mask.grid, values=mask.inside.astype(np.float32), unit="1")
    return isotherm_lines(membership, view, 0.5)


def draw_lines(axes: Axes, lines: Polylines, *, colour: str, width: float, dash: str = "solid") -> None:
    """Lines in the plane with a dark rim, readable on any grey."""
    for line in lines:
        axes.plot(line[:, 0], line[:, 1], color="black", linewidth=width + 1.6, alpha=0.55, solid_capstyle="round")
    for line in lines:
        axes.plot(line[:, 0], line[:, 1], color=colour, linewidth=width, linestyle=dash)


def draw_tumour(axes: Axes, view: ViewPlane, inputs: DossierInputs) -> None:
    """The contour of the tumour."""
    lines = _mask_lines(inputs.masks[TUMOUR], view)
    for line in lines:
        axes.fill(line[:, 0], line[:, 1], color=ON_CT["tumour"], alpha=0.16, linewidth=0)
    draw_lines(axes, lines, colour=ON_CT["tumour"], width=2.0)


def draw_organs(axes: Axes, view: ViewPlane, inputs: DossierInputs, say: Phrasing) -> None:
    """The contours of the organs at risk, each with its name."""
    for organ in inputs.case.organs_at_risk:
        mask = inputs.masks.get(organ.structure)
        lines = _mask_lines(mask, view) if mask is not None else []
        for line in lines:
            axes.fill(line[:, 0], line[:, 1], color=ON_CT["organ"], alpha=0.14, linewidth=0)
        draw_lines(axes, lines, colour=ON_CT["organ"], width=1.6, dash=(0, (5, 1.2)))  # type: ignore[arg-type]
        if lines:
            longest = max(lines, key=len)
            name = say.structure(organ.structure)
            half = view.half_width_mm
            written = _LETTER_SHARE * len(name) * half  # half of the written width, so that no end is cut off
            x, y = np.clip(longest.mean(axis=0), [written - half, -0.78 * half], [half - written, 0.85 * half])
            style = outlined(ON_CT["organ"], ON_CT["paper"])
            axes.text(x, y, name, ha="center", va="center", fontsize=9, zorder=9, **style)


def isotherm_style(level_c: float) -> tuple[str, str]:
    """Colour and dash of an isotherm."""
    return ISOTHERM_STYLES.get(round(level_c), OTHER_ISOTHERM) if level_c == round(level_c) else OTHER_ISOTHERM


def _draw_isotherms(axes: Axes, view: ViewPlane, inputs: DossierInputs, say: Phrasing) -> None:
    coldest = Volume(grid=inputs.run.grid, values=inputs.run.coldest_c, unit="degC")
    away = side_without_shafts(view, inputs)
    for rank, level in enumerate(isotherms_c(inputs)):
        lines = isotherm_lines(coldest, view, level)
        colour, dash = isotherm_style(level)
        width = 2.4 if level == inputs.case.goals.lethal_temp_c else 1.7
        draw_lines(axes, lines, colour=colour, width=width, dash=dash)
        if lines:
            line = max(lines, key=len)
            # each level is labelled in its own direction, so that labels do not meet
            towards = np.radians(-62.0 + 38.0 * rank)
            at = line[np.argmax((line - line.mean(axis=0)) @ [away * np.cos(towards), np.sin(towards)])]
            if np.abs(at).max() < 0.93 * view.half_width_mm:
                style = outlined(colour, ON_CT["paper"], 2.6)
                label = say.threshold(level)
                axes.text(at[0], at[1], label, ha="center", va="center", fontsize=9, weight="bold", zorder=10, **style)


def side_without_shafts(view: ViewPlane, inputs: DossierInputs) -> float:
    """1 for the right of the picture, -1 for the left: where the probes do not come from."""
    ends = [view.project([placement.target_mm, placement.entry_mm]) for placement in inputs.case.placements]
    towards_right = sum(float(end[1, 0] - end[0, 0]) for end in ends)
    return -1.0 if towards_right > SLAB_MM * len(ends) else 1.0  # seen end on, a probe comes from neither side


def draw_probe(axes: Axes, view: ViewPlane, placement: Placement, facts: ProbeFacts) -> None:
    """Solid where the probe lies within the slab around the plane, dashed beyond; thick on its active zone."""
    shaft = Segment(start_mm=placement.target_mm, end_mm=placement.entry_mm)
    for segment, width in ((shaft, 1.4), (active_zone(placement, facts), 3.4)):
        points = view.project(segment.point_mm(np.linspace(0.0, segment.length_mm, _PIECES + 1)))
        near = np.abs(points[:, 2]) <= SLAB_MM
        for inside, dash in ((True, "solid"), (False, (0, (2.2, 1.6)))):
            for run in _stretches(near == inside):
                stretch = points[run[0] : run[1] + 1]
                axes.plot(stretch[:, 0], stretch[:, 1], color="black", linewidth=width + 1.4, alpha=0.6, linestyle=dash)
                axes.plot(stretch[:, 0], stretch[:, 1], color=ON_CT["probe"], linewidth=width, linestyle=dash)
    _mark_crossing(axes, view, shaft)
    _label_probe(axes, view, placement)


def _stretches(flags: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of each unbroken stretch, one further so that neighbours join."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), min(int(after), len(flags) - 1)) for first, after in zip(edges[::2], edges[1::2], strict=True)]


def _mark_crossing(axes: Axes, view: ViewPlane, shaft: Segment) -> None:
    """A ring where the probe pierces the plane."""
    ends = view.project([shaft.start_mm, shaft.end_mm])
    if ends[0, 2] * ends[1, 2] > 0 or ends[0, 2] == ends[1, 2]:
        return
    share = ends[0, 2] / (ends[0, 2] - ends[1, 2])
    x, y, _ = ends[0] + share * (ends[1] - ends[0])
    for colour, size in (("black", 7.0), (ON_CT["probe"], 5.0)):
        axes.plot(
            x, y, marker="o", markersize=size, markerfacecolor="none", markeredgecolor=colour, markeredgewidth=1.6
        )


def _label_probe(axes: Axes, view: ViewPlane, placement: Placement) -> None:
    tip, entry = view.project([placement.target_mm, placement.entry_mm])[:, :2]
    limit = 0.88 * view.half_width_mm
    away = entry - tip
    reach = np.linalg.norm(away)
    if np.abs(tip).max() > limit:
        return
    if reach < 6.0:
        at = tip + np.array([-4.2, -3.6])
    else:
        steps = tip + np.linspace(0.0, 1.0, 200)[:, None] * away
        inside = steps[np.abs(steps).max(axis=1) <= limit]
        beside = np.array([-away[1], away[0]]) / reach
        places = inside + 2.6 * beside
        free = np.flatnonzero(~_is_written_on(places / view.half_width_mm))
        at = places[free[-1] if len(free) else -1]
    style = outlined("white", "black", 2.6)
    axes.text(at[0], at[1], placement.label, fontsize=10.5, zorder=10, weight="bold", ha="center", va="center", **style)


def _is_written_on(places: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Where title, position, window, scale and letters are, in half widths of the picture, shape (n, 2) to (n,)."""
    x, y = places.T
    header = y < -0.76
    foot = (np.abs(x) < 0.16) & (y > 0.82)
    sides = (np.abs(x) > 0.84) & (np.abs(y) < 0.1)
    return np.asarray(header | foot | sides)


def write_frame(axes: Axes, view: ViewPlane, inputs: DossierInputs, say: Phrasing, *, title: str = "") -> None:
    """Title (by default that of the plane), position, window, letters and scale."""
    half = view.half_width_mm
    letters = outlined(ON_CT["letters"], ON_CT["paper"], 2.8)
    for text, x, y, ha, va in zip(
        view.letters(),
        (-0.975, 0.975, 0.0, 0.0),
        (0.0, 0.0, -0.84, 0.93),
        ("left", "right", "center", "center"),
        ["center"] * 4,
        strict=True,
    ):
        axes.text(x * half, y * half, text, fontsize=14, zorder=10, weight="bold", ha=ha, va=va, **letters)
    plain = outlined(ON_CT["ink"], ON_CT["paper"])
    shown = title or say.words(f"figure.{view.key}", probe=view.probe)
    axes.text(-0.975 * half, -0.965 * half, shown, fontsize=10.5, weight="bold", ha="left", va="top", **plain)
    axes.text(0.975 * half, -0.965 * half, _position_text(view, say), fontsize=8.5, ha="right", va="top", **plain)
    window = say.words("figure.window", **window_words(inputs, say))
    axes.text(0.975 * half, -0.9 * half, window, fontsize=7.5, ha="right", va="top", **plain)
    _draw_scale(axes, half, say)


def _position_text(view: ViewPlane, say: Phrasing) -> str:
    axis = {"axial": ("z", 2), "coronal": ("y", 1), "sagittal": ("x", 0)}.get(view.key)
    if axis is None:
        separator = say.numbers.position([float(value) for value in view.centre_mm])
        return f"({separator}) mm"
    return f"{axis[0]} = {say.numbers.with_unit(float(view.centre_mm[axis[1]]), 'mm', 1)}"


def _draw_scale(axes: Axes, half: float, say: Phrasing) -> None:
    """Under the title, where neither probes nor organs are usually found."""
    length = 20.0 if half >= 40 else 10.0
    x, y = -0.965 * half, -0.84 * half
    for colour, width in (("black", 4.6), ("white", 2.6)):
        axes.plot([x, x + length], [y, y], color=colour, linewidth=width, solid_capstyle="butt", zorder=10)
    text = say.words("figure.scale", length=f"{length:.0f}")
    style = outlined("white", "black")
    axes.text(x + length + 0.02 * half, y, text, fontsize=8.5, ha="left", va="center", zorder=10, **style)


def _legend(inputs: DossierInputs, say: Phrasing) -> list[LegendEntry]:
    entries: list[LegendEntry] = [(say.words("figure.tumour"), ON_CT["tumour"], "solid", 2.0)]
    if inputs.case.organs_at_risk:
        entries.append((say.words("figure.organ"), ON_CT["organ"], "dashed", 1.6))
    entries.append((say.words("figure.probe"), ON_CT["probe"], "solid", 3.0))
    for level in isotherms_c(inputs):
        colour, dash = isotherm_style(level)
        text = say.threshold(level)
        if level == inputs.case.goals.lethal_temp_c:
            text = say.words("figure.lethal", level=text)
        elif level == 0.0:
            text = say.words("figure.ice")
        entries.append((text, colour, dash, 2.4 if level == inputs.case.goals.lethal_temp_c else 1.7))
    return entries


def draw_strip(figure: Figure, entries: Sequence[LegendEntry], inputs: DossierInputs, say: Phrasing) -> None:
    """Under the picture, where it hides nothing: what each line means, and the notice."""
    lines = extra("matplotlib.lines")
    handles = [
        lines.Line2D([], [], color=colour, linestyle=dash, linewidth=width, label=text)
        for text, colour, dash, width in entries
    ]
    figure.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, STRIP_IN / (SIZE_IN + STRIP_IN)),
        ncols=-(-len(entries) // 2),
        prop={"family": FONT, "size": 8.0},
        labelcolor="white",
        frameon=False,
        handlelength=2.3,
        columnspacing=1.2,
        labelspacing=0.3,
        borderaxespad=0.35,
    )
    notice = say.words("doc.notice")
    if inputs.case.synthetic:
        notice = f"{say.words('doc.synthetic')}. {notice}"
    figure.text(0.5, 0.012, notice, fontsize=7.2, ha="center", va="bottom", color="white", family=FONT)
