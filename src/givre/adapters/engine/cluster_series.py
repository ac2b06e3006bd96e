"""One series of items on a Dask cluster: what is waiting, what is there, what has come back."""

from __future__ import annotations

import contextlib
import pickle
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, cast

from givre.adapters.engine.cluster_client import CANCELLED, DASK_FAULTS, first_words, gone, no_workers
from givre.adapters.engine.environment import Versions
from givre.adapters.engine.errors import ClusterMismatch, WorkerLost
from givre.adapters.engine.on_cluster import do
from givre.adapters.engine.retrying import RETRIES, Waiting, error_of, is_machine_fault
from givre.adapters.engine.travelling import Answer
from givre.planning.trial.series import Outcome

LEAST_IN_FLIGHT = 8
ITEMS_PER_THREAD = 2
"""As many items for each thread of the cluster are sent ahead, so that no thread waits for its next."""

LOOK_AROUND_S = 1.0


class Sent(NamedTuple):
    """An item that is on the cluster."""

    waiting: Waiting
    future: Any


class ClusterSeries:
    """One series on the cluster: what is waiting, what is there, what has come back."""

    def __init__(
        self, client: Any, address: str, todo: Iterator[Waiting], *, patience_s: float, expected: Versions
    ) -> None:
        self._client = client
        self._address = address
        self._todo = todo
        self._again: deque[Waiting] = deque()
        self._suspects: deque[Waiting] = deque()
        self._sent: dict[str, Sent] = {}
        self._ended: SimpleQueue[Any] = SimpleQueue()
        self._name = f"givre-{uuid.uuid4().hex[:12]}"
        self._patience_s = patience_s
        self._expected = expected
        self._looked_s = self._staffed_s = time.monotonic()
        self._window = LEAST_IN_FLIGHT
        self._look_around()

    def send_ahead(self, content: Callable[[], Any]) -> bool:
        """Send items until enough are on the cluster; whether any is there."""
        while len(self._sent) < self._window:
            waiting = self._next()
            if waiting is None:
                break
            key = f"{self._name}-{waiting.place}-{waiting.tries}"
            future = self._client.submit(do, content(), waiting.item, self._expected, key=key, pure=False)
            self._sent[key] = Sent(waiting._replace(tries=waiting.tries + 1), future)
            future.add_done_callback(self._ended.put)
        return bool(self._sent)

    def _next(self) -> Waiting | None:
        if self._again:
            return self._again.popleft()
        waiting = next(self._todo, None)
        if waiting is None and self._suspects and not self._sent:
            return self._suspects.popleft()
        return waiting

    def next_outcome(self) -> Outcome[Any] | None:
        """Wait a little for an item that ended; None when there is none yet, or when it must be tried again."""
        if time.monotonic() - self._looked_s > LOOK_AROUND_S:
            self._look_around()
        try:
            future = self._ended.get(timeout=LOOK_AROUND_S)
        except Empty:
            return None
        sent = self._sent.pop(future.key, None)
        return None if sent is None else self._outcome(sent)

    def cancel(self) -> None:
        """Take back everything that is on the cluster."""
        futures = [sent.future for sent in self._sent.values()]
        self._sent.clear()
        with contextlib.suppress(*DASK_FAULTS):
            if futures and self._client.status == "running":
                self._client.cancel(futures, force=True)

    def _outcome(self, sent: Sent) -> Outcome[Any] | None:
        waiting, future = sent
        try:
            answer = cast("Answer", pickle.loads(future.result()))  # noqa: S301 - from the cluster that was chosen
        except CANCELLED as fault:  # somebody restarted the cluster
            self._refuse_gone()
            return self._again_or_lost(self._again, waiting, fault, most=RETRIES)
        except Exception as fault:
            if type(fault).__name__ != "KilledWorker":
                raise
            # Dask blames all that a worker had when it died: one at a time tells whose fault it was
            return self._again_or_lost(self._suspects, waiting, fault, most=1)
        if is_machine_fault(answer) and waiting.tries <= RETRIES:
            self._again.append(waiting)
            return None
        error = error_of(answer, waiting)
        if isinstance(error, ClusterMismatch):
            raise error  # so would every other item
        return Outcome(index=waiting.place, result=answer.result, error=error)

    def _again_or_lost(
        self, queue: deque[Waiting], waiting: Waiting, fault: BaseException, *, most: int
    ) -> Outcome[Any] | None:
        if waiting.tries <= most:
            queue.append(waiting)
            return None
        return Outcome(index=waiting.place, error=_lost(waiting, fault))

    def _look_around(self) -> None:
        """See how many workers there are, and what was lost without a word."""
        self._refuse_gone()
        now_s = self._looked_s = time.monotonic()
        threads = sum(self._client.nthreads().values())
        if threads:
            self._staffed_s = now_s
        elif now_s - self._staffed_s > self._patience_s:
            raise no_workers(self._address, self._patience_s)
        self._window = max(LEAST_IN_FLIGHT, ITEMS_PER_THREAD * threads)
        for sent in self._sent.values():
            if sent.future.status in ("lost", "cancelled"):
                self._ended.put(sent.future)

    def _refuse_gone(self) -> None:
        if self._client.status != "running":
            raise gone(self._address)


def _lost(waiting: Waiting, error: BaseException | None) -> WorkerLost:
    """What Dask gave up: it starts an item again on another worker some times of its own (allowed-failures)."""
    lost = WorkerLost(
        f"item {waiting.place + 1}: Dask gave it up ({first_words(error or RuntimeError())}); most often memory of the "
        "workers runs out: give them more with --memory-limit, start fewer, or ask for larger voxels"
    )
    lost.__cause__ = error
    return lost
