"""`python -m benchmarks`: measure everything, print Markdown, write JSON beside it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks import ice_ball, import_time, install_size, simulation
from benchmarks.measurement import as_json, as_markdown

RESULT = Path("build") / "benchmarks.json"


def main() -> int:
    """Measure, show, keep; the exit status says whether every promise is kept."""
    measurements = [*install_size.measure(), *import_time.measure(), *simulation.measure(), *ice_ball.measure()]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(as_json(measurements), indent=2) + "\n", encoding="utf-8")
    print(as_markdown(measurements))
    print(f"\nalso in {RESULT}")
    return 0 if all(figure.is_within_limit for figure in measurements) else 1


if __name__ == "__main__":
    sys.exit(main())
