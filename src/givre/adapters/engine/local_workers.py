"""Many simulations at once on the processor cores of this machine, each worker a process of its own."""

from __future__ import annotations

import selectors
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from givre.adapters.engine.errors import WorkerLost, WorkersNotStarted
from givre.adapters.engine.frames import PipeEnded
from givre.adapters.engine.retrying import RETRIES, Waiting, error_of, is_machine_fault, with_note
from givre.adapters.engine.travelling import Parcel, packed, refuse_unimportable
from givre.adapters.engine.turn import Turn
from givre.adapters.engine.worker import Worker, worker_environment
from givre.foundation.errors import InputError
from givre.planning.trial.many import Told
from givre.planning.trial.series import Outcome, run_on

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_WORKERS = 256
SECONDS_TO_START = 900.0
"""A worker starts within seconds; the first after an installation compiles the solver, which may take minutes."""


class LocalWorkers:
    """Runs items on worker processes that stay for the next series; see `Engine`.

    Each worker does one item at a time and gets the next when its answer has been taken, so that no more than
    `count` items and results are in memory. A worker that is lost costs only its own item another try.
    """

    def __init__(self, count: int, *, threads: int = 1) -> None:
        """Workers are started when there is something to do.

        Args:
            count: how many processes, 1 to 256.
            threads: processor threads of each.

        Raises:
            InputError: if that many cannot be.
        """
        if not 1 <= count <= MOST_WORKERS:
            raise InputError(f"{count} workers; give 1 to {MOST_WORKERS}, as many as the machine has cores to spare")
        self.count = count
        self._environment = worker_environment(threads)
        self._workers: list[Worker] = []
        self._turn = Turn()
        weakref.finalize(self, _end_all, self._workers)

    def __call__(
        self,
        task: Callable[[Shared, Item], Result],
        shared: Shared,
        items: Sequence[Item],
        *,
        told: Told | None = None,
    ) -> list[Result]:
        """The results in the order of the items; see `RunMany`."""
        return run_on(self, task, shared, items, told=told)

    def each(
        self, task: Callable[[Shared, Item], Result], shared: Shared, items: Iterable[Item]
    ) -> Generator[Outcome[Result], None, None]:
        """The outcome of each item as soon as it is known; see `Engine.each`.

        Raises:
            CannotTravel: if the task, an item or what the items share cannot be sent to another process.
            WorkersNotStarted: if workers do not start.
            EngineBusy: if another series is still running.
        """
        refuse_unimportable(task)
        with self._turn.taken(shared) as parcel:
            todo = (Waiting(index, packed(f"item {index}", (task, item)), 0) for index, item in enumerate(items))
            again: deque[Waiting] = deque()
            try:
                while self._give_out(again, todo, parcel):
                    for worker in self._heard():
                        outcome = self._outcome(worker, again)
                        if outcome is not None:
                            yield outcome
            finally:
                self._dismiss([worker for worker in self._workers if worker.item is not None])

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Ids of the processes that run now."""
        return tuple(worker.pid for worker in self._workers)

    def close(self) -> None:
        """End every process and wait until it is gone."""
        self._dismiss(list(self._workers))
        self._turn.forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _give_out(self, again: deque[Waiting], todo: Iterator[Waiting], parcel: Parcel) -> bool:
        """Give every idle worker an item, starting workers as needed; whether any worker has one."""
        while True:
            idle = next((worker for worker in self._workers if worker.item is None), None)
            if idle is None and len(self._workers) >= self.count:
                return True
            waiting = again.popleft() if again else next(todo, None)
            if waiting is None:
                return any(worker.item is not None for worker in self._workers)
            if idle is None:
                idle = Worker(self._environment)
                self._workers.append(idle)
            idle.give(waiting.place, waiting.item, parcel, tries=waiting.tries + 1)

    def _heard(self) -> list[Worker]:
        """Wait until workers that have an item have something to say, or are dead; none after a start too slow."""
        busy = [worker for worker in self._workers if worker.item is not None]
        with selectors.DefaultSelector() as selector:
            for worker in busy:
                selector.register(worker.answers, selectors.EVENT_READ, worker)
            is_starting = not all(worker.is_ready for worker in busy)
            heard = selector.select(SECONDS_TO_START if is_starting else None)
        if not heard:
            for worker in busy:
                if not worker.is_ready:
                    worker.kill()  # heard of as lost in the next round
        return [key.data for key, _ in heard]

    def _outcome(self, worker: Worker, again: deque[Waiting]) -> Outcome[Any] | None:
        """What a worker that said something means for its item; None when that is not known yet."""
        waiting = Waiting(worker.place, worker.item or b"", worker.tries)
        was_ready = worker.is_ready
        try:
            answer = worker.hear()
        except PipeEnded:
            return self._after_a_loss(worker, waiting, again, was_ready=was_ready)
        if answer is None:
            return None
        if is_machine_fault(answer) and waiting.tries <= RETRIES:
            again.append(waiting)
            return None
        return Outcome(index=waiting.place, result=answer.result, error=error_of(answer, waiting))

    def _after_a_loss(
        self, worker: Worker, waiting: Waiting, again: deque[Waiting], *, was_ready: bool
    ) -> Outcome[Any] | None:
        how, words = worker.how_it_ended(), worker.last_words()
        self._dismiss([worker])
        if waiting.tries <= RETRIES:
            again.append(waiting)
            return None
        if not was_ready:
            fault = WorkersNotStarted(
                f"worker processes do not start: the last of {waiting.tries} {how}; run givre doctor, and see what it "
                "wrote with --debug"
            )
            raise with_note(fault, words)
        lost = WorkerLost(
            f"item {waiting.place + 1}: its worker died {waiting.tries} times, the last {how}; "
            "most often memory runs out: ask for fewer --workers or larger voxels"
        )
        return Outcome(index=waiting.place, error=with_note(lost, words))

    def _dismiss(self, workers: list[Worker]) -> None:
        for worker in workers:
            worker.ask_to_end()
        for worker in workers:
            worker.end()
            worker.forget()
            self._workers.remove(worker)


def _end_all(workers: list[Worker]) -> None:
    """At the latest when the interpreter ends."""
    for worker in workers:
        worker.ask_to_end()
    for worker in workers:
        worker.end()
        worker.forget()
    workers.clear()
