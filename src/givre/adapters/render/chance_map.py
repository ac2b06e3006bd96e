"""The map of chances: CT, tumour, organs, probes, and lines of equal chance of being in the lethal zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from givre.adapters.render.canvas import blank, full_axes, outlined, png
from givre.adapters.render.palette import CHANCE_STYLES, ON_CT
from givre.adapters.render.slices import (
    SIZE_IN,
    STRIP_IN,
    LegendEntry,
    draw_ct,
    draw_lines,
    draw_organs,
    draw_probe,
    draw_strip,
    draw_tumour,
    isotherm_lines,
    side_without_shafts,
    write_frame,
)
from givre.dossier.inputs import DossierInputs
from givre.dossier.planner_phrasing import PlannerPhrasing
from givre.dossier.uncertain_plan import UncertainPlan
from givre.dossier.uncertainty_section import CHANCES
from givre.dossier.views import ViewPlane

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIRST_DEG, _APART_DEG = -60.0, 55.0
"""Directions, from the middle, in which the lines are labelled: apart, so that labels do not meet."""
_NEAR_EDGE = 0.93


def draw_chance_map(view: ViewPlane, found: UncertainPlan, inputs: DossierInputs, say: PlannerPhrasing) -> bytes:
    """One plane of the map as PNG: a square picture, its legend under it."""
    figure = blank(SIZE_IN, SIZE_IN + STRIP_IN, paper=ON_CT["paper"])
    share = STRIP_IN / (SIZE_IN + STRIP_IN)
    axes = full_axes(figure, bottom=share, height=1.0 - share)
    half = view.half_width_mm
    axes.set_xlim(-half, half)
    axes.set_ylim(half, -half)  # rows grow downwards
    draw_ct(axes, view, inputs)
    draw_organs(axes, view, inputs, say.general)
    draw_tumour(axes, view, inputs)
    for placement, facts in zip(inputs.case.placements, inputs.probes, strict=True):
        draw_probe(axes, view, placement, facts)
    _draw_chances(axes, view, found, inputs, say)
    plane = say.general.words(f"figure.{view.key}", probe=view.probe)
    write_frame(axes, view, inputs, say.general, title=say.words("unsure.map_title", plane=plane))
    draw_strip(figure, _legend(inputs, say), inputs, say.general)
    return png(figure)


def _draw_chances(
    axes: Axes, view: ViewPlane, found: UncertainPlan, inputs: DossierInputs, say: PlannerPhrasing
) -> None:
    away = side_without_shafts(view, inputs)
    for rank, level in enumerate(CHANCES):
        colour, dash, width = CHANCE_STYLES[level]
        lines = isotherm_lines(found.lethal_probability, view, level - 1e-6)
        draw_lines(axes, lines, colour=colour, width=width, dash=dash)
        if not lines:
            continue
        line = max(lines, key=len)
        towards = np.radians(_FIRST_DEG + _APART_DEG * rank)
        at = line[np.argmax((line - line.mean(axis=0)) @ [away * np.cos(towards), np.sin(towards)])]
        if np.abs(at).max() < _NEAR_EDGE * view.half_width_mm:
            style = outlined(colour, ON_CT["paper"], 2.6)
            axes.text(
                at[0], at[1], say.level(level), ha="center", va="center", fontsize=9, weight="bold", zorder=10, **style
            )


def _legend(inputs: DossierInputs, say: PlannerPhrasing) -> list[LegendEntry]:
    words = say.general.words
    entries: list[LegendEntry] = [(words("figure.tumour"), ON_CT["tumour"], "solid", 2.0)]
    if inputs.case.organs_at_risk:
        entries.append((words("figure.organ"), ON_CT["organ"], "dashed", 1.6))
    entries.append((words("figure.probe"), ON_CT["probe"], "solid", 3.0))
    for level in CHANCES:
        colour, dash, width = CHANCE_STYLES[level]
        entries.append((say.words("unsure.map_legend", level=say.level(level)), colour, dash, width))
    return entries
