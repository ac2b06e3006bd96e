"""A series of independent simulations whose outcomes are handed over as they come: what every engine offers."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from givre.planning.trial.many import Cancelled, RunMany, Told

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[Result]):
    """What became of one item.

    Attributes:
        index: place of the item in its series, from 0.
        result: what the task returned; None when it failed.
        error: what the task raised, or a named error of the engine; None when it did not fail.
    """

    index: int
    result: Result | None = None
    error: Exception | None = None


class Engine(RunMany, Protocol):
    """A `RunMany` that may hold processes or a connection: use it in a `with`, and again for the next series."""

    def each(
        self, task: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Generator[Outcome[Result], None, None]:
        """The outcome of each item as soon as it is known, in any order; a failure does not end the series.

        Items are taken only when there is somebody to work on them, and results wait nowhere: memory stays bounded.
        Closing the generator cancels what is pending.

        Args:
            task: a function at the top of a module; it must be pure.
            shared: what all items need; it travels once to each worker and must not be changed afterwards.
            items: what differs.

        Raises:
            GivreError: only for what ends the whole series: workers that do not start, a scheduler that is gone.
        """
        ...

    def close(self) -> None:
        """End its processes or its connection; calling it twice does no harm."""
        ...

    def __enter__(self) -> Self:
        """The engine itself."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        ...


def run_on(
    engine: Engine,
    task: Callable[[Shared, Item], Result],
    shared: Shared,
    items: Sequence[Item],
    *,
    told: Told | None = None,
) -> list[Result]:
    """All results in the order of the items, as `RunMany` promises, from outcomes that come in any order.

    When items fail, the failure of the first of them in the order of the items is raised, whichever came first:
    the same one that running one after the other would raise.

    Args:
        engine: where the items are worked on.
        task: as for `RunMany`.
        shared: likewise.
        items: likewise.
        told: likewise.

    Raises:
        Cancelled: if `told` ended the series.
        Exception: whatever the task raised, or a named error of the engine.
    """
    found: dict[int, Result] = {}
    failed: dict[int, Exception] = {}
    with closing(engine.each(task, shared, items)) as outcomes:
        for outcome in outcomes:
            if outcome.error is not None:
                failed[outcome.index] = outcome.error
            else:
                found[outcome.index] = outcome.result  # type: ignore[assignment]  # a result may be None
            if failed and all(before in found for before in range(min(failed))):
                break  # engines begin items in order: nothing before it can still fail
            if not failed and told is not None and not told(len(found), len(items)):
                raise Cancelled(f"ended after {len(found)} of {len(items)} simulations; start again to have them all")
    if failed:
        raise failed[min(failed)]
    return [found[index] for index in range(len(items))]
