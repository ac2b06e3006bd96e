"""Picks the adapters of a calibration: where its table is read, where it is solved, where its entry goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from givre.adapters.calibration import (
    PlotWords,
    check_outputs,
    entry_text,
    outputs_of,
    read_table_file,
    residual_plot,
    residuals_csv,
    write_files,
)
from givre.calibration.entry import TableOrigin
from givre.calibration.fit import FitSettings, Told
from givre.cryoprobe.catalogue import find_cryoprobe, load_catalogue
from givre.usecases.calibrate_probe import CalibratedProbe, MeasuredFile, calibrate_probe
from givre.wiring import solver


def calibrate(
    table: Path,
    output: Path,
    *,
    probe: str,
    asked: Iterable[str],
    settings: FitSettings,
    model_id: str = "",
    name: str = "",
    date: str = "",
    replace: bool = False,
    threads: int | None = None,
    told: Told | None = None,
) -> CalibratedProbe:
    """Fit a probe of the catalogue to a table; nothing is written yet, but what could not be is refused.

    Args:
        table: the CSV file.
        output: where the entry will go.
        probe: catalogue id of the entry to start from.
        asked: what to fit.
        settings: of the fit.
        model_id: id of the new entry.
        name: name of the new entry.
        date: day of the calibration, ISO; today unless given.
        replace: whether files may be replaced.
        threads: processor threads.
        told: told how far it is.
    """
    check_outputs(outputs_of(output), table=table, replace=replace)
    base = find_cryoprobe(load_catalogue(), probe)
    lines, sha256 = read_table_file(table)
    day = date or datetime.now(tz=UTC).date().isoformat()
    return calibrate_probe(
        MeasuredFile(lines=lines, origin=TableOrigin(file=table.name, sha256=sha256, date=day)),
        base,
        solve=solver(threads=threads),
        asked=asked,
        settings=settings,
        told=told,
        model_id=model_id,
        name=name,
    )


def write_calibration(found: CalibratedProbe, output: Path, words: PlotWords) -> tuple[Path, Path, Path]:
    """Write entry, residuals and plot; their paths."""
    outputs = outputs_of(output)
    write_files(
        {
            outputs.entry: entry_text(found.model, found.calibration, ending=outputs.entry.suffix).encode(),
            outputs.residuals: residuals_csv(found.calibration).encode(),
            outputs.plot: residual_plot(found.calibration, words),
        }
    )
    return outputs.entry, outputs.residuals, outputs.plot
