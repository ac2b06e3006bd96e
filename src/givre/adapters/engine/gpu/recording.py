"""Histories of a run on a GPU: one row of figures per instant, from the few numbers that are downloaded for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import warp as wp

from givre.adapters.engine.gpu import voxel_kernels
from givre.adapters.engine.gpu.march import DeviceMarch
from givre.bioheat.domain import Domain
from givre.bioheat.run import RunHistory

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(slots=True)
class DeviceRecorder:
    """What `bioheat.recorder` keeps, of a run whose voxels lie on a device.

    Attributes:
        domain: the lattice.
        wanted: voxels to look up: those of the structures, then eight around each point; flat, ghosts counted.
        freezes_done: how many freezes have ended.
    """

    domain: Domain
    wanted: Index
    _counts: dict[str, int]
    _corner_weights: Array
    freezes_done: int = 0
    _rows: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def start(cls, domain: Domain) -> DeviceRecorder:
        """A recorder that knows where structures and points lie."""
        structures = domain.problem.recording.structures
        voxels = [np.asarray(own, dtype=np.int64) for own in structures.values()]
        corners, weights = _around_points(domain)
        wanted = np.concatenate([*(_with_ghosts(own, domain) for own in voxels), corners.ravel()])
        counts = {name: len(own) for name, own in zip(structures, voxels, strict=True)}
        return cls(domain=domain, wanted=wanted.astype(np.int64), _counts=counts, _corner_weights=weights)

    def counts_freeze(self, end_s: float) -> bool:
        """Whether isotherms reached in a step that ends then belong to a freeze."""
        windows = self.domain.problem.recording.freeze_windows_s
        return self.freezes_done < len(windows) and end_s > windows[self.freezes_done][0] + 1e-6

    def after_step(self, march: DeviceMarch) -> None:
        """Close the freezes that ended with this step."""
        for _, end_s in self.domain.problem.recording.freeze_windows_s[self.freezes_done :]:
            if march.time_s < end_s - 1e-6:
                break
            march.end_freeze()
            self.freezes_done += 1

    def keep_row(self, march: DeviceMarch) -> bool:
        """Add one instant to the histories; returns whether its figures are finite."""
        memory, problem = march.memory, self.domain.problem
        isotherms = problem.recording.isotherms_c
        if len(self.wanted):
            inputs = [march.now, memory.wanted, memory.seen]
            wp.launch(voxel_kernels.look_up, dim=len(self.wanted), inputs=inputs, device=march.device)
        if isotherms:
            inputs = [memory.tables, memory.voxels, march.now, memory.kept, memory.counts]
            dim = [len(isotherms), memory.chunks]
            wp.launch_tiled(
                voxel_kernels.count_below, dim=dim, inputs=inputs, block_dim=voxel_kernels.LANES, device=march.device
            )
        heat_j, blood_j, faces_j, power_w = march.heat()
        below, seen = memory.counts.numpy().sum(axis=1), memory.seen.numpy()
        voxel_ml = problem.grid.voxel_volume_mm3 / 1000.0
        row = {"time_s": march.time_s}
        row |= {f"volume:{t}": float(count) * voxel_ml for t, count in zip(isotherms, below, strict=True)}
        row |= self._structures(seen)
        points_c = (seen[len(seen) - self._corner_weights.size :].reshape(-1, 8) * self._corner_weights).sum(axis=1)
        row |= {f"point:{name}": float(t) for name, t in zip(problem.recording.points_m, points_c, strict=True)}
        for n, probe in enumerate(problem.probes):
            row[f"surface:{probe.label}"] = float(march.surface_c[n])
            row[f"power:{probe.label}"] = -float(power_w[n])
        self._rows.append(row)
        return bool(np.isfinite([*heat_j, blood_j, faces_j]).all())

    def _structures(self, seen: npt.NDArray[np.float32]) -> dict[str, float]:
        row, first = {}, 0
        for name, count in self._counts.items():
            own = seen[first : first + count]
            first += count
            row[f"coldest:{name}"] = float(own.min()) if count else np.nan
            for t in self.domain.problem.recording.isotherms_c:
                row[f"fraction:{name}:{t}"] = float((own <= np.float32(t)).mean()) if count else np.nan
        return row

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
        )

    def _column(self, key: str) -> Array:
        return np.array([row[key] for row in self._rows], dtype=np.float64)


def _with_ghosts(voxels: Index, domain: Domain) -> Index:
    """Flat indices that count the ghosts, from flat indices that do not."""
    index = np.stack(np.unravel_index(voxels, domain.problem.grid.shape)) + 1
    return np.asarray(np.ravel_multi_index(tuple(index), domain.size), dtype=np.int64)


def _around_points(domain: Domain) -> tuple[Index, Array]:
    """The eight voxels around each point and their weights, shape (points, 8); linear, constant beyond the edge."""
    problem = domain.problem
    points = list(problem.recording.points_m.values())
    if not points:
        return np.zeros((0, 8), dtype=np.int64), np.zeros((0, 8))
    most = np.array(problem.grid.shape) - 1
    place = np.clip(np.array(points) / problem.spacing_m, 0, most)
    lower = np.minimum(np.floor(place).astype(np.int64), np.maximum(most - 1, 0))
    part = place - lower
    corners, weights = [], []
    for corner in np.ndindex(2, 2, 2):
        ahead = np.array(corner)
        index = np.minimum(lower + ahead, most) + 1
        corners.append(np.ravel_multi_index(tuple(index.T), domain.size))
        weights.append(np.where(ahead == 1, part, 1 - part).prod(axis=1))
    return np.stack(corners, axis=1), np.stack(weights, axis=1)
