"""Discretisation errors in words: the ± beside a figure, what it is and is not, the table of the ice-ball."""

from __future__ import annotations

import math

from givre.assessment.discretisation import DiscretisationError
from givre.assessment.figures import FigureKey
from givre.assessment.result import Assessment, Verdict
from givre.case.goals import OrganAtRisk
from givre.dossier.content import Cell, Column, Paragraph, Section, Table
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing, is_bound

_FIGURES = {"coverage": "coverage", "margin": "margin:minimum"}
_TENTH = 0.1
"""To which lengths in the table of the ice-ball are given [mm]."""

_SIZES = {
    "radius": "equivalent_radius_mm",
    "along": "along_mm",
    "widest": "widest_mm",
    "narrowest": "narrowest_mm",
}


def plus_minus(key: FigureKey, inputs: DossierInputs, say: Phrasing, *, step: float | None = None) -> str:
    """The ± of a figure, empty where there is none; `step` to which it is rounded, if not the usual one."""
    bar = inputs.error.bars.get(key) if inputs.error is not None else None
    return "" if bar is None else say.numbers.plus_minus(bar.value, bar.half_width, bar.unit, step=step)


def with_bar(text: str, key: FigureKey, inputs: DossierInputs, say: Phrasing) -> str:
    """A figure in words, and its ± if it has one."""
    bar = plus_minus(key, inputs, say)
    return f"{text} {bar}" if bar and text != say.numbers.missing else text


def with_note(note: str, key: FigureKey, inputs: DossierInputs, say: Phrasing) -> str:
    """The note under a figure, and the ± of that figure if it has one."""
    bar = plus_minus(key, inputs, say)
    return say.words("error.note", note=note, error=bar) if bar else note


def judged_figure(verdict: Verdict, assessment: Assessment) -> FigureKey:
    """The figure a verdict judges; empty when it judges a bound or something without error bar."""
    family, _, structure = verdict.goal.partition(":")
    if family == "organ":
        return "" if is_bound(verdict, assessment) else f"organ:{structure}:coldest"
    return _FIGURES.get(family, "")


def found_with_bar(verdict: Verdict, inputs: DossierInputs, say: Phrasing) -> str:
    """The figure a verdict found, with its ± where it has one."""
    found, _ = say.found_and_wanted(verdict, inputs)
    key = judged_figure(verdict, inputs.assessment)
    return with_bar(found, key, inputs, say) if key else found


def undecided(
    assessment: Assessment, error: DiscretisationError, organs_at_risk: tuple[OrganAtRisk, ...]
) -> list[Verdict]:
    """Verdicts that could turn within the discretisation error of their figure: at a limit, or at an alarm."""
    limits = {verdict.goal: {verdict.limit} for verdict in assessment.verdicts}
    for organ in organs_at_risk:
        limits.setdefault(f"organ:{organ.structure}", set()).add(organ.alarm_temp_c)
    return [
        verdict
        for verdict in assessment.verdicts
        if verdict.status != "unknown"
        and any(
            abs(verdict.value - limit) < error.half_width(judged_figure(verdict, assessment))
            for limit in limits[verdict.goal]
        )
    ]


def error_paragraph(inputs: DossierInputs, say: Phrasing) -> list[Paragraph]:
    """One line that says what ± is and is not, or why there is none; then the verdicts it leaves open."""
    error, words, numbers = inputs.error, say.words, say.numbers
    if error is None or not error.is_known:
        why = words(f"error.why_{error.why_not if error is not None else 'not_wanted'}")
        return [Paragraph(text=words("error.none", why=why), tone="warning")]
    lattices = words("error.and").join(f"{numbers.plain(round(voxel, 3))}\u00a0mm" for voxel in error.voxels_mm)
    found = [Paragraph(text=words("error.what", lattices=lattices, edge=edge_text(error, say)), tone="muted")]
    turning = [
        say.goal(verdict, inputs.case) for verdict in undecided(inputs.assessment, error, inputs.case.organs_at_risk)
    ]
    if turning:
        goals = words("summary.list").join(turning)
        found.append(Paragraph(text=words("error.undecided", goals=goals), tone="warning"))
    return found


def edge_text(error: DiscretisationError, say: Phrasing) -> str:
    """How far any front of cold may be off, rounded up to a tenth of a millimetre."""
    return say.numbers.with_unit(math.ceil(error.edge_mm * 10 - 1e-6) / 10, "mm", 1)


def ice_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """How large the ice-ball and the cold inside it are."""
    return Section(key="ice", title=say.words("section.ice"), blocks=(ice_table(inputs, say),))


def ice_table(inputs: DossierInputs, say: Phrasing) -> Table:
    """Volumes inside the isotherms and the size of the ice-ball, each with its ±."""
    words, numbers = say.words, say.numbers
    rows = [
        (words("error.row_volume", level=say.threshold(level)), numbers.volume(volume_ml), f"volume:{level:g}")
        for level, volume_ml in sorted(inputs.assessment.isotherm_ml.items(), reverse=True)
    ]
    if inputs.size is not None:
        rows += [
            (words(f"error.row_{key}"), numbers.with_unit(getattr(inputs.size, name), "mm", 1), f"ice:{key}")
            for key, name in _SIZES.items()
        ]
    columns = (
        Column(title=words("error.column_figure"), share=4.0),
        Column(title=words("error.column_value"), align="right", share=1.2),
        Column(title=words("error.column_error"), align="right", share=1.2),
    )
    return Table(
        key="ice",
        caption=words("error.ice_caption"),
        columns=columns,
        rows=tuple(
            (Cell(text=what), Cell(text=value), Cell(text=plus_minus(key, inputs, say, step=_TENTH) or "–"))
            for what, value, key in rows
        ),
    )
