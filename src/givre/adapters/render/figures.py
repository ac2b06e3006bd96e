"""All figures of a dossier: pictures rendered once, words drawn on them for each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from givre.adapters.render.chance_map import draw_chance_map
from givre.adapters.render.curves import draw_frozen_share, draw_temperatures, draw_volume_below
from givre.adapters.render.margin_map import draw_margin_map, draw_margin_surface
from givre.adapters.render.scene import Picture, render_margin_surface, render_scenes
from givre.adapters.render.scene_labels import draw_scene
from givre.adapters.render.slices import draw_slice
from givre.adapters.render.uncertainty_charts import draw_bars
from givre.dossier.inputs import DossierInputs, Lang
from givre.dossier.phrasing import phrasing
from givre.dossier.planner_phrasing import planner_phrasing
from givre.dossier.uncertain_plan import tornado_key
from givre.dossier.uncertainty_section import map_key, map_views
from givre.dossier.views import planning_views

_SCENE = (1120, 800)
_SURFACE = (900, 490)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pictures:
    """What is rendered once for all languages."""

    scenes: Mapping[str, Picture]
    margin_surface: Picture


def render_pictures(inputs: DossierInputs, *, scale: float = 1.0) -> Pictures:
    """The three-dimensional pictures without words; `scale` 0.3 is enough for a test."""
    width, height = (max(40, int(scale * side)) for side in _SCENE)
    across, down = (max(40, int(scale * side)) for side in _SURFACE)
    return Pictures(
        scenes=render_scenes(inputs, width=width, height=height),
        margin_surface=render_margin_surface(inputs, width=across, height=down),
    )


def draw_figures(inputs: DossierInputs, *, lang: Lang, pictures: Pictures | None = None) -> Mapping[str, bytes]:
    """Every figure of the dossier as PNG, by key.

    Args:
        inputs: what the dossier tells.
        lang: language of the words on the figures.
        pictures: from `render_pictures`, so that a second language does not render them again.

    Raises:
        MissingExtra: when the report extra is not installed.
    """
    say = phrasing(lang)
    rendered = pictures or render_pictures(inputs)
    found = {view.key: draw_slice(view, inputs, say) for view in planning_views(inputs)}
    for key, picture in rendered.scenes.items():
        found[key] = draw_scene(key, picture, inputs, say)
    found["margin_surface"] = draw_margin_surface(rendered.margin_surface, inputs, say)
    found["margin_map"] = draw_margin_map(inputs, say)
    found["curve_below"] = draw_volume_below(inputs, say)
    found["curve_fraction"] = draw_frozen_share(inputs, say)
    found["curve_temperature"] = draw_temperatures(inputs, say)
    return found | draw_planner_figures(inputs, lang=lang)


def draw_planner_figures(inputs: DossierInputs, *, lang: Lang) -> dict[str, bytes]:
    """The figures of what the planner found, by key; none where nobody asked."""
    found, say = inputs.uncertain, planner_phrasing(lang)
    if found is None:
        return {}
    drawn = {map_key(view): draw_chance_map(view, found, inputs, say) for view in map_views(inputs)}
    for moved in found.drawn:
        drawn[tornado_key(moved.figure)] = draw_bars(
            moved, found.factors, inputs.case, say.unsure, planned=found.figures[moved.figure].planned
        )
    return drawn
