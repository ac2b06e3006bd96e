"""Climbing ladders: every level is timed and announced, a refusal fails its card and the rest goes on."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from givre.foundation.errors import SimulationError
from givre.usecases.verify import Verification, verify_the_solver
from givre.verification.card import Card, Comparison, Ladder, PassBand, Reference
from givre.verification.plans import PlanStudy

LEVELS = (2.0, 1.0, 0.5, 0.25)


def ladder(*, refuses_at: float = 0.0) -> Ladder:
    def compare(h: float) -> Comparison:
        if h == refuses_at:
            raise SimulationError("the probe does not fit")
        return Comparison(found=np.array([h**2]), expected=np.array([0.0]), spacing_mm=h)

    return Ladder(
        name="front", unit="mm", refined="voxel", refined_unit="mm", levels=LEVELS, compare=compare,
        bands=(PassBand(largest_error=0.1, least_order=1.5, source="test"),),
    )  # fmt: skip


def card(number: int, *ladders: Ladder) -> Card:
    return Card(
        id=f"V{number:02d}", title="a card", problem="p", reference=Reference(text="r", standing="own"),
        ladders=ladders, source="s.py",
    )  # fmt: skip


def ticking() -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += 1.0


def run(*cards: Card, studies: tuple[PlanStudy, ...] = (), told: list[tuple[str, float]] | None = None) -> Verification:
    ticks = ticking()
    return verify_the_solver(
        cards, studies, clock=lambda: next(ticks), announce=lambda what, done: (told or []).append((what, done))
    )


def test_every_level_is_timed_by_the_clock_it_is_given() -> None:
    verification = run(card(1, ladder()))
    assert verification.passed
    assert [rung.wall_s for rung in verification.cards[0].ladders[0].rungs] == [1.0] * 4
    assert verification.cards[0].wall_s == 4.0
    assert verification.cards[0].ladders[0].order == pytest.approx(2.0)


def test_a_refused_level_fails_its_card_and_no_other() -> None:
    verification = run(card(1, ladder(refuses_at=0.25)), card(2, ladder()))
    assert [result.passed for result in verification.cards] == [False, True]
    assert "the probe does not fit" in verification.cards[0].ladders[0].rungs[-1].refusal
    assert not verification.passed


def test_progress_runs_from_nothing_to_nearly_all() -> None:
    told: list[tuple[str, float]] = [("", 0.0)]
    run(card(1, ladder()), card(2, ladder()), told=told)
    assert [what for what, _ in told[1:]] == ["V01 front"] * 4 + ["V02 front"] * 4
    done = [part for _, part in told[1:]]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0.0, 7 / 8)


def test_nothing_verified_is_not_passed() -> None:
    assert not run().passed


def test_a_reference_plan_gets_its_error_bars_and_its_refusals() -> None:
    def measure(h: float) -> tuple[float, ...]:
        if h == 1.5:
            raise SimulationError("no room")
        return (20.0 + h, 1.0)

    quantities = (("ice radius", "mm"), ("volume", "mL"))
    broken = PlanStudy(name="plan", levels=(3.0, 2.0, 1.5, 1.0), quantities=quantities, measure=measure)
    whole = PlanStudy(name="plan", levels=(4.0, 2.0, 1.0), quantities=quantities, measure=measure)
    refused, fine = run(card(1, ladder()), studies=(broken, whole)).studies
    assert math.isnan(refused.rows[0].outlook.error_bar)
    assert refused.refusal == "1.5 mm: no room"
    assert fine.rows[0].outlook.extrapolated == pytest.approx(20.0)
    assert fine.rows[1].outlook.error_bar == 0.0
