"""Verify the solver: climb the ladders of the cards, judge them, and see what the grid does to three plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from givre.foundation.errors import GivreError
from givre.verification.card import Card, Comparison, Ladder
from givre.verification.judging import card_result, judged, refused_rung, rung_of
from givre.verification.plans import PlanStudy
from givre.verification.result import CardResult, Rung
from givre.verification.richardson import Extrapolation, extrapolate

Clock = Callable[[], float]
"""Seconds since some instant; the core has no clock of its own."""

Announce = Callable[[str, float], None]
"""Told what is done next, and how much of everything is done, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One figure of a reference plan on each grid, and what an endlessly fine one would give.

    Attributes:
        quantity, unit: which figure.
        values: on each grid, coarse to fine.
        outlook: extrapolation from the three finest grids.
    """

    quantity: str
    unit: str
    values: tuple[float, ...]
    outlook: Extrapolation


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyResult:
    """One reference plan.

    Attributes:
        name: what it is.
        levels: voxels [mm].
        rows: its figures.
        wall_s: time of each grid.
        refusal: why a grid gave nothing, else empty.
    """

    name: str
    levels: tuple[float, ...]
    rows: tuple[StudyRow, ...]
    wall_s: tuple[float, ...]
    refusal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Everything that was verified in one go.

    Attributes:
        cards: verdict of each card.
        studies: reference plans; empty when they were not asked for.
        wall_s: time of all of it.
    """

    cards: tuple[CardResult, ...]
    studies: tuple[StudyResult, ...]
    wall_s: float

    @property
    def passed(self) -> bool:
        """Whether every card passed."""
        return bool(self.cards) and all(card.passed for card in self.cards)


def verify_the_solver(
    cards: Sequence[Card],
    studies: Sequence[PlanStudy] = (),
    *,
    clock: Clock,
    announce: Announce = lambda _what, _done: None,
    warm_up: Callable[[], None] = lambda: None,
) -> Verification:
    """Run the cards and the studies, and time each level.

    A level that the solver refuses counts as failed and the rest goes on.

    Args:
        cards: what to verify.
        studies: reference plans for calculation verification.
        clock: for the times.
        announce: told before each level.
        warm_up: called first, so that compiling is in no figure.
    """
    whole = sum(len(ladder.levels) for card in cards for ladder in card.ladders)
    whole += sum(len(study.levels) for study in studies)
    steps = _Steps(announce=announce, whole=max(whole, 1))
    warm_up()
    began_s = clock()
    results = tuple(
        card_result(card, tuple(judged(ladder, tuple(_climb(card, ladder, clock, steps))) for ladder in card.ladders))
        for card in cards
    )
    studied = tuple(_study(study, clock, steps) for study in studies)
    return Verification(cards=results, studies=studied, wall_s=clock() - began_s)


@dataclass(slots=True)
class _Steps:
    """How many of the levels are done."""

    announce: Announce
    whole: int
    done: int = 0

    def begin(self, what: str) -> None:
        self.announce(what, self.done / self.whole)
        self.done += 1


def _climb(card: Card, ladder: Ladder, clock: Clock, steps: _Steps) -> Iterator[Rung]:
    for level in ladder.levels:
        steps.begin(f"{card.id} {ladder.name}")
        began_s = clock()
        try:
            comparison: Comparison = ladder.compare(level)
        except (GivreError, ArithmeticError) as error:
            yield refused_rung(ladder, level, f"{type(error).__name__}: {error}", wall_s=clock() - began_s)
        else:
            yield rung_of(ladder, level, comparison, wall_s=clock() - began_s)


def _study(study: PlanStudy, clock: Clock, steps: _Steps) -> StudyResult:
    figures: list[tuple[float, ...]] = []
    times_s: list[float] = []
    refusal = ""
    for level in study.levels:
        steps.begin(study.name)
        began_s = clock()
        try:
            figures.append(study.measure(level))
        except (GivreError, ArithmeticError) as error:
            refusal = f"{level:g} mm: {error}"
            figures.append((float("nan"),) * len(study.quantities))
        times_s.append(clock() - began_s)
    rows = tuple(
        StudyRow(
            quantity=name,
            unit=unit,
            values=tuple(figure[n] for figure in figures),
            outlook=extrapolate(study.levels, tuple(figure[n] for figure in figures)),
        )
        for n, (name, unit) in enumerate(study.quantities)
    )
    return StudyResult(name=study.name, levels=study.levels, rows=rows, wall_s=tuple(times_s), refusal=refusal)
