"""How many independent simulations are run: a protocol that engines fulfil, and its plainest form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from givre.foundation.errors import SimulationError

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

Told = Callable[[int, int], bool]
"""Given how many items are done and how many there are, returns whether to go on."""


class Cancelled(SimulationError):
    """Somebody, or a time limit, ended a series before all its items were done."""

    code = "CANCELLED"


class RunMany(Protocol):
    """Runs one task on many items, here, on other processes or on other machines; the results are the same."""

    def __call__(
        self,
        task: Callable[[Shared, Item], Result],
        shared: Shared,
        items: Sequence[Item],
        *,
        told: Told | None = None,
    ) -> list[Result]:
        """The results in the order of the items.

        Args:
            task: a function at the top of a module, so that another process can import it; it must be pure.
            shared: what all items need; it travels once to each worker.
            items: what differs.
            told: told after each item; may end the series.

        Raises:
            Cancelled: if `told` ended the series.
            GivreError: whatever the task raised, for the first item that failed.
        """
        ...


def one_after_another(
    task: Callable[[Shared, Item], Result], shared: Shared, items: Sequence[Item], *, told: Told | None = None
) -> list[Result]:
    """Run in this process, one item after the other; see `RunMany`.

    >>> one_after_another(pow, 2, [1, 2, 3])
    [2, 4, 8]
    """
    results: list[Result] = []
    for item in items:
        results.append(task(shared, item))
        if told is not None and not told(len(results), len(items)):
            raise Cancelled(f"ended after {len(results)} of {len(items)} simulations; start again to have them all")
    return results
