"""Where tissue counts as killed: an isotherm, held long enough, reached by enough freezes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from givre.assessment.recorded import freezes_below, time_below
from givre.bioheat.run import ThermalRun
from givre.bioheat.smooth_scale import smooth_scale_c
from givre.foundation.errors import InputError
from givre.foundation.quantity import Status
from givre.geometry.grid import Grid
from givre.geometry.resampling import resample_volume, sample_at
from givre.geometry.shape import smooth_shape
from givre.geometry.surface import EMPTY_SURFACE, TriangleSurface, isosurface
from givre.geometry.volume import Mask, Volume

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LethalZone:
    """The part of the domain that meets the lethal criterion.

    Attributes:
        deficit: what is missing to it [°C, other criteria scaled to °C]; at or below 0 inside the zone.
        surface: its edge, closed at the faces of the domain; empty if nothing is killed or nothing is known.
        is_known: False if a value is not finite; then no figure can be given.
    """

    deficit: Volume
    surface: TriangleSurface
    is_known: bool

    @property
    def volume_ml(self) -> float:
        """Volume [mL]; NaN if not known."""
        return self.surface.volume_mm3 / 1000.0 if self.is_known else float("nan")

    def is_inside(self, points_mm: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether each LPS point, shape (n, 3), is killed, shape (n,); nothing outside the domain is."""
        return np.asarray(sample_at(self.deficit, points_mm, outside=np.inf) <= 0.0)


def lethal_zone(run: ThermalRun, *, lethal_temp_c: float, hold_s: float = 0.0, freezes: int = 1) -> LethalZone:
    """The zone that has been at or below a temperature, long enough and often enough.

    With a temperature alone, its edge is the isotherm of the coldest map, see `isotherm_surface`. A hold adds the level
    set of the recorded time. A number of freezes adds the smooth surface around the voxels that counted enough freezes.
    All must hold; each is scaled to °C by its slope at the edge, so that the common edge lies right between voxels.

    Args:
        run: must have recorded `lethal_temp_c` if a hold or more than one freeze is asked for.
        lethal_temp_c: threshold [°C].
        hold_s: least time at or below it, all freezes added [s].
        freezes: least number of freezes that reached it.

    Raises:
        ThresholdNotRecorded: if the run did not record the threshold.
    """
    deficit_c = smooth_scale_c(run.coldest_c) - smooth_scale_c(lethal_temp_c)
    others: list[Array] = []
    if hold_s > 0:
        others.append(hold_s - np.asarray(time_below(run, lethal_temp_c).values, dtype=np.float64))
    if freezes > 1:
        others.append(_distance_to_frozen_often(run, lethal_temp_c, freezes))
    is_known = all(bool(np.isfinite(values).all()) for values in (deficit_c, *others))
    if is_known and others:
        deficit_c = _all_of(deficit_c, others, run.grid)
    deficit = Volume(grid=run.grid, values=deficit_c, unit="degC")
    return LethalZone(
        deficit=deficit, surface=isosurface(deficit, 0.0) if is_known else EMPTY_SURFACE, is_known=is_known
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticKill:
    """Fraction of cells killed by the coldest temperature T: 1 / (1 + exp(k (T - T_half))).

    Attributes:
        steepness_per_c: k [1/°C], above 0.
        half_temp_c: T_half, where half the cells die [°C].
        source: where the two numbers come from.
        status: how far to trust that source.

    Validity: only the cells and cooling it was fitted to; a coldest temperature alone, no time, no cycles.

    >>> a549 = LogisticKill(steepness_per_c=0.2, half_temp_c=-10.0, source="Sarshoghi 2026, in vitro", status="derived")
    >>> [round(float(f), 2) for f in a549.killed_fraction([-24.7, -10.0, 37.0])]
    [0.95, 0.5, 0.0]
    """

    steepness_per_c: float
    half_temp_c: float
    source: str
    status: Status

    def __post_init__(self) -> None:
        if not (0 < self.steepness_per_c < np.inf and np.isfinite(self.half_temp_c)):
            raise InputError(
                f"kill curve of {self.source}: steepness {self.steepness_per_c} per °C, half at {self.half_temp_c} °C; "
                "give a steepness above 0 and a finite temperature"
            )

    def killed_fraction(self, coldest_c: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Fraction killed at each coldest temperature [°C], same shape; NaN stays NaN."""
        exponent = self.steepness_per_c * (np.asarray(coldest_c, dtype=np.float64) - self.half_temp_c)
        return np.asarray(0.5 * (1.0 - np.tanh(0.5 * exponent)))  # the logistic function, without overflow


def _distance_to_frozen_often(run: ThermalRun, lethal_temp_c: float, freezes: int) -> Array:
    """Rough signed distance [mm] to the voxels that counted enough freezes; far from them a constant."""
    often = freezes_below(run, lethal_temp_c).values >= freezes
    far_mm = max(run.grid.size_mm)
    if not often.any():
        return np.full(run.grid.shape, far_mm)
    reach_mm = 4.0 * max(run.grid.spacing_mm)
    shape = smooth_shape(Mask(grid=run.grid, inside=often, name="frozen often enough"), reach_mm=reach_mm)
    return np.asarray(resample_volume(shape.height_mm, run.grid, outside=far_mm).values, dtype=np.float64)


def _all_of(deficit_c: Array, others: list[Array], grid: Grid) -> Array:
    """The worst of all criteria in each voxel, each scaled to the slope of the temperature at the common edge."""
    inside = np.logical_and.reduce([values <= 0.0 for values in (deficit_c, *others)])
    if not inside.any():  # no edge to scale at: nothing is killed, by at least one criterion
        return np.asarray(np.maximum.reduce([deficit_c, *(np.sign(values) for values in others)]))
    edge = ndimage.binary_dilation(inside) & ~ndimage.binary_erosion(inside)
    slope_c = _slope_per_mm(deficit_c, edge, grid)
    worst_c = deficit_c
    for values in others:
        worst_c = np.maximum(worst_c, values * (slope_c / _slope_per_mm(values, edge, grid)))
    return worst_c


def _slope_per_mm(values: Array, where: npt.NDArray[np.bool_], grid: Grid) -> float:
    gradient = np.stack([np.gradient(values, step, axis=axis) for axis, step in enumerate(grid.spacing_mm)])
    return max(float(np.median(np.linalg.norm(gradient[:, where], axis=0))), 1e-6)
