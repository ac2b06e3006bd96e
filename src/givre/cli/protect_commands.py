"""The command that proposes how to protect organs: protect."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_protect_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare protect."""

    @app.command("protect", cls=command_class(texts), help=page(texts, "protect"))
    def protect(
        context: typer.Context,
        case: Annotated[Path, typer.Argument(help=texts("simulate.case"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("option.output"))],
        only: Annotated[
            str, typer.Option("--only", help=texts("protect.only"))
        ] = "co2,saline,warm_saline,shorter_freeze,move,thermocouple",
        epidural: Annotated[bool, typer.Option("--epidural/--no-epidural", help=texts("protect.epidural"))] = True,
        coverage: Annotated[float, typer.Option("--coverage", help=texts("replan.coverage"))] = 0.98,
        take: Annotated[str, typer.Option("--take", help=texts("protect.take"))] = "",
        voxel: Annotated[float, typer.Option("--voxel-mm", help=texts("protect.voxel_mm"))] = 2.0,
        check: Annotated[bool, typer.Option("--check/--no-check", help=texts("protect.check"))] = True,
        time_limit: Annotated[float, typer.Option("--time-limit", help=texts("replan.time_limit"))] = 120.0,
        force: Annotated[bool, typer.Option("--force", help=texts("option.force"))] = False,
    ) -> None:
        from givre.cli.protecting import Asked, protect_organs  # noqa: PLC0415 - heavy

        session: Session = context.obj
        asked = Asked(
            only=only,
            epidural=epidural,
            coverage=coverage,
            take=take,
            voxel_mm=voxel,
            check=check,
            time_limit_s=time_limit,
        )
        raise typer.Exit(protect_organs(session, case, output, asked, force=force))
