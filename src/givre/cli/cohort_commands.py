"""The command that works through a cohort: batch."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.engine_options import EngineChoice, scheduler_option, security_option, workers_option
from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.planning_commands import chosen_languages
from givre.cli.session import Session


def add_cohort_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare batch."""

    @app.command("batch", cls=command_class(texts), help=page(texts, "batch"))
    def batch(
        context: typer.Context,
        folder: Annotated[Path, typer.Argument(help=texts("batch.folder"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("batch.output"))],
        task: Annotated[str, typer.Option("--task", help=texts("batch.task"))] = "simulate",
        time_limit: Annotated[float | None, typer.Option("--time-limit", help=texts("batch.time_limit"))] = None,
        workers: Annotated[int | None, workers_option(texts)] = None,
        scheduler: Annotated[str | None, scheduler_option(texts)] = None,
        security: Annotated[Path | None, security_option(texts)] = None,
        resume: Annotated[bool, typer.Option("--resume", help=texts("batch.resume"))] = False,
        force: Annotated[bool, typer.Option("--force", help=texts("batch.force"))] = False,
        languages: Annotated[str, typer.Option("--languages", help=texts("option.languages"))] = "fr,en",
        dossier: Annotated[bool, typer.Option("--dossier/--no-dossier", help=texts("option.pdf"))] = True,
        error: Annotated[
            bool | None, typer.Option("--error-estimate/--no-error-estimate", help=texts("option.error"))
        ] = None,
        lattices: Annotated[int, typer.Option("--error-lattices", min=2, max=3, help=texts("option.lattices"))] = 2,
    ) -> None:
        from givre.cli.cohorts import work_through  # noqa: PLC0415 - heavy
        from givre.wiring_cohort import CohortSettings  # noqa: PLC0415 - heavy

        session: Session = context.obj
        choice = EngineChoice(workers=workers, scheduler=scheduler, security=security)
        settings = CohortSettings(
            task=task,
            languages=chosen_languages(languages, texts) if dossier else (),
            estimate_error=error,
            error_lattices=lattices,
            seed=session.seed,
            time_limit_s=time_limit,
            threads=choice.threads(session),
        )
        raise typer.Exit(work_through(session, folder, output, settings, choice, resume=resume, force=force))
