"""The command that proposes where the cryoprobes go: plan."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.engine_options import EngineChoice, scheduler_option, security_option, workers_option
from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_placement_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare plan."""

    @app.command("plan", cls=command_class(texts), help=page(texts, "plan"))
    def plan(
        context: typer.Context,
        case: Annotated[Path, typer.Argument(help=texts("simulate.case"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("option.output"))],
        probes: Annotated[str, typer.Option("--probes", help=texts("plan.probes"))] = "1-8",
        model: Annotated[list[str] | None, typer.Option("--model", help=texts("plan.model"))] = None,
        margin: Annotated[float | None, typer.Option("--margin", help=texts("plan.margin"))] = None,
        lethal: Annotated[float | None, typer.Option("--lethal", help=texts("plan.lethal"))] = None,
        coverage: Annotated[float, typer.Option("--coverage", help=texts("plan.coverage"))] = 0.98,
        reserve_temp: Annotated[float | None, typer.Option("--reserve-temp", help=texts("plan.reserve_temp"))] = None,
        reserve_margin: Annotated[
            float | None, typer.Option("--reserve-margin", help=texts("plan.reserve_margin"))
        ] = None,
        spacing: Annotated[str, typer.Option("--spacing", help=texts("plan.spacing"))] = "10-20",
        alternatives: Annotated[int, typer.Option("--alternatives", help=texts("plan.alternatives"))] = 2,
        time_limit: Annotated[float | None, typer.Option("--time-limit", help=texts("plan.time_limit"))] = None,
        effort: Annotated[int, typer.Option("--effort", help=texts("plan.effort"))] = 400,
        quantile: Annotated[float | None, typer.Option("--quantile", help=texts("plan.quantile"))] = None,
        samples: Annotated[int, typer.Option("--samples", help=texts("plan.samples"))] = 64,
        force: Annotated[bool, typer.Option("--force", help=texts("option.force"))] = False,
        workers: Annotated[int | None, workers_option(texts)] = None,
        scheduler: Annotated[str | None, scheduler_option(texts)] = None,
        security: Annotated[Path | None, security_option(texts)] = None,
    ) -> None:
        from givre.cli.placing import Asked, plan_case  # noqa: PLC0415 - heavy
        from givre.cli.placing_quantile import AskedQuantile  # noqa: PLC0415 - heavy

        session: Session = context.obj
        asked = Asked(
            probes=probes,
            models=tuple(model or ()),
            margin_mm=margin,
            lethal_c=lethal,
            coverage=coverage,
            reserve_temp_c=reserve_temp,
            reserve_margin_mm=reserve_margin,
            spacing=spacing,
            alternatives=alternatives,
            time_limit_s=time_limit,
            effort=effort,
            quantile=AskedQuantile(share=quantile, samples=samples),
        )
        engine = EngineChoice(workers=workers, scheduler=scheduler, security=security)
        raise typer.Exit(plan_case(session, case, output, asked, engine=engine, force=force))
