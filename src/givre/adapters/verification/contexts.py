"""The table of contexts of use: what each asks for, and whether the cards give it."""

from __future__ import annotations

from dataclasses import dataclass

from givre.usecases.verify import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One way of using the simulation.

    Attributes:
        use: what for.
        influence, consequence: of the answer, low to high.
        wanted: evidence that it asks for, in words.
        cards: cards that must pass.
        gap: what is missing even when they all pass; empty when nothing is.
        allowed: whether it is meant to be used so at all.
    """

    use: str
    influence: str
    consequence: str
    wanted: str
    cards: tuple[str, ...]
    gap: str
    allowed: bool = True


def _numbered(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"V{number:02d}" for number in range(first, last + 1))


CONTEXTS = (
    Context(
        use="teaching",
        influence="low",
        consequence="low",
        wanted="exact solutions, heat balance",
        cards=_numbered(1, 10),
        gap="",
    ),
    Context(
        use="comparing plans in research",
        influence="medium",
        consequence="low",
        wanted="the same, probes in any place, thaw, other codes, measured isotherms",
        cards=_numbered(1, 18),
        gap="sensitivity to tissue properties",
    ),
    Context(
        use="illustrating a discussion at a tumour board",
        influence="medium",
        consequence="medium",
        wanted="the same, an error bar beside each figure, comparison with treated patients",
        cards=_numbered(1, 18),
        gap="no patient, no vendor isotherm, error bars of the grid only",
    ),
    Context(
        use="guiding an intervention",
        influence="high",
        consequence="high",
        wanted="validation on patients",
        cards=_numbered(1, 18),
        gap="everything in patients",
        allowed=False,
    ),
)


def contexts_table(verification: Verification) -> str:
    """The table in Markdown."""
    lines = [
        "| use | influence | consequence | evidence wanted | evidence here | gap |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_row(context, verification) for context in CONTEXTS)])


def _row(context: Context, verification: Verification) -> str:
    passed = {card.id for card in verification.cards if card.passed}
    there = {card.id for card in verification.cards}
    failed = [name for name in context.cards if name in there - passed]
    absent = [name for name in context.cards if name not in there]
    evidence = f"{len(context.cards) - len(failed) - len(absent)} of {len(context.cards)} cards pass"
    evidence += f"; fail: {', '.join(failed)}" if failed else ""
    evidence += f"; absent: {', '.join(absent)}" if absent else ""
    if not context.allowed:
        light = "**not allowed**"
    elif failed or absent:
        light = "**not met**"
    else:
        light = "met but for the gap" if context.gap else "met"
    return (
        f"| {context.use} | {context.influence} | {context.consequence} | {context.wanted} | {light}: {evidence} | "
        f"{context.gap or 'none known'} |"
    )
