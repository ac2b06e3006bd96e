"""One freeze to compute, in SI: a frozen value that can be hashed, sent elsewhere and solved again.

Positions are metres from the centre of voxel (0, 0, 0) along the axes (k, j, i) of the lattice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from givre.bioheat.ice import Freezing
from givre.cryoprobe.surface_history import SurfaceHistory
from givre.foundation.errors import SimulationError
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField

INSULATED = float("nan")
"""Temperature of a domain face through which no heat flows."""

Metres = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProbeSource:
    """A cryoprobe as a line that exchanges heat with the tissue around it.

    Attributes:
        label: the probe's name.
        start_m, end_m: ends of the active zone along (k, j, i).
        radius_m: outer radius.
        contact_resistance_m2k_w: between the surface of the probe and the tissue.
        history: surface temperature in time and when heat is exchanged.
    """

    label: str
    start_m: Metres
    end_m: Metres
    radius_m: float
    contact_resistance_m2k_w: float
    history: SurfaceHistory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """What to keep while time passes.

    Attributes:
        interval_s: time between two records of the history.
        isotherms_c: thresholds for volumes, times below and freezes below.
        structures: flat voxel indices of each structure to follow.
        points_m: points to follow, along (k, j, i).
        freeze_windows_s: start and end of each freeze, to count freezes below a threshold.
        frozen_volume: whether to keep how much is frozen by the heat that voxels hold.
    """

    interval_s: float = 10.0
    isotherms_c: tuple[float, ...] = (0.0, -20.0, -40.0)
    structures: Mapping[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    points_m: Mapping[str, Metres] = field(default_factory=dict)
    freeze_windows_s: tuple[tuple[float, float], ...] = ()
    frozen_volume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThermalProblem:
    """Everything the solver needs.

    Attributes:
        material: what each voxel is made of; its lattice must be cubic.
        freezing: freezing interval and ice conductivity.
        probes: the cryoprobes.
        duration_s: simulated time.
        body_temp_c: arterial and initial temperature.
        faces_c: temperature of the six faces of the domain, ((k low, k high), (j low, j high), (i low, i high));
            NaN for an insulated face.
        faces_film_w_m2k: heat transfer coefficient between each face and its temperature (air or water over skin);
            infinite where the face itself is held.
        initial_c: initial temperature of each voxel, shape (k, j, i); None means `body_temp_c` everywhere.
        tail_s: longest time to go on after `duration_s` while tissue around the ice still gets colder.
        stasis_below_c: tissue that a freeze has made at least this cold has no blood flow and no metabolism after it;
            None lets blood return. That vessels stand after freezing is seen; how far is not settled.
        longest_step_s: longest time step.
        recording: what to keep.
    """

    material: MaterialField
    freezing: Freezing = field(default_factory=Freezing)
    probes: tuple[ProbeSource, ...] = ()
    duration_s: float
    body_temp_c: float = 37.0
    faces_c: tuple[tuple[float, float], tuple[float, float], tuple[float, float]] = ((37.0, 37.0),) * 3
    faces_film_w_m2k: tuple[tuple[float, float], tuple[float, float], tuple[float, float]] = ((float("inf"),) * 2,) * 3
    initial_c: npt.NDArray[np.float64] | None = None
    tail_s: float = 0.0
    stasis_below_c: float | None = None
    longest_step_s: float = 10.0
    recording: Recording = field(default_factory=Recording)

    def __post_init__(self) -> None:
        spacing = self.grid.spacing_mm
        if max(spacing) - min(spacing) > 1e-6 * max(spacing):
            raise SimulationError(f"voxels of {spacing} mm are not cubic; resample the tissue map first")
        if not (0 < self.duration_s < 4 * 3600):
            raise SimulationError(f"duration {self.duration_s} s; give more than 0 s and less than 4 hours")
        if not 0 <= self.tail_s <= 3600:
            raise SimulationError(f"tail {self.tail_s} s; give 0 s to one hour")
        if self.stasis_below_c is not None and not -100 <= self.stasis_below_c <= 37:
            raise SimulationError(f"stasis below {self.stasis_below_c} °C; give -100 to 37 °C, or none")
        if not 0 < self.longest_step_s <= 10:
            raise SimulationError(f"longest step {self.longest_step_s} s; give more than 0 s and at most 10 s")
        if not (np.ravel(self.faces_film_w_m2k) >= 0).all():
            raise SimulationError(f"film coefficients {self.faces_film_w_m2k} W/m²K; give none below 0")
        if self.initial_c is not None and not np.isfinite(self.initial_c).all():
            raise SimulationError("the initial temperature holds a value that is not finite")

    @property
    def grid(self) -> Grid:
        """The lattice."""
        return self.material.grid

    @property
    def spacing_m(self) -> float:
        """Voxel edge [m]."""
        return self.grid.spacing_mm[0] / 1000.0

    def fingerprint(self) -> str:
        """SHA-256 over everything that decides the result, hexadecimal."""
        digest = hashlib.sha256()
        for part in (
            self.grid,
            self.material.materials,
            self.freezing,
            self.duration_s,
            self.body_temp_c,
            self.faces_c,
            self.faces_film_w_m2k,
            self.tail_s,
            self.stasis_below_c,
            self.longest_step_s,
            self.recording.interval_s,
            self.recording.isotherms_c,
            self.recording.freeze_windows_s,
            sorted(self.recording.points_m.items()),
        ):
            digest.update(repr(part).encode())
        arrays: list[npt.NDArray[np.generic]] = [self.material.index]
        arrays += [] if self.initial_c is None else [self.initial_c]
        for probe in self.probes:
            digest.update(repr((probe.label, probe.start_m, probe.end_m, probe.radius_m)).encode())
            digest.update(repr((probe.contact_resistance_m2k_w, probe.history.modes)).encode())
            arrays += [probe.history.time_s, probe.history.temp_c]
        for name, voxels in sorted(self.recording.structures.items()):
            digest.update(name.encode())
            arrays.append(voxels)
        for array in arrays:
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()
