"""How long the simulation of one phantom case takes on all cores, and how well it keeps the heat."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measurement import Measurement

SAMPLE = "phantom-vertebra"


def measure() -> list[Measurement]:
    """Second run of the case, so that compiling is not part of it."""
    import givre  # noqa: PLC0415 - the other benchmarks measure what importing it costs

    with tempfile.TemporaryDirectory() as folder:
        case_folder = Path(folder) / "case"
        command = [sys.executable, "-m", "givre.cli.main", "samples", "get", SAMPLE, "-o", str(case_folder)]
        subprocess.run(command, check=True, capture_output=True)
        case = givre.load_case(case_folder)
        givre.simulate(case)
        run = givre.simulate(case).run
    million_voxels = run.coldest_c.size / 1e6
    note = f"{SAMPLE}, {million_voxels:.2f} million voxels, {run.steps} steps, compiled beforehand"
    return [
        Measurement(name="simulation", value=run.wall_s, unit="s", limit=20.0, note=note),
        Measurement(name="energy balance", value=100 * run.energy.relative_error, unit="%", limit=0.1, note="same run"),
    ]
