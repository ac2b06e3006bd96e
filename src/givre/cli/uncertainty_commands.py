"""The command that tells how sure a plan is: uncertainty."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.engine_options import EngineChoice, scheduler_option, security_option, workers_option
from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_uncertainty_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare uncertainty."""

    @app.command("uncertainty", cls=command_class(texts), help=page(texts, "uncertainty"))
    def uncertainty(
        context: typer.Context,
        case: Annotated[Path, typer.Argument(help=texts("simulate.case"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("option.output"))],
        samples: Annotated[int, typer.Option("--samples", help=texts("uncertainty.samples"))] = 200,
        placement_mm: Annotated[
            float | None, typer.Option("--placement-sigma-mm", help=texts("uncertainty.placement"))
        ] = None,
        along_mm: Annotated[float | None, typer.Option("--along-sigma-mm", help=texts("uncertainty.along"))] = None,
        direction_deg: Annotated[
            float | None, typer.Option("--direction-sigma-deg", help=texts("uncertainty.direction"))
        ] = None,
        threshold_c: Annotated[
            float | None, typer.Option("--threshold-sigma-c", help=texts("uncertainty.threshold"))
        ] = None,
        voxel_mm: Annotated[float, typer.Option("--voxel-mm", help=texts("uncertainty.voxel"))] = 2.0,
        tornado_runs: Annotated[bool, typer.Option("--tornado-runs", help=texts("uncertainty.tornado_runs"))] = False,
        languages: Annotated[str, typer.Option("--languages", help=texts("uncertainty.languages"))] = "fr,en",
        workers: Annotated[int | None, workers_option(texts)] = None,
        scheduler: Annotated[str | None, scheduler_option(texts)] = None,
        security: Annotated[Path | None, security_option(texts)] = None,
        force: Annotated[bool, typer.Option("--force", help=texts("option.force"))] = False,
    ) -> None:
        from givre.cli.uncertainties import AskedSpread, tell_uncertainty  # noqa: PLC0415 - heavy

        session: Session = context.obj
        asked = AskedSpread(
            samples=samples,
            placement_mm=placement_mm,
            along_mm=along_mm,
            direction_deg=direction_deg,
            threshold_c=threshold_c,
            voxel_mm=voxel_mm,
            tornado_runs=tornado_runs,
            languages=languages,
        )
        choice = EngineChoice(workers=workers, scheduler=scheduler, security=security)
        raise typer.Exit(tell_uncertainty(session, case, output, asked, choice, force=force))
