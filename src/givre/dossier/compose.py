"""Compose the dossier of one simulated plan in French or in English."""

from __future__ import annotations

from dataclasses import replace

from givre.dossier.content import Dossier, Section
from givre.dossier.error_bars import ice_section
from givre.dossier.honesty import glossary_section, limits_section, provenance_section, unverified_section
from givre.dossier.inputs import DossierInputs, Lang
from givre.dossier.phrasing import phrasing
from givre.dossier.pictures import curves_section, margin_section, planning_section, scene_section
from givre.dossier.planner_phrasing import planner_phrasing
from givre.dossier.ranked_section import ranked_section
from givre.dossier.sensitivity_section import sensitivity_section
from givre.dossier.summary import discussion_section, question_section, summary_section
from givre.dossier.tables import organs_section, probes_section
from givre.dossier.uncertainty_section import uncertainty_section

_FURNITURE = ("page", "of", "contents", "case", "date", "synthetic", "for_whom")


def compose_dossier(inputs: DossierInputs, *, lang: Lang) -> Dossier:
    """Everything the dossier says, in reading order, every number already in words.

    The same inputs give equal dossiers. The figures are named by key; a renderer draws them. The case is told in the
    words it has for the language.
    """
    inputs = replace(inputs, case=inputs.case.told_in(lang))
    say = phrasing(lang)
    before = (
        question_section,
        summary_section,
        discussion_section,
        ice_section,
        planning_section,
        scene_section,
        margin_section,
        curves_section,
        organs_section,
        probes_section,
    )
    after = (limits_section, unverified_section, provenance_section, glossary_section)
    sections = (
        *(write(inputs, say) for write in before),
        *_planner_sections(inputs, lang),
        *(write(inputs, say) for write in after),
    )
    labels = {key: say.words(f"doc.{key}") for key in _FURNITURE}
    return Dossier(
        lang=lang,
        title=say.words("doc.title"),
        subtitle=inputs.case.title,
        case_id=inputs.case.case_id,
        date=say.numbers.date(inputs.provenance.date),
        iso_date=inputs.provenance.date,
        notice=say.words("doc.notice"),
        sections=sections,
        labels={**labels, "synthetic": labels["synthetic"] if inputs.case.synthetic else ""},
    )


def _planner_sections(inputs: DossierInputs, lang: Lang) -> list[Section]:
    """What the planner found, as far as it was asked for."""
    say, sections = planner_phrasing(lang), list[Section]()
    if inputs.ranked is not None:
        sections.append(ranked_section(inputs.ranked, inputs, say))
    if inputs.uncertain is not None:
        sections.append(uncertainty_section(inputs.uncertain, inputs, say))
        sections.append(sensitivity_section(inputs.uncertain, say))
    return sections
