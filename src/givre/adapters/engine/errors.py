"""Refusals of the engines: workers that do not start or get lost, schedulers that are absent or do not match."""

from __future__ import annotations

from givre.foundation.errors import InputError, OutsideError


class WorkersNotStarted(OutsideError):
    """Worker processes that do not start."""

    code = "WORKERS_NOT_STARTED"


class WorkerLost(OutsideError):
    """A worker that died at the same item again and again."""

    code = "WORKER_LOST"


class WorkerFailed(OutsideError):
    """A task that met a fault of the machine, memory or disk, again and again."""

    code = "WORKER_FAILED"


class CannotTravel(OutsideError):
    """A task, an item or a result that cannot be sent to another process."""

    code = "CANNOT_TRAVEL"


class TaskFailed(OutsideError):
    """A fault in a worker whose own kind cannot be rebuilt here."""

    code = "TASK_FAILED"


class EngineBusy(OutsideError):
    """A second series asked of an engine before the first one ended."""

    code = "ENGINE_BUSY"


class SchedulerAddress(InputError):
    """An address that is not that of a Dask scheduler."""

    code = "SCHEDULER_ADDRESS"


class SecurityFile(InputError):
    """A file of certificates that cannot be used."""

    code = "SECURITY_FILE"


class SchedulerUnreachable(OutsideError):
    """A scheduler that does not answer, or answers no more."""

    code = "SCHEDULER_UNREACHABLE"


class NoWorkers(OutsideError):
    """A scheduler to which no worker has come."""

    code = "NO_WORKERS"


class ClusterMismatch(OutsideError):
    """A worker or scheduler that runs other versions than this machine."""

    code = "CLUSTER_MISMATCH"
