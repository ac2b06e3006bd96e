"""The verification page as Markdown: hand-written prose from `template.md`, every number from the verification."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from importlib.resources import files

from givre.adapters.verification.card_section import card_section, figure_text, standing_of, with_unit
from givre.adapters.verification.contexts import contexts_table
from givre.adapters.verification.origin import Origin
from givre.usecases.verify import StudyResult, Verification
from givre.verification.result import CardResult, Check, LadderResult

PLANNED = tuple(f"V{number:02d}" for number in range(1, 19))
CROSSCODE, MEASURED = "V17", "V18"
_SLOT = re.compile(r"^<!-- slot: ([a-z]+) -->$", re.M)


def page(verification: Verification, origin: Origin) -> str:
    """The whole page."""
    template = files("givre.adapters.verification").joinpath("template.md").read_text(encoding="utf-8")
    slots: dict[str, Callable[[], str]] = {
        "verdict": lambda: _verdict(verification, origin),
        "contexts": lambda: contexts_table(verification),
        "summary": lambda: _summary(verification),
        "cards": lambda: "\n\n".join(card_section(card) for card in verification.cards),
        "studies": lambda: "\n\n".join(_study(study) for study in verification.studies) or "**None in this run.**",
        "crosscode": lambda: _elsewhere(verification, CROSSCODE),
        "validation": lambda: _elsewhere(verification, MEASURED),
        "performance": lambda: _performance(verification, origin),
        "defects": lambda: _defects(verification),
    }
    return _SLOT.sub(lambda slot: slots[slot[1]](), template)


def worst_of(cards: tuple[CardResult, ...]) -> tuple[CardResult, LadderResult, Check] | None:
    """The check that went farthest beyond its band, or came closest to it."""
    found = [(card, *tightest) for card in cards if (tightest := card.tightest()) is not None]
    return max(found, key=lambda item: share_of(item[2]), default=None)


def share_of(check: Check) -> float:
    """Found over limit; infinite for a figure that is not a number."""
    share = abs(check.found) / check.limit
    return share if math.isfinite(share) else math.inf


def _verdict(verification: Verification, origin: Origin) -> str:
    cards = verification.cards
    failed = [card.id for card in cards if not card.passed]
    worst = worst_of(cards)
    parts = []
    if worst is not None:
        card, ladder, check = worst
        parts.append(
            f"**Worst first.** {card.id}, {ladder.name}: {with_unit(check.found, check.unit)} where "
            f"{with_unit(check.limit, check.unit)} are allowed."
        )
    passed = len(cards) - len(failed)
    parts.append(f"{passed} of {len(cards)} cards pass" + (f"; **{', '.join(failed)} fail**." if failed else "."))
    missing = [name for name in PLANNED if name not in {card.id for card in cards}]
    if missing:
        parts.append(f"Not run or not written: {', '.join(missing)}.")
    parts.append(
        f"Made on {origin.made_on} with givre {origin.version} (sources {origin.sources_sha256[:12]}) in "
        f"{verification.wall_s / 60:.1f} minutes on {origin.processor}, {origin.threads} of {origin.cores} cores."
    )
    return "\n".join(parts)


def _summary(verification: Verification) -> str:
    lines = ["| card | verdict | | closest to its band | found | allowed | time (s) |", "|---|---|---|---|---|---|---|"]
    for card in verification.cards:
        tightest = card.tightest()
        ladder, found, allowed = "", "", ""
        if tightest is not None:
            ladder, unit = tightest[0].name, tightest[1].unit
            found, allowed = with_unit(tightest[1].found, unit), with_unit(tightest[1].limit, unit)
        elif card.ladders:
            orders = [(ladder_.order, ladder_.name) for ladder_ in card.ladders if math.isfinite(ladder_.order)]
            found, ladder = (f"order {min(orders)[0]:.2f}", min(orders)[1]) if orders else ("no order", "")
        verdict = "pass" if card.passed else "**FAIL**"
        lines.append(
            f"| [{card.id}](#{card.id.lower()}) | {verdict} | {card.title} | {ladder} | {found} | {allowed} | "
            f"{card.wall_s:.1f} |"
        )
    return "\n".join(lines)


def _study(study: StudyResult) -> str:
    grids = " | ".join(f"{level:g} mm" for level in study.levels)
    lines = [
        f"**{study.name.capitalize()}** ({sum(study.wall_s):.0f} s)",
        "",
        f"| figure | {grids} | endlessly fine | error bar of the finest | order |",
        "|---" * (len(study.levels) + 4) + "|",
    ]
    for row in study.rows:
        values = " | ".join(figure_text(value) for value in row.values)
        order = f"{row.outlook.order:.2f}" if math.isfinite(row.outlook.order) else "none"
        lines.append(
            f"| {row.quantity} [{row.unit}] | {values} | {figure_text(row.outlook.extrapolated)} | ± "
            f"{figure_text(row.outlook.error_bar)} | {order} |"
        )
    if study.refusal:
        lines += ["", f"Refused: {study.refusal}"]
    return "\n".join(lines)


def _elsewhere(verification: Verification, card_id: str) -> str:
    card = next((card for card in verification.cards if card.id == card_id), None)
    if card is None:
        return "**None yet.**"
    lines = [f"{card.problem} Held against: {card.reference} ({standing_of(card.standing)})."]
    lines += ["", f"Every figure is in [{card.id}](#{card.id.lower()}) above and in [{card.id}.csv]({card.id}.csv)."]
    return "\n".join(lines)


def _performance(verification: Verification, origin: Origin) -> str:
    rungs = [
        (rung.voxels * rung.steps / rung.wall_s / 1e6, card, ladder, rung)
        for card in verification.cards
        for ladder in card.ladders
        for rung in ladder.rungs
        if rung.voxels * rung.steps > 0 and rung.wall_s > 0.5
    ]
    whole = (
        f"{origin.processor}, {origin.threads} of {origin.cores} cores, {origin.memory_gib:g} GiB, {origin.system}; "
        f"{origin.libraries}. All levels of all cards together took {verification.wall_s:.0f} s. Reference speeds on "
        "named hardware are measured by `make bench`."
    )
    lines = [whole]
    if rungs:
        speed, card, ladder, rung = max(rungs, key=lambda item: item[3].voxels)
        lines.append(
            f"The largest lattice here, {card.id} ({ladder.name}, {rung.voxels} voxels, {rung.steps} steps), took "
            f"{rung.wall_s:.1f} s with everything around it: {speed:.1f} million voxel steps per second."
        )
    return "\n".join(lines)


def _defects(verification: Verification) -> str:
    lines = []
    for card in verification.cards:
        for ladder in card.ladders:
            lines += [
                f"- {card.id}, {ladder.name}: {check.asked}; found {figure_text(check.found)} {check.unit}".rstrip()
                + "."
                for check in ladder.checks
                if not check.passed
            ]
            lines += [
                f"- {card.id}, {ladder.name}, {rung.level:g} {ladder.refined_unit}: {rung.refusal}".rstrip()
                for rung in ladder.rungs
                if rung.refusal
            ]
    return "\n".join(lines) or "No card fails."
