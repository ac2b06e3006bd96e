"""What runs inside a local worker: read an item from standard input, do it, answer, until the input ends."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import select
import signal
import sys
import threading
from types import FrameType
from typing import BinaryIO, NoReturn

from givre.adapters.engine.frames import PipeEnded, read_frame, write_frame
from givre.adapters.engine.kernels import compile_kernels_once
from givre.adapters.engine.travelling import Answer, answer_of, fault_of, packed_answer

PATH, SHARED, ITEM, READY, ANSWER = b"P", b"S", b"I", b"R", b"A"
"""Letters of the messages: where modules are found, what all items share, one item; ready, one answer."""


def serve() -> int:
    """Work until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started the workers
    signal.signal(signal.SIGTERM, _leave)
    faulthandler.enable()
    requests, answers = _own_pipes()
    threading.Thread(target=_end_with_parent, args=(requests.fileno(),), daemon=True).start()
    with contextlib.suppress(PipeEnded):
        compile_kernels_once()
        write_frame(answers, READY)
        _answer_all(requests, answers)
    return 0


def _answer_all(requests: BinaryIO, answers: BinaryIO) -> NoReturn:
    shared: object = None
    unusable: Answer | None = None
    while True:
        letter, content = read_frame(requests)
        if letter == PATH:
            sys.path[:] = pickle.loads(content)  # noqa: S301 - from the process that started this one
        elif letter == SHARED:
            shared, unusable = None, None  # the old one goes before the new one comes
            try:
                shared = pickle.loads(content)  # noqa: S301 - likewise
            except Exception as error:  # noqa: BLE001 - told with the next item
                unusable = Answer(fault=fault_of(error))
        elif letter == ITEM:
            write_frame(answers, ANSWER, packed_answer(unusable or _answer(content, shared)))
        del content


def _answer(content: bytes, shared: object) -> Answer:
    try:
        task, item = pickle.loads(content)  # noqa: S301 - from the process that started this one
    except Exception as error:  # noqa: BLE001 - a module that is not there, say
        return Answer(fault=fault_of(error))
    return answer_of(task, shared, item)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for messages alone: what a task prints goes to standard error."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _end_with_parent(request_pipe: int) -> None:
    """End in the middle of an item too when the process that started this one is gone."""
    watch = select.poll()
    watch.register(request_pipe, 0)  # only the end of the pipe
    watch.poll()
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    """Through every `finally`, so that no temporary folder stays behind."""
    raise SystemExit(0)
