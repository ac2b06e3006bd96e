"""What a simulation gives back: fields, histories, energy balance and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from givre.geometry.grid import Grid

RunEnding = Literal["done", "front_reached_boundary", "stopped", "diverged"]
Progress = Callable[[float, float], bool]
"""Given the simulated time and the whole duration [s], returns whether to go on."""
FieldArray = npt.NDArray[np.float32]
SeriesArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """How a run ended, with a sentence for people.

    Attributes:
        ending: `done`; `front_reached_boundary` when the cold reached the edge of the domain, so that the
            result depends on it; `stopped` by the user; `diverged` when a value is not finite.
        sentence: what happened and what to do.
    """

    ending: RunEnding
    sentence: str

    @property
    def is_usable(self) -> bool:
        """Whether the fields may be shown as a result."""
        return self.ending == "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyBalance:
    """Where the heat went, from start to end [J]; positive warms the domain.

    Attributes:
        stored_j: change of the enthalpy of the domain.
        probes_j: heat brought by the cryoprobes (negative while freezing).
        blood_j: heat brought by perfusion and metabolism.
        boundary_j: heat through the faces of the domain.
    """

    stored_j: float
    probes_j: float
    blood_j: float
    boundary_j: float

    @property
    def error_j(self) -> float:
        """What is not accounted for [J]."""
        return self.stored_j - self.probes_j - self.blood_j - self.boundary_j

    @property
    def relative_error(self) -> float:
        """Absolute error over the largest of the four heats; 0 when nothing moved."""
        return abs(self.error_j) / self.largest_j if self.largest_j > 0 else 0.0

    @property
    def largest_j(self) -> float:
        """The largest of the four heats [J]."""
        return max(abs(self.stored_j), abs(self.probes_j), abs(self.blood_j), abs(self.boundary_j))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunHistory:
    """What was recorded in time, n instants.

    Attributes:
        time_s: shape (n,).
        volume_below_ml: for each isotherm [°C], volume of the domain at or below it now, shape (n,).
        structure_fraction_below: for each structure and isotherm, fraction at or below it now, shape (n,).
        structure_coldest_c: for each structure, its coldest voxel now, shape (n,).
        point_temp_c: for each named point, its temperature, shape (n,).
        probe_surface_c: for each probe label, the temperature of its surface, NaN while it exchanges no heat.
        probe_power_w: for each probe label, the heat it removes, shape (n,).
        frozen_ml: volume of what is frozen now, by the heat it holds, so that the front counts inside a voxel;
            shape (n,), empty if it was not asked for, or on a GPU.
    """

    time_s: SeriesArray
    volume_below_ml: Mapping[float, SeriesArray]
    structure_fraction_below: Mapping[str, Mapping[float, SeriesArray]]
    structure_coldest_c: Mapping[str, SeriesArray]
    point_temp_c: Mapping[str, SeriesArray]
    probe_surface_c: Mapping[str, SeriesArray]
    probe_power_w: Mapping[str, SeriesArray]
    frozen_ml: SeriesArray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThermalRun:
    """The result of one simulation.

    Attributes:
        problem_hash: hash of the problem that was solved.
        status: how it ended.
        grid: the simulation lattice; every field has its shape (k, j, i).
        coldest_c: lowest temperature of each voxel over the whole run [°C].
        end_of_freeze_c: temperature at the end of the last freeze [°C]; the coldest if no freeze ended.
        final_c: temperature at the end of the run [°C].
        time_below_s: for each recorded threshold [°C], time spent at or below it.
        freezes_below: for each recorded threshold [°C], number of freezes that reached it, uint8.
        history: what was recorded in time.
        energy: heat balance.
        steps: number of time steps.
        wall_s: time the computation took.
    """

    problem_hash: str
    status: RunStatus
    grid: Grid
    coldest_c: FieldArray
    end_of_freeze_c: FieldArray
    final_c: FieldArray
    time_below_s: Mapping[float, FieldArray]
    freezes_below: Mapping[float, npt.NDArray[np.uint8]]
    history: RunHistory
    energy: EnergyBalance
    steps: int
    wall_s: float
