"""Thermal runs made from a formula instead of a solver, to test and develop what reads a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from givre.bioheat.run import EnergyBalance, RunHistory, RunStatus, ThermalRun
from givre.cryoprobe.protocol import TEMPLATES, Protocol
from givre.geometry.grid import Grid, Point
from givre.geometry.line import Segment
from givre.geometry.resampling import sample_at
from givre.geometry.volume import Mask, Volume

DONE = RunStatus(ending="done", sentence="Analytic field, not a simulation: for tests only.")
PROBE_RADIUS_MM = 0.75
STEP_S = 10.0

Series = npt.NDArray[np.float64]


def analytic_run(
    grid: Grid,
    probes: Sequence[Segment],
    *,
    ice_radius_mm: float = 14.0,
    probe_temp_c: float = -140.0,
    body_temp_c: float = 37.0,
    protocol: Protocol = TEMPLATES["10-8-10"],
    thresholds_c: Sequence[float] = (0.0, -20.0, -40.0),
    structures: Mapping[str, Mask] | None = None,
    points_mm: Mapping[str, Point] | None = None,
    status: RunStatus = DONE,
) -> ThermalRun:
    """A plausible run around some active zones, without solving anything.

    Args:
        grid: lattice of the fields.
        probes: active zones; they are labelled P1, P2 ... in the history.
        ice_radius_mm: radius of the 0 °C isotherm around one probe alone; several merge into more.
        probe_temp_c: temperature of the probe wall.
        body_temp_c: temperature far away.
        protocol: its freezes and thaws shape the histories.
        thresholds_c: those recorded in `time_below_s` and `freezes_below`.
        structures: masks followed in the history, on any lattice.
        points_mm: named LPS points followed in the history.
        status: how the run pretends to have ended.
    """
    coldest = probe_field_c(
        grid, probes, ice_radius_mm=ice_radius_mm, probe_temp_c=probe_temp_c, body_temp_c=body_temp_c
    )
    return run_from_coldest(
        coldest,
        probe_labels=tuple(f"P{number + 1}" for number in range(len(probes))),
        body_temp_c=body_temp_c,
        protocol=protocol,
        thresholds_c=thresholds_c,
        structures=structures,
        points_mm=points_mm,
        status=status,
    )


def probe_field_c(
    grid: Grid, probes: Sequence[Segment], *, ice_radius_mm: float, probe_temp_c: float, body_temp_c: float
) -> Volume:
    """Temperature [°C] around cold segments: logarithmic inside the ice, rising exponentially to body outside."""
    centres_mm = grid.voxel_centres_mm()
    nearness = sum(np.maximum(probe.distance_mm(centres_mm), PROBE_RADIUS_MM) ** -3.0 for probe in probes)
    distance_mm = np.asarray(nearness) ** (-1.0 / 3.0)  # one probe: its distance; several: they help each other
    frozen_c = probe_temp_c * np.log(ice_radius_mm / distance_mm) / np.log(ice_radius_mm / PROBE_RADIUS_MM)
    warm_c = body_temp_c * -np.expm1(-(distance_mm - ice_radius_mm) / (0.6 * ice_radius_mm))
    values_c = np.where(distance_mm < ice_radius_mm, np.maximum(frozen_c, probe_temp_c), warm_c)
    return Volume(grid=grid, values=values_c.astype(np.float32), unit="degC")


def run_from_coldest(
    coldest: Volume,
    *,
    probe_labels: Sequence[str] = ("P1",),
    body_temp_c: float = 37.0,
    protocol: Protocol = TEMPLATES["10-8-10"],
    thresholds_c: Sequence[float] = (0.0, -20.0, -40.0),
    structures: Mapping[str, Mask] | None = None,
    points_mm: Mapping[str, Point] | None = None,
    status: RunStatus = DONE,
) -> ThermalRun:
    """A run whose coldest map is the one given [°C] and whose temperature moves between body and it.

    At every instant T = body - s(t) (body - coldest), with s between 0 and 1 following the protocol and
    reaching 1 at the end of its last freeze. All other fields and histories follow from that exactly.
    """
    clock = _clock(protocol)
    field_c = coldest.values.astype(np.float64)
    history = RunHistory(
        time_s=clock.time_s,
        volume_below_ml=_volumes_below(coldest, thresholds_c, clock.strength, body_temp_c),
        structure_fraction_below={
            name: _fractions_below(_inside_c(mask, coldest), thresholds_c, clock.strength, body_temp_c)
            for name, mask in (structures or {}).items()
        },
        structure_coldest_c={
            name: _course_c(float(np.min(_inside_c(mask, coldest), initial=np.inf)), clock.strength, body_temp_c)
            for name, mask in (structures or {}).items()
        },
        point_temp_c={
            name: _course_c(float(sample_at(coldest, [point])[0]), clock.strength, body_temp_c)
            for name, point in (points_mm or {}).items()
        },
        probe_surface_c={
            label: np.where(clock.freezing, _course_c(-140.0, np.sqrt(clock.strength), body_temp_c), np.nan)
            for label in probe_labels
        },
        probe_power_w={
            label: np.where(clock.freezing, 12.0 + 30.0 * (1.0 - clock.strength), 0.0) for label in probe_labels
        },
    )
    return ThermalRun(
        problem_hash="analytic",
        status=status,
        grid=coldest.grid,
        coldest_c=field_c.astype(np.float32),
        end_of_freeze_c=field_c.astype(np.float32),
        final_c=(body_temp_c - clock.strength[-1] * (body_temp_c - field_c)).astype(np.float32),
        time_below_s={level: _time_below_s(field_c, level, clock, body_temp_c) for level in thresholds_c},
        freezes_below={level: _freezes_below(field_c, level, clock, body_temp_c) for level in thresholds_c},
        history=history,
        energy=EnergyBalance(stored_j=-8_801.0, probes_j=-10_000.0, blood_j=1_150.0, boundary_j=50.0),
        steps=clock.time_s.size - 1,
        wall_s=0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Clock:
    """Instants, the strength s(t) of the cold, whether a freeze is on, and the peak of each freeze."""

    time_s: Series
    strength: Series
    freezing: npt.NDArray[np.bool_]
    peaks: tuple[float, ...]


def _clock(protocol: Protocol) -> _Clock:
    ends_s = np.cumsum([phase.duration_s for phase in protocol.phases])
    time_s = np.arange(0.0, ends_s[-1] + STEP_S / 2, STEP_S)
    strength, freezing = np.zeros_like(time_s), np.zeros(time_s.size, dtype=np.bool_)
    level, started_s, peaks = 0.0, 0.0, []
    freezes_left = protocol.freeze_count
    for phase, end_s in zip(protocol.phases, ends_s, strict=True):
        now = (time_s >= started_s) & (time_s <= end_s)
        share = (time_s[now] - started_s) / phase.duration_s
        if phase.kind == "freeze":
            freezes_left -= 1
            peak = 1.0 - 0.04 * freezes_left
            strength[now] = level + (peak - level) * np.sqrt(share)
            freezing[now] = True
            peaks.append(peak)
            level = peak
        else:
            strength[now] = level * np.exp(-2.5 * share)
            freezing[now] = False
            level *= float(np.exp(-2.5))
        started_s = float(end_s)
    return _Clock(time_s=time_s, strength=strength, freezing=freezing, peaks=tuple(peaks))


def _course_c(coldest_c: float, strength: Series, body_temp_c: float) -> Series:
    lowest_c = coldest_c if np.isfinite(coldest_c) else np.nan
    return np.asarray(body_temp_c - strength * (body_temp_c - lowest_c))


def _inside_c(mask: Mask, coldest: Volume) -> Series:
    values_c = sample_at(coldest, mask.grid.index_to_lps(np.argwhere(mask.inside)))
    return values_c[np.isfinite(values_c)]


def _strength_needed(coldest_c: npt.NDArray[np.float64], level_c: float, body_temp_c: float) -> Series:
    """Strength at which each voxel reaches the level; infinite where it never does."""
    drop = body_temp_c - coldest_c
    return np.divide(body_temp_c - level_c, drop, out=np.full_like(drop, np.inf), where=~(drop <= 0))


def _counts_below(needed: Series, strength: Series) -> Series:
    return np.searchsorted(np.sort(needed, axis=None), strength * (1 + 1e-12), side="right").astype(np.float64)


def _volumes_below(
    coldest: Volume, thresholds_c: Sequence[float], strength: Series, body_temp_c: float
) -> dict[float, Series]:
    voxel_ml = coldest.grid.voxel_volume_mm3 / 1000.0
    field_c = coldest.values.astype(np.float64)
    return {
        level: voxel_ml * _counts_below(_strength_needed(field_c, level, body_temp_c), strength)
        for level in thresholds_c
    }


def _fractions_below(
    inside_c: Series, thresholds_c: Sequence[float], strength: Series, body_temp_c: float
) -> dict[float, Series]:
    return {
        level: _counts_below(_strength_needed(inside_c, level, body_temp_c), strength) / inside_c.size
        if inside_c.size
        else np.full(strength.size, np.nan)
        for level in thresholds_c
    }


def _time_below_s(
    coldest_c: npt.NDArray[np.float64], level_c: float, clock: _Clock, body_temp_c: float
) -> npt.NDArray[np.float32]:
    needed = _strength_needed(coldest_c, level_c, body_temp_c)
    instants = clock.time_s.size - np.searchsorted(np.sort(clock.strength * (1 + 1e-12)), needed, side="left")
    return np.where(np.isnan(needed), np.nan, STEP_S * instants).astype(np.float32)


def _freezes_below(
    coldest_c: npt.NDArray[np.float64], level_c: float, clock: _Clock, body_temp_c: float
) -> npt.NDArray[np.uint8]:
    needed = _strength_needed(coldest_c, level_c, body_temp_c)
    reached = np.array(clock.peaks).reshape(-1, *([1] * needed.ndim)) * (1 + 1e-12) >= needed
    return np.asarray(reached.sum(axis=0), dtype=np.uint8)
