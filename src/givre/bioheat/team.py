"""A few threads that march in step: they share one compiled call and meet at a gate between its parts.

A step of the solver is tens of short passes that each need what all threads did before. Opening a parallel region
for every pass costs more than the pass; a gate costs less than a microsecond.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from givre.bioheat.compiled import kernel

_ARRIVED, _TURN, _ABANDONED, _LEAVING = 0, 8, 16, 24  # on different cache lines
SPINS_BEFORE_YIELDING = 2000

_place: Any = cgutils.get_item_pointer
_sched_yield = types.ExternalFunction("sched_yield", types.int32())


def _fetch_add_code(_: Any, array: Any, __: Any, ___: Any) -> Any:
    """Atomically add to one entry of an int64 array; returns what it held before."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        holder = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = _place(context, builder, signature.args[0], holder, [args[1]], wraparound=False)
        return builder.atomic_rmw("add", pointer, args[2], "seq_cst")

    return types.int64(array, types.intp, types.int64), code


def _read_code(_: Any, array: Any, __: Any) -> Any:
    """Atomically read one entry of an int64 array."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        holder = context.make_array(signature.args[0])(context, builder, args[0])
        pointer = _place(context, builder, signature.args[0], holder, [args[1]], wraparound=False)
        return builder.load_atomic(pointer, "acquire", 8)

    return types.int64(array, types.intp), code


_fetch_add: Any = intrinsic(_fetch_add_code)
_read: Any = intrinsic(_read_code)


@kernel
def meet(gate: npt.NDArray[np.int64], members: int) -> None:  # pragma: no cover - compiled
    """Wait until all members of the team have come here.

    Args:
        gate: from `open_gate`, the same for all.
        members: how many threads will come.
    """
    if members == 1:
        return
    turn = _read(gate, _TURN)
    if _fetch_add(gate, _ARRIVED, 1) == members - 1:
        gate[_ARRIVED] = 0
        _fetch_add(gate, _TURN, 1)
        return
    spins = 0
    while _read(gate, _TURN) == turn:
        spins += 1
        if spins > SPINS_BEFORE_YIELDING:
            _sched_yield()
            if _read(gate, _ABANDONED) == 1:
                return


@kernel
def begins(gate: npt.NDArray[np.int64], members: int) -> bool:  # pragma: no cover - compiled
    """Wait until the whole team has come; whether there is something to do then, or all are to leave."""
    meet(gate, members)
    stays: bool = _read(gate, _LEAVING) == 0 and _read(gate, _ABANDONED) == 0
    return stays


class Team:
    """Threads that stay in the same compiled function, each told who it is, and do one piece of work after another.

    The other threads wait inside, at the gate, while the caller's thread prepares the next piece: to call them in anew
    for each would cost more than many a piece.

    Attributes:
        members: how many.
    """

    def __init__(self, members: int) -> None:
        self.members = members
        self._gate = np.zeros(32, dtype=np.int64)
        self._others = [_Member(me, self._gate) for me in range(1, members)]
        self._work: Callable[..., None] | None = None
        self._args: tuple[object, ...] = ()

    def __enter__(self) -> Team:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.leave()
        finally:
            for other in self._others:
                other.dismiss()

    def enter(self, work: Callable[..., None], *args: object) -> None:
        """Let the others call `work(me, members, gate, *args)` and wait inside for the first `together`.

        `work` must release the GIL, go on as long as `begins` says so, and return after each piece where `me` is 0.
        Between two pieces the arrays among `args` may be filled anew.
        """
        self.leave()
        self._work, self._args = work, (self.members, self._gate, *args)
        for other in self._others:
            other.begin(work, self._args)

    def together(self) -> None:
        """Do one piece of work; raises what another thread raised."""
        if self._work is None:
            raise RuntimeError("the team has not entered any work")
        try:
            self._work(0, *self._args)
        except BaseException:
            self._gate[_ABANDONED] = 1
            raise
        if self._gate[_ABANDONED]:
            self.leave()

    def leave(self) -> None:
        """Let all come out of the work they are in, if they are in any; raises what another thread raised."""
        work, self._work = self._work, None
        if work is None:
            return
        self._gate[_LEAVING] = 1
        if not self._gate[_ABANDONED]:
            work(0, *self._args)
        faults = [other.finish() for other in self._others]
        self._gate[:] = 0
        for fault in faults:
            if fault is not None:
                raise fault


class _Member:
    """One more thread."""

    def __init__(self, me: int, gate: npt.NDArray[np.int64]) -> None:
        self._me = me
        self._gate = gate
        self._todo: SimpleQueue[tuple[Callable[..., None], tuple[object, ...]] | None] = SimpleQueue()
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        threading.Thread(target=self._serve, daemon=True).start()

    def begin(self, work: Callable[..., None], args: tuple[object, ...]) -> None:
        """Hand over some work."""
        self._todo.put((work, args))

    def finish(self) -> BaseException | None:
        """Wait until it is done; what it raised."""
        return self._done.get()

    def dismiss(self) -> None:
        """End the thread after what it is doing."""
        self._todo.put(None)

    def _serve(self) -> None:
        while (task := self._todo.get()) is not None:
            work, args = task
            try:
                work(self._me, *args)
            except BaseException as fault:  # noqa: BLE001 - handed to the caller's thread
                self._gate[_ABANDONED] = 1
                self._done.put(fault)
            else:
                self._done.put(None)
