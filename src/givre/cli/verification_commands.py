"""The command that verifies the solver: verify."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.exit_codes import ExitCode
from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_verification_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare verify."""

    @app.command("verify", cls=command_class(texts), help=page(texts, "verify"))
    def verify(
        context: typer.Context,
        cards: Annotated[list[str] | None, typer.Argument(help=texts("verify.cards"))] = None,
        every: Annotated[bool, typer.Option("--all", help=texts("verify.all"))] = False,
        output: Annotated[Path | None, typer.Option("--output", "-o", help=texts("verify.output"))] = None,
        show_list: Annotated[bool, typer.Option("--list", help=texts("verify.list"))] = False,
    ) -> None:
        from givre.cli.verifying import list_cards, verify_cards  # noqa: PLC0415 - heavy

        session: Session = context.obj
        if show_list:
            list_cards(session)
            raise typer.Exit(ExitCode.OK)
        if bool(cards) == every:
            raise typer.BadParameter(texts("verify.which"), param_hint="CARDS")
        raise typer.Exit(verify_cards(session, tuple(cards or ()), output))
