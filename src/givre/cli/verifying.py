"""What verify does once the command line is understood: run, show verdicts, say where the page lies."""

from __future__ import annotations

import math
import sys
from pathlib import Path

from givre import wiring_verification
from givre.cli.exit_codes import ExitCode
from givre.cli.language import Texts
from givre.cli.session import ProgressShow, Session
from givre.usecases.verify import Verification
from givre.verification.registry import CARDS
from givre.verification.result import CardResult, Check


def list_cards(session: Session) -> None:
    """Print every card with its title."""
    if session.as_json:
        session.print_json([{"id": card.id, "title": card.title, "reference": card.reference.text} for card in CARDS])
        return
    header = [session.texts(f"column.{name}") for name in ("card", "what", "reference")]
    session.print_table(header, [(card.id, card.title, card.reference.text) for card in CARDS])


def verify_cards(session: Session, ids: tuple[str, ...], output: Path | None) -> ExitCode:
    """Run some cards, or all when none is named; the exit code says whether every one passed."""
    with session.progress() as show:
        show.stage("verify")
        verification = wiring_verification.verify(ids, output=output, announce=_Watch(session, show))
    if session.as_json:
        cards = [card_json(card) for card in verification.cards]
        session.print_json({"passed": verification.passed, "wall_s": round(verification.wall_s, 2), "cards": cards})
    else:
        header = [session.texts(f"column.{name}") for name in ("card", "what", "closest", "found", "wanted", "verdict")]
        session.print_table(header, [_row(card, session.texts) for card in verification.cards])
        passed = sum(card.passed for card in verification.cards)
        session.print_text(session.texts("verify.sum", passed=passed, count=len(verification.cards)))
        if output is not None:
            session.print_text(session.texts("verify.written", path=output))
    return exit_code_of(verification)


def exit_code_of(verification: Verification) -> ExitCode:
    """Whether every card passed."""
    return ExitCode.OK if verification.passed else ExitCode.VERIFICATION_FAILED


class _Watch:
    """Shows each level as it begins: on the bar of a terminal, as one line per ladder in a log."""

    def __init__(self, session: Session, show: ProgressShow) -> None:
        self._session, self._show = session, show
        self._last = ""

    def __call__(self, what: str, done: float) -> None:
        self._show.fraction(done)
        if what != self._last and not sys.stderr.isatty():
            self._session.remark(f"{100 * done:3.0f} % {what}")
        self._last = what


def card_json(card: CardResult) -> dict[str, object]:
    """One card for a machine; the whole is in verification.json."""
    tightest = card.tightest()
    return {
        "id": card.id,
        "title": card.title,
        "passed": card.passed,
        "wall_s": round(card.wall_s, 2),
        "closest_to_band": None if tightest is None else {"ladder": tightest[0].name, **_check_json(tightest[1])},
        "failed": [check.asked for ladder in card.ladders for check in ladder.checks if not check.passed],
    }


def _check_json(check: Check) -> dict[str, object]:
    return {"found": check.found if math.isfinite(check.found) else None, "limit": check.limit, "unit": check.unit}


def _row(card: CardResult, texts: Texts) -> tuple[str, str, str, str, str, str]:
    verdict = texts("verify.pass" if card.passed else "verify.fail")
    tightest = card.tightest()
    if tightest is None:
        return (card.id, card.title, "", "", "", verdict)
    ladder, check = tightest
    return (card.id, card.title, ladder.name, _figure(check.found, check, texts), _limit(check, texts), verdict)


def _limit(check: Check, texts: Texts) -> str:
    return f"≤ {_figure(check.limit, check, texts)}"


def _figure(value: float, check: Check, texts: Texts) -> str:
    if not math.isfinite(value):
        return "–"
    written = f"{value:.3g} {check.unit}".strip()
    return written.replace(".", ",") if texts.language == "fr" else written
