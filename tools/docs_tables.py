"""MkDocs hook: writes the tables of tissues and cryoprobes into their pages from the data files that the code reads.

A page asks for one with a line `<!-- table: NAME -->`; the names are the keys of `TABLES`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent / "src" / "givre"
TISSUES = HOUSE / "tissue" / "data"
PROBES = HOUSE / "cryoprobe" / "data"
RESULTS_SCHEMA = HOUSE / "adapters" / "results" / "results.schema.json"
REQUEST = re.compile(r"^<!-- table: ([a-z-]+) -->$", re.M)
Row = dict[str, str]

MARKS = {"verified": "", "secondary": " ²", "recalled": " ᴿ", "derived": " ᴰ", "assumption": " ᴬ"}
"""How a value shows where it comes from; only a value read in its source bears none."""


def rows_of(path: Path) -> list[Row]:
    """The rows of a CSV file by column name."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def as_table(rows: list[Row]) -> str:
    """Rows as a Markdown table, columns in their order."""
    columns = list(rows[0])
    cells = [[row[column].replace("|", "\\|").replace("\n", " ") for column in columns] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in [columns, ["---"] * len(columns), *cells])


HEAT = {"density_kg_m3", "capacity_unfrozen_j_kgk", "capacity_frozen_j_kgk"}
HEAT |= {"conductivity_unfrozen_w_mk", "conductivity_frozen_w_mk"}


def tissue_values() -> str:
    """Two tables, one row a tissue, one column a property: value, plausible range, mark of its status."""
    heat: dict[str, Row] = {}
    water: dict[str, Row] = {}
    for row in rows_of(TISSUES / "tissues.csv"):
        value = f"{row['value']}{MARKS[row['status']]}<br>[{row['low']}, {row['high']}]"
        table = heat if row["property"] in HEAT else water
        table.setdefault(row["tissue"], {"tissue": row["tissue"].replace("_", " ")})[_heading(row)] = value
    return f"{as_table(list(heat.values()))}\n\n{as_table(list(water.values()))}"


def _heading(row: Row) -> str:
    name = re.sub(r"_(kg_m3|mj_m3|j_kgk|w_mk|ml_min_kg|w_kg)$", "", row["property"]).replace("_", " ")
    return f"{name} [{row['unit']}]"


def flow_values() -> str:
    """One row a number: its plausible range, mark, source and note."""
    return as_table(
        [
            {
                "fluid": row["flow"].replace("_", " "),
                "quantity": {"film_w_m2k": "film", "temp_c": "temperature"}[row["quantity"]],
                "value": f"{row['value']}{MARKS[row['status']]} [{row['low']}, {row['high']}]",
                "unit": {"W/m2K": "W/(m² K)", "C": "°C"}[row["unit"]],
                "source": row["source"],
                "note": row["note"],
            }
            for row in rows_of(TISSUES / "flows.csv")
        ]
    )


def tissue_sources() -> str:
    """Every value with its source, status and note."""
    columns = ("tissue", "property", "value", "unit", "status", "source", "note")
    return as_table([{name: row[name] for name in columns} for row in rows_of(TISSUES / "tissues.csv")])


def probe_values() -> str:
    """One row a cryoprobe: what it is, with the mark of each status."""
    table = []
    for row in rows_of(PROBES / "cryoprobes.csv"):

        def marked(name: str, row: Row = row) -> str:
            return row[name] + MARKS[row[f"{name.rsplit('_', 1)[0]}_status"]]

        cold = f"{row['surface_temp_c']} [{row['surface_temp_low_c']}, {row['surface_temp_high_c']}]"
        table.append(
            {
                "id": f"`{row['id']}`",
                "name": row["name"],
                "cryogen": row["cryogen"].replace("_", " "),
                "diameter [mm]": marked("diameter_mm"),
                "active zone [mm]": marked("active_zone_mm"),
                "tip offset [mm]": marked("tip_offset_mm"),
                "coldest surface [°C]": cold + MARKS[row["surface_temp_status"]],
                "calibration": _calibration(row),
            }
        )
    return as_table(table)


def _calibration(row: Row) -> str:
    if not row["calibration_file"]:
        return "**not calibrated**"
    return f"{row['calibration_sizes']} sizes, worst miss {row['calibration_worst_mm']} mm"


def probe_sources() -> str:
    """Where each figure of a cryoprobe comes from."""
    columns = (
        "id",
        "vendor",
        "geometry_source",
        "surface_temp_source",
        "contact_resistance_source",
        "calibration_source",
        "note",
    )
    return as_table([{name: row[name] for name in columns} for row in rows_of(PROBES / "cryoprobes.csv")])


def results_schema() -> str:
    """The two upper levels of results.json: key, kind, what is inside."""
    table = []
    for key, part in json.loads(RESULTS_SCHEMA.read_text(encoding="utf-8"))["properties"].items():
        inside = part.get("properties") or part.get("items", {}).get("properties", {})
        kind = part.get("type", "constant" if "const" in part else "")
        table.append({"key": f"`{key}`", "kind": str(kind), "inside": ", ".join(f"`{name}`" for name in inside)})
    return as_table(table)


def plain(path: Path) -> Callable[[], str]:
    """A CSV file as it is."""
    return lambda: as_table(rows_of(path))


TABLES: dict[str, Callable[[], str]] = {
    "tissue-values": tissue_values,
    "flow-values": flow_values,
    "tissue-sources": tissue_sources,
    "bone-from-hu": plain(TISSUES / "bone_hu_map.csv"),
    "bone-spread": plain(TISSUES / "bone_hu_spread.csv"),
    "probe-values": probe_values,
    "probe-sources": probe_sources,
    "surface-shapes": plain(PROBES / "surface_shapes.csv"),
    "results-schema": results_schema,
    "hu-thresholds": plain(TISSUES / "hu_thresholds.csv"),
}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Called by MkDocs for every page before it becomes HTML."""
    return REQUEST.sub(lambda request: TABLES[request[1]](), markdown)
