"""The global options: they make the session that every command talks through."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
import os
from typing import Annotated, Literal

import typer

from givre.cli.language import Texts
from givre.cli.session import Session


def add_root(app: typer.Typer, texts: Texts) -> None:
    """Declare the global options."""

    def show_version(asked: bool) -> None:
        if asked:
            import givre  # noqa: PLC0415 - the version is read only when asked

            typer.echo(f"givre {givre.__version__}")
            raise typer.Exit

    @app.callback()
    def root(
        context: typer.Context,
        as_json: Annotated[bool, typer.Option("--json", help=texts("option.json"))] = False,
        lang: Annotated[Literal["fr", "en"] | None, typer.Option("--lang", help=texts("option.lang"))] = None,
        seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help=texts("option.seed"))] = 0,
        threads: Annotated[int | None, typer.Option("--threads", min=1, max=1024, help=texts("option.threads"))] = None,
        quiet: Annotated[bool, typer.Option("--quiet", "-q", help=texts("option.quiet"))] = False,
        debug: Annotated[bool, typer.Option("--debug", help=texts("option.debug"))] = False,
        version: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help=texts("option.version"))
        ] = False,
    ) -> None:
        del lang, version  # the language was chosen before the commands were built; --version has already stopped
        if threads is not None:
            os.environ["NUMBA_NUM_THREADS"] = str(threads)  # numba reads it once, when it is first imported
        context.obj = Session(texts=texts, as_json=as_json, quiet=quiet, debug=debug, seed=seed, threads=threads)
