"""The sections made of figures: planning views, 3-D views, margin and curves, with alt texts that hold the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from givre.case.description import TUMOUR
from givre.dossier.content import Block, Figure, FigureRow, KeyNumber, KeyNumbers, Paragraph, Section
from givre.dossier.error_bars import plus_minus, with_note
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing, capitalised
from givre.dossier.summary import expected_error_mm, voxel_mm
from givre.dossier.views import ViewPlane, patient_letters, planning_views
from givre.dossier.window import window_words
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Sequence

SLAB_MM = 5.0
"""A probe nearer than this to a plane is drawn as lying in it."""
SHOWN_ISOTHERMS_C = (0.0, -20.0, -40.0)
_STANDARD_AXIS = {"axial": 2, "coronal": 1, "sagittal": 0}
_ALT_PIXELS = 200


def isotherms_c(inputs: DossierInputs) -> tuple[float, ...]:
    """Isotherms drawn, warmest first: 0, -20, -40 and the lethal one."""
    return tuple(sorted({*SHOWN_ISOTHERMS_C, inputs.case.goals.lethal_temp_c}, reverse=True))


def planning_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """Six slices of the CT with tumour, probes and isotherms."""
    intro = say.words("planning.intro", **window_words(inputs, say), slab=say.numbers.plain(SLAB_MM))
    figures = [_view_figure(view, inputs, say) for view in planning_views(inputs)]
    rows = [FigureRow(figures=tuple(figures[first : first + 2])) for first in range(0, len(figures), 2)]
    blocks: tuple[Block, ...] = (Paragraph(text=intro), Paragraph(text=say.words("doc.letters"), tone="muted"), *rows)
    return Section(key="planning", title=say.words("section.planning"), blocks=blocks)


def view_caption(view: ViewPlane, inputs: DossierInputs, say: Phrasing) -> str:
    """Which plane it is and where it lies."""
    if view.key in _STANDARD_AXIS:
        position = say.numbers.with_unit(float(view.centre_mm[_STANDARD_AXIS[view.key]]), "mm", 1)
        return say.words(f"planning.{view.key}", position=position)
    tip = next(place.target_mm for place in inputs.case.placements if place.label == view.probe)
    from_tip = float(np.linalg.norm(view.centre_mm - np.array(tip)))
    distance = say.numbers.with_unit(from_tip, "mm", 0)
    return say.words(f"planning.{view.key}", probe=view.probe, distance=distance)


def _view_figure(view: ViewPlane, inputs: DossierInputs, say: Phrasing) -> Figure:
    words, numbers = say.words, say.numbers
    left, right, top, bottom = view.letters()
    levels = isotherms_c(inputs)
    alt = words(
        "planning.alt",
        view=view_caption(view, inputs, say),
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        width=numbers.with_unit(2 * view.half_width_mm, "mm"),
        tumour=numbers.volume(inputs.assessment.tumour_ml),
        levels=", ".join(say.threshold(level) for level in levels),
        crossing=" ".join(_area_sentence(view, level, inputs, say) for level in levels),
    )
    return Figure(key=view.key, caption=view_caption(view, inputs, say), alt=alt)


def _area_sentence(view: ViewPlane, level_c: float, inputs: DossierInputs, say: Phrasing) -> str:
    coldest = Volume(grid=inputs.run.grid, values=inputs.run.coldest_c, unit="degC")
    below = sample_at(coldest, view.pixels_mm(_ALT_PIXELS)) <= level_c
    pixel_mm = 2 * view.half_width_mm / _ALT_PIXELS
    area_cm2 = float(below.sum()) * pixel_mm**2 / 100.0
    if area_cm2 == 0.0:
        return say.words("planning.alt_no_ice", level=say.threshold(level_c))
    return say.words("planning.alt_ice", level=say.threshold(level_c), area=say.numbers.decimal(area_cm2, 1))


def scene_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """Two three-dimensional pictures."""
    lethal = say.threshold(inputs.case.goals.lethal_temp_c)
    blocks: list[Block] = [Paragraph(text=say.words("scene.intro", lethal=lethal))]
    for key, direction in scene_directions(inputs).items():
        letters = patient_letters(direction)
        caption = say.words(f"scene.{key}", where=say.direction(letters), letters=letters)
        alt = say.words(
            "scene.alt",
            caption=caption,
            ice=say.numbers.volume(inputs.assessment.ice_ball_ml),
            lethal=say.numbers.volume(inputs.assessment.lethal_ml),
            tumour=say.numbers.volume(inputs.assessment.tumour_ml),
            probes=say.words.count("probe", len(inputs.probes)),
        )
        blocks.append(FigureRow(figures=(Figure(key=f"scene_{key}", caption=caption, alt=alt),)))
    return Section(key="scene", title=say.words("section.scene"), blocks=tuple(blocks))


def scene_directions(inputs: DossierInputs) -> dict[str, np.ndarray]:
    """Unit LPS vectors from the tumour to the observer: oblique beside the entry points, and from the nearer side."""
    entries = np.array([place.entry_mm for place in inputs.case.placements])
    targets = np.array([place.target_mm for place in inputs.case.placements])
    towards = (entries - targets).mean(axis=0)
    flat = np.array([towards[0], towards[1], 0.0])
    azimuth = float(np.arctan2(flat[1], flat[0])) if np.linalg.norm(flat) > 1e-6 else np.pi / 2
    side = 1.0 if towards[0] >= 0 else -1.0
    turn = np.radians(30.0)
    # off the line of the probes, so that they do not point at the observer, and away from the lateral view
    oblique = min((azimuth + turn, azimuth - turn), key=lambda angle: abs(np.cos(angle)))
    lateral = 0.0 if side > 0 else np.pi
    return {
        "oblique": _from_angles(oblique, np.radians(24.0)),
        "lateral": _from_angles(lateral, np.radians(8.0)),
    }


def _from_angles(azimuth: float, elevation: float) -> np.ndarray:
    return np.array([np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)])


def margin_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """Coverage and margin: numbers, the coloured surface and its map."""
    words, numbers, goals = say.words, say.numbers, inputs.case.goals
    margin = inputs.assessment.margin
    where = say.whereabouts(margin.where_minimum)
    blocks: list[Block] = [_margin_numbers(inputs, say)]
    figures = []
    for key, text in (("margin_surface", "margin.surface"), ("margin_map", "margin.map")):
        alt = words(
            "margin.alt",
            caption=words(text),
            minimum=numbers.distance(margin.minimum_mm),
            where=where,
            percentile=numbers.distance(margin.percentile_5_mm),
            mean=numbers.distance(margin.mean_mm),
        )
        figures.append(Figure(key=key, caption=words(text), alt=alt))
    blocks.append(FigureRow(figures=tuple(figures)))
    position = numbers.position(margin.where_minimum_mm)
    blocks.append(Paragraph(text=words("margin.position", position=position, where=where)))
    known = np.isfinite(margin.margin_mm)
    uncovered = float(margin.area_weight[~known | (margin.margin_mm <= 0)].sum())
    short = float(margin.area_weight[~known | (margin.margin_mm < goals.margin_mm)].sum())
    blocks.append(
        Paragraph(text=words("margin.below_zero", share=_share_up(uncovered, say), below=_share_up(short, say)))
    )
    grid = plus_minus("margin:minimum", inputs, say) or numbers.with_unit(voxel_mm(inputs) / 2, "mm", 2)
    explain = words("margin.explain", error=numbers.decimal(expected_error_mm()), grid=grid)
    blocks.append(Paragraph(text=explain, tone="muted"))
    return Section(key="margin", title=words("section.margin"), blocks=tuple(blocks))


def _share_up(fraction: float, say: Phrasing) -> str:
    """A bad share, rounded up to a whole percent."""
    return say.numbers.percent(np.ceil(fraction * 100.0 - 1e-6) / 100.0)


def _margin_numbers(inputs: DossierInputs, say: Phrasing) -> KeyNumbers:
    words, numbers, goals = say.words, say.numbers, inputs.case.goals
    assessment = inputs.assessment
    lethal = say.threshold(goals.lethal_temp_c)
    grown = f"{numbers.plain(goals.margin_mm)}\u00a0mm"
    entries = (
        (
            "coverage",
            "coverage",
            numbers.percent(assessment.coverage),
            words("margin.coverage_note", lethal=lethal, held=say.held(goals)),
        ),
        (
            "coverage_margin",
            "coverage_with_margin",
            numbers.percent(assessment.coverage_with_margin),
            words("margin.coverage_margin_note", margin=grown),
        ),
        (
            "minimum",
            "margin:minimum",
            numbers.distance(assessment.margin.minimum_mm),
            words("margin.minimum_note", where=say.whereabouts(assessment.margin.where_minimum)),
        ),
        (
            "percentile",
            "margin:percentile_5",
            numbers.distance(assessment.margin.percentile_5_mm),
            words("margin.percentile_note"),
        ),
        ("mean", "margin:mean", numbers.distance(assessment.margin.mean_mm), words("margin.mean_note")),
    )
    return KeyNumbers(
        numbers=tuple(
            KeyNumber(label=words(f"margin.{key}"), value=value, note=with_note(note, figure, inputs, say))
            for key, figure, value, note in entries
        )
    )


def curves_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """Volume below temperature, frozen share over time, temperatures over time."""
    alts = {
        "below": _below_numbers(inputs, say),
        "fraction": _fraction_alt(inputs, say),
        "temperature": _temperature_numbers(inputs, say),
    }
    rows: list[Block] = []
    for key in ("below", "fraction", "temperature"):
        caption = say.words(f"curves.{key}")
        alt = say.words(f"curves.alt_{key}", caption=caption, **alts[key])
        rows.append(FigureRow(figures=(Figure(key=f"curve_{key}", caption=caption, alt=alt),)))
    return Section(key="curves", title=say.words("section.curves"), blocks=tuple(rows), starts_page=True)


def _below_numbers(inputs: DossierInputs, say: Phrasing) -> dict[str, str]:
    levels = (0.0, inputs.case.goals.lethal_temp_c)
    items = [
        say.words(
            "curves.alt_below_item",
            structure=capitalised(say.structure(curve.structure)),
            share=say.numbers.percent(float(np.interp(level, curve.temp_c, curve.fraction))),
            level=say.threshold(level),
        )
        for curve in inputs.assessment.curves
        for level in levels
    ]
    return {"numbers": " ".join(items)}


def _fraction_alt(inputs: DossierInputs, say: Phrasing) -> dict[str, str]:
    lethal = inputs.case.goals.lethal_temp_c
    below = inputs.run.history.structure_fraction_below.get(TUMOUR, {})
    return {
        "frozen": say.numbers.percent(_largest(below.get(0.0, ()))),
        "killed": say.numbers.percent(_largest(below.get(lethal, ()))),
        "lethal": say.threshold(lethal),
    }


def _temperature_numbers(inputs: DossierInputs, say: Phrasing) -> dict[str, str]:
    history = inputs.run.history
    organs = tuple(organ.structure for organ in inputs.case.organs_at_risk)
    items = [
        say.words(
            "curves.alt_temperature_item", name=capitalised(say.point(name, organs)), coldest=_coldest(series, say)
        )
        for name, series in history.point_temp_c.items()
    ]
    items += [
        say.words(
            "curves.alt_temperature_item",
            name=capitalised(say.words("figure.probe_surface", probe=label)),
            coldest=_coldest(series, say),
        )
        for label, series in history.probe_surface_c.items()
    ]
    return {"numbers": " ".join(items)}


def _coldest(series: Sequence[float] | np.ndarray, say: Phrasing) -> str:
    known = [value for value in series if np.isfinite(value)]
    return say.numbers.temperature(min(known, default=float("nan")))


def _largest(series: Sequence[float] | np.ndarray) -> float:
    return max((float(value) for value in series), default=float("nan"))
