"""The commands that lead to a dossier: demo, simulate, check."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated, Literal

import typer

from givre.cli.exit_codes import ExitCode
from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session

_DEFAULT_LANGUAGES = "fr,en"


def add_planning_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare demo, simulate and check."""
    _add_demo(app, texts)
    _add_simulate(app, texts)
    _add_check(app, texts)


def _add_demo(app: typer.Typer, texts: Texts) -> None:
    @app.command("demo", cls=command_class(texts), help=page(texts, "demo"))
    def demo(
        context: typer.Context,
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("option.output"))] = Path("givre-demo"),
        sample: Annotated[str, typer.Option("--sample", help=texts("demo.sample"))] = "lumbar-vertebra",
        languages: Annotated[str, typer.Option("--languages", help=texts("option.languages"))] = _DEFAULT_LANGUAGES,
        force: Annotated[bool, typer.Option("--force", help=texts("option.force"))] = False,
        error: Annotated[
            bool | None, typer.Option("--error-estimate/--no-error-estimate", help=texts("option.error"))
        ] = None,
        lattices: Annotated[int, typer.Option("--error-lattices", min=2, max=3, help=texts("option.lattices"))] = 2,
    ) -> None:
        from givre.cli.simulating import ErrorChoice, demonstrate  # noqa: PLC0415 - heavy

        session: Session = context.obj
        choice = ErrorChoice(wanted=error, lattices=lattices)
        raise typer.Exit(
            demonstrate(session, sample, output, chosen_languages(languages, texts), force=force, error=choice)
        )


def _add_simulate(app: typer.Typer, texts: Texts) -> None:
    @app.command("simulate", cls=command_class(texts), help=page(texts, "simulate"))
    def simulate(
        context: typer.Context,
        case: Annotated[Path, typer.Argument(help=texts("simulate.case"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("option.output"))],
        languages: Annotated[str, typer.Option("--languages", help=texts("option.languages"))] = _DEFAULT_LANGUAGES,
        dossier: Annotated[bool, typer.Option("--dossier/--no-dossier", help=texts("option.pdf"))] = True,
        engine: Annotated[Literal["cpu", "gpu"], typer.Option("--engine", help=texts("option.engine"))] = "cpu",
        force: Annotated[bool, typer.Option("--force", help=texts("option.force"))] = False,
        error: Annotated[
            bool | None, typer.Option("--error-estimate/--no-error-estimate", help=texts("option.error"))
        ] = None,
        lattices: Annotated[int, typer.Option("--error-lattices", min=2, max=3, help=texts("option.lattices"))] = 2,
        proposals: Annotated[Path | None, typer.Option("--proposals", help=texts("simulate.proposals"))] = None,
        uncertainty: Annotated[Path | None, typer.Option("--uncertainty", help=texts("simulate.uncertainty"))] = None,
    ) -> None:
        from givre.cli.simulating import ErrorChoice, PlannedFolders, simulate_case  # noqa: PLC0415 - heavy

        session: Session = context.obj
        chosen = chosen_languages(languages, texts) if dossier else ()
        choice = ErrorChoice(wanted=error, lattices=lattices)
        planned = PlannedFolders(proposals=proposals, uncertainty=uncertainty)
        raise typer.Exit(
            simulate_case(session, case, output, chosen, engine=engine, force=force, error=choice, planned=planned)
        )


def _add_check(app: typer.Typer, texts: Texts) -> None:
    @app.command("check", cls=command_class(texts), help=page(texts, "check"))
    def check(context: typer.Context, case: Annotated[Path, typer.Argument(help=texts("simulate.case"))]) -> None:
        from givre.cli.simulating import check_case  # noqa: PLC0415 - heavy

        session: Session = context.obj
        check_case(session, case)
        raise typer.Exit(ExitCode.OK)


def chosen_languages(written: str, texts: Texts) -> tuple[Literal["fr", "en"], ...]:
    """The languages of --languages, each once, in the order written."""
    chosen: list[Literal["fr", "en"]] = []
    for word in (part.strip() for part in written.split(",")):
        if word not in ("fr", "en"):
            raise typer.BadParameter(texts("error.languages", language=word), param_hint="--languages")
        chosen.append("fr" if word == "fr" else "en")
    return tuple(dict.fromkeys(chosen))
