"""The plainest engine: this process, one item after the other."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from givre.planning.trial.many import Told, one_after_another
from givre.planning.trial.series import Outcome

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")


class InProcess:
    """Runs every item here; see `Engine`."""

    def __call__(
        self,
        task: Callable[[Shared, Item], Result],
        shared: Shared,
        items: Sequence[Item],
        *,
        told: Told | None = None,
    ) -> list[Result]:
        """The results in the order of the items; see `RunMany`."""
        return one_after_another(task, shared, items, told=told)

    def each(
        self, task: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Generator[Outcome[Result], None, None]:
        """The outcome of each item, in order; see `Engine.each`."""
        for index, item in enumerate(items):
            try:
                result = task(shared, item)
            except Exception as error:  # noqa: BLE001 - a failure is an outcome, whatever it is
                yield Outcome(index=index, error=error)
            else:
                yield Outcome(index=index, result=result)

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
