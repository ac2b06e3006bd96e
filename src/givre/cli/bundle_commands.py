"""The commands for .givre bundles: pack, unpack, verify."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from givre.cli.groups import command_class, new_group, page
from givre.cli.language import Texts
from givre.cli.session import Session

if TYPE_CHECKING:
    from givre.adapters.bundle import BundleManifest


def add_bundle_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare the group and its commands."""
    group = new_group(texts, "bundle")
    app.add_typer(group, name="bundle")
    _add_pack(group, texts)

    @group.command("unpack", cls=command_class(texts), help=page(texts, "bundle.unpack"))
    def unpack(
        context: typer.Context,
        bundle: Annotated[Path, typer.Argument(help=texts("bundle.path"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("bundle.unpack.output"))],
    ) -> None:
        from givre.adapters.bundle import unpack_bundle  # noqa: PLC0415 - heavy

        _print(context.obj, "bundle.unpacked", output, unpack_bundle(bundle, output))

    @group.command("verify", cls=command_class(texts), help=page(texts, "bundle.verify"))
    def verify(context: typer.Context, bundle: Annotated[Path, typer.Argument(help=texts("bundle.path"))]) -> None:
        from givre.adapters.bundle import verify_bundle  # noqa: PLC0415 - heavy

        _print(context.obj, "bundle.verified", bundle, verify_bundle(bundle))


def _add_pack(group: typer.Typer, texts: Texts) -> None:
    @group.command("pack", cls=command_class(texts), help=page(texts, "bundle.pack"))
    def pack(
        context: typer.Context,
        case: Annotated[Path, typer.Argument(help=texts("bundle.pack.case"))],
        output: Annotated[Path, typer.Option("--output", "-o", help=texts("bundle.pack.output"))],
        results: Annotated[Path | None, typer.Option("--results", help=texts("bundle.pack.results"))] = None,
        force: Annotated[bool, typer.Option("--force", help=texts("option.replace"))] = False,
    ) -> None:
        from givre import wiring_cases  # noqa: PLC0415 - heavy

        session: Session = context.obj
        manifest = wiring_cases.pack_case(case, output, results=results, replace=force)
        if any(entry.path.endswith((".dcm", ".zip")) for entry in manifest.entries):
            session.remark(texts("bundle.identity"))
        _print(session, "bundle.packed", output, manifest)


def _print(session: Session, key: str, path: Path, manifest: "BundleManifest") -> None:
    if session.as_json:
        session.print_json(
            {
                "path": str(path),
                "case_id": manifest.case_id,
                "format_version": list(manifest.version),
                "givre_version": manifest.givre_version,
                "files": [
                    {"path": entry.path, "bytes": entry.size_bytes, "sha256": entry.sha256}
                    for entry in manifest.entries
                ],
            }
        )
        return
    size = f"{manifest.size_bytes / 1e6:.1f} MB"
    session.print_text(session.texts(key, path=path, count=len(manifest.entries), size=size))
