"""The command that lists the ways to a lesion: trajectories."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated, Literal

import typer

from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_trajectory_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare trajectories."""

    @app.command("trajectories", cls=command_class(texts), help=page(texts, "trajectories"))
    def trajectories(
        context: typer.Context,
        case: Annotated[Path, typer.Argument(help=texts("simulate.case"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("option.output"))],
        target: Annotated[str, typer.Option("--target", help=texts("trajectories.target"))] = "",
        best: Annotated[int, typer.Option("--best", min=1, max=50, help=texts("trajectories.best"))] = 5,
        clearance: Annotated[
            list[str] | None, typer.Option("--clearance", help=texts("trajectories.clearance"))
        ] = None,
        probe: Annotated[str, typer.Option("--probe", help=texts("trajectories.probe"))] = "",
        lying_on: Annotated[
            Literal["P", "A", "L", "R"] | None, typer.Option("--lying-on", help=texts("trajectories.lying_on"))
        ] = None,
        any_side: Annotated[bool, typer.Option("--any-side", help=texts("trajectories.any_side"))] = False,
        tilt: Annotated[
            float | None, typer.Option("--most-tilt", min=0.0, max=90.0, help=texts("trajectories.tilt"))
        ] = None,
        drill: Annotated[
            float | None, typer.Option("--drill-from", min=0.0, max=100.0, help=texts("trajectories.drill"))
        ] = None,
        spacing: Annotated[
            float, typer.Option("--entry-spacing", min=1.0, max=10.0, help=texts("trajectories.spacing"))
        ] = 2.0,
        languages: Annotated[str, typer.Option("--languages", help=texts("trajectories.languages"))] = "fr,en",
        force: Annotated[bool, typer.Option("--force", help=texts("option.force"))] = False,
    ) -> None:
        from givre.cli.trajectories import Asked, list_ways  # noqa: PLC0415 - heavy

        session: Session = context.obj
        asked = Asked(
            target=target,
            best=best,
            clearances=tuple(clearance or ()),
            probe=probe,
            lying_on=lying_on,
            any_side=any_side,
            most_tilt_deg=tilt,
            drill_from_mm=drill,
            spacing_mm=spacing,
            languages=languages,
        )
        raise typer.Exit(list_ways(session, case, output, asked, force=force))
