"""The product's own solver as a forward model: a probe and an experiment in, sizes of isotherms out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from givre.bioheat.line_source import KERNEL_RADIUS_PROBES, KERNEL_RADIUS_VOXELS
from givre.bioheat.problem import ProbeSource, Recording, ThermalProblem
from givre.bioheat.run import ThermalRun
from givre.calibration.isotherm import IsothermSize, isotherm_size
from givre.calibration.measured import Arrangement
from givre.calibration.media import Medium, find_medium
from givre.cryoprobe.history import surface_history
from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.protocol import Protocol, single_freeze
from givre.foundation.errors import SimulationError
from givre.geometry.grid import Grid
from givre.tissue.material import MaterialField

Array = npt.NDArray[np.float64]
Solve = Callable[[ThermalProblem], ThermalRun]

FREE_ROOM_MM = 12.0
"""Room beyond the ice in any case."""

DIFFUSION_LENGTHS = 1.3
"""Room beyond the ice in lengths sqrt(4 a t) over which the medium feels the freeze."""

MOST_ENLARGEMENTS = 4
ENLARGEMENT = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeNumbers:
    """The three numbers of a probe that a calibration may change.

    Attributes:
        surface_temp_c: plateau of the surface temperature.
        contact_resistance_m2k_w: between that surface and the medium.
        active_zone_mm: length that freezes.
    """

    surface_temp_c: float
    contact_resistance_m2k_w: float
    active_zone_mm: float


def numbers_of(model: CryoprobeModel) -> ProbeNumbers:
    """The numbers of a catalogue entry."""
    return ProbeNumbers(
        surface_temp_c=model.surface_temp_c.value,
        contact_resistance_m2k_w=model.contact_resistance_m2k_w.value,
        active_zone_mm=model.active_zone_mm,
    )


def smallest_resolved_mm(diameter_mm: float, voxel_mm: float) -> float:
    """Smallest diameter of an isotherm that the lattice tells: nearer to the axis the probe is smeared out [mm]."""
    return 2 * max(KERNEL_RADIUS_VOXELS * voxel_mm, KERNEL_RADIUS_PROBES * diameter_mm / 2)


@dataclass(slots=True, kw_only=True)
class ForwardModel:
    """Simulates experiments and keeps what it has simulated.

    Attributes:
        model: geometry of the probe (diameter) and its entry.
        solve: the solver.
        solved: how many problems were solved so far.
        protocol: instead of the one freeze of each experiment; sizes are taken at its end.
    """

    model: CryoprobeModel
    solve: Solve
    solved: int = 0
    protocol: Protocol | None = None
    _fields: dict[tuple[Arrangement, ProbeNumbers, float], npt.NDArray[np.float32]] = field(default_factory=dict)
    _room_mm: dict[Arrangement, float] = field(default_factory=dict)

    def field_c(self, arrangement: Arrangement, numbers: ProbeNumbers, *, voxel_mm: float) -> Array:
        """Temperatures at the end, shape (k, j, i), the probes along k around the middle.

        Raises:
            SimulationError: if the run gives no usable result.
        """
        key = (arrangement, _rounded(numbers), voxel_mm)
        if key not in self._fields:
            self._fields[key] = self._simulate(arrangement, key[1], find_medium(arrangement.medium), voxel_mm)
        return self._fields[key].astype(np.float64)

    def sizes(
        self, arrangement: Arrangement, numbers: ProbeNumbers, isotherms_c: Iterable[float], *, voxel_mm: float
    ) -> Mapping[float, IsothermSize]:
        """Sizes of isotherms at the end.

        Raises:
            SimulationError: if the run gives no usable result.
        """
        freezing = find_medium(arrangement.medium).freezing
        temp_c = self.field_c(arrangement, numbers, voxel_mm=voxel_mm)
        return {
            isotherm_c: isotherm_size(temp_c, spacing_mm=voxel_mm, freezing=freezing, isotherm_c=isotherm_c)
            for isotherm_c in isotherms_c
        }

    def _simulate(
        self, arrangement: Arrangement, numbers: ProbeNumbers, medium: Medium, voxel_mm: float
    ) -> npt.NDArray[np.float32]:
        room_mm = self._room_mm.get(arrangement, _first_room_mm(arrangement, medium))
        run = self._run(arrangement, numbers, medium, voxel_mm=voxel_mm, room_mm=room_mm)
        for _ in range(MOST_ENLARGEMENTS):
            if run.status.ending != "front_reached_boundary":
                break
            room_mm *= ENLARGEMENT
            run = self._run(arrangement, numbers, medium, voxel_mm=voxel_mm, room_mm=room_mm)
        self._room_mm[arrangement] = room_mm
        if not run.status.is_usable:
            raise SimulationError(
                f"{arrangement.probes} probe(s) in {arrangement.medium} for {arrangement.time_s / 60:g} min at "
                f"{numbers.surface_temp_c:.1f} °C: {run.status.sentence}"
            )
        # at the end of a freeze temperatures are read as they are near the probe too
        return (
            run.end_of_freeze_c if self.protocol is None or self.protocol.phases[-1].kind == "freeze" else run.final_c
        )

    def _run(
        self, arrangement: Arrangement, numbers: ProbeNumbers, medium: Medium, *, voxel_mm: float, room_mm: float
    ) -> ThermalRun:
        self.solved += 1
        return self.solve(
            homogeneous_problem(
                self.model,
                numbers,
                arrangement,
                medium,
                voxel_mm=voxel_mm,
                room_mm=room_mm,
                protocol=self.protocol,
            )
        )


def homogeneous_problem(
    model: CryoprobeModel,
    numbers: ProbeNumbers,
    arrangement: Arrangement,
    medium: Medium,
    *,
    voxel_mm: float,
    room_mm: float,
    protocol: Protocol | None = None,
) -> ThermalProblem:
    """Parallel probes along the first axis in the middle of a homogeneous medium, its faces held at its temperature.

    Args:
        model: the probe; its numbers are replaced by `numbers`.
        numbers: surface temperature, contact resistance and active zone.
        arrangement: how many probes, where, in what, for how long.
        medium: the medium.
        voxel_mm: edge of a voxel.
        room_mm: from the outermost probes to the faces.
        protocol: instead of the single freeze of the arrangement.
    """
    medium_c = arrangement.medium_temp_c
    offsets_mm = probe_offsets_mm(arrangement)
    widest_mm = float(np.abs(offsets_mm).max())
    across = 2 * int(np.ceil((widest_mm + room_mm) / voxel_mm)) + 1
    along = 2 * int(np.ceil((numbers.active_zone_mm / 2 + room_mm) / voxel_mm)) + 1
    grid = Grid(shape=(along, across, across), spacing_mm=(voxel_mm,) * 3)
    phases = single_freeze(arrangement.time_s / 60.0) if protocol is None else protocol
    history = surface_history(model, phases, start_s=0.0, body_temp_c=medium_c, plateau_c=numbers.surface_temp_c)
    k_m, j_m, i_m = ((size - 1) / 2 * voxel_mm / 1000.0 for size in grid.shape)
    half_m = numbers.active_zone_mm / 2000.0
    probes = tuple(
        ProbeSource(
            label=f"P{rank + 1}",
            start_m=(k_m - half_m, j_m + j_mm / 1000.0, i_m + i_mm / 1000.0),
            end_m=(k_m + half_m, j_m + j_mm / 1000.0, i_m + i_mm / 1000.0),
            radius_m=model.diameter_mm / 2000.0,
            contact_resistance_m2k_w=numbers.contact_resistance_m2k_w,
            history=history,
        )
        for rank, (j_mm, i_mm) in enumerate(offsets_mm.tolist())
    )
    return ThermalProblem(
        material=MaterialField(grid=grid, index=np.zeros(grid.shape, dtype=np.uint8), materials=(medium.material,)),
        freezing=medium.freezing,
        probes=probes,
        duration_s=phases.duration_s,
        body_temp_c=medium_c,
        faces_c=((medium_c, medium_c),) * 3,
        recording=Recording(
            interval_s=phases.duration_s,
            isotherms_c=(0.0,),
            freeze_windows_s=((phases.duration_s - phases.phases[-1].duration_s, phases.duration_s),),
        ),
    )


def probe_offsets_mm(arrangement: Arrangement) -> npt.NDArray[np.float64]:
    """Places of the probes across their direction, around their middle, shape (probes, 2) [mm].

    >>> from givre.calibration.measured import Arrangement
    >>> four = Arrangement(medium="agar_gel", medium_temp_c=37.0, probes=4, spacing_mm=20.0, time_s=600.0)
    >>> probe_offsets_mm(four).tolist()
    [[-10.0, -10.0], [-10.0, 10.0], [10.0, -10.0], [10.0, 10.0]]
    """
    half = arrangement.spacing_mm / 2
    height = half * np.sqrt(3.0)
    places = {
        1: [[0.0, 0.0]],
        2: [[0.0, -half], [0.0, half]],
        3: [[-height / 3, -half], [-height / 3, half], [2 * height / 3, 0.0]],
        4: [[-half, -half], [-half, half], [half, -half], [half, half]],
    }
    return np.array(places[arrangement.probes])


def _first_room_mm(arrangement: Arrangement, medium: Medium) -> float:
    reach_mm = 1000.0 * float(np.sqrt(4 * medium.diffusivity_m2_s * arrangement.time_s))
    ice_mm = 0.55 * float(np.sqrt(arrangement.time_s))  # ice around a thin probe: some 16 mm after 15 min
    return FREE_ROOM_MM + ice_mm + DIFFUSION_LENGTHS * reach_mm / 2


def _rounded(numbers: ProbeNumbers) -> ProbeNumbers:
    """To digits below which no size moves, so that the same evaluation is found again."""
    return replace(
        numbers,
        surface_temp_c=round(numbers.surface_temp_c, 3),
        contact_resistance_m2k_w=round(numbers.contact_resistance_m2k_w, 9),
        active_zone_mm=round(numbers.active_zone_mm, 3),
    )
