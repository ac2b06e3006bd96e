"""How long a user waits for `import givre` and for `givre --help`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measurement import Measurement

REPEATS = 7


def import_seconds(statement: str) -> float:
    """Seconds that an import statement takes in a fresh interpreter."""
    timed = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    done = subprocess.run([sys.executable, "-c", timed], capture_output=True, check=True, encoding="utf-8")
    return float(done.stdout)


def help_seconds() -> float:
    """Seconds that `givre --help` takes, interpreter start included."""
    command = [str(Path(sys.executable).parent / "givre"), "--help"]
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - started


def measure() -> list[Measurement]:
    """Median of several runs, after one that warms the disk cache."""

    def median(seconds: Callable[[], float]) -> float:
        seconds()
        return statistics.median(seconds() for _ in range(REPEATS))

    note = f"median of {REPEATS} fresh processes, files in the disk cache"
    return [
        Measurement(
            name="import givre", value=median(lambda: import_seconds("import givre")), unit="s", limit=1.0, note=note
        ),
        Measurement(
            name="reach givre.simulate (loads what is heavy)",
            value=median(lambda: import_seconds("import givre; givre.simulate")),
            unit="s",
            note=note,
        ),
        Measurement(name="givre --help", value=median(help_seconds), unit="s", limit=0.5, note=note),
    ]
