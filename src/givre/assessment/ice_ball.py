"""The ice-ball and the volumes inside isotherms, cut between voxel centres."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from givre.bioheat.run import ThermalRun
from givre.bioheat.smooth_scale import smooth_scale_c
from givre.geometry.surface import TriangleSurface, isosurface
from givre.geometry.volume import Volume


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IceBall:
    """All that has been at or below the freezing temperature.

    Attributes:
        coldest: lowest temperature of each voxel over the run [°C].
        freezing_c: edge of the ice [°C].
        surface: that edge, closed at the faces of the domain; empty without ice.
        volume_ml: volume inside it.
    """

    coldest: Volume
    freezing_c: float
    surface: TriangleSurface
    volume_ml: float


def ice_ball(run: ThermalRun, *, freezing_c: float) -> IceBall | None:
    """The ice-ball of a run; None if a temperature is not finite, since then nothing is known."""
    coldest = coldest_map(run)
    if not np.isfinite(coldest.values).all():
        return None
    surface = isotherm_surface(coldest, freezing_c)
    return IceBall(coldest=coldest, freezing_c=freezing_c, surface=surface, volume_ml=surface.volume_mm3 / 1000.0)


def coldest_map(run: ThermalRun) -> Volume:
    """Lowest temperature of each voxel over the run, as an image [°C]."""
    return Volume(grid=run.grid, values=run.coldest_c, unit="degC")


def isotherm_surface(temperature: Volume, isotherm_c: float) -> TriangleSurface:
    """The isotherm between voxel centres, trilinear on a scale on which temperature has no kink at the ice."""
    above = smooth_scale_c(temperature.values) - smooth_scale_c(isotherm_c)
    return isosurface(Volume(grid=temperature.grid, values=above, unit="degC"), 0.0)


def isotherm_volumes_ml(coldest: Volume, isotherms_c: Iterable[float]) -> dict[float, float]:
    """Volume at or below each isotherm [mL]; NaN for all if a temperature is not finite.

    The isotherm runs between voxel centres, so the volume changes smoothly and not by voxels.
    """
    if not np.isfinite(coldest.values).all():
        return dict.fromkeys(isotherms_c, float("nan"))
    return {level: isotherm_surface(coldest, level).volume_mm3 / 1000.0 for level in isotherms_c}
