"""A connection to a running Dask cluster, with its failures named."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import warnings
from asyncio import CancelledError
from collections.abc import Iterator
from concurrent.futures import CancelledError as CancelledInThread
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from givre.adapters.engine.cluster_address import certificates
from givre.adapters.engine.environment import Versions, differences, versions_here
from givre.adapters.engine.errors import NoWorkers, SchedulerUnreachable, SecurityFile
from givre.adapters.engine.on_cluster import mismatch
from givre.foundation.errors import MissingExtra

CONNECT_S = 5.0
"""A scheduler in the same house answers within milliseconds."""

CLOSE_S = 3.0
_LONGEST_LINE = 300

CANCELLED = (CancelledError, CancelledInThread)
DASK_FAULTS = (OSError, RuntimeError, ValueError, ImportError, *CANCELLED)
"""What the calls of a Dask client raise when its scheduler is gone, is something else, or refuses."""


class ShortLines(logging.Filter):
    """Dask lists the keys of everything it lost in one line, and its traces go on for pages: first words are enough."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten a record; one without words is held back."""
        sentence = record.getMessage()
        if len(sentence) > _LONGEST_LINE:
            record.msg, record.args = f"{sentence[:_LONGEST_LINE]} …", ()
        record.exc_info = record.exc_text = None
        return bool(sentence.strip())


def connected(address: str, *, security_file: Path | None, expected: Versions) -> Any:
    """A client of the scheduler at an address, whose versions agree with those here.

    Args:
        address: tcp://host:port or tls://host:port.
        security_file: names the certificates; without it those of Dask's own configuration are used.
        expected: the versions that the scheduler must have.

    Raises:
        MissingExtra: if Dask is not installed here.
        SecurityFile: if the address asks for certificates and none are given.
        SchedulerUnreachable: if nobody answers there within seconds, or somebody else does.
        ClusterMismatch: if the scheduler runs other versions.
    """
    if find_spec("distributed") is None:
        raise MissingExtra(
            "a cluster needs Dask, which is not installed here; pip install 'givre[cluster]', or use --workers"
        )
    distributed: Any = importlib.import_module("distributed")  # slow to import: only for a cluster
    _shorten_lines()
    security = _security(distributed, address, security_file)
    try:
        _knock(address, security)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # versions are compared below, and refused by name
            client = distributed.Client(
                address,
                security=security,
                timeout=CONNECT_S,
                set_as_default=False,
                name="givre",
                direct_to_workers=False,
            )
    except DASK_FAULTS as error:
        raise SchedulerUnreachable(
            f"no Dask scheduler answers at {address} ({first_words(error)}); start one with dask scheduler, or see "
            "whether address, network and certificates are right"
        ) from error
    try:
        _refuse_other_scheduler(client, address, expected)
    except BaseException:
        close(client)
        raise
    return client


def _knock(address: str, security: Any) -> None:
    """See within seconds that a Dask scheduler answers: a client waits for ever when somebody else listens there.

    Raises:
        OSError: if nobody does, or in another language.
    """
    comm: Any = importlib.import_module("distributed.comm")
    options = {} if security is None else security.get_connection_args("client")

    async def knock() -> None:
        door = await asyncio.wait_for(comm.connect(address, timeout=CONNECT_S, **options), CONNECT_S + 1.0)
        door.abort()

    with ThreadPoolExecutor(1) as elsewhere:  # a notebook has a loop of its own in this thread
        elsewhere.submit(asyncio.run, knock()).result()


def await_workers(client: Any, address: str, *, patience_s: float, expected: Versions) -> None:
    """Wait until a worker has done a first small piece of work; a cluster that grows when asked starts one for it.

    Raises:
        NoWorkers: if none has come in time.
        SchedulerUnreachable: if the scheduler is gone.
        ClusterMismatch: if a worker runs other versions, or has no givre.
    """
    try:
        first = client.submit(versions_here, pure=False)
        try:
            first.result(timeout=patience_s)
        finally:
            first.cancel()
        found = client.run(versions_here, on_error="return")
    except TimeoutError as error:
        if client.status != "running":
            raise gone(address, error) from error
        raise no_workers(address, patience_s) from error
    except ImportError as error:
        raise mismatch("a worker", f"no givre that matches ({first_words(error)})") from error
    except DASK_FAULTS as error:
        raise gone(address, error) from error
    for worker, versions in found.items():
        _refuse_other(f"worker {worker}", versions, expected)


def gone(address: str, error: BaseException | None = None) -> SchedulerUnreachable:
    """The refusal when a scheduler answers no more."""
    words = f" ({first_words(error)})" if error is not None else ""
    return SchedulerUnreachable(
        f"the Dask scheduler at {address} answers no more{words}; see whether it still runs, and start again"
    )


def no_workers(address: str, patience_s: float) -> NoWorkers:
    """The refusal when nobody works for too long."""
    return NoWorkers(
        f"no worker of the scheduler at {address} began to work within {patience_s:.0f} s; start some with "
        f"dask worker {address}, or wait until those there are free"
    )


@contextlib.contextmanager
def as_large_as_it_is() -> Iterator[None]:
    """Let one large value through without the advice that Dask prints on such an occasion."""
    dask: Any = importlib.import_module("dask")
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
        yield


def close(client: Any) -> None:
    """Leave the cluster as it is and end the connection, whatever its state."""
    with contextlib.suppress(*DASK_FAULTS):
        client.close(timeout=CLOSE_S)


def first_words(error: BaseException) -> str:
    """The first line of an error of Dask, short enough for a sentence."""
    line = str(error).strip().split("\n")[0][:160]
    return line or type(error).__name__


def _refuse_other_scheduler(client: Any, address: str, expected: Versions) -> None:
    try:
        versions: object = client.run_on_scheduler(versions_here)
    except ImportError as error:
        versions = error
    except DASK_FAULTS as error:
        raise gone(address, error) from error
    _refuse_other(f"the scheduler at {address}", versions, expected)


def _refuse_other(who: str, versions: object, expected: Versions) -> None:
    if isinstance(versions, BaseException):
        raise mismatch(who, f"no givre that matches ({first_words(versions)})") from versions
    unequal = differences(expected, versions if isinstance(versions, dict) else {})
    if unequal:
        raise mismatch(who, unequal)


def _security(distributed: Any, address: str, file: Path | None) -> Any:
    """The certificates to show; None for a connection without."""
    if not address.startswith("tls://"):
        if file is not None:
            raise SecurityFile(f"{file.name} is given and {address} is not encrypted; give tls://HOST:PORT")
        return None
    security = distributed.Security(require_encryption=True, **({} if file is None else certificates(file)))
    try:
        is_complete = bool(security.get_connection_args("client").get("ssl_context"))
    except OSError as error:  # an ssl.SSLError is one too
        raise SecurityFile(f"the certificates cannot be used ({first_words(error)}); give PEM files") from error
    if not is_complete:
        raise SecurityFile(
            f"{address} asks for certificates and none are given; name ca_file, cert_file and key_file in a TOML file "
            "and give it with --scheduler-security, or set them in Dask's own configuration"
        )
    return security


def _shorten_lines() -> None:
    for handler in logging.getLogger("distributed").handlers:
        if not any(isinstance(one, ShortLines) for one in handler.filters):
            handler.addFilter(ShortLines())
