"""The commands about this machine: doctor and completion."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from typing import Annotated

import typer

from givre.cli.exit_codes import ExitCode
from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session

_SHELLS = ("bash", "zsh", "fish")


def add_machine_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare doctor and completion."""

    @app.command("doctor", cls=command_class(texts), help=page(texts, "doctor"))
    def doctor(context: typer.Context) -> None:
        from givre.cli.doctor import examine_machine  # noqa: PLC0415 - heavy

        session: Session = context.obj
        checks = examine_machine()
        is_good = all(check.is_good or check.is_optional for check in checks)
        if session.as_json:
            session.print_json({"is_good": is_good, "checks": [check.as_json() for check in checks]})
        else:
            header = [texts("column.check"), texts("column.verdict"), texts("column.found"), texts("column.wanted")]
            rows = [(check.name, texts(f"doctor.{check.verdict}"), check.found, check.wanted) for check in checks]
            session.print_table(header, rows)
        raise typer.Exit(ExitCode.OK if is_good else ExitCode.FAILURE)

    @app.command("completion", cls=command_class(texts), help=page(texts, "completion"))
    def completion(
        context: typer.Context, shell: Annotated[str, typer.Argument(help=texts("completion.shell"))]
    ) -> None:
        if shell not in _SHELLS:
            raise typer.BadParameter(texts("error.shell", shell=shell), param_hint="SHELL")
        from typer.completion import (  # type: ignore[attr-defined]  # Typer's own  # noqa: PLC0415
            get_completion_script,
        )

        session: Session = context.obj
        script = get_completion_script(prog_name="givre", complete_var="_GIVRE_COMPLETE", shell=shell)
        session.print_text(script)
