"""The first page: the question, the case, the verdicts and the few numbers to see first."""

from __future__ import annotations

import math
from collections import Counter

from givre.assessment.result import Verdict
from givre.dossier.content import (
    Banner,
    Block,
    Bullets,
    Definitions,
    KeyNumber,
    KeyNumbers,
    Paragraph,
    Section,
    Tone,
    VerdictBoard,
    VerdictLine,
)
from givre.dossier.error_bars import error_paragraph, found_with_bar, with_note
from givre.dossier.inputs import DossierInputs
from givre.dossier.phrasing import Phrasing, capitalised, coldest_face_c, published_accuracy, stands_for_outside

SYMBOLS: dict[str, str] = {"met": "✓", "warning": "!", "not_met": "✗", "unknown": "?"}
"""One sign for each verdict, told apart without colour."""


def question_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """Who and what: the synthetic banner, the question, the case and its goals."""
    case, words, numbers = inputs.case, say.words, say.numbers
    blocks: list[Block] = []
    if case.synthetic:
        text = words("case.synthetic_text", what=case.synthetic)
        blocks.append(Banner(title=words("doc.synthetic"), text=text, tone="warning"))
    models = Counter((probe.model_name, probe.calibrated) for probe in inputs.probes)
    probes = ", ".join(
        words("case.count_probes" if calibrated else "case.count_uncalibrated", count=count, model=model)
        for (model, calibrated), count in models.items()
    )
    terms = (
        (words("case.question"), case.question),
        (words("case.id"), case.case_id),
        (words("case.anatomy"), case.anatomy),
        (words("case.lesion"), words(f"lesion.{case.lesion_kind}")),
        (words("case.tumour_volume"), numbers.volume(inputs.assessment.tumour_ml)),
        (words("case.probes"), probes),
        (words("case.protocol"), protocol_text(inputs, say)),
        (words("case.goals"), _goals_text(inputs, say)),
    )
    blocks.append(Definitions(terms=terms))
    return Section(key="question", title=words("section.question"), blocks=tuple(blocks))


def protocol_text(inputs: DossierInputs, say: Phrasing) -> str:
    """The phases of the protocol in a row."""
    phases = (
        f"{say.words(f'probes.{phase.kind}')} {say.numbers.duration(phase.duration_s)}"
        for phase in inputs.case.protocol.phases
    )
    return ", ".join(phases)


def _goals_text(inputs: DossierInputs, say: Phrasing) -> str:
    goals, words, numbers = inputs.case.goals, say.words, say.numbers
    return words(
        "case.goals_text",
        coverage=numbers.percent(goals.coverage),
        lethal=say.threshold(goals.lethal_temp_c),
        held=say.held(goals),
        margin=f"{numbers.plain(goals.margin_mm)}\u00a0mm",
    )


def summary_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """The verdict in one look: a banner, the key numbers and one line per goal."""
    blocks: list[Block] = []
    if not inputs.run.status.is_usable:
        why = say.words(f"run.{inputs.run.status.ending}")
        blocks.append(
            Banner(
                title=f"{SYMBOLS['not_met']} {say.words('summary.run_bad_title')}",
                text=say.words("summary.run_bad", why=why),
                tone="not_met",
            )
        )
    blocks += [_verdict_banner(inputs, say), _key_numbers(inputs, say), verdict_board(inputs, say)]
    if inputs.run.status.is_usable:
        blocks += error_paragraph(inputs, say)
    blocks.append(Paragraph(text=_organs_sentence(inputs, say)))
    accuracy, decimal = published_accuracy(), say.numbers.plain
    uncertainty = say.words(
        "summary.uncertainty",
        low=decimal(accuracy.mean_low_mm),
        high=decimal(accuracy.mean_high_mm),
        worst=decimal(accuracy.worst_mm),
        voxel=f"{decimal(voxel_mm(inputs))}\u00a0mm",
    )
    blocks.append(Paragraph(text=uncertainty, tone="muted"))
    return Section(key="summary", title=say.words("section.summary"), blocks=tuple(blocks))


def voxel_mm(inputs: DossierInputs) -> float:
    """Largest edge of a simulation voxel."""
    return max(inputs.run.grid.spacing_mm)


def overall_tone(inputs: DossierInputs) -> Tone:
    """The worst of the verdicts; a run that cannot be used is a failure whatever they say."""
    statuses = {verdict.status for verdict in inputs.assessment.verdicts}
    if not inputs.run.status.is_usable or not statuses or not inputs.assessment.is_safe:
        return "not_met"
    return "warning" if "warning" in statuses else "met"


def _verdict_banner(inputs: DossierInputs, say: Phrasing) -> Banner:
    tone = overall_tone(inputs)
    key = {"met": "summary.safe_title", "warning": "summary.watch_title"}.get(tone, "summary.unsafe_title")
    assessment, words = inputs.assessment, say.words
    sentences = [
        words(
            "summary.sentence",
            probes=words.count("probe", len(inputs.probes)),
            protocol=inputs.case.protocol.name,
            coverage=say.numbers.percent(assessment.coverage),
            tumour=say.numbers.volume(assessment.tumour_ml),
            lethal=say.threshold(inputs.case.goals.lethal_temp_c),
            held=say.held(inputs.case.goals),
            margin=say.numbers.distance(assessment.margin.minimum_mm),
            where=say.whereabouts(assessment.margin.where_minimum),
            ice=say.numbers.volume(assessment.ice_ball_ml),
        )
    ]
    failed = [_inside_sentence(say.goal(verdict, inputs.case)) for verdict in assessment.verdicts if verdict.is_failure]
    watched = [
        _inside_sentence(say.goal(verdict, inputs.case))
        for verdict in assessment.verdicts
        if verdict.status == "warning"
    ]
    if failed:
        sentences.append(words("summary.sentence_failed", failed=words("summary.list").join(failed)))
    if watched:
        sentences.append(words("summary.sentence_watch", watched=words("summary.list").join(watched)))
    if any(verdict.status == "unknown" for verdict in assessment.verdicts):
        sentences.append(words("summary.sentence_unknown"))
    return Banner(title=f"{SYMBOLS[tone]} {words(key)}", text=" ".join(sentences), tone=tone)


def _inside_sentence(text: str) -> str:
    return text[:1].lower() + text[1:]


def _key_numbers(inputs: DossierInputs, say: Phrasing) -> KeyNumbers:
    assessment, goals, words, numbers = inputs.assessment, inputs.case.goals, say.words, say.numbers
    lethal = say.threshold(goals.lethal_temp_c)
    by_goal = {verdict.goal: verdict for verdict in assessment.verdicts}
    coverage, margin = by_goal.get("coverage"), by_goal.get("margin")
    return KeyNumbers(
        numbers=(
            KeyNumber(
                label=words("summary.key_coverage"),
                value=_found(coverage, inputs, say) or numbers.percent(assessment.coverage),
                note=with_note(
                    words("summary.key_coverage_note", wanted=f"≥\u00a0{numbers.percent(goals.coverage)}"),
                    "coverage",
                    inputs,
                    say,
                ),
            ),
            KeyNumber(
                label=words("summary.key_margin"),
                value=_found(margin, inputs, say) or numbers.distance(assessment.margin.minimum_mm),
                note=with_note(
                    words(
                        "summary.key_margin_note",
                        wanted=f"≥\u00a0{numbers.plain(goals.margin_mm)}\u00a0mm",
                        error=numbers.decimal(expected_error_mm()),
                    ),
                    "margin:minimum",
                    inputs,
                    say,
                ),
            ),
            KeyNumber(
                label=words("summary.key_lethal"),
                value=numbers.volume(assessment.lethal_ml),
                note=with_note(
                    words("summary.key_lethal_note", lethal=lethal, held=say.held(goals)), "lethal", inputs, say
                ),
            ),
            KeyNumber(
                label=words("summary.key_ice"),
                value=numbers.volume(assessment.ice_ball_ml),
                note=with_note(words("summary.key_ice_note"), "volume:0", inputs, say),
            ),
        )
    )


def expected_error_mm() -> float:
    """Distance to give beside a simulated distance, whole millimetres."""
    return float(math.ceil(published_accuracy().mean_high_mm - 0.5))


def _found(verdict: Verdict | None, inputs: DossierInputs, say: Phrasing) -> str:
    return say.found_and_wanted(verdict, inputs)[0] if verdict else ""


def verdict_board(inputs: DossierInputs, say: Phrasing) -> VerdictBoard:
    """One line for each verdict."""
    words = say.words
    lines = []
    for verdict in inputs.assessment.verdicts:
        _, wanted = say.found_and_wanted(verdict, inputs)
        lines.append(
            VerdictLine(
                symbol=SYMBOLS[verdict.status],
                status=words(f"verdict.{verdict.status}"),
                goal=say.goal(verdict, inputs.case),
                found=found_with_bar(verdict, inputs, say),
                wanted=wanted,
                tone=verdict.status,
            )
        )
    titles = (
        words("verdict.column_goal"),
        words("verdict.column_found"),
        words("verdict.column_wanted"),
        words("verdict.column_verdict"),
    )
    return VerdictBoard(titles=titles, lines=tuple(lines))


def _organs_sentence(inputs: DossierInputs, say: Phrasing) -> str:
    exposures = inputs.assessment.exposures
    if not exposures:
        return say.words("summary.organ_none")
    simulated = [exposure for exposure in exposures if math.isfinite(exposure.coldest_c)]
    outside = [exposure for exposure in exposures if exposure not in simulated and stands_for_outside(exposure)]
    sentences = []
    if simulated:
        coldest = min(simulated, key=lambda exposure: exposure.coldest_c)
        closest = say.words(
            "summary.organ_closest",
            organ=say.structure(coldest.organ.structure),
            temp=say.numbers.temperature(coldest.coldest_c),
            limit=say.threshold(coldest.organ.limit_temp_c),
        )
        sentences.append(closest)
    if outside:
        organs = ", ".join(say.structure(exposure.organ.structure) for exposure in outside)
        face = say.numbers.temperature(coldest_face_c(inputs.run))
        sentences.append(say.words("organs.outside", organs=organs, face=face))
    return " ".join(sentences) or say.words("organs.unknown")


def discussion_section(inputs: DossierInputs, say: Phrasing) -> Section:
    """What the verdicts ask the meeting, and what this dossier does not weigh."""
    words = say.words
    verdicts = inputs.assessment.verdicts
    asked = [verdict for verdict in verdicts if verdict.status in ("warning", "not_met")]
    items = [_question_of(verdict, inputs, say) for verdict in asked]
    unknown = [_inside_sentence(say.goal(verdict, inputs.case)) for verdict in verdicts if verdict.status == "unknown"]
    if unknown:
        goals = capitalised(words("summary.list").join(unknown))
        items.append((words("discussion.unknown_lead"), words("discussion.unknown", goals=goals)))
    items += [
        (words(f"discussion.{topic}_lead"), words(f"discussion.{topic}")) for topic in ("alternatives", "strength")
    ]
    blocks: tuple[Block, ...] = (Paragraph(text=words("discussion.intro")), Bullets(items=tuple(items)))
    return Section(key="discussion", title=words("section.discussion"), blocks=blocks)


def _question_of(verdict: Verdict, inputs: DossierInputs, say: Phrasing) -> tuple[str, str]:
    words = say.words
    found, wanted = say.found_and_wanted(verdict, inputs)
    family, _, structure = verdict.goal.partition(":")
    if family == "run":
        return words("discussion.run_lead"), words("discussion.run")
    if family not in ("coverage", "margin", "organ"):
        return words("discussion.unknown_lead"), words("discussion.unknown", goals=say.goal(verdict, inputs.case))
    wanted = wanted.lstrip(">≥\u00a0")
    if family == "organ":
        lead = words("discussion.organ_lead", organ=capitalised(say.structure(structure)))
    else:
        lead = words(f"discussion.{family}_lead")
    where = say.whereabouts(inputs.assessment.margin.where_minimum)
    return lead, words(f"discussion.{family}", found=found, wanted=wanted, where=where)
