"""Fit a probe to measured isotherms by bounded least squares on the product's own solver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from givre.calibration.choice import PARAMETERS, Choice, Parameter, choose
from givre.calibration.errors import BadMeasuredTable, UnderDetermined
from givre.calibration.forward import ForwardModel, ProbeNumbers, Solve, numbers_of, smallest_resolved_mm
from givre.calibration.isotherm import IsothermSize
from givre.calibration.measured import Arrangement, MeasuredSize
from givre.calibration.result import AtBound, Calibration, FittedNumber, Residual
from givre.cryoprobe.model import CryoprobeModel

Array = npt.NDArray[np.float64]
Told = Callable[[int, float], bool]
"""Given how many problems were solved and the root-mean-square miss [mm], returns whether to go on."""

FIELD: Mapping[Parameter, str] = {
    "surface_temp": "surface_temp_c",
    "contact_resistance": "contact_resistance_m2k_w",
    "active_zone": "active_zone_mm",
}
UNIT: Mapping[Parameter, str] = {"surface_temp": "C", "contact_resistance": "m2K/W", "active_zone": "mm"}

BOUNDS: Mapping[Parameter, tuple[float, float]] = {
    "surface_temp": (-190.0, -40.0),
    "contact_resistance": (0.0, 2e-3),
    "active_zone": (5.0, 70.0),
}
"""Where a number may go. The resistance ends where 2 mm of tissue fluid would stand between probe and ice."""

STEP: Mapping[Parameter, float] = {"surface_temp": 2.0, "contact_resistance": 4e-5, "active_zone": 1.5}
"""Differences for slopes: small against what matters, large against the grain of the lattice."""

SCALE: Mapping[Parameter, float] = {"surface_temp": 10.0, "contact_resistance": 2e-4, "active_zone": 4.0}

STARTS_C = (-60.0, -90.0, -120.0, -150.0)
"""Surface temperatures tried first: the best of them is where the fit begins."""

LARGEST_CORRELATION = 0.97
"""Two numbers more alike than this are not told apart by the table."""

LEAST_SLOPE = 1e-3
"""A number whose whole scale moves the sizes by less than this share of their uncertainties is not told by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FitSettings:
    """How a fit is made.

    Attributes:
        assumed_uncertainty_mm: one standard deviation of a size whose source states none.
        voxel_mm: edge of a voxel while searching; chosen from the smallest size unless given.
        refinement: edge of a voxel for the final step and the residuals, as a share of that.
    """

    assumed_uncertainty_mm: float = 1.0
    voxel_mm: float | None = None
    refinement: float = 0.75


def fit_probe(
    sizes: Iterable[MeasuredSize],
    base: CryoprobeModel,
    *,
    solve: Solve,
    asked: Iterable[str] = (),
    settings: FitSettings | None = None,
    told: Told | None = None,
) -> Calibration:
    """Fit a probe.

    The search runs on coarse voxels; one more Gauss-Newton step, and the residuals, on finer ones.

    Args:
        sizes: the measured table.
        base: catalogue entry that gives the diameter and whatever is not fitted.
        solve: the solver.
        asked: what to fit; what the table can tell if empty.
        settings: uncertainty and voxels.
        told: told how far the fit is; may stop it.

    Raises:
        UnderDetermined: if the table does not tell what was asked.
        BadMeasuredTable: if a size is too small for this probe.
        SimulationError: if a run gives no usable result.
    """
    rows = tuple(sizes)
    chosen = settings or FitSettings()
    choice = choose(rows, asked)
    voxel_mm = _voxel_mm(rows, base, chosen)
    search = _Search(rows=rows, forward=ForwardModel(model=base, solve=solve), settings=chosen, told=told)
    start = search.best_start(numbers_of(base), choice, voxel_mm)
    choice = _told_apart(search.slopes(start, choice, voxel_mm), choice)  # before a long walk along a flat valley
    found, slopes = search.descend(start, choice, voxel_mm)
    narrowed = _told_apart(slopes, choice)
    if narrowed != choice:
        choice = narrowed
        found = replace(found, contact_resistance_m2k_w=base.contact_resistance_m2k_w.value)
        found, slopes = search.descend(found, choice, voxel_mm)
    fine_mm = voxel_mm * chosen.refinement
    found = search.last_step(found, slopes, choice, fine_mm)
    return search.calibration(found, numbers_of(base), slopes, choice, (voxel_mm, fine_mm))


def _voxel_mm(rows: tuple[MeasuredSize, ...], base: CryoprobeModel, settings: FitSettings) -> float:
    smallest = min(rows, key=lambda row: row.size_mm if row.side == "diameter" else np.inf)
    if smallest.side == "length":
        return settings.voxel_mm or 2.0
    voxel_mm = settings.voxel_mm or min(2.0, float(smallest.size_mm) / 5.5)
    least_mm = smallest_resolved_mm(base.diameter_mm, voxel_mm)
    if smallest.size_mm < least_mm:
        raise BadMeasuredTable(
            f"line {smallest.line}: a diameter of {smallest.size_mm:g} mm around a probe of {base.diameter_mm:g} mm; "
            f"the model tells diameters of {least_mm:.1f} mm and more, leave the row out or give smaller voxels"
        )
    return voxel_mm


@dataclass(slots=True, kw_only=True)
class _Search:
    """The residuals of one table, and walking down them."""

    rows: tuple[MeasuredSize, ...]
    forward: ForwardModel
    settings: FitSettings
    told: Told | None

    def simulated_mm(self, numbers: ProbeNumbers, voxel_mm: float) -> Array:
        """The size that the probe would have in each row."""
        wanted: dict[Arrangement, set[float]] = {}
        for row in self.rows:
            wanted.setdefault(row.arrangement, set()).add(row.isotherm_c)
        found = {
            row.arrangement: self.forward.sizes(row.arrangement, numbers, wanted[row.arrangement], voxel_mm=voxel_mm)
            for row in self.rows
        }
        values = np.array([size_of_mm(row, found[row.arrangement][row.isotherm_c]) for row in self.rows])
        if self.told is not None:
            miss = values - np.array([row.size_mm for row in self.rows])
            if not self.told(self.forward.solved, float(np.sqrt(np.mean(miss**2)))):
                raise KeyboardInterrupt
        return values

    def sigma_mm(self) -> Array:
        stated = np.array([row.uncertainty_mm for row in self.rows])
        return np.where(np.isfinite(stated), stated, self.settings.assumed_uncertainty_mm)

    def weighted(self, numbers: ProbeNumbers, voxel_mm: float) -> Array:
        measured = np.array([row.size_mm for row in self.rows])
        return np.asarray((self.simulated_mm(numbers, voxel_mm) - measured) / self.sigma_mm())

    def best_start(self, base: ProbeNumbers, choice: Choice, voxel_mm: float) -> ProbeNumbers:
        """The base, at the best of a few surface temperatures."""
        if "surface_temp" not in choice.fitted:
            return base
        tried = [replace(base, surface_temp_c=temp_c) for temp_c in STARTS_C]
        return min(tried, key=lambda numbers: float((self.weighted(numbers, voxel_mm) ** 2).sum()))

    def slopes(self, numbers: ProbeNumbers, choice: Choice, voxel_mm: float) -> Array:
        """Weighted sizes by scaled number, shape (sizes, fitted)."""
        here = self.weighted(numbers, voxel_mm)
        columns = []
        for name in choice.fitted:
            value, step = getattr(numbers, FIELD[name]), STEP[name]
            step = -step if value + step > BOUNDS[name][1] else step
            there = self.weighted(replace(numbers, **{FIELD[name]: value + step}), voxel_mm)
            columns.append((there - here) / step * SCALE[name])
        return np.stack(columns, axis=1)

    def descend(self, start: ProbeNumbers, choice: Choice, voxel_mm: float) -> tuple[ProbeNumbers, Array]:
        """Least squares between the bounds, and the slopes where it ended."""

        def at(scaled: Array) -> ProbeNumbers:
            values = {FIELD[n]: float(s * SCALE[n]) for n, s in zip(choice.fitted, scaled, strict=True)}
            return replace(start, **values)

        low, high = (np.array([BOUNDS[n][end] / SCALE[n] for n in choice.fitted]) for end in (0, 1))
        first = np.array([getattr(start, FIELD[n]) / SCALE[n] for n in choice.fitted])
        solution = least_squares(
            lambda scaled: self.weighted(at(scaled), voxel_mm),
            np.clip(first, low + 1e-6, high - 1e-6),
            jac=lambda scaled: self.slopes(at(scaled), choice, voxel_mm),
            bounds=(low, high),
            xtol=1e-4,
            ftol=1e-5,
            gtol=1e-6,
            max_nfev=20,
        )
        found = at(solution.x)
        return found, self.slopes(found, choice, voxel_mm)

    def last_step(self, found: ProbeNumbers, slopes: Array, choice: Choice, voxel_mm: float) -> ProbeNumbers:
        """One Gauss-Newton step on finer voxels with the slopes of the coarse ones, kept if it helps."""
        here = self.weighted(found, voxel_mm)
        step, *_ = np.linalg.lstsq(slopes, -here, rcond=None)
        moved = {
            FIELD[n]: float(np.clip(getattr(found, FIELD[n]) + s * SCALE[n], *BOUNDS[n]))
            for n, s in zip(choice.fitted, step, strict=True)
        }
        better = replace(found, **moved)
        there = self.weighted(better, voxel_mm)
        return better if float((there**2).sum()) <= float((here**2).sum()) else found

    def calibration(
        self, found: ProbeNumbers, base: ProbeNumbers, slopes: Array, choice: Choice, voxels_mm: tuple[float, float]
    ) -> Calibration:
        """What there is to say of the fit."""
        fitted_mm = self.simulated_mm(found, voxels_mm[1])
        coarse_mm = self.simulated_mm(found, voxels_mm[0])
        residuals = tuple(
            Residual(size=row, uncertainty_mm=float(sigma), fitted_mm=float(fitted))
            for row, sigma, fitted in zip(self.rows, self.sigma_mm(), fitted_mm, strict=True)
        )
        freedom = len(self.rows) - len(choice.fitted)
        misfit = sum((r.miss_mm / r.uncertainty_mm) ** 2 for r in residuals)
        covariance = np.asarray(np.linalg.pinv(slopes.T @ slopes) * max(1.0, misfit / freedom if freedom else 1.0))
        errors = np.sqrt(np.diag(covariance))
        numbers: dict[Parameter, FittedNumber] = {}
        for name in PARAMETERS:
            rank = choice.fitted.index(name) if name in choice.fitted else None
            value = float(getattr(found, FIELD[name]))
            numbers[name] = FittedNumber(
                name=name,
                value=value,
                unit=UNIT[name],
                before=float(getattr(base, FIELD[name])),
                standard_error=float("nan") if rank is None else float(errors[rank] * SCALE[name]),
                bounds=BOUNDS[name],
                at_bound="" if rank is None else _at_bound(name, value),
                kept_because=choice.kept.get(name),
            )
        return Calibration(
            numbers=numbers,
            fitted=choice.fitted,
            correlation=_correlation(covariance),
            residuals=residuals,
            degrees_of_freedom=freedom,
            chi_squared=float(misfit),
            voxels_mm=voxels_mm,
            lattice_shift_mm=float(np.abs(fitted_mm - coarse_mm).max()),
            solved=self.forward.solved,
        )


def size_of_mm(row: MeasuredSize, size: IsothermSize) -> float:
    """The number of a simulated isotherm that stands beside a measured one; one probe's isotherm is a circle."""
    if row.side == "length":
        return size.length_mm
    return size.mean_diameter_mm if row.arrangement.probes == 1 else size.diameter_mm


def _at_bound(name: Parameter, value: float) -> AtBound:
    low, high = BOUNDS[name]
    near = 1e-3 * (high - low)
    return "low" if value - low < near else "high" if high - value < near else ""


def _correlation(covariance: npt.NDArray[np.floating]) -> Array:
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


def _told_apart(slopes: Array, choice: Choice) -> Choice:
    """The same choice, or without the contact resistance where the table does not tell it.

    Raises:
        UnderDetermined: if the user asked for numbers that the table does not tell apart.
    """
    for name, column in zip(choice.fitted, slopes.T, strict=True):
        if float(np.linalg.norm(column)) < LEAST_SLOPE:
            raise UnderDetermined(
                f"no size of this table changes with {name}; give isotherms that this probe can make, "
                "or fit other numbers"
            )
    alike = _too_alike(slopes, choice)
    if alike is None:
        return choice
    if not choice.is_automatic or "contact_resistance" not in alike:
        raise UnderDetermined(
            f"this table does not tell {alike[0]} from {alike[1]} (correlation {alike[2]:+.2f}); fit one of them, "
            "or add sizes at other times"
        )
    return choice.without("contact_resistance", "not_told_apart")


def _too_alike(slopes: Array, choice: Choice) -> tuple[Parameter, Parameter, float] | None:
    """The pair of fitted numbers that the table does not tell apart, if any."""
    if len(choice.fitted) < 2:
        return None
    normal = slopes.T @ slopes
    if np.linalg.cond(normal) > 1e8:
        return choice.fitted[0], choice.fitted[1], 1.0
    correlation = _correlation(np.asarray(np.linalg.inv(normal)))
    for one in range(len(choice.fitted)):
        for other in range(one + 1, len(choice.fitted)):
            if abs(correlation[one, other]) > LARGEST_CORRELATION:
                return choice.fitted[one], choice.fitted[other], float(correlation[one, other])
    return None
