"""One long step in time: the warm surround, then the cold box, with the heat accounted for.

The surround moves first. Where it meets the box it sees temperatures that drift on as they did in the last step; the
heat that crosses there is added up, and the box then receives just that heat, so none is lost between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from givre.bioheat import step_kernels, warm_kernels
from givre.bioheat.cold_box import ColdBox, Sources, all_sources, open_box
from givre.bioheat.domain import Domain
from givre.bioheat.materials import enthalpy_j_m3
from givre.bioheat.probe_kernels import ProbePass, potentials_at
from givre.bioheat.problem import ThermalProblem
from givre.bioheat.records import Records
from givre.bioheat.stability import Stability
from givre.bioheat.super_step import stage_count, stages
from givre.bioheat.surround import Box, Surround, open_surround, reach
from givre.bioheat.team import Team

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Impose = Callable[[float], tuple[Index, Array]]
"""Given an instant, flat voxel indices (no ghosts) and the temperatures [°C] to hold there: for exact cases only."""

Held = tuple[Index, Array32, Array32]
"""Voxels held in a step, counted in the box, what they gain [J/m³] and their A, B, T, shape (3, n)."""

_MODES = {"none": 0.0, "cooling_only": 1.0, "free": 2.0}
SAFETY = 0.95
"""Part of the stable step that is used."""

LEAST_COOLING_C = 20.0
"""Cooling of the coldest voxels that every step allows for; twice that of the step before if that is more."""

COLD_ABOVE_FREEZING_C = 1.0
"""A voxel less than this above the freezing interval is cold: it belongs well inside the box."""

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
    _cold: Box = field(default_factory=lambda: np.zeros((3, 2), dtype=np.int64))

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
        box, domain, surround = self.box, self.domain, self.surround
        volume = domain.problem.spacing_m**3
        if self.is_split and math.isnan(surround.blood_w_m3):
            self._find_blood()
        before = surround.blood_w_m3
        held = _held(impose, self.time_s + step_s, self)
        held_c = float(held[2][2].min()) if len(held[0]) else math.inf
        limit_s = self._stability.limit_s(self._coldest_soon_c(step_s, held_c), domain.columns.present)
        count = stage_count(step_s, SAFETY * limit_s)
        warm_count = stage_count(step_s, SAFETY * self._warm_limit_s) if self.is_split else 0
        warm, cold = self._warm_pass(warm_count, step_s), self._cold_pass(count, step_s, held)
        probes = self._probe_pass(count, step_s)
        self._team.run(step_kernels.whole_step, step_s, self._lattice(), warm, cold, probes, self.records.keep)
        box.parity = (box.parity + count) % 2
        coldest_of_c = cold.coldest_of.min(axis=0)
        self._cooling_c_s = (self.coldest_of_c - coldest_of_c) / step_s
        self.coldest_of_c = coldest_of_c
        self._cold = np.stack([cold.extent[:, :, 0].min(axis=0), cold.extent[:, :, 1].max(axis=0)], axis=1)
        power = np.column_stack([probes.power, cold.blood.sum(axis=1) * volume, cold.faces.sum(axis=1) * volume])
        self.power_w = power[0]
        self.heat_j += step_kernels.integrated(cold.plans, power)
        if self.is_split:
            surround.rows = surround.rows[[2 - warm_count % 2, 1 + warm_count % 2, 0]]
            surround.blood_w_m3 = float(warm.blood.sum())
            self.heat_j[-2] += (before + surround.blood_w_m3) / 2 * step_s * volume
            self.heat_j[-1] += step_kernels.integrated(warm.plans, warm.faces.sum(axis=1)[:, None])[0] * volume
        self.time_s += step_s
        self.records.steps += 1
        self.stages_done = (self.stages_done[0] + warm_count, self.stages_done[1] + count)
        self._step_before_s = step_s
        if self.is_split:
            self._follow_the_cold()

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

    def _find_blood(self) -> None:
        warm = self._warm_pass(0, 0.0)
        self._team.run(step_kernels.warm_step, 0.0, self._lattice(), warm, self.records.keep)
        self.surround.blood_w_m3 = float(warm.blood.sum())

    def _lattice(self) -> step_kernels.Lattice:
        domain = self.domain
        body_c = np.float32(domain.problem.body_temp_c)
        return step_kernels.Lattice(domain.size, self.box.box, domain.material, domain.enthalpy, body_c)

    def _warm_pass(self, count: int, step_s: float) -> step_kernels.WarmPass:
        surround, seam = self.surround, self.box.seam
        plans, times = _packed(count, step_s)
        return step_kernels.WarmPass(
            fields=surround.fields, rows=surround.rows, plans=plans,
            shares=times * np.float32(step_s / self._step_before_s), first=surround.first, end=surround.end,
            hole=self.box.hole, outside=seam.outside, inside=seam.inside, conduct=seam.conduct, heat=seam.heat,
            face_first=seam.first, row_coldest=surround.row_coldest, blood=np.zeros(self._team.members),
            faces=np.zeros((count, self._team.members)),
        )  # fmt: skip

    def _cold_pass(self, count: int, step_s: float, held: Held) -> step_kernels.ColdPass:
        box, domain, members = self.box, self.domain, self._team.members
        freezing = domain.problem.freezing
        return step_kernels.ColdPass(
            fields=box.fields, plans=_packed(count, step_s)[0], parity=box.parity, size=box.size, shape=domain.shape,
            interval=domain.interval, has_ghosts=box.has_ghosts, face_voxel=box.seam.voxel,
            blood=np.zeros((count, members)), faces=np.zeros((count, members)), held=held[0], held_gain=held[1],
            held_state=held[2], coldest_of=np.tile(self._all_warm_c, (members, 1)), frozen_below_c=freezing.lower_c,
            cold_below_c=freezing.upper_c + COLD_ABOVE_FREEZING_C, extent=np.zeros((members, 3, 2), dtype=np.int64),
        )  # fmt: skip

    def _probe_pass(self, count: int, step_s: float) -> ProbePass:
        sources = self.box.sources
        return ProbePass(
            first=sources.first, voxel=sources.voxel, run_first=sources.run_first, run_voxel=sources.run_voxel,
            weight=sources.weight,             conduct=sources.conduct, two_pi_over_log=sources.two_pi_over_log,
            length_m=sources.length_m, surface=self._surfaces(step_s),
            per_volume=self.domain.problem.spacing_m**-3, power=np.zeros((count, len(self.domain.probes))),
        )  # fmt: skip

    def store_enthalpy(self, where: Box | None = None) -> None:
        """Bring the enthalpy of the domain, or of a part of it, up to date outside the box."""
        domain = self.domain
        if not self.is_split:
            return
        at_body = np.full(len(domain.columns.perfusion), domain.problem.body_temp_c)
        warm_kernels.store_enthalpy(
            self.surround.u, self.surround.fields[warm_kernels.PER_CAPACITY], domain.material,
            enthalpy_j_m3(at_body, np.arange(len(at_body)), domain.columns, domain.problem.freezing),
            _limits(domain) if where is None else where, self.box.box, domain.size, domain.enthalpy,
        )  # fmt: skip

    def _follow_the_cold(self) -> None:
        """Let the box grow where the cold comes near its faces, and the surround where it comes near its edge."""
        larger = self.box.box
        margin, cold = self._overlap + 1, self._cold
        near = (cold[:, 0] - margin < larger[:, 0]) | (cold[:, 1] + margin > larger[:, 1])
        if near.any() and cold[0, 1] > cold[0, 0]:
            wanted = cold + np.array([-margin, margin])
            limits = _limits(self.domain)
            larger = larger.copy()
            larger[:, 0] = np.where(wanted[:, 0] < larger[:, 0], wanted[:, 0] - GROWTH_VOXELS, larger[:, 0])
            larger[:, 1] = np.where(wanted[:, 1] > larger[:, 1], wanted[:, 1] + GROWTH_VOXELS, larger[:, 1])
            larger = np.clip(larger, limits[:, :1], limits[:, 1:])
        self.heat_j[-2] += reach(self.surround, self.domain, larger, self.time_s)
        if near.any() and (larger != self.box.box).any():
            self._reopen(larger)

    def _reopen(self, box: Box) -> None:
        self.store_enthalpy(box)
        self.box = open_box(self.domain, self.surround, self._sources, box, self._overlap)
        self.surround.blood_w_m3 = math.nan

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
        soon_c = np.minimum(coldest_c, np.maximum(min(surfaces_c), coldest_c - allowed_c))
        if self.is_split:
            return soon_c
        # a cold face, or a cold neighbour from the start, has no probe's kernel to soften it
        return np.full_like(soon_c, min(float(soon_c.min()), self._coldest_face_c, held_c))

    def _surfaces(self, step_s: float) -> Array:
        """What `probe_kernels.exchange` needs of the surface of each probe, in the middle of the step."""
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
            table[n] = (a, b, surface_c, wall, _MODES[mode])
            self.surface_c[n] = surface_c
        return table


@lru_cache(maxsize=64)
def _plan(count: int) -> tuple[Array, Array32]:
    """mu, nu, rate, rate_first of each stage, and its time. Y_0 stands for Y_{j-2} in the second: its nu is 0."""
    plan = stages(count) if count else ()
    table = np.array([(stage.mu, stage.nu, stage.rate, stage.rate_first) for stage in plan]).reshape(-1, 4)
    table[1:2, 1] = 0.0
    return table, np.array([stage.time for stage in plan], dtype=np.float32)


def _packed(count: int, step_s: float) -> tuple[Array32, Array32]:
    """mu, nu, step * rate, step * rate_first of each stage, and its time as part of the step."""
    table, times = _plan(count)
    return (table * np.array([1.0, 1.0, step_s, step_s])).astype(np.float32), times


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


def _held(impose: Impose | None, time_s: float, march: March) -> Held:
    if impose is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), np.zeros((3, 0), dtype=np.float32)
    domain = march.domain
    problem = domain.problem
    voxels, temp_c = impose(time_s)
    index = np.stack(np.unravel_index(voxels, problem.grid.shape)) + 1
    flat = np.ravel_multi_index(tuple(index), domain.size)
    wanted = enthalpy_j_m3(temp_c, domain.material[flat], domain.columns, problem.freezing)
    a, b = problem.freezing.potentials(temp_c)
    gain = (wanted - domain.enthalpy[flat]).astype(np.float32)
    return flat.astype(np.int64), gain, np.stack([a, b, temp_c]).astype(np.float32)
