"""The three-probe ice-ball on the GPU, where there is one; its memory, computed, where there is none.

`python -m benchmarks.gpu` measures B1 (2 mm), B2 (1 mm) and B2 at 0.5 mm on the first GPU.
`python -m benchmarks.gpu cpu` runs B1 of the same code on the processor: not a speed to want, a proof that it runs.
"""

from __future__ import annotations

import sys

from benchmarks.ice_ball_cases import EDGE_MM, ISOTHERMS_C, three_probes
from benchmarks.measurement import Measurement, as_markdown
from givre.adapters.engine.gpu import NoGpu, bytes_needed, device_in_words, find_device, solve_on_gpu
from givre.foundation.errors import MissingExtra

SPACINGS_MM = {"B1": 2.0, "B2": 1.0, "B2 at 0.5 mm": 0.5}
LIMITS_S = {"B2": 0.1, "B2 at 0.5 mm": 3.0}
"""Promised on an H200-class card only."""

PROMISED_ON = "H200"


def measure(device: str | None = None) -> list[Measurement]:
    """Memory of every case; its time too if there is a GPU, or on the device that is named."""
    try:
        found = find_device(device)
    except (NoGpu, MissingExtra):
        return [_memory(name, "no GPU here: computed, no time measured") for name in SPACINGS_MM]
    words = device_in_words(found)
    cases = SPACINGS_MM if found != "cpu" else {"B1": SPACINGS_MM["B1"]}
    measured = []
    for name in cases:
        problem = three_probes(SPACINGS_MM[name])
        solve_on_gpu(problem, device=found)  # compiles
        run = solve_on_gpu(problem, device=found)
        note = f"{words}; {run.steps} steps, heat balance {100 * run.energy.relative_error:.1g} %, compiled beforehand"
        limit = LIMITS_S.get(name, float("nan")) if PROMISED_ON in words else float("nan")
        measured += [
            Measurement(name=f"{name} on the GPU engine", value=run.wall_s, unit="s", limit=limit, note=note),
            _memory(name, words),
        ]
    return measured


def _memory(name: str, note: str) -> Measurement:
    voxels = (round(EDGE_MM / SPACINGS_MM[name]) + 2) ** 3
    megabytes = bytes_needed(voxels, len(ISOTHERMS_C)) / 1e6
    return Measurement(name=f"{name}, memory of the GPU", value=megabytes, unit="MB", note=note)


if __name__ == "__main__":
    print(as_markdown(measure(*sys.argv[1:2])))
