"""A real Dask cluster on loopback: the same bits as in this process, whatever happens to its workers."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from givre.adapters.engine import cluster_client
from givre.adapters.engine.cluster import DaskCluster
from givre.adapters.engine.environment import SOURCES, versions_here
from givre.adapters.engine.errors import (
    CannotTravel,
    ClusterMismatch,
    EngineBusy,
    NoWorkers,
    SchedulerAddress,
    SchedulerUnreachable,
    WorkerFailed,
    WorkerLost,
)
from givre.adapters.engine.on_cluster import do
from givre.foundation.errors import MissingExtra
from givre.planning.trial.many import Cancelled
from givre.planning.trial.series import Engine
from tests.adapters.engine import series, tasks
from tests.adapters.engine.clusters import Cluster, running_cluster

pytest.importorskip("distributed", reason="the cluster extra is not installed")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("dask") / "cluster", workers=2) as running:
        yield running


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> Iterator[DaskCluster]:
    with DaskCluster(cluster.address) as connected:
        yield connected


@pytest.mark.parametrize("check", series.ALL, ids=series.names(series.ALL))
def test_a_cluster_does_what_every_engine_does(engine: DaskCluster, check: Callable[[Engine], None]) -> None:
    check(engine)


@pytest.mark.timeout(400)  # new sources are compiled first
def test_solves_on_a_cluster_give_the_bits_of_solves_one_after_another(engine: DaskCluster) -> None:
    series.solves_to_the_same_bits(engine)


def test_both_workers_work_on_what_was_sent_once(engine: DaskCluster) -> None:
    assert len(set(engine(tasks.process_of, None, range(12)))) == 2
    seen = set(engine(tasks.shared_identity, {"large": "thing"}, range(40)))
    assert len(seen) == len({pid for pid, _ in seen})


def test_items_are_sent_ahead_but_not_all(engine: DaskCluster) -> None:
    taken: list[int] = []
    outcomes = engine.each(tasks.times, 1.0, (float(taken.append(n) or n) for n in range(1000)))
    next(outcomes)
    assert len(taken) <= 16
    outcomes.close()


def test_a_killed_worker_costs_its_items_another_try(engine: DaskCluster, tmp_path: Path) -> None:
    (tmp_path / "0").touch()
    (tmp_path / "2").touch()
    assert engine(tasks.dies_once, tmp_path, range(3)) == [0, 1, 2]


@pytest.mark.slow
def test_an_item_that_kills_its_workers_is_named_and_the_others_are_done(engine: DaskCluster) -> None:
    outcomes = {outcome.index: outcome for outcome in engine.each(tasks.dies_at_two, None, range(4))}
    assert [outcomes[index].result for index in (0, 1, 3)] == [0, 1, 3]
    assert isinstance(outcomes[2].error, WorkerLost)
    assert "item 3: Dask gave it up" in str(outcomes[2].error)


def test_a_fault_of_the_machine_is_tried_again_then_named(engine: DaskCluster, tmp_path: Path) -> None:
    assert engine(tasks.fails_once, tmp_path, [0, 1]) == [0, 1]
    with pytest.raises(WorkerFailed, match="item 1 failed on each of 3 tries: MemoryError"):
        engine(tasks.out_of_memory, None, [0])


def test_ending_a_series_takes_back_what_is_pending(engine: DaskCluster, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        engine(tasks.counts_and_waits, tmp_path, range(100), told=lambda _done, _total: False)
    time.sleep(1.5)
    assert len(list(tmp_path.iterdir())) <= 6, "those that were running end, those that were waiting never begin"
    assert engine(tasks.times, 2.0, [1.0]) == [2.0]


def test_what_cannot_travel_is_refused_by_name(engine: DaskCluster) -> None:
    with pytest.raises(CannotTravel, match="cannot be imported by a worker"):
        engine(lambda _shared, item: item, None, [1])
    with pytest.raises(CannotTravel, match="a result of class function cannot be sent back"):
        engine(tasks.gives_a_function, None, [1])


def test_a_second_series_at_the_same_time_is_refused(engine: DaskCluster) -> None:
    first = engine.each(tasks.times, 1.0, [1.0, 2.0])
    next(first)
    with pytest.raises(EngineBusy):
        engine(tasks.times, 1.0, [1.0])
    first.close()


def test_the_scheduler_file_is_an_address_too(cluster: Cluster) -> None:
    with DaskCluster(str(cluster.scheduler_file)) as connected:
        assert connected.address == cluster.address
        assert connected(tasks.times, 2.0, [4.0]) == [8.0]


def test_other_versions_are_refused_by_name(cluster: Cluster) -> None:
    here = versions_here() | {"numba": "0.1.2"}
    with pytest.raises(ClusterMismatch, match=r"the scheduler at tcp://127.0.0.1:\d+ runs numba .* \(here 0.1.2\)"):
        DaskCluster(cluster.address, versions=here)


def test_a_worker_of_other_versions_refuses_to_work_even_when_it_comes_late() -> None:
    here = versions_here() | {SOURCES: "of another day"}
    answer = pickle.loads(do(pickle.dumps(2.0), pickle.dumps((tasks.times, 1.0)), here))  # noqa: S301 - made here
    with pytest.raises(ClusterMismatch, match="a worker runs other sources of givre under the same version"):
        raise answer.fault.rebuilt()


def test_nobody_at_the_address_is_named_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_client, "CONNECT_S", 1.0)
    began_s = time.monotonic()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SchedulerUnreachable, match=f"no Dask scheduler answers at tcp://127.0.0.1:{port}"):
        DaskCluster(f"tcp://127.0.0.1:{port}")
    with pytest.raises(SchedulerUnreachable, match="no Dask scheduler answers at tcp://no-such-host.invalid:8786"):
        DaskCluster("tcp://no-such-host.invalid:8786")
    assert time.monotonic() - began_s < 30.0


def test_somebody_else_at_the_address_is_named_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_client, "CONNECT_S", 1.0)
    began_s = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        with pytest.raises(SchedulerUnreachable, match="no Dask scheduler answers"):
            DaskCluster(f"tcp://127.0.0.1:{port}")
    assert time.monotonic() - began_s < 30.0


@pytest.mark.parametrize(
    "address", ["10.0.0.7:8786", "http://10.0.0.7:8786", "tcp://10.0.0.7", "tcp://10.0.0.7:99999", "", "none.json"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SchedulerAddress, match=r"give (tcp://HOST:PORT|the file)"):
        DaskCluster(address)


def test_without_dask_the_refusal_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_client, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'givre\[cluster\]'"):
        DaskCluster("tcp://127.0.0.1:8786")


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_workers_that_never_come_or_all_go_and_a_scheduler_that_goes_are_named(tmp_path: Path) -> None:
    with (
        running_cluster(tmp_path / "cluster", workers=0) as alone,
        DaskCluster(alone.address, patience_s=1.0) as hasty,
        DaskCluster(alone.address) as patient,
    ):
        with pytest.raises(NoWorkers, match="no worker of the scheduler at .* began to work within 1 s"):
            hasty(tasks.times, 1.0, [1.0])
        alone.start_worker("--no-nanny")
        assert patient(tasks.times, 1.0, [1.0]) == [1.0]
        assert hasty(tasks.times, 1.0, [1.0]) == [1.0]
        outcomes = hasty.each(tasks.counts_and_waits, tmp_path, range(100))
        next(outcomes)
        kill(alone.processes[-1])
        with pytest.raises(NoWorkers):
            list(outcomes)
        alone.start_worker("--no-nanny")
        outcomes = patient.each(tasks.counts_and_waits, tmp_path, range(100))
        next(outcomes)
        kill(alone.processes[0])
        with pytest.raises(SchedulerUnreachable, match="answers no more"):
            list(outcomes)
        with pytest.raises(SchedulerUnreachable):
            patient(tasks.times, 1.0, [1.0])


def test_connections_leave_no_thread_that_would_keep_the_process(cluster: Cluster) -> None:
    with DaskCluster(cluster.address) as connected:
        connected(tasks.times, 1.0, [1.0])
    lasting: list[Any] = [one for one in threading.enumerate() if not one.daemon and one is not threading.main_thread()]
    assert lasting == []
