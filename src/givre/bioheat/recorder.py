"""What is kept while a run advances: coldest temperatures, times below thresholds and histories."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.bioheat import kernels
from givre.bioheat.march import March
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.run import RunHistory

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]


@dataclass(slots=True)
class Recorder:
    """Fields and histories of a run in progress, without ghost layers.

    Attributes:
        coldest_c: lowest temperature so far.
        time_below_s: time at or below each isotherm, shape (isotherms, k, j, i).
        freezes_below: finished freezes that reached each isotherm, same shape.
        end_of_freeze_c: temperature at the end of the last finished freeze; after `finish` the coldest if none was.
        steps: time steps taken.
    """

    problem: ThermalProblem
    coldest_c: Array32
    time_below_s: Array32
    freezes_below: npt.NDArray[np.uint8]
    end_of_freeze_c: Array32
    _reached: npt.NDArray[np.uint8]
    steps: int = 0
    _rows: list[dict[str, float]] = field(default_factory=list)
    _freezes_done: int = 0

    @classmethod
    def start(cls, problem: ThermalProblem, temp_c: Array32) -> Recorder:
        """A recorder that knows the initial temperature, shape (k, j, i)."""
        shape = problem.grid.shape
        each = (len(problem.recording.isotherms_c), *shape)
        return cls(
            problem=problem,
            coldest_c=temp_c.copy(),
            time_below_s=np.zeros(each, dtype=np.float32),
            freezes_below=np.zeros(each, dtype=np.uint8),
            end_of_freeze_c=temp_c.copy(),
            _reached=np.zeros(each, dtype=np.uint8),
        )

    def after_step(self, march: March, step_s: float) -> None:
        """Take in the temperatures reached by a step."""
        self.steps += 1
        recording = self.problem.recording
        kernels.record_step(
            march.work.temp_c,
            march.window[:, 0] - 1,
            step_s,
            np.array(recording.isotherms_c),
            self.coldest_c,
            self.time_below_s,
            self._reached,
        )
        for _, end_s in recording.freeze_windows_s[self._freezes_done :]:
            if march.time_s < end_s - 1e-6:
                break
            self.freezes_below += self._reached
            self._reached[:] = 0
            self._freezes_done += 1
            self.end_of_freeze_c[:] = march.gather().temp_c[1:-1, 1:-1, 1:-1]
        windows = recording.freeze_windows_s
        is_thaw = self._freezes_done < len(windows) and march.time_s <= windows[self._freezes_done][0] + 1e-6
        if is_thaw or self._freezes_done == len(windows):  # what is still cold during a thaw is not a new freeze
            self._reached[:] = 0

    def finish(self) -> None:
        """Close the records of a run that ended before its first freeze did."""
        if self._freezes_done == 0:
            self.end_of_freeze_c[:] = self.coldest_c

    def keep_row(self, march: March) -> None:
        """Add one instant to the histories."""
        recording = self.problem.recording
        temp_c = march.gather().temp_c[1:-1, 1:-1, 1:-1]
        flat = temp_c.ravel()
        row = {"time_s": march.time_s}
        voxel_ml = self.problem.grid.voxel_volume_mm3 / 1000.0
        for isotherm in recording.isotherms_c:
            row[f"volume:{isotherm}"] = float((temp_c <= isotherm).sum()) * voxel_ml
        for name, voxels in recording.structures.items():
            inside = flat[voxels]
            row[f"coldest:{name}"] = float(inside.min()) if len(inside) else np.nan
            for isotherm in recording.isotherms_c:
                row[f"fraction:{name}:{isotherm}"] = float((inside <= isotherm).mean()) if len(inside) else np.nan
        if recording.points_m:
            index = np.array(list(recording.points_m.values())).T / self.problem.spacing_m
            sampled = ndimage.map_coordinates(temp_c, index, order=1, mode="nearest")
            row |= {f"point:{name}": float(t) for name, t in zip(recording.points_m, sampled, strict=True)}
        for n, probe in enumerate(self.problem.probes):
            row[f"surface:{probe.label}"] = float(march.surface_c[n])
            row[f"power:{probe.label}"] = -float(march.power_w[n])
        self._rows.append(row)

    def history(self) -> RunHistory:
        """The histories as arrays."""
        recording = self.problem.recording
        labels = [probe.label for probe in self.problem.probes]
        return RunHistory(
            time_s=self._column("time_s"),
            volume_below_ml={t: self._column(f"volume:{t}") for t in recording.isotherms_c},
            structure_fraction_below={
                name: {t: self._column(f"fraction:{name}:{t}") for t in recording.isotherms_c}
                for name in recording.structures
            },
            structure_coldest_c={name: self._column(f"coldest:{name}") for name in recording.structures},
            point_temp_c={name: self._column(f"point:{name}") for name in recording.points_m},
            probe_surface_c={label: self._column(f"surface:{label}") for label in labels},
            probe_power_w={label: self._column(f"power:{label}") for label in labels},
        )

    def _column(self, key: str) -> Array:
        return np.array([row[key] for row in self._rows], dtype=np.float64)
