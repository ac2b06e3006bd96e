"""Many simulations at once on the workers of a Dask cluster that already runs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from givre.adapters.engine.cluster_address import scheduler_address
from givre.adapters.engine.cluster_client import DASK_FAULTS, as_large_as_it_is, await_workers, close, connected, gone
from givre.adapters.engine.cluster_series import ClusterSeries
from givre.adapters.engine.environment import Versions, versions_here
from givre.adapters.engine.on_cluster import as_it_is
from givre.adapters.engine.retrying import Waiting
from givre.adapters.engine.travelling import Parcel, packed, refuse_unimportable
from givre.adapters.engine.turn import Turn
from givre.planning.trial.many import Told
from givre.planning.trial.series import Outcome, run_on

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE_S = 60.0
"""How long a series may stand without any worker."""


class DaskCluster:
    """Runs items on a Dask cluster; see `Engine`.

    What the items share is sent once, under a key made of its content; workers hand it to each other, and the
    scheduler keeps it for those that come later or take the place of lost ones. A bounded number of items is on the
    cluster at any time. A worker that is lost costs its items another try.
    """

    def __init__(
        self,
        address: str,
        *,
        security_file: Path | None = None,
        patience_s: float = PATIENCE_S,
        versions: Versions | None = None,
    ) -> None:
        """Connect.

        Args:
            address: tcp://host:port, tls://host:port, or the scheduler file that Dask wrote.
            security_file: TOML file that names ca_file, cert_file and key_file; for tls only.
            patience_s: how long to wait for a first worker, and when all are lost.
            versions: what scheduler and workers must have installed; what this process has unless given.

        Raises:
            SchedulerAddress, SecurityFile, MissingExtra, SchedulerUnreachable, ClusterMismatch: each says what to do.
        """
        self.address = scheduler_address(address)
        self._patience_s = patience_s
        self._expected = versions_here() if versions is None else versions
        self._client = connected(self.address, security_file=security_file, expected=self._expected)
        self._turn = Turn()
        self._laid_out: Any = None
        self._laid_out_key = ""
        self._is_staffed = False

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

        When it is closed early, items that have not begun are cancelled; one that a worker has begun runs to its
        end there, and its result is dropped.

        Raises:
            CannotTravel: if the task, an item or what the items share cannot be sent to another process.
            NoWorkers: if there is no worker for too long.
            SchedulerUnreachable: if the scheduler is gone.
            ClusterMismatch: if a worker runs other versions.
            EngineBusy: if another series is still running.
        """
        refuse_unimportable(task)
        with self._turn.taken(shared) as parcel:
            series: ClusterSeries | None = None
            try:
                self._await_staff()
                todo = (Waiting(place, packed(f"item {place}", (task, item)), 0) for place, item in enumerate(items))
                series = ClusterSeries(
                    self._client, self.address, todo, patience_s=self._patience_s, expected=self._expected
                )
                while series.send_ahead(lambda: self._content(parcel)):
                    outcome = series.next_outcome()
                    if outcome is not None:
                        yield outcome
            except DASK_FAULTS as error:
                if self._client.status != "running":
                    raise gone(self.address, error) from error
                raise
            finally:
                if series is not None:
                    series.cancel()

    def close(self) -> None:
        """End the connection; the cluster goes on."""
        self._laid_out = None
        self._turn.forget()
        close(self._client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _await_staff(self) -> None:
        if not self._is_staffed:
            await_workers(self._client, self.address, patience_s=self._patience_s, expected=self._expected)
            self._is_staffed = True

    def _content(self, parcel: Parcel) -> Any:
        """The shared bytes on the cluster; sent anew when somebody restarted the scheduler."""
        is_there = self._laid_out_key == parcel.key and self._laid_out.status in ("pending", "finished")
        if not is_there:
            self._laid_out = None  # the old bytes go before the new ones come
            key = f"givre-shared-{parcel.key[:32]}-{uuid.uuid4().hex[:8]}"
            with as_large_as_it_is():
                self._laid_out = self._client.submit(as_it_is, parcel.content, key=key, pure=False)
            self._laid_out_key = parcel.key
        return self._laid_out
