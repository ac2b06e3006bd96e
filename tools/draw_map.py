"""Draws the map of ARCHITECTURE.md from the first sentence of every package.

`python tools/draw_map.py` rewrites the map; the order of the floors is the one that import-linter checks.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "givre"
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- map: drawn by tools/draw_map.py -->", "<!-- end of map -->"


def floors() -> list[str]:
    """Packages and modules of the house from the highest floor down, then those outside the floors."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "floors")
    on_floors = [
        name.strip(" ()").removeprefix("givre.") for layer in layers for name in layer.replace(":", "|").split("|")
    ]
    beside = sorted(path.parent.name for path in HOUSE.glob("*/__init__.py") if path.parent.name not in on_floors)
    return on_floors + beside


def sentence_of(path: Path) -> str:
    """First paragraph of the docstring of a module or package, on one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split()).rstrip(".")


def map_lines() -> list[str]:
    """The map as the rows of a Markdown table."""
    lines = ["| package | what it is for |", "|---|---|"]
    for floor in floors():
        package, module = HOUSE / floor / "__init__.py", HOUSE / f"{floor}.py"
        lines.append(f"| `{floor}` | {sentence_of(package if package.exists() else module)} |")
        if floor == "adapters":
            rooms = sorted(path.parent for path in (HOUSE / floor).glob("*/__init__.py"))
            lines += [f"| &emsp;`adapters.{room.name}` | {sentence_of(room / '__init__.py')} |" for room in rooms]
    return lines


def with_fresh_map(page: str) -> str:
    """The page with its map drawn anew."""
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return "\n".join([before + BEGIN, "", *map_lines(), "", END]) + after


def main() -> int:
    """Redraw the map in place."""
    page = PAGE.read_text(encoding="utf-8")
    fresh = with_fresh_map(page)
    if fresh != page:
        PAGE.write_text(fresh, encoding="utf-8")
        print(f"{PAGE.name}: map redrawn")
    return 0


if __name__ == "__main__":
    sys.exit(main())
