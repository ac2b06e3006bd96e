"""One local worker as its owner sees it: a process of its own, fed and read through pipes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import BinaryIO, cast

from givre.adapters.engine.errors import WorkersNotStarted
from givre.adapters.engine.frames import PipeEnded, read_frame, write_frame
from givre.adapters.engine.travelling import Answer, Parcel
from givre.adapters.engine.worker_process import ITEM, PATH, READY, SHARED

SECONDS_TO_LEAVE = 5.0
"""A worker that is asked to end and has not by then is killed."""

_LAST_WORDS = 2000
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_START = "from givre.adapters.engine.worker_process import serve; raise SystemExit(serve())"


class Worker:
    """One process that does one item at a time.

    It is started anew, never forked: a forked process would inherit threads and locks that do not work in it.

    Attributes:
        is_ready: whether it has started.
        item: what was given to it and has not been answered, as bytes; None when it is idle.
        place: of that item in its series.
        tries: how often that item was begun, this time included.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [sys.executable, "-P", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                env=dict(environment),
            )
        except OSError as error:
            self._words.close()
            raise WorkersNotStarted(
                f"a worker process could not be started ({error.strerror}); ask for fewer with --workers, "
                "or close other programs"
            ) from error
        self.is_ready = False
        self.item: bytes | None = None
        self.place = -1
        self.tries = 0
        self._shared_key = ""
        self._parcel: Parcel | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def answers(self) -> BinaryIO:
        """Where its messages arrive."""
        return cast("BinaryIO", self._process.stdout)

    def give(self, place: int, item: bytes, parcel: Parcel, *, tries: int) -> None:
        """Give it its next item, with what all items share if it does not have that; never blocks on a start."""
        self.place, self.item, self.tries, self._parcel = place, item, tries, parcel
        if self.is_ready:
            self._send()

    def hear(self) -> Answer | None:
        """Its next message, which must have arrived: None when it says that it is ready, or its answer.

        Raises:
            PipeEnded: if it died; so it does as well for an answer that makes no sense.
        """
        letter, content = read_frame(self.answers)
        if letter == READY:
            self.is_ready = True
            write_frame(self._requests, PATH, pickle.dumps(sys.path))
            self._send()
            return None
        self.item = self._parcel = None
        try:
            return cast("Answer", pickle.loads(content))  # noqa: S301 - from a process that was started here
        except Exception as error:
            raise PipeEnded(f"an answer could not be read: {error}") from error

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        self._words.seek(max(0, self._words.seek(0, os.SEEK_END) - _LAST_WORDS))
        return self._words.read().decode("utf-8", "replace").strip()

    def how_it_ended(self) -> str:
        """Its exit in words; waits for it."""
        code = self.end()
        return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"

    def ask_to_end(self) -> None:
        """Have it end, in the middle of an item too, without waiting."""
        if self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """End it without asking."""
        self._process.kill()

    def end(self) -> int:
        """End it, in the middle of an item if need be, and wait until it is gone; its exit code."""
        self.ask_to_end()
        code = self._await_end()
        for pipe in (self._process.stdin, self.answers):
            try:
                cast("BinaryIO", pipe).close()
            except OSError:  # what could not be sent to a dead process
                continue
        return code

    def forget(self) -> None:
        """Give back what its last words lie in; the worker must have ended."""
        self._words.close()

    def _await_end(self) -> int:
        try:
            return self._process.wait(timeout=SECONDS_TO_LEAVE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    @property
    def _requests(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdin)

    def _send(self) -> None:
        """Send what it was given; a worker that is dead is noticed when its answer is awaited."""
        if self.item is None or self._parcel is None:
            return
        try:
            if self._shared_key != self._parcel.key:
                write_frame(self._requests, SHARED, self._parcel.content)
                self._shared_key = self._parcel.key
            write_frame(self._requests, ITEM, self.item)
        except PipeEnded:
            return


def worker_environment(threads: int) -> dict[str, str]:
    """The environment of a worker: that of this process, with its own number of threads.

    The compiled kernels are kept on disk by version (see `bioheat.compiled`), so workers find them there.
    """
    return dict(os.environ) | dict.fromkeys(_THREAD_VARIABLES, "1") | {"NUMBA_NUM_THREADS": str(threads)}
