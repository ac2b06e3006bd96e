"""The table of a cohort as a JSON document and as cells, and a row of it read back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast, get_args

from givre.adapters.results.document import NOTICE
from givre.adapters.results.numbers import Json, plain, with_reasons
from givre.usecases.plan_cohort import CaseFigure, CaseRow, CaseState, Cohort

SCHEMA_NAME = "givre-cohort"
SCHEMA_VERSION = "1.0"
"""Grows by its second number when something is added, by its first when something changes meaning."""

_NO_NUMBER = "the figure could not be computed"
_NO_TIME = "the case gave no result"
_TEXTS = ("case_id", "sentence", "inputs_sha256", "results_sha256")


def cohort_document(header: Json, cohort: Cohort) -> Json:
    """The whole table.

    Args:
        header: what is said of the whole: task, settings, versions.
        cohort: its rows.
    """
    return {
        "schema": SCHEMA_NAME,
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        **header,
        "is_complete": cohort.is_complete,
        "counts": cohort.counts,
        "cases": [_row_json(row) for row in cohort.rows],
    }


def table_of(cohort: Cohort) -> tuple[list[str], list[list[str | float]]]:
    """Header and rows of the table for a spreadsheet; a figure that a case does not have is an empty cell."""
    columns = list(dict.fromkeys(_column(figure) for row in cohort.rows for figure in row.figures))
    header = ["case", "case id", "state", *columns, "time [s]", "error code", "error", "how the run ended"]
    return header, [_cells(row, columns) for row in cohort.rows]


def row_from(document: Mapping[str, Any]) -> CaseRow:
    """A row as it was written.

    Raises:
        KeyError, TypeError, ValueError: if it is not one.
    """
    state = document["state"]
    if state not in get_args(CaseState):
        raise ValueError(f"unknown state {state!r}")
    figures = tuple(
        CaseFigure(name=str(one["name"]), value=_value(one["value"]), unit=str(one["unit"]))
        for one in document["figures"]
    )
    error = document["error"] or {"code": "", "message": ""}
    return CaseRow(
        name=str(document["case"]),
        state=cast("CaseState", state),
        figures=figures,
        time_s=math.nan if document["time_s"] is None else float(document["time_s"]),
        error_code=str(error["code"]),
        error=str(error["message"]),
        exit_code=int(document["exit_code"]),
        is_kept=True,
        **{name: str(document[name]) for name in _TEXTS},
    )


def _row_json(row: CaseRow) -> Json:
    return {
        "case": row.name,
        "state": row.state,
        "exit_code": row.exit_code,
        "is_kept": row.is_kept,
        "error": {"code": row.error_code, "message": row.error} if row.error_code else None,
        "results": row.name if row.results_sha256 else None,
        "figures": [_figure_json(figure) for figure in row.figures],
        **{name: getattr(row, name) for name in _TEXTS},
        **with_reasons({"time_s": _rounded(row.time_s)}, why=_NO_TIME),
    }


def _figure_json(figure: CaseFigure) -> Json:
    value = figure.value if isinstance(figure.value, str) else plain(figure.value)
    return {"name": figure.name, "unit": figure.unit, **with_reasons({"value": value}, why=_NO_NUMBER)}


def _cells(row: CaseRow, columns: list[str]) -> list[str | float]:
    found = {_column(figure): figure.value for figure in row.figures}
    return [
        row.name,
        row.case_id,
        row.state,
        *(found.get(column, "") for column in columns),
        _rounded(row.time_s),
        row.error_code,
        row.error,
        row.sentence,
    ]


def _column(figure: CaseFigure) -> str:
    words = figure.name.replace("_", " ")
    return f"{words} [{figure.unit}]" if figure.unit else words


def _rounded(time_s: float) -> float:
    return round(time_s, 1) if math.isfinite(time_s) else math.nan


def _value(value: object) -> float | str:
    if value is None:
        return math.nan
    return value if isinstance(value, str) else float(cast("float", value))
