"""Picks where many simulations run: in this process, on local worker processes, or on a Dask cluster."""

from __future__ import annotations

from pathlib import Path

from givre.adapters.engine.environment import Versions, versions_here
from givre.adapters.engine.in_process import InProcess
from givre.adapters.engine.kernels import compile_kernels_once
from givre.adapters.engine.local import available_threads
from givre.foundation.errors import InputError
from givre.planning.trial.series import Engine


def run_many(
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    threads: int | None = None,
    security_file: Path | None = None,
) -> Engine:
    """The engine that was asked for; use it in a `with`, so that its processes or its connection end.

    Args:
        workers: how many local worker processes; None and no scheduler: this process, one item after the other.
        scheduler: address or scheduler file of a Dask cluster that runs.
        threads: processor threads of each local worker, 1 by default; has no meaning elsewhere.
        security_file: TOML file of the certificates for a tls:// scheduler.

    Raises:
        InputError: if both are asked for, or one of them cannot be.
        OutsideError: if the cluster cannot be used: Dask absent, no scheduler there, other versions.
    """
    if workers is not None and scheduler is not None:
        raise InputError("both workers and a scheduler are asked for; give --workers or --scheduler, not both")
    if scheduler is not None:
        from givre.adapters.engine.cluster import DaskCluster  # noqa: PLC0415 - only a cluster needs it

        return DaskCluster(scheduler, security_file=security_file)
    if security_file is not None:
        raise InputError(f"{security_file.name} is given without a scheduler; give --scheduler tls://HOST:PORT")
    if workers is None:
        compile_kernels_once()  # so that the bits are those that workers give
        return InProcess()
    from givre.adapters.engine.local_workers import LocalWorkers  # noqa: PLC0415 - only workers need it

    return LocalWorkers(workers, threads=threads or 1)


def threads_for_each(*, workers: int | None = None, scheduler: str | None = None, threads: int | None = None) -> int:
    """How many threads a task should solve with on the engine that `run_many` gives for the same arguments.

    All those of the machine in this process; one on workers and clusters, which have a process for each core.
    """
    if workers is None and scheduler is None:
        return threads or available_threads()
    return 1 if scheduler is not None else threads or 1


def engine_versions() -> Versions:
    """The versions that a result depends on, by name."""
    return versions_here()
