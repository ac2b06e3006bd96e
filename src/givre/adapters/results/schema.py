"""The JSON Schema of results.json, shipped so that other software can check what it reads."""

from __future__ import annotations

import json
from importlib.resources import files

SCHEMA_FILE = "results.schema.json"


def results_schema() -> dict[str, object]:
    """The schema (JSON Schema 2020-12) as plain values.

    >>> results_schema()["title"]
    'givre results'
    """
    text = files("givre.adapters.results").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema
