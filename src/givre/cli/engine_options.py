"""The options --workers, --scheduler and --scheduler-security, for every command that runs many simulations.

In the file of commands (where Typer reads annotations, so no `from __future__ import annotations`):

    from givre.cli.engine_options import engine_chosen, scheduler_option, security_option, workers_option

    def plan(
        context: typer.Context,
        ...
        workers: Annotated[int | None, workers_option(texts)] = None,
        scheduler: Annotated[str | None, scheduler_option(texts)] = None,
        security: Annotated[Path | None, security_option(texts)] = None,
    ) -> None:
        choice = EngineChoice(workers=workers, scheduler=scheduler, security=security)

and in the file of what the command does:

    with engine_chosen(session, choice) as engine:       # an Engine: it is a RunMany
        propose_plan(..., run_many=engine, threads=choice.threads(session))

`GIVRE_SCHEDULER` and `GIVRE_SCHEDULER_SECURITY` stand in for the options when neither --workers nor --scheduler is
given. Leaving the `with` ends the worker processes, after Ctrl-C too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from givre.cli.language import Texts
from givre.cli.session import Session

if TYPE_CHECKING:
    from givre.planning.trial.series import Engine

SCHEDULER_VARIABLE = "GIVRE_SCHEDULER"
SECURITY_VARIABLE = "GIVRE_SCHEDULER_SECURITY"
MOST_WORKERS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """Where many simulations are to run.

    Attributes:
        workers: how many local worker processes; None for none.
        scheduler: address or scheduler file of a Dask cluster; None for none.
        security: TOML file of its certificates.
    """

    workers: int | None = None
    scheduler: str | None = None
    security: Path | None = None

    def completed(self, environment: Mapping[str, str]) -> EngineChoice:
        """The same choice; where it says nothing, what the environment says.

        >>> EngineChoice().completed({"GIVRE_SCHEDULER": "tcp://10.0.0.7:8786"}).scheduler
        'tcp://10.0.0.7:8786'
        >>> EngineChoice(workers=2).completed({"GIVRE_SCHEDULER": "tcp://10.0.0.7:8786"}).scheduler
        """
        if self.workers is not None:
            return self
        scheduler = self.scheduler or environment.get(SCHEDULER_VARIABLE) or None
        named = environment.get(SECURITY_VARIABLE)
        needs_security = scheduler is not None and scheduler.startswith("tls://")
        security = self.security or (Path(named) if named and needs_security else None)
        return EngineChoice(scheduler=scheduler, security=security)

    def threads(self, session: Session) -> int:
        """How many threads each task should solve with."""
        from givre.wiring_engines import threads_for_each  # noqa: PLC0415 - heavy

        chosen = self.completed(os.environ)
        return threads_for_each(workers=chosen.workers, scheduler=chosen.scheduler, threads=session.threads)


def workers_option(texts: Texts) -> Any:
    """--workers N."""
    return typer.Option("--workers", min=1, max=MOST_WORKERS, metavar="N", help=texts("option.workers"))


def scheduler_option(texts: Texts) -> Any:
    """--scheduler ADDRESS."""
    return typer.Option("--scheduler", metavar="ADDRESS", help=texts("option.scheduler"))


def security_option(texts: Texts) -> Any:
    """--scheduler-security FILE."""
    return typer.Option("--scheduler-security", metavar="FILE", help=texts("option.security"))


@contextmanager
def engine_chosen(session: Session, choice: EngineChoice) -> Iterator[Engine]:
    """The engine while the context lasts; says so when images would travel unencrypted.

    Raises:
        GivreError: whatever `wiring_engines.run_many` refuses.
    """
    from givre import wiring_engines  # noqa: PLC0415 - heavy
    from givre.adapters.engine.cluster_address import is_open_wire, scheduler_address  # noqa: PLC0415

    chosen = choice.completed(os.environ)
    if chosen.scheduler is not None and is_open_wire(scheduler_address(chosen.scheduler)):
        session.remark(session.texts("engine.open_wire"))
    with wiring_engines.run_many(
        workers=chosen.workers,
        scheduler=chosen.scheduler,
        threads=session.threads,
        security_file=chosen.security,
    ) as engine:
        yield engine
