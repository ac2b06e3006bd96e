"""IceSphere in a dish of saline: the measured temperature of the probe's own thermocouple drives the model.

Where that thermocouple sits, how deep the dish is and how the saline flows is not told. The model takes the measured
temperature as that of the whole active zone and lets the saline rest.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from givre.bioheat.problem import ProbeSource, Recording, ThermalProblem
from givre.calibration.forward import Solve
from givre.calibration.media import find_medium
from givre.cryoprobe.catalogue import load_catalogue
from givre.cryoprobe.surface_history import ExchangeMode, SurfaceHistory
from givre.foundation.errors import SimulationError
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField
from givre.verification.measured.agreement import Compared
from givre.verification.measured.table import load_measurements

MEDIUM = "saline"
BATH_C = 28.3
"""Where the two outer thermocouples began."""

RADII_MM = (2.8, 4.8, 6.8)
VOXEL_MM = 1.0
ROOM_MM = 26.0
MINUTES = (1, 2, 3)

LONGEST_STEP_S = 1.0
"""The recording moves by up to 35 °C in a second; a step must not pass over that."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DishTrace:
    """What was recorded: n instants.

    Attributes:
        time_s: from the start of the freeze, shape (n,).
        probe_c: thermocouple of the probe, shape (n,).
    """

    time_s: Array
    probe_c: Array


def load_trace() -> DishTrace:
    """The packaged recording."""
    text = files("givre.verification.measured.data").joinpath("icesphere_dish_trace.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    return DishTrace(
        time_s=np.array([float(row["t_s"]) for row in rows]), probe_c=np.array([float(row["probe_c"]) for row in rows])
    )


def compare_in_dish(solve: Solve, *, voxel_mm: float = VOXEL_MM) -> tuple[Compared, ...]:
    """Ice fronts and temperatures at 1, 2 and 3 minutes.

    Raises:
        SimulationError: if the run gives no usable result.
    """
    problem = dish_problem(voxel_mm)
    run = solve(problem)
    if run.status.ending not in ("done", "front_reached_boundary"):
        raise SimulationError(f"the dish: {run.status.sentence}")
    table = load_measurements()
    radius_mm = load_catalogue()["icesphere-1.5-cx"].diameter_mm / 2
    freezing_c = find_medium(MEDIUM).freezing.upper_c
    fine_mm = np.array([float(name) for name in problem.recording.points_m])
    found = []
    for minute in MINUTES:
        row = int(np.argmin(np.abs(run.history.time_s - 60.0 * minute)))
        along_c = np.array([series[row] for series in run.history.point_temp_c.values()])
        front_mm = _crossing_mm(fine_mm, along_c, freezing_c) - radius_mm
        found += [
            Compared(measurement=table[key], predicted=front_mm, condition=table[key].protocol)
            for key in (f"D-c1-{minute}", f"D-chain3-{minute}")
            if key in table
        ]
        found += [
            Compared(
                measurement=table[f"T-{at_mm:g}-{60 * minute}"],
                predicted=float(np.interp(at_mm, fine_mm, along_c)),
                condition=table[f"T-{at_mm:g}-{60 * minute}"].protocol,
            )
            for at_mm in RADII_MM
        ]
    return tuple(found)


def dish_problem(voxel_mm: float) -> ThermalProblem:
    """One needle in saline for three minutes, temperatures followed on a line across its middle."""
    model = load_catalogue()["icesphere-1.5-cx"]
    medium = find_medium(MEDIUM)
    trace = load_trace()
    across = 2 * int(np.ceil(ROOM_MM / voxel_mm)) + 1
    along = 2 * int(np.ceil((model.active_zone_mm / 2 + ROOM_MM) / voxel_mm)) + 1
    grid = Grid(shape=(along, across, across), spacing_mm=(voxel_mm,) * 3)
    k_m, j_m, i_m = ((size - 1) / 2 * voxel_mm / 1000.0 for size in grid.shape)
    half_m = model.active_zone_mm / 2000.0
    last = int(np.searchsorted(trace.time_s, 180.0)) + 1
    cooling: ExchangeMode = "cooling_only"
    history = SurfaceHistory(time_s=trace.time_s[:last], temp_c=trace.probe_c[:last], modes=(cooling,) * (last - 1))
    fine_mm = np.arange(1.0, 14.0, 0.1)
    return ThermalProblem(
        material=MaterialField(grid=grid, index=np.zeros(grid.shape, dtype=np.uint8), materials=(medium.material,)),
        freezing=medium.freezing,
        probes=(
            ProbeSource(
                label="P1",
                start_m=(k_m - half_m, j_m, i_m),
                end_m=(k_m + half_m, j_m, i_m),
                radius_m=model.diameter_mm / 2000.0,
                contact_resistance_m2k_w=0.0,
                history=history,
            ),
        ),
        duration_s=180.0,
        body_temp_c=BATH_C,
        longest_step_s=LONGEST_STEP_S,
        faces_c=((BATH_C, BATH_C),) * 3,
        recording=Recording(
            interval_s=60.0,
            isotherms_c=(0.0,),
            points_m={f"{at_mm:.1f}": (k_m, j_m, i_m + float(at_mm) / 1000.0) for at_mm in fine_mm},
        ),
    )


def _crossing_mm(radius_mm: Array, temp_c: Array, level_c: float) -> float:
    """Where the temperature passes a level on the way out; NaN where it never does."""
    below = np.flatnonzero(temp_c <= level_c)
    if len(below) == 0 or below[-1] + 1 >= len(temp_c):
        return float("nan")
    n = int(below[-1])
    share = (level_c - temp_c[n]) / (temp_c[n + 1] - temp_c[n])
    return float(radius_mm[n] + share * (radius_mm[n + 1] - radius_mm[n]))
