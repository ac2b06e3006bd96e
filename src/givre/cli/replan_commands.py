"""The command of the day: replan."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_replan_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare replan."""

    @app.command("replan", cls=command_class(texts), help=page(texts, "replan"))
    def replan(
        context: typer.Context,
        case: Annotated[Path, typer.Argument(help=texts("simulate.case"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("option.output"))],
        placed: Annotated[Path | None, typer.Option("--placed", help=texts("replan.placed"))] = None,
        probe: Annotated[list[str] | None, typer.Option("--probe", help=texts("replan.probe"))] = None,
        left_out: Annotated[list[str] | None, typer.Option("--left-out", help=texts("replan.left_out"))] = None,
        only: Annotated[str, typer.Option("--only", help=texts("replan.only"))] = "freeze,move,add,delay",
        all_goals: Annotated[bool, typer.Option("--all-goals", help=texts("replan.all_goals"))] = False,
        coverage: Annotated[float, typer.Option("--coverage", help=texts("replan.coverage"))] = 0.98,
        longest_freeze: Annotated[
            float | None, typer.Option("--longest-freeze", help=texts("replan.longest_freeze"))
        ] = None,
        most_move: Annotated[float | None, typer.Option("--most-move", help=texts("replan.most_move"))] = None,
        check: Annotated[bool, typer.Option("--check/--no-check", help=texts("replan.check"))] = True,
        time_limit: Annotated[float, typer.Option("--time-limit", help=texts("replan.time_limit"))] = 60.0,
        force: Annotated[bool, typer.Option("--force", help=texts("option.force"))] = False,
    ) -> None:
        from givre.cli.replanning import Asked, replan_on_the_day  # noqa: PLC0415 - heavy

        session: Session = context.obj
        asked = Asked(
            placed=placed,
            probes=tuple(probe or ()),
            left_out=tuple(left_out or ()),
            only=only,
            all_goals=all_goals,
            coverage=coverage,
            longest_freeze_min=longest_freeze,
            most_move_mm=most_move,
            check=check,
            time_limit_s=time_limit,
        )
        raise typer.Exit(replan_on_the_day(session, case, output, asked, force=force))
