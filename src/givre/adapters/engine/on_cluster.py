"""What runs on a Dask worker: check that it computes as the asking machine does, do one item, answer in bytes."""

from __future__ import annotations

import pickle
from functools import cache, lru_cache

from givre.adapters.engine.environment import Versions, differences, versions_here
from givre.adapters.engine.errors import ClusterMismatch
from givre.adapters.engine.kernels import compile_kernels_once
from givre.adapters.engine.travelling import Answer, answer_of, fault_of, packed_answer

_compiled = cache(compile_kernels_once)
_opened = lru_cache(maxsize=2)(pickle.loads)  # what a series shares is rebuilt once for each process, not for each item


def as_it_is(content: bytes) -> bytes:
    """What a series shares, as a piece of work: Dask does it again when every worker that had it is gone."""
    return content


def do(content: bytes, work: bytes, expected: Versions) -> bytes:
    """One item of a series, never raising: every fault travels in the answer.

    Args:
        content: what the items share, as bytes: rebuilt by this process itself, so that its arrays are as they are
            in any other process.
        work: the task and the item, as bytes.
        expected: the versions of the machine that asks.
    """
    try:
        unequal = differences(expected, versions_here())
        if unequal:
            raise mismatch("a worker", unequal)
        task, item = pickle.loads(work)  # noqa: S301 - from a client that the cluster lets in
        shared = _opened(content)
        _compiled()
    except Exception as error:  # noqa: BLE001 - a module that is not there, say
        return packed_answer(Answer(fault=fault_of(error)))
    return packed_answer(answer_of(task, shared, item))


def mismatch(who: str, unequal: str) -> ClusterMismatch:
    """The refusal of a machine that would compute something else."""
    return ClusterMismatch(
        f"{who} runs {unequal}; install the same versions of everything on this machine, the scheduler and all "
        "workers, and start them again"
    )
