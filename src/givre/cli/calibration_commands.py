"""The command that calibrates a cryoprobe on measured isotherms: calibrate-probe."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_calibration_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare calibrate-probe."""

    @app.command("calibrate-probe", cls=command_class(texts), help=page(texts, "calibrate"))
    def calibrate_probe(
        context: typer.Context,
        table: Annotated[Path, typer.Argument(help=texts("calibrate.table"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("calibrate.output"))],
        probe: Annotated[str, typer.Option("--probe", help=texts("calibrate.probe"))],
        fit: Annotated[str, typer.Option("--fit", help=texts("calibrate.fit"))] = "",
        model_id: Annotated[str, typer.Option("--id", help=texts("calibrate.id"))] = "",
        name: Annotated[str, typer.Option("--name", help=texts("calibrate.name"))] = "",
        date: Annotated[str, typer.Option("--date", help=texts("calibrate.date"))] = "",
        uncertainty_mm: Annotated[
            float, typer.Option("--uncertainty-mm", min=0.05, max=20.0, help=texts("calibrate.uncertainty"))
        ] = 1.0,
        voxel_mm: Annotated[
            float | None, typer.Option("--voxel-mm", min=0.5, max=4.0, help=texts("calibrate.voxel"))
        ] = None,
        force: Annotated[bool, typer.Option("--force", help=texts("option.replace"))] = False,
    ) -> None:
        from givre.calibration.fit import FitSettings  # noqa: PLC0415 - heavy
        from givre.cli.calibrating import calibrate  # noqa: PLC0415 - heavy

        session: Session = context.obj
        calibrate(
            session,
            table,
            output,
            probe=probe,
            asked=tuple(word for word in fit.split(",") if word.strip()),
            settings=FitSettings(assumed_uncertainty_mm=uncertainty_mm, voxel_mm=voxel_mm),
            model_id=model_id,
            name=name,
            date=date,
            replace=force,
        )
