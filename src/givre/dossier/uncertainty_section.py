"""The page of an uncertain plan: chances, quantiles, the map of chances, and what was varied."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from givre.case.description import TUMOUR
from givre.dossier.content import (
    Banner,
    Block,
    Bullets,
    Cell,
    Column,
    Figure,
    FigureRow,
    KeyNumber,
    KeyNumbers,
    Paragraph,
    Section,
    Table,
)
from givre.dossier.honesty import UsedValue, shown_unit, value_tables
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import capitalised
from givre.dossier.planner_phrasing import PlannerPhrasing
from givre.dossier.summary import SYMBOLS, voxel_mm
from givre.dossier.uncertain_plan import UncertainPlan
from givre.dossier.views import ViewPlane, planning_views
from givre.geometry.resampling import sample_at
from givre.planning.uncertainty.probability import ORGAN, GoalChance
from givre.planning.uncertainty.spread import Factor

CHANCES = (0.5, 0.9, 0.95)
"""Chances whose lines are drawn."""

MAP_VIEWS = ("axial", "coronal", "sagittal", "along")
"""Planes of the map, by their key among the planning views."""

_ALT_PIXELS = 200
_MEDIAN = 0.5
_TOLD_FIGURES = ("coverage", "coverage_with_margin", "margin_mm")
_GROUPS = {"threshold": ("lethal_temp_c",), "probes": ("surface_temp_c",), "placement": ("_mm", "_deg")}
_OF_ITSELF = ("lesion", "goal")
"""Groups whose name says already of what their values are."""


def uncertainty_section(found: UncertainPlan, inputs: DossierInputs, say: PlannerPhrasing) -> Section:
    """Everything told of how the plan comes out."""
    words = say.words
    varied = words("text.comma").join(words(f"unsure.{key}") for key in _varied(found.factors))
    intro = words(
        "unsure.intro",
        samples=say.general.numbers.decimal(found.samples),
        voxel=say.length(found.voxel_mm),
        varied=varied,
    )
    blocks: list[Block] = [*_banners(found, say), Paragraph(text=intro), _key_numbers(found, say)]
    blocks += [_chance_table(found, say), _quantile_table(found, inputs, say)]
    blocks += [Paragraph(text=_map_intro(found, inputs, say)), *map_figures(found, inputs, say)]
    blocks.append(_meaning(found, inputs, say))
    values = [_used(factor, say) for factor in _together(found.factors)]
    if any(value.status != "verified" for value in values):
        blocks.append(Paragraph(text=words("unsure.inputs_unverified"), tone="muted"))
    if values:
        blocks += value_tables("varied", words("unsure.inputs_caption"), values, say.general)
    return Section(key="uncertainty", title=words("section.uncertainty"), blocks=tuple(blocks), starts_page=True)


def map_views(inputs: DossierInputs) -> tuple[ViewPlane, ...]:
    """The planes of the map; they lie as those of the planning pictures."""
    return tuple(view for view in planning_views(inputs) if view.key in MAP_VIEWS)


def map_key(view: ViewPlane) -> str:
    """Name of the picture of one plane of the map."""
    return f"chance_{view.key}"


def map_figures(found: UncertainPlan, inputs: DossierInputs, say: PlannerPhrasing) -> list[Block]:
    """The planes of the map, two side by side."""
    figures = [_map_figure(view, found, say) for view in map_views(inputs)]
    return [FigureRow(figures=tuple(figures[first : first + 2])) for first in range(0, len(figures), 2)]


def _map_figure(view: ViewPlane, found: UncertainPlan, say: PlannerPhrasing) -> Figure:
    axis = {"axial": 2, "coronal": 1, "sagittal": 0}.get(view.key)
    at_mm = math.nan if axis is None else float(view.centre_mm[axis])
    position = say.general.numbers.with_unit(at_mm, "mm", 1)
    caption = say.words(f"unsure.map_{view.key}", position=position, probe=view.probe)
    left, right, top, bottom = view.letters()
    alt = say.words(
        "unsure.map_alt",
        caption=caption,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        width=say.general.numbers.with_unit(2 * view.half_width_mm, "mm"),
        areas=" ".join(_area(view, level, found, say) for level in CHANCES),
    )
    return Figure(key=map_key(view), caption=caption, alt=alt)


def _area(view: ViewPlane, level: float, found: UncertainPlan, say: PlannerPhrasing) -> str:
    inside = sample_at(found.lethal_probability, view.pixels_mm(_ALT_PIXELS)) >= level
    area_cm2 = float(inside.sum()) * (2 * view.half_width_mm / _ALT_PIXELS) ** 2 / 100.0
    if area_cm2 == 0.0:
        return say.words("unsure.map_alt_none", level=say.level(level))
    area = say.general.numbers.decimal(area_cm2, 1)
    return say.words("unsure.map_alt_area", level=say.level(level), area=area)


def tumour_shares(found: UncertainPlan, inputs: DossierInputs) -> dict[float, float]:
    """Share of the tumour volume whose chance is at least each of `CHANCES`; outside the map there is none."""
    tumour = inputs.masks[TUMOUR]
    points_mm = tumour.grid.index_to_lps(np.argwhere(tumour.inside))
    chance = np.nan_to_num(sample_at(found.lethal_probability, points_mm), nan=0.0)
    return {level: float((chance >= level - 1e-6).mean()) for level in CHANCES}


def _map_intro(found: UncertainPlan, inputs: DossierInputs, say: PlannerPhrasing) -> str:
    shares = tumour_shares(found, inputs)
    half, ninety, most = (say.figure(shares[level], "1") for level in CHANCES)
    step = say.level(float(f"{1.0 / found.samples:.2g}"))
    return say.words("unsure.map_intro", half=half, ninety=ninety, most=most, step=step)


def _banners(found: UncertainPlan, say: PlannerPhrasing) -> list[Block]:
    words, blocks = say.words, list[Block]()
    if found.planned_failure:
        title = f"{SYMBOLS['not_met']} {words('unsure.planned_failed_title')}"
        blocks.append(Banner(title=title, text=words("unsure.planned_failed"), tone="not_met"))
    if found.failed:
        title = words("unsure.failed_title", failed=found.failed, samples=found.samples)
        blocks.append(Banner(title=f"{SYMBOLS['warning']} {title}", text=words("unsure.failed_text"), tone="warning"))
    return blocks


def _key_numbers(found: UncertainPlan, say: PlannerPhrasing) -> KeyNumbers:
    words, margin, every = say.words, found.figures["margin_mm"], found.goals[-1]
    low, median, high = (say.figure(margin.quantiles[level], "mm") for level in (0.05, _MEDIAN, 0.95))
    note = words(
        "unsure.all_note",
        samples=say.general.numbers.decimal(found.samples),
        confidence=say.level(found.confidence),
        interval=_interval(every, say),
    )
    return KeyNumbers(
        numbers=(
            KeyNumber(label=words("unsure.all_label"), value=say.figure(every.probability, "1"), note=note),
            KeyNumber(
                label=words("unsure.margin_label"),
                value=words("unsure.from_to", low=low, high=high),
                note=words("unsure.margin_note", median=median),
            ),
            KeyNumber(
                label=words("unsure.failed_label"),
                value=say.general.numbers.decimal(found.failed),
                note=words("unsure.failed_note", samples=say.general.numbers.decimal(found.samples)),
            ),
        )
    )


def _interval(chance: GoalChance, say: PlannerPhrasing) -> str:
    low, high = chance.interval
    return say.words("unsure.from_to", low=say.figure(low, "1"), high=say.up(high))


def _chance_table(found: UncertainPlan, say: PlannerPhrasing) -> Table:
    words = say.words
    layout = {"goal": 2.4, "wanted": 1.0, "planned": 1.2, "chance": 0.9, "interval": 1.4}
    columns = tuple(
        Column(title=words(f"unsure.column_{key}"), align="left" if key == "goal" else "right", share=share)
        for key, share in layout.items()
    )
    caption = words("unsure.chances_caption", confidence=say.level(found.confidence))
    rows = tuple(_chance_row(chance, say) for chance in found.goals)
    return Table(key="chances", caption=caption, columns=columns, rows=rows)


def _chance_row(chance: GoalChance, say: PlannerPhrasing) -> tuple[Cell, ...]:
    words = say.words
    wanted = ""
    if math.isfinite(chance.wanted):
        shown = say.level(chance.wanted) if chance.unit == "1" else say.length(chance.wanted)
        shown = say.general.threshold(chance.wanted) if chance.unit == "C" else shown
        wanted = words("text.above" if chance.goal.startswith(ORGAN) else "text.or_more", value=shown)
    met = "met" if chance.planned else "not_met"
    planned = f"{SYMBOLS[met]} {words('text.yes' if chance.planned else 'text.no')}"
    return (
        Cell(text=say.unsure.goal(chance.goal)),
        Cell(text=wanted),
        Cell(text=planned, tone="met" if chance.planned else "not_met"),
        Cell(text=say.figure(chance.probability, "1")),
        Cell(text=_interval(chance, say)),
    )


def _quantile_table(found: UncertainPlan, inputs: DossierInputs, say: PlannerPhrasing) -> Table:
    words = say.words
    organs = tuple(f"{ORGAN}{organ.structure}" for organ in inputs.case.organs_at_risk)
    names = [name for name in (*_TOLD_FIGURES, *organs) if name in found.figures]
    levels = tuple(found.figures[names[0]].quantiles)
    titles = [
        words("unsure.column_median") if level == _MEDIAN else words("unsure.column_quantile", percent=say.level(level))
        for level in levels
    ]
    columns = (
        Column(title=words("unsure.column_figure"), share=2.6),
        Column(title=words("unsure.column_as_planned"), align="right", share=1.1),
        *(Column(title=title, align="right") for title in titles),
    )
    rows = tuple(
        (
            Cell(text=say.unsure.figure(name)),
            Cell(text=say.figure(figure.planned, figure.unit)),
            *(Cell(text=say.figure(figure.quantiles[level], figure.unit)) for level in levels),
        )
        for name, figure in ((name, found.figures[name]) for name in names)
    )
    return Table(key="quantiles", caption=words("unsure.quantiles_caption"), columns=columns, rows=rows)


def _meaning(found: UncertainPlan, inputs: DossierInputs, say: PlannerPhrasing) -> Bullets:
    words, own_mm = say.words, voxel_mm(inputs)
    keys = ["means", "not", "interval", *(["grid"] if abs(own_mm - found.voxel_mm) > 1e-6 else [])]
    values = {
        "samples": say.general.numbers.decimal(found.samples),
        "voxel": say.length(found.voxel_mm),
        "own": say.length(own_mm),
    }
    return Bullets(items=tuple((words(f"unsure.{key}_lead"), words(f"unsure.{key}", **values)) for key in keys))


def _varied(factors: tuple[Factor, ...]) -> list[str]:
    """Kinds of input that were varied, each once."""
    return list(dict.fromkeys(_kind(factor) for factor in factors))


def _kind(factor: Factor) -> str:
    return next((kind for kind, ends in _GROUPS.items() if factor.what.endswith(ends)), "tissues")


def _together(factors: tuple[Factor, ...]) -> list[Factor]:
    """The same input of several probes as one, where its law is the same."""
    groups: dict[tuple[object, ...], list[Factor]] = {}
    for factor in factors:
        apart = "" if _kind(factor) == "placement" else factor.group
        groups.setdefault((factor.what, factor.law, factor.source, factor.status, apart), []).append(factor)
    return [replace(same[0], group=", ".join(factor.group for factor in same)) for same in groups.values()]


def _used(factor: Factor, say: PlannerPhrasing) -> UsedValue:
    what = say.unsure.factor(factor)
    is_plain = _kind(factor) != "tissues" or factor.group in _OF_ITSELF or factor.shown_for == factor.group
    if not is_plain:
        what = say.words("unsure.shown_for", what=what, thing=say.general.tissue(factor.shown_for))
    unit = say.unsure.unit(factor.law.unit) if factor.law.unit == "deg" else shown_unit(factor.law.unit)
    spaced = unit if unit == "°" else f"\u00a0{unit}"
    return UsedValue(
        what=capitalised(what),
        value=f"{_short(factor.law.value, say)}{spaced}",
        low=_short(factor.law.low, say),
        high=_short(factor.law.high, say),
        status=factor.status,
        source=factor.source,
    )


def _short(value: float, say: PlannerPhrasing) -> str:
    """A number of a table to three digits: a spread is not known better."""
    return say.general.numbers.plain(float(f"{value:.3g}"))
