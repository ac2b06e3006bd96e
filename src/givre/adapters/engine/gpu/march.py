"""One long step in time on a GPU: what is told to the device before it, and what is learnt for the next.

The whole domain is one region with freezing everywhere: what the processor saves by a cold box, a GPU does not need.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import warp as wp

from givre.adapters.engine.gpu import layout, voxel_kernels
from givre.adapters.engine.gpu.memory import MOST_STAGES, Memory, lay_out
from givre.adapters.engine.gpu.step_graphs import StepGraphs
from givre.bioheat.domain import Domain
from givre.bioheat.march import FIRST_LOOK_S, LEAST_COOLING_C, SAFETY, SHORT_STEP_S, _starts_at_rest
from givre.bioheat.probe_kernels import potentials_at
from givre.bioheat.stability import Stability
from givre.bioheat.super_step import plan, stage_count
from givre.foundation.errors import SimulationError

Array = npt.NDArray[np.float64]

MODES = {"none": layout.EXCHANGES_NOTHING, "cooling_only": layout.TAKES_ONLY, "free": layout.IS_FREE}


@dataclass(slots=True, eq=False)
class DeviceMarch:
    """A run in progress on a device.

    Attributes:
        domain: the lattice; its enthalpy is that of the start.
        memory: everything on the device.
        device: its name.
        time_s: simulated time reached.
        surface_c: surface temperature of each probe in the last step, NaN while it exchanges none.
        coldest_of_c: coldest voxel of each material now.
        steps: time steps taken.
        starts_at_rest: whether probes alone move the temperature.
    """

    domain: Domain
    memory: Memory
    device: str
    time_s: float
    surface_c: Array
    coldest_of_c: Array
    steps: int
    _stability: Stability
    _graphs: StepGraphs
    _cooling_c_s: Array
    _coldest_face_c: float
    starts_at_rest: bool
    _parity: int = 0

    @classmethod
    def start(cls, domain: Domain, wanted: npt.NDArray[np.int64], device: str) -> DeviceMarch:
        """A run at time zero; `wanted` are the voxels to look up at every record."""
        problem = domain.problem
        warm_c = np.full(len(domain.columns.perfusion), problem.body_temp_c)
        coldest_of_c = warm_c.copy()
        if problem.initial_c is not None:
            for m in domain.columns.present:
                coldest_of_c[m] = problem.initial_c[problem.material.index == m].min()
        memory = lay_out(domain, wanted, device)
        start_of_c = wp.array(warm_c, dtype=wp.float32, device=device)
        return cls(
            domain=domain,
            memory=memory,
            device=device,
            time_s=0.0,
            surface_c=np.full(len(domain.probes), math.nan),
            coldest_of_c=coldest_of_c,
            steps=0,
            _stability=Stability.of(domain.columns, problem.freezing, problem.spacing_m),
            _graphs=StepGraphs.of(memory, start_of_c, device),
            _cooling_c_s=np.zeros(len(warm_c)),
            _coldest_face_c=float(np.nanmin([problem.body_temp_c, *np.ravel(problem.faces_c)])),
            starts_at_rest=_starts_at_rest(problem),
        )

    @property
    def now(self) -> layout.State:
        """The state that is up to date."""
        return self.memory.states[self._parity]

    def explicit_step_s(self) -> float:
        """Longest plain explicit step now."""
        return self._stability.limit_s(self._coldest_soon_c(FIRST_LOOK_S), self.domain.columns.present)

    def step(self, step_s: float, *, counts_freeze: bool) -> None:
        """Advance by `step_s`; `counts_freeze` says whether isotherms reached belong to a freeze."""
        limit_s = self._stability.limit_s(self._coldest_soon_c(step_s), self.domain.columns.present)
        count = stage_count(step_s, SAFETY * limit_s)
        if count > MOST_STAGES:
            raise SimulationError(
                f"a step of {step_s:g} s needs {count} stages, at most {MOST_STAGES}; use larger voxels"
            )
        self._tell(count, step_s, counts_freeze=counts_freeze)
        self._graphs.launch(count, self._parity)
        self._parity = (self._parity + count) % 2
        coldest_of_c = self.memory.kept.coldest_of_c.numpy().astype(np.float64)
        self._cooling_c_s = (self.coldest_of_c - coldest_of_c) / step_s
        self.coldest_of_c = coldest_of_c
        self.time_s += step_s
        self.steps += 1

    def end_freeze(self, near: npt.NDArray[np.int64], near_c: npt.NDArray[np.float32]) -> None:
        """Count what the freeze reached, keep the temperature at its end, stop the blood where vessels stand still.

        Args:
            near: voxels near probes, flat.
            near_c: temperatures that are read there [°C].
        """
        memory, threshold_c = self.memory, self.domain.problem.stasis_below_c
        coldest_c = memory.kept.coldest_c.numpy()
        coldest_c[near] = np.minimum(coldest_c[near], near_c)
        memory.kept.coldest_c.assign(coldest_c)
        count = len(self.domain.material)
        wp.launch(voxel_kernels.end_freeze, dim=count, inputs=[memory.kept, self.now], device=self.device)
        if threshold_c is not None:
            inputs = [memory.kept, memory.voxels.stopped, threshold_c]
            wp.launch(voxel_kernels.stop_blood, dim=count, inputs=inputs, device=self.device)

    def heat(self) -> tuple[Array, float, float, Array]:
        """Heat so far of each probe, of blood and metabolism, through the faces [J]; power of each probe [W]."""
        sources, memory = self.domain.probes, self.memory
        sums = memory.sums.numpy()
        samples = [len(probe.conduct) for probe in sources]
        ends = np.cumsum([0, *samples])
        parts = [slice(ends[n], ends[n + 1]) for n in range(len(sources))]
        chunk_sums = sums[2 * ends[-1] :].reshape(2, memory.chunks).sum(axis=1) * self.domain.problem.spacing_m**3
        return (
            np.array([sums[part].sum() for part in parts]),
            float(chunk_sums[0]),
            float(chunk_sums[1]),
            np.array([sums[ends[-1] :][part].sum() for part in parts]),
        )

    def _tell(self, count: int, step_s: float, *, counts_freeze: bool) -> None:
        """Send the device what this step needs, in one copy."""
        controls = np.zeros((MOST_STAGES + len(self.domain.probes)) * 5 + 2)
        plans = controls[: MOST_STAGES * 5].reshape(MOST_STAGES, 5)
        plans[:count] = _plan(count) * np.array([1.0, 1.0, step_s, step_s, step_s])
        controls[MOST_STAGES * 5 : -2] = self._surfaces(step_s).ravel()
        controls[-2:] = step_s, float(counts_freeze)
        self.memory.controls.assign(controls)

    def _coldest_soon_c(self, step_s: float) -> Array:
        """Coldest each material may get in this step, as in `bioheat.march`."""
        surfaces_c = [
            probe.history.temp_at_c(self.time_s + step_s)
            for probe in self.domain.problem.probes
            if probe.history.mode_at(self.time_s + step_s / 2) != "none"
        ]
        allowed_c = np.maximum(LEAST_COOLING_C, 2 * step_s * self._cooling_c_s)
        if step_s <= SHORT_STEP_S:
            allowed_c[:] = math.inf
        coldest_allowed_c = np.maximum(min([*surfaces_c, self._coldest_face_c]), self.coldest_of_c - allowed_c)
        soon_c = np.minimum(self.coldest_of_c, coldest_allowed_c)
        if self.starts_at_rest:
            return np.asarray(soon_c)
        return np.full_like(soon_c, min(float(soon_c.min()), self._coldest_face_c))

    def _surfaces(self, step_s: float) -> Array:
        """The surface of each probe in the middle of the step, columns as in `layout`."""
        table = np.zeros((len(self.domain.probes), 5))
        middle_s = self.time_s + step_s / 2
        for n, probe in enumerate(self.domain.problem.probes):
            mode = probe.history.mode_at(middle_s)
            self.surface_c[n] = math.nan
            if mode == "none":
                continue
            surface_c = probe.history.temp_at_c(middle_s)
            resistance = probe.contact_resistance_m2k_w
            wall = 2 * math.pi * probe.radius_m / resistance if resistance > 0 else math.inf
            a, b, _, _ = potentials_at(surface_c, self.domain.shape, self.domain.interval)
            table[n] = (a, b, surface_c, wall, MODES[mode])
            self.surface_c[n] = surface_c
        return table


@lru_cache(maxsize=64)
def _plan(count: int) -> Array:
    """mu, nu, rate, rate_first of each stage of a step of unit length, and what a unit rate in it alone brings."""
    table, _, weights = plan(count)
    return np.column_stack([table, weights])
