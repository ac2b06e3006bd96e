"""Words on the three-dimensional pictures: probe labels, an orientation cube, a legend, the notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from givre.adapters.render.canvas import FONT, blank, extra, full_axes, outlined, png
from givre.adapters.render.palette import SCENE_HEX
from givre.adapters.render.scene import Picture, shown_organs
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing, capitalised

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK = "#1B2733"
_WIDTH_IN = 7.0
_STRIP_IN = 0.6
"""Height under the picture for the legend and the notice."""
_MOST_NAMES = 2
"""More organs than this share one word in the legend."""
_FACES = (
    ("L", (1.0, 0.0, 0.0)),
    ("R", (-1.0, 0.0, 0.0)),
    ("P", (0.0, 1.0, 0.0)),
    ("A", (0.0, -1.0, 0.0)),
    ("H", (0.0, 0.0, 1.0)),
    ("F", (0.0, 0.0, -1.0)),
)


def draw_scene(key: str, picture: Picture, inputs: DossierInputs, say: Phrasing) -> bytes:
    """A three-dimensional picture with its words, its legend under it, as PNG."""
    height, width = picture.pixels.shape[:2]
    height_in = _WIDTH_IN * height / width
    figure = blank(_WIDTH_IN, height_in + _STRIP_IN, paper="white")
    share = _STRIP_IN / (height_in + _STRIP_IN)
    axes = full_axes(figure, bottom=share, height=1.0 - share)
    axes.imshow(picture.pixels, extent=(0, width, height, 0), interpolation="bilinear")
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    _label_probes(axes, picture, inputs)
    draw_compass(axes, picture, corner=(0.925 * width, 0.88 * height), size=0.062 * height)
    _draw_legend(figure, inputs, say, top=share)
    style = outlined(_INK, "white", 2.6)
    title = say.words(f"figure.{key}")
    axes.text(0.015 * width, 0.02 * height, title, fontsize=12, weight="bold", ha="left", va="top", **style)
    notice = say.words("doc.notice")
    if inputs.case.synthetic:
        notice = f"{say.words('doc.synthetic')}. {notice}"
    figure.text(0.5, 0.008, notice, fontsize=7.5, ha="center", va="bottom", color=_INK, family=FONT)
    return png(figure)


def _label_probes(axes: Axes, picture: Picture, inputs: DossierInputs) -> None:
    """Each label beside the last point of the shaft that is inside the picture."""
    height, width = picture.pixels.shape[:2]
    for placement in inputs.case.placements:
        shares = np.linspace(0.0, 1.0, 120)[:, None]
        line = np.array(placement.target_mm) + shares * np.subtract(placement.entry_mm, placement.target_mm)
        seen = picture.camera.screen(line)[:, :2]
        inside = seen[(np.abs(seen - [width / 2, height / 2]) < [0.47 * width, 0.455 * height]).all(axis=1)]
        if not len(inside):
            continue
        away = inside[-1] - inside[0]
        reach = np.linalg.norm(away)
        beside = np.array([away[1], -away[0]]) / reach if reach > 1 else np.array([0.0, -1.0])
        beside = beside if beside[1] < 0 else -beside
        x, y = inside[-1] - 0.12 * away + 0.032 * height * beside
        style = outlined("white", _INK, 3.2)
        axes.text(x, y, placement.label, fontsize=11, weight="bold", ha="center", va="center", **style)


def draw_compass(axes: Axes, picture: Picture, *, corner: tuple[float, float], size: float) -> None:
    """A cube with patient letters on the faces that the observer sees, at `corner` [pixels]."""
    patches = extra("matplotlib.patches")
    camera = picture.camera
    axes_on_screen = np.stack([camera.right, -camera.up], axis=1)
    for letter, normal in sorted(_FACES, key=lambda face: -float(np.dot(face[1], camera.forward))):
        facing = -float(np.dot(normal, camera.forward))
        if facing <= 0.02:
            continue
        middle = np.array(normal)
        first = np.roll(middle, 1)
        second = np.cross(middle, first)
        corners = [middle + u * first + v * second for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        flat = np.array(corners) @ axes_on_screen * size * 0.62 + np.array(corner)
        shade = 0.74 + 0.24 * facing
        face = patches.Polygon(flat, closed=True, facecolor=(shade, shade, shade * 1.01), edgecolor=_INK, linewidth=1.0)
        axes.add_patch(face)
        if facing > 0.2:
            at = middle @ axes_on_screen * size * 0.62 + np.array(corner)
            size_pt = 6.0 + 4.5 * facing
            axes.text(
                at[0], at[1], letter, fontsize=size_pt, weight="bold", ha="center", va="center", color=_INK, family=FONT
            )


def _draw_legend(figure: Figure, inputs: DossierInputs, say: Phrasing, *, top: float) -> None:
    """Under the picture, where it hides nothing; `top` is the upper edge of its strip, as a share of the figure."""
    patches = extra("matplotlib.patches")
    lethal = say.words("figure.lethal", level=say.threshold(inputs.case.goals.lethal_temp_c))
    organs = shown_organs(inputs)
    entries = [(say.words("figure.tumour"), "tumour", 1.0)]
    if organs:
        names = ", ".join(say.structure(name) for name in organs) if len(organs) <= _MOST_NAMES else ""
        entries.append((capitalised(names) or say.words("figure.organs"), "organ", 1.0))
    entries += [
        (say.words("figure.probe"), "shaft", 1.0),
        (capitalised(say.words("figure.active")), "active", 1.0),
        (say.words("figure.ice"), "ice", 0.45),
        (lethal, "lethal", 0.45),
        (say.words("figure.bone"), "bone", 1.0),
    ]
    handles = [
        patches.Patch(facecolor=SCENE_HEX[key], alpha=alpha, edgecolor=_INK, linewidth=0.6, label=text)
        for text, key, alpha in entries
    ]
    figure.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=(0.5, top),
        ncols=-(-len(handles) // 2),
        prop={"family": FONT, "size": 8.5},
        labelcolor=_INK,
        frameon=False,
        columnspacing=1.6,
        labelspacing=0.3,
        borderaxespad=0.3,
    )
