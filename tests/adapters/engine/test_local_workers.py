"""Local worker processes: the same bits as in this process, whatever happens to a worker."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from givre.adapters.engine import worker
from givre.adapters.engine.errors import CannotTravel, EngineBusy, WorkerFailed, WorkerLost, WorkersNotStarted
from givre.adapters.engine.in_process import InProcess
from givre.adapters.engine.local_workers import LocalWorkers
from givre.foundation.errors import InputError
from givre.planning.trial.many import Cancelled
from givre.planning.trial.series import Engine
from tests.adapters.engine import series, tasks

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalWorkers]:
    with LocalWorkers(2) as engine:
        yield engine


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Callable[[], bool], limit_s: float = 60.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("check", series.ALL, ids=series.names(series.ALL))
def test_workers_do_what_every_engine_does(workers: LocalWorkers, check: Callable[[Engine], None]) -> None:
    check(workers)


@pytest.mark.parametrize("check", series.ALL, ids=series.names(series.ALL))
def test_this_process_does_what_every_engine_does(check: Callable[[Engine], None]) -> None:
    with InProcess() as engine:
        check(engine)


@pytest.mark.timeout(400)  # new sources are compiled first
def test_solves_on_workers_give_the_bits_of_solves_one_after_another(workers: LocalWorkers) -> None:
    series.solves_to_the_same_bits(workers)


def test_workers_stay_for_the_next_series_and_share_the_work(workers: LocalWorkers) -> None:
    first = set(workers(tasks.process_of, None, range(6)))
    assert set(workers(tasks.process_of, None, range(6))) == first == set(workers.process_ids)
    assert len(first) == 2
    assert os.getpid() not in first


def test_what_is_shared_is_sent_once_to_each_worker(workers: LocalWorkers) -> None:
    shared = {"large": "thing"}
    seen = set(workers(tasks.shared_identity, shared, range(8)) + workers(tasks.shared_identity, shared, range(8)))
    assert len(seen) == len({pid for pid, _ in seen})
    same_content = set(workers(tasks.shared_identity, {"large": "thing"}, range(8)))
    assert same_content <= seen, "another object of the same content is not sent again"


def test_a_worker_has_the_threads_it_was_given(workers: LocalWorkers) -> None:
    names = ["NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    assert workers(tasks.threads_of, None, names) == ["1", "1", "1"]
    with LocalWorkers(1, threads=3) as three:
        assert three(tasks.threads_of, None, names) == ["3", "1", "1"]


def test_what_a_task_prints_does_not_disturb_its_answer(workers: LocalWorkers) -> None:
    assert workers(tasks.prints, None, [1, 2, 3]) == [1, 2, 3]


def test_a_killed_worker_costs_its_item_another_try(workers: LocalWorkers, tmp_path: Path) -> None:
    before = set(workers(tasks.process_of, None, range(4)))
    assert workers(tasks.dies_once, tmp_path, range(3)) == [0, 1, 2]
    assert not before & set(workers.process_ids)


def test_an_item_that_kills_its_workers_is_named_and_the_others_are_done(workers: LocalWorkers) -> None:
    outcomes = {outcome.index: outcome for outcome in workers.each(tasks.dies_at_two, None, range(5))}
    assert [outcomes[index].result for index in (0, 1, 3, 4)] == [0, 1, 3, 4]
    assert isinstance(outcomes[2].error, WorkerLost)
    with pytest.raises(WorkerLost, match="item 3: its worker died 3 times, the last ended by signal 9"):
        workers(tasks.dies_at_two, None, range(5))


def test_a_fault_of_the_machine_is_tried_again_then_named(workers: LocalWorkers, tmp_path: Path) -> None:
    assert workers(tasks.fails_once, tmp_path, [0, 1]) == [0, 1]
    with pytest.raises(WorkerFailed, match="item 1 failed on each of 3 tries: MemoryError") as caught:
        workers(tasks.out_of_memory, None, [0])
    assert isinstance(caught.value.__cause__, MemoryError)


def test_a_bug_comes_back_as_it_was_with_the_place_it_happened(workers: LocalWorkers) -> None:
    with pytest.raises(ZeroDivisionError, match="item 7") as caught:
        workers(tasks.broken, None, [7])
    assert any("in broken" in note for note in caught.value.__notes__)


def test_what_cannot_travel_is_refused_by_name(workers: LocalWorkers) -> None:
    with pytest.raises(CannotTravel, match="cannot be imported by a worker"):
        workers(lambda _shared, item: item, None, [1])
    with pytest.raises(CannotTravel, match="what the items share cannot be sent"):
        workers(tasks.times, threading.Lock(), [1.0])  # type: ignore[arg-type]
    with pytest.raises(CannotTravel, match="item 1 cannot be sent"):
        workers(tasks.process_of, None, [1, threading.Lock()])
    with pytest.raises(CannotTravel, match="a result of class function cannot be sent back"):
        workers(tasks.gives_a_function, None, [1])
    assert workers(tasks.times, 2.0, [1.0]) == [2.0], "and the workers are as good as before"


def test_a_second_series_at_the_same_time_is_refused(workers: LocalWorkers) -> None:
    first = workers.each(tasks.times, 1.0, [1.0, 2.0])
    next(first)
    with pytest.raises(EngineBusy, match="busy with another series"):
        workers(tasks.times, 1.0, [1.0])
    first.close()


def test_ending_a_series_ends_the_items_that_run(tmp_path: Path) -> None:
    def told(_done: int, _total: int) -> bool:
        wait_for(lambda: len(list(tmp_path.iterdir())) >= 2)
        return False

    with LocalWorkers(2) as engine:
        assert len(set(engine(tasks.process_of, None, range(6)))) == 2, "both have started"
        with pytest.raises(Cancelled):
            engine(tasks.marks_and_waits, tmp_path, range(100), told=told)
        begun = {int(mark.read_text()) for mark in tmp_path.iterdir() if mark.name != "0"}
        assert len(list(tmp_path.iterdir())) <= 3, "items are begun only when there is a worker for them"
        assert not any(map(is_running, begun))
        assert engine(tasks.times, 2.0, [1.0]) == [2.0]


def test_no_process_stays_when_an_engine_is_closed_or_forgotten() -> None:
    engine = LocalWorkers(2)
    engine(tasks.times, 1.0, [1.0] * 4)
    processes = engine.process_ids
    engine.close()
    engine.close()
    assert processes and not any(map(is_running, processes))
    engine = LocalWorkers(1)
    engine(tasks.times, 1.0, [1.0])
    processes = engine.process_ids
    del engine
    gc.collect()
    assert not any(map(is_running, processes))


SCRIPT = """
import sys
from pathlib import Path
from givre.adapters.engine.local_workers import LocalWorkers
from tests.adapters.engine import tasks
with LocalWorkers(2) as engine:
    engine(tasks.marks_and_waits, Path(sys.argv[1]), range(1, 9))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGKILL, -signal.SIGKILL)])
def test_no_worker_outlives_its_owner(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """After Ctrl-C the owner ends its workers; after a kill they see that it is gone. The script has no main guard."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stderr=subprocess.PIPE,
    ) as owner:
        wait_for(lambda: sum(bool(mark.read_text()) for mark in tmp_path.iterdir()) == 2)
        begun = [int(mark.read_text()) for mark in tmp_path.iterdir()]
        owner.send_signal(number)
        _, told = owner.communicate(timeout=30)
    assert owner.returncode in (code, 1, 130)
    wait_for(lambda: not any(map(is_running, begun)), 10.0)
    assert b"Exception ignored" not in told


def test_workers_that_do_not_start_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_START", "import nothing_of_this_name")
    with LocalWorkers(2) as engine:
        with pytest.raises(WorkersNotStarted, match="do not start: the last of 3 ended with code 1") as caught:
            engine(tasks.times, 1.0, [1.0])
        assert any("nothing_of_this_name" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("count", [0, -1, 257])
def test_a_count_that_cannot_be_is_refused(count: int) -> None:
    with pytest.raises(InputError, match="give 1 to 256"):
        LocalWorkers(count)
