"""One long step in time: the stages of a super time step over all voxels and probes, with the heat accounted for."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.polynomial.polynomial import polyval

from givre.bioheat import kernels
from givre.bioheat.materials import enthalpy_j_m3
from givre.bioheat.super_step import stage_count, stages
from givre.bioheat.window import Window, all_voxels, cut, first_window, grown, paste, warm_up
from givre.bioheat.workspace import Workspace, explicit_limit_s

Array = npt.NDArray[np.float64]
Array32 = npt.NDArray[np.float32]
Impose = Callable[[float], tuple[npt.NDArray[np.int64], Array]]
"""Given an instant, flat voxel indices (no ghosts) and the temperatures [°C] to hold there: for exact cases only."""

_MODES = {"none": 0, "cooling_only": 1, "free": 2}
SAFETY = 0.95
"""Part of the stable step that is used."""

COOLING_PER_STEP_C = 20.0
"""More than any voxel cools in one step, unless the probe itself is warmer than that."""


@dataclass(slots=True)
class March:
    """A run in progress.

    Attributes:
        domain: all voxels; up to date after `gather`.
        window: the box of voxels that is computed.
        work: the arrays of that box.
        time_s: simulated time reached.
        heat_j: heat brought so far by each probe, then by blood and metabolism, then through the faces of the box.
        power_w: the same, per second, at the start of the last step.
        surface_c: surface temperature of each probe in the last step, NaN while it exchanges none.
    """

    domain: Workspace
    window: Window
    work: Workspace
    time_s: float
    heat_j: Array
    power_w: Array
    surface_c: Array
    _stages: tuple[Array, Array]
    _rates_w_m3: tuple[Array32, Array32]
    _slice_blood: Array
    _limits_s: dict[bytes, float]

    @classmethod
    def start(cls, domain: Workspace, *, everywhere: bool = False) -> March:
        """A run at time zero; `everywhere` computes all voxels from the start."""
        count = len(domain.probes)
        window = all_voxels(domain) if everywhere else first_window(domain)
        march = cls(
            domain=domain,
            window=window,
            work=domain,
            time_s=0.0,
            heat_j=np.zeros(count + 2),
            power_w=np.zeros(count + 2),
            surface_c=np.full(count, math.nan),
            _stages=(domain.enthalpy, domain.enthalpy),
            _rates_w_m3=(domain.temp_c, domain.temp_c),
            _slice_blood=np.zeros(domain.enthalpy.shape[0]),
            _limits_s={},
        )
        march._open(window)
        return march

    def _open(self, window: Window) -> None:
        """Go on in another box of the domain, which must be up to date."""
        self.window, self.work = window, cut(self.domain, window)
        self._stages = (np.zeros_like(self.work.enthalpy), np.zeros_like(self.work.enthalpy))
        self._rates_w_m3 = (np.zeros_like(self.work.temp_c), np.zeros_like(self.work.temp_c))
        self._slice_blood = np.zeros(self.work.enthalpy.shape[0])
        self.update_temperature()

    def update_temperature(self, enthalpy: Array | None = None) -> None:
        """Fill temperature and potentials from the enthalpy (the current one by default)."""
        work = self.work
        freezing = work.problem.freezing
        kernels.to_temperature(
            work.enthalpy if enthalpy is None else enthalpy, work.material, work.packed,
            freezing.lower_c, freezing.upper_c, *work.polynomials, work.temp_c, work.potential_a, work.potential_b,
        )  # fmt: skip

    def gather(self) -> Workspace:
        """The whole domain, up to date."""
        paste(self.work, self.window, self.domain)
        return self.domain

    def step(self, step_s: float, impose: Impose | None = None) -> None:
        """Advance by `step_s`; temperatures must be up to date, and are left one stage behind."""
        first, (before, before_that), (first_rate, rate) = self.work.enthalpy, self._stages, self._rates_w_m3
        plan = stages(stage_count(step_s, SAFETY * self._explicit_limit_s(step_s)))
        held = _held(impose, self.time_s + step_s, self.work)
        self.power_w = self._rates(step_s, first_rate)
        heat_before, heat_before_that = plan[0].rate * step_s * self.power_w, np.zeros_like(self.power_w)
        kernels.first_stage(first, first_rate, plan[0].rate * step_s, before, before_that)
        _hold(before, held)
        for stage in plan[1:]:
            self.update_temperature(before)
            power_w = self._rates(step_s, rate)
            rest = 1 - stage.mu - stage.nu
            kernels.advance_stage(
                before, before_that, first, rate, first_rate,
                np.array([stage.mu, stage.nu, rest, stage.rate * step_s, stage.rate_first * step_s]),
            )  # fmt: skip
            gained = step_s * (stage.rate * power_w + stage.rate_first * self.power_w)
            heat_before, heat_before_that = (
                stage.mu * heat_before + stage.nu * heat_before_that + gained,
                heat_before,
            )
            before, before_that = before_that, before
            _hold(before, held)
        np.copyto(first, before)
        self.heat_j += heat_before
        self.time_s += step_s

    def follow_the_cold(self) -> None:
        """Let the box grow where the cold has reached its edge; temperatures must be up to date."""
        larger = grown(self.window, self.work, self.domain)
        if (larger != self.window).any():
            self.gather()
            self.heat_j[-2] += warm_up(self.window, larger, self.domain, self.time_s)
            self._open(larger)

    def _explicit_limit_s(self, step_s: float) -> float:
        """Longest stable explicit step now: the colder its coldest voxel, the faster a frozen material conducts."""
        work = self.work
        coldest_c = np.full(len(work.problem.material.materials), work.problem.body_temp_c)
        kernels.coldest_by_material(work.temp_c, work.material, coldest_c)
        surfaces_c = [
            probe.source.history.temp_at_c(self.time_s + step_s)
            for probe in work.probes
            if probe.source.history.mode_at(self.time_s + step_s / 2) != "none"
        ]
        if surfaces_c:
            coldest_c = np.minimum(coldest_c, np.maximum(min(surfaces_c), coldest_c - COOLING_PER_STEP_C))
        rounded_c = 5.0 * np.floor(np.nan_to_num(coldest_c) / 5.0)  # not a number: the run will end as diverged
        key = rounded_c.tobytes()
        if key not in self._limits_s:
            self._limits_s[key] = explicit_limit_s(work.problem, work.columns, rounded_c)
        return self._limits_s[key]

    def _rates(self, step_s: float, rate: Array32) -> Array:
        """Fill the heating rate; return the power of each probe, of blood and through the faces [W]."""
        work, problem = self.work, self.work.problem
        freezing = problem.freezing
        kernels.heat_rate(
            work.temp_c, work.potential_a, work.potential_b, *work.conductivity, work.perfusion, work.metabolism,
            problem.body_temp_c, freezing.lower_c, freezing.upper_c, problem.spacing_m, rate, self._slice_blood,
        )  # fmt: skip
        power = np.zeros(len(work.probes) + 2)
        for n in range(len(work.probes)):
            power[n], self.surface_c[n] = self._exchange(n, self.time_s + step_s / 2, rate)
        power[-2] = self._slice_blood.sum() * problem.spacing_m**3
        power[-1] = kernels.boundary_power(
            work.temp_c, work.potential_a, work.potential_b, *work.conductivity, problem.spacing_m
        )
        return power

    def _exchange(self, n: int, time_s: float, rate: Array32) -> tuple[float, float]:
        work, probe = self.work, self.work.probes[n]
        mode = _MODES[probe.source.history.mode_at(time_s)]
        if mode == 0:
            return 0.0, math.nan
        surface_c = probe.source.history.temp_at_c(time_s)
        resistance = probe.source.contact_resistance_m2k_w
        power_w, _ = kernels.exchange_with_probe(
            work.temp_c.ravel(), work.potential_a.ravel(), work.potential_b.ravel(), probe.conduct,
            probe.coupling.first, probe.coupling.voxel, probe.coupling.weight,
            _surface_potentials(surface_c, work), 2 * math.pi / probe.coupling.log_ratio,
            2 * math.pi * probe.source.radius_m / resistance if resistance > 0 else math.inf,
            probe.coupling.length_m, work.problem.spacing_m**-3, mode, rate.ravel(),
        )  # fmt: skip
        return power_w, surface_c


def _surface_potentials(surface_c: float, work: Workspace) -> Array:
    """A, B, T, A' and B' at the temperature of a probe's surface."""
    freezing = work.problem.freezing
    liquid, solid, frozen = work.polynomials
    mushy_c = min(max(surface_c, freezing.lower_c), freezing.upper_c)
    a = max(surface_c - freezing.upper_c, 0.0) + polyval(mushy_c, liquid)
    b = polyval(mushy_c, solid) + polyval(min(surface_c, freezing.lower_c), frozen)
    melted = (mushy_c - freezing.lower_c) / (freezing.upper_c - freezing.lower_c)
    return np.array([a, b, surface_c, melted, (1 - melted) * polyval(surface_c, np.array(freezing.shape))])


def _held(
    impose: Impose | None, time_s: float, work: Workspace
) -> tuple[tuple[npt.NDArray[np.int64], ...], Array] | None:
    if impose is None:
        return None
    from_shape = work.problem.grid.shape
    voxels, temp_c = impose(time_s)
    index = tuple(np.asarray(axis + 1) for axis in np.unravel_index(voxels, from_shape))
    return index, enthalpy_j_m3(temp_c, work.material[index], work.columns, work.problem.freezing)


def _hold(enthalpy: Array, held: tuple[tuple[npt.NDArray[np.int64], ...], Array] | None) -> None:
    if held is not None:
        enthalpy[held[0]] = held[1]
