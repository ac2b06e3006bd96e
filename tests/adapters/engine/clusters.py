"""A real Dask cluster for tests: scheduler and workers as processes of their own, on loopback and free ports."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
STARTS_WITHIN_S = 60.0
HERE = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass(slots=True)
class Cluster:
    """A scheduler with its workers."""

    folder: Path
    options: tuple[str, ...] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def scheduler_file(self) -> Path:
        return self.folder / "scheduler.json"

    @property
    def address(self) -> str:
        return str(json.loads(self.scheduler_file.read_text())["address"])

    def start_scheduler(self, *options: str) -> None:
        self._start("scheduler", "--port", "0", "--scheduler-file", str(self.scheduler_file), *options)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self.scheduler_file.exists():
            assert time.monotonic() < deadline, (self.folder / "0.log").read_text()
            time.sleep(0.05)

    def start_worker(self, *options: str) -> None:
        folder = self.folder / f"worker-{len(self.processes)}"
        self._start("worker", self.address, "--nthreads", "1", "--local-directory", str(folder), *options)

    def logs(self) -> str:
        return "\n".join(log.read_text() for log in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, kind: str, *options: str) -> None:
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", kind, *HERE, *self.options, *options],
                    stdout=log,
                    stderr=log,
                    cwd=ROOT,
                    env=os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "NUMBA_NUM_THREADS": "1"},
                    start_new_session=True,
                )
            )


@contextmanager
def running_cluster(folder: Path, *, workers: int, options: Sequence[str] = ()) -> Iterator[Cluster]:
    """A scheduler and some workers, each with a nanny that restarts it, while the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder, tuple(options))
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.stop()
