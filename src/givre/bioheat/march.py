"""One long step in time: the warm surround, then the cold box, with the heat accounted for.

The surround moves first. Where it meets the box it sees temperatures that drift on as they did in the last step; the
heat that crosses there is added up, and the box then receives just that heat, so none is lost between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat import step_kernels
from givre.bioheat.cold_box import ColdBox, Sources, all_sources, open_box
from givre.bioheat.domain import Domain
from givre.bioheat.front_kernels import frozen_share
from givre.bioheat.materials import enthalpy_j_m3
from givre.bioheat.probe_kernels import potentials_at
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.records import Records
from givre.bioheat.stability import Stability
from givre.bioheat.steps import NONE_HELD, Held, Steps, lay_out
from givre.bioheat.super_step import plan, stage_count
from givre.bioheat.surround import Box, Surround, open_surround, reach
from givre.bioheat.team import Team

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Impose = Callable[[float], tuple[Index, Array]]
"""Given an instant, flat voxel indices (no ghosts) and the temperatures [°C] to hold there: for exact cases only."""

_MODES = {"none": 0.0, "cooling_only": 1.0, "free": 2.0}
LEAST_ROOM = 32
"""Stages that the arrays of a step have room for at least."""

SAFETY = 0.95
"""Part of the stable step that is used."""

LEAST_COOLING_C = 20.0
"""Cooling of the coldest voxels that every step allows for; twice that of the step before if that is more."""

SHORT_STEP_S = 2.0
"""In steps as short as a probe's first ones, voxels at it may get as cold as the probe; on fine lattices they do."""

GROWTH_VOXELS = 2
"""How much a side of the box grows at a time beyond what it must."""

FIRST_LOOK_S = 0.1

FASTEST_SURROUND_M2_S = 1.2e-6
"""Unfrozen materials of a larger diffusivity, metals, are computed in the box wherever they lie."""

OVERLAP_ABOVE = (0.3, 1.0, 2.5)
"""Longest steps over h² / diffusivity of the surround above which it computes 1, 2 and 3 layers of the box too, so that
what it sees of the box at the end of a step has no way to feed on itself."""

LONGEST_PER_DIFFUSION = 5.0
"""Longest step over h² / diffusivity of the surround: box and surround then stay stable beside each other."""


@dataclass(slots=True, eq=False)
class March:
    """A run in progress.

    Attributes:
        domain: the lattice; its enthalpy is up to date.
        surround: temperatures of all voxels, up to date.
        box: the cold box.
        records: what is kept of every voxel.
        time_s: simulated time reached.
        heat_j: heat brought so far by each probe, then by blood and metabolism, then through the faces.
        power_w: the same, per second, at the start of the last step.
        surface_c: surface temperature of each probe in the last step, NaN while it exchanges none.
        coldest_of_c: coldest voxel of each material now.
        stages_done: stages of the surround and of the box so far.
    """

    domain: Domain
    surround: Surround
    box: ColdBox
    records: Records
    time_s: float
    heat_j: Array
    power_w: Array
    surface_c: Array
    coldest_of_c: Array
    is_split: bool
    stages_done: tuple[int, int]
    _team: Team
    _sources: Sources
    _stability: Stability
    _all_warm_c: Array
    _cooling_c_s: Array
    _overlap: int
    _coldest_face_c: float
    _warm_limit_s: float
    _step_before_s: float = math.inf
    _steps: Steps | None = None

    @classmethod
    def start(cls, domain: Domain, team: Team, *, everywhere: bool = False) -> March:
        """A run at time zero; `everywhere` computes all voxels with freezing from the start."""
        problem = domain.problem
        surround, sources = open_surround(domain), all_sources(domain)
        count = len(domain.probes)
        is_split = not everywhere and _starts_at_rest(problem)
        box = _first_box(domain, sources, _limits(domain)) if is_split else _limits(domain)
        warm_c = np.full(len(problem.material.materials), problem.body_temp_c)
        pace = min(problem.longest_step_s * _surround_diffusivity(domain) / problem.spacing_m**2, LONGEST_PER_DIFFUSION)
        overlap = int(np.searchsorted(OVERLAP_ABOVE, pace))
        stability, slow = (
            Stability.of(domain.columns, problem.freezing, problem.spacing_m),
            np.flatnonzero(~_fast(domain)),
        )
        march = cls(
            domain=domain,
            surround=surround,
            box=open_box(domain, surround, sources, box, overlap),
            records=Records.start(domain, surround.u + np.float32(problem.body_temp_c)),
            time_s=0.0,
            heat_j=np.zeros(count + 2),
            power_w=np.zeros(count + 2),
            surface_c=np.full(count, math.nan),
            coldest_of_c=warm_c.copy(),
            is_split=is_split,
            stages_done=(0, 0),
            _team=team,
            _sources=sources,
            _stability=stability,
            _all_warm_c=warm_c,
            _cooling_c_s=np.zeros(len(warm_c)),
            _overlap=overlap,
            _coldest_face_c=float(np.nanmin([problem.body_temp_c, *np.ravel(problem.faces_c)])),
            _warm_limit_s=stability.limit_s(warm_c, slow) if is_split else math.nan,
        )
        if is_split:
            march.heat_j[-2] += reach(surround, domain, box, 0.0)
        elif problem.initial_c is not None:
            for m in domain.columns.present:
                march.coldest_of_c[m] = problem.initial_c[problem.material.index == m].min()
        return march

    @property
    def frozen_ml(self) -> float:
        """Volume of what is frozen now, by the heat it holds."""
        domain, box = self.domain, self.box
        inside = tuple(slice(int(first), int(end)) for first, end in box.box)
        freezes = (domain.columns.k_plain == 0.0)[domain.material.reshape(domain.size)[inside]]
        share = frozen_share(box.fields, box.front, box.size)
        return float(share[freezes].sum()) * domain.problem.grid.voxel_volume_mm3 / 1000.0

    def count_below(self, isotherm: int) -> int:
        """Voxels of the box at or below one of the recorded isotherms now."""
        if self._steps is None:  # before the first step, or just after the box has changed
            return int(np.count_nonzero(self.box.temp_c <= np.float32(self.records.thresholds_c[isotherm])))
        return int(self._steps.cold.below[0, isotherm])

    @property
    def temp_c(self) -> Array32:
        """Temperature of every voxel, shape (k, j, i); a copy."""
        block: Array32 = self.domain.block(self.surround.u) + np.float32(self.domain.problem.body_temp_c)
        return block

    def longest_step_s(self) -> float:
        """Longest step that keeps box and surround stable beside each other."""
        if not self.is_split:
            return math.inf
        return LONGEST_PER_DIFFUSION * self.domain.problem.spacing_m**2 / _surround_diffusivity(self.domain)

    def explicit_step_s(self) -> float:
        """Longest plain explicit step now."""
        return self._stability.limit_s(self._coldest_soon_c(FIRST_LOOK_S), self.domain.columns.present)

    def step(self, step_s: float, impose: Impose | None = None) -> None:
        """Advance by `step_s`, then let box and surround grow where the cold has come near their edges."""
        domain, surround = self.domain, self.surround
        if self.is_split and math.isnan(surround.blood_w_m3):
            surround.find_blood(self.box.box, domain.size)
        held = NONE_HELD if impose is None else _held(impose, self.time_s + step_s, self)
        held_c = float(held[2][2].min(initial=math.inf))
        limit_s = self._stability.limit_s(self._coldest_soon_c(step_s, held_c), domain.columns.present)
        count = stage_count(step_s, SAFETY * limit_s)
        warm_count = stage_count(step_s, SAFETY * self._warm_limit_s, least=2) if self.is_split else 0
        steps = self._steps
        if steps is None or impose is not None or len(steps.pace.shares) < max(count, warm_count):
            steps = self._open_steps(max(count, warm_count), held)
        self._set_pace(steps, count, warm_count, step_s)
        self._team.together()
        self.box.parity = (self.box.parity + count) % 2
        coldest_of_c = steps.cold.coldest_of[0].copy()
        self._cooling_c_s = (self.coldest_of_c - coldest_of_c) / step_s
        self.coldest_of_c = coldest_of_c
        self._add_heat(steps, step_s)
        if self.is_split:
            surround.rows[:] = surround.rows[[2 - warm_count % 2, 1 + warm_count % 2, 0]]
        self.time_s += step_s
        self.records.steps += 1
        self.stages_done = (self.stages_done[0] + warm_count, self.stages_done[1] + count)
        self._step_before_s = step_s
        if self.is_split:
            self._follow_the_cold(steps.cold.extent[0])

    def _set_pace(self, steps: Steps, count: int, warm_count: int, step_s: float) -> None:
        """Say what the next step is."""
        pace, per_stage = steps.pace, np.array([1.0, 1.0, step_s, step_s])
        pace.step_s[0] = step_s
        pace.counts[:] = warm_count, count, self.box.parity
        table, _, weights = plan(count)
        pace.cold_plans[:count], pace.weights[1, :count] = table * per_stage, weights
        if warm_count:
            table, times, weights = plan(warm_count)
            pace.warm_plans[:warm_count], pace.weights[0, :warm_count] = table * per_stage, weights
            pace.shares[:warm_count] = times * (step_s / self._step_before_s)
        self._set_surfaces(steps.probes.surface, step_s)

    def _add_heat(self, steps: Steps, step_s: float) -> None:
        """Account for what probes, blood and faces brought in a step."""
        volume = self.domain.problem.spacing_m**3
        power, heat = steps.pace.heat
        power[-2:] *= volume
        heat[-2:] *= volume
        if self.is_split:
            before = self.surround.blood_w_m3
            self.surround.blood_w_m3 = float(steps.warm.blood.sum())
            heat[-2] += (before + self.surround.blood_w_m3) / 2 * volume
        self.power_w[:] = power
        self.heat_j += heat * step_s

    def stop_blood(self) -> None:
        """Let no blood flow from now on where tissue has been as cold as vessels stand."""
        threshold_c = self.domain.problem.stasis_below_c
        if threshold_c is None:
            return
        self.surround.stop_blood(self.records.coldest_c <= np.float32(threshold_c))
        if self.is_split:
            self._reopen(self.box.box)
        else:
            self.box = open_box(self.domain, self.surround, self._sources, self.box.box, self._overlap)
            self._steps = None

    def _open_steps(self, most_stages: int, held: Held) -> Steps:
        """Lay out what the next steps share, and let the team in."""
        steps = lay_out(
            self.domain, self.surround, self.box, self.records.keep, members=self._team.members,
            room=max(LEAST_ROOM, 2 * most_stages), held=held,
        )  # fmt: skip
        self._steps = steps
        self._team.enter(step_kernels.advance, *steps)
        return steps

    def store_enthalpy(self, where: Box | None = None) -> None:
        """Bring the enthalpy of the domain, or of a part of it, up to date outside the box."""
        domain = self.domain
        if not self.is_split:
            return
        at_body = np.full(len(domain.columns.perfusion), domain.problem.body_temp_c)
        self.surround.store_enthalpy(
            domain,
            enthalpy_j_m3(at_body, np.arange(len(at_body)), domain.columns, domain.problem.freezing),
            where=_limits(domain) if where is None else where,
            but=self.box.box,
        )

    def _follow_the_cold(self, cold: Box) -> None:
        """Let the box grow where the cold comes near its faces, and the surround where it comes near its edge."""
        larger = self.box.box
        margin = self._overlap + 1
        is_near = bool(((cold[:, 0] - margin < larger[:, 0]) | (cold[:, 1] + margin > larger[:, 1])).any())
        if is_near and cold[0, 1] > cold[0, 0]:
            wanted = cold + np.array([-margin, margin])
            limits = _limits(self.domain)
            larger = larger.copy()
            larger[:, 0] = np.where(wanted[:, 0] < larger[:, 0], wanted[:, 0] - GROWTH_VOXELS, larger[:, 0])
            larger[:, 1] = np.where(wanted[:, 1] > larger[:, 1], wanted[:, 1] + GROWTH_VOXELS, larger[:, 1])
            larger = np.clip(larger, limits[:, :1], limits[:, 1:])
        self.heat_j[-2] += reach(self.surround, self.domain, larger, self.time_s)
        if is_near and (larger != self.box.box).any():
            self._reopen(larger)

    def _reopen(self, box: Box) -> None:
        self.store_enthalpy(box)
        self.box = open_box(self.domain, self.surround, self._sources, box, self._overlap)
        self.surround.blood_w_m3 = math.nan
        self._steps = None

    def _coldest_soon_c(self, step_s: float, held_c: float = math.inf) -> Array:
        """Coldest each material may get in this step: the colder, the faster a frozen material conducts."""
        coldest_c = self.coldest_of_c
        problem = self.domain.problem
        surfaces_c = [
            probe.history.temp_at_c(self.time_s + step_s)
            for probe in problem.probes
            if probe.history.mode_at(self.time_s + step_s / 2) != "none"
        ]
        surfaces_c.append(self._coldest_face_c)
        allowed_c = np.maximum(LEAST_COOLING_C, 2 * step_s * self._cooling_c_s)
        if step_s <= SHORT_STEP_S:
            allowed_c[:] = math.inf
        soon_c = np.minimum(coldest_c, np.maximum(min(surfaces_c), coldest_c - allowed_c))
        if self.is_split:
            return soon_c
        # a cold face, or a cold neighbour from the start, has no probe's kernel to soften it
        return np.full_like(soon_c, min(float(soon_c.min()), self._coldest_face_c, held_c))

    def _set_surfaces(self, table: Array, step_s: float) -> None:
        """Fill what `probe_kernels.exchange` needs of the surface of each probe, in the middle of the step."""
        middle_s = self.time_s + step_s / 2
        for n, probe in enumerate(self.domain.problem.probes):
            mode = probe.history.mode_at(middle_s)
            if mode == "none":
                self.surface_c[n], table[n] = math.nan, 0.0
                continue
            surface_c = probe.history.temp_at_c(middle_s)
            resistance = probe.contact_resistance_m2k_w
            wall = 2 * math.pi * probe.radius_m / resistance if resistance > 0 else math.inf
            a, b, _, _ = potentials_at(surface_c, self.domain.shape, self.domain.interval)
            table[n] = (a, b, surface_c, wall, _MODES[mode])
            self.surface_c[n] = surface_c


def _limits(domain: Domain) -> Box:
    """The box that holds all voxels."""
    return np.array([(1, n - 1) for n in domain.size], dtype=np.int64)


def _surround_diffusivity(domain: Domain) -> float:
    """Largest diffusivity of the surround [m²/s]."""
    columns, slow = domain.columns, ~_fast(domain)
    return float(((columns.k_unfrozen + columns.k_plain) / columns.capacity_warm)[slow].max(initial=0.0))


def _starts_at_rest(problem: ThermalProblem) -> bool:
    """Whether probes alone move the temperature."""
    faces = np.ravel(problem.faces_c)
    is_uniform = problem.initial_c is None and bool((np.isnan(faces) | (faces == problem.body_temp_c)).all())
    return is_uniform and bool(problem.probes)


def _fast(domain: Domain) -> npt.NDArray[np.bool_]:
    """Materials that conduct too fast for the surround, or do not occur."""
    columns = domain.columns
    is_fast = (columns.k_unfrozen + columns.k_plain) / columns.capacity_warm > FASTEST_SURROUND_M2_S
    present = np.isin(np.arange(len(is_fast)), columns.present)
    return np.asarray(is_fast | ~present)


def _first_box(domain: Domain, sources: Sources, limits: Box) -> Box:
    """Around the probes, and whatever conducts as fast as ice does."""
    fast = np.flatnonzero(_fast(domain))
    inside = np.isin(domain.material, fast)
    touched = np.concatenate([sources.voxel, np.flatnonzero(inside)])
    index = np.array(np.unravel_index(touched, domain.size))
    around = np.stack([index.min(axis=1) - 4, index.max(axis=1) + 5], axis=1)
    return np.asarray(np.clip(around, limits[:, :1], limits[:, 1:]))


def _held(impose: Impose, time_s: float, march: March) -> Held:
    domain = march.domain
    problem = domain.problem
    voxels, temp_c = impose(time_s)
    index = np.stack(np.unravel_index(voxels, problem.grid.shape)) + 1
    flat = np.ravel_multi_index(tuple(index), domain.size)
    wanted = enthalpy_j_m3(temp_c, domain.material[flat], domain.columns, problem.freezing)
    a, b = problem.freezing.potentials(temp_c)
    gain = (wanted - domain.enthalpy[flat]).astype(np.float32)
    return flat.astype(np.int64), gain, np.stack([a, b, temp_c]).astype(np.float32)
