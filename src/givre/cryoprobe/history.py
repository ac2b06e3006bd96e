"""From a protocol to the temperature of a cryoprobe's surface in time.

A freeze falls from the start temperature to the plateau of the model along the measured shape, two exponentials
after a short delay. Thaws follow the measured shape too, or exchange no heat.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import numpy.typing as npt

from givre.cryoprobe.model import CryoprobeModel
from givre.cryoprobe.protocol import Phase, Protocol
from givre.cryoprobe.surface_history import ExchangeMode, SurfaceHistory
from givre.foundation.errors import InvalidProtocol
from givre.foundation.quantity import Quantity
from givre.foundation.quantity_table import quantity_from

PassiveThaw = Literal["no_exchange", "measured"]

CHORD_ERROR_C = 0.25
"""Largest distance between a shape and the straight lines that stand for it [°C]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoExponentials:
    """Share of a temperature change that is done after t seconds: 0 at first, 1 in the end.

    done(t) = fast (1 - exp(-s/fast_s)) + (1 - fast) (1 - exp(-s/slow_s)),  s = t - delay, 0 before.
    """

    fast_fraction: float
    fast_s: float
    slow_s: float
    delay_s: float = 0.0

    def done(self, time_s: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Share done at some instants [s], same shape."""
        elapsed = np.maximum(np.asarray(time_s, dtype=float) - self.delay_s, 0.0)
        fast = self.fast_fraction * -np.expm1(-elapsed / self.fast_s)
        slow = (1 - self.fast_fraction) * -np.expm1(-elapsed / self.slow_s)
        return np.asarray(fast + slow)

    def instants_s(self, duration_s: float, change_c: float) -> npt.NDArray[np.float64]:
        """Instants from 0 to the end between which a change of `change_c` is straight to `CHORD_ERROR_C`.

        The chord of an interval h lies within h² |f''| / 8 of f, and |f''| decreases.
        """
        instants = [0.0]
        now_s = self.delay_s
        while now_s < duration_s:
            if now_s > 0:
                instants.append(now_s)
            elapsed = now_s - self.delay_s
            bend = abs(change_c) * (
                self.fast_fraction / self.fast_s**2 * np.exp(-elapsed / self.fast_s)
                + (1 - self.fast_fraction) / self.slow_s**2 * np.exp(-elapsed / self.slow_s)
            )
            now_s += min(float(np.sqrt(8 * CHORD_ERROR_C / max(bend, 1e-12))), 60.0)
        return np.array([*instants, duration_s])


def load_surface_shapes() -> dict[tuple[str, str], Quantity]:
    """The packaged shape parameters by shape and parameter, with source and status."""
    text = files("givre.cryoprobe.data").joinpath("surface_shapes.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {(row["shape"], row["parameter"]): quantity_from(row, where=f"probe shapes, {row['shape']}") for row in rows}


@cache
def freeze_shape() -> TwoExponentials:
    """The measured fall from start to plateau."""
    return _two_exponentials("freeze", delay_s=load_surface_shapes()["freeze", "delay_s"].value)


@cache
def passive_thaw_shape() -> TwoExponentials:
    """The measured recovery once the gas is off."""
    return _two_exponentials("passive_thaw", delay_s=0.0)


@cache
def active_thaw_shape() -> TwoExponentials:
    """The assumed warming by helium or by an electric heater, one exponential."""
    warming_s = load_surface_shapes()["active_thaw", "warming_s"].value
    return TwoExponentials(fast_fraction=1.0, fast_s=warming_s, slow_s=warming_s)


def surface_history(
    model: CryoprobeModel,
    protocol: Protocol,
    *,
    start_s: float,
    body_temp_c: float,
    passive_thaw: PassiveThaw = "no_exchange",
    active_thaw_temp_c: float | None = None,
    plateau_c: float | None = None,
) -> SurfaceHistory:
    """Surface temperature of one cryoprobe from the start of the simulation to the end of its protocol.

    - Freeze: `cooling_only`, along the measured shape scaled to run from the temperature before it to the plateau.
      A first freeze, and one after a thaw without exchange, begin at body temperature: the probe exchanges heat
      only once it is colder than the tissue, so that start matters for a second or two.
    - Passive thaw: `none` by default. The gas is off, the shaft holds little heat, and the probe follows the ice
      around it. The measured dish trace warms within a minute because its ice was 4 mm thick in a warm bath; a
      clinical ice-ball is ten times that. `measured` imposes that trace (`free`) for comparison with the dish.
    - Active thaw: `free`, towards `active_thaw_temp_c`.

    Where the mode is `none` the temperature joins its neighbours and means nothing.

    Args:
        model: the cryoprobe.
        protocol: its phases.
        start_s: when it starts [s].
        body_temp_c: temperature of the tissue at first [°C].
        passive_thaw: how a passive thaw is described.
        active_thaw_temp_c: surface temperature an active thaw ends at [°C]; the packaged value if not given.
        plateau_c: plateau of the freezes [°C]; the model's value if not given (for sampling its spread).

    Source: data/surface_shapes.csv.
    """
    if not (np.isfinite(start_s) and start_s >= 0):
        raise InvalidProtocol(f"probe starts at {start_s} s; give 0 s or later")
    if passive_thaw not in ("no_exchange", "measured"):
        raise InvalidProtocol(f'passive thaw "{passive_thaw}"; use no_exchange or measured')
    shapes = load_surface_shapes()
    plateau = model.surface_temp_c.value if plateau_c is None else plateau_c
    trace = _Trace.start(start_s, body_temp_c)
    for phase in protocol.phases:
        if phase.kind == "freeze":
            begin_c = body_temp_c if trace.is_idle else trace.temp_c[-1]
            trace.follow(phase, freeze_shape(), begin_c, plateau, "cooling_only")
        elif phase.kind == "active_thaw":
            begin_c = shapes["active_thaw", "ice_c"].value if trace.is_idle else trace.temp_c[-1]
            target_c = shapes["active_thaw", "target_c"].value if active_thaw_temp_c is None else active_thaw_temp_c
            trace.follow(phase, active_thaw_shape(), begin_c, target_c, "free")
        elif passive_thaw == "measured":
            begin_c = trace.temp_c[-1]
            share = shapes["passive_thaw", "recovered_fraction"].value
            trace.follow(phase, passive_thaw_shape(), begin_c, begin_c + share * (body_temp_c - begin_c), "free")
        else:
            trace.rest(phase)
    return trace.history()


def _two_exponentials(shape: str, *, delay_s: float) -> TwoExponentials:
    shapes = load_surface_shapes()
    return TwoExponentials(
        fast_fraction=shapes[shape, "fast_fraction"].value,
        fast_s=shapes[shape, "fast_s"].value,
        slow_s=shapes[shape, "slow_s"].value,
        delay_s=delay_s,
    )


@dataclass(slots=True)
class _Trace:
    """A history being written, phase after phase."""

    now_s: float
    is_idle: bool
    time_s: list[float]
    temp_c: list[float]
    modes: list[ExchangeMode]

    @classmethod
    def start(cls, start_s: float, body_temp_c: float) -> _Trace:
        return cls(now_s=start_s, is_idle=True, time_s=[0.0], temp_c=[body_temp_c], modes=[])

    def follow(self, phase: Phase, shape: TwoExponentials, begin_c: float, end_c: float, mode: ExchangeMode) -> None:
        """Go from `begin_c` towards `end_c` along a shape."""
        if self.is_idle:
            self._idle_until_now(begin_c)
        instants = shape.instants_s(phase.duration_s, end_c - begin_c)
        self.time_s += (self.now_s + instants[1:]).tolist()
        self.temp_c += (begin_c + (end_c - begin_c) * shape.done(instants[1:])).tolist()
        self.modes += [mode] * (len(instants) - 1)
        self.now_s += phase.duration_s
        self.is_idle = False

    def rest(self, phase: Phase) -> None:
        """Exchange nothing for a while."""
        self.now_s += phase.duration_s
        self.is_idle = True

    def history(self) -> SurfaceHistory:
        if self.is_idle:
            self._idle_until_now(self.temp_c[-1])
        return SurfaceHistory(time_s=np.array(self.time_s), temp_c=np.array(self.temp_c), modes=tuple(self.modes))

    def _idle_until_now(self, temp_c: float) -> None:
        if self.now_s > self.time_s[-1]:
            self.time_s.append(self.now_s)
            self.temp_c.append(temp_c)
            self.modes.append("none")
