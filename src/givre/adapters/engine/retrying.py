"""Items that are begun again after a worker was lost or a machine failed, and the errors when that does not help."""

from __future__ import annotations

from typing import NamedTuple

from givre.adapters.engine.errors import WorkerFailed
from givre.adapters.engine.travelling import Answer

RETRIES = 2
"""How often an item is begun again after its worker was lost or met a fault of the machine."""


class Waiting(NamedTuple):
    """An item to be begun, perhaps again: its place in the series, its bytes, how often it was begun."""

    place: int
    item: bytes
    tries: int


def is_machine_fault(answer: Answer) -> bool:
    """Whether an item failed only because of the machine it was on."""
    return answer.fault is not None and answer.fault.is_of_machine


def error_of(answer: Answer, waiting: Waiting) -> Exception | None:
    """What an answer that is final means: no error, that of the task itself, or that its machines failed."""
    if answer.fault is None:
        return None
    original = answer.fault.rebuilt()
    if not answer.fault.is_of_machine:
        return original
    named = WorkerFailed(
        f"item {waiting.place + 1} failed on each of {waiting.tries} tries: {type(original).__name__}: {original}; "
        "look for memory, disk and rights on the machines that compute"
    )
    named.__cause__ = original
    return named


def with_note(error: Exception, words: str) -> Exception:
    """The error with what a worker wrote last, for people who look for a bug."""
    if words:
        error.add_note(f"the worker wrote:\n{words}")
    return error
