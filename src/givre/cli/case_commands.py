"""The commands around a case file: init and import."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import Annotated

import typer

from givre.cli.groups import command_class, page
from givre.cli.language import Texts
from givre.cli.session import Session


def add_case_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare init and import."""

    @app.command("init", cls=command_class(texts), help=page(texts, "init"))
    def init(
        context: typer.Context,
        folder: Annotated[Path, typer.Argument(help=texts("init.folder"))],
        force: Annotated[bool, typer.Option("--force", help=texts("option.replace"))] = False,
    ) -> None:
        session: Session = context.obj
        _init(session, folder, force=force)

    @app.command("import", cls=command_class(texts), help=page(texts, "import"))
    def import_image(
        context: typer.Context,
        path: Annotated[Path, typer.Argument(help=texts("import.path"))],
        series: Annotated[str, typer.Option("--series", help=texts("import.series"))] = "",
        resample_tilt: Annotated[bool, typer.Option("--resample-tilt", help=texts("import.resample_tilt"))] = False,
        resample_gaps: Annotated[bool, typer.Option("--resample-gaps", help=texts("import.resample_gaps"))] = False,
    ) -> None:
        from givre import wiring  # noqa: PLC0415 - heavy

        session: Session = context.obj
        imported = wiring.read_image(path, series_uid=series, resample_tilt=resample_tilt, resample_gaps=resample_gaps)
        report = imported.report
        if session.as_json:
            session.print_json(report.as_json())
        else:
            session.print_text(report.as_text())


def _init(session: Session, folder: Path, *, force: bool) -> None:
    from givre import wiring_cases  # noqa: PLC0415 - heavy

    texts = session.texts
    draft, path = wiring_cases.draft_case(folder, language=texts.language, replace=force)
    if session.as_json:
        findings = [{"code": finding.code, "sentence": finding.sentence} for finding in draft.findings]
        session.print_json({"written": str(path), "findings": findings, "missing": list(draft.missing)})
        return
    session.print_text(texts("init.written", path=path))
    session.print_text(texts("init.recognised"))
    for finding in draft.findings:
        session.print_text(f"  - {finding.sentence}")
    session.print_text(texts("init.missing", parts=", ".join(texts(f"missing.{part}") for part in draft.missing)))
