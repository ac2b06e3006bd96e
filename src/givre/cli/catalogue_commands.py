"""The commands that show what givre knows: samples, probes, tissues."""

# Typer reads the annotations of the functions below when it builds the commands: they stay plain values here.
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from givre.cli.groups import command_class, new_group, page
from givre.cli.language import Texts
from givre.cli.session import Session

if TYPE_CHECKING:
    from givre.cryoprobe.model import CryoprobeModel
    from givre.foundation.quantity import Quantity

Row = tuple[str, str, float, float, float, str, str, str]
"""Owner, quantity, value, low, high, unit, status, source."""

NOT_CALIBRATED = "not_calibrated"
"""Status of a probe without calibration data."""


def add_catalogue_commands(app: typer.Typer, texts: Texts) -> None:
    """Declare samples, probes and tissues."""
    _add_samples(app, texts)

    @app.command("probes", cls=command_class(texts), help=page(texts, "probes"))
    def probes(context: typer.Context, model: Annotated[str, typer.Argument(help=texts("probes.name"))] = "") -> None:
        from givre.cryoprobe.catalogue import find_cryoprobe, load_catalogue  # noqa: PLC0415 - heavy

        catalogue = load_catalogue()
        chosen = [find_cryoprobe(catalogue, model)] if model else list(catalogue.values())
        _print_rows(context.obj, "column.id", [row for item in chosen for row in _probe_rows(item, texts)])

    @app.command("tissues", cls=command_class(texts), help=page(texts, "tissues"))
    def tissues(
        context: typer.Context, tissue: Annotated[str, typer.Argument(help=texts("tissues.name"))] = ""
    ) -> None:
        from givre.tissue.table import find_tissue, load_tissue_table  # noqa: PLC0415 - heavy

        table = load_tissue_table()
        chosen = {tissue: find_tissue(table, tissue)} if tissue else table
        rows = [row for name, item in chosen.items() for row in _quantity_rows(name, item.quantities())]
        _print_rows(context.obj, "column.tissue", rows)


def _add_samples(app: typer.Typer, texts: Texts) -> None:
    group = new_group(texts, "samples")
    app.add_typer(group, name="samples")

    @group.command("list", cls=command_class(texts), help=page(texts, "samples.list"))
    def list_all(context: typer.Context) -> None:
        from givre.adapters.samples import list_samples  # noqa: PLC0415 - heavy

        session: Session = context.obj
        samples = list_samples()
        if session.as_json:
            session.print_json(
                [
                    {"name": s.name, "title": s.title, "licence": s.licence, "needs_registry": s.needs_download}
                    for s in samples
                ]
            )
            return
        header = [texts(f"column.{name}") for name in ("name", "what", "licence", "network")]
        rows = [(s.name, s.title, s.licence, texts("yes" if s.needs_download else "no")) for s in samples]
        session.print_table(header, rows)

    @group.command("get", cls=command_class(texts), help=page(texts, "samples.get"))
    def get(
        context: typer.Context,
        name: Annotated[str, typer.Argument(help=texts("samples.get.name"))],
        output: Annotated[Path | None, typer.Option("--output", "-o", help=texts("option.output"))] = None,
    ) -> None:
        from givre import wiring_cases  # noqa: PLC0415 - heavy

        session: Session = context.obj
        folder = output if output is not None else Path(name)
        wiring_cases.get_sample(name, folder, language=texts.language)
        if session.as_json:
            session.print_json({"name": name, "path": str(folder)})
        else:
            session.print_text(texts("samples.got", path=folder))


def _probe_rows(model: "CryoprobeModel", texts: Texts) -> Iterable[Row]:
    lengths = (
        ("diameter", model.diameter_mm, model.diameter_status),
        ("active zone", model.active_zone_mm, model.active_zone_status),
        ("tip offset", model.tip_offset_mm, model.tip_offset_status),
    )
    for name, length_mm, status in lengths:
        yield (model.id, name, length_mm, length_mm, length_mm, "mm", status, model.geometry_source)
    quantities = {"surface temperature": model.surface_temp_c, "contact resistance": model.contact_resistance_m2k_w}
    yield from _quantity_rows(model.id, quantities)
    yield _calibration_row(model, texts)


def _calibration_row(model: "CryoprobeModel", texts: Texts) -> Row:
    """How many measured sizes stand behind a probe; none for a probe without calibration data."""
    origin = model.calibration
    if origin is None:
        return (model.id, "calibration", 0.0, 0.0, 0.0, "sizes", NOT_CALIBRATED, texts("probes.no_data"))
    count = float(origin.sizes)
    return (model.id, "calibration", count, count, count, "sizes", "calibrated", origin.sentence)


def _quantity_rows(owner: str, quantities: "Mapping[str, Quantity]") -> Iterable[Row]:
    for name, q in quantities.items():
        yield (owner, name, q.value, q.low, q.high, q.unit, q.status, q.source)


def _print_rows(session: Session, owner_key: str, rows: list[Row]) -> None:
    if session.as_json:
        keys = ("name", "quantity", "value", "low", "high", "unit", "status", "source")
        session.print_json([dict(zip(keys, row, strict=True)) for row in rows])
        return
    texts = session.texts
    columns = ("quantity", "value", "range", "unit", "status", "source")
    header = [texts(owner_key), *(texts(f"column.{name}") for name in columns)]
    written = [
        (owner, name, f"{value:g}", f"{low:g} – {high:g}" if low < high else "–", unit, _shown(status, texts), source)
        for owner, name, value, low, high, unit, status, source in rows
    ]
    session.print_table(header, written)


def _shown(status: str, texts: Texts) -> str:
    return texts("probes.not_calibrated") if status == NOT_CALIBRATED else status
