"""Tables of an uncertain plan: every sample with its inputs and figures, and what moves each figure."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence

from givre.adapters.results.numbers import plain
from givre.planning.uncertainty.probability import ORGAN, FigureSpread, PlanUncertainty
from givre.planning.uncertainty.sensitivity import FactorShare, FigureSensitivity, TornadoBar
from givre.planning.uncertainty.sensitivity_shares import Share
from givre.usecases.estimate_uncertainty import UncertaintyResult

Cell = str | int | float

SENSITIVITY_COLUMNS = (
    "figure", "figure_unit", "runs", "q2", "why_not", "kind", "name", "main", "main_low", "main_high", "total",
    "total_low", "total_high", "main_by_data", "main_by_data_low", "main_by_data_high", "input_unit", "input_low",
    "input_high", "figure_at_low", "figure_at_high", "figure_from",
)  # fmt: skip
"""Columns of the table of sensitivities; shares are of the variance, 0 to 1."""


def samples_csv(found: PlanUncertainty) -> str:
    """One row for each sample: inputs in the units of the header, figures, and why it failed if it did.

    A figure that is not known is left empty.
    """
    reasons = dict(found.failures)
    rows: list[list[Cell]] = []
    for row, draw in enumerate(found.draws):
        inputs = [factor.law.at(score) for factor, score in zip(found.factors, draw.scores, strict=True)]
        figures = [float(spread.values[row]) for spread in found.figures.values()]
        failed = draw.number in reasons
        rows.append([draw.number, *inputs, *figures, "yes" if failed else "no", reasons.get(draw.number, "")])
    header = [
        "sample",
        *(factor.name for factor in found.factors),
        *(_column(spread) for spread in found.figures.values()),
        "failed",
        "reason",
    ]
    return _csv(header, rows)


def sensitivity_csv(result: UncertaintyResult) -> str:
    """One row for each figure and input, and one for each figure and group of inputs."""
    units = {factor.name: factor.law.unit for factor in result.uncertainty.factors}
    rows = [
        [row.get(column, "") for column in SENSITIVITY_COLUMNS]
        for moved in result.sensitivity.values()
        for row in _rows(moved, units)
    ]
    return _csv(SENSITIVITY_COLUMNS, rows)


def _rows(moved: FigureSensitivity, units: Mapping[str, str]) -> Iterable[dict[str, Cell]]:
    head: dict[str, Cell] = {
        "figure": moved.figure,
        "figure_unit": moved.unit,
        "runs": moved.runs,
        "q2": moved.q2,
        "why_not": moved.why_not,
    }
    bars = {bar.name: bar for bar in moved.bars}
    for share in moved.factors:
        bar = _bar(bars[share.name], moved.bars_from) if share.name in bars else {}
        yield {**head, "kind": "input", **_shares(share), "input_unit": units[share.name], **bar}
    for share in moved.groups:
        yield {**head, "kind": "group", **_shares(share)}


def _bar(bar: TornadoBar, bars_from: str) -> dict[str, Cell]:
    return {
        "input_low": bar.input_low,
        "input_high": bar.input_high,
        "figure_at_low": bar.at_low,
        "figure_at_high": bar.at_high,
        "figure_from": bars_from,
    }


def _shares(share: FactorShare) -> dict[str, Cell]:
    return {
        "name": share.name,
        **_interval("main", share.main),
        **_interval("total", share.total),
        **_interval("main_by_data", share.main_by_data),
    }


def _interval(name: str, share: Share) -> dict[str, Cell]:
    return {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}


def _column(spread: FigureSpread) -> str:
    """A figure with its unit, as a header."""
    if spread.name.startswith(ORGAN):
        return f"coldest_{spread.name.removeprefix(ORGAN)}_c"
    return f"{spread.name}_fraction" if spread.unit == "1" else spread.name


def _csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_cell(name) for name in header])
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return stream.getvalue()


def _cell(value: Cell) -> str:
    """A cell; text that a spreadsheet would compute is made plain text, a number that is not finite is left empty."""
    if isinstance(value, str):
        return f"'{value}" if value.lstrip()[:1] in ("=", "+", "-", "@") or value[:1] in ("\t", "\r", "\n") else value
    return f"{plain(value):g}" if math.isfinite(value) else ""
