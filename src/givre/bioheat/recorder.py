"""What is kept of a run in time: freezes counted as they end, and one row of figures per instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt

from givre.bioheat.domain import Domain
from givre.bioheat.march import March
from givre.bioheat.near_probe import NearProbes
from givre.bioheat.run import RunHistory

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]


@dataclass(slots=True)
class Recorder:
    """Histories of a run in progress.

    Attributes:
        freezes_done: how many freezes have ended.
    """

    domain: Domain
    near: NearProbes
    _voxels: Overlaid
    _first: Index
    _corners: Overlaid
    _corner_weights: Array
    freezes_done: int = 0
    _near_c: Array32 | None = None
    _near_at_s: float = 0.0
    _rows: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def start(cls, domain: Domain) -> Recorder:
        """A recorder that knows where the structures to follow lie."""
        groups = [voxels for voxels in domain.problem.recording.structures.values() if len(voxels)]
        counts = [len(voxels) for voxels in groups]
        voxels = np.concatenate(groups) if groups else np.zeros(0, dtype=np.int64)
        index = np.stack(np.unravel_index(voxels, domain.problem.grid.shape)) + 1
        flat = np.ravel_multi_index(tuple(index), domain.size).astype(np.int64)
        corners, weights = _trilinear(domain)
        near = NearProbes.of(domain)
        return cls(
            domain=domain,
            near=near,
            _voxels=Overlaid.of(flat, near),
            _first=np.cumsum([0, *counts[:-1]]) if groups else np.zeros(0, dtype=np.int64),
            _corners=Overlaid.of(corners, near),
            _corner_weights=weights,
        )

    def after_step(self, march: March) -> None:
        """Close the freezes that ended with this step."""
        windows = self.domain.problem.recording.freeze_windows_s
        for _, end_s in windows[self.freezes_done :]:
            if march.time_s < end_s - 1e-6:
                break
            temp_c = march.surround.u + np.float32(self.domain.problem.body_temp_c)
            temp_c[self.near.voxel] = self.read_near_c(march)
            march.records.end_freeze(temp_c)
            march.stop_blood()
            self.freezes_done += 1
        is_thaw = self.freezes_done < len(windows) and march.time_s <= windows[self.freezes_done][0] + 1e-6
        if is_thaw or self.freezes_done == len(windows):
            march.records.forget_reached()

    def read_near_c(self, march: March) -> Array32:
        """Temperatures near probes as they are read, colder than the solver knows; the records take note of them."""
        if self._near_c is not None and self._near_at_s == march.time_s:
            return self._near_c
        own_c = march.surround.u[self.near.voxel] + np.float32(self.domain.problem.body_temp_c)
        near_c = own_c
        if not np.isnan(march.surface_c).all():
            near_c = self.near.read_c(own_c, march.surface_c)
            march.records.see(self.near.voxel, own_c, near_c, march.time_s - self._near_at_s)
        self._near_c, self._near_at_s = near_c, march.time_s
        return near_c

    def finish(self, march: March) -> None:
        """Close the records of a run that ended before its first freeze did."""
        if self.freezes_done == 0:
            self.read_near_c(march)
            march.records.end_of_freeze_c[:] = march.records.coldest_c

    def keep_row(self, march: March) -> None:
        """Add one instant to the histories."""
        problem = self.domain.problem
        recording, isotherms = problem.recording, problem.recording.isotherms_c
        body_c = np.float32(problem.body_temp_c)
        near_c = self.read_near_c(march)
        row = {"time_s": march.time_s} | self._volumes(march, near_c)
        row |= self._structures(self._voxels.read_c(march.surround.u, body_c, near_c))
        sampled = (self._corners.read_c(march.surround.u, body_c, near_c) * self._corner_weights).sum(axis=1)
        row |= {f"point:{name}": float(t) for name, t in zip(recording.points_m, sampled, strict=True)}
        for name, voxels in recording.structures.items():
            if not len(voxels):
                row |= {f"coldest:{name}": np.nan} | {f"fraction:{name}:{isotherm}": np.nan for isotherm in isotherms}
        if recording.frozen_volume:
            row["frozen_ml"] = march.frozen_ml
        for n, probe in enumerate(problem.probes):
            row[f"surface:{probe.label}"] = float(march.surface_c[n])
            row[f"power:{probe.label}"] = -float(march.power_w[n])
        self._rows.append(row)

    def _volumes(self, march: March, near_c: Array32) -> dict[str, float]:
        """Volume at or below each isotherm; only the cold box can hold any below the freezing interval."""
        problem = self.domain.problem
        voxel_ml = problem.grid.voxel_volume_mm3 / 1000.0
        own_c = march.surround.u[self.near.voxel] + np.float32(problem.body_temp_c)
        found = {}
        for n, isotherm in enumerate(problem.recording.isotherms_c):
            count = int(np.count_nonzero((near_c <= isotherm) & (own_c > isotherm)))
            count += (
                int(np.count_nonzero(self.domain.block(march.surround.u) <= np.float32(isotherm - problem.body_temp_c)))
                if isotherm > problem.freezing.upper_c + 0.5
                else march.count_below(n)
            )
            found[f"volume:{isotherm}"] = count * voxel_ml
        return found

    def _structures(self, temp_c: npt.NDArray[np.float32]) -> dict[str, float]:
        names = [name for name, voxels in self.domain.problem.recording.structures.items() if len(voxels)]
        if not names:
            return {}
        counts = np.diff([*self._first, len(temp_c)])
        found = {
            f"coldest:{name}": float(coldest)
            for name, coldest in zip(names, np.minimum.reduceat(temp_c, self._first), strict=True)
        }
        for isotherm in self.domain.problem.recording.isotherms_c:
            below = np.add.reduceat((temp_c <= np.float32(isotherm)).astype(np.int64), self._first) / counts
            found |= {f"fraction:{name}:{isotherm}": float(part) for name, part in zip(names, below, strict=True)}
        return found

    def history(self) -> RunHistory:
        """The histories as arrays."""
        recording = self.domain.problem.recording
        labels = [probe.label for probe in self.domain.problem.probes]
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
            frozen_ml=self._column("frozen_ml") if recording.frozen_volume else np.zeros(0),
        )

    def _column(self, key: str) -> Array:
        return np.array([row[key] for row in self._rows], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Overlaid:
    """Voxels to follow, some of them near probes, where temperatures are read otherwise.

    Attributes:
        voxel: flat, of the domain with its ghosts, any shape.
        at: where among them those near a probe are, flat.
        near: which of the voxels near probes these are.
    """

    voxel: Index
    at: Index
    near: Index

    @classmethod
    def of(cls, voxel: Index, near: NearProbes) -> Overlaid:
        """Find those near a probe."""
        place = np.searchsorted(near.voxel, voxel.ravel())
        at = np.flatnonzero(np.append(near.voxel, -1)[place] == voxel.ravel())
        return cls(voxel=voxel, at=at, near=place[at])

    def read_c(self, above_body_c: Array32, body_c: np.float32, near_c: Array32) -> Array32:
        """Their temperatures [°C], from those of the domain above the body's and those near probes."""
        return self.overlay(above_body_c[self.voxel] + body_c, near_c)

    def overlay(self, temp_c: Array32, near_c: Array32) -> Array32:
        """Their temperatures [°C], from what the solver knows of them and from those near probes; in place."""
        temp_c.ravel()[self.at] = near_c[self.near]
        return temp_c


def _trilinear(domain: Domain) -> tuple[Index, Array]:
    """The eight voxels around each point to follow, flat, and their weights, shape (points, 8)."""
    points_m = np.array(list(domain.problem.recording.points_m.values())).reshape(-1, 3)
    bounds = np.array(domain.size) - 2
    index = np.clip(points_m / domain.problem.spacing_m + 1, 1, bounds)
    low = np.minimum(np.floor(index).astype(np.int64), np.maximum(bounds - 1, 1))
    part = index - low
    corners, weights = [], []
    for steps in product((0, 1), repeat=3):
        corner = np.minimum(low + np.array(steps), bounds)
        corners.append(np.ravel_multi_index(tuple(corner.T), domain.size))
        weights.append(np.prod(np.where(np.array(steps) == 1, part, 1 - part), axis=1))
    return np.stack(corners, axis=1).astype(np.int64), np.stack(weights, axis=1)
