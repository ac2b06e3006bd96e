"""One card as a section of the page: problem, reference, figure, ladders, bands, where it lies."""

from __future__ import annotations

import math

from givre.verification.result import CardResult, Check, LadderResult, Rung

_STANDINGS = {
    "read": "read in its source",
    "textbook": "closed form of the textbooks",
    "recalled": "recalled from the literature, not read again",
    "derived": "derived here",
    "own": "our own code, run otherwise",
}


def standing_of(word: str) -> str:
    """How a reference was obtained, in words."""
    return _STANDINGS.get(word, word)


def figure_text(value: float) -> str:
    """Four digits, a true minus, words for what is not a number."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    return f"{value:.4g}".replace("-", "−")


def with_unit(value: float, unit: str) -> str:
    """A figure with its unit; none when there is no figure."""
    return f"{figure_text(value)} {unit}".strip() if math.isfinite(value) else figure_text(value)


def card_section(card: CardResult) -> str:
    """The section, headed by the id of the card."""
    verdict = "pass" if card.passed else "FAIL"
    parts = [
        f"### {card.id} {card.title}: {verdict} {{ #{card.id.lower()} }}",
        f"**Problem.** {card.problem}",
        f"**Reference.** {card.reference} ({standing_of(card.standing)}).",
        f"![Errors of {card.id} against what is refined](figures/{card.id}.svg)",
        *(_ladder(ladder) for ladder in card.ladders),
        *(f"*{note}*" for note in card.notes),
        f"`{card.source}`, part of it in `{card.test}`; [{card.id}.csv]({card.id}.csv); {card.wall_s:.1f} s.",
    ]
    return "\n\n".join(parts)


def _ladder(ladder: LadderResult) -> str:
    cases = not ladder.refined
    head = "case" if cases else f"{ladder.refined} ({ladder.refined_unit})"
    lines = [f"**{ladder.name[:1].upper()}{ladder.name[1:]}** [{ladder.unit}]", ""]
    lines += [
        f"| {head} | voxel (mm) | longest step (s) | n | worst | 95 % below | mean | bias | time (s) |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_row(rung, cases=cases) for rung in ladder.rungs),
        "",
    ]
    if math.isfinite(ladder.order):
        lines.append(f"Observed order {ladder.order:.2f} over {ladder.order_over} levels ({ladder.norm} error). ")
    if ladder.order_remark:
        lines.append(f"{ladder.order_remark[:1].upper()}{ladder.order_remark[1:]}. ")
    if ladder.note:
        lines.append(ladder.note)
    lines += ["", *(_check(check) for check in ladder.checks)]
    shown = [rung for rung in ladder.rungs if rung.points]
    if shown:
        lines += ["", *_every_point(shown, ladder)]
    return "\n".join(lines)


def _row(rung: Rung, *, cases: bool) -> str:
    name = rung.name if cases and rung.name else f"{rung.level:g}"
    if rung.refusal:
        return f"| {name} | | | 0 | **refused** | | | | {rung.wall_s:.1f} |"
    remark = f"<br>{rung.remark}" if rung.remark else ""
    cells = [figure_text(value) for value in (rung.worst, rung.p95, rung.mean, rung.bias)]
    return (
        f"| {name}{remark} | {_maybe(rung.spacing_mm)} | {_maybe(rung.step_s)} | {rung.n} | {' | '.join(cells)} | "
        f"{rung.wall_s:.1f} |"
    )


def _maybe(value: float) -> str:
    return f"{value:g}" if math.isfinite(value) else ""


def _check(check: Check) -> str:
    found = with_unit(check.found, check.unit)
    return f"- {'pass' if check.passed else '**FAIL**'}: {check.asked}; found {found} ({check.source})"


def _every_point(rungs: list[Rung], ladder: LadderResult) -> list[str]:
    """Every compared value, folded away."""
    lines = [f'??? note "Every point of {ladder.name}"', ""]
    lines += [
        f"    | level | point | found | expected | error [{ladder.unit}] | uncertainty |",
        "    |---|---|---|---|---|---|",
    ]
    for rung in rungs:
        level = rung.name or f"{rung.level:g} {ladder.refined_unit}".strip()
        lines += [
            f"    | {level} | {point.label} | {figure_text(point.found)} | {figure_text(point.expected)} | "
            f"{figure_text(point.error)} | "
            f"{'' if math.isnan(point.uncertainty) else '± ' + figure_text(point.uncertainty)} |"
            for point in rung.points
        ]
    return lines
