"""Histories of a run on a GPU: one row of figures per instant, from the few numbers that are downloaded for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import warp as wp

from givre.adapters.engine.gpu import voxel_kernels
from givre.adapters.engine.gpu.march import DeviceMarch
from givre.bioheat.domain import Domain, initial_temperature_c
from givre.bioheat.near_probe import NearProbes
from givre.bioheat.recorder import Overlaid
from givre.bioheat.records import Records
from givre.bioheat.run import RunHistory

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]


@dataclass(slots=True)
class DeviceRecorder:
    """What `bioheat.recorder` keeps, of a run whose voxels lie on a device.

    Attributes:
        domain: the lattice.
        wanted: voxels to look up: those of the structures, eight around each point, then those near probes; flat,
            ghosts counted.
        near: the voxels near probes, which are read colder than the device knows.
        unseen: what the device has not seen there.
        freezes_done: how many freezes have ended.
    """

    domain: Domain
    wanted: Index
    near: NearProbes
    unseen: Records
    _counts: dict[str, int]
    _corner_weights: Array
    _followed: Overlaid
    freezes_done: int = 0
    _read_at_s: float = 0.0
    _rows: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def start(cls, domain: Domain) -> DeviceRecorder:
        """A recorder that knows where structures and points lie."""
        structures = domain.problem.recording.structures
        voxels = [np.asarray(own, dtype=np.int64) for own in structures.values()]
        corners, weights = _around_points(domain)
        followed = np.concatenate([*(_with_ghosts(own, domain) for own in voxels), corners.ravel()]).astype(np.int64)
        counts = {name: len(own) for name, own in zip(structures, voxels, strict=True)}
        near = NearProbes.of(domain)
        return cls(
            domain=domain,
            wanted=np.concatenate([followed, near.voxel]),
            near=near,
            unseen=Records.start(domain, initial_temperature_c(domain)[near.voxel]),
            _counts=counts,
            _corner_weights=weights,
            _followed=Overlaid.of(followed, near),
        )

    def counts_freeze(self, end_s: float) -> bool:
        """Whether isotherms reached in a step that ends then belong to a freeze."""
        windows = self.domain.problem.recording.freeze_windows_s
        return self.freezes_done < len(windows) and end_s > windows[self.freezes_done][0] + 1e-6

    def after_step(self, march: DeviceMarch) -> None:
        """Close the freezes that ended with this step."""
        for _, end_s in self.domain.problem.recording.freeze_windows_s[self.freezes_done :]:
            if march.time_s < end_s - 1e-6:
                break
            own_c, read_c = self._read(march, self._look_up(march)[len(self._followed.voxel) :])
            unseen = self.unseen
            unseen.reached[own_c <= unseen.thresholds_c[:, None]] = 0  # the device counts these
            unseen.end_freeze(read_c)
            march.end_freeze(self.near.voxel, read_c)
            self.freezes_done += 1

    def keep_row(self, march: DeviceMarch) -> bool:
        """Add one instant to the histories; returns whether its figures are finite."""
        memory, problem = march.memory, self.domain.problem
        isotherms = problem.recording.isotherms_c
        if isotherms:
            inputs = [memory.tables, memory.voxels, march.now, memory.kept, memory.counts]
            dim = [len(isotherms), memory.chunks]
            wp.launch_tiled(
                voxel_kernels.count_below, dim=dim, inputs=inputs, block_dim=voxel_kernels.LANES, device=march.device
            )
        heat_j, blood_j, faces_j, power_w = march.heat()
        looked_up = self._look_up(march)
        own_c, read_c = self._read(march, looked_up[len(self._followed.voxel) :])
        seen = self._followed.overlay(looked_up[: len(self._followed.voxel)], read_c)
        colder = np.array([np.count_nonzero((read_c <= t) & (own_c > t)) for t in isotherms])
        below = memory.counts.numpy().sum(axis=1) + colder
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

    def _look_up(self, march: DeviceMarch) -> Array32:
        """Temperatures now of the voxels wanted [°C]."""
        memory = march.memory
        if not len(self.wanted):
            return np.zeros(0, dtype=np.float32)
        inputs = [march.now, memory.wanted, memory.seen]
        wp.launch(voxel_kernels.look_up, dim=len(self.wanted), inputs=inputs, device=march.device)
        return np.asarray(memory.seen.numpy(), dtype=np.float32)

    def _read(self, march: DeviceMarch, own_c: Array32) -> tuple[Array32, Array32]:
        """Temperatures near probes as the device knows them and as they are read [°C]."""
        read_c = own_c
        if not np.isnan(march.surface_c).all():
            read_c = self.near.read_c(own_c, march.surface_c)
        if march.time_s > self._read_at_s:
            self.unseen.see(np.arange(len(own_c)), own_c, read_c, march.time_s - self._read_at_s)
            if not self.counts_freeze(march.time_s):
                self.unseen.forget_reached()
        self._read_at_s = march.time_s
        return own_c, read_c

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
