"""A team of threads stays in step, comes out when told, and never hides a fault."""

import numpy as np
import pytest

from givre.bioheat.compiled import entry
from givre.bioheat.team import Team, begins, meet


@entry
def _count(me, members, gate, tally, rounds):  # type: ignore[no-untyped-def]
    """Each member adds one to its own place, then the first adds up all."""
    while begins(gate, members):
        for _ in range(rounds[0]):
            tally[me] += 1
            meet(gate, members)
        if me == 0:
            tally[members] = 0
            for n in range(members):
                tally[members] += tally[n]
            return


@pytest.mark.parametrize("members", [1, 2, 3])
def test_all_members_do_every_piece_of_work(members: int) -> None:
    tally, rounds = np.zeros(members + 1, dtype=np.int64), np.array([7])
    with Team(members) as team:
        team.enter(_count, tally, rounds)
        for piece in range(1, 51):
            team.together()
            assert tally.tolist() == [7 * piece] * members + [7 * piece * members]


def test_between_pieces_the_work_may_change_and_be_replaced() -> None:
    first, second, rounds = np.zeros(3, dtype=np.int64), np.zeros(3, dtype=np.int64), np.array([1])
    with Team(2) as team:
        team.enter(_count, first, rounds)
        team.together()
        rounds[0] = 5
        team.together()
        team.enter(_count, second, rounds)
        team.together()
    assert (first[2], second[2]) == (12, 10)


def test_a_fault_in_another_thread_reaches_the_caller() -> None:
    def fails(me: int, members: int, gate: np.ndarray) -> None:
        if me == 1:
            raise ZeroDivisionError("in the other thread")
        meet_here(gate, members)

    with Team(2) as team:
        team.enter(fails)
        with pytest.raises(ZeroDivisionError, match="other thread"):
            team.together()


def test_a_fault_of_the_caller_leaves_no_thread_waiting() -> None:
    tally, rounds = np.zeros(3, dtype=np.int64), np.array([1])

    def interrupted() -> None:
        with Team(2) as team:
            team.enter(_count, tally, rounds)
            team.together()
            raise ValueError("between two pieces")

    with pytest.raises(ValueError, match="between two pieces"):
        interrupted()
    assert tally[2] == 2


def test_without_work_there_is_nothing_to_do_together() -> None:
    with Team(2) as team, pytest.raises(RuntimeError, match="not entered"):
        team.together()


@entry
def meet_here(gate, members):  # type: ignore[no-untyped-def]
    """`meet`, callable from Python."""
    meet(gate, members)
